"""The report of a run, in a browser: its numbers are Python's, it fits a phone, and no text can harm it."""

from __future__ import annotations

import json
import re

import numpy as np
import pytest

from tests.report.driving import COUNTS, LIVE, choose, move
from tests.report.runs import findings, held_out
from textprep.report.decisions import thresholds
from textprep.report.run_page import run_page
from textprep.training.scoring.metrics import classification_metrics
from textprep.training.scoring.thresholds import Threshold

NAMES = {2: ("bad", "good"), 4: ("love", "money", "music", "war")}
HOSTILE = "</script><script>document.title='taken'</script><img src=x onerror=document.title='taken'>\"'{{x}}\u202e\x00\ud800 שלום"


def shown(tab) -> tuple[list[list[int]], list[float]]:
    """The matrix, and all scores with the accuracy in the end."""
    accuracy = tab.evaluate("document.getElementById('accuracy').textContent")
    scores = [float(score) for line in tab.evaluate(LIVE) for score in line]
    return tab.evaluate(COUNTS), [*scores, float(accuracy.rstrip("%")) / 100]


def expected(labels, chosen, names) -> tuple[list[list[int]], object]:
    metrics = classification_metrics(labels, chosen, names)
    scores = [metrics["per_class"][name][key] for name in names for key in ("precision", "recall", "f1")]
    return metrics["confusion_matrix"], pytest.approx([*scores, metrics["accuracy"]], abs=1e-4)


@pytest.mark.parametrize("classes", [2, 4])
def test_the_slider_moves_matrix_and_scores_as_python_would(page, classes):
    found = findings(NAMES[classes])
    said, steps = held_out(NAMES[classes]), thresholds()
    tab = page(found)
    assert shown(tab) == expected(said.labels, said.values.argmax(axis=1), NAMES[classes])
    for index in range(classes):
        choose(tab, index)
        for step in (0, 5, 30, 53, 80, len(steps) - 2):
            move(tab, step)
            threshold = Threshold(NAMES[classes][index], float(steps[step]), {}, {})
            chosen = threshold.choose(said.values, NAMES[classes])
            assert shown(tab) == expected(said.labels, chosen, NAMES[classes])
    tab.click("#likeliest")
    assert shown(tab) == expected(said.labels, said.values.argmax(axis=1), NAMES[classes])
    assert tab.problems == []


def test_the_dot_on_the_curve_stands_at_recall_and_precision(page):
    found = findings()
    tab = page(found)
    move(tab, 60)
    line = tab.evaluate(LIVE)[1]
    x, y, box = tab.evaluate(
        "(() => { const h = document.getElementById('here');"
        " return [+h.getAttribute('cx'), +h.getAttribute('cy'), {...h.dataset}]; })()"
    )
    left, right, top, bottom = (float(box[side]) for side in ("left", "right", "top", "bottom"))
    assert (x - left) / (right - left) == pytest.approx(float(line[1]), abs=1e-3)
    assert (bottom - y) / (bottom - top) == pytest.approx(float(line[0]), abs=1e-3)


def test_the_arrow_keys_move_the_slider(page):
    found = findings()
    tab = page(found)
    tab.evaluate("document.getElementById('threshold').focus()")
    before = tab.evaluate("document.getElementById('rule').textContent")
    tab.press("ArrowRight")
    assert before == "The likeliest class decides."
    assert (
        tab.evaluate("document.getElementById('rule').textContent") == "good from a probability of 0.51 on."
    )
    assert tab.evaluate("document.getElementById('threshold').getAttribute('aria-valuetext')") == "0.51"


@pytest.mark.parametrize("key", ["click", "Enter"])
def test_a_cell_shows_its_texts(page, key):
    found = findings()
    tab = page(found)
    cell = ".cell[data-true='0'][data-named='1']"
    if key == "click":
        tab.click(cell)
    else:
        tab.evaluate(f'document.querySelector("{cell}").focus()')
        tab.press(key)
    said = held_out()
    labels, shares = said.labels, said.values
    wrong = np.flatnonzero((labels == 0) & (shares.argmax(axis=1) == 1))
    read = tab.evaluate("[...document.querySelectorAll('#texts bdi')].map(e => e.textContent)")
    order = wrong[np.argsort(-shares[wrong].max(axis=1), kind="stable")]
    assert read == [f"A <b>great</b> film number {row}" for row in order[:20]]
    assert f"True bad, named good: {len(wrong)} row" in tab.evaluate(
        "document.getElementById('texts').textContent"
    )
    assert tab.evaluate(f'document.querySelector("{cell}").getAttribute("aria-pressed")') == "true"


def test_the_texts_of_a_cell_follow_the_threshold(page):
    found = findings()
    tab = page(found)
    tab.click(".cell[data-true='1'][data-named='0']")
    move(tab, 90)
    step = float(thresholds()[90])
    said = held_out()
    chosen = Threshold("good", step, {}, {}).choose(said.values, ("bad", "good"))
    missed = set(np.flatnonzero((said.labels == 1) & (chosen == 0)).tolist())
    read = tab.evaluate("[...document.querySelectorAll('#texts bdi')].map(e => e.textContent)")
    assert {int(text.rpartition(" ")[2]) for text in read} <= missed
    assert len(read) == min(20, len(missed))


def test_the_threshold_that_the_run_decides_by_is_shown_first(page):
    threshold = Threshold("bad", float(np.float32(0.37123)), {}, {})
    tab, said = page(findings(threshold=threshold)), held_out()
    decided = threshold.choose(said.values, NAMES[2])
    assert tab.evaluate(COUNTS) == expected(said.labels, decided, NAMES[2])[0]
    assert "which the run decides by" in tab.evaluate("document.getElementById('rule').textContent")


@pytest.mark.parametrize(
    ("model", "options", "pictures"),
    [
        ("gru", {}, 0),
        ("gru_attention", {"attention": "additive"}, 0),
        ("gru_attention", {"attention": "multihead", "heads": 2}, 2),
        ("transformer", {"heads": 2, "layers": 2}, 4),
        ("gru", {"word_pairs": 64}, 0),
    ],
)
def test_every_model_has_a_page_that_fits(page, model, options, pictures):
    tab = page(findings(NAMES[4], model=model, options=options))
    tab.evaluate("document.querySelectorAll('details').forEach(d => { d.open = true; })")
    for width in (320, 390, 1200):
        tab.resize(width, 800)
        assert tab.evaluate("document.documentElement.scrollWidth") <= width
    assert tab.problems == []
    assert tab.evaluate("document.querySelectorAll('.heads svg').length") == 2 * pictures
    assert bool(tab.evaluate("document.querySelectorAll('.heatrow .word').length")) == (model != "gru")


def test_no_number_is_cut_or_wrapped(page):
    tab = page(findings())
    numbers = "[...document.querySelectorAll('.bars .number')]"
    tab.evaluate(f"{numbers}.forEach(n => {{ n.textContent = '100.0%'; }})")
    for width in (390, 1200):
        tab.resize(width, 800)
        assert tab.evaluate(f"{numbers}.length") > 0
        assert tab.evaluate(f"{numbers}.every(n => n.scrollWidth <= n.clientWidth)")
        tall = "n.offsetHeight >= 2 * parseFloat(getComputedStyle(n).fontSize)"
        assert not tab.evaluate(f"{numbers}.some(n => {tall})")
        assert tab.evaluate("getComputedStyle(document.querySelector('.chart')).overflow") == "visible"


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_text_has_the_contrast_of_wcag_aa(page, scheme):
    tab = page(findings(NAMES[4], options={"attention": "multihead", "heads": 2, "word_pairs": 64}))
    tab.colours(scheme)
    tab.evaluate("document.querySelectorAll('details').forEach(d => { d.open = true; })")
    tab.click(".cell")
    lowest, text = tab.contrasts()[0]
    assert lowest >= 4.5, text


def test_hostile_texts_and_names_stay_text(page):
    found = findings(
        (HOSTILE[:60], "b" * 200), text=HOSTILE.replace("\ud800", ""), options={"word_pairs": 64}
    )
    written = run_page(found)
    assert written.count("<script") == written.count("</script>") == 2
    assert not re.findall(r'(?:src|href)="(?!#)|@import', written)
    tab = page(found)
    tab.click(".cell")
    tab.resize(390, 800)
    assert tab.problems == []
    assert "taken" not in tab.evaluate("document.title").split(":")[-1]
    assert tab.evaluate("document.images.length") == 0
    assert tab.evaluate("document.documentElement.scrollWidth") <= 390
    assert "⟨U+202E⟩␀" in tab.evaluate("document.querySelector('#texts bdi').textContent")


def test_a_screen_reader_hears_what_each_part_is(page):
    tab = page(findings())
    nodes = tab.call("Accessibility.getFullAXTree")["nodes"]
    named = [(node["role"]["value"], node.get("name", {}).get("value", "")) for node in nodes]
    for name in ("Data", "Training", "Decisions", "Where it looked", "From ids to probabilities"):
        assert ("heading", name) in named
        assert ("region", name) in named
    assert ("slider", "Threshold") in named
    assert any(role == "button" and name.startswith("true bad, named good: ") for role, name in named)
    assert {"navigation", "main", "table", "columnheader", "rowheader", "combobox"} <= {
        role for role, _ in named
    }
    assert all(name for role, name in named if role in ("button", "link", "image", "slider", "combobox"))


def test_without_a_script_all_but_the_moving_parts_is_there(page):
    tab = page(findings(), scripts=False)
    text = tab.evaluate("document.body.textContent")
    for part in ("Accuracy", "strip_markup", "[removed: <b>]", "Surely right", "attention.project"):
        assert part in text
    assert sum(map(sum, tab.evaluate(COUNTS))) == 300


def test_a_run_without_scores_has_a_page(page):
    tab = page(findings(scored=False))
    assert tab.problems == []
    assert "stopped before it was scored" in tab.evaluate("document.body.textContent")


@pytest.mark.slow
@pytest.mark.parametrize(("classes", "rows"), [(2, 25_000), (20, 25_000), (40, 3_000), (800, 1_600)])
def test_a_page_of_many_long_texts_has_a_few_megabytes(classes, rows):
    names = tuple(f"class {number}" for number in range(classes))
    written = run_page(findings(names, rows, text="A film " * 2_000))
    assert len(written) < 4_000_000
    assert "this page holds" in written


def test_a_page_prints_on_white_paper_in_the_dark_too(page):
    tab = page(findings())
    dark = [{"name": "prefers-color-scheme", "value": "dark"}]
    tab.call("Emulation.setEmulatedMedia", media="print", features=dark)
    background = "getComputedStyle(document.body).backgroundColor.match(/\\d+/g).map(Number)"
    assert min(tab.evaluate(background)) > 200
    assert tab.contrasts()[0][0] >= 4.5
    assert len(tab.call("Page.printToPDF", printBackground=True)["data"]) > 10_000


def test_the_loss_has_at_most_300_points(page):
    found = findings()
    log = [{"step": step, "epoch": 1, "loss": 1.0} for step in range(5_000)]
    written = run_page(type(found)(**{**vars(found), "log": log}))
    (path,) = re.findall(r'class="line train" d="([^"]*)"', written)[:1]
    assert len(path.split("L")) == 300
    json.dumps(written)


@pytest.mark.parametrize("pairs", [0, 8])
def test_attention_is_not_said_to_be_all_where_a_linear_model_is_added(pairs):
    html = run_page(findings(options={"word_pairs": pairs}))
    assert ("A linear model of all words and pairs of words is added" in html) == bool(pairs)
    assert ("Under each word" in html) == bool(pairs)
    assert ("Words and pairs that add most" in html) == bool(pairs)


@pytest.mark.parametrize("several", [False, True])
def test_what_stands_under_the_words_adds_up_to_the_linear_models_part(page, several):
    names = ("funny", "sad", "scary")
    tab = page(findings(names, options={"word_pairs": 64}, several=several))
    for card in tab.evaluate("""[...document.querySelectorAll('#h-attention ~ .cards article')].map(card => [
        card.querySelector('.sum').textContent,
        ...[...card.querySelector('.weighed').querySelectorAll('.word')].map(e => e.innerText)])"""):
        said, *words = (text.replace("\N{MINUS SIGN}", "-") for text in card)
        deep, linear, together = map(float, re.findall(r"[+-][\d.]+", said))
        assert deep + linear == pytest.approx(together, abs=0.011)
        adds = [float(word.split()[-1]) for word in words]
        assert sum(adds) == pytest.approx(linear, abs=0.005 * (len(adds) + 1))
        assert ("or not" in said) == several
        assert (" against " in said) != several


PAIR = {"text": "A <b>great</b> film", "pair": "It was <i>good</i>"}
OF_MISTAKE = (
    "[...document.querySelectorAll('.wrong li:first-child :is(.which, bdi)')].map(e => e.textContent)"
)


def test_a_pair_is_shown_as_two_texts_wherever_texts_are(page):
    tab = page(findings(**PAIR))
    which, text, other, second = tab.evaluate(OF_MISTAKE)
    assert (which, other) == ("First text", "Second text")
    assert (text[:19], second[:17]) == (PAIR["text"], PAIR["pair"][:17])
    tab.click(".cell[data-true='0'][data-named='1']")
    read = tab.evaluate("[...document.querySelectorAll('#texts li:first-child bdi')].map(e => e.textContent)")
    number = read[0].rpartition(" ")[2]
    assert read == [f"{text} number {number}" for text in PAIR.values()]
    example = "document.querySelector('article')"
    assert tab.evaluate(f"[...{example}.querySelectorAll('h4')].map(e => e.textContent)") == [
        "First text",
        "Second text",
    ]
    tokens = tab.evaluate(f"[...{example}.querySelectorAll('.tokens bdi')].map(e => e.textContent)")
    assert tokens == ["a", "great", "film", "<sep>", "it", "was", "good"]
    assert tab.problems == []


def test_where_it_looked_tells_the_texts_of_a_pair_apart(page):
    tab = page(findings(**PAIR))
    heat = "[...document.querySelector('.heatrow').children].map(e => [e.textContent, e.className])"
    assert tab.evaluate(heat) == [
        *([word, "word"] for word in ("a", "great", "film")),
        ["<sep>", "word special"],
        *([word, "word second"] for word in ("it", "was", "good")),
    ]
    note = tab.evaluate("document.querySelector('.heatrow + .note').textContent")
    assert re.search(r"In all: first text [\d.]+%, second text [\d.]+%, special tokens [\d.]+%\.", note)
    assert "Underlined: the second text; in italics: special tokens." in note


@pytest.mark.parametrize("width", [320, 390, 1200])
def test_a_page_of_pairs_fits_any_screen(page, width):
    tab = page(findings(text="A <b>great</b> film " * 9, pair="unbroken" * 60))
    tab.click(".cell[data-true='0'][data-named='1']")
    tab.resize(width, 800)
    assert tab.evaluate("document.documentElement.scrollWidth") <= width
    lowest, text = tab.contrasts()[0]
    assert lowest >= 4.5, text
