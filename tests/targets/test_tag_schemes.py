"""Tags of every scheme say where entities are; read as `conlleval` and seqeval read them, whatever they are."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from textprep.targets.tag_schemes import (
    PREFIXES,
    USED,
    Parts,
    entities,
    normal,
    prefixes_of,
    scheme_of,
    tags_of,
    taken_apart,
    written,
)

TYPES = ["PER", "LOC"]
ENTITIES = st.lists(st.tuples(st.sampled_from([*TYPES, ""]), st.integers(1, 3)), max_size=6)
ANY = st.lists(st.sampled_from(["O", *(f"{p}-{kind}" for p in "BIES" for kind in TYPES)]), max_size=8)


def encoded(parts, scheme):
    """The tags of (type, words) in a row; without a type they are outside."""
    tags, before = [], ""
    for kind, words in parts:
        each = [written(prefix, kind) for prefix in prefixes_of(words, scheme)] if kind else ["O"] * words
        if kind and scheme == "iob1" and before != kind:
            each[0] = f"I-{kind}"
        tags, before = tags + each, kind
    return tags


def words(tags):
    """(start, stop, type) counted in words."""
    return list(entities(tags, [(n, n + 1) for n in range(len(tags))]))


def spans(parts):
    at, found = 0, []
    for kind, length in parts:
        found += [(at, at + length, kind)] if kind else []
        at += length
    return found


def made_normal(rows, scheme):
    flat = [taken_apart(tag) for row in rows for tag in row]
    kinds = sorted({kind for _, kind in flat})
    first = [n == 0 for row in rows for n in range(len(row))]
    parts = Parts(
        np.array([prefix for prefix, _ in flat], int),
        np.array([kinds.index(kind) for _, kind in flat], int),
        np.array(first, bool),
    )
    tags = [
        written(prefix, kind) for prefix, (_, kind) in zip(normal(parts, scheme).tolist(), flat, strict=True)
    ]
    ends = np.cumsum([0, *map(len, rows)])
    return [tags[start:stop] for start, stop in pairwise(ends)]


@pytest.mark.parametrize("scheme", ["iob2", "bioes"])
@given(st.lists(ENTITIES, max_size=4))
def test_entities_come_back_from_their_tags(scheme, rows):
    tags = [encoded(row, scheme) for row in rows]
    assert [words(row) for row in tags] == [spans(row) for row in rows]
    assert made_normal(tags, scheme) == tags
    assert {tag for row in tags for tag in row} <= set(tags_of(TYPES, scheme))


@given(st.lists(ENTITIES, max_size=4), st.sampled_from(["iob2", "bioes"]))
def test_iob1_says_the_same(rows, scheme):
    tags = made_normal([encoded(row, "iob1") for row in rows], scheme)
    assert tags == [encoded(row, scheme) for row in rows]


@pytest.mark.parametrize("scheme", ["iob1", "iob2", "bioes"])
@given(st.lists(ANY, max_size=4))
def test_normal_tags_mean_the_same_and_keep_the_rules(scheme, rows):
    tags = made_normal(rows, scheme)
    kept = "iob2" if scheme == "iob1" else scheme
    assert [words(row) for row in tags] == [words(row) for row in rows]
    assert made_normal(tags, kept) == tags
    assert {tag[0] for row in tags for tag in row} <= {"O", *USED[scheme]}


@given(ANY)
def test_any_sequence_has_the_entities_that_seqeval_finds(tags):
    seqeval = pytest.importorskip("seqeval.metrics.sequence_labeling")
    found = [(kind, start, stop - 1) for start, stop, kind in words(tags)]
    assert found == seqeval.get_entities(tags)


@given(ENTITIES)
def test_pieces_without_a_tag_belong_to_the_one_before(row):
    tags = [piece for tag in encoded(row, "iob2") for piece in (tag, "")]
    doubled = [(2 * start, 2 * stop, kind) for start, stop, kind in spans(row)]
    assert words(tags) == doubled


@pytest.mark.parametrize(
    ("rows", "scheme"),
    [
        ([["I-PER", "I-PER", "O"], ["O", "I-LOC", "B-LOC"]], "iob1"),
        ([["O", "I-PER"]], "iob1"),
        ([["B-PER", "I-PER"], ["O", "B-LOC"]], "iob2"),
        ([["B-PER", "O", "I-LOC"]], "iob2"),
        ([["B-PER"]], "iob2"),
        ([["B-PER", "E-PER"]], "bioes"),
        ([["U-PER"], ["B-PER", "L-PER"]], "bioes"),
        ([["B-PER", "I-PER"], ["B-PER", "E-PER"]], "iob2"),
        ([["NN", "VB"], ["O"]], "plain"),
        ([["O", "x", "O", "B-PER"]], "iob2"),  # one tag that is mistyped
        ([["O"], []], None),
        ([], None),
    ],
)
def test_the_scheme_shows_in_the_tags(rows, scheme):
    assert scheme_of(rows) == scheme


def test_a_tag_comes_apart_and_together():
    for tag in ("O", *(f"{prefix}-x-y" for prefix in PREFIXES[1:])):
        assert written(*taken_apart(tag)) == tag
    assert [taken_apart(tag) for tag in ("", "-", "B-", "B", "X-PER", "o")] == [None] * 6
