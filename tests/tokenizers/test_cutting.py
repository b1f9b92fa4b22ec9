"""Cutting a column gives what the patterns give for each text."""

from __future__ import annotations

import sys
from collections import Counter

import pyarrow as pa
import pytest
import regex
from hypothesis import given
from hypothesis import strategies as st

from textprep.tokenizers import cutting
from textprep.tokenizers.bpe import HEAD, cut
from textprep.tokenizers.cutting import (
    Runs,
    classify,
    code_points,
    count_pieces,
    cut_headed,
    cut_words,
    strings,
)

SPACES = [chr(i) for i in range(sys.maxunicode + 1) if chr(i).isspace()]
PARTS = [*SPACES, "a", "b_9", "é", "e\u0301", "映画", "🎬", ".", ",,", "'", HEAD, "\x00", "w" * 65, "." * 130]
TEXTS = st.lists(
    st.lists(st.sampled_from(PARTS) | st.characters(exclude_categories=["Cs"])).map("".join), max_size=6
)
WAYS = {
    "words": (cut_words, lambda text: regex.findall(r"\w+|[^\w\s]", " ".join(text.split()))),
    "headed": (lambda texts: cut_headed(texts, HEAD, 64), cut),
}


def column(texts: list[str]) -> pa.LargeStringArray:
    return pa.array(texts, pa.large_string())


def rows(runs: Runs) -> list[list[str]]:
    pieces = runs.numbered()
    spelled = strings(pieces.distinct)
    assert len(set(spelled)) == len(spelled)
    return [[spelled[number] for number in row] for row in pieces.numbers.rows()]


@pytest.mark.parametrize("way", WAYS)
@given(texts=TEXTS, start=st.integers(0, 2))
def test_a_column_is_cut_as_each_text_is(way, texts, start):
    at_once, one = WAYS[way]
    assert rows(at_once(column(texts).slice(start))) == [one(text) for text in texts[start:]]


@pytest.mark.parametrize("way", WAYS)
@given(texts=st.dictionaries(st.lists(st.sampled_from(PARTS)).map("".join), st.integers(1, 9)))
def test_pieces_are_counted_as_often_as_they_occur(way, texts):
    at_once, one = WAYS[way]
    expected = Counter()
    for text, times in texts.items():
        for piece in one(text):
            expected[piece] += times
    assert count_pieces(texts.items(), at_once) == expected


def test_many_texts_are_counted_in_batches(monkeypatch):
    monkeypatch.setattr(cutting, "_BATCH", 2)
    texts = {f"a b{i}": 2 for i in range(5)}
    assert count_pieces(texts.items(), cut_words) == Counter({"a": 10} | {f"b{i}": 2 for i in range(5)})


def test_every_code_point_is_of_the_class_that_the_patterns_give_it():
    everything = [chr(i) for i in range(sys.maxunicode + 1) if not 0xD800 <= i < 0xE000]
    codes, _ = code_points(column(["".join(everything)]))
    word = regex.compile(r"\w")
    expected = [
        cutting.SPACE if c.isspace() else cutting.WORD if word.match(c) else cutting.OTHER for c in everything
    ]
    assert classify(codes).tolist() == expected


def test_white_space_of_the_patterns_is_that_of_str_split():
    everything = "".join(chr(i) for i in range(sys.maxunicode + 1))
    spaces = set(regex.findall(r"\s", everything)) | set("\x1c\x1d\x1e\x1f")
    assert spaces == {character for character in everything if character.isspace()}
