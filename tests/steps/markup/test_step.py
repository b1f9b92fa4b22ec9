"""`StripMarkup`: what stays, what goes, what becomes a break; its options, its column, its edits."""

from __future__ import annotations

import html

import pyarrow as pa
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from tests.steps.markup.soup import DEBRIS, pages
from textprep import StripMarkup
from textprep.errors import StepError
from textprep.steps.edits import Edit, apply_edits
from textprep.steps.markup import scanner
from textprep.steps.markup.names import HIDDEN

strip = StripMarkup()
debris = st.lists(st.sampled_from(DEBRIS), max_size=12).map("".join)


@pytest.mark.parametrize(
    ("text", "seen"),
    [
        ("good<br /><br />bad", "good\n\nbad"),
        ("good<BR>bad<br/>ugly<br\n/>", "good\nbad\nugly\n"),
        ("<b>great</b>er", "greater"),
        ("un<wbr>believ<span class='x'>able</span>", "unbelievable"),
        ("a < b <i>and</i> c > d", "a < b and c > d"),
        ("i <3 u, i </3 <i>u</i>", "i <3 u, i </3 u"),
        ("<i>AT&T</i> &nosuch; R&B;", "AT&T &nosuch; R&B;"),
        ("&lt;p&gt; &amp;amp; &eacute; &#233; &#xE9 &#150;", "<p> &amp; \xe9 \xe9 \xe9 \u2013"),
        ("<i>&lt;p&gt; &amp;amp; &eacute;</i>", "<p> &amp; \xe9"),
        ("a<!-- <b>not</b> -->b<!---->c<!-->d", "abcd"),
        ("a<script>if (b < c) { '</b>' }</script>b<style>p > a {}</style >c", "abc"),
        ("<!DOCTYPE html>a<?xml version='1.0'?>b<![if IE]>c<!ELEMENT x>d", "abcd"),
        ("&am<!-- -->p;", "&amp;"),
        ("one <table>two<tr><td>three</table>", "one two\n\n\nthree\n"),
        ("a<1>b<o:p>c</o:p><my-tag>d</my-tag>", "a<1>bcd"),
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
        "<DIV><SPAN>good</SPAN></DIV>bad",
        "good<blockquote><!-- --><b>bad",
        "<dl><dt>good<dd>bad</dl>",
        "good<table><td>bad",
        "good<select><option>bad",
    ],
)
def test_no_two_words_are_glued_where_a_reader_sees_a_break(text):
    assert strip(text).split() == ["good", "bad"]


@pytest.mark.parametrize(
    "text", ["a < b", "i <3 u", "i </3 u", "AT&T", "x<y>z".replace("y", "1"), "a<", "a</", "&", "<<"]
)
def test_what_only_looks_like_markup_stays(text):
    assert strip(text) == text


@given(st.text().filter(lambda text: not set("<&") & set(text)))
def test_a_text_without_markup_is_the_same_object(text):
    assert strip(text) is text


@given(st.text(st.characters(exclude_characters="\0")))
def test_an_escaped_text_comes_back(text):
    assert strip(f"<i>{html.escape(text)}</i>") == text
    assert strip(html.escape(text)) == text


@given(
    st.lists(
        st.sampled_from(["<br>", "<br />", "<BR\n/>", "&", "amp;", "&#", "6", "5;", " ", "x", "\0"]),
        min_size=1,
    ).map("".join)
)
@example("<b<br>r>")
@example("\0<br />")
def test_the_short_way_for_line_breaks_gives_exactly_what_the_long_one_gives(text):
    assert strip(f"{text}<br>") == scanner.text_of(f"{text}<br>", HIDDEN, alt=False)


@given(debris)
def test_an_attribute_never_shows(text):
    quoted = text.replace("'", "")
    assert strip(f"a<i title='{quoted}'>b</i>") == "ab"


@given(debris.filter(lambda text: "-->" not in text and not text.startswith((">", "->"))))
def test_a_comment_never_shows(text):
    assert strip(f"a<!--{text} -->b") == "ab"


ALL = [{}, {"keep": ["title", "noscript"], "alt": True}, {"mode": "xml"}, {"engine": "beautifulsoup4"}]


@pytest.mark.parametrize("options", ALL)
@settings(deadline=None)  # the first one imports Arrow's kernels
@given(texts=st.lists(pages, max_size=4))
def test_a_column_is_what_each_text_is(options, texts):
    step = StripMarkup(**options)
    assert step.clean_column(pa.array(texts, pa.large_string())).to_pylist() == [step(text) for text in texts]


@pytest.mark.parametrize("options", ALL)
@given(text=pages)
def test_the_edits_make_the_text(options, text):
    step = StripMarkup(**options)
    edits = step.edits(text)
    assert edits is None or apply_edits(text, edits) == step(text)


def test_the_edits_are_as_small_as_the_markup():
    assert list(strip.edits("A <b>great</b>er film: 5 &lt; 7<br>")) == [
        Edit(2, 5, ""),
        Edit(10, 14, ""),
        Edit(25, 29, "<"),
        Edit(31, 35, "\n"),
    ]
    assert strip.edits("<table><tr><td>b</td></tr>a</table>") is None


def test_what_a_page_does_not_show_can_be_kept():
    page = "<title>a &amp; b</title><script>c</script>d<textarea>\n<e></textarea><noscript><p>f</noscript>"
    assert strip(page).split() == ["d"]
    assert StripMarkup(keep=["title"])(page).split() == ["a", "&", "b", "d"]
    assert StripMarkup(keep=["script", "textarea", "noscript"])(page).split() == ["cd", "<e>", "f"]
    assert StripMarkup(keep=["template"])("<template><tr><td>a<td>b</template>c").split() == ["a", "bc"]


def test_images_can_speak():
    page = "a <img src=x alt='b &amp; c'> d<input type=image alt=e><input alt=f><img>"
    assert strip(page) == "a  d"
    assert StripMarkup(alt=True)(page) == "a b & c de"


@pytest.mark.parametrize(
    ("options", "complaint"),
    [
        ({"keep": ["b"]}, "'b' is not one of those left out: iframe, noembed"),
        ({"mode": "xml", "alt": True}, "keep and alt are for mode 'html'"),
        ({"engine": "beautifulsoup4", "keep": ["title"]}, "keep and alt are for mode 'html'"),
        ({"engine": "beautifulsoup4", "mode": "xml"}, "engine 'beautifulsoup4' is for mode 'html'"),
        ({"engine": "lxml"}, "engine"),
    ],
)
def test_options_that_do_not_fit_are_refused(options, complaint):
    with pytest.raises(StepError, match=complaint):
        StripMarkup(**options)
