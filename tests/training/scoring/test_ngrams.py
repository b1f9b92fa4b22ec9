"""Baselines of language models: probabilities, those of the textbook, however they are counted."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from textprep.training.scoring import ngrams as room
from textprep.training.scoring.ngrams import NGrams, Order

TOKENS = 5
texts = st.lists(st.lists(st.integers(0, TOKENS - 1), max_size=12), min_size=1, max_size=5)


def as_rows(texts):
    return [(np.array(text[:-1], np.int64), np.array(text[1:], np.int64)) for text in texts]


class Textbook:
    """Chen and Goodman's equations, one probability at a time."""

    def __init__(self, texts, discounts):
        self.discounts = discounts  # by order
        starts = [[TOKENS, *text] for text in texts]
        three = Counter(tuple(text[i : i + 3]) for text in starts for i in range(len(text) - 2))
        two = Counter(gram[1:] for gram in three)
        self.counts = {3: three, 2: two, 1: Counter(gram[1:] for gram in two)}

    def probability(self, gram):
        if not gram:
            return 1 / TOKENS
        counts, take = self.counts[len(gram)], self.discounts[len(gram)]
        shorter = self.probability(gram[1:])
        same = {each: count for each, count in counts.items() if each[:-1] == gram[:-1]}
        if not same:
            return shorter
        total, met = sum(same.values()), counts[gram]
        left = sum(take[min(count, 3)] for count in same.values())
        return (max(met - take[min(met, 3)], 0) + left * shorter) / total


@settings(max_examples=60, deadline=None)
@given(train=texts, test=texts)
def test_trigram_probabilities_are_those_of_the_textbook(train, test):
    model = NGrams.counted(as_rows(train), TOKENS)
    textbook = Textbook(train, {n: order.discounts for n, order in enumerate(model.orders, 1)})
    for text, row in zip(test, as_rows(test), strict=True):
        expected = [textbook.probability(tuple([TOKENS, *text][i : i + 3])) for i in range(len(text) - 1)]
        np.testing.assert_allclose(np.exp(model.trigram([row])), expected, rtol=1e-9)


@settings(max_examples=60, deadline=None)
@given(train=texts, context=st.lists(st.integers(0, TOKENS - 1), min_size=1, max_size=3))
def test_probabilities_of_all_tokens_sum_to_one_after_any_context(train, context):
    model, each = NGrams.counted(as_rows(train), TOKENS), np.arange(TOKENS)
    ids, nothing = np.array(context), np.full(len(context) - 1, -100)
    for score in (model.unigram, model.trigram):
        found = np.concatenate([score([(ids, np.append(nothing, token))]) for token in each])
        assert np.exp(found).sum() == pytest.approx(1)
        assert (found > -np.inf).all()


@settings(max_examples=30, deadline=None)
@given(train=texts, size=st.integers(1, 20))
def test_counts_do_not_depend_on_how_many_are_counted_at_once(train, size):
    whole = NGrams.counted(as_rows(train), TOKENS)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(room, "PLACES_AT_ONCE", size)
        pieces = NGrams.counted(as_rows(train), TOKENS)
    for one, other in zip((whole.single, *whole.orders), (pieces.single, *pieces.orders), strict=True):
        np.testing.assert_array_equal(one.grams, other.grams)
        np.testing.assert_array_equal(one.counts, other.counts)
    assert whole.places == pieces.places == sum(max(0, len(text) - 1) for text in train)


def test_unigrams_are_shares_of_the_tokens():
    model = NGrams.counted([(np.zeros(1000, np.int64), np.repeat([0, 1, 2, 3], 250))], tokens=4)
    np.testing.assert_allclose(
        np.exp(model.unigram([(np.zeros(2, np.int64), np.array([0, 3]))])), 0.25, rtol=1e-6
    )


def test_places_without_a_next_token_are_left_out():
    rows = [(np.array([1, 2, 3]), np.array([2, -100, 4]))]
    model = NGrams.counted(rows, TOKENS)
    assert model.places == len(model.trigram(rows)) == len(model.unigram(rows)) == 2


def test_discounts_are_estimated_from_how_many_were_met_so_often():
    counts = np.repeat([1, 2, 3, 4], [60, 30, 15, 8])
    order = Order(np.arange(len(counts)), counts, base=1000)
    some = 60 / 120
    assert order.discounts == pytest.approx(
        [0, 1 - 2 * some * 30 / 60, 2 - 3 * some * 15 / 30, 3 - 4 * some * 8 / 15]
    )


def test_of_very_many_tokens_some_are_counted(monkeypatch):
    monkeypatch.setattr(room, "PLACES_AT_ONCE", 10)
    monkeypatch.setattr(room, "MOST_PLACES", 25)
    rows = [(np.zeros(5, np.int64), np.ones(5, np.int64))] * 100
    assert NGrams.counted(rows, TOKENS).places == 30
