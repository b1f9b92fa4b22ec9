"""Tokens are found in the cleaned text: as the tokenizer says, or else as they read."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

import textprep as tp
from tests.encoding.stacks import KINDS, TEXTS, tokenizers
from textprep.explanation.token_spans import find_tokens
from textprep.letters import without_invisible
from textprep.tokenizers import Tokenizer
from textprep.tokenizers.base import replace_surrogates
from textprep.tokenizers.bpe import HEAD


@pytest.fixture(scope="module")
def fitted(tmp_path_factory) -> dict[str, Tokenizer]:
    return tokenizers(tmp_path_factory.mktemp("tokenizers"))


@pytest.mark.parametrize("kind", KINDS)
@given(TEXTS)
def test_every_token_has_a_span_and_they_rise(kind, fitted, text):
    spans = fitted[kind].token_spans(text)
    assert len(spans) == len(fitted[kind].tokenize(text))
    found, exact = find_tokens(fitted[kind], text, fitted[kind].tokenize(text))
    assert exact
    assert [start for start, _ in found] == sorted(start for start, _ in found)
    assert [stop for _, stop in found] == sorted(stop for _, stop in found)
    assert all(0 <= start <= stop <= len(text) for start, stop in found)


@pytest.mark.parametrize("kind", ["word", "word_without_specials", "unicode", "pattern", "char"])
@given(TEXTS)
def test_a_token_is_what_the_text_has_there_but_for_what_nobody_sees(kind, fitted, text):
    seen = str if kind in ("pattern", "char") else without_invisible
    spans = fitted[kind].token_spans(text)
    there = [replace_surrogates(text[start:stop]) for start, stop in spans]
    assert list(map(seen, there)) == list(map(seen, fitted[kind].tokenize(text)))


@pytest.mark.parametrize("kind", ["bpe", "bpe_of_graphemes", "bpe_without_specials"])
@given(TEXTS)
def test_a_piece_is_what_the_text_has_there_but_for_the_mark_of_a_word(kind, fitted, text):
    for token, (start, stop) in zip(fitted[kind].tokenize(text), fitted[kind].token_spans(text), strict=True):
        there = replace_surrogates(text[start:stop])
        assert there in (token, token.removeprefix(HEAD)) or (token == HEAD and not there.strip())


def test_a_hugging_face_tokenizer_gives_its_offsets(fitted):
    text = "a good film"
    spans = fitted["wordpiece"].token_spans(text)
    pieces = [token.removeprefix("##") for token in fitted["wordpiece"].tokenize(text)]
    assert [text[start:stop] for start, stop in spans] == pieces


class Marked(tp.Tokenizer):
    """Words in capitals, each with a mark behind it."""

    name = "marked"

    def split(self, text: str) -> list[str]:
        return [f"{word.upper()}@" for word in text.split()]


class Spaces(tp.Tokenizer):
    name = "spaces"

    def split(self, text: str) -> list[str]:
        return text.split()


def test_tokens_that_read_like_the_text_are_found_without_a_guess():
    assert find_tokens(Spaces(), "so  so film ", ["so", "so", "film"]) == ([(0, 2), (4, 6), (7, 11)], True)


def test_tokens_that_do_not_are_a_guess():
    spans, exact = find_tokens(Marked(), "so so film", Marked().tokenize("so so film"))
    assert not exact
    assert ["so so film"[start:stop].strip() for start, stop in spans] == ["so", "so", "film"]


@given(st.text(max_size=20), st.lists(st.text(max_size=5), max_size=6))
def test_tokens_that_have_nothing_to_do_with_the_text_have_spans_that_rise(text, tokens):
    spans, _ = find_tokens(Spaces(), text, tokens)
    assert len(spans) == len(tokens)
    flat = [start for start, _ in spans]
    assert flat == sorted(flat)
    assert all(0 <= start <= stop <= len(text) for start, stop in spans)


def test_spans_are_not_inherited_past_another_split():
    class Letters(tp.CharTokenizer):
        def split(self, text: str) -> list[str]:
            return [character for character in text if character.isalpha()]

    assert Letters().token_spans("a b") is None
