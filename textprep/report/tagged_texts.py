"""Texts with their entities marked: what is true, what was predicted, and folded where there is no mistake.

Where both agree there is one line with marks; where they differ there are two, as long as they differ.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from textprep.visible import visible

HUES = 6  # of types, which repeat: each mark has the name of its type, too
AROUND = 80  # characters that are shown on each side of a mistake
BEGINNING = 280  # that are shown of a text without one
FEWEST_FOLDED, MOST_FOLDED = 60, 600  # fewer characters are shown as they are, of more it is said how many
MOST_REGIONS = 12  # of a text, around which it is shown
WRONG = ("missed", "invented", "wrong_type", "wrong_borders")
"""What becomes of entities that are not right, in the order in which a page shows them."""


class Entity(NamedTuple):
    """An entity in a raw text.

    Attributes:
        start, stop: in characters, the second exclusive.
        type: an index into the names of types.
        outcome: what became of a true one, see `WRONG`, or ``right``; of a predicted one ``invented``, or
            nothing.
        certain: how probable a predicted one is.
    """

    start: int
    stop: int
    type: int
    outcome: str = ""
    certain: float | None = None


class TaggedText(NamedTuple):
    """A text, and the entities in it.

    Attributes:
        text: as it was given.
        true, said: those that are true, and those that were predicted, each in order.
        cells: of each true and each invented one the outcome, the type that is true, and the type that was
            predicted; where there is none, how many types there are.
        unread: how many tokens the model did not read.
    """

    text: str
    true: Sequence[Entity]
    said: Sequence[Entity]
    cells: Sequence[tuple[str, int, int]] = ()
    unread: int = 0


class Piece(NamedTuple):
    """A stretch of a text.

    Attributes:
        text: everything in it visible.
        type: of the entity that it is; empty where it is none.
        hue: a number for its colour.
        certain: how probable the entity is, where it was predicted.
        lines: where truth and prediction differ, the pieces of both; none for one that has no entity.
        outcomes: what became of the entities there, where they differ.
    """

    text: str
    type: str = ""
    hue: int = 0
    certain: float | None = None
    lines: tuple[list[Piece], ...] = ()
    outcomes: tuple[str, ...] = ()


class Part(NamedTuple):
    """Some pieces of a text: shown, folded, or, where there are none, left out.

    Attributes:
        pieces: in order.
        folded: how many characters are not shown at first.
        wrong: how many stretches in them are wrong.
    """

    pieces: list[Piece]
    folded: int = 0
    wrong: int = 0


class Region(NamedTuple):
    """Entities that overlap, and where they are."""

    start: int
    stop: int
    true: list[Entity]
    said: list[Entity]

    @property
    def outcomes(self) -> tuple[str, ...]:
        """What became of its entities."""
        return tuple(dict.fromkeys(each.outcome for each in (*self.true, *self.said) if each.outcome))

    @property
    def is_right(self) -> bool:
        """Whether truth and prediction agree."""
        return not set(self.outcomes) & set(WRONG)


def regions_of(text: TaggedText) -> list[Region]:
    """Entities that overlap taken together, in order.

    >>> text = TaggedText("Ana Lee left", [Entity(0, 7, 0, "wrong_borders")], [Entity(4, 7, 0)])
    >>> [(region.start, region.stop, region.outcomes) for region in regions_of(text)]
    [(0, 7, ('wrong_borders',))]
    """
    found: list[Region] = []
    both = [(each, True) for each in text.true] + [(each, False) for each in text.said]
    for each, is_true in sorted(both, key=lambda one: one[0].start):
        if not found or each.start >= found[-1].stop:
            found.append(Region(each.start, each.stop, [], []))
        (found[-1].true if is_true else found[-1].said).append(each)
        found[-1] = found[-1]._replace(stop=max(found[-1].stop, each.stop))
    return found


def parts_of(text: TaggedText, names: Sequence[str], *, all_marked: bool = True) -> list[Part]:
    """A text as it is shown: whole around its mistakes, folded elsewhere.

    Args:
        text: and its entities.
        names: of the types.
        all_marked: or only what is wrong.
    """
    regions = regions_of(text)
    marked = regions if all_marked else [region for region in regions if not region.is_right]
    shown = _shown(text.text, regions)
    parts, done = [], 0
    for start, stop in [*shown, (len(text.text), len(text.text))]:
        if start > done:
            parts.append(_rest(text.text, marked, done, start, names))
        if stop > start:
            parts.append(Part(list(_pieces(text.text, marked, start, stop, names))))
        done = max(done, stop)
    return parts


def entity_pieces(text: str, entities: Sequence[Entity], names: Sequence[str]) -> list[Piece]:
    """A text with what was predicted marked.

    >>> entity_pieces("Ana left", [Entity(0, 3, 0, certain=0.9)], ["PER"])[0]
    Piece(text='Ana', type='PER', hue=0, certain=0.9, lines=(), outcomes=())
    """
    return list(_line(text, 0, len(text), entities, names))


def _shown(text: str, regions: Sequence[Region]) -> list[tuple[int, int]]:
    """The stretches of a text that are shown at first: around its mistakes, or its beginning."""
    wrong = [region for region in regions if not region.is_right][:MOST_REGIONS]
    wanted = [(region.start - AROUND, region.stop + AROUND) for region in wrong] or [(0, BEGINNING)]
    shown: list[tuple[int, int]] = []
    for ends in wanted:
        start, stop = _whole(text, regions, max(0, ends[0]), min(len(text), ends[1]))
        if start - (shown[-1][1] if shown else 0) < FEWEST_FOLDED:
            start = shown.pop()[0] if shown else 0
        shown.append((start, stop))
    if len(text) - shown[-1][1] < FEWEST_FOLDED:
        shown[-1] = (shown[-1][0], len(text))
    return shown


def _whole(text: str, regions: Sequence[Region], start: int, stop: int) -> tuple[int, int]:
    """From where to where, so that no entity and no short word is cut."""
    start = max(text.rfind(" ", max(0, start - 20), start) + 1, start - 20, 0) if start else 0
    space = text.find(" ", stop, stop + 20)
    stop = space if space >= 0 else stop
    for region in regions:
        start = region.start if region.start < start < region.stop else start
        stop = region.stop if region.start < stop < region.stop else stop
    return start, stop


def _rest(text: str, regions: Sequence[Region], start: int, stop: int, names: Sequence[str]) -> Part:
    """What is folded; of much only how much it is."""
    folded = stop - start
    wrong = sum(start <= region.start < stop and not region.is_right for region in regions)
    pieces = [] if folded > MOST_FOLDED else list(_pieces(text, regions, start, stop, names))
    return Part(pieces, folded, wrong)


def _pieces(
    text: str, regions: Sequence[Region], start: int, stop: int, names: Sequence[str]
) -> Iterator[Piece]:
    """Those from one place of a text to another, which cut no region."""
    done = start
    for region in regions:
        if region.start < start or region.stop > stop:
            continue
        yield from _plain(text[done : region.start])
        if region.is_right:
            yield from _line(text, region.start, region.stop, region.true, names)
        else:
            lines = (region.true, region.said)
            both = [list(_line(text, region.start, region.stop, each, names)) for each in lines]
            shown = tuple(line if each else [] for line, each in zip(both, lines, strict=True))
            yield Piece("", lines=shown, outcomes=region.outcomes)
        done = region.stop
    yield from _plain(text[done:stop])


def _line(
    text: str, start: int, stop: int, entities: Sequence[Entity], names: Sequence[str]
) -> Iterator[Piece]:
    """What is from one place of a text to another, with some entities."""
    done = start
    for each in entities:
        yield from _plain(text[done : each.start])
        begin, done = max(done, each.start), max(done, each.stop)
        yield Piece(visible(text[begin:done]), names[each.type], each.type % HUES, each.certain)
    yield from _plain(text[done:stop])


def _plain(text: str) -> Iterator[Piece]:
    if text:
        yield Piece(visible(text))
