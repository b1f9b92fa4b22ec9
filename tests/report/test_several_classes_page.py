"""The report of a run whose texts may have several classes, in a browser: its numbers are Python's."""

from __future__ import annotations

import numpy as np
import pytest

from tests.report.driving import COUNTS, LIVE, choose, move
from tests.report.runs import findings, held_out
from textprep.report.decisions import thresholds
from textprep.report.run_page import run_page
from textprep.report.threshold_on_several import ThresholdOnSeveral
from textprep.training.scoring.metrics import multilabel_metrics
from textprep.training.scoring.thresholds import Threshold

NAMES = ("funny", "sad", "scary")
TEXTS = "[...document.querySelectorAll('#texts bdi')].map(e => e.textContent)"


@pytest.fixture
def found():
    return findings(NAMES, several=True, options={"word_pairs": 64})


@pytest.fixture
def said():
    return held_out(NAMES, several=True)


def decided(said, index: int, value: float) -> np.ndarray:
    return Threshold(NAMES[index], value, {}, {}).mark(said.values > 0.5, said.values, NAMES)


def expected(labels, marked, index) -> tuple[list[list[int]], object]:
    """The matrix of a class, the row "has it" and the column "given" first; all scores, rows all right."""
    metrics = multilabel_metrics(labels, marked, NAMES)
    scores = [metrics["per_class"][name][key] for name in NAMES for key in ("precision", "recall", "f1")]
    has, given = labels[:, index] > 0, marked[:, index]
    matrix = [[int((true & named).sum()) for named in (given, ~given)] for true in (has, ~has)]
    return matrix, pytest.approx([*scores, metrics["accuracy"]], abs=1e-4)


def shown(tab) -> tuple[list[list[int]], list[float]]:
    right = tab.evaluate("document.getElementById('accuracy').textContent")
    scores = [float(score) for line in tab.evaluate(LIVE) for score in line]
    return tab.evaluate(COUNTS), [*scores, float(right.rstrip("%")) / 100]


def test_the_slider_moves_matrix_and_scores_as_python_would(page, found, said):
    labels, shares, steps = said.labels, said.values, thresholds()
    tab = page(found)
    assert shown(tab) == expected(labels, shares > 0.5, 2)
    for index in range(3):
        choose(tab, index)
        for step in (0, 5, 53, 80, len(steps) - 2):
            move(tab, step)
            assert shown(tab) == expected(labels, decided(said, index, float(steps[step])), index)
    tab.click("#likeliest")
    assert shown(tab) == expected(labels, shares > 0.5, 2)
    assert "above one half" in tab.evaluate("document.getElementById('rule').textContent")
    assert tab.problems == []


def test_a_cell_shows_its_texts_and_what_they_truly_have(page, found, said):
    tab = page(found)
    tab.click(".cell[data-true='0'][data-named='1']")
    labels, shares = said.labels[:, 2], said.values[:, 2]
    wrong = np.flatnonzero((labels == 0) & (shares > 0.5))
    order = wrong[np.argsort(-shares[wrong], kind="stable")]
    assert tab.evaluate(TEXTS) == [f"A <b>great</b> film number {row}" for row in order[:20]]
    heading = tab.evaluate("document.querySelector('#texts p').textContent")
    assert heading.startswith(f"scary: has it not, given: {len(wrong)} row")
    truth = ", ".join(np.array(NAMES)[said.labels[order[0]] > 0]) or "none"
    about = tab.evaluate("document.querySelector('#texts .about').textContent")
    assert about == f"{shares[order[0]]:.1%}, in truth {truth}"
    choose(tab, 0)
    assert tab.evaluate("document.querySelector('#texts p').textContent").startswith(
        "funny: has it not, given"
    )
    move(tab, 90)
    given = set(np.flatnonzero(decided(said, 0, float(thresholds()[90]))[:, 0]).tolist())
    assert {int(text.rpartition(" ")[2]) for text in tab.evaluate(TEXTS)} <= given


def test_the_threshold_that_the_run_decides_by_is_shown_first(page, said):
    threshold = Threshold("sad", float(np.float32(0.37123)), {}, {})
    tab = page(findings(NAMES, several=True, threshold=threshold))
    matrix, _ = expected(said.labels, decided(said, 1, threshold.value), 1)
    assert tab.evaluate(COUNTS) == matrix
    assert "which the run decides by" in tab.evaluate("document.getElementById('rule').textContent")
    assert set(tab.evaluate("[...document.querySelectorAll('.of-class')].map(e => e.textContent)")) == {"sad"}


def test_the_most_certain_mistakes_say_which_class_was_wrong(found, said):
    written = run_page(found)
    first = ThresholdOnSeveral(said.labels, said.values, NAMES).mistakes(1)[0]
    line = (
        f"{'' if first.given else 'not '}<b>{NAMES[first.label]}</b> with {first.certain:.1%}, in truth <b>"
    )
    assert line in written
    given = said.values > 0.5
    assert f"{int((given != said.labels).sum())} decisions are wrong" in written
    assert "sigmoid" in written


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_it_can_be_read_on_a_phone_and_in_the_dark(page, found, scheme):
    tab = page(found)
    tab.colours(scheme)
    tab.click(".cell")
    lowest, text = tab.contrasts()[0]
    assert lowest >= 4.5, text
    tab.resize(390, 800)
    assert tab.evaluate("document.documentElement.scrollWidth") <= 390
    nodes = tab.call("Accessibility.getFullAXTree")["nodes"]
    buttons = [node["name"]["value"] for node in nodes if node["role"]["value"] == "button"]
    assert any(name.startswith("has it not, given: ") for name in buttons)


def test_without_a_script_all_but_the_moving_parts_is_there(page, found, said):
    tab = page(found, scripts=False)
    assert tab.evaluate(COUNTS) == expected(said.labels, said.values > 0.5, 2)[0]


@pytest.mark.parametrize(("classes", "rows"), [(1, 3_000), (20, 3_000), (40, 300)])
def test_any_number_of_classes_has_a_page_of_a_few_megabytes(page, classes, rows):
    names = tuple(f"class {number}" for number in range(classes))
    found = findings(names, rows, several=True, text="A film " * 400)
    assert len(run_page(found)) < 4_000_000
    assert page(found).problems == []
