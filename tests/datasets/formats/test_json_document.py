from __future__ import annotations

import json
import re
import tracemalloc

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from textprep.datasets.formats import json_document, json_text
from textprep.datasets.formats.json_document import read_json
from textprep.datasets.rows import Record
from textprep.errors import DatasetError

values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=2),
    max_leaves=4,
)


@given(
    st.lists(st.dictionaries(st.text(max_size=3), values, max_size=3), min_size=1),
    st.sampled_from([None, 0, 2]),
)
def test_whatever_json_writes_comes_back(tmp_path_factory, rows, indent):
    path = tmp_path_factory.getbasetemp() / "rows.json"
    for key, document in ((None, rows), ("k", {"a": [1, {"k": [2]}], "k": rows, "z": None})):
        path.write_text(json.dumps(document, indent=indent))
        assert [row.fields for row in read_json(path, key=key)] == rows


def test_lines_are_those_on_which_rows_begin(tmp_path):
    path = tmp_path / "rows.json"
    path.write_text('[\n{"a": 1},\n\n  {"a":\n2}, {"a": 3}\n]\n')
    assert [row.line for row in read_json(path) if isinstance(row, Record)] == [2, 4, 5]


BROKEN = [
    ("", None, "the file is empty"),
    ('{"rows": []}', None, "an object with the keys: rows; name the key of the list with key='rows'"),
    ('{"a": 1, "b": [{}], "c": [1]}', None, "the keys: b, a, c; name the key of the list with key='b'"),
    (
        '{"text": "a"}',
        None,
        "the keys: text; if that is a table, pandas reads it: .*; if it is a row, the data set 'jsonl' does",
    ),
    ('{"text": ["a"], "label": [1]}', None, r"if that is a table, pandas reads it: .*read_json\(\".*\"\)"),
    ('{"0": {"text": "a"}, "1": {"text": "b"}}', None, 'orient="index"'),
    ('{"data": {"rows": [{}]}}', None, "name a list in what is under 'data' with key='data.…'"),
    ('{"data": {"rows": [{}]}}', "data.row", "no list under 'data.row'; .* with key='data.rows'"),
    ('{\n"a": 1\n}\n{\n"a": 2\n}\n', None, "one after the other, each over lines; .* jq -c . .*'jsonl'"),
    ('{"a": {"b": {"c": [{}]}}}', "a.x", "no list under 'a.x'; .* with key='a.b.…'"),
    ("3", None, "is not a list of objects: it begins with '3'"),
    ("text,label\na,b\n", None, "it begins with 'text,label.na,b.n'; .* the data set 'csv'"),
    ("[]", "rows", "is not an object with a list under 'rows', but a list; leave key= out"),
    ('{"a": [], "b": 1}', "rows", "there is no list under 'rows'; there are: a, b; .* key='a'"),
    (
        '{"rows": {"a": []}}',
        "rows",
        "under 'rows' is an object, not a list .*; name a list in it with key='rows.…'",
    ),
    ('{"a": 1}\n{"a": 2}\n', None, "this is JSON Lines: .* the data set 'jsonl'"),
    ('{"a": 1}\n{"a": 2}\n', "rows", "this is JSON Lines"),
    ('{"a\\q": 1}', None, "line 1, column 8: broken JSON: the key"),
    ("{a: 1}", None, "line 1, column 2: broken JSON: Expecting a key in double quotes"),
    ('[{"a": 1}', None, "broken JSON: Expecting ','"),
    ('[{"a": 1}}]', None, "line 1, column 10: broken JSON: Expecting ','"),
    ('[{"a": 1}] x', None, "Extra data"),
    ('[\n{"a": "1}]', None, r"rows\.json, line 2, column 11: broken JSON: the file ends within a value"),
    ("[" * 100_000, None, "the file ends within a value"),
    ("[]", None, "holds no rows"),
]


@pytest.mark.parametrize(("content", "key", "message"), BROKEN)
def test_documents_that_cannot_be_read(tmp_path, content, key, message):
    path = tmp_path / "rows.json"
    path.write_text(content)
    with pytest.raises(DatasetError, match=message):
        list(read_json(path, key=key))


GOOD = [{"text": f"text {number}", "n": [number, '\\"'], "d": {"k": "]"}} for number in range(4)]
BAD = {
    '{"a": }': "broken JSON at character 7",
    '{"a": ]': "broken JSON at character 7",
    '{"a": 1} {"b": 2}': "Extra data",
    '{"a": 1, "a": 2}': "the key 'a' is there twice",
    "": "Expecting value",
    "[1]": "not list",
    '"a]"': "not str",
    "12": "not int",
    "12 34": "Extra data",
    "nul": "Expecting value",
    '{"a": NaN}': "NaN is not JSON",
    '{"a": [-Infinity]}': "-Infinity is not JSON",
    '{"a": 1e999}': "1e999 is too large",
    "[" * 1200 + "]" * 1200: "nested too deep|not list",
    '{"a": "' + "x" * 3000 + '"}': "over 2,500",
    '{"a": "caf\udce9"}': r"byte 0xe9 \(number 10 of the row",
    '{"a": "\\x"}': "Invalid .escape",
}


@settings(max_examples=100, deadline=None)
@given(
    st.lists(st.sampled_from([*map(json.dumps, GOOD), *BAD]), min_size=1, max_size=12),
    st.sampled_from([",", " ,\n\n", "\n,"]),
    st.sampled_from([1, 7, 64, 2**18]),
    st.sampled_from([None, "k"]),
)
def test_whatever_stands_between_commas_is_one_row(tmp_path_factory, elements, comma, chunk, key):
    path = tmp_path_factory.getbasetemp() / "rows.json"
    text = "[" + comma.join(elements) + "\n]"
    before = '{"x": {"k": ["\\\\", "}", {}]}, "k": ' if key else ""
    path.write_bytes((before + text + (', "z": 1}' if key else "\n")).encode("utf-8", "surrogateescape"))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(json_text, "CHUNK", chunk)
        patch.setattr(json_document, "LONGEST_ROW", 2500)
        rows = list(read_json(path, key=key)) if elements != [""] else []
    for element, row in zip(elements, rows, strict=elements != [""]):
        if isinstance(row, Record):
            assert row.fields == json.loads(element)
        else:
            assert re.search(BAD[element], row.reason)
            assert row.raw == element[: json_document.EXCERPT]
            assert row.line > 1 or comma == "," or row is rows[0]


def test_only_a_piece_of_a_document_is_in_memory(tmp_path):
    path = tmp_path / "rows.json"
    long = "x" * 10**8
    path.write_text(f'{{"skipped": "{long}", "rows": [\n{{"text": "{long}"}},\n{{"text": "a"}}]}}')
    del long
    tracemalloc.start()
    try:
        long, short = read_json(path, key="rows")
        assert tracemalloc.get_traced_memory()[1] < 200 * 2**20
    finally:
        tracemalloc.stop()
    assert (long.line, short.line) == (2, 3)
    assert "the row has 100,000,012 characters, over 67,108,864" in long.reason


def test_bytes_of_another_encoding_cost_their_row(tmp_path):
    path = tmp_path / "rows.json"
    path.write_bytes(b'[{"text": "a"},\n{"text": "caf\xe9"}, {"text": "\xc3\xa9"}]')
    first, rejected, last = read_json(path)
    assert (first.fields, last.fields) == ({"text": "a"}, {"text": "é"})
    assert (rejected.line, rejected.option) == (2, "encoding")
    assert "byte 0xe9 (number 13 of the row, from 0) is not utf-8" in rejected.reason
    assert [row.fields["text"] for row in read_json(path, encoding="latin-1")] == ["a", "café", "Ã©"]
    path.write_bytes('[{"text": "é"}]'.encode("utf-16"))
    with pytest.raises(DatasetError, match=r"byte 0xff .* is not utf-8; encoding=\"utf-16\" can read it"):
        list(read_json(path))
    assert next(iter(read_json(path, encoding="utf-16"))).fields == {"text": "é"}
    path.write_bytes('[{"text": "é"}]'.encode("utf-16")[:-3])
    with pytest.raises(DatasetError, match=r"byte 0x.. \(number \d+ of the file, from 0\) is not utf-16"):
        list(read_json(path, encoding="utf-16"))
