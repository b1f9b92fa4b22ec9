"""Tags of the raw text come to the tokens that begin in them, or are counted as lost."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from textprep.letters import word_spans
from textprep.targets.alignment import Lost, TaggedPieces, align
from textprep.targets.tag_schemes import entities, prefixes_of, tags_of, written
from textprep.targets.tags import TagsTarget

TAGS = ("O", "B-LOC", "I-LOC", "B-PER", "I-PER")
TARGETS = [
    *(TagsTarget(scheme="iob2", tags=TAGS, pieces=pieces) for pieces in ("first", "all")),
    *(
        TagsTarget(scheme="bioes", tags=tags_of(["LOC", "PER"], "bioes"), pieces=pieces)
        for pieces in ("first", "all")
    ),
    *(TagsTarget(scheme="plain", tags=TAGS, pieces=pieces) for pieces in ("first", "all")),
]


def one_by_one(target, text, pieces, spans):
    """The rules, token by token and piece by piece."""
    labels, begun, words, of_entity = [], set(), set(), {}
    each = [] if target.scheme == "plain" else pieces or []
    found = list(entities([target.tags[tag] for *_, tag in each], [piece[:2] for piece in each]))
    tokens = []
    for start, stop in spans:
        inner = text[start:stop]
        tokens.append((start + len(inner) - len(inner.lstrip()), stop))
    for start, stop in tokens:
        piece = next((piece for piece in pieces or () if piece[0] <= start < piece[1]), None)
        starts = [begin for begin, _ in word_spans(text) if begin <= start]
        word = max(starts, default=None)
        label = -100
        if pieces is not None and start < stop:
            is_tagged = target.pieces == "all" or word not in words or (piece and piece not in begun)
            if piece and is_tagged:
                label = piece[2]
                entity = next((e for e in found if e[0] <= piece[0] < e[1]), None)
                if entity:
                    of_entity.setdefault(entity, []).append(len(labels))
            elif not piece and target.scheme != "plain" and is_tagged:
                label = 0
            words.add(word)
            begun.add(piece)
        labels.append(label)
    for (*_, kind), places in of_entity.items():
        for place, prefix in zip(places, prefixes_of(len(places), target.scheme), strict=True):
            labels[place] = target.tags.index(written(prefix, kind))
    counted = [piece for piece in pieces or () if piece[2] or target.scheme == "plain"]
    lost = [piece for piece in counted if piece not in begun]
    joined = [p for p in lost if any(start < p[0] < stop for start, stop in tokens)]
    return labels, Lost(len(counted), len(lost) - len(joined), len(joined))


def rising(length, most):
    """Spans, none of which begins or ends before the one before it."""
    places = st.lists(st.integers(0, length), min_size=2 * most, max_size=2 * most).map(sorted)
    return places.flatmap(lambda at: st.sampled_from([list(pairwise(at))[::2], list(pairwise(at[::2]))]))


@st.composite
def rows(draw):
    text = draw(st.text("ab _'.\u3000\u00e9\u00ad🎬\n", max_size=12))
    spans = draw(rising(len(text), draw(st.integers(0, 5))))
    apart, done = [], 0
    for start, stop in draw(rising(len(text), 3)):
        if done <= start < stop:
            apart.append((start, stop, draw(st.integers(0, 4))))
            done = stop
    return text, draw(st.sampled_from([apart, apart, None])), spans


def columns(given):
    lengths = [len(pieces or ()) for _, pieces, _ in given]
    flat = np.array([piece for _, pieces, _ in given for piece in pieces or ()], np.int64).reshape(-1, 3)
    spans = np.array([span for *_, spans in given for span in spans], np.int64).reshape(-1, 2)
    labelled = np.array([pieces is not None for _, pieces, _ in given], bool)
    pieces = TaggedPieces(np.cumsum([0, *lengths]), *flat.T, labelled)
    return [text for text, *_ in given], pieces, spans, np.cumsum([0, *(len(s) for *_, s in given)])


@pytest.mark.parametrize("target", TARGETS, ids=lambda target: f"{target.scheme}-{target.pieces}")
@example(given_rows=[("_", [], [(0, 1)]), ("\xad", [], [(0, 1)])])  # the second is no word
@given(given_rows=st.lists(rows(), max_size=4))
def test_all_rows_at_once_have_the_labels_of_each_by_the_rules(target, given_rows):
    labels, lost = align(target, *columns(given_rows))
    each = [one_by_one(target, *row) for row in given_rows]
    assert labels.tolist() == [label for row, _ in each for label in row]
    assert lost == tuple(map(sum, zip(Lost(), *(counts for _, counts in each), strict=True)))


def test_a_tag_is_never_shifted_to_another_word():
    """Ada is deleted, York is joined to New, and a token of white space and one that was put in have none."""
    row = (
        "Ada in New York",
        [(0, 3, 3), (7, 10, 1), (11, 15, 2)],
        [(4, 6), (6, 7), (7, 7), (6, 15)],
    )
    labels, lost = align(TARGETS[0], *columns([row]))
    assert labels.tolist() == [0, -100, -100, 1]
    assert lost == Lost(tags=3, deleted=1, joined=1)


def found_in(scheme, pieces, spans, text):
    target = TagsTarget(scheme=scheme, tags=tags_of(["LOC", "PER"], scheme))
    given_pieces = [(start, stop, target.tags.index(tag)) for start, stop, tag in pieces]
    return [
        target.tags[label]
        for label in align(target, *columns([(text, given_pieces, spans)]))[0]
        if label >= 0
    ]


@pytest.mark.parametrize(
    ("scheme", "tag", "labels"),
    [
        ("iob2", "B-LOC", ["B-LOC", "I-LOC", "I-LOC", "I-LOC"]),
        ("bioes", "S-LOC", ["B-LOC", "I-LOC", "I-LOC", "E-LOC"]),
    ],
)
def test_words_within_a_piece_are_tagged_as_they_are_predicted(scheme, tag, labels):
    assert found_in(scheme, [(0, 4, tag)], [(0, 1), (1, 2), (2, 3), (3, 4)], "U.S.") == labels


def test_an_entity_without_the_word_that_it_begins_with_is_no_part_of_the_one_before():
    pieces = [(0, 3, "B-LOC"), (4, 7, "B-LOC"), (8, 13, "I-LOC")]
    assert found_in("iob2", pieces, [(0, 3), (8, 13)], "Ulm the Hague") == ["B-LOC", "B-LOC"]
