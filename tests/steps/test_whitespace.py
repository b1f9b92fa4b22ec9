"""Runs of white space become one space."""

from __future__ import annotations

import sys

import regex
from hypothesis import given
from hypothesis import strategies as st

from textprep import CollapseWhitespace

WHITE_SPACE = "".join(
    chr(i) for i in range(sys.maxunicode + 1) if chr(i).isspace() or regex.match(r"\p{White_Space}", chr(i))
)


def test_every_unicode_white_space_counts():
    assert [c for c in WHITE_SPACE if CollapseWhitespace()(f"{c}a{c} {c}b{c}") != "a b"] == []


def test_what_only_looks_empty_is_not_white_space():
    assert CollapseWhitespace()("a\u200bb \ufeff") == "a\u200bb \ufeff"


@given(st.text(st.one_of(st.sampled_from(WHITE_SPACE), st.characters())))
def test_words_stay_and_only_single_spaces_part_them(text):
    collapsed = CollapseWhitespace()(text)
    assert collapsed.split(" ") == (text.split() or [""])
