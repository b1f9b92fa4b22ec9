"""The page of an explanation, in a browser: it lights up, fits a phone, can be read, and needs no script."""

from __future__ import annotations

import json

import pytest

import textprep as tp
from textprep.report.explanation_page import explanation_page

RAW = 'A <b>great</b>er FILM &amp; a zyx, good&nbsp;film!<br />\n"It\'s" </script> \u202e שלום ? 🎬 a'
LIT = "[...document.querySelectorAll('.lit')].map(e => [e.closest('section').ariaLabelledByElements?.[0]?.id ?? e.closest('section').getAttribute('aria-labelledby'), e.textContent])"


@pytest.fixture
def page(opened, page_of):
    """The page of a text, open."""
    return lambda raw=RAW, *, scripts=True, **options: opened(page_of(raw, **options), scripts=scripts)


def lit(tab) -> dict[str, list[str]]:
    """What is lit, for each section."""
    found: dict[str, list[str]] = {}
    for section, text in tab.evaluate(LIT):
        found.setdefault(section, []).append(text)
    return found


def chip(tab, word: str) -> str:
    """The selector of the token that reads ``word``."""
    words = tab.evaluate("[...document.querySelectorAll('.chip .word')].map(e => e.textContent)")
    return f".chip[data-t='{words.index(word)}']"


def test_it_loads_without_a_complaint(page):
    tab = page()
    tab.hover(chip(tab, "film"))
    tab.press("Tab")
    assert tab.problems == []


def test_pointing_at_a_token_lights_up_where_it_came_from(page):
    tab = page()
    tab.hover(chip(tab, "greater"))
    shown = lit(tab)
    assert shown["h-raw"] == ["great", "er"]
    assert shown["h-steps"] == ["great", "er", "greater", "greater"]
    assert len(shown["h-tokens"]) == len(shown["h-row"]) == 1
    tab.hover("h1")
    assert lit(tab) == {}


def test_pointing_at_the_raw_text_lights_up_the_token(page):
    tab = page()
    tab.hover(".raw [data-t='2']")
    shown = lit(tab)
    assert shown["h-raw"] == ["FILM"]
    assert shown["h-tokens"][0].startswith("film")
    assert shown["h-steps"] == ["FILM", "[removed: FILM]", "[put in: film]", "film"]


def test_the_keyboard_goes_from_token_to_token(page):
    tab = page()
    for key, raw in (
        ("Tab", None),
        ("Tab", ["A"]),
        ("ArrowRight", ["great", "er"]),
        ("End", ["a"]),
        ("Home", ["A"]),
    ):
        tab.press(key)
        assert lit(tab).get("h-raw") == raw
    tab.press("Tab")
    assert lit(tab) == {}


def test_a_click_keeps_a_token_lit_until_escape(page):
    tab = page()
    tab.click(chip(tab, "greater"))
    tab.hover("h1")
    assert lit(tab)["h-raw"] == ["great", "er"]
    assert tab.evaluate("document.querySelector('.inspector').innerText").startswith(
        "greater · id 6 · seen once"
    )
    tab.press("Escape")
    tab.evaluate("document.activeElement.blur()")
    assert lit(tab) == {}


@pytest.mark.parametrize("width", [390, 320, 1200])
def test_no_width_makes_it_scroll_sideways(page, width):
    tab = page(RAW + " " + "w" * 500 + "," * 300 + " " + "x<b>y</b>" * 40)
    tab.resize(width, 800)
    assert tab.evaluate("document.documentElement.scrollWidth") <= width


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_text_has_the_contrast_of_wcag_aa(page, scheme):
    tab = page(max_length=40)
    tab.colours(scheme)
    for word in ("greater", "zyx"):
        tab.hover(chip(tab, word))
        lowest, text = tab.contrasts()[0]
        assert lowest >= 4.5, text
    backgrounds = "getComputedStyle(document.body).backgroundColor.match(/\\d+/g).map(Number)"
    assert (min(tab.evaluate(backgrounds)) > 200) == (scheme == "light")


def test_without_a_script_it_can_be_read_and_tokens_lead_to_the_raw_text(page):
    tab = page(scripts=False)
    text = tab.evaluate("document.body.textContent")
    for part in ("From raw text to ids", "strip_markup", "[removed: <b>]", "greater", ", id 6", "unknown"):
        assert part in text
    targets = tab.evaluate(
        "[...document.querySelectorAll('.chip')].map(e => [e.hash, !!document.querySelector(e.hash)])"
    )
    assert all(there for _, there in targets)
    assert (
        tab.evaluate("document.querySelector(document.querySelectorAll('.chip')[2].hash).textContent")
        == "FILM"
    )


def test_a_screen_reader_hears_what_each_part_is(page):
    tab = page()
    nodes = tab.call("Accessibility.getFullAXTree")["nodes"]
    named = [(node["role"]["value"], node.get("name", {}).get("value", "")) for node in nodes]
    for name in ("Raw text", "Tokens", "Steps", "Ids", "The row of a batch"):
        assert ("heading", name) in named
        assert ("region", name) in named
    (greater,) = (name for role, name in named if role == "link" and name.startswith("greater"))
    assert greater.split() == [
        "greater",
        ",",
        "id",
        "6",
        "·",
        "1\u00d7",
        ",",
        "from",
        "“great”",
        "+",
        "“er”,",
        "character",
        "6-10,",
        "15-16",
    ]
    assert {"banner", "main", "contentinfo", "list", "deletion", "insertion"} <= {role for role, _ in named}


def test_hostile_text_stays_text(page):
    hostile = (
        "</script><script>document.title='taken'</script><img src=x onerror=document.title='taken'>\"'>{{x}}"
    )
    tab = page(hostile, steps=[])
    assert tab.problems == []
    assert "taken" not in tab.evaluate("document.title").split("·")[-1]
    assert tab.evaluate("document.querySelector('.raw').textContent") == hostile
    assert tab.evaluate("document.images.length") == 0


def test_unusual_texts_have_a_page(page):
    for raw in ("", " \n ", "\x00", "<b></b>", "\u0627 \u0644", "a" * 21_000, "film " * 2_100):
        tab = page(raw)
        assert tab.problems == []
        assert tab.evaluate("document.querySelectorAll('h2').length") == 5


def test_a_long_text_is_cut_and_says_so(page_of):
    page = page_of("A film " * 15_000)
    assert len(page) < 3_000_000
    assert "and 85,000 more characters" in page
    assert "and 100,000 more characters" in page  # of the difference that lower-casing makes
    assert "and 28,000 more tokens" in page


def test_what_a_step_put_in_is_said_to_be_put_in(page_of):
    page = page_of("7", steps=[tp.ReplacePattern(pattern="^", replacement="film ")])
    assert "put in by a step, at character 0" in page
    assert json.dumps("put in by a step, at character 0") in page


@pytest.fixture
def pair(opened):
    """The page of two texts, open."""
    tokenizer = tp.WordTokenizer().for_pairs().fit(["a greater film", "a good film"])
    pipeline = tp.Pipeline([tp.StripMarkup(), tp.Lowercase()], tokenizer=tokenizer)

    def show(text="A <b>great</b>er film", pair="a GOOD one", **options):
        return opened(explanation_page(pipeline.explain(text, pair, **options)))

    return show


def test_both_texts_of_a_pair_light_up_each_by_itself(pair):
    tab = pair()
    tab.hover(chip(tab, "good"))
    shown = lit(tab)
    assert shown["h-raw"] == ["GOOD"]
    assert shown["h-steps"] == ["[removed: GOOD]", "[put in: good]"]
    assert [text.split()[0] for text in shown["h-row"]] == ["good,"]
    inspector = tab.evaluate("document.querySelector('.inspector').textContent")
    assert "from “GOOD”, character 3-6 of the second text" in inspector
    tab.hover(chip(tab, "greater"))
    assert lit(tab)["h-raw"] == ["great", "er"]
    assert tab.problems == []


def test_the_keyboard_goes_on_into_the_second_text(pair):
    tab = pair()
    tab.press("Tab")
    tab.press("Tab")
    for _ in range(3):
        tab.press("ArrowRight")
    assert lit(tab)["h-raw"] == ["a"]
    assert tab.evaluate("document.activeElement.closest('ol').getAttribute('aria-label')") == (
        "Tokens of the second text"
    )


def test_the_row_of_a_pair_has_special_tokens_types_and_padding(pair):
    tab = pair(max_length=9)
    cells = tab.evaluate("[...document.querySelectorAll('.row li')].map(e => [e.className, e.textContent])")
    assert [text.split(",")[0] for _, text in cells[:7]] == [
        *("a", "greater", "film", "<sep>", "a", "good", "one"),
    ]
    assert [kind for kind, _ in cells] == ["", "", "", "special", "", "", "", "pad", "pad"]
    assert cells[5][1].split() == ["good,", "id", "5,", "type", "1,", "mask", "1"]
    assert cells[8][1].split() == ["<pad>,", "id", "0,", "type", "0,", "mask", "0"]
    note = tab.evaluate("document.querySelector('#h-row + .note').textContent")
    assert note == "9 ids long: 7 real with mask 1, 1 of them special, the rest padding with mask 0."
    short = pair(max_length=4)
    note = short.evaluate("document.querySelector('#h-row + .note').textContent")
    assert "2 tokens of the first text did not fit; 1 token of the second text did not fit." in note


@pytest.mark.parametrize("width", [320, 390, 1200])
def test_a_pair_fits_any_screen_and_can_be_read(pair, width):
    tab = pair("A <b>film</b> " * 30, "unbroken" * 40, max_length=20)
    tab.resize(width, 800)
    assert tab.evaluate("document.documentElement.scrollWidth") <= width
    lowest, text = tab.contrasts()[0]
    assert lowest >= 4.5, text


def test_a_screen_reader_hears_which_text_is_which(pair):
    nodes = pair().call("Accessibility.getFullAXTree")["nodes"]
    named = [(node["role"]["value"], node.get("name", {}).get("value", "")) for node in nodes]
    assert named.count(("heading", "First text")) == named.count(("heading", "Second text")) == 4
    assert ("list", "Tokens of the second text") in named
