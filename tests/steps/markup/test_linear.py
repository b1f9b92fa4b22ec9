"""Hostile text is ordinary text: time and memory grow with the length, whatever the text is."""

from __future__ import annotations

import random
import time
import tracemalloc

import pytest

from tests.steps.markup.soup import DEBRIS, NAMES
from textprep import StripMarkup

UNFINISHED = [
    "<a ", '<a b="', "<a b='", "<a b", "<a =", "<a/", "<!--", "<!---", "<![CDATA[", "<!", "<?", "&", "&#1", "&#x",
    "&am", "<", "</", "</a ", "<script ", "<script></script ", "<title>", "<title></title", "<script><!--<script>",
]  # fmt: skip
WHOLE = [
    "<br>", "<a>&", "<div>", "</div>", "<b>", "</b>", "<p>x</b>", "<a><p></a>", "<b><p>", "<i></p>", "<table>",
    "<table><tr><td>", "<table>x", "<table><a>", "<td>", "<li>", "<select><option>", "<svg>", "<svg><g></x>",
    "<svg><desc>", "<math><mi>", "<template>", "<object>", "<form><div></form>", "<h1>", "<ruby><rt>", "<nobr>",
    "<b x=NUMBER>", "<p><b x=NUMBER></p><foo>",
]  # fmt: skip
# First many of the one, then as many of the other, which then has far to look.
PAIRS = [
    ("<div>", "</div>"), ("<b>", "</b>"), ("<table>", "</table>"), ("<a>", "</a>"), ("<div>", "</foo>"),
    ("<foo>", "</bar>"), ("<div>", "<li></li>"), ("<div>", "<table></table>"), ("<div>", "<form></form>"),
    ("<a><div>", "</a>"), ("<b><div>", "</b>"), ("<b x=NUMBER>", "<p><i></i></p>"), ("<b x=NUMBER>", "</foo>"),
    ("<svg><g>", "</x>"), ("<svg><desc>", "</x>"), ("<form><div>", "</form><form>"), ("<button>", "</p>"),
]  # fmt: skip
strip = StripMarkup()


def much(parts, length):
    """Each part as often as fits into its share of the length."""
    return "".join(_much(part, length // len(parts)) for part in parts)


def _much(part, length):
    if "NUMBER" not in part:
        return part * (length // len(part))
    return "".join(part.replace("NUMBER", str(number)) for number in range(length // len(part)))


def seconds(step, text):
    """Processor time, the better of two tries, since a noisy machine only ever adds to it."""
    times = []
    for _ in range(2):
        start = time.process_time()
        step(text)
        times.append(time.process_time() - start)
    return min(times)


def check_growth(step, parts, length=12_000):
    """Four times the text takes far less than the sixteen times as long that the square would take."""
    text, longer = much(parts, length), much(parts, 4 * length)
    short, long = seconds(step, text), seconds(step, longer)
    assert long < 9 * max(short, 0.003), (parts, short, long)


@pytest.mark.parametrize("parts", [*((part,) for part in UNFINISHED + WHOLE), *PAIRS], ids="".join)
def test_time_grows_with_the_length(parts):
    check_growth(strip, parts)


@pytest.mark.parametrize("part", ["<a ", "<a b='", "<!--", "<![CDATA[", "<!DOCTYPE [", "<!DOCTYPE a [<!--", "<?", "<",
                                  "&", "&a", "<a>", "<a>&lt;", "<!ENTITY a '", "<!DOCTYPE a ['"])  # fmt: skip
def test_time_grows_with_the_length_in_xml(part):
    check_growth(StripMarkup(mode="xml"), [part])


@pytest.mark.parametrize("part", ["<a ", "<!--", "<![CDATA[", "&", "<p>x</b>"])
def test_time_grows_with_the_length_with_beautifulsoup(part):
    check_growth(StripMarkup(engine="beautifulsoup4"), [part], length=6_000)


@pytest.mark.parametrize("tag", ["div", "b", "table", "a", "svg", "foo", "p", "table><tr><td"])
def test_text_at_any_depth_is_kept(tag):
    ends = "".join(f"</{name}>" for name in reversed(tag.split("><")))
    text = f"<{tag}>" * 20_000 + "deep" + ends * 20_000 + "shallow"
    assert "".join(strip(text).split()) == "deepshallow"


@pytest.mark.parametrize(
    "parts", [("<div>", "</div>"), ("<b>",), ("<p>x<i>",), ("<table><tr><td>",), ("<i>&",)]
)
def test_memory_grows_with_the_length(parts):
    """Well under what 300 MB for 1 MB of text come to."""
    assert _peak(much(parts, 100_000)) < 30e6


def test_memory_grows_with_the_length_of_debris():
    chance = random.Random(0)
    parts = [*DEBRIS, *(f"<{name}>" for name in NAMES), *(f"</{name}>" for name in NAMES)]
    parts.remove("<plaintext>")
    assert _peak("".join(chance.choices(parts, k=15_000))) < 30e6


def _peak(text):
    tracemalloc.start()
    strip(text)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return peak
