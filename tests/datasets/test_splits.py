from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from textprep.datasets import as_corpus, hold_out
from textprep.datasets.splits import checked_fractions, divide
from textprep.errors import DatasetError

SPLITS = {"train": 0.8, "validation": 0.1, "test": 0.1}
fractions = st.sampled_from(
    [SPLITS, {"train": 0.5, "test": 0.5}, {"train": 2 / 3, "test": 1 / 3}, {"test": 0.29, "train": 0.71}]
)


@given(st.lists(st.integers(0, 5), min_size=60, max_size=300), fractions, st.integers(-5, 5))
def test_distinct_texts_are_stratified_to_within_a_row_a_class(labels, splits, seed):
    divided = divide([f"text {i}" for i in range(len(labels))], labels, splits, seed)
    assert sorted(row for rows in divided.values() for row in rows) == list(range(len(labels)))
    for label, total in Counter(labels).items():
        for name, fraction in splits.items():
            assert abs(sum(labels[row] == label for row in divided[name]) - total * fraction) < 1 + 1e-6


@given(st.lists(st.integers(0, 40), max_size=150), st.integers(0, 5))
def test_identical_texts_never_straddle_splits_and_no_row_is_lost(repeated, seed):
    numbers = [*repeated, *range(41, 80)]
    texts, labels = [f"text {number}" for number in numbers], [number % 2 for number in numbers]
    divided = divide(texts, labels, {"train": 0.6, "test": 0.4}, seed)
    held = {name: {texts[row] for row in rows} for name, rows in divided.items()}
    assert not held["train"] & held["test"]
    assert sorted(divided["train"] + divided["test"]) == list(range(len(texts)))
    largest = max(Counter(texts).values())
    assert abs(len(divided["test"]) - 0.4 * len(texts)) <= 2 * largest


@given(st.permutations(range(60)))
def test_the_order_of_the_rows_does_not_matter(order):
    texts, labels = [f"text {i}" for i in range(60)], [i % 3 for i in range(60)]
    plain = divide(texts, labels, SPLITS, 0)
    other = divide([texts[i] for i in order], [labels[i] for i in order], SPLITS, 0)
    assert {name: {order[row] for row in rows} for name, rows in other.items()} == {
        name: set(rows) for name, rows in plain.items()
    }


def test_splits_are_the_same_on_every_machine_and_differ_by_seed():
    texts = [f"text {i}" for i in range(20)]
    assert divide(texts, None, SPLITS, 0)["test"] == [1, 8]
    assert divide(texts, None, SPLITS, 1)["test"] != [1, 8]


def test_many_small_classes_still_fill_every_split():
    divided = divide([f"text {i}" for i in range(300)], [i // 3 for i in range(300)], SPLITS, 0)
    assert {name: len(rows) for name, rows in divided.items()} == {"train": 240, "validation": 30, "test": 30}


def test_texts_whose_labels_differ_stay_together():
    divided = divide(
        ["same"] * 2 + [f"text {i}" for i in range(20)], [0, 1] * 11, {"train": 0.5, "test": 0.5}, 3
    )
    assert {0, 1} <= set(divided["train"]) or {0, 1} <= set(divided["test"])


@pytest.mark.parametrize(
    ("splits", "message"),
    [
        ({"train": 0.8, "test": 0.1}, "train, test sum to 0.9, not to 1"),
        ({"train": 1.5, "test": -0.5}, "fraction of 'train' is 1.5"),
        ({"train": 1.0, "test": 0.0}, "fraction of 'test' is 0.0"),
        ({"train": "most", "test": 0.5}, "fraction of 'train' is 'most'"),
        ({"train": float("nan"), "test": 0.5}, "fraction of 'train' is nan"),
        ({"training": 0.5, "test": 0.5}, 'one of them for "train"'),
        ([0.8, 0.2], "maps names to fractions"),
    ],
)
def test_fractions_that_cannot_be_used(splits, message):
    with pytest.raises(DatasetError, match=message):
        checked_fractions(splits)


@pytest.mark.parametrize("seed", [1.5, "0", True, 2**64])
def test_seeds_that_cannot_be_used(seed):
    with pytest.raises(DatasetError, match="seed= is a whole number"):
        divide(["a", "b"], None, {"train": 0.5, "test": 0.5}, seed)


def test_too_few_rows_for_the_splits():
    with pytest.raises(
        DatasetError, match=r"2 rows with 2 distinct texts are too few.*'validation'.*splits=None"
    ):
        divide(["a", "b"], None, SPLITS, 0)


def test_hold_out_takes_from_train_only():
    rows = [(f"text {i}", "ab"[i % 2]) for i in range(40)]
    corpus = as_corpus({"train": rows, "test": [("t", "a")]})
    held = hold_out(corpus, "validation", 0.25, seed=7)
    assert {name: len(split) for name, split in held.items()} == {"train": 30, "validation": 10, "test": 1}
    assert held["validation"].class_counts() == {"a": 5, "b": 5}
    ids = [*held["train"].row_ids.tolist(), *held["validation"].row_ids.tolist()]
    assert sorted(ids) == list(range(40))
    assert held["test"] is corpus["test"]


@pytest.mark.parametrize(
    ("splits", "name", "fraction", "message"),
    [
        (("train", "test"), "test", 0.1, "'test' is there already"),
        (("test",), "validation", 0.1, 'no split "train"'),
        (("train",), "validation", 1.0, "between 0 and 1"),
    ],
)
def test_hold_out_that_cannot_be(splits, name, fraction, message):
    with pytest.raises(DatasetError, match=message):
        hold_out(as_corpus({split: ["a", "b"] for split in splits}), name, fraction)
