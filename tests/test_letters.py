"""Which characters make words, and which nobody sees."""

from __future__ import annotations

import sys

import pytest
import regex
from hypothesis import given
from hypothesis import strategies as st

from textprep.letters import (
    JOINING,
    LETTER_SIGNS,
    UNUSUAL_ALONE,
    UNUSUAL_PAIRS,
    visible_places,
    without_invisible,
)

EVERYTHING = "".join(chr(i) for i in range(sys.maxunicode + 1) if not 0xD800 <= i < 0xE000)
PARTS = [
    "a",
    "п",
    "م",
    "ر",
    "क",
    "\u094d",
    "ന",
    "é",
    "1",
    "👩",
    "👍🏽",
    "\u200c",
    "\u200d",
    "\ufe0f",
    "\xad",
    " ",
    "'",
]
TEXTS = st.lists(st.sampled_from(PARTS), max_size=12).map("".join)


def test_the_signs_that_are_letters_are_those_of_unicode():
    signs = regex.findall(r"(?V1)[[\p{WB=ALetter}\p{WB=Hebrew_Letter}]--[\w¸]]", EVERYTHING)
    assert regex.findall(f"[{LETTER_SIGNS}]", EVERYTHING) == signs


def test_nothing_is_invisible_that_shows():
    left_out = [c for c in EVERYTHING if not without_invisible(c)]
    assert all(regex.match(r"[\p{Default_Ignorable_Code_Point}\ufff9-\ufffb]", c) for c in left_out)
    for code in (0xAD, 0x180E, 0x200E, 0x200F, 0x202A, 0x202E, 0x2060, 0x2066, 0xFE0F, 0xFEFF, 0xE0100):
        assert chr(code) in left_out


@pytest.mark.parametrize(
    ("text", "seen"),
    [
        ("می\u200cخواهم", "می\u200cخواهم"),  # Persian: the prefix stays apart within its word
        ("کار\u200cها", "کار\u200cها"),
        ("می\u200c\u200f\u200cخواهم", "می\u200cخواهم"),  # several are one, whatever lies between
        ("क\u094d\u200dष", "क\u094d\u200dष"),  # Hindi: the half form of a letter
        ("അവന\u0d4d\u200d", "അവന\u0d4d\u200d"),  # Malayalam: a letter of its own, at the end of a word
        ("മലയാളം\u200d", "മലയാളം"),
        ("film\u200d a\u200cb é\u200cl 1\u200d2", "film ab él 12"),
        ("👩\u200d👩\u200d👧", "👩\u200d👩\u200d👧"),
        ("❤\ufe0f\u200d🔥 ❤\ufe0f 👩\u200d", "❤\u200d🔥 ❤ 👩"),
        ("\ufeffgre\xadat\u2060 \u202efilm\u202c", "great film"),
    ],
)
def test_joiners_stay_where_they_shape_letters_or_emoji(text, seen):
    assert without_invisible(text) == seen


@given(TEXTS)
def test_what_is_left_is_where_it_says(text):
    assert "".join(text[place] for place in visible_places(text)) == without_invisible(text)
    assert without_invisible(without_invisible(text)) == without_invisible(text)


@given(TEXTS, st.integers(0, 12))
def test_what_nobody_sees_changes_nothing_wherever_it_stands(text, place):
    for invisible in "\xad\ufe0f\ufeff\u202e":
        assert without_invisible(text[:place] + invisible + text[place:]) == without_invisible(text)


@pytest.mark.parametrize(
    "text", ["п'ять", "п’ять", 'ד"ר', "ד״ר", "רח'", "ի՟ն", "col·lega", "Hawai‘i", "მე’თქი"]
)
def test_marks_join_letters(text):
    assert regex.search(f"(?V1){JOINING}", text)
    assert regex.search(f"{UNUSUAL_ALONE}|{UNUSUAL_PAIRS}", text)


@pytest.mark.parametrize(
    "text", ["don't", "don’t", "end.Start", "т.е", "영화'라고", "он 'да' сказал", 'is"a', "1·2", "他'好'"]
)
def test_marks_of_sentences_join_nothing(text):
    assert not regex.search(f"(?V1){JOINING}", text)
