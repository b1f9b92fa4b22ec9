"""What the page of a run shows of a language model, in a browser: places, shaded texts, the causal mask."""

from __future__ import annotations

import math

import numpy as np
import pytest
from markupsafe import Markup

from textprep.report.attention import head_picture
from textprep.report.language import chance, language_page
from textprep.report.page import _environment, asset
from textprep.training.scoring.perplexity import loss_difference, perplexity_scores, with_characters

TEMPLATE = """{% extends "page.html" %}{% block header %}<h1>Language</h1>{% endblock %}
{% block main %}{% for part in sections %}{% set section = part.context %}{% include part.template %}
{% endfor %}{% endblock %}"""
TEXTS = [
    "the film was long and very dull indeed .",
    "a <b>great</b> film and שלום a joy \u202e to see .",
    "short",
    "we saw the film on a cold and rainy day in spring .",
]


class Words:
    """Where the words of texts are."""

    def __init__(self, texts):
        self.texts = texts

    def spans(self, row):
        found, start = [], 0
        for word in self.texts[row].split():
            start = self.texts[row].index(word, start)
            found.append((start, start + len(word)))
            start += len(word)
        return np.array(found).reshape(-1, 2)


def made(texts=tuple(TEXTS), likely=None):
    """The page of texts of which each word, and each end, is as likely as ``likely`` says, else by its length."""
    values, offsets, places = [], [0], []
    for text in texts:
        words = [*text.split(), ""]
        values += [(likely or {}).get(word, -0.4 * len(word) - 0.05) for word in words]
        places += range(len(words))
        offsets.append(len(values))
    scores = with_characters(perplexity_scores(values, offsets), sum(map(len, texts)) + len(texts))
    worse = np.array(values) - 0.5
    scores |= {
        "trigram": {
            **perplexity_scores(worse, offsets),
            "loss_difference": loss_difference(values, worse, offsets),
        },
        "baseline": perplexity_scores(worse - 1, offsets),
    }
    return language_page(values, offsets, places, scores, lambda rows: [(texts[row],) for row in rows], Words)


def html(page):
    styles = ("page", "reading", "run")
    return _environment().from_string(TEMPLATE).render(
        sections=page.sections, title="Language", script="", data="null", version="1",
        style=Markup("").join(asset(f"{sheet}.css") for sheet in styles),
        policy="default-src 'none'; style-src 'unsafe-inline'",
    )  # fmt: skip


def test_the_least_sure_place_of_each_text_comes_first_with_what_is_around_it():
    (section,) = made(likely={"dull": -9.0, "": -0.01}).sections
    (least, places), (surest, _) = section.context["lists"]
    assert (least, surest) == ("The least sure places", "The surest places")
    assert places[0] == ("the film was long and very ", "dull", " indeed .", "1 in 8,103")
    assert len(places) == len(TEXTS)  # one of each


def test_the_end_of_a_text_is_a_place_like_others():
    (section,) = made(likely={"": -12.0}).sections
    place = section.context["lists"][0][1][0]
    assert (place.token, place.after) == ("end of the text", "")


def test_a_shaded_text_is_the_text_itself_and_its_end():
    (section,) = made().sections
    for text in section.context["shown"]:
        whole = "".join(piece.text for piece in text["pieces"])
        assert whole.endswith(" (end)")
        assert all(piece.chance for piece in text["pieces"] if piece.shade)
    titles = [text["title"] for text in section.context["shown"]]
    assert titles == ["Foreseen worst"] * 3 + ["Foreseen best"] * 3


def test_shades_are_those_of_the_legend():
    likely = {"the": math.log(0.9), "film": math.log(0.4), "was": math.log(0.1), "long": -5.0, "and": -8.0}
    (section,) = made(TEXTS[:1], likely).sections
    pieces = section.context["shown"][0]["pieces"]
    shades = {piece.text: piece.shade for piece in pieces if piece.shade}
    assert [shades[word] for word in ("the", "film", "was", "long", "and")] == [1, 2, 3, 4, 5]
    assert [shade for shade, _ in section.context["legend"]] == [1, 2, 3, 4, 5]


def test_very_many_texts_make_no_larger_page():
    few, many = (len(html(made(tuple(TEXTS) * times))) for times in (10, 500))
    assert many < few * 1.1


def test_no_long_text_is_shown_and_no_text_at_all_is_no_failure():
    (section,) = made(("a",)).sections
    assert section.context["shown"] == []
    assert "The least sure places" in html(made(("a",)))


@pytest.mark.parametrize(
    ("value", "words"), [(-0.001, "100%"), (math.log(0.5), "50%"), (-20.0, "1 in 485,165,195")]
)
def test_chances_are_written_as_people_read_them(value, words):
    assert chance(value) == words


def test_what_the_causal_mask_hides_is_struck_out_and_what_is_behind_is_not():
    weights = np.tril(np.ones((3, 3))) / np.array([[1], [2], [3]])
    picture, open_one = (
        head_picture("head 1", weights, ["a", "b", "c"], 3, "<pad>", causal) for causal in (True, False)
    )
    assert picture.count('class="masked"') == 1
    assert picture.split('class="masked" d="')[1].split('"')[0].count("M") == 3
    assert 'class="masked"' not in open_one


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_it_can_be_read_on_a_phone_and_in_the_dark(opened, scheme):
    tab = opened(html(made()))
    tab.colours(scheme)
    tab.evaluate("document.querySelectorAll('details').forEach(d => { d.open = true; })")
    lowest, text = tab.contrasts()[0]
    assert lowest >= 4.5, text
    tab.resize(390, 800)
    assert tab.evaluate("document.documentElement.scrollWidth") <= 390
    assert tab.problems == []


def test_it_is_used_by_keyboard_and_read_aloud(opened):
    tab = opened(html(made()))
    tab.evaluate("document.querySelector('details > summary').focus()")
    tab.press("Enter")
    assert tab.evaluate("document.querySelector('details').open")
    nodes = tab.call("Accessibility.getFullAXTree")["nodes"]
    names = {(node["role"]["value"], node.get("name", {}).get("value", "")) for node in nodes}
    assert ("region", "Token by token") in names
    assert any(role == "article" and name.startswith("Foreseen worst, perplexity") for role, name in names)


def test_texts_are_escaped(opened):
    written = html(made((*TEXTS, "<img src=x onerror=alert(1)> is a text of seven words")))
    assert "<img" not in written
    assert "<b>great" not in written
    assert opened(written).problems == []
