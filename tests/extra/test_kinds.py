"""Columns beside the text: one rule for a value and a column, every source alike, what is bad named by its place."""

from __future__ import annotations

import csv
import json
import sqlite3
import zipfile
from datetime import date
from decimal import Decimal

import datasets as hf
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.feather
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

import textprep as tp
from textprep.datasets import as_corpus
from textprep.errors import DatasetError
from textprep.extra.kinds import TAKEN, Extra, extras_of
from textprep.preparation.columns import contents_of
from textprep.targets.problems import BadValueError

NAN = float("nan")
KINDS = {
    "number": Extra(kind="number"),
    "number, filled": Extra(kind="number", missing=-1),
    "category": Extra(kind="category"),
    "category, filled": Extra(kind="category", missing="nobody"),
    "two numbers": Extra(kind="number", width=2),
    "two numbers, filled": Extra(kind="number", width=2, missing=0),
}
WORDS = st.sampled_from(
    ["al", " bo ", "", "  ", "1", "1.0", "2.5", "4,5", "inf", "nan", "true", "False", "1e39", "é"]
)
NUMBERS = st.floats(width=16) | st.sampled_from([0.0, 1.0, 2.5])
LISTS = st.lists(st.none() | NUMBERS, max_size=3)
RAW = st.none() | WORDS | NUMBERS | st.booleans() | st.integers(-5, 5) | LISTS | st.just(date(2020, 1, 1))
TYPED = {
    **dict.fromkeys([pa.string(), pa.large_string(), pa.dictionary(pa.int32(), pa.string())], WORDS),
    **dict.fromkeys([pa.float16(), pa.float32(), pa.float64()], NUMBERS),
    **dict.fromkeys([pa.int8(), pa.int64()], st.integers(-5, 5)),
    **dict.fromkeys([pa.uint8(), pa.uint64()], st.integers(0, 9)),
    pa.bool_(): st.booleans(),
    pa.decimal128(6, 2): st.sampled_from([Decimal("1.00"), Decimal("2.50")]),
    pa.date32(): st.just(date(2020, 1, 1)),
    pa.null(): st.none(),
    pa.list_(pa.float32()): LISTS,
    pa.large_list(pa.int64()): st.lists(st.integers(-5, 5), max_size=3),
    pa.list_(pa.float64(), 2): st.lists(NUMBERS, min_size=2, max_size=2),
}


def one_by_one(kind, values):
    good, checked = [], []
    for value in values:
        try:
            checked.append(kind.check("x", value))
            good.append(True)
        except BadValueError:
            good.append(False)
    return checked, good


@pytest.mark.parametrize("kind", KINDS)
@given(data=st.data())
def test_a_column_follows_the_rule_for_a_value(kind, data):
    kind = KINDS[kind]
    arrow_type = data.draw(st.sampled_from(list(TYPED)))
    values = data.draw(st.lists(st.none() | TYPED[arrow_type], min_size=1, max_size=12))
    if arrow_type == pa.float16():
        values = [None if value is None else np.float16(value) for value in values]
    whole = pa.array(values, arrow_type)
    column = pa.chunked_array([whole[:3], whole[3:]], arrow_type)
    checked, good = one_by_one(kind, column.to_pylist())
    try:
        found, is_good = kind.column("x", column)
    except pa.ArrowException:  # then rows are read one by one
        return
    assert is_good.tolist() == good
    assert found.filter(pa.array(is_good, pa.bool_())).equals(kind.gathered(checked))


@given(st.lists(RAW, min_size=1, max_size=12), st.sampled_from(["number", "category", None]), st.booleans())
def test_rows_in_are_rows_out_and_rows_that_are_reported(values, kind, filled):
    rows = [{"text": f"t{at}", "x": value} for at, value in enumerate(values)]
    options = {"x": {"kind": kind, **({"missing": "0"} if filled else {})}}
    seen = []
    for data in (rows, pd.DataFrame(rows) if all(isinstance(v, str) for v in values) else rows):
        try:
            corpus = tp.load_dataset(
                "memory", rows=data, splits=None, label=None, extra=options, on_error="skip"
            )
        except DatasetError as error:
            assert f"every one of the {len(values)} rows" in str(error)  # noqa: PT017
            continue
        split, read = corpus["train"], corpus.extra["x"]
        assert len(split) + len(corpus.rejected) == corpus.rows_read == len(values)
        checked, good = one_by_one(read, values)
        assert split.row_ids.tolist() == np.flatnonzero(good).tolist()
        assert split.table["x"].combine_chunks().equals(read.gathered(checked))
        seen.append(split.table["x"])
    assert len(seen) < 2 or seen[0].equals(seen[1])


def test_a_list_of_another_length_is_a_bad_value_of_its_own_row():
    rows = [{"text": f"text {place}", "c": c} for place, c in enumerate([[1, 2], [3], [4, 5]])]
    with pytest.raises(DatasetError, match="row 1, column 'c': there are 1 numbers, and 2 in the first row"):
        tp.load_dataset("memory", rows=rows, label=None, extra=["c"], splits=None)


@pytest.mark.parametrize(
    ("values", "kind", "width"),
    [
        ([1, 2.5], "number", 0),
        (["", "1994"], "number", 0),
        ([True, False], "number", 0),
        (["True", "false"], "number", 0),
        ([[1, 2], [3, 4]], "number", 2),
        ([np.array([1, 2])], "number", 2),
        ([[1, 2], [3]], "number", 2),
        ([None, NAN], "category", 0),
        ([1, "x"], "category", 0),
        (["al", "bo"], "category", 0),
        ([date(2020, 1, 1)], "category", 0),
        ([[1, 2], "x"], "category", 0),
    ],
)
def test_the_kind_is_what_the_first_values_show(values, kind, width):
    found = Extra().seen(values)
    assert (found.kind, found.width) == (kind, width)
    assert Extra(kind="category").seen(values).kind == "category"
    assert Extra(kind="number").seen(values).kind == "number"


def test_a_filler_takes_part_in_what_a_column_is():
    assert Extra(missing=0).seen([None]).kind == "number"
    assert Extra(missing="none").seen([1, 2]).kind == "category"
    assert Extra(missing="none").seen([1, None]).check("x", None) == "none"
    assert Extra(missing=0).seen([[1, 2]]).check("x", None) == (0.0, 0.0)
    assert Extra(kind="category", missing="01").check("x", None) == "01"


ROWS = [
    {"text": f"text number {at}", "label": "ab"[at % 2], "year": year, "author": author}
    for at, (year, author) in enumerate([(1994, "al"), (2001, "bo"), (-3, "7"), (0, "é x"), (1994, "al")])
]
EXTRA = ["year", "author"]


def in_csv(path, rows, delimiter=","):
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, list(rows[0]), delimiter=delimiter)
        writer.writeheader()
        writer.writerows(rows)
    return path


def in_jsonl(path, rows):
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return path


def in_database(path, rows):
    with sqlite3.connect(path) as connection:
        connection.execute("create table r (text text, label text, year, author text)")
        connection.executemany("insert into r values (:text, :label, :year, :author)", rows)
    return f"sqlite:///{path}"


def in_archive(folder, rows):
    with zipfile.ZipFile(folder / "r.zip", "w") as made:
        made.write(in_csv(folder / "in.csv", rows), "r.csv")
    return folder / "r.zip"


def frame(rows):
    return pa.Table.from_pylist(rows)


def arrow_file(folder, rows):
    pyarrow.feather.write_feather(frame(rows), folder / "r.arrow")
    return folder / "r.arrow"


def parquet(folder, rows):
    pq.write_table(frame(rows), folder / "r.parquet")
    return folder / "r.parquet"


SOURCES = {
    "csv": lambda p, rows: {"name": "csv", "path": in_csv(p / "r.csv", rows)},
    "tsv": lambda p, rows: {"name": "tsv", "path": in_csv(p / "r.tsv", rows, "\t")},
    "jsonl": lambda p, rows: {"name": "jsonl", "path": in_jsonl(p / "r.jsonl", rows)},
    "archive": lambda p, rows: {"name": "archive", "path": in_archive(p, rows)},
    "sql": lambda p, rows: {"name": "sql", "table": "r", "url": in_database(p / "r.db", rows)},
    "arrow": lambda p, rows: {"name": "arrow", "path": arrow_file(p, rows)},
    "parquet": lambda p, rows: {"name": "parquet", "path": parquet(p, rows)},
    "rows": lambda p, rows: {"name": "memory", "rows": rows},
    "an iterator": lambda p, rows: {"name": "memory", "rows": iter(rows)},
    "pandas": lambda p, rows: {"name": "memory", "rows": pd.DataFrame(rows)},
    "an Arrow table": lambda p, rows: {"name": "memory", "rows": frame(rows)},
    "huggingface": lambda p, rows: {"name": "memory", "rows": hf.Dataset.from_list(rows)},
    "huggingface, a stream": lambda p, rows: {
        "name": "memory", "rows": hf.Dataset.from_list(rows).to_iterable_dataset(),
    },
}  # fmt: skip


@pytest.mark.parametrize("source", SOURCES)
def test_every_source_gives_the_same_columns(tmp_path, source):
    corpus = tp.load_dataset(**SOURCES[source](tmp_path, ROWS), extra=EXTRA, splits=None)
    expected = tp.load_dataset("memory", rows=ROWS, extra=EXTRA, splits=None)
    assert corpus.extra == expected.extra == {"year": Extra(kind="number"), "author": Extra(kind="category")}
    assert contents_of(corpus) == contents_of(expected)
    assert corpus["train"].table["year"].to_pylist() == [row["year"] for row in ROWS]
    assert corpus["train"].table["author"].to_pylist() == [row["author"] for row in ROWS]
    assert any("'year' as number, 'author' as category" in note for note in corpus.notes)
    assert corpus.reading["extra"] == {"year": {"kind": "number"}, "author": {"kind": "category"}}


@pytest.mark.parametrize("source", SOURCES)
@pytest.mark.parametrize(("name", "value"), [("year", None), ("author", " ")])
def test_a_missing_value_is_an_error_or_has_a_filler(tmp_path, source, name, value):
    rows = [*ROWS[:2], {**ROWS[2], name: value}, *ROWS[3:]]

    def made():
        return {**SOURCES[source](tmp_path, rows), "splits": None}

    with pytest.raises(DatasetError, match="the value is missing") as caught:
        tp.load_dataset(**made(), extra=EXTRA)
    assert (caught.value.column, caught.value.option) == (name, "extra")
    assert f'extra={{"{name}": {{"missing": VALUE}}}}' in str(caught.value)
    skipped = tp.load_dataset(**remade(source, tmp_path, rows), extra=EXTRA, on_error="skip")
    assert skipped["train"].row_ids.tolist() == [0, 1, 3, 4]
    filled = tp.load_dataset(
        **remade(source, tmp_path, rows), extra={"year": {"missing": 0}, "author": {"missing": "?"}}
    )
    assert filled["train"].table[name][2].as_py() == (0 if name == "year" else "?")


def remade(source, folder, rows):
    (folder / "r.db").unlink(missing_ok=True)
    return {**SOURCES[source](folder, rows), "splits": None}


BAD = {
    "4,5": "a decimal point is needed, not a comma, as in 4.5",
    "inf": "'inf' is not a finite number",
    "soon": "'soon' is not a number",
}


@pytest.mark.parametrize("source", ["csv", "tsv", "jsonl"])
@pytest.mark.parametrize("value", BAD)
def test_a_bad_value_is_named_by_file_line_and_column(tmp_path, source, value):
    rows = [*ROWS[:2], {**ROWS[2], "year": value}, *ROWS[3:]]
    made = {**SOURCES[source](tmp_path, rows), "splits": None, "extra": {"year": "number"}}
    with pytest.raises(DatasetError) as caught:
        tp.load_dataset(**made)
    line = 3 if source == "jsonl" else 4
    assert (caught.value.file, caught.value.line, caught.value.column) == (str(made["path"]), line, "year")
    assert BAD[value] in str(caught.value)
    for on_error in ("skip", "quarantine"):
        kept = tp.load_dataset(**made, on_error=on_error, quarantine=tmp_path / "q")
        assert kept["train"].table["year"].to_pylist() == [1994, 2001, 0, 1994]
        assert kept.rows_read == len(kept["train"]) + len(kept.rejected) == 5
    words = tp.load_dataset(**{**made, "extra": {"year": "category"}})
    assert words["train"].table["year"][2].as_py() == value


@pytest.mark.parametrize(
    ("kind", "value", "says"),
    [
        (Extra(kind="category"), 2.5, "2.5 is not whole: categories are words, whole numbers or booleans"),
        (Extra(kind="category"), [1], "the value is list, not a word, a whole number or a boolean"),
        (Extra(kind="number", width=2), [1], "there are 1 numbers, and 2 in the first row"),
        (Extra(kind="number", width=2), 3, "3 is not a list of 2 numbers, as in the first rows"),
        (Extra(kind="number", width=2), [1, None], "the number is missing"),
        (Extra(kind="number"), [1, 2], r"\[1, 2\] is not a number"),
    ],
)
def test_what_cannot_be_used_says_why(kind, value, says):
    with pytest.raises(BadValueError, match=says):
        kind.check("x", value)


@pytest.mark.parametrize("kind", ["number", "category"])
def test_the_advice_of_a_bad_value_works(kind):
    values = {"number": ["1", "al"], "category": ["al", 2.5]}[kind]
    rows = [{"text": f"t{at}", "x": value} for at, value in enumerate(values)]
    other = {"number": "category", "category": "number"}[kind]
    with pytest.raises(DatasetError) as caught:
        tp.load_dataset("memory", rows=rows, label=None, splits=None, extra={"x": kind})
    assert f'extra={{"x": "{other}"}}' in str(caught.value)


def test_a_column_that_is_not_there_and_options_that_cannot_be_used():
    rows = {"name": "memory", "rows": ROWS}
    with pytest.raises(
        DatasetError, match="column 'yaer': there is no such column; there are: year"
    ) as caught:
        tp.load_dataset(**rows, extra=["yaer"])
    assert caught.value.option == "extra"
    for given_, says in {
        5: "extra= is a list of columns",
        ("year", 5): "extra= is a list of columns",
    }.items():
        with pytest.raises(DatasetError, match=says):
            tp.load_dataset(**rows, extra=given_)
    for options, says in [
        ({"year": 5}, "5 is neither a kind"),
        ({"year": "words"}, "Input should be 'number' or 'category'"),
        ({"year": {"fill": 3}}, "no option 'fill'.* kind, missing, standardize|fill"),
        ({"year": {"missing": " "}}, "missing= must be a value that fills empty cells"),
        (
            {"year": {"kind": "number", "missing": "none"}},
            "missing= must be a number where kind= is 'number'",
        ),
    ]:
        with pytest.raises(DatasetError, match=f"extra= of 'year': .*{says}"):
            tp.load_dataset(**rows, extra=options)
    for name in TAKEN:
        with pytest.raises(DatasetError, match=r"rename the column in the source|are the same column"):
            tp.load_dataset(**rows, extra=[name])
    with pytest.raises(DatasetError, match="label= and extra= are the same column 'author'"):
        tp.load_dataset(**rows, label="author", extra=["author"])
    assert extras_of("year") == extras_of(["year"]) == {"year": Extra()}


def test_given_splits_share_the_kinds_of_the_first_rows(tmp_path):
    in_csv(tmp_path / "a.csv", ROWS)
    in_csv(tmp_path / "b.csv", [{**ROWS[0], "year": "then"}, ROWS[1]])
    paths = {"train": str(tmp_path / "a.csv"), "test": str(tmp_path / "b.csv")}
    with pytest.raises(DatasetError, match=r"b.csv, line 2, column 'year': 'then' is not a number"):
        tp.load_dataset("csv", path=paths, extra=EXTRA)
    corpus = tp.load_dataset("csv", path=paths, extra=EXTRA, on_error="skip")
    assert (len(corpus["train"]), len(corpus["test"])) == (5, 1)
    rows = hf.Dataset.from_list(ROWS)
    empty = {"train": rows, "test": rows.select([])}
    assert tp.load_dataset("memory", rows=hf.DatasetDict(empty), extra=EXTRA).extra["year"].kind == "number"
    first_empty = hf.DatasetDict({"test": empty["test"], "train": empty["train"]})
    assert tp.load_dataset("memory", rows=first_empty, extra=EXTRA).extra["year"].kind == "number"


def test_what_is_first_bad_later_good_is_read_from_what_is_good():
    rows = [5, {"text": "a", "x": 1.5}, {"text": "b", "x": 2.5}]
    corpus = tp.load_dataset("memory", rows=rows, label=None, splits=None, extra="x", on_error="skip")
    assert corpus.extra["x"].kind == "number"
    assert (len(corpus["train"]), len(corpus.rejected)) == (2, 1)


def test_divisions_keep_the_columns_with_their_rows():
    rows = [{"text": f"text number {at}", "label": at % 2, "x": at, "author": at // 4} for at in range(80)]
    options = {"rows": rows, "extra": {"x": "number", "author": "category"}}
    for more in ({}, {"group": "author"}, {"time": "x"}, {"fold": "2/5"}):
        corpus = tp.load_dataset("memory", **options, **more)
        assert corpus.extra.keys() == {"x", "author"}
        for split in corpus.values():
            assert split.table["x"].to_pylist() == split.row_ids.tolist()
    whole = tp.load_dataset("memory", **options, splits=None)
    assert all(fold.extra == whole.extra for fold in whole.folds(4))


def test_lists_booleans_and_categories_of_every_kind_of_value():
    rows = [
        {"text": f"t{at}", "at": [at, at / 2], "is_new": at % 2 == 0, "stars": at % 3, "yes": at % 2 == 1}
        for at in range(6)
    ]
    corpus = tp.load_dataset(
        "memory", rows=rows, label=None, splits=None,
        extra={"at": {}, "is_new": {}, "stars": "category", "yes": "category"},
    )  # fmt: skip
    table = corpus["train"].table
    assert table["at"].to_pylist() == [[at, at / 2] for at in range(6)]
    assert table["is_new"].to_pylist() == [1, 0, 1, 0, 1, 0]
    assert table["stars"].to_pylist() == ["0", "1", "2", "0", "1", "2"]
    assert set(table["yes"].to_pylist()) == {"True", "False"}
    assert corpus.extra["at"].array(table["at"]).shape == (6, 2)
    assert corpus.extra["at"].array(table["at"][2:4]).tolist() == [[2, 1], [3, 1.5]]


@given(st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=30), st.lists(st.floats(-1e6, 1e6), max_size=5))
def test_numbers_are_standardized_by_the_column_learned_from(train, other):
    kind = Extra(kind="number", standardize=True).learned(pa.chunked_array([train]))
    again = Extra(**json.loads(json.dumps(kind.record())))
    assert again == kind
    values = kind.array(pa.chunked_array([train]))
    assert values.dtype == np.float32
    assert np.isfinite(kind.array(other)).all()
    if np.ptp(train) > 1e-3:
        assert abs(values.mean(dtype=float)) < 1e-3
        assert abs(values.std() - 1) < 1e-3


@given(st.lists(st.sampled_from("abcdé"), max_size=9), st.lists(st.sampled_from("abcdéxyz"), max_size=9))
def test_ids_of_categories_are_those_of_the_column_learned_from(train, other):
    kind = Extra(kind="category").learned(pa.chunked_array([train], pa.large_string()))
    assert kind == Extra(kind="category").learned(train)
    names = sorted(set(train))
    expected = [names.index(name) + 2 if name in names else 1 for name in other]
    assert (
        kind.array(other).tolist() == kind.array(pa.chunked_array([other], pa.string())).tolist() == expected
    )
    assert kind.array(other).dtype == np.int64


def test_a_corpus_in_hand_takes_columns_beside_its_texts():
    corpus = as_corpus({"train": ROWS})
    assert corpus.extra == {}
    assert corpus.with_extra({"year": Extra(kind="number")}).extra["year"].kind == "number"
    with pytest.raises(DatasetError, match="split 'train' has no column 'yaer'; there are: text, label, "):
        corpus.with_extra({"yaer": Extra(kind="number")})


def test_what_says_nothing_and_what_says_too_much_is_noted():
    rows = [{"text": f"t{at}", "id": f"x{at}", "same": 3, "author": "ab"[at % 2]} for at in range(50)]
    corpus = tp.load_dataset("memory", rows=rows, label=None, extra=["id", "same", "author"])
    noted = "\n".join(corpus.notes)
    assert "'id' has 50 categories in 50 rows" in noted
    assert "'same' is the same in all rows" in noted
    assert "'author' has" not in noted
    assert "'author' is" not in noted
    assert noted in corpus.summary()


@pytest.mark.parametrize("options", [{"standardize": True}, {"standardize": True, "kind": "category"}])
def test_categories_are_not_standardized(options):
    rows = [{"text": f"a {n}", "label": n % 2, "author": "al"} for n in range(20)]
    with pytest.raises(DatasetError, match="'author': standardize= is for numbers"):
        tp.load_dataset("memory", rows=rows, extra={"author": options})
