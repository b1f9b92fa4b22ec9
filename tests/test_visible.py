"""Whatever a text holds, it can be printed and moves nothing on the screen."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from textprep.visible import visible


@given(st.text(st.characters(exclude_categories=[])))
def test_what_comes_out_can_be_printed_and_written(text):
    shown = visible(text).replace("\n", "").replace("\u200c", "").replace("\u200d", "")
    assert shown.isprintable()
    shown.encode("utf-8")


@given(st.text(st.characters(categories=["L", "N", "P", "S", "M"])))
def test_a_text_that_shows_itself_stays(text):
    assert visible(text) == text


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("a\nb", "a⏎\nb"),
        ("\x00\r\x7f", "␀␍␡"),
        ("\ud800\u202e\u00a0", "⟨U+D800⟩⟨U+202E⟩⟨U+00A0⟩"),
        ("\U000e0041", "⟨U+E0041⟩"),
        ("👨\u200d👩", "👨\u200d👩"),
        ("\u200d", "⟨U+200D⟩"),
    ],
)
def test_each_kind_has_its_sign(text, shown):
    assert visible(text) == shown
