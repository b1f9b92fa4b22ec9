"""An explanation, printed."""

from __future__ import annotations

import re

import textprep as tp
from textprep.explanation.text import explanation_text

RAW = "A <b>great</b>er FILM &amp; <i>more</i>"


def test_it_shows_what_each_step_removed_and_put_in(explained):
    shown = explanation_text(explained(RAW), colour=False)
    assert "A [-<b>-]great[-</b>-]er FILM [-&amp;-]{+&+} [-<i>-]more" in shown
    assert "[-FILM-]{+film+}" in shown
    assert "collapse_whitespace  changes nothing here" in shown
    assert "\x1b" not in shown


def test_it_shows_every_token_with_its_id_and_where_it_came_from(explained):
    lines = explanation_text(explained(RAW, max_length=6), colour=False).splitlines()
    rows = [re.split(r"  +", line.strip()) for line in lines]
    assert ["greater", "6", "1", "great + er", "5-10, 14-16"] in rows
    assert ["more", "1", "unknown", "more", "31-35"] in rows
    assert "row of 6: 5 ids, 1 of padding" in lines


def test_colour_says_the_same(explained):
    coloured = explanation_text(explained(RAW), colour=True)
    assert "\x1b[31;9mFILM\x1b[0m\x1b[32mfilm\x1b[0m" in coloured
    plain = re.sub(r"\x1b\[[\d;]*m", "", coloured)
    assert plain == re.sub(r"\[-|-\]|\{\+|\+\}", "", explanation_text(explained(RAW), colour=False))


def test_no_text_moves_the_cursor(explained):
    shown = explanation_text(explained("\x1b[2J \r \u202e a\tb\nc \x07"), colour=False)
    assert all(line.isprintable() for line in shown.split("\n"))


def test_a_long_text_is_cut_and_says_so(explained):
    shown = explanation_text(explained("A film " * 5_000, max_length=100), colour=False)
    assert len(shown) < 20_000
    assert "… and 9,940 more tokens; textprep explain --html shows them" in shown
    assert re.search(r"… and \d+,\d+ more characters", shown)
    assert "row of 100: 100 ids, 0 of padding, 9,900 tokens did not fit" in shown


def test_a_text_of_which_nothing_is_left(explained):
    shown = explanation_text(explained("<b></b>"), colour=False)
    assert shown.endswith("row of 1: 0 ids, 1 of padding\n  ids   1 time 0\n  mask  1 time 0")


def test_what_is_left_out_of_a_text_is_said():
    pipeline = tp.Pipeline([tp.Lowercase()], tokenizer=tp.WordTokenizer()).fit(["a"])
    shown = explanation_text(pipeline.explain("A" + "a" * 2_999), colour=False).split("\n")
    assert shown[1].endswith("a … and 1,000 more characters")
    assert shown[4].startswith("  [-A-]{+a+}aaa")
    assert shown[4].endswith("a … and 1,001 more characters")


def test_printing_an_explanation_shows_it(explained):
    explanation = explained(RAW)
    assert str(explanation) == explanation_text(explanation, colour=False)


def test_two_texts_are_printed_each_with_its_steps_and_tokens_and_then_their_row():
    tokenizer = tp.WordTokenizer().for_pairs().fit(["a good film"])
    pipeline = tp.Pipeline([tp.Lowercase()], tokenizer=tokenizer)
    shown = str(pipeline.explain("A zyx film", "GOOD", max_length=7))
    first, second, row = re.split(r"── .*\n", shown)[1:]
    assert "[-A-]{+a+} zyx film" in first
    assert re.search(r"zyx +1 +unknown", first)
    assert "[-GOOD-]{+good+}" in second
    assert row.splitlines()[1:] == [
        "row of 7: 5 ids, 1 of them special, 2 of padding",
        "  tokens  a zyx film <sep> good",
        "  ids     3 1 4 2 5, then 2 times 0",
        "  types   4 times 0, then 1 time 1, then 2 times 0",
        "  mask    5 times 1, then 2 times 0",
    ]
    shorter = str(pipeline.explain("A zyx film", "GOOD", max_length=3))
    assert "0 of padding, 2 tokens of the first text did not fit" in shorter


def test_a_notebook_shows_both_texts_and_the_row(explained):
    pipeline = tp.Pipeline(tokenizer=tp.WordTokenizer().for_pairs().fit(["a <b> film"]))
    shown = pipeline.explain("a film", "a <b>")._repr_html_()
    assert shown.index("first text") < shown.index("second text") < shown.index("row of 7, 0 of padding")
    assert "a film <b>&lt;sep&gt;</b> a &lt; b &gt;" in shown
    assert "second text" not in explained("a film")._repr_html_()
