"""Pieces of a text are followed back through edits to where they came from, and never cross."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from textprep.explanation.alignment import Alignment, trace_back
from textprep.steps.edits import Edit, apply_edits


@st.composite
def edited_texts(draw):
    """A text in lower case, what three steps put in (x, y, z) and took out, and the way back."""
    raw = current = draw(st.text("abc", max_size=12))
    way = []
    for _ in range(3):
        places = sorted(draw(st.lists(st.integers(0, len(current)), max_size=8)))
        bounds = zip(places[::2], places[1::2], strict=False)
        edits = [Edit(start, stop, draw(st.text("xyz", max_size=3))) for start, stop in bounds]
        way.append(Alignment(edits, len(current)))
        current = apply_edits(current, edits)
    return raw, current, way


@given(edited_texts())
def test_what_was_not_edited_comes_from_itself(edited):
    raw, current, way = edited
    for i, character in enumerate(current):
        ((start, stop),) = trace_back(way, (i, i + 1)) if character in "abc" else ((0, 0),)
        assert character in "xyz" or raw[start:stop] == character


@given(edited_texts(), st.data())
def test_origins_never_go_backwards(edited, data):
    raw, current, way = edited
    places = sorted(data.draw(st.lists(st.integers(0, len(current)), max_size=8)))
    spans = list(pairwise(places))
    pieces = [trace_back(way, span) for span in spans]
    for flat in (
        [found[0][0] for found in pieces],
        [found[-1][1] for found in pieces],
        *([place for piece in found for place in piece] for found in pieces),
    ):
        assert flat == sorted(flat)
        assert all(0 <= place <= len(raw) for place in flat)


def test_what_is_put_into_a_replacement_comes_from_what_that_replaced():
    replaced, put_in = Alignment([Edit(2, 3, "xx")], 3), Alignment([Edit(3, 3, "y")], 4)  # aab, aaxx, aaxyx
    assert trace_back([replaced, put_in], (3, 4)) == ((2, 3),)
    assert trace_back([replaced, put_in], (0, 5)) == ((0, 3),)


@given(edited_texts())
def test_a_whole_comes_from_where_its_parts_do(edited):
    _, current, way = edited
    parts = {
        place for i in range(len(current)) for span in trace_back(way, (i, i + 1)) for place in range(*span)
    }
    if parts:
        whole = trace_back(way, (0, len(current)))
        assert {place for span in whole for place in range(*span)} == parts


def test_what_replaced_a_piece_comes_from_all_of_it():
    alignment = Alignment([Edit(2, 7, "xy")], 9)  # ab·cdefg·hi → ab·xy·hi
    assert alignment.back([(3, 4)]) == [(2, 7)]
    assert alignment.back([(1, 5)]) == [(1, 8)]


def test_what_replaced_a_piece_in_pieces_comes_from_those():
    way = [Alignment([Edit(2, 5, "")], 9), Alignment([Edit(1, 3, "x")], 6)]  # ab[...]cdef → abcdef → axdef
    assert trace_back(way, (1, 2)) == ((1, 2), (5, 6))


def test_what_was_put_in_has_a_place_and_no_piece():
    alignment = Alignment([Edit(2, 2, "xy")], 4)
    assert alignment.back([(2, 4)]) == [(2, 2)]
    assert alignment.back([(1, 3)]) == [(1, 2)]
    assert Alignment([Edit(0, 0, "x")], 0).back([(0, 1)]) == [(0, 0)]


def test_a_piece_of_very_many_is_the_stretch_that_they_lie_in():
    many = Alignment([Edit(i, i + 1, "") for i in range(0, 2_000, 2)], 2_000)
    assert len(many.back([(0, 50)])) == 50
    assert many.back([(0, 100)]) == [(1, 200)]
    assert many.back([(0, 1_000)]) == [(1, 2_000)]
