"""Case, punctuation, quotes, control characters: what is kept, what goes, and that words stay words."""

from __future__ import annotations

import functools
import sys
import unicodedata

import pytest
import regex
from hypothesis import given
from hypothesis import strategies as st

from textprep import (
    Casefold,
    Lowercase,
    NormalizeQuotes,
    NormalizeUnicode,
    ReplacePattern,
    StripAccents,
    StripControl,
    StripPunctuation,
)
from textprep.errors import StepError
from textprep.letters import LETTER_SIGNS

FORMS = ["NFC", "NFD", "NFKC", "NFKD"]
SPACES = "".join(chr(i) for i in range(sys.maxunicode + 1) if chr(i).isspace())
WORD_STEPS = [
    Lowercase(),
    Casefold(),
    StripPunctuation(),
    StripPunctuation(keep_inside_words=True),
    StripControl(),
    NormalizeQuotes(),
    StripPunctuation(keep="-'", replacement=""),
    StripPunctuation(replacement=" <p> "),
    StripAccents(),
    *(NormalizeUnicode(form=form) for form in FORMS),
]
# Characters in which case, composition or compatibility mappings depend on neighbours, beside all others.
TRICKY = "aAΣςσİıßẞſKÅé.'-…¨´‼²ﬁﷺ\u0301\u0323\u0307\u0345\u200d\u1112\u1161\u11ab\u0e33\u3099カｶﾞ"
texts = st.text(st.one_of(st.sampled_from(TRICKY), st.sampled_from(SPACES), st.characters()))


@pytest.mark.parametrize("step", WORD_STEPS, ids=repr)
@given(text=texts)
def test_words_of_the_cleaned_text_are_the_cleaned_words(step, text):
    assert step(text).split() == [word for part in text.split() for word in step(part).split()]


@pytest.mark.parametrize("step", WORD_STEPS, ids=repr)
def test_white_space_stays_white_space(step):
    """Every one of them: a character that vanished would glue the words beside it."""
    assert [space for space in SPACES if step(f"a{space}b").split() != ["a", "b"]] == []


def test_lowercase_follows_the_full_mapping():
    assert Lowercase()("ΟΔΟΣ. ΣΑΣ İI ẞ") == "οδος. σας i̇i ß"


def is_sign(character: str) -> bool:
    return unicodedata.category(character)[0] in "PS"


OF_WORDS = regex.compile(f"[{LETTER_SIGNS}·\u0387\u055f\u05f4‘’‧＇'\"]")
SIGNS_OF_WORDS = {
    "п'ять п’ять 'слово'": "п'ять п’ять слово",
    'ד"ר ד״ר רח\' "שלום"': "ד\"ר ד״ר רח' שלום",
    "ի՞նչ ինչո՞ւ։": "ի՞նչ ինչո՞ւ",
    "col·lega Hawai‘i k꞉a ꞉ a·": "col·lega Hawai‘i k꞉a a",
    "don't l’été 영화'라고 x·1": "don t l été 영화 라고 x 1",
}


@pytest.mark.parametrize(("text", "left"), SIGNS_OF_WORDS.items())
def test_what_only_looks_like_punctuation_stays(text, left):
    for step in (StripPunctuation(), StripPunctuation(categories=("P", "S", "Sk"))):
        assert step(text).split() == left.split()


@given(st.text())
def test_no_punctuation_and_no_symbol_is_left_but_within_words(text):
    cleaned = StripPunctuation()(text)
    assert not [c for c in cleaned if is_sign(c) and not OF_WORDS.match(c)]
    assert cleaned == StripPunctuation()(cleaned)


@given(st.text())
def test_everything_but_punctuation_and_symbols_is_kept(text):
    known = [
        c for c in text if unicodedata.category(c) != "Cn" and not OF_WORDS.match(c)
    ]  # the package regex may know newer characters
    kept = [c for c in known if not is_sign(c)]
    assert StripPunctuation(replacement="")("".join(known)) == "".join(kept)


def test_a_run_of_punctuation_is_replaced_once():
    assert StripPunctuation(replacement="_")("end...Start?!") == "end_Start_"


@pytest.mark.parametrize("keep", ["-", "]", "[", "^", "\\", "&&", "--", "||", "~~", "'\u2019", "$€"])
def test_kept_characters_stay_whatever_they_mean_in_a_pattern(keep):
    assert StripPunctuation(keep=keep, replacement="")(f"a{keep}b.c") == f"a{keep}bc"


def test_a_replacement_is_taken_literally():
    assert StripPunctuation(replacement=r"\1\g<0>")("a.b") == r"a\1\g<0>b"


def test_the_categories_may_be_chosen():
    assert StripPunctuation(categories=("P",))("3 + 4 = 7 €!") == "3 + 4 = 7 € "
    assert StripPunctuation(categories=("Sc", "Pd"), replacement="")("5€ - or $6.") == "5  or 6."
    with pytest.raises(StepError, match=r"categories.*'Zs'"):
        StripPunctuation(categories=("Zs",))


@pytest.mark.parametrize(
    ("text", "cleaned"),
    [
        ("don't, state-of-the-art.", "don't state-of-the-art"),
        ("rock'n'roll l\u2019été 3-4 e\u0301-b", "rock'n'roll l\u2019été 3-4 e\u0301-b"),
        ("'quoted' well--made -5 dogs' - e-", "quoted wellmade 5 dogs  e"),
        ("snake_-case 'twas a'.b", "snakecase twas ab"),
    ],
)
def test_apostrophes_and_hyphens_inside_words_may_stay(text, cleaned):
    assert StripPunctuation(keep_inside_words=True, replacement="")(text) == cleaned


def test_case_folding_makes_one_of_what_differs_in_case_only():
    assert Casefold()("STRASSE") == Casefold()("Straße") == "strasse"
    assert Casefold()("ΟΔΟΣ") == Casefold()("οδος") == "οδοσ"
    assert Lowercase()("Straße") == "straße"


def test_turkish_needs_the_two_replacements_that_the_docstring_names():
    steps = [
        ReplacePattern(pattern="I", replacement="ı"),
        ReplacePattern(pattern="İ", replacement="i"),
        Lowercase(),
    ]
    assert functools.reduce(lambda text, step: step(text), steps, "ISPARTA İzmir") == "ısparta izmir"
    assert Lowercase()("ISPARTA İzmir") == Casefold()("ISPARTA İzmir") == "isparta i̇zmir"


@given(st.text())
def test_nothing_but_invisible_characters_is_deleted(text):
    kept = [c for c in text if unicodedata.category(c) not in ("Cc", "Cf", "Cs", "Cn") or c.isspace()]
    cleaned = StripControl()(text)
    assert [c for c in cleaned if c in kept] == kept
    assert not [c for c in cleaned if unicodedata.category(c) in ("Cc", "Cs") and not c.isspace()]


INVISIBLE = {
    "null, bell, escape, delete": "\x00\x07\x1b\x7f",
    "C1": "\x80\x9b\x9f",
    "zero width": "\u200b\u200c\u200d\u2060\ufeff\u180e",
    "soft hyphen": "\xad",
    "direction": "\u200e\u200f\u061c\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069",
    "annotations, tags": "\ufff9\ufffa\ufffb\U000e0001\U000e0041\U000e007f",
    "lone surrogates": "\ud800\udfff",
    "noncharacters": "\ufffe\uffff\ufdd0\U0010ffff",
}


@pytest.mark.parametrize("kind", INVISIBLE)
def test_what_cannot_be_seen_is_deleted(kind):
    for character in INVISIBLE[kind]:
        assert StripControl()(f"a{character}b") == "ab", ascii(character)
        assert StripControl(keep=character)(f"a{character}b") == f"a{character}b"


def test_white_space_and_what_can_be_seen_is_no_control_character():
    visible = SPACES + "\u0600\u06dd\u08e2\ufffd\u0301\ufe0f"
    assert StripControl()(visible) == visible


def test_quotation_marks_are_those_of_a_typewriter():
    assert NormalizeQuotes()("‘a’ ‚b‘ ‹c› ＇d＇ e´f g`h isnʼt") == "'a' 'b' 'c' 'd' e'f g'h isn't"
    assert NormalizeQuotes()("“a” „b“ «c» ＂d＂ 〝e〞") == '"a" "b" "c" "d" "e"'
    assert NormalizeQuotes()("「a」 `code` 5\u2032 6\u2033") == "「a」 `code` 5\u2032 6\u2033"
