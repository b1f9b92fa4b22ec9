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


BREAKS = "".join(c for c in WHITE_SPACE if len(f"a{c}b".splitlines()) == 2)


def test_a_run_with_any_line_break_may_become_one():
    step = CollapseWhitespace(keep_line_breaks=True)
    assert [c for c in BREAKS if step(f"{c}a {c}\t{c} b{c}") != "a\nb"] == []
    assert [c for c in WHITE_SPACE if c not in BREAKS and step(f"{c}a{c}{c}b{c}") != "a b"] == []
    assert step("a\r\n\r\nb  c") == "a\nb c"


@given(st.text(st.one_of(st.sampled_from(WHITE_SPACE), st.characters())))
def test_lines_with_words_stay_apart(text):
    kept = CollapseWhitespace(keep_line_breaks=True)(text)
    assert [line.split() for line in kept.split("\n")] == (
        [line.split() for line in text.splitlines() if line.split()] or [[]]
    )


def test_each_run_is_an_edit():
    assert list(CollapseWhitespace().edits("  a \tb c\n")) == [
        (0, 2, ""),
        (3, 5, " "),
        (6, 7, " "),
        (8, 9, ""),
    ]
    kept = CollapseWhitespace(keep_line_breaks=True)
    assert list(kept.edits("a \r\n b\tc")) == [(1, 5, "\n"), (6, 7, " ")]
