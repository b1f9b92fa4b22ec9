"""Perplexity and bits per character: by their definitions, with intervals that hold the truth."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from textprep.training.scoring.perplexity import loss_difference, perplexity_scores, with_characters


@given(st.lists(st.lists(st.floats(0.001, 1.0), max_size=6), min_size=1, max_size=8).filter(any))
def test_scores_are_those_of_the_definition(texts):
    flat = [each for text in texts for each in text]
    offsets = np.cumsum([0, *map(len, texts)])
    scores = perplexity_scores(np.log(flat), offsets)
    assert scores["perplexity"] == pytest.approx(np.prod(flat) ** (-1 / len(flat)), rel=1e-3, abs=1e-5)
    assert scores["bits_per_token"] == pytest.approx(-np.log2(flat).mean(), abs=1e-5)
    assert (scores["rows"], scores["tokens"]) == (len(texts), len(flat))


def test_bits_per_character_do_not_depend_on_what_a_token_is():
    whole = with_characters(perplexity_scores(np.log([0.1]), [0, 1]), 5)
    pieces = with_characters(perplexity_scores(np.log([0.5, 0.2]), [0, 2]), 5)
    assert whole["bits_per_character"] == pytest.approx(pieces["bits_per_character"], abs=1e-5)
    assert whole["intervals"]["bits_per_character"] == [whole["bits_per_character"]] * 2
    assert whole["perplexity"] != pieces["perplexity"]


def test_the_interval_holds_the_truth_about_19_times_of_20():
    generator = np.random.default_rng(0)
    inside = 0
    for _ in range(200):
        sizes = generator.integers(1, 9, 80)
        of_text = np.repeat(generator.normal(-3, 1, 80), sizes)  # texts differ: tokens are not independent
        scores = perplexity_scores(of_text, np.cumsum([0, *sizes]))
        low, high = scores["intervals"]["loss"]
        inside += low <= 3 <= high
    assert 180 <= inside <= 199


def test_of_very_many_texts_neighbours_are_drawn_together():
    generator = np.random.default_rng(0)
    scores = perplexity_scores(generator.normal(-3, 1, 20_000), np.arange(20_001))
    low, high = scores["intervals"]["loss"]
    assert high - low == pytest.approx(2 * 1.96 / np.sqrt(20_000), rel=0.15)


def test_a_difference_is_surer_than_the_losses_that_it_is_of():
    generator = np.random.default_rng(0)
    hard = generator.normal(-3, 1, 500)
    found = loss_difference(hard, hard - 0.1, np.arange(501))
    assert found["value"] == pytest.approx(-0.1)
    assert found["interval"] == pytest.approx([-0.1, -0.1])


def test_no_tokens_have_no_loss():
    assert perplexity_scores([], [0])["perplexity"] == 1
