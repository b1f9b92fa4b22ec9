"""Rows of two texts: every source gives both, and what is wrong with the second is said as of the first."""

from __future__ import annotations

import csv
import gzip
import io
import json
import sqlite3
import zipfile
from functools import partial
from types import SimpleNamespace

import datasets as hf
import pandas as pd
import pyarrow as pa
import pyarrow.feather
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import textprep as tp
from textprep.datasets import as_corpus
from textprep.datasets.inspection import inspect_corpus
from textprep.datasets.split import Split
from textprep.errors import DatasetError

NAMES = ("premise", "hypothesis", "label")
COLUMNS = {"text": "premise", "pair": "hypothesis", "label": "label", "splits": None}
ROWS = [
    dict(zip(NAMES, row, strict=True))
    for row in [
        ("A man plays.", "He sleeps.", "no"),
        ("A man plays.", "007", "yes"),
        ('He said "no".', "Zeile eins\nZeile zwei \u00e9 \U0001d11e", "no"),
        ("", " 2020-01-01 ", "yes"),
        ("nan", "", "no"),
    ]
]


def delimited(rows, delimiter=","):
    file = io.StringIO(newline="")
    csv.writer(file, delimiter=delimiter).writerows([NAMES, *(row.values() for row in rows)])
    return file.getvalue().encode()


def lines(rows):
    return b"".join(json.dumps(row).encode() + b"\n" for row in rows)


def written(path, content):
    path.write_bytes(content)
    return path


def archived(rows, path):
    with zipfile.ZipFile(path, "w") as file:
        file.writestr("in/rows.csv", delimited(rows))
    return path


def database(rows, path):
    connection = sqlite3.connect(path)
    connection.execute("create table r (premise, hypothesis, label)")
    connection.executemany("insert into r values (:premise, :hypothesis, :label)", rows)
    connection.commit()
    connection.close()
    return f"sqlite:///{path}"


def in_parquet(rows, path):
    pq.write_table(pa.Table.from_pylist(rows), path)
    return path


def in_arrow(rows, path):
    pyarrow.feather.write_feather(pa.Table.from_pylist(rows), path)
    return path


def saved(rows, path):
    hf.Dataset.from_list(rows).save_to_disk(path)
    return str(path)


def polars_frame(rows):
    return pytest.importorskip("polars").DataFrame(rows)


DELIMITED = {  # they have no nulls, and all that they hold is text
    "csv": lambda rows, p: {"name": "csv", "path": written(p / "r.csv", delimited(rows))},
    "csv.gz": lambda rows, p: {"name": "csv", "path": written(p / "r.csv.gz", gzip.compress(delimited(rows)))},
    "tsv": lambda rows, p: {"name": "tsv", "path": written(p / "r.tsv", delimited(rows, "\t"))},
    "archive": lambda rows, p: {"name": "archive", "path": archived(rows, p / "r.zip")},
}  # fmt: skip
TYPED = {
    "jsonl": lambda rows, p: {"name": "jsonl", "path": written(p / "r.jsonl", lines(rows))},
    "json": lambda rows, p: {"name": "json", "path": written(p / "r.json", json.dumps(rows).encode())},
    "sql": lambda rows, p: {"name": "sql", "url": database(rows, p / "r.db"), "table": "r"},
    "parquet": lambda rows, p: {"name": "parquet", "path": in_parquet(rows, p / "r.parquet")},
    "arrow": lambda rows, p: {"name": "arrow", "path": in_arrow(rows, p / "r.arrow")},
    "huggingface": lambda rows, p: {"name": "huggingface", "path": saved(rows, p / "saved")},
    "datasets in hand": lambda rows, p: {"name": "huggingface", "path": hf.Dataset.from_list(rows)},
    "mappings": lambda rows, p: {"name": "memory", "rows": rows},
    "generator": lambda rows, p: {"name": "memory", "rows": (row for row in rows)},
    "pandas": lambda rows, p: {"name": "memory", "rows": pd.DataFrame(rows)},
    "polars": lambda rows, p: {"name": "memory", "rows": polars_frame(rows)},
    "arrow table": lambda rows, p: {"name": "memory", "rows": pa.Table.from_pylist(rows)},
    "sklearn": lambda rows, p: {"name": "sklearn", "bunch": SimpleNamespace(data=pd.DataFrame(rows))},
}  # fmt: skip
SOURCES = DELIMITED | TYPED


@pytest.mark.parametrize("source", SOURCES)
def test_every_source_gives_both_texts(tmp_path, source):
    train = tp.load_dataset(**SOURCES[source](ROWS, tmp_path), **COLUMNS)["train"]
    assert train.text.to_pylist() == [row["premise"] for row in ROWS]
    assert train.pair.type == pa.large_string()
    assert train.pair.to_pylist() == [row["hypothesis"] for row in ROWS]
    assert [train.class_names[label] for label in train.labels] == [row["label"] for row in ROWS]


BAD = {
    "missing": (None, "the text is missing"),
    "a list": (["x"], "not a string"),
    "a number": (7, "not a string"),
}


@pytest.mark.parametrize("source", TYPED)
@pytest.mark.parametrize("bad", BAD)
def test_a_second_text_that_is_none_is_said_as_a_first_one(tmp_path, source, bad):
    """The same error but for the column, with the same place and the same way on."""
    value, reason = BAD[bad]
    if source == "sql" and bad == "a list":
        pytest.skip("a table of SQLite holds no lists")
    errors = []
    for number, column in enumerate(("premise", "hypothesis")):
        place = tmp_path / str(number)
        place.mkdir()
        every = bad != "missing"  # so that a column has one type
        rows = [{**row, column: value} if every or at == 2 else row for at, row in enumerate(ROWS)]
        with pytest.raises(DatasetError, match=reason) as caught:
            tp.load_dataset(**SOURCES[source](rows, place), **COLUMNS)
        errors.append(caught.value)
    first, second = errors
    assert (first.column, second.column) == ("premise", "hypothesis")
    assert second.message.replace("hypothesis", "premise").replace("/1/", "/0/") == first.message
    assert (second.line, second.option, second.hint) == (first.line, first.option, first.hint)


@pytest.mark.parametrize("source", SOURCES)
def test_an_empty_second_text_follows_the_rule_of_texts(tmp_path, source):
    given = SOURCES[source](ROWS, tmp_path)
    if source != "generator":
        assert len(tp.load_dataset(**given, **COLUMNS)["train"]) == len(ROWS)
    corpus = tp.load_dataset(**given, **COLUMNS, empty_text="reject", on_error="skip")
    assert [(row.column, row.reason) for row in corpus.rejected] == [
        ("premise", "the text is empty"),
        ("hypothesis", "the text is empty"),
    ]
    assert corpus["train"].pair.to_pylist() == [row["hypothesis"] for row in ROWS[:3]]


@pytest.mark.parametrize("source", [*DELIMITED, "jsonl"])
def test_rows_with_a_bad_second_text_are_quarantined_and_read_again(tmp_path, source):
    given = SOURCES[source](ROWS, tmp_path)
    options = {**COLUMNS, "empty_text": "reject", "on_error": "quarantine"}
    corpus = tp.load_dataset(**given, **options, quarantine=tmp_path / "quarantine")
    (file,) = [
        path for path in corpus.quarantine.rglob("r*") if path.name != "reasons.jsonl" and path.is_file()
    ]
    mended = file.read_bytes().replace(b'"nan", "hypothesis": ""', b'"nan", "hypothesis": "x"')
    mended = mended.replace(b"nan,,", b"nan,x,").replace(b"nan\t\t", b"nan\tx\t")
    again = tp.load_dataset(
        {"archive": "csv", "csv.gz": "csv"}.get(source, source),
        path=written(tmp_path / f"mended{file.suffix}", mended),
        **{**options, "on_error": "skip"},
    )
    assert again["train"].pair.to_pylist() == ["x"]


@pytest.mark.parametrize("source", SOURCES)
def test_a_column_that_is_not_there(tmp_path, source):
    with pytest.raises(
        DatasetError, match=r"column 'claim': there is no such column; there are: .*hypothesis"
    ) as error:
        tp.load_dataset(**SOURCES[source](ROWS, tmp_path), **{**COLUMNS, "pair": "claim"})
    assert (error.value.option, error.value.hint) == ("pair", "say pair=COLUMN")


def test_a_split_without_second_texts_among_others():
    with_pair = as_corpus({"train": ROWS}, text="premise", pair="hypothesis")
    single = as_corpus({"test": ["a"]})["test"]
    assert with_pair.has_pairs
    with pytest.raises(DatasetError, match="split 'test' has no second texts, and split 'train' has"):
        as_corpus({"train": Split(with_pair["train"].table.drop("label")), "test": single})


def test_a_split_without_rows_has_the_column_too():
    corpus = as_corpus({"train": ROWS, "test": []}, text="premise", pair="hypothesis")
    assert (corpus["test"].pair.type, len(corpus["test"].pair)) == (pa.large_string(), 0)


def test_pandas_and_back():
    train = as_corpus({"train": ROWS}, text="premise", pair="hypothesis")["train"]
    assert list(train.head(1).columns)[:3] == ["text", "pair", "label"]
    again = tp.load_dataset(
        "memory", rows=train.to_pandas(), text="text", pair="pair", label="label", splits=None
    )
    assert again["train"].texts == train.texts


@pytest.mark.parametrize("text", ["?", "premise"])
def test_the_first_text_is_guessed_among_the_other_columns(text):
    train = tp.load_dataset("memory", rows=ROWS, text=text, pair="hypothesis", splits=None)["train"]
    assert train.text.to_pylist() == [row["premise"] for row in ROWS]


WORDS = st.sampled_from(["a", "b", "A!", "c d", "e"])
PAIRS = st.lists(st.tuples(WORDS, WORDS), min_size=12, max_size=40)


def corpus_of(pairs):
    rows = [{"text": text, "pair": pair} for text, pair in pairs]
    return as_corpus({"train": rows}, pair="pair", label=None)


@settings(max_examples=50, deadline=None)
@given(PAIRS, st.integers(0, 3), st.none() | st.just(0.8))
def test_only_rows_that_share_both_texts_stay_together(pairs, seed, near):
    pairs = [*pairs, ("one", "two"), ("two", "one"), ("one", "one")]
    corpus = corpus_of(pairs).divide({"train": 0.5, "test": 0.5}, seed, near_duplicates=near)
    alike = [
        {(text.strip("!").lower(), pair.strip("!").lower()) for text, pair in zip(*map(pa.ChunkedArray.to_pylist, split.texts), strict=True)}
        for split in corpus.values()
    ]  # fmt: skip
    assert not alike[0] & alike[1]
    assert not [finding for finding in inspect_corpus(corpus).findings if "leak" in finding.name]


def test_rows_that_share_one_text_are_no_duplicates():
    shared = [("a man plays", f"claim {n}") for n in range(6)] + [
        (f"film {n}", "it is good") for n in range(6)
    ]
    swapped = [("one", "two"), ("two", "one")]
    findings = {finding.name for finding in inspect_corpus(corpus_of([*shared, *swapped]), None).findings}
    assert not findings
    twice = inspect_corpus(corpus_of([*shared, ("A man plays!", "Claim 0")]), None)
    assert [(finding.name, finding.times) for finding in twice.findings] == [("duplicates", 1)]
    assert str(twice.findings[0].examples[0]) == "train row 0: 'a man plays' | 'claim 0'"


def test_a_long_first_text_does_not_make_pairs_near():
    """Each of both texts has to overlap; together they would, since the premise outweighs the rest."""
    premise = " ".join(f"word{n}" for n in range(200))
    near = corpus_of([(premise, "he sleeps"), (premise, "she plays"), (premise + " more", "He sleeps.")])
    (finding,) = inspect_corpus(near, 0.8).findings
    assert (finding.name, [row.row_id for row in finding.examples]) == ("near_duplicates", [0, 2])


def test_signs_of_a_wrong_encoding_are_found_in_either_text():
    found = inspect_corpus(corpus_of([("a", "b\ufffd"), ("c\ufffd", "d\ufffd"), ("e", "f")]), None).findings
    assert [(one.name, one.times, [row.row_id for row in one.examples]) for one in found] == [
        ("replaced", 2, [0, 1])
    ]


def test_lengths_are_of_both_texts():
    inspection = inspect_corpus(corpus_of([("abc", "de"), ("f", "g\u00e9")]), None)
    assert inspection.lengths["train"] == (3, 4, 5, 1)
    assert [(length, row.text, row.pair) for length, row in inspection.longest] == [
        (5, "abc", "de"),
        (3, "f", "g\u00e9"),
    ]


def test_rows_that_share_the_first_text_stay_together_where_one_says_so():
    rows = [{**ROWS[0], "premise": f"film {n // 4}", "hypothesis": f"claim {n}"} for n in range(40)]
    corpus = tp.load_dataset(
        "memory", rows=rows, **{**COLUMNS, "splits": {"train": 0.5, "test": 0.5}}, group="text"
    )
    assert not {*corpus["train"].text.to_pylist()} & {*corpus["test"].text.to_pylist()}


def test_a_configuration_names_the_column(tmp_path):
    from textprep.config.experiment import read_config

    path = written(tmp_path / "r.csv", delimited(ROWS))
    options = read_config(str(path), ["dataset.pair=hypothesis", "dataset.splits=none"]).dataset.options()
    corpus = tp.load_dataset("csv", **options)
    assert corpus["train"].pair.to_pylist() == [row["hypothesis"] for row in ROWS]
    assert corpus.reading["pair"] == "hypothesis"


@pytest.mark.parametrize(
    "names", [("premise", "hypothesis"), ("Sentence1", "sentence2"), ("question1", "Question2")]
)
@pytest.mark.parametrize("adapter", ["csv", "jsonl", "memory"])
def test_columns_that_are_called_as_two_texts_are_never_read_as_one_in_silence(names, adapter, tmp_path):
    first, second = names
    rows = [{"id": i, first: f"a {i}", second: f"b {i}", "label": "xy"[i % 2]} for i in range(4)]
    path = tmp_path / f"rows.{adapter}"
    if adapter == "csv":
        lines = [rows[0].keys(), *(row.values() for row in rows)]
        path.write_text("".join(",".join(map(str, line)) + "\n" for line in lines))
    elif adapter == "jsonl":
        path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    source = {"rows": rows} if adapter == "memory" else {"path": path}
    read = partial(tp.load_dataset, adapter, **source, splits=None)
    with pytest.raises(DatasetError, match="look like the two texts of a pair") as error:
        read(text="?", label="?")
    assert error.value.hint == f"say pair={second!r} to read pairs, or text={first!r} to read single texts"
    pairs = read(text="?", label="?", **{error.value.option: error.value.value})
    assert pairs.has_pairs
    assert "pairs" not in " ".join(pairs.notes)
    alone = read(text=first, label="?")
    assert not alone.has_pairs
    assert "pairs" not in " ".join(alone.notes)


def test_a_text_that_is_guessed_beside_two_others_comes_with_a_notice():
    rows = [{"text": "a", "question1": "b", "question2": "c"}]
    corpus = tp.load_dataset("memory", rows=rows, text="?", label=None, splits=None)
    assert "the columns 'question1' and 'question2' are not read as pairs" in corpus.notes[0]
    assert not tp.load_dataset("memory", rows=rows, text="text", label=None, splits=None).notes
