"""Four small texts of two classes, prepared."""

from __future__ import annotations

import pytest

import textprep as tp

ROWS = [("good good film", "yes"), ("good plot", "yes"), ("bad film", "no"), ("odd Film", "no")]


@pytest.fixture
def rows() -> list[tuple[str, str]]:
    return ROWS


@pytest.fixture
def data(tmp_path):
    corpus = tp.load_dataset("memory", rows=ROWS, splits=None)
    pipeline = tp.Pipeline(steps=[], tokenizer=tp.WordTokenizer())
    return tp.prepare(corpus, pipeline, cache_dir=tmp_path)
