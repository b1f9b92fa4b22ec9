"""Case, punctuation, Unicode form, accents: what is kept, what goes, and that words stay words."""

from __future__ import annotations

import sys
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from textprep import Lowercase, NormalizeUnicode, StripAccents, StripPunctuation
from textprep.errors import StepError

FORMS = ["NFC", "NFD", "NFKC", "NFKD"]
SPACES = "".join(chr(i) for i in range(sys.maxunicode + 1) if chr(i).isspace())
WORD_STEPS = [
    Lowercase(),
    StripPunctuation(),
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


@given(st.text())
def test_no_punctuation_and_no_symbol_is_left(text):
    assert not [c for c in StripPunctuation()(text) if unicodedata.category(c)[0] in "PS"]


@given(st.text())
def test_everything_but_punctuation_and_symbols_is_kept(text):
    known = [
        c for c in text if unicodedata.category(c) != "Cn"
    ]  # the package regex may know newer characters
    kept = [c for c in known if unicodedata.category(c)[0] not in "PS"]
    assert StripPunctuation(replacement="")("".join(known)) == "".join(kept)


def test_a_run_of_punctuation_is_replaced_once():
    assert StripPunctuation(replacement="_")("end...Start?!") == "end_Start_"


@pytest.mark.parametrize("keep", ["-", "]", "[", "^", "\\", "&&", "--", "||", "~~", "'\u2019", "$€"])
def test_kept_characters_stay_whatever_they_mean_in_a_pattern(keep):
    assert StripPunctuation(keep=keep, replacement="")(f"a{keep}b.c") == f"a{keep}bc"


def test_a_replacement_is_taken_literally():
    assert StripPunctuation(replacement=r"\1\g<0>")("a.b") == r"a\1\g<0>b"


@pytest.mark.parametrize("form", FORMS)
@given(text=st.text())
def test_the_text_comes_out_in_the_form_asked_for(form, text):
    assert unicodedata.is_normalized(form, NormalizeUnicode(form=form)(text))


def test_compatibility_forms_change_looks_and_canonical_ones_do_not():
    assert NormalizeUnicode(form="NFKC")("ﬁlm x²") == "film x2"
    assert NormalizeUnicode()("ﬁlm x² e\u0301") == "ﬁlm x² é"


def test_an_unknown_form_says_which_there_are():
    with pytest.raises(StepError, match=r"normalize_unicode.*form.*'NFC'.*\(given 'NFX'\)"):
        NormalizeUnicode(form="NFX")


def test_accents_go_and_letters_stay():
    assert (
        StripAccents()("Crème brûlée, Ångström, Việt Nam, 한국, łø")
        == "Creme brulee, Angstrom, Viet Nam, 한국, łø"
    )


@given(st.text())
def test_no_mark_is_left_and_the_result_is_composed(text):
    stripped = StripAccents()(text)
    assert not [c for c in unicodedata.normalize("NFD", stripped) if unicodedata.category(c) == "Mn"]
    assert unicodedata.is_normalized("NFC", stripped)
