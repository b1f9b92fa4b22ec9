"""Numbers as labels, from every source: read alike, and what is none named by its place."""

from __future__ import annotations

import json
import sqlite3
import zipfile
from collections import Counter
from decimal import Decimal
from types import SimpleNamespace

import datasets as hf
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.feather
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import textprep as tp
from textprep.datasets import as_corpus
from textprep.datasets.formats import delimited, jsonl
from textprep.datasets.sources import window as windows
from textprep.errors import DatasetError
from textprep.targets import NumberTarget


def frame(numbers):
    return pd.DataFrame({"text": [f"t{at}" for at in range(len(numbers))], "label": numbers})


def in_file(name, write, adapter=None):
    def make(folder, numbers):
        write(frame(numbers), folder / f"r.{name}")
        return {"name": adapter or name, "path": folder / f"r.{name}"}

    return make


def database(data, path):
    path.unlink(missing_ok=True)
    with sqlite3.connect(path) as connection:
        connection.execute("create table r (text text, label)")
        connection.executemany("insert into r values (?, ?)", data.to_dict("split")["data"])


def archive(folder, numbers):
    with zipfile.ZipFile(folder / "r.zip", "w") as made:
        made.writestr("r.csv", frame(numbers).to_csv(index=False))
    return {"name": "archive", "path": folder / "r.zip", "members": "*.csv"}


def memory(make):
    return lambda _, numbers: {"name": "memory", "rows": make(frame(numbers))}


SOURCES = {
    "csv": in_file("csv", lambda data, path: data.to_csv(path, index=False)),
    "tsv": in_file("tsv", lambda data, path: data.to_csv(path, index=False, sep="\t")),
    "jsonl": in_file("jsonl", lambda data, path: data.to_json(path, orient="records", lines=True)),
    "json": in_file("json", lambda data, path: path.write_text(json.dumps(data.to_dict("records")))),
    "parquet": in_file("parquet", lambda data, path: data.to_parquet(path)),
    "arrow": in_file("arrow", pa.feather.write_feather),
    "archive": archive,
    "sql": lambda folder, numbers: {
        "name": "sql", "table": "r",
        "url": database(frame(numbers), folder / "r.db") or f"sqlite:///{folder / 'r.db'}",
    },
    "pandas": memory(lambda data: data),
    "rows": memory(lambda data: data.to_dict("records")),
    "pairs": memory(lambda data: list(data.itertuples(index=False, name=None))),
    "arrow table": memory(pa.Table.from_pandas),
    "float32": memory(lambda data: pa.table({"text": data["text"], "label": pa.array(data["label"], pa.float32())})),
    "decimals": memory(lambda data: [(text, Decimal(str(n))) for text, n in zip(data["text"], data["label"], strict=True)]),
    "texts": memory(lambda data: [(text, f" {n} ") for text, n in zip(data["text"], data["label"], strict=True)]),
    "huggingface": memory(hf.Dataset.from_pandas),
    "huggingface, a stream": memory(lambda data: hf.Dataset.from_pandas(data).to_iterable_dataset()),
    "sklearn": lambda _, numbers: {
        "name": "sklearn",
        "bunch": SimpleNamespace(data=list(frame(numbers)["text"]), target=np.array(numbers)),
    },
}  # fmt: skip


@pytest.mark.parametrize("source", SOURCES)
def test_numbers_are_the_same_from_every_source(tmp_path, source):
    numbers = [4.5, -1.0, 0.25, 1000.0]
    corpus = tp.load_dataset(**SOURCES[source](tmp_path, numbers), splits=None, target="number")
    split = corpus["train"]
    assert corpus.target == split.target == NumberTarget()
    assert (split.labels.tolist(), split.labels.dtype) == (numbers, np.float64)
    assert split.table["label"].type == pa.float64()
    assert (corpus.class_names, corpus.num_classes, split.class_counts()) == ((), 0, {})
    assert "mean 250.9, standard deviation 432.5, from -1 to 1000" in corpus.summary()
    assert split.to_pandas()["label"].tolist() == numbers
    assert [row["label"] for row in split] == numbers


@pytest.mark.parametrize("source", sorted({*SOURCES} - {"decimals", "texts"}))
def test_a_missing_number_is_left_out_and_counted(tmp_path, source):
    made = SOURCES[source](tmp_path, [1.5, float("nan"), 2.5])
    with pytest.raises(DatasetError, match=r"the number is missing|NaN"):
        tp.load_dataset(**made, splits=None, target="number")
    corpus = tp.load_dataset(**made, splits=None, target="number", on_error="skip")
    assert corpus["train"].labels.tolist() == [1.5, 2.5]
    assert (corpus.rows_read, len(corpus.rejected)) == (3, 1)


BAD = {
    "4,5": "'4,5' is not a number: a decimal point is needed, not a comma, as in 4.5",
    "1,234.5": "'1,234.5' is not a number: it is written without commas, as 1234.5",
    "inf": "'inf' is not a finite number",
    "nan": "'nan' is not a finite number",
    "1e39": "too large for float32",
    "1_000": "'1_000' is not a number",
    "": "the number is missing",
    "good": "'good' is not a number",
}


def texts_in(kind, folder, values):
    rows = [{"review": f"t{at}", "stars": value} for at, value in enumerate(values)]
    path = folder / f"r.{kind}"
    if kind == "jsonl":
        path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    else:
        pd.DataFrame(rows).to_csv(path, index=False, sep=",\t"[kind == "tsv"])
    return {"name": kind, "path": path, "text": "review", "label": "stars", "target": "number"}


@pytest.mark.parametrize("kind", ["csv", "tsv", "jsonl"])
@pytest.mark.parametrize("value", BAD)
def test_what_is_no_number_is_named_with_file_line_and_column(tmp_path, kind, value):
    made = texts_in(kind, tmp_path, ["1", "2.5", value, "4"])
    with pytest.raises(DatasetError) as caught:
        tp.load_dataset(**made, splits=None)
    error = caught.value
    line = 3 if kind == "jsonl" else 4
    assert (error.file, error.line, error.column) == (str(tmp_path / f"r.{kind}"), line, "stars")
    assert BAD[value] in str(error)
    for on_error in ("skip", "quarantine"):
        kept = tp.load_dataset(**made, splits=None, on_error=on_error, quarantine=tmp_path / "q")
        assert kept["train"].labels.tolist() == [1.0, 2.5, 4.0]
        assert kept.rows_read == len(kept["train"]) + len(kept.rejected) == 4
    assert (kept.rejected[0].line, kept.rejected[0].column) == (line, "stars")


VALUES = st.sampled_from([*BAD, "1", " 2.5 ", "-3e2", "٤", "0x10", "+7", ".5", "1.", "1,", "½"])


@given(st.lists(VALUES, min_size=1, max_size=20))
def test_rows_in_are_rows_out_and_rows_that_are_reported(values):
    rows = [{"text": f"t{at}", "label": value} for at, value in enumerate(values)]
    for data in (rows, pa.Table.from_pylist(rows), pd.DataFrame(rows)):
        try:
            corpus = tp.load_dataset("memory", rows=data, splits=None, target="number", on_error="skip")
        except DatasetError as error:
            assert f"every one of the {len(values)} rows" in str(error)  # noqa: PT017
            continue
        assert len(corpus["train"]) + len(corpus.rejected) == len(values)
        kept = dict(zip(corpus["train"].row_ids.tolist(), corpus["train"].labels.tolist(), strict=True))
        assert kept == {at: float(values[at]) for at in kept}


JSON_VALUES = st.one_of(
    VALUES, st.none(), st.booleans(), st.integers(), st.floats(), st.just([1]), st.just({"k": 1})
)


@settings(deadline=None)
@given(
    st.lists(JSON_VALUES, min_size=1, max_size=12),
    st.sampled_from([8, 64, 10_000]),
    st.sampled_from([0, 1, 5]),
)
def test_a_file_read_in_blocks_is_the_file_read_row_by_row(tmp_path_factory, values, cut, learned_from):
    folder = tmp_path_factory.getbasetemp()
    rows = [{"text": f"t{at}", "label": value} for at, value in enumerate(values)]
    (folder / "n.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    pd.DataFrame(rows).to_csv(folder / "n.csv", index=False)
    for name, module in (("csv", delimited), ("jsonl", jsonl)):
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(windows, "CHUNK", cut)
            patch.setattr(jsonl, "LEARNED_FROM", 1 + learned_from)
            in_blocks = loaded(name, folder / f"n.{name}")
            patch.setattr(module, "take_table", lambda *_: None)
            assert loaded(name, folder / f"n.{name}") == in_blocks
            assert in_blocks[-1] == len(rows)


def loaded(name, path):
    """The numbers, the places and reasons of what is none, and how many rows that makes."""
    try:
        corpus = tp.load_dataset(name, path=path, splits=None, target="number", on_error="skip")
    except DatasetError as error:
        return str(error), int(str(error).split()[4])
    bad = [(row.line, row.column, row.reason) for row in corpus.rejected]
    return corpus["train"].labels.tolist(), bad, len(corpus["train"]) + len(bad)


def test_several_columns_are_a_number_each(tmp_path):
    rows = pd.DataFrame({"text": ["a", "b"], "price": [2.5, 3.0], "stars": ["4", "5"]})
    rows.to_csv(tmp_path / "r.csv", index=False)
    made = {"name": "csv", "path": tmp_path / "r.csv", "target": "number", "splits": None}
    split = tp.load_dataset(**made, label=["price", "stars"])["train"]
    assert split.target.names == ("price", "stars")
    assert (split.labels.tolist(), split.labels.shape) == ([[2.5, 4.0], [3.0, 5.0]], (2, 2))
    assert split.table["labels"].type == pa.list_(pa.float64(), 2)
    assert split.select([1]).labels.tolist() == split.rows(1, 2).labels.tolist() == [[3.0, 5.0]]
    assert split.contents().startswith("2 rows: price mean 2.75, standard deviation 0.25")
    swapped = tp.load_dataset(**made, label=["stars", "price"])["train"]
    assert swapped.labels.tolist() == [[4.0, 2.5], [5.0, 3.0]]
    with pytest.raises(DatasetError, match="line 2, column 'text': 'a' is not a number"):
        tp.load_dataset(**made, text="stars", label=["price", "text"])
    one = tp.load_dataset(**made, label=["price"])["train"]
    assert (one.labels.tolist(), one.target.names) == ([2.5, 3.0], ())


def test_what_looks_like_numbers_advises_the_kind_that_takes_them(tmp_path):
    for rows in (
        [("a", 3.5), ("b", 4.0)],
        [("a", "3.5"), ("b", "4.0")],
        pd.DataFrame({"text": ["a"], "label": [3.5]}),
    ):
        with pytest.raises(DatasetError, match='target="number" learns numbers as they are') as caught:
            tp.load_dataset("memory", rows=rows, splits=None)
        advised = {caught.value.option: caught.value.value}
        assert advised == {"target": "number"}
        assert tp.load_dataset("memory", rows=rows, splits=None, **advised)["train"].labels[0] == 3.5


def test_what_is_in_hand(tmp_path):
    rows = hf.Dataset.from_dict({"text": ["a", "b"], "label": [0.5, 2.0]})
    for data in (
        rows,
        hf.DatasetDict({"train": rows}),
        {"train": [("a", 0.5), ("b", 2.0)]},
        rows.to_pandas(),
    ):
        corpus = as_corpus(data, target="number")
        assert corpus["train"].labels.tolist() == [0.5, 2.0]
        assert as_corpus(dict(corpus)).target == NumberTarget()
    with pytest.raises(DatasetError, match='target="number"'):
        as_corpus(rows)


def numbers_of(count, seed=0):
    return np.random.default_rng(seed).lognormal(0, 1, count).round(3)


@given(st.integers(0, 2**32), st.sampled_from(["spread", "few values", "ties"]))
def test_splits_have_their_share_of_every_bin(seed, kind):
    count = 400
    values = {
        "spread": numbers_of(count, seed), "few values": np.arange(count) % 3,
        "ties": np.minimum(numbers_of(count, seed), 1.0),
    }[kind]  # fmt: skip
    rows = [(f"text number {at} of many", float(value)) for at, value in enumerate(values)]
    shares = {"train": 0.7, "validation": 0.2, "test": 0.1}
    whole = tp.load_dataset("memory", rows=rows, splits=None, target="number")["train"]
    stratum = dict(zip(whole.row_ids.tolist(), whole.strata(), strict=True))
    sizes = Counter(stratum.values())
    corpus = tp.load_dataset("memory", rows=rows, splits=shares, seed=seed, target="number")
    for name, share in shares.items():
        held = Counter(stratum[row] for row in corpus[name].row_ids.tolist())
        assert all(abs(held[each] - share * size) <= 2 for each, size in sizes.items())
    if kind == "spread":
        assert len(sizes) == 10
        assert max(sizes.values()) - min(sizes.values()) <= 6


@pytest.mark.parametrize("seed", range(5))
def test_splits_have_close_means(seed):
    values = numbers_of(1000)
    rows = [(f"text number {at} of many", float(value)) for at, value in enumerate(values)]
    corpus = tp.load_dataset("memory", rows=rows, seed=seed, target="number")
    for split in corpus.values():
        assert abs(np.median(split.labels) - np.median(values)) < 0.05
        assert abs(np.minimum(split.labels, 5).mean() - np.minimum(values, 5).mean()) < 0.1


def test_folds_groups_and_time_take_numbers():
    values = numbers_of(200)
    rows = [
        {"text": f"text number {at}", "label": value, "author": at // 4, "year": 2000 + at}
        for at, value in enumerate(values)
    ]
    corpus = tp.load_dataset("memory", rows=rows, splits=None, target="number")
    tests = [fold["test"] for fold in corpus.folds(5)]
    assert sorted(row for fold in tests for row in fold.row_ids.tolist()) == list(range(200))
    assert all(abs(np.median(fold.labels) - np.median(values)) < 0.3 for fold in tests)
    grouped = tp.load_dataset("memory", rows=rows, group="author", target="number")
    authors = [set(split.table["author"].to_pylist()) for split in grouped.values()]
    assert sum(map(len, authors)) == len(set.union(*authors)) == 50
    timed = tp.load_dataset("memory", rows=rows, time="year", target="number")
    assert max(timed["train"].row_ids) < min(timed["validation"].row_ids) < min(timed["test"].row_ids)
    assert (
        tp.load_dataset("memory", rows=rows, fold="2/5", target="number")["test"].labels.dtype == np.float64
    )
