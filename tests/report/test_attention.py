"""Attention as marks: every weight has its place, padding is seen to be padding."""

from __future__ import annotations

import re

import numpy as np
import pytest

from tests.report.runs import PIPELINE
from textprep.report.attention import LEVELS, MOST_PADDING, MOST_SQUARE, MOST_WORDS, attention_of
from textprep.report.findings import Read, Reading


def read(text: str, attention: np.ndarray | None) -> dict:
    """What a page shows of a text, alone in its batch."""
    explanation = PIPELINE.explain(text)
    mask = np.ones((1, 1), bool)
    reading = Reading((), {}, mask, [], attention)
    return attention_of(Read("", None, explanation), reading, 0)


def test_one_row_over_the_words_and_the_padding():
    shown = read("A great film", np.array([[0.1, 0.6, 0.3, 0, 0]], np.float32))
    assert [(word.text, word.kind) for word in shown["words"]] == [
        ("a", "word"), ("great", "word"), ("film", "word"), ("<pad>", "word masked"), ("<pad>", "word masked"),
    ]  # fmt: skip
    assert shown["words"][1].share == 1
    assert shown["top"][0] == ("great", pytest.approx(0.6), "")
    assert shown["heads"] == []


def test_a_square_for_each_head_of_each_layer():
    weights = np.zeros((1, 2, 3, 4, 4), np.float32)
    weights[..., :3, :3] = 1 / 3
    weights[0, 1, 2, 0] = [0, 0, 1, 0]
    shown = read("A great film", weights)
    titles = [title for title, _ in shown["heads"]]
    assert titles[0] == "layer 1, head 1"
    assert titles[-1] == "layer 2, head 3"
    picture = shown["heads"][-1][1]
    assert "most of all “a” looks at “film”, 100%" in picture
    assert picture.count("masked") == 1
    strokes = re.findall(r'class="strokes" d="([^"]*)"', picture)[0]
    assert strokes.count("M") == 16 - 9  # all 16 cells but those of 3 real words


def test_the_darkest_cells_have_the_largest_weights():
    weights = np.zeros((1, 1, 3, 3), np.float32)
    weights[0, 0] = [[1, 0, 0], [0.5, 0.5, 0], [0.34, 0.33, 0.33]]
    ((_, picture),) = read("A great film", weights)["heads"]
    found = dict(re.findall(r'fill-opacity="([\d.]+)" d="([^"]*)"', picture))
    levels = sorted(map(float, found))
    assert levels == [round(level / LEVELS, 2) for level in (4, 6, 12)]
    assert found["1.00"].count("M") == 1
    assert found["0.50"].count("M") == 1  # neighbours of one shade are one piece


def test_a_model_without_attention_shows_none():
    assert read("A great film", None)["words"] == []


def test_a_long_text_is_cut():
    row = np.full((1, 1_000), 1e-3, np.float32)
    shown = read("film " * 990, row)
    assert len(shown["words"]) == MOST_WORDS + MOST_PADDING
    assert shown["more"] == 990 - MOST_WORDS
    square = read("film " * 90, np.full((1, 20, 90, 90), 1 / 90, np.float32))
    assert square["square"] == MOST_SQUARE
    assert square["more_heads"] == 4


def test_an_empty_text_has_only_padding():
    shown = read("", np.zeros((1, 2, 1, 1), np.float32))
    assert [word.kind for word in shown["words"]] == ["word masked"]
    assert "nothing but padding" in shown["heads"][0][1]
