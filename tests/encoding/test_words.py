"""Cutting in place: every cut is at white space, nothing is lost, and rows stay apart."""

from __future__ import annotations

import sys
from itertools import pairwise

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from textprep.encoding.words import ASCII_SPACE, cut, number

SPACES = [chr(i) for i in range(sys.maxunicode + 1) if chr(i).isspace()]
TEXTS = st.lists(
    st.lists(st.sampled_from([*SPACES, "a", "film", "é", "\x00", "\x08", "\x0e", "!"])).map("".join)
)


def column(texts: list[str]) -> pa.LargeStringArray:
    return pa.array(texts, pa.large_string())


@given(texts=TEXTS, start=st.integers(0, 2), partitions=st.integers(1, 20))
def test_the_words_of_each_text_come_back(texts, start, partitions):
    numbered = number(cut(column(texts).slice(start)), partitions)
    distinct, numbers = numbered.distinct.to_pylist(), numbered.numbers.tolist()
    for i, text in enumerate(texts[start:]):
        row = [distinct[n] for n in numbers[numbered.offsets[i] : numbered.offsets[i + 1]]]
        assert " ".join(row).split() == text.split()
    assert len(numbered.offsets) == len(texts[start:]) + 1


@given(texts=TEXTS, others=TEXTS, partitions=st.integers(1, 20))
def test_a_word_is_always_in_the_same_part(texts, others, partitions):
    home: dict[str, int] = {}
    for some in (texts, others):
        numbered = number(cut(column(some)), partitions)
        assert len(numbered.partitions()) == partitions
        assert pa.concat_arrays(numbered.partitions()).equals(numbered.distinct)
        for place, words in enumerate(numbered.partitions()):
            assert all(home.setdefault(word, place) == place for word in words.to_pylist())


@given(texts=TEXTS)
def test_cutting_loses_nothing(texts):
    words, offsets, _ = cut(column(texts))
    assert ["".join(words.to_pylist()[a:b]) for a, b in pairwise(offsets)] == texts


def test_exactly_ascii_white_space_cuts():
    characters = [chr(i) for i in range(sys.maxunicode + 1) if not 0xD800 <= i < 0xE000]
    _, offsets, _ = cut(column([f"a{character}b" for character in characters]))
    cutting = [c for c, words in zip(characters, np.diff(offsets), strict=True) if words == 2]
    assert cutting == [c for c in characters if c.isspace() and c.isascii()] == list(ASCII_SPACE)


@pytest.mark.parametrize("texts", [[], [""], ["", "", "a", ""], [" "], ["a" * 100_000]])
def test_odd_columns(texts):
    words, offsets, _ = cut(column(texts))
    assert "".join(words.to_pylist()) == "".join(texts)
    assert len(offsets) == len(texts) + 1
