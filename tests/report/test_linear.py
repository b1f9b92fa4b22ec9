"""What the linear model adds to a choice: nothing is lost and nothing is counted twice."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.report.runs import objective
from textprep.report.answers import MOST_QUESTIONS, Question
from textprep.report.findings import Linear, Reading
from textprep.report.linear import STRONGEST, Choice, choice_text, choices

NAMES = ("bad", "fair", "good", "great")
AGAINST = Question(1, 0, "good", "bad")
WORDS = st.lists(st.sampled_from(["a", "film", "not", "good", "映画"]), max_size=12)


def reading_of(words: list[str], *, several: bool = False, linear: bool = True, seed: int = 0) -> Reading:
    """A batch of one text and two tokens of padding."""
    generator = np.random.default_rng(seed)
    size = len(words) + 2
    real = np.arange(size) < len(words)
    tokens = generator.normal(size=(1, size, 4)) * real[:, None]
    pairs = generator.normal(size=(1, size - 1, 4)) * real[1:, None]
    deep = generator.normal(size=(1, 4))
    powers = np.exp(deep + tokens.sum(axis=1) + pairs.sum(axis=1))
    shares = powers / (1 + powers) if several else powers / powers.sum(axis=1, keepdims=True)
    parts = Linear(tokens, pairs, deep) if linear else None
    answers = objective(NAMES, several=several).answers(shares.astype(np.float32))
    return Reading((), {}, real[None], answers, None, parts)


def logits_of(reading: Reading) -> np.ndarray:
    assert reading.linear is not None
    return (reading.linear.deep + reading.linear.tokens.sum(axis=1) + reading.linear.pairs.sum(axis=1))[0]


@given(WORDS, st.integers(0, 50))
def test_the_likeliest_class_is_weighed_against_the_next(words: list[str], seed: int) -> None:
    reading = reading_of(words, seed=seed)
    (choice,) = choices(reading, 0, words)
    logits = logits_of(reading)
    first, second, *_ = np.argsort(-logits)
    assert (choice.question.name, choice.question.against) == (NAMES[first], NAMES[second])
    assert choice.deep + choice.linear == pytest.approx(logits[first] - logits[second])


@given(WORDS, st.integers(0, 50))
def test_of_several_classes_each_that_was_given_is_weighed_by_itself(words: list[str], seed: int) -> None:
    reading = reading_of(words, several=True, seed=seed)
    made, logits = choices(reading, 0, words), logits_of(reading)
    order = np.argsort(-logits)
    given_ = [NAMES[index] for index in order if logits[index] > 0][:MOST_QUESTIONS] or [NAMES[order[0]]]
    assert [choice.question.name for choice in made] == given_
    for choice in made:
        assert choice.question.against is None
        assert choice.deep + choice.linear == pytest.approx(logits[choice.question.output])


@given(WORDS, st.integers(0, 50))
def test_words_and_the_strongest_and_the_others_all_add_up(words: list[str], seed: int) -> None:
    (choice,) = choices(reading_of(words, seed=seed), 0, words)
    assert [word for word, _ in choice.by_word()] == words
    assert sum(adds for _, adds in choice.by_word()) == pytest.approx(choice.linear)
    strongest, others, rest = choice.strongest()
    assert sum(adds for _, adds in strongest) + rest == pytest.approx(choice.linear)
    assert len({name for name, _ in strongest}) == len(strongest) <= STRONGEST
    assert others == 0 or len(strongest) == STRONGEST
    record = choice.to_json()
    assert sum(record["tokens"]) + sum(record["pairs"]) == pytest.approx(record["linear"])
    assert str(choice.question) in choice_text(choice)


def test_a_word_has_half_of_each_pair_that_it_is_in() -> None:
    choice = Choice(AGAINST, 0.5, np.array([1.0, 2.0, 4.0]), np.array([0.5, -8.0]), ["a", "not", "good"])
    assert choice.by_word() == [("a", 1.25), ("not", -1.75), ("good", 0.0)]
    assert choice.strongest() == (
        [("not good", -8.0), ("good", 4.0), ("not", 2.0), ("a", 1.0), ("a not", 0.5)], 0, 0,
    )  # fmt: skip


def test_a_model_without_one_has_nothing_to_show() -> None:
    assert choices(reading_of(["a"], linear=False), 0, ["a"]) == []


def test_it_is_said_in_a_terminal() -> None:
    choice = Choice(AGAINST, 0.5, np.array([1.0, -0.001]), np.array([0.25]), ["good", "film"])
    assert choice_text(choice).splitlines() == [
        "good against bad  logit",
        "----------------  -----",
        "deep model        +0.50",
        "linear model      +1.25",
        "sum               +1.75",
        "",
        "linear model   adds",
        "------------  -----",
        "good          +1.00",
        "good film     +0.25",
        "film          +0.00",
    ]
