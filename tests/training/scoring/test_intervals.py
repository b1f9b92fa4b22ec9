"""Bootstrap intervals: those of rows drawn one by one, without drawing rows one by one."""

from __future__ import annotations

import numpy as np
import pytest

from textprep.training.scoring.intervals import (
    DRAWS,
    _drawn_classes,
    bootstrap_intervals,
    multilabel_intervals,
)
from textprep.training.scoring.metrics import classification_metrics, multilabel_metrics


def test_they_are_the_quantiles_of_scores_of_resampled_rows():
    generator = np.random.default_rng(0)
    labels = generator.integers(0, 3, 200)
    said = np.where(generator.random(200) < 0.7, labels, generator.integers(0, 3, 200))
    names = ["a", "b", "c"]
    samples = []
    for _ in range(600):
        rows = generator.integers(0, 200, 200)
        right = (labels[rows] == said[rows]).mean()
        f1 = [
            2 * ((labels[rows] == c) & (said[rows] == c)).sum()
            / ((labels[rows] == c).sum() + (said[rows] == c).sum())
            for c in range(3)
        ]  # fmt: skip
        samples.append([right, np.mean(f1), f1[1]])
    expected = np.quantile(samples, [0.025, 0.975], axis=0).T
    intervals = classification_metrics(labels, said, names)["intervals"]
    assert intervals["level"] == 0.95
    assert intervals["accuracy"] == pytest.approx(expected[0].tolist(), abs=0.02)
    assert intervals["macro"]["f1"] == pytest.approx(expected[1].tolist(), abs=0.02)
    assert intervals["per_class"]["b"]["f1"] == pytest.approx(expected[2].tolist(), abs=0.03)


def test_more_rows_make_them_narrower_and_the_same_seed_the_same():
    few, many = ([[9 * n, n], [n, 9 * n]] for n in (1, 100))
    widths = [np.ptp(bootstrap_intervals(matrix, ["a", "b"])["accuracy"]) for matrix in (few, many)]
    assert widths[1] < widths[0] / 5
    assert bootstrap_intervals(few, ["a", "b"]) == bootstrap_intervals(few, ["a", "b"])


@pytest.mark.parametrize("classes", [1, 2, 5])
def test_cells_without_rows_need_not_be_drawn(classes):
    counts = np.random.default_rng(classes).integers(0, 4, (classes, classes))
    counts[-1, -1] = 3  # the last cell takes what is left, of all cells as of those that have rows
    generator = np.random.Generator(np.random.PCG64(7))
    drawn = generator.multinomial(counts.sum(), counts.ravel() / counts.sum(), DRAWS)
    drawn = drawn.reshape(DRAWS, classes, classes)
    right, true, predicted = _drawn_classes(counts, seed=7)
    assert np.array_equal(right, np.diagonal(drawn, axis1=1, axis2=2))
    assert np.array_equal(true, drawn.sum(axis=2))
    assert np.array_equal(predicted, drawn.sum(axis=1))


def test_thousands_of_classes_fit_into_memory():
    matrix = np.diag(np.full(3_000, 2))  # a thousand samples of all its cells would take 72 GB
    intervals = bootstrap_intervals(matrix, [str(number) for number in range(3_000)])
    assert intervals["accuracy"] == pytest.approx([0.999385, 1.0], abs=1e-6)
    assert len(intervals["per_class"]) == 3_000


def test_those_of_several_labels_are_the_quantiles_of_scores_of_resampled_rows():
    generator = np.random.default_rng(0)
    true = generator.random((200, 3)) < 0.4
    said = np.where(generator.random((200, 3)) < 0.8, true, ~true)
    samples = []
    for _ in range(600):
        rows = generator.integers(0, 200, 200)
        hits, sizes = (true & said)[rows].sum(axis=0), (true.astype(int) + said)[rows].sum(axis=0)
        f1 = 2 * hits / sizes
        samples.append(
            [(true == said)[rows].all(axis=1).mean(), f1.mean(), 2 * hits.sum() / sizes.sum(), f1[1]]
        )
    expected = np.quantile(samples, [0.025, 0.975], axis=0).T
    intervals = multilabel_metrics(true, said, ["a", "b", "c"])["intervals"]
    found = (
        intervals["accuracy"],
        intervals["macro"]["f1"],
        intervals["micro"]["f1"],
        intervals["per_class"]["b"]["f1"],
    )
    np.testing.assert_allclose(found, expected, atol=0.03)


@pytest.mark.parametrize("rows", [1, 40, 5_000])
def test_where_all_are_right_or_wrong_the_interval_is_the_exact_one(rows):
    low, high = bootstrap_intervals([[rows, 0], [0, 0]], ["a", "b"])["accuracy"]
    assert high == 1
    assert low**rows == pytest.approx(0.025, rel=0.01), "so likely are all right where low is the truth"
    assert bootstrap_intervals([[0, rows], [0, 0]], ["a", "b"])["accuracy"] == pytest.approx([0, 1 - low])
    several = multilabel_intervals(np.ones((rows, 2), bool), np.ones((rows, 2), bool), ["a", "b"])
    assert several["accuracy"] == [low, high]
