"""One bad row is one rejected row: of good and bad rows in any order, exactly the good ones are kept."""

from __future__ import annotations

import json
import re
import sqlite3
from types import SimpleNamespace
from uuid import uuid4

import datasets as hf
import pyarrow as pa
import pyarrow.feather
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import textprep as tp
from textprep.datasets.formats import jsonl
from textprep.datasets.sources import window as windows

DEEP = "[" * 600 + "]" * 600
NUMBERS = (
    "NaN",
    "-NaN",
    "Infinity",
    "-Infinity",
    "[NaN]",
    "[1, -Infinity]",
    '{"k": NaN}',
    "1e999",
    "-1E400",
    "[1e999]",
)
GOOD = [
    '{"text": "good", "label": 1}',
    '{"text": "gut \\u00e9", "label": "pos", "n": 1}',
    '{"text": "", "label": true, "n": 2.5}',
]
GOOD += ['{"text": "x", "label": 2, "n": null, "l": [1.5]}', '{"text": "d", "label": 3, "o": {"k": [1]}}']
GOOD += ['{"text": "o", "label": 3, "o": {"k": "s"}}', '{"text": "m", "label": 3, "n": "drei", "l": {}}']
BAD = [f'{{"text": "v", "label": 1, "{name}": {number}}}' for number in NUMBERS for name in ("n", "new", "l")]
BAD += [f'{{"text": "v", "label": {number}}}' for number in NUMBERS]
BAD += [
    '{"text": "v", "label": 1, "\\uDFAA": 0}', '{"\\ud800": 1}', f'{{"text": "v", "label": 1, "n": {DEEP}}}',
    f'{{"text": {DEEP}, "label": 1}}', f'{{"text": "v", "label": {DEEP}}}', '{"text": 5, "label": 1}', '{"text": ["a"], "label": 1}',
    '{"text": null, "label": 1}', '{"label": 1}', '{"text": "v"}', '{"text": "v", "label": {}}', '{"text": "v", "label": [1]}',
    '{"text": "v", "label": 0.5}', '{"text": "v", "text": "w", "label": 1}', '{"text": "v", "label": 1, "o": {"k": 1, "k": 2}}',
    '{"text": "v", "label": 1, "n": "\\ud800"}', '{"text": "v", "label": 1, "o": {"k": ["\\udc00"]}}', '{"text": "v", "label": 1, "o": {"\\udc00": 1}}',
    '{"text": "\\ud800", "label": 1}', '{"text": "v", "label": "\\udc00"}', '{"text": "v", "label": 1, "n": ' + "9" * 5000 + "}",
    "[1]", "null", "5", '"a"', "{}", '{"text": "v", "label": 1,}', '{"text": "v" "label": 1}', "{'text': 'v'}", '{"text": "v\t", "label": 1}',
    '{"text": "v", "label": 1} x', '{"text": "caf\udce9", "label": 1}', '{"text": "v", "label": 01}', '{"text": "v", "label": tru}',
]  # fmt: skip
OF_LINES = [
    "{",
    "}",
    "[",
    '{"text": "v',
    '{"text": "v", "label": [',
    '"',
    "text,label",
    "<html>",
    "%PDF-1.4",
    "\udc80\x04\udc95]",
]
KEPT = {"on_error": "skip", "splits": None}


def kept_of(corpus):
    table = corpus["train"].table
    return corpus.class_names, table.drop(["row_id"]).to_pydict(), table.schema


def alone(name, path, rows):
    """What the good rows give when there are no others."""
    written(path, name, rows)
    return kept_of(tp.load_dataset(name, path=path, **KEPT))


def written(path, name, rows):
    text = "\n".join(rows) if name == "jsonl" else "[" + ",\n".join(rows) + "]"
    path.write_bytes(text.encode("utf-8", "surrogateescape"))


rows_of_text = st.lists(st.sampled_from([*GOOD * 6, *BAD]), min_size=1, max_size=25)


@settings(max_examples=120, deadline=None)
@given(
    st.data(), st.sampled_from(["json", "jsonl"]), st.sampled_from([1, 2, 100]), st.sampled_from([64, 2**20])
)
def test_exactly_the_good_rows_of_json_are_kept(tmp_path_factory, data, name, learned_from, cut):
    pool = st.sampled_from([*GOOD * 6, *BAD, *(OF_LINES if name == "jsonl" else ())])
    rows = [GOOD[0], *data.draw(st.lists(pool, max_size=25))]
    rows.insert(data.draw(st.integers(0, len(rows))), data.draw(pool))
    good, path = [row for row in rows if row in GOOD], tmp_path_factory.getbasetemp() / f"rows.{name}"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(jsonl, "LEARNED_FROM", learned_from)
        patch.setattr(windows, "CHUNK", cut)
        expected = alone(name, path, good)
        written(path, name, rows)
        corpus = tp.load_dataset(name, path=path, **KEPT)
    assert kept_of(corpus) == expected
    assert corpus["train"].row_ids.tolist() == [place for place, row in enumerate(rows) if row in GOOD]
    assert len(corpus.rejected) == len(rows) - len(good)


@pytest.mark.parametrize("number", NUMBERS)
@pytest.mark.parametrize("before", [0, 1, 99, 100, 101, 5000])
def test_what_is_no_number_of_json_is_refused_wherever_it_stands(tmp_path, number, before):
    path = tmp_path / "rows.jsonl"
    first = '{"text": "v", "label": 1, "n": 1.5, "l": [1.5]}\n'
    column = "l" if number.startswith("[") else "n"
    path.write_text(first * before + f'{{"text": "v", "label": 1, "{column}": {number}}}\n' + first * 3)
    corpus = tp.load_dataset("jsonl", path=path, **KEPT)
    assert [rejected.line for rejected in corpus.rejected] == [before + 1]
    assert re.search("is not JSON|too large for a number|broken JSON", corpus.rejected[0].reason)


ITSELF: list = []
ITSELF.append(ITSELF)
VALUES_GOOD = [("good", "pos", 1), ("gut é", "neg", None), ("x", "pos", 2)]
VALUES_BAD = [(None, "pos", 1), ("a", None, 1), ("a", "", 1), (b"caf\xe9", "pos", 1), ("a", b"\xff", 1)]
OF_PYTHON = [
    ("a", "pos", json.loads(DEEP)),
    ("a", "pos", ITSELF),
    ("a", "pos", {(1,): 2}),
    ("a", "pos", 10**5000),
    (5, "pos", 1),
]
OF_PYTHON += [
    ("a", float("nan"), 1),
    ("\ud800", "pos", 1),
    ("a", ITSELF, 1),
    (json.loads(DEEP), "pos", 1),
    ("a", 0.5, 1),
]


def as_columns(rows):
    texts, labels, numbers = (list(column) for column in zip(*rows, strict=True))
    strings = [
        pa.array([value.encode() if isinstance(value, str) else value for value in each], pa.binary()).view(
            pa.string()
        )
        for each in (texts, labels)
    ]
    return pa.table({"text": strings[0], "label": strings[1], "n": pa.array(numbers, pa.int16())})


def as_parquet(path, rows):
    pq.write_table(as_columns(rows), path / "r.parquet", row_group_size=3)
    return {"name": "parquet", "path": path / "r.parquet"}


def as_arrow(path, rows):
    file = path / f"{uuid4().hex}.arrow"  # the one before may still be mapped into memory
    pyarrow.feather.write_feather(as_columns(rows), file, chunksize=3)
    return {"name": "arrow", "path": file}


def as_sql(path, rows):
    (path / "r.db").unlink(missing_ok=True)
    connection = sqlite3.connect(path / "r.db")
    connection.execute("create table r (text, label, n)")
    for row in rows:
        values = [value if isinstance(value, (bytes, int, type(None))) else value.encode() for value in row]
        connection.execute("insert into r values (cast(? as text), cast(? as text), ?)", values)
    connection.commit()
    connection.close()
    return {"name": "sql", "url": f"sqlite:///{path / 'r.db'}", "table": "r"}


def as_mappings(path, rows):
    return {"name": "memory", "rows": [dict(zip(("text", "label", "n"), row, strict=True)) for row in rows]}


TYPED = {
    "parquet": as_parquet,
    "arrow": as_arrow,
    "sql": as_sql,
    "arrow table": lambda path, rows: {"name": "memory", "rows": as_columns(rows)},
    "datasets": lambda path, rows: {"name": "huggingface", "path": hf.Dataset(as_columns(rows))},
    "mappings": as_mappings,
    "sklearn": lambda path, rows: {"name": "sklearn", "bunch": SimpleNamespace(data=[row[0] for row in rows], target=[row[1] for row in rows])},
}  # fmt: skip


@settings(max_examples=25, deadline=None)
@given(st.data())
@pytest.mark.parametrize("source", TYPED)
def test_exactly_the_good_rows_of_columns_are_kept(tmp_path_factory, source, data):
    bad = VALUES_BAD + (OF_PYTHON if source == "mappings" else [])
    pool = st.sampled_from([*(VALUES_GOOD * len(bad)), *bad])
    rows = [*VALUES_GOOD, *data.draw(st.lists(pool, max_size=15))]
    rows.insert(data.draw(st.integers(0, len(rows))), data.draw(st.sampled_from(bad)))
    path = tmp_path_factory.getbasetemp()
    good = [row for row in rows if any(row is each for each in VALUES_GOOD)]
    expected = kept_of(tp.load_dataset(**TYPED[source](path, good), **KEPT))
    for on_error in ("skip", "quarantine"):
        options = KEPT | {"on_error": on_error, "quarantine": path / "quarantine"}
        corpus = tp.load_dataset(**TYPED[source](path, rows), **options)
        assert kept_of(corpus) == expected
        assert len(corpus.rejected) == len(rows) - len(good)


def test_the_types_of_a_source_stay_beside_a_bad_row(tmp_path):
    kinds = {
        "n": pa.int8(),
        "when": pa.timestamp("ms", "UTC"),
        "price": pa.decimal128(25, 2),
        "f": pa.float32(),
        "far": pa.timestamp("s"),
    }
    columns = {name: pa.array([1, 2, 3] * 5000).cast(pa.int64()).cast(kind) for name, kind in kinds.items()}
    columns["far"] = pa.array([10**13] * 15_000, pa.int64()).cast(kinds["far"])  # a year that Python has not
    texts = [f"text {number}" if number != 12_000 else None for number in range(15_000)]
    pyarrow.feather.write_feather(
        pa.table({"text": texts, "label": ["a"] * 15_000, **columns}), tmp_path / "r.arrow"
    )
    table = tp.load_dataset("arrow", path=tmp_path / "r.arrow", **KEPT)["train"].table
    assert {name: table.schema.field(name).type for name in kinds} == kinds


def test_time_is_linear_in_columns_and_a_bad_row_is_kept_in_part(tmp_path):
    path = tmp_path / "wide.jsonl"
    wide = {"text": "a", "label": 1} | {f"c{place}": place for place in range(20_000)}
    path.write_text(json.dumps(wide) + "\n" + json.dumps({"text": 5, "label": "x" * 10**6}) + "\n")
    corpus = tp.load_dataset("jsonl", path=path, **KEPT)
    assert corpus["train"].table.num_columns == 20_003
    assert len(corpus.rejected[0].raw["label"]) == 10_000
