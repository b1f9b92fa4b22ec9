"""What does not fit into memory lies in a file, and is the same."""

from __future__ import annotations

import csv
import json

import numpy as np
import pyarrow as pa
import pytest

import textprep as tp
from textprep.datasets import spill
from textprep.datasets.sources import window
from textprep.errors import DatasetError


@pytest.fixture
def path(tmp_path):
    path = tmp_path / "reviews.csv"
    with path.open("w", newline="") as file:
        csv.writer(file).writerows(
            [("text", "label", "id"), *((f"text {i} " * 20, "ab"[i % 2], i) for i in range(3000))]
        )
    return path


def test_a_corpus_is_the_same_from_memory_and_from_disk(path, monkeypatch):
    expected = tp.load_dataset("csv", path=path)
    monkeypatch.setattr(window, "CHUNK", 50_000)
    monkeypatch.setattr(spill, "SPILL_AT", 100_000)
    before = pa.total_allocated_bytes()
    kept = tp.load_dataset("csv", path=path, splits=None)
    assert pa.total_allocated_bytes() - before < 100_000
    assert kept["train"].table.nbytes > 500_000
    corpus = tp.load_dataset("csv", path=path)
    for name, split in expected.items():
        assert corpus[name].table.to_pydict() == split.table.to_pydict()


def test_columns_that_change_on_the_way(tmp_path, monkeypatch):
    values = [*[1] * 300, *[2.5] * 300, *["x"] * 300]
    path = tmp_path / "rows.jsonl"
    path.write_text(
        "".join(
            json.dumps({"text": "a" * 50, "v": v, "w": v if i < 600 else None}) + "\n"
            for i, v in enumerate(values)
        )
    )
    expected = tp.load_dataset("jsonl", path=path, label=None, splits=None)["train"].table
    monkeypatch.setattr("textprep.datasets.rows.ROWS_AT_ONCE", 100)
    monkeypatch.setattr(window, "CHUNK", 2000)
    monkeypatch.setattr(spill, "SPILL_AT", 10_000)
    table = tp.load_dataset("jsonl", path=path, label=None, splits=None)["train"].table
    assert table["v"].to_pylist() == [json.dumps(value) for value in values]
    assert table["w"].type == pa.float64()
    assert table.to_pydict() == expected.to_pydict()


def test_a_disk_that_is_full(path, monkeypatch, tmp_path):
    monkeypatch.setattr(spill, "SPILL_AT", 1000)
    (tmp_path / "file").touch()
    monkeypatch.setenv("TEXTPREP_CACHE", str(tmp_path / "file"))
    with pytest.raises(
        DatasetError, match=r"cannot write rows that do not fit into memory to .*TEXTPREP_CACHE"
    ):
        tp.load_dataset("csv", path=path, splits=None)


def test_rows_are_taken_batch_by_batch(monkeypatch):
    table = pa.concat_tables(pa.table({"x": list(range(start, start + 7))}) for start in range(0, 70, 7))
    monkeypatch.setattr(spill, "SPILL_AT", 100)
    for positions in ([], [3], [0, 0, 6, 7, 7, 69], list(range(70)), [5, 2, 60]):
        found = spill.taken(table, np.array(positions, dtype=np.int64))
        assert found["x"].to_pylist() == positions
        assert found.schema == table.schema
    for outside in ([-1, 3], [3, 70]):
        with pytest.raises(pa.ArrowIndexError):
            spill.taken(table, np.array(outside))
