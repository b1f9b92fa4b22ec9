"""Texts for the page of a tagger: what became of each entity, which rows are shown, and where entities are."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import textprep as tp
from textprep.prepared.memory import encode_in_memory
from textprep.targets import target_of
from textprep.training.scoring.entities import Scheme
from textprep.training.scoring.entity_scores import compared, confusion
from textprep.training.scoring.predictions import Predictions
from textprep.training.targets.tag_texts import (
    OUTCOMES,
    Cells,
    Labelled,
    extents_of,
    tagged_texts,
)
from textprep.training.targets.tags import TagsObjective

TAGS = ("O", "B-LOC", "I-LOC", "B-PER", "I-PER")
SCHEME = Scheme.of(TAGS, ("LOC", "PER"))
tags = st.integers(0, len(TAGS) - 1)
rows_of_tags = st.lists(st.lists(st.tuples(tags, tags), max_size=7), min_size=1, max_size=12)


def arrays(rows):
    """True tags, predicted ones and offsets."""
    flat = np.array([pair for row in rows for pair in row], np.int64).reshape(-1, 2)
    return flat[:, 0], flat[:, 1], np.append(0, np.cumsum([len(row) for row in rows]))


def sure_of(given_tags) -> np.ndarray:
    return np.eye(len(TAGS))[given_tags] * 0.75 + 0.05


@settings(max_examples=200, deadline=None)
@given(rows=rows_of_tags)
def test_what_became_of_entities_is_what_the_scores_count(rows):
    true, said, offsets = arrays(rows)
    cells = Cells.of(compared(true, said, offsets, SCHEME), offsets, 2)
    scored = confusion(true, said, offsets, SCHEME)
    counted = {name: int((cells.outcomes == place).sum()) for place, name in enumerate(OUTCOMES)}
    assert counted == scored["outcomes"]
    matrix = np.zeros((3, 3), int)
    np.add.at(matrix, (cells.true, cells.said), 1)
    assert matrix.tolist() == scored["confusion_matrix"]


@settings(max_examples=200, deadline=None)
@given(rows=rows_of_tags, most=st.integers(1, 12))
def test_rows_are_shown_that_have_mistakes_first_and_something_of_each_kind(rows, most):
    true, said, offsets = arrays(rows)
    cells = Cells.of(compared(true, said, offsets, SCHEME), offsets, 2)
    shown = cells.rows_to_show(len(rows), most).tolist()
    having = set(cells.rows.tolist())
    assert len(shown) == len(set(shown)) == min(most, len(having))
    assert set(shown) <= having
    lost = [int(((cells.rows == row) & (cells.outcomes < 2)).sum()) for row in shown]
    assert lost == sorted(lost, reverse=True)
    kinds = set(zip(*(each.tolist() for each in cells[1:]), strict=True))
    if len(kinds) <= most // 2:
        here = np.isin(cells.rows, shown)
        assert set(zip(*(each[here].tolist() for each in cells[1:]), strict=True)) == kinds


@pytest.mark.parametrize(
    ("text", "spans", "places", "found"),
    [
        ("Ana de Vries.", [(0, 3), (4, 6), (7, 9), (9, 12), (12, 13)], [0, 1, 2, 4], ["Ana", "de", "Vries", "."]),
        ("Ana  Vries", [(0, 3), (3, 10)], [0, 1], ["Ana", "Vries"]),  # white space belongs to the token
        ("<b>Love</b>lace ran", [(3, 7), (11, 15), (16, 19)], [0, 2], ["Love</b>lace", "ran"]),
        ("U.N. left", [(0, 1), (1, 2), (2, 3), (3, 4), (5, 9)], [0, 4], ["U.N.", "left"]),
        ("in Rome now", [(0, 2), (3, 7), (8, 11)], [1], ["Rome"]),  # what has no label is no part of it
        ("nothing", [], [], []),
    ],
)  # fmt: skip
def test_an_entity_reaches_to_the_end_of_its_last_word(text, spans, places, found):
    ends = extents_of(text, np.array(spans, np.int64).reshape(-1, 2), np.array(places, np.int64))
    assert [text[start:stop] for start, stop in ends.tolist()] == found


def labelled(labels, said) -> Labelled:
    offsets = np.append(0, np.cumsum([len(row) for row in labels]))
    flat = np.concatenate([np.array(row, np.int64) for row in labels])
    values = sure_of(np.concatenate([np.array(row, np.int64) for row in said]))
    places = np.concatenate([np.arange(len(row)) for row in labels])
    return Labelled(flat, values, offsets, places, np.diff(offsets))


def test_texts_have_their_entities_at_their_places():
    texts = ["Ana Lee left Oslo today", "It rains"]
    pipeline = tp.Pipeline([tp.Lowercase()], tokenizer=tp.WordTokenizer()).fit(texts)
    tokens = labelled([[3, 4, 0, 1], [0, 0]], [[0, 3, 0, 1], [0, 1]])
    first, second = tagged_texts(
        tokens,
        SCHEME,
        lambda rows: [(texts[row],) for row in rows],
        lambda some: encode_in_memory(pipeline, some, spans=True),
    )
    if first.text != texts[0]:
        first, second = second, first
    assert [(texts[0][each.start : each.stop], each.type, each.outcome) for each in first.true] == [
        ("Ana Lee", 1, "wrong_borders"), ("Oslo", 0, "right"),
    ]  # fmt: skip
    assert [(texts[0][each.start : each.stop], each.type, each.outcome) for each in first.said] == [
        ("Lee", 1, ""), ("Oslo", 0, ""),
    ]  # fmt: skip
    assert first.said[0].certain == pytest.approx(0.8)
    assert (first.cells, first.unread) == ([("wrong_borders", 1, 1), ("right", 0, 0)], 1)
    assert [(each.outcome, texts[1][each.start : each.stop]) for each in second.said] == [
        ("invented", "rains")
    ]


def test_a_page_without_places_has_no_texts():
    objective = TagsObjective(target_of("tags", tags=TAGS, scheme="iob2"))
    rows = Predictions(
        np.arange(1), np.array([1, 0]), sure_of(np.array([1, 3])), np.array([0, 2]), np.array([0, 1])
    )
    scores = objective.scores(rows)
    page = objective.page(rows, scores, {}, None, lambda wanted: [])
    assert [section.template for section in page.sections] == ["tag_scores.html"]
    where = SimpleNamespace(spans=lambda row: np.array([[0, 4], [5, 9]]))
    page = objective.page(rows, scores, {}, None, lambda wanted: [("Oslo rain",)], spans=lambda texts: where)
    assert [section.template for section in page.sections] == ["tag_scores.html", "tag_texts.html"]
    assert page.script == "tags"
