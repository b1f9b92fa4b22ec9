"""Edits make one text of another, whoever reports them."""

from __future__ import annotations

import re

import pytest
import regex
from hypothesis import given
from hypothesis import strategies as st

import textprep as tp
from textprep.errors import StepError
from textprep.steps.edits import Edit, apply_edits, character_edits, match_edits


@st.composite
def cut_texts(draw):
    """A text in pieces, and what stands for every second one."""
    pieces = draw(st.lists(st.tuples(st.text(max_size=4), st.text(max_size=4), st.text(max_size=4))))
    text = "".join(kept + removed for kept, removed, _ in pieces)
    edits, done = [], 0
    for kept, removed, put_in in pieces:
        start = done + len(kept)
        done = start + len(removed)
        edits.append(Edit(start, done, put_in))
    return text, edits, "".join(kept + put_in for kept, _, put_in in pieces)


@given(cut_texts())
def test_edits_replace_pieces_and_keep_the_rest(cut):
    text, edits, wanted = cut
    assert apply_edits(text, edits) == wanted


@pytest.mark.parametrize("edits", [[(1, 2, ""), (1, 3, "")], [(2, 1, "")], [(0, 5, "")], [(-1, 1, "")]])
def test_edits_that_cannot_be_made_are_an_error(edits):
    with pytest.raises(StepError, match="do not come in order or lie outside of the text"):
        apply_edits("film", [Edit(*edit) for edit in edits])


@pytest.mark.parametrize("engine", [re, regex])
@given(text=st.text("ab12 \\"))
def test_matches_are_replaced_as_sub_replaces_them(engine, text):
    pattern = engine.compile(r"(\d)\d*|b")
    for replacement in (r"<\g<0>>", "", lambda match: match.group()[::-1] + "\\1"):
        edits = match_edits(pattern.finditer(text), replacement)
        assert apply_edits(text, edits) == pattern.sub(replacement, text)


@given(st.text() | st.text("\u0391\u03a3\u0130\xdfa \ufb01\ud800"))
def test_characters_are_edited_one_by_one(text):
    edits = list(character_edits(text, text.lower(), lambda character: len(character.lower())))
    assert apply_edits(text, edits) == text.lower()
    assert all(stop - start == 1 and text[start] != replacement for start, stop, replacement in edits)


def test_edits_are_not_inherited_past_another_call():
    class Cut(tp.Step):
        name = "cut"

        def __call__(self, text):
            return text[1:]

        def edits(self, text):
            return [Edit(0, min(1, len(text)), "")]

    class CutMore(Cut):
        def __call__(self, text):
            return text[2:]

    assert list(Cut().edits("ab")) == [(0, 1, "")]
    assert CutMore().edits("ab") is None
