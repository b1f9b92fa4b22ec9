"""Naive-Bayes log-count ratios, as their formula says."""

from __future__ import annotations

import math

import numpy as np
import pytest

import textprep as tp
from textprep.prepared.dataset import PreparedDataset
from textprep.training.embeddings.log_count_ratios import log_count_ratios


def hot(data: PreparedDataset) -> np.ndarray:
    """(R, C) of 0 and 1: the class of each training row."""
    return np.eye(len(data.class_names), dtype=np.int64)[data["train"].labels]


def test_ratios_are_those_of_the_paper(data):
    vocabulary = data.pipeline.vocabulary
    ratios = log_count_ratios(data["train"], hot(data), len(vocabulary))
    assert ratios.shape == (len(vocabulary), 2)
    yes = {"good": 2, "film": 1, "plot": 1, "bad": 0, "odd": 0, "Film": 0, "<pad>": 0, "<unk>": 0}
    no = {"good": 0, "film": 1, "plot": 0, "bad": 1, "odd": 1, "Film": 1, "<pad>": 0, "<unk>": 0}
    assert data.class_names == ("no", "yes")
    for token in ("good", "film", "plot", "bad"):
        for_it = (yes[token] + 1) / sum(count + 1 for count in yes.values())
        against_it = (no[token] + 1) / sum(count + 1 for count in no.values())
        assert ratios[vocabulary[token], 1] == pytest.approx(math.log(for_it / against_it))
    np.testing.assert_allclose(ratios[:, 0], -ratios[:, 1])  # of two, one speaks against the other
    assert not ratios[:2].any()  # no text has them


def test_several_classes_have_a_ratio_each(tmp_path):
    rows = [(f"w{i % 3} film", "abc"[i % 3]) for i in range(9)]
    corpus = tp.load_dataset("memory", rows=rows, splits=None)
    data = tp.prepare(corpus, tp.Pipeline(steps=[], tokenizer=tp.WordTokenizer()), cache_dir=tmp_path)
    ratios = log_count_ratios(data["train"], hot(data), len(data.pipeline.vocabulary))
    words = [data.pipeline.vocabulary[f"w{i}"] for i in range(3)]
    assert (ratios[words].argmax(axis=1) == [0, 1, 2]).all()
    np.testing.assert_allclose(
        ratios[data.pipeline.vocabulary["film"]], ratios[data.pipeline.vocabulary["film"]][0]
    )


def test_what_few_texts_say_is_shrunk(data):
    vocabulary = data.pipeline.vocabulary
    sure, shrunk = (
        log_count_ratios(data["train"], hot(data), len(vocabulary), shrinkage=shrinkage)[:, 1]
        for shrinkage in (0, 6)
    )
    assert shrunk[vocabulary["good"]] == pytest.approx(sure[vocabulary["good"]] * 2 / 8)  # of two texts
    assert shrunk[vocabulary["plot"]] == pytest.approx(sure[vocabulary["plot"]] * 1 / 7)
    assert np.isfinite(shrunk).all()


def test_where_texts_have_several_labels_the_others_are_those_without_the_label(tmp_path):
    rows = [("good film", ["a", "b"]), ("good plot", ["a", "b"]), ("bad film", ["b"]), ("odd film", [])]
    corpus = tp.load_dataset("memory", rows=rows, splits=None, target="classes")
    data = tp.prepare(corpus, tp.Pipeline(steps=[], tokenizer=tp.WordTokenizer()), cache_dir=tmp_path)
    assert data.class_names == ("a", "b")
    good, film, odd = (data.pipeline.vocabulary[token] for token in ("good", "film", "odd"))
    marks = data["train"].labels.astype(np.int64)
    ratios = log_count_ratios(data["train"], marks, len(data.pipeline.vocabulary))
    with_a, without_a = 4 + 7, 4 + 7  # ids of each, and one more for every token of the vocabulary
    assert ratios[good, 0] == pytest.approx(math.log(3 / with_a) - math.log(1 / without_a))
    assert ratios[film, 0] == pytest.approx(math.log(2 / with_a) - math.log(3 / without_a))
    assert ratios[odd, 1] < 0 < ratios[good, 1]  # no text of "b" has it, one without labels does
