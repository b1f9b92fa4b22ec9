"""Texts with marks: nothing is lost, no mistake is folded, and no entity is cut."""

from __future__ import annotations

import itertools

from hypothesis import given, settings
from hypothesis import strategies as st

from textprep.report.tagged_texts import (
    FEWEST_FOLDED,
    MOST_FOLDED,
    MOST_REGIONS,
    Entity,
    TaggedText,
    entity_pieces,
    parts_of,
    regions_of,
)
from textprep.visible import visible

NAMES = ("LOC", "PER")


@st.composite
def entities(draw, length: int, outcomes: tuple[str, ...]) -> list[Entity]:
    ends = sorted(draw(st.sets(st.integers(0, length), max_size=24)))
    pairs = zip(ends[::2], ends[1::2], strict=False)
    return [Entity(*pair, draw(st.integers(0, 1)), draw(st.sampled_from(outcomes))) for pair in pairs]


@st.composite
def tagged(draw) -> TaggedText:
    text = draw(st.text("ab \n", min_size=1, max_size=60)) * draw(st.sampled_from([1, 5, 60]))
    true = draw(entities(len(text), ("right", "missed", "wrong_type", "wrong_borders")))
    said = draw(entities(len(text), ("", "invented")))
    return TaggedText(text, true, said)


def plain(pieces) -> str:
    return "".join(plain(piece.lines[0] or piece.lines[1]) if piece.lines else piece.text for piece in pieces)


@settings(max_examples=200, deadline=None)
@given(text=tagged())
def test_regions_are_apart_and_hold_every_entity(text):
    regions = regions_of(text)
    assert all(left.stop <= right.start for left, right in itertools.pairwise(regions))
    for line in ("true", "said"):
        assert [each for region in regions for each in getattr(region, line)] == getattr(text, line)
    assert all(
        region.start <= each.start < each.stop <= region.stop
        for region in regions
        for each in (*region.true, *region.said)
    )


@settings(max_examples=300, deadline=None)
@given(text=tagged(), all_marked=st.booleans())
def test_all_of_a_text_is_there_and_its_mistakes_are_not_folded(text, all_marked):
    parts = parts_of(text, NAMES, all_marked=all_marked)
    done, shown = 0, []
    for part in parts:
        length = part.folded if not part.pieces else None
        if part.pieces:
            written = plain(part.pieces)
            length = (
                next(
                    size
                    for size in range(len(text.text) - done + 1)
                    if visible(text.text[done : done + size]) == written
                )
                if "\n" in text.text
                else len(written)
            )
            assert visible(text.text[done : done + length]) == written
        assert part.folded in (0, length)
        assert part.pieces or part.folded > MOST_FOLDED
        assert not part.folded or part.folded >= FEWEST_FOLDED
        shown += [] if part.folded else [(done, done + length)]
        done += length
    assert done == len(text.text)
    wrong = [region for region in regions_of(text) if not region.is_right][:MOST_REGIONS]
    assert all(any(start <= each.start and each.stop <= stop for start, stop in shown) for each in wrong)
    marked = sum(bool(piece.lines) for part in parts if not part.folded for piece in part.pieces)
    assert marked >= len(wrong)


def test_a_long_text_is_folded_around_its_mistakes():
    text = "word " * 60 + "Oslo " + "word " * 400
    (missed,) = true = [Entity(300, 304, 0, "missed")]
    before, shown, after = parts_of(TaggedText(text, true, []), NAMES)
    assert before.folded > FEWEST_FOLDED
    assert "Oslo" in plain(shown.pieces)
    assert len(plain(shown.pieces)) < 4 * 60
    assert (after.pieces, after.folded > MOST_FOLDED) == ([], True)
    (differs,) = [piece for piece in shown.pieces if piece.lines]
    assert differs.lines[0][0].text == text[missed.start : missed.stop]
    assert (differs.lines[1], differs.outcomes) == ([], ("missed",))


def test_where_only_mistakes_are_marked_what_is_right_is_text():
    text = TaggedText(
        "a b", [Entity(0, 1, 0, "right"), Entity(2, 3, 1, "wrong_type")], [Entity(0, 1, 0), Entity(2, 3, 0)]
    )
    (part,) = parts_of(text, NAMES, all_marked=False)
    assert [(piece.text, bool(piece.lines)) for piece in part.pieces] == [("a ", False), ("", True)]
    assert [piece.type for piece in entity_pieces("a b", text.said, NAMES)] == ["LOC", "", "LOC"]
