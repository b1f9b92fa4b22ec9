"""Normalization as the standard's own tests have it, in linear time; accents; decoding gone wrong."""

from __future__ import annotations

import bz2
import os
import unicodedata
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from textprep import FixMojibake, NormalizeUnicode, StripAccents
from textprep.errors import StepError

FORMS = ["NFC", "NFD", "NFKC", "NFKD"]
MARKS = "\u0301\u0323\u0345\u0334\u0f73\u0f71\u0344\u3099\uff9e\u1e94a"
NAMES = ("NormalizationTest.txt", "NormalizationTest.txt.bz2")
PLACES = [os.environ.get("UNICODE_DATA", ""), "/usr/share/unicode", "/usr/share/unicode/ucd"]
FILES = [Path(place, name) for place in PLACES if place for name in NAMES if Path(place, name).exists()]


def cases(path: Path) -> Iterator[list[str]]:
    """The five columns of each line: a text, and its NFC, NFD, NFKC and NFKD."""
    opened = bz2.open if path.suffix == ".bz2" else open
    with opened(path, "rt", encoding="utf-8") as lines:
        for line in lines:
            if line[0] not in "#@":
                columns = line.split(";")[:5]
                yield ["".join(chr(int(point, 16)) for point in column.split()) for column in columns]


@pytest.mark.skipif(
    not FILES, reason="Debian's package unicode-data has the standard's NormalizationTest.txt"
)
def test_it_conforms_to_the_test_file_of_the_standard():
    """As the file asks for in its header. Newer characters than the interpreter knows are left out, which
    changes nothing else: normal forms are stable (Unicode Standard Annex 15, section 3)."""
    steps = {form: NormalizeUnicode(form=form) for form in FORMS}
    first_columns, tested = set(), 0
    for columns in cases(FILES[0]):
        source, nfc, nfd, nfkc, nfkd = columns
        if "Cn" not in map(unicodedata.category, source):
            tested += 1
            first_columns.add(source)
            assert {steps["NFC"](text) for text in (source, nfc, nfd)} == {nfc}
            assert {steps["NFD"](text) for text in (source, nfc, nfd)} == {nfd}
            assert {steps["NFC"](text) for text in (nfkc, nfkd)} == {nfkc}
            assert {steps["NFD"](text) for text in (nfkc, nfkd)} == {nfkd}
            assert {steps["NFKC"](text) for text in columns} == {nfkc}
            assert {steps["NFKD"](text) for text in columns} == {nfkd}
    assert tested > 18_000
    assigned = (chr(i) for i in range(0x110000) if unicodedata.category(chr(i)) not in ("Cn", "Cs"))
    others = [character for character in assigned if character not in first_columns]
    for step in steps.values():
        assert [character for character in others if step(character) != character] == []


@pytest.mark.parametrize("form", FORMS)
@given(
    text=st.text(
        st.sampled_from(MARKS + "aé\u1112\u1161\u11ab\U0001d15e\U0001e94a ") | st.characters(), max_size=80
    )
)
@settings(deadline=None, max_examples=300)
def test_long_runs_of_marks_are_ordered_as_short_ones_are(form, text):
    """Repeated, so that they are longer than what is left to Python's insertion sort."""
    for many in (text, text * 40, "a" + text * 40 + "b"):
        assert NormalizeUnicode(form=form)(many) == unicodedata.normalize(form, many)


@pytest.mark.parametrize("form", FORMS)
def test_every_character_may_be_in_a_long_run(form):
    every = "".join(chr(i) for i in range(0x110000) if not 0xD800 <= i < 0xE000)
    marks = "".join(c for c in every if unicodedata.combining(c))
    for text in (every, marks, marks[::-1], "".join(f"{mark}\u0323" * 20 for mark in marks[::7])):
        assert NormalizeUnicode(form=form)(text) == unicodedata.normalize(form, text)


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


@pytest.mark.parametrize("encoding", ["latin-1", "cp1252", "cp437", "mac-roman"])
@pytest.mark.parametrize("text", ["Amélie à Málaga – “très” drôle", "Müller, Größe", "naïve cliché… déjà vu"])
def test_what_was_decoded_wrongly_is_put_right(encoding, text):
    wrong = text.encode().decode(encoding, errors="ignore")
    if wrong.encode(encoding).decode(errors="replace") == text:  # where nothing was lost
        assert FixMojibake()(wrong) == text


def test_nothing_but_the_decoding_is_touched():
    for text in (
        "“curly” ‘quotes’ ﬁ … ｆｕｌｌ &amp; \x1b[1m\r\n\u2028 e\u0301",
        "PÃO DE AÇÚCAR",
        "naïve café",
    ):
        assert FixMojibake()(text) == text


@pytest.mark.parametrize(
    ("step", "text", "wanted"),
    [
        (NormalizeUnicode(form="NFKC"), "so ﬁne…", [(3, 4, "fi"), (6, 7, "...")]),
        (NormalizeUnicode(), "cafe\u0301 a\u0301\u0323", [(3, 5, "é"), (6, 9, "ạ\u0301")]),
        (StripAccents(), "crème brûlée", [(2, 3, "e"), (8, 9, "u"), (10, 11, "e")]),
    ],
)
def test_each_character_with_its_marks_is_an_edit(step, text, wanted):
    assert [edit for edit in step.edits(text) if text[edit.start : edit.stop] != edit.replacement] == wanted


def test_where_characters_are_joined_that_stand_apart_nothing_is_said():
    assert NormalizeUnicode(form="NFKC")("ㄱㅏ") == "가"
    assert NormalizeUnicode(form="NFKC").edits("ㄱㅏ") is None
