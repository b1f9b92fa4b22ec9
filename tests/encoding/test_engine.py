"""The engine gives exactly what the plain path gives, for every stack of steps and every tokenizer."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from textprep.encoding import engine
from textprep.encoding.columns import as_column
from textprep.encoding.plain import encode_texts
from textprep.registry import STEPS
from textprep.steps.base import Step
from textprep.tokenizers import BPETokenizer, CharTokenizer, WordTokenizer

SPACES = [chr(i) for i in range(0x110000) if chr(i).isspace()]
DEBRIS = [
    "<br /><br />",
    "<b",
    "&amp;",
    "-->",
    "...",
    "l'été",
    "Straße",
    "İ",
    "ﬁ",
    "a\u0301",
    "▁",
    "<url>",
    "<pad>",
    "\x00",
]
TEXTS = st.lists(st.sampled_from([*SPACES, *DEBRIS, "good", "Film"]) | st.text(max_size=5), max_size=12).map(
    "".join
)


class Swap(Step):
    """A word becomes two words, or none."""

    name = "swap"
    scope = "word"

    def __call__(self, text: str) -> str:
        return " ".join(f"{word[::-1]}\u2003{word}!" for word in text.split() if word != "good")


class Turn(Step):
    """Looks across white space, and removes some."""

    name = "turn"

    def __call__(self, text: str) -> str:
        return text[::-1].replace(" ", "").replace("<br />", "\n")


class Upper(Step):
    name = "upper"
    scope = "word"

    def __call__(self, text: str) -> str:
        return text.upper()


REQUIRED = {"replace_pattern": {"pattern": r"\d+|(?<=o)\s", "replacement": "<url>"}}
STEPS_OF_ALL_KINDS = [
    Swap(),
    Turn(),
    Upper(),
    *(STEPS.get(name)(**REQUIRED.get(name, {})) for name in STEPS.names()),
]
TRAINING = ["good film <url>, a good film", "Straße l'été ... br <b>", "GOOD FILM mlif doog 12", *SPACES]
TOKENIZERS = [
    WordTokenizer(specials=["<url>"]),
    WordTokenizer(pattern=r"\S+\s\S+|\S"),
    CharTokenizer(max_size=12),
    BPETokenizer(vocab_size=60, specials=["<url>"]),
]
for _tokenizer in TOKENIZERS:
    _tokenizer.fit(TRAINING)


@pytest.mark.parametrize("tokenizer", TOKENIZERS, ids=["word", "pattern", "char", "bpe"])
@given(steps=st.lists(st.sampled_from(STEPS_OF_ALL_KINDS), max_size=5), texts=st.lists(TEXTS, max_size=8))
@settings(max_examples=60, deadline=None)
def test_the_engine_gives_the_ids_of_the_plain_path(tokenizer, steps, texts):
    expected = encode_texts(steps, tokenizer, texts)
    got = engine.encode_column(steps, tokenizer, as_column(texts))
    assert got.rows() == expected.rows()
    assert got.values.dtype == got.offsets.dtype == np.int64


@pytest.mark.parametrize("tokenizer", TOKENIZERS[2:], ids=["char", "bpe"])
def test_blocks_make_no_difference(tokenizer, monkeypatch):
    texts = [*TRAINING, "", "good", "new words"] * 3
    whole = engine.encode_column([Upper()], tokenizer, as_column(texts))
    monkeypatch.setattr(engine, "BLOCK_ROWS", 2)
    assert engine.encode_column([Upper()], tokenizer, as_column(texts)).rows() == whole.rows()


def test_a_word_step_runs_once_for_each_distinct_word():
    seen = []

    class Watch(Step):
        name = "watch"
        scope = "word"

        def __call__(self, text: str) -> str:
            seen.append(text)
            return text

    texts = ["good film", "a good good film"] * 50
    engine.encode_column([Turn(), Turn(), Watch()], TOKENIZERS[0], as_column(texts))
    assert len(seen) == len(set(seen)) < 5


def test_words_from_the_last_document_step_on_are_those_of_the_cleaned_texts():
    column = as_column(["Good film", "a\u2003Film "])
    assert list(engine.clean_column([Upper(), Turn(), Upper()], column)) == ["MLIFDOOG", "MLIF\u2003A"]
