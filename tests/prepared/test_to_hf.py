"""A prepared store is a data set of Hugging Face as it is."""

from __future__ import annotations

import gc

import datasets as hf
import pyarrow as pa
import pytest

import textprep as tp
from textprep.preparation import shards

ROWS = {
    "train": [(f"a film number {n}", ("bad", "good")[n % 2]) for n in range(40)],
    "test": ["a text without a label"],
    "empty": [],
}


@pytest.fixture
def data(tmp_path, monkeypatch):
    monkeypatch.setattr(shards, "SHARD_BYTES", (500, 500))
    return tp.prepare(ROWS, tp.Pipeline(tokenizer=tp.WordTokenizer()), cache_dir=tmp_path)


def test_every_row_comes_along(data):
    given = data.to_hf()
    assert isinstance(given, hf.DatasetDict)
    assert {name: len(rows) for name, rows in given.items()} == {"train": 40, "test": 1, "empty": 0}
    for name, split in data.items():
        assert given[name]["input_ids"][:] == [split.ids(row).tolist() for row in range(len(split))]
        assert given[name]["length"][:] == split.lengths.tolist()
        assert given[name]["row_id"][:] == split.row_ids.tolist()


def test_labels_have_names_where_every_row_has_one(data):
    assert data["train"].to_hf().features["label"] == hf.ClassLabel(names=["bad", "good"])
    assert data["train"].to_hf()["label"][:] == data["train"].labels.tolist()
    assert data["test"].to_hf().column_names == ["input_ids", "length", "row_id"]


def test_nothing_is_copied(data):
    data["train"].lengths  # noqa: B018
    gc.collect()
    before = pa.total_allocated_bytes()
    rows = data["train"].to_hf()
    assert rows.data.nbytes > 1_000
    assert pa.total_allocated_bytes() <= before  # something older may go in between


def test_a_file_opens_as_it_is(data):
    path = sorted(data.path.glob("train-*.arrow"))[0]
    rows = hf.Dataset.from_file(str(path))
    assert rows[0]["input_ids"] == data["train"].ids(0).tolist()
    assert rows.features["input_ids"] == hf.LargeList(hf.Value("uint8"))


def test_a_dataset_goes_in_and_comes_out(tmp_path):
    rows = hf.Dataset.from_dict({"text": ["a film", "b"], "label": [1, 0]})
    rows = rows.cast_column("label", hf.ClassLabel(names=["neg", "pos"]))
    data = tp.prepare(rows, tp.Pipeline(tokenizer=tp.WordTokenizer()), cache_dir=tmp_path)
    out = data.to_hf()["train"]
    assert out.features["label"] == rows.features["label"]
    assert out["label"][:] == [1, 0]
