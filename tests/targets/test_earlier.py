"""What earlier versions wrote is read in today's words, and what they took is answered with today's."""

from __future__ import annotations

import json

import numpy as np
import pytest
import safetensors.numpy

import textprep as tp
from textprep.config.experiment import saved_config
from textprep.datasets import load_dataset
from textprep.errors import DatasetError
from textprep.targets.earlier import as_now
from textprep.training.runs.data import TrainingData

SEVERAL = [("a", ["x", "y"]), ("b", []), ("c", ["y"])]
WRITTEN = {
    "lists": ({"multi_label": True}, SEVERAL),
    "texts": ({"multi_label": "|"}, [("a", "x|y"), ("b", ""), ("c", "y")]),
    "one label": ({"multi_label": False}, [("a", "x"), ("b", "y")]),
    "a threshold": ({"multi_label": False, "threshold": 2}, [("a", 1.5), ("b", 2.5)]),
    "labels": ({"labels": {"x": "y"}}, [("a", "x"), ("b", "y")]),
}


@pytest.mark.parametrize("kind", WRITTEN)
def test_how_data_were_read_is_how_they_are_read(kind):
    options, rows = WRITTEN[kind]
    record = json.loads(json.dumps({"name": "memory", "text": "text", "label": "label", **options}))
    now = as_now(record)
    split = load_dataset(**now, rows=rows, splits=None)["train"]
    assert len(split) == len(rows)
    if kind in ("lists", "texts"):
        assert split.labels.tolist() == [[1, 1], [0, 0], [0, 1]]


def test_the_configuration_that_a_run_keeps(tmp_path):
    dataset = {"name": "csv", "path": "r.csv", "multi_label": "|"}
    config = saved_config({"dataset": dataset}, tmp_path)
    assert config.dataset.options() == {"path": "r.csv", "target": "classes", "separator": "|"}
    assert saved_config({"dataset": {**dataset, "multi_label": False}}, tmp_path).dataset.options() == {
        "path": "r.csv"
    }


@pytest.mark.parametrize("given", [True, "|", ","])
def test_the_advice_can_be_followed(given):
    rows = SEVERAL if given is True else [("a", f"x{given}y"), ("b", ""), ("c", "y")]
    with pytest.raises(DatasetError, match="there is no option 'multi_label' any more; say") as caught:
        tp.load_dataset("memory", rows=rows, splits=None, multi_label=given)
    now = {caught.value.option: caught.value.value, **caught.value.also}
    split = tp.load_dataset("memory", rows=rows, splits=None, **now)["train"]
    assert split.labels.tolist() == [[1, 1], [0, 0], [0, 1]]
    with pytest.raises(DatasetError, match="any more: leave it out"):
        tp.load_dataset("memory", rows=[("a", "x")], multi_label=False)


def test_the_reading_that_a_run_keeps(tmp_path):
    reading = {"name": "jsonl", "text": "review", "label": "genres", "multi_label": "|"}
    (tmp_path / "data.json").write_text(json.dumps({"reading": reading, "commonest": []}))
    hashes = safetensors.numpy.save({"hashes": np.zeros(0, np.uint64)})
    (tmp_path / "texts.safetensors").write_bytes(hashes)
    now = {"name": "jsonl", "text": "review", "label": "genres", "target": "classes", "separator": "|"}
    assert TrainingData.load(tmp_path).reading == now
