"""Fitting from counted words learns what fitting on the cleaned texts learns."""

from __future__ import annotations

import json
from collections import Counter

import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import textprep as tp
from tests.encoding.stacks import STACKS, TEXTS
from textprep.encoding import blocks, counting
from textprep.encoding.columns import as_column
from textprep.encoding.counting import PARTITIONS, CountTable, count_words, fit
from textprep.encoding.plain import clean_text
from textprep.encoding.words import cut, number
from textprep.errors import StepError, TokenizerError
from textprep.steps.base import Step
from textprep.tokenizers import Tokenizer

TOKENIZERS = [
    tp.WordTokenizer(specials=["<url>"]),
    tp.BPETokenizer(vocab_size=40, specials=["<url>"]),
    tp.BPETokenizer(vocab_size=30, max_training_pieces=5),
    tp.CharTokenizer(),
]
small = settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


def learned(tokenizer: Tokenizer) -> str:
    return json.dumps([tokenizer.vocabulary.to_json(), tokenizer.state()])


@pytest.fixture
def small_portions(monkeypatch):
    monkeypatch.setattr(blocks, "BLOCK_BYTES", 20)
    monkeypatch.setattr(counting, "_FIRST_MERGE", 2)
    monkeypatch.setattr(counting, "PARTITIONS", 3)


@pytest.mark.parametrize("tokenizer", TOKENIZERS, ids=lambda tokenizer: tokenizer.name)
@given(steps=STACKS, texts=st.lists(TEXTS, max_size=8), workers=st.sampled_from([1, 2]))
@small
def test_fitting_learns_the_same_in_one_pass(tokenizer, small_portions, steps, texts, workers):
    texts = [*texts, "good film"]
    cleaned = [clean_text(steps, text) for text in texts]
    try:
        expected = learned(tokenizer.model_copy().fit(cleaned))
    except TokenizerError as error:
        with pytest.raises(TokenizerError, match=str(error)):
            fit(steps, tokenizer.model_copy(), [as_column(texts)], workers=workers)
    else:
        assert learned(fit(steps, tokenizer.model_copy(), [as_column(texts)], workers=workers)) == expected


@given(steps=STACKS, texts=st.lists(TEXTS, max_size=8))
@small
def test_words_are_counted_as_often_as_they_occur(small_portions, steps, texts):
    counts: Counter[str] = Counter()
    for unit, times in count_words(steps, as_column(texts)):
        for word in unit.split():
            counts[word] += times
    assert counts == Counter(word for text in texts for word in clean_text(steps, text).split())


@given(st.lists(st.lists(st.sampled_from(["a", "b", "cc", "dä", "ee", "映画"]), max_size=5), max_size=9))
def test_portions_add_up(portions):
    table = CountTable()
    for words in portions:
        table.add(number(cut(pa.array(words, pa.large_string())), PARTITIONS))
    merged = [
        pair for words, times in table.portions() for pair in zip(words.to_pylist(), times, strict=True)
    ]
    assert sorted(merged) == sorted(Counter(w for some in portions for w in some).items())


class Explode(Step):
    name = "explode"
    scope = "word"

    def __call__(self, text: str) -> str:
        return text[: 1 // ("bomb" not in text)] + text[1:]


def test_a_step_that_fails_is_named_with_the_row(small_portions):
    texts = ["fine"] * 9 + ["the bomb"]
    for tokenizer in (tp.WordTokenizer(), tp.CharTokenizer()):
        with pytest.raises(StepError, match="'explode' failed on row 9: ZeroDivisionError"):
            fit([Explode()], tokenizer.model_copy(), [as_column(texts)])


def test_a_tokenizer_with_a_fit_of_its_own_gets_the_texts():
    class Own(tp.WordTokenizer):
        name = "own"

        def fit(self, texts):
            return super().fit([*texts, "extra"])

    fitted = tp.Pipeline([tp.Lowercase()], tokenizer=Own()).fit(["A film"])
    assert fitted.vocabulary.tokens[2:] == ("a", "extra", "film")


def test_no_texts_and_no_words():
    for texts, message in (([], "no texts at all"), (["", " "], "hold no token")):
        with pytest.raises(TokenizerError, match=message):
            tp.Pipeline(tokenizer=tp.WordTokenizer()).fit(texts)
