"""The data of a training: what cannot be learned, or drawn, is said before anything is prepared."""

from __future__ import annotations

import pytest

import textprep as tp
from textprep.config.experiment import config_of
from textprep.errors import ConfigError, DatasetError
from textprep.training.runs.prepared_data import load_corpus

TEXTS = [f"film number {number}" for number in range(30)]
TARGETS = {
    "class": {"label": [number % 2 for number in range(30)]},
    "classes": {"label": [["a", "b"][: number % 3] for number in range(30)], "target": "classes"},
    "number": {"label": [number / 3 for number in range(30)], "target": "number"},
}


def config(kind: str, **sections):
    options = dict(TARGETS[kind])
    labels = options.pop("label")
    rows = [{"text": text, "label": label} for text, label in zip(TEXTS, labels, strict=True)]
    return config_of(dataset="memory", rows=rows, **options, **sections)


@pytest.mark.parametrize("kind", TARGETS)
def test_a_validation_split_is_taken_from_training_rows_of_any_kind(kind):
    corpus = load_corpus(config(kind, splits={"train": 0.8, "test": 0.2}))
    assert set(corpus) == {"train", "validation", "test"}
    assert sum(map(len, corpus.values())) == len(TEXTS)


@pytest.mark.parametrize("kind", TARGETS)
def test_rows_are_drawn_alike_only_where_they_have_one_class_each(kind):
    balanced = config(kind, loader={"weights": "balanced"})
    if kind == "class":
        assert load_corpus(balanced).num_classes == 2
        return
    with pytest.raises(ConfigError, match=f"loader.weights='balanced'.*target is '{kind}'; leave it out"):
        load_corpus(balanced)


def test_without_labels_there_is_nothing_to_learn():
    rows = [{"text": text} for text in TEXTS]
    with pytest.raises(DatasetError, match=r"there are none.*label= says which"):
        load_corpus(config_of(dataset="memory", rows=rows, label=None))
    assert tp.load_dataset("memory", rows=rows, label=None).target is None
