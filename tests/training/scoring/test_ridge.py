"""Ridge regression on TF-IDF: what sklearn's gives."""

from __future__ import annotations

import numpy as np
import pytest

import textprep as tp
from tests.training.made import made_numbers
from textprep.training.scoring.numbers import point_scores
from textprep.training.scoring.ridge import (
    STRENGTHS,
    Matrix,
    inverse_frequencies,
    ridge,
    ridge_predictions,
    tf_idf,
)


@pytest.fixture(scope="module")
def texts():
    return {split: [row["text"] for row in rows] for split, rows in made_numbers(rows=400, words=60).items()}


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    corpus = tp.load_dataset("memory", rows=made_numbers(rows=400, words=60), target="number")
    pipeline = tp.Pipeline(steps=[], tokenizer=tp.WordTokenizer())
    return tp.prepare(corpus, pipeline, cache_dir=tmp_path_factory.mktemp("cache"))


def vectors(data, split: str) -> Matrix:
    train = data["train"]
    inverse = inverse_frequencies(train, np.arange(len(train)), len(data.pipeline.vocabulary))
    return tf_idf(data[split], np.arange(len(data[split])), inverse)


def dense(matrix: Matrix) -> np.ndarray:
    full = np.zeros(matrix.shape)
    full[matrix.texts, matrix.tokens] = matrix.values
    return full


@pytest.mark.parametrize("split", ["train", "test"])
def test_the_vectors_are_those_of_sklearn(data, texts, split):
    feature = pytest.importorskip("sklearn.feature_extraction.text")
    theirs = feature.TfidfVectorizer(sublinear_tf=True, token_pattern=r"\S+").fit(texts["train"])
    order = [data.pipeline.vocabulary[word] for word in theirs.get_feature_names_out()]
    np.testing.assert_allclose(
        dense(vectors(data, split))[:, order], theirs.transform(texts[split]).toarray(), atol=1e-12
    )


@pytest.mark.parametrize("strength", [STRENGTHS[0], 1.0, STRENGTHS[-1]])
def test_the_predictions_are_those_of_sklearn(data, strength):
    linear = pytest.importorskip("sklearn.linear_model")
    train, test = vectors(data, "train"), vectors(data, "test")
    weights, constants = ridge(train, data["train"].labels, (strength,))
    theirs = linear.Ridge(alpha=strength).fit(dense(train), data["train"].labels)
    np.testing.assert_allclose(test.times(weights[0]) + constants[0], theirs.predict(dense(test)), atol=1e-6)


def test_products_with_a_matrix_are_those_of_the_dense_one(data):
    matrix, generator = vectors(data, "test"), np.random.default_rng(0)
    weights, texts = generator.normal(size=matrix.shape[1]), generator.normal(size=matrix.shape[0])
    np.testing.assert_allclose(matrix.times(weights), dense(matrix) @ weights)
    np.testing.assert_allclose(matrix.back(texts), texts @ dense(matrix))


def test_it_predicts_held_out_numbers_the_same_way_each_time(data):
    said = ridge_predictions(data, "test")
    assert said.shape == (len(data["test"]),)
    assert point_scores(data["test"].labels, said)["r2"] > 0.5
    np.testing.assert_array_equal(said, ridge_predictions(data, "test"))


def test_the_strength_is_the_best_on_validation(data):
    train, chooser = vectors(data, "train"), vectors(data, "validation")
    weights, constants = ridge(train, data["train"].labels, STRENGTHS)
    errors = [
        ((chooser.times(w) + c - data["validation"].labels) ** 2).mean()
        for w, c in zip(weights, constants, strict=True)
    ]
    best = int(np.argmin(errors))
    expected = vectors(data, "test").times(weights[best]) + constants[best]
    np.testing.assert_allclose(ridge_predictions(data, "test"), expected)


def test_several_numbers_are_learned_each_by_itself(tmp_path, data):
    rows = {
        split: [{**row, "less": -10 * row["label"]} for row in rows]
        for split, rows in made_numbers(rows=400, words=60).items()
    }
    corpus = tp.load_dataset("memory", rows=rows, label=["label", "less"], target="number")
    pipeline = tp.Pipeline(steps=[], tokenizer=tp.WordTokenizer())
    both = ridge_predictions(tp.prepare(corpus, pipeline, cache_dir=tmp_path), "test")
    alone = ridge_predictions(data, "test")
    np.testing.assert_allclose(both, np.stack([alone, -10 * alone], axis=1), rtol=1e-6)


def test_texts_without_known_words_get_the_mean(tmp_path):
    rows = {"train": [("a", 1.0), ("b", 3.0)], "test": [("", 0.0), ("never seen", 0.0)]}
    corpus = tp.load_dataset("memory", rows=rows, target="number")
    data = tp.prepare(corpus, tp.Pipeline(steps=[], tokenizer=tp.WordTokenizer()), cache_dir=tmp_path)
    said = ridge_predictions(data, "test")
    assert np.isfinite(said).all()
    assert said[0] == pytest.approx(said[1])


@pytest.mark.parametrize("numbers", [[2.0, 2.0, 2.0], [1.0, 2.0, 4.0]])
def test_a_matrix_of_nothing_gives_the_mean(numbers):
    nothing = Matrix(np.zeros(0, int), np.zeros(0, int), np.zeros(0), (3, 5))
    weights, constants = ridge(nothing, np.array(numbers), (1.0,))
    assert not weights.any()
    assert constants[0] == pytest.approx(np.mean(numbers))


@pytest.mark.parametrize("size", [1e-30, 1e-6, 1.0, 1e12, 1e30])
def test_the_size_of_the_numbers_changes_nothing_else(data, size):
    train, strengths = vectors(data, "train"), (0.1, 10.0)
    weights, constants = ridge(train, data["train"].labels, strengths)
    sized, moved = ridge(train, data["train"].labels * size, strengths)
    np.testing.assert_allclose(sized / size, weights, rtol=1e-6, atol=1e-9)
    np.testing.assert_allclose(moved / size, constants, rtol=1e-6)
