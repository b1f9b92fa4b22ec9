"""Many rows at once give what one row at a time gives, whatever the bytes and wherever they are cut."""

from __future__ import annotations

import json
import re

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from textprep.datasets.formats import delimited, jsonl
from textprep.datasets.formats.delimited_dialect import Dialect
from textprep.datasets.rows import Block, Record
from textprep.datasets.schema.validation import _is_whole
from textprep.datasets.sources import window as windows
from textprep.datasets.sources.source import local_source
from textprep.errors import DatasetError

CUTS = st.sampled_from([1, 2, 3, 5, 8, 13, 64, 10_000])


def strictly(monkeypatch, module, items):
    """What ``items`` gives when no stretch is taken as a table."""
    with monkeypatch.context() as patch:
        patch.setattr(module, "take_table", lambda *_: None)
        return list(items())


def rows_of(items):
    """Every item as rows; those of a block must be those of its table."""
    found = []
    for item in items:
        if not isinstance(item, Block):
            found.append(item)
            continue
        records = list(item.records())
        if item.notes:
            found.append(item.notes)
            continue
        if not _is_whole(item.table):
            assert not all(isinstance(record, Record) for record in records)
            found += records
            continue
        assert all(isinstance(record, Record) for record in records)
        filled = [dict.fromkeys(item.table.column_names) | record.fields for record in records]
        assert item.table.to_pylist() == filled
        found += records
    return found


def compare(monkeypatch, module, read, content, cut):
    with monkeypatch.context() as patch:
        patch.setattr(windows, "CHUNK", cut)
        try:
            expected = strictly(monkeypatch, module, read)
        except DatasetError as error:
            with pytest.raises(DatasetError, match=re.escape(str(error))):
                list(read())
            return []
        items = list(read())
    assert rows_of(items) == rows_of(expected)
    return items


DIALECTS = [
    Dialect(delimiter, quote, escape, 0, comment)
    for delimiter, quote, escape, comment in [
        (",", '"', None, None), (";", '"', None, None), ("\t", '"', None, None), ("|", '"', None, None),
        (",", "'", None, None), (";", "'", None, "#"), (",", '"', None, "#"), (",", '"', "\\", None),
        (",", '"', "\\", "#"), (";", "'", "\\", None), ("\t", '"', "\\", None), (",", '"', "^", None),
        ("\t", None, None, None), (",", None, None, None), ("|", None, None, "#"), ("\t", None, "\\", None),
        (",", None, "\\", None), (",", None, "\\", "#"), ("\t", "?", None, None), ("§", "«", None, None),
        (":", None, "^", "//"),
    ]
]  # fmt: skip


def pieces(dialect):
    """What files are made of that hold what this dialect means something by, at any place."""
    delimiter, quote, escape, _, comment = dialect[:5]
    quote, escape = '"' if quote in (None, "?") else quote, escape or "\\"
    return st.sampled_from([
        quote, quote * 2, delimiter, escape, escape * 2, escape + quote, escape + "\n", escape + delimiter, f"{escape}N", f"{delimiter}{escape}N\n", "\n", "\r", "\r\n",
        "a", "é", " ", "\0", f"{quote}a{delimiter}b{quote}", f"a{delimiter}{quote}b\nc{quote}\n", f"a{delimiter}b\n",
        f"{quote}{quote}{delimiter}b\n", f"\n{comment or '#'}a{delimiter}b\n", f"a{escape}{quote}{delimiter}{quote}b{escape}{quote}{quote}\n",
    ])  # fmt: skip


def files(dialect):
    """Files of that dialect, some with a byte that is not UTF-8."""
    content = st.lists(pieces(dialect), max_size=30).map(lambda parts: "".join(parts).encode())
    broken = st.tuples(content, content).map(lambda pair: pair[0] + b"\xe9" + pair[1])
    header = st.sampled_from([["x", "y"], ["x"], ["", "y"], ["x", "", ""]]).map(dialect.delimiter.join)
    end = st.sampled_from(["\n", "\r\n", "\r"])
    return st.tuples(header, end, st.one_of(content, broken)).map(
        lambda each: (each[0] + each[1]).encode() + each[2]
    )


@settings(max_examples=250, deadline=None)
@given(st.sampled_from(DIALECTS).flatmap(lambda each: st.tuples(st.just(each), files(each))), CUTS)
@example((Dialect(), b'x,y\na,b\n"c"d,e\n"f","g"\n'), 10_000)
@example((Dialect(), b'x\n""\n\n""\n'), 10_000)
@example((Dialect(), b'x,y\n"a\r\nb",c\r\rd,"e""f"\r\n'), 10_000)
def test_a_table_of_delimited_rows_is_the_rows_of_the_strict_reader(tmp_path_factory, written, cut):
    dialect, content = written
    path = tmp_path_factory.getbasetemp() / "blocks.csv"
    path.write_bytes(content)
    read = lambda: delimited.read_csv_file(local_source(path), dialect=dialect, header=True)  # noqa: E731
    with pytest.MonkeyPatch.context() as monkeypatch:
        monkeypatch.setattr(windows, "BEGINNING", max(cut, 64))
        compare(monkeypatch, delimited, read, content, cut)


json_values = st.one_of(
    st.text(max_size=3), st.sampled_from(["2020-01-01", "\0", "\u2028"]), st.integers(), st.booleans(), st.none(),
    st.floats(), st.lists(st.text(max_size=2), max_size=2), st.just({"k": 1}), st.integers(2**52, 2**70),
)  # fmt: skip
json_lines = st.one_of(
    st.fixed_dictionaries({"t": st.text(max_size=4)}, optional={"n": st.integers(-5, 5), "v": json_values}).map(
        lambda row: json.dumps(row, ensure_ascii=len(str(row)) % 2 == 0).encode("utf-8", "surrogatepass")
    ),
    st.sampled_from([
        b"", b" ", b'{"t": "a"} {"t": "b"}', b'{"t": "a", "t": "b"}', b'{"t": "a"', b'"b"}', b'{"t":', b"}", b"[1]",
        b'{"t": "\xe9"}', b' {"t": "a"}', b'{"t": "a"}\r', b'{"t": "\\ud800"}', b'{"t": "\\u0000"}', b'{"t": 1}',
        b'{"t": "a", "n": 1.0}', b'{"t": "a", "n": NaN}', b'{"u": "a"}', b"{}", b'{"t": "a", "n": 1e2}',
        b'{"t": "a", "n": 99999999999999999999}', b'{"t": "\t"}', b'{"t": "a",}', b'\xef\xbb\xbf{"t": "a"}',
        b'{"t": "a", "n": -0}', b'{"t": "a", "n": 01}', b'{"t": "\\u00e9\\/\\n"}', b'{"\\u0074": "a", "t": "b"}',
    ]),
)  # fmt: skip


@settings(max_examples=150, deadline=None)
@given(
    st.lists(json_lines, max_size=12),
    CUTS,
    st.sampled_from([0, 1, 3]),
    st.sampled_from([b'"x"', b"null", b"[]"]),
)
def test_a_table_of_json_lines_is_the_rows_of_the_strict_reader(
    tmp_path_factory, lines, cut, learned_from, value
):
    path = tmp_path_factory.getbasetemp() / "blocks.jsonl"
    path.write_bytes(b'{"t": "a", "n": 1, "v": ' + value + b"}\n" + b"\n".join(lines))
    with pytest.MonkeyPatch.context() as monkeypatch:
        monkeypatch.setattr(jsonl, "LEARNED_FROM", 1 + learned_from)
        compare(monkeypatch, jsonl, lambda: jsonl.read_jsonl_file(local_source(path)), lines, cut)


def test_good_files_are_read_as_blocks(tmp_path, monkeypatch):
    rows = [(f"text, {i} \n{'é' * i}", f'say "{i}"') for i in range(200)]
    path = tmp_path / "good.csv"
    path.write_text(
        "x,y\n" + "".join(f'"{x}","{y.replace(chr(34), chr(34) * 2)}"\n' for x, y in rows), newline=""
    )
    read = lambda: delimited.read_csv_file(local_source(path))  # noqa: E731
    items = compare(monkeypatch, delimited, read, b"", 4000)
    assert {type(item) for item in items} == {Block}
    path = tmp_path / "good.jsonl"
    path.write_text("".join(json.dumps({"x": x, "n": 1, "v": [1.5]}) + "\n" for x, _ in rows))
    read = lambda: jsonl.read_jsonl_file(local_source(path))  # noqa: E731
    items = compare(monkeypatch, jsonl, read, b"", 4000)
    assert [type(item) for item in items].count(Record) == jsonl.LEARNED_FROM
    assert any(isinstance(item, Block) for item in items)
