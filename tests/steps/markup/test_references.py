"""Character references: named, numeric, without semicolon, and what only looks like one."""

from __future__ import annotations

import hashlib
import html
import json
from html.entities import html5

import pytest
from hypothesis import given
from hypothesis import strategies as st

from textprep.steps.edits import apply_edits
from textprep.steps.markup.references import decode, decode_attribute, reference_edits


@pytest.mark.parametrize(
    ("text", "decoded"),
    [
        ("AT&T & &; &# &#; &#x; &#xg;", "AT&T & &; &# &#; &#x; &#xg;"),
        ("&lt&gt;&LT;&amp;amp;", "<><&amp;"),
        ("&notin; &notit; &not &no;", "\u2209 \u00acit; \u00ac &no;"),
        ("&copycat; &ampersand", "\u00a9cat; &ersand"),
        ("&nosuch; &NBSP; &nbsp;", "&nosuch; &NBSP; \u00a0"),
        ("&NotEqualTilde; &fjlig;", "\u2242\u0338 fj"),
        ("&#65;&#65 &#x41;&#X41&#0000065;", "AA AAA"),
        ("&#128;&#x99;&#129;", "\u20ac\u2122\x81"),
        ("&#0;&#xD800;&#xDFFF;&#x110000;&#99999999999;", "\ufffd" * 5),
        ("&#1;&#xFFFF;&#x1F600;&#13;", "\x01\uffff\U0001f600\r"),
    ],
)
def test_it_is_what_the_standard_says(text, decoded):
    assert decode(text) == decoded


def test_every_name_is_known():
    assert {name: decode(f"&{name}") for name in html5} == html5


@pytest.mark.parametrize(
    ("value", "decoded"),
    [("?a=1&copy=2", "?a=1&copy=2"), ("&copy;&copy &copyx", "\u00a9\u00a9 &copyx"), ("&#65", "A")],
)
def test_an_address_in_an_attribute_is_left_alone(value, decoded):
    assert decode_attribute(value) == decoded


# No number that these digits make stands for a control or a noncharacter, which `html.unescape` drops.
parts = ["&", "#", "x", ";", "amp", "not", "in", "lt", "66", "0", "40A", " ", "G", "=", "\u00e9"]
mixed = st.lists(st.sampled_from(parts)).map("".join)


@given(mixed)
def test_python_agrees(text):
    assert decode(text) == html.unescape(text)


@given(st.text())
def test_what_is_escaped_comes_back(text):
    assert decode(html.escape(text)) == text


@given(mixed, st.integers(0, 5))
def test_the_edits_make_the_text(text, start):
    start = min(start, len(text))
    assert text[:start] + decode(text[start:]) == apply_edits(text, reference_edits(text, start, len(text)))


def test_a_number_of_many_digits_is_no_character():
    assert decode("&#" + "9" * 100_000 + ";") == "\ufffd"
    assert decode("&#" + "0" * 100_000 + "65;") == "A"


def test_the_names_are_the_same_in_every_release_of_python() -> None:
    """Why `strip_markup` names no version: its ids depend on a list that the standard says will not change."""
    names = json.dumps(html5, sort_keys=True).encode()
    assert hashlib.blake2b(names, digest_size=16).hexdigest() == "799ed738b018b4d43f2a86cf8364aa76"
