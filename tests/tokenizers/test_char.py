"""Characters."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from textprep.tokenizers.char import CharTokenizer


@given(st.text(min_size=1))
def test_a_text_it_was_fitted_on_comes_back(text):
    characters = CharTokenizer().fit([text])
    assert characters.decode(characters.encode(text)) == text


def test_limits():
    characters = CharTokenizer(min_freq=2, max_size=3).fit(["aabbc"])
    assert characters.encode("abc") == [2, 1, 1]
