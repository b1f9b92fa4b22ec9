"""The page of a tagger, in a browser: texts can be chosen with the keyboard, and are read out as what they are."""

from __future__ import annotations

import json
import re
from dataclasses import replace

import numpy as np
import pytest
import torch

import textprep as tp
from tests.report.runs import findings
from textprep.models import MODELS
from textprep.report.explanation_page import explanation_page
from textprep.report.run_page import run_page
from textprep.report.tags import MOST_TYPES, tags_page
from textprep.targets import target_of
from textprep.training.runs.insight import read_rows
from textprep.training.scoring.predictions import Predictions
from textprep.training.targets.tags import TagsObjective

HOSTILE = "</script><img/src=x/onerror=document.title='taken'>\u202e\x00שלום"
SHOWN = (
    "[...document.querySelectorAll('#tagged > li')].filter(e => e.checkVisibility()).map(e => e.innerText)"
)
CELLS = "[...document.querySelectorAll('#tagged > li')].filter(e => e.checkVisibility()).map(e => e.dataset.cells)"
FOUND = "document.getElementById('found').textContent"


class Spans:
    """Of words between spaces."""

    def __init__(self, texts: list[str]) -> None:
        self.texts = texts

    def spans(self, row: int) -> np.ndarray:
        words = [match.span() for match in re.finditer(r"[^ ]+", self.texts[row])]
        return np.array(words, np.int64).reshape(-1, 2)


def tagger(names=("LOC", "PER"), *, scheme: str = "iob2") -> TagsObjective:
    entity = [f"{part}-{name}" for name in names for part in "BI"]
    return TagsObjective(
        target_of("tags", tags=names if scheme == "plain" else ("O", *entity), scheme=scheme)
    )


def report(
    objective: TagsObjective, rows: int = 90, words: int = 8, *, word: str = "word", right: float = 0.75
) -> str:
    """The page of a tagger that is ``right`` so often, on texts of made words."""
    generator = np.random.default_rng(0)
    tags = len(objective.names)
    lengths = generator.integers(1, words + 1, rows)
    true = generator.integers(0, tags, lengths.sum())
    said = np.where(generator.random(len(true)) < right, true, generator.integers(0, tags, len(true)))
    values = (np.eye(tags)[said] * 0.75 + 0.25 / tags).astype(np.float32)
    places = np.concatenate([np.arange(length) for length in lengths])
    offsets = np.append(0, np.cumsum(lengths))
    predicted = Predictions(np.arange(rows), true, values, offsets, places)
    scores = {**objective.scores(predicted), "held_out": "test"}

    def texts(wanted):
        return [(" ".join(f"{word}{row}.{place}" for place in range(lengths[row])),) for row in wanted]

    found = findings()
    page = objective.page(predicted, scores, {}, None, texts, spans=Spans)
    metrics = {**found.metrics, **scores}
    return run_page(replace(found, names=objective.target.classes, metrics=metrics, page=page, read=None))


@pytest.fixture
def tab(opened):
    return opened(report(tagger()))


def choose(tab, name: str, value: str) -> None:
    tab.evaluate(
        f"(() => {{ const s = document.getElementById('{name}'); s.value = '{value}';"
        " s.dispatchEvent(new Event('change', {bubbles: true})); })()"
    )


@pytest.mark.parametrize("kind", ["missed", "invented", "wrong_type", "wrong_borders", "right"])
def test_texts_are_chosen_by_what_is_in_them(tab, kind):
    choose(tab, "kind", kind)
    cells = tab.evaluate(CELLS)
    assert 0 < len(cells) <= 20
    assert all(f"{kind}:" in each for each in cells)
    choose(tab, "type", "1")
    narrowed = tab.evaluate(CELLS)
    assert all(re.search(rf"\b{kind}:(1:|\d:1\b)", each) for each in narrowed)
    words = {"wrong_type": "wrong type", "wrong_borders": "wrong borders"}.get(kind, kind)
    assert kind == "right" or all(words in text for text in tab.evaluate(SHOWN))
    assert tab.problems == []


def test_missed_and_invented_ones_come_first(tab):
    lost = [len(re.findall("missed|invented", text)) for text in tab.evaluate(SHOWN)]
    assert lost == sorted(lost, reverse=True)
    assert lost[0] > 0


def test_a_cell_of_the_confusion_chooses_its_texts_with_the_keyboard(tab):
    cell = ".cell[data-true='0'][data-said='1']"
    tab.evaluate(f'document.querySelector("{cell}").focus()')
    tab.press("Enter")
    assert all(re.search(r"\b\w+:0:1\b", each) for each in tab.evaluate(CELLS))
    assert "true LOC, predicted PER" in tab.evaluate(FOUND)
    assert tab.evaluate(f'document.querySelector("{cell}").getAttribute("aria-pressed")') == "true"
    tab.press("Enter")
    assert tab.evaluate(FOUND).startswith("90 texts") or tab.evaluate(FOUND).split()[0].isdigit()
    assert tab.evaluate(f'document.querySelector("{cell}").getAttribute("aria-pressed")') == "false"


def test_more_texts_are_shown_and_the_first_of_them_is_where_one_is(tab):
    before = len(tab.evaluate(SHOWN))
    tab.evaluate("document.getElementById('more').focus()")
    tab.press("Enter")
    assert (before, len(tab.evaluate(SHOWN))) == (20, 40)
    assert (
        tab.evaluate("[...document.querySelectorAll('#tagged > li')].indexOf(document.activeElement)") == 20
    )


def test_a_long_text_unfolds_with_the_keyboard(opened):
    tab = opened(report(tagger(), rows=5, words=400, right=0.98))
    fold = "document.querySelector('.fold')"
    hidden = "document.querySelectorAll('.folded[hidden]').length"
    before = tab.evaluate(hidden)
    tab.evaluate(f"{fold}.focus()")
    tab.press("Enter")
    assert tab.evaluate(hidden) == before - 1
    assert tab.evaluate(f"{fold}.getAttribute('aria-expanded')") == "true"


def test_a_screen_reader_hears_what_is_true_and_what_was_predicted(tab):
    said = tab.evaluate("[...document.querySelectorAll('#tagged > li')].map(e => e.textContent)")
    together = " ".join(said)
    assert re.search(r"\[right: word\d+\.\d+.(LOC|PER)\]", together)
    assert re.search(
        r"\[in truth: word[^\]]* (LOC|PER|LOC|PER); predicted: missed\]", together.replace("\xa0", " ")
    )
    assert re.search(r"\[in truth: no entity; predicted: word[^\]]*% invented\]", together)
    nodes = tab.call("Accessibility.getFullAXTree")["nodes"]
    named = [(node["role"]["value"], node.get("name", {}).get("value", "")) for node in nodes]
    assert ("combobox", "Texts with") in named
    assert ("combobox", "of type") in named
    assert any(role == "button" and name.startswith("true LOC, predicted nothing: ") for role, name in named)
    assert all(name for role, name in named if role in ("button", "link", "combobox"))


def test_colour_is_never_all_that_says_what_an_entity_is(tab):
    assert tab.evaluate(
        "[...document.querySelectorAll('#tagged mark')].every(e => e.querySelector('.type').textContent)"
    )
    assert tab.evaluate(
        "[...document.querySelectorAll('.differ')].every(e => e.querySelector('.outcome').textContent)"
    )


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_text_has_the_contrast_of_wcag_aa(opened, scheme):
    tab = opened(report(tagger([f"T{number}" for number in range(7)])))
    tab.colours(scheme)
    lowest, text = tab.contrasts()[0]
    assert lowest >= 4.5, text


@pytest.mark.parametrize("word", ["word", "unbroken" * 40, HOSTILE])
def test_a_page_fits_a_phone_and_no_text_can_harm_it(opened, word):
    names = ("LOC", "</script><b>\u202e")
    tab = opened(report(tagger(names), word=word))
    for width in (320, 390, 1200):
        tab.resize(width, 800)
        assert tab.evaluate("document.documentElement.scrollWidth") <= width
    assert tab.problems == []
    assert "taken" not in tab.evaluate("document.title")
    assert tab.evaluate("document.images.length") == 0


def test_without_a_script_all_texts_are_there(opened):
    tab = opened(report(tagger()), scripts=False)
    assert tab.evaluate("document.querySelectorAll('#tagged > li').length") > 60
    assert tab.evaluate("!document.getElementById('filter').checkVisibility()")
    assert tab.evaluate("document.querySelectorAll('.folded[hidden]').length") == 0


@pytest.mark.slow
@pytest.mark.parametrize(("types", "rows", "words"), [(3, 20_000, 12), (60, 2_000, 12), (4, 300, 3_000)])
def test_a_page_of_many_texts_is_bounded(types, rows, words):
    written = report(tagger([f"type {number}" for number in range(types)]), rows, words)
    assert len(written) < 4_000_000
    assert written.count('<li data-cells="') <= 200
    assert ('id="confusions"' in written) == (types <= MOST_TYPES)


def test_of_plain_tags_only_mistakes_are_marked(opened):
    tab = opened(report(tagger(("NOUN", "VERB"), scheme="plain")))
    assert tab.evaluate("document.querySelectorAll('#tagged .differ').length") > 0
    assert tab.evaluate("document.querySelectorAll('#tagged .text > mark').length") == 0
    assert tab.problems == []


def test_without_texts_a_confusion_has_no_buttons():
    objective = tagger()
    rows = Predictions(np.arange(1), np.array([1]), np.eye(5)[[1]], np.array([0, 1]), np.array([0]))
    (section,) = tags_page(json.loads(json.dumps(objective.scores(rows)))).sections
    assert not section.context["has_texts"]


def test_a_text_that_is_explained_has_its_entities_marked(opened):
    objective = tagger()
    pipeline = tp.Pipeline([tp.Lowercase()], tokenizer=tp.WordTokenizer()).fit(["ana left oslo"])
    way = pipeline.explain("Ana left <Oslo>", max_length=8)
    torch.manual_seed(0)
    model = MODELS["gru_tagger"](len(pipeline.vocabulary), 5, embedding_dim=4, hidden_dim=3).eval()
    reading = read_rows(model, [[token.id for token in way.row.tokens]], objective, width=8, ways=[way])
    (answer,) = reading.answers
    assert "".join(piece.text for piece in answer.pieces) == "Ana left <Oslo>"
    tab = opened(explanation_page(way, reading))
    marks = tab.evaluate("[...document.querySelectorAll('.entity bdi')].map(e => e.textContent)")
    assert marks == [piece.text for piece in answer.pieces if piece.type]
    rows = "document.querySelectorAll('section[aria-labelledby=h-classes] tbody tr').length"
    assert tab.evaluate(rows) == len(way.texts[0].tokens)
    assert "This model has no attention." in tab.evaluate("document.body.textContent")
    for width in (320, 1200):
        tab.resize(width, 800)
        assert tab.evaluate("document.documentElement.scrollWidth") <= width
    assert tab.problems == []
