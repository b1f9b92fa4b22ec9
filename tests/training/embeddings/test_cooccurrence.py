"""Vectors from co-occurrence: the published formula, computed plainly here, and nothing of padding."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from textprep.training.embeddings.cooccurrence import cooccurrence_vectors

TEXTS = st.lists(st.lists(st.integers(0, 7), max_size=12), min_size=1, max_size=6)


def flat(texts: list[list[int]]) -> tuple[np.ndarray, np.ndarray]:
    lengths = [len(text) for text in texts]
    return np.array([i for text in texts for i in text], dtype=np.int64), np.cumsum([0, *lengths])


def counted(texts: list[list[int]], tokens: int, window: int) -> np.ndarray:
    counts = np.zeros((tokens, tokens))
    for text in texts:
        for here, one in enumerate(text):
            for there, other in enumerate(text):
                if 0 < abs(here - there) <= window and one > 1 and other > 1:
                    counts[one, other] += 1 / abs(here - there)
    return counts


def information(counts: np.ndarray) -> np.ndarray:
    alone = counts.sum(axis=1)
    found = np.zeros_like(counts)
    context = alone**0.75 / max((alone**0.75).sum(), 1e-9)
    for one, other in zip(*counts.nonzero(), strict=True):
        share = counts[one, other] / counts.sum()
        found[one, other] = max(0, np.log(share / (alone[one] / alone.sum() * context[other])))
    return found


@settings(max_examples=60, deadline=None)
@given(TEXTS, st.integers(1, 4))
def test_all_features_together_are_the_decomposed_information(texts, window):
    vectors = cooccurrence_vectors(*flat(texts), tokens=8, features=8, window=window)
    matrix = information(counted(texts, 8, window))
    company = matrix.any(axis=1)
    assert (vectors[~company] == 0).all()
    if company.any():
        left, values, _ = np.linalg.svd(matrix)
        expected = left * np.sqrt(values)
        expected /= np.sqrt(np.mean(expected[company] ** 2))
        # The signs of singular vectors are chance, and so is a turn among equal values: likenesses are not.
        assert vectors @ vectors.T == pytest.approx(expected @ expected.T, abs=2e-2)


def test_words_in_the_same_places_are_alike():
    generator = np.random.default_rng(0)
    texts = [[2, generator.choice([10, 11]), 3] for _ in range(200)]
    texts += [[4, generator.choice([12, 13]), 5] for _ in range(200)]
    vectors = cooccurrence_vectors(*flat(texts), tokens=14, features=4)
    unit = vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-9)
    assert unit[10] @ unit[11] > 0.9 > 0.5 > abs(unit[10] @ unit[12])


def test_the_global_random_state_is_left_alone_and_equal_calls_agree():
    ids, offsets = flat([[2, 3, 4, 5, 6, 7, 3, 2]] * 3)
    torch.manual_seed(1)
    expected = torch.rand(1)
    torch.manual_seed(1)
    first = cooccurrence_vectors(ids, offsets, tokens=8, features=3, seed=5)
    assert torch.rand(1) == expected
    torch.testing.assert_close(first, cooccurrence_vectors(ids, offsets, tokens=8, features=3, seed=5))


def test_nothing_to_count_gives_zeros():
    assert not cooccurrence_vectors(*flat([[], [2], [0, 1]]), tokens=8, features=3).any()


def test_fewer_tokens_than_features_leave_the_last_features_at_zero():
    vectors = cooccurrence_vectors(*flat([[2, 3, 4, 2]]), tokens=5, features=9)
    assert vectors.shape == (5, 9)
    assert not vectors[:, 5:].any()
