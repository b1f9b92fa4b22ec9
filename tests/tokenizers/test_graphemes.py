"""Merges that cut no grapheme."""

from __future__ import annotations

import pytest
import regex
from hypothesis import given
from hypothesis import strategies as st

import textprep as tp
from textprep import BPETokenizer
from textprep.tokenizers.graphemes import graphemes_of

PARTS = [
    *"aक\u093f\u094dत\u093eบ\u0e31น\u0301❤\ufe0f👩\u200d🔥👍🏽🇫🇷.▁ ",
    "\U00020000",
    "\U0002a6df",
    "\U000f0000",
    "한",
    "\u1112\u1161\u11ab",
]
TEXTS = st.lists(st.sampled_from(PARTS), max_size=14).map("".join)
LEARNED = ["किताब की किताबें", "บันทึกนี้ที่นั่น", "👍🏽👍🏿 ❤️ 👩‍👩‍👧 🇫🇷🇩🇪", "e\u0301te\u0301 film", "\U00020000"] * 5


@pytest.fixture(scope="module")
def bpe() -> BPETokenizer:
    return BPETokenizer(vocab_size=90, whole_graphemes=True).fit(LEARNED)


def ends_of(parts: list[str]) -> set[int]:
    ends = [0]
    for part in parts:
        ends.append(ends[-1] + len(part))
    return set(ends)


@given(TEXTS)
def test_no_token_begins_or_ends_inside_of_a_grapheme(bpe, text):
    for word in text.split():
        tokens = bpe.tokenize(word)
        assert "".join(tokens) == f"▁{word}"
        assert ends_of(tokens) <= ends_of(["▁", *graphemes_of(word)])


@given(st.lists(TEXTS, max_size=4))
def test_a_column_and_a_restored_tokenizer_give_the_same(bpe, texts):
    restored = BPETokenizer(**bpe.options()).restore(bpe.vocabulary, bpe.state())
    pipeline = tp.Pipeline(tokenizer=bpe)
    assert pipeline.encode_batch(texts).rows() == [restored.encode(text) for text in texts]


@given(st.permutations(LEARNED))
def test_the_order_of_the_texts_teaches_nothing(bpe, texts):
    again = BPETokenizer(**bpe.options()).fit(texts)
    assert (again.vocabulary.tokens, again.state()) == (bpe.vocabulary.tokens, bpe.state())


def test_graphemes_are_those_of_unicode_and_unknown_as_a_whole(bpe):
    assert set("".join(bpe.vocabulary.tokens)) >= set("कि👍🏽\U00020000")
    assert bpe.tokenize("खिल") == ["▁", "खि", "ल"]
    assert bpe.encode("खिल")[1:] == [1, 1]
    assert bpe.decode(bpe.encode("किताब 👍🏽 ❤️ \U00020000")) == "किताब 👍🏽 ❤️ \U00020000"
    plain = BPETokenizer(vocab_size=90).fit(LEARNED)
    assert any(regex.match(r"\p{M}", token) for token in plain.vocabulary.tokens)
    assert not any(regex.match(r"\p{M}", token) for token in bpe.vocabulary.tokens)
