"""Characters are carried back through edits to where they came from, and never cross."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from textprep.explanation.alignment import Alignment
from textprep.steps.edits import Edit, apply_edits


def edits_of(text: str, draw) -> list[Edit]:
    places = sorted(draw(st.lists(st.integers(0, len(text)), max_size=8)))
    bounds = list(zip(places[::2], places[1::2], strict=False))
    return [Edit(start, stop, draw(st.text("xyz", max_size=3))) for start, stop in bounds]


@given(st.text("abc", max_size=12), st.data())
def test_what_was_not_edited_comes_from_itself(text, data):
    current, alignment = text, Alignment.identity(len(text))
    for _ in range(3):
        edits = edits_of(current, data.draw)
        current, alignment = apply_edits(current, edits), alignment.after(edits)
    assert len(alignment.starts) == len(alignment.stops) == len(current)
    for i, character in enumerate(current):
        (start, stop) = alignment.pieces(i, i + 1)[0]
        assert character in "xyz" or text[start:stop] == character


@given(st.text("abc", max_size=12), st.data())
def test_origins_never_go_backwards(text, data):
    current, alignment = text, Alignment.identity(len(text))
    for _ in range(3):
        edits = edits_of(current, data.draw)
        current, alignment = apply_edits(current, edits), alignment.after(edits)
        starts, stops = alignment.starts.tolist(), alignment.stops.tolist()
        assert starts == sorted(starts)
        assert stops == sorted(stops)
        assert all(0 <= start <= stop <= len(text) for start, stop in zip(starts, stops, strict=True))


def test_what_replaced_a_piece_comes_from_all_of_it():
    alignment = Alignment.identity(9).after([Edit(2, 7, "xy")])  # ab·cdefg·hi → ab·xy·hi
    assert alignment.pieces(3, 4) == [(2, 7)]
    assert alignment.pieces(1, 5) == [(1, 8)]


def test_what_was_put_in_has_a_place_and_no_piece():
    alignment = Alignment.identity(4).after([Edit(2, 2, "xy")])
    assert alignment.pieces(2, 4) == [(2, 2)]
    assert alignment.pieces(1, 3) == [(1, 2)]
    assert Alignment.identity(0).after([Edit(0, 0, "x")]).pieces(0, 1) == [(0, 0)]


def test_a_token_in_pieces_keeps_them_apart():
    alignment = Alignment.identity(10).after([Edit(2, 5, ""), Edit(7, 9, "")])
    assert alignment.pieces(0, 5) == [(0, 2), (5, 7), (9, 10)]
