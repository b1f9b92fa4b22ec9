"""Texts cut where tokens begin and end, and where a step changed them, to be shown in colours."""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Literal, NamedTuple

from textprep.explanation.alignment import Span
from textprep.steps.edits import Edit

if TYPE_CHECKING:
    from textprep.explanation.explain import StepTrace, TextTrace, Token

Kind = Literal["keep", "removed", "put in"]
Pieces = Sequence[Sequence[Span]]
"""For each token, the pieces of a text that it came from."""


class Segment(NamedTuple):
    """A piece of a text.

    Attributes:
        kind: whether it was there before and after a step, or before, or after.
        text: the piece.
        tokens: the places of the tokens that came from it.
    """

    kind: Kind
    text: str
    tokens: tuple[int, ...]


def token_pieces(way: TextTrace, tokens: Sequence[Token]) -> list[Pieces]:
    """For the raw text and the text after each step, the pieces that ``tokens`` came from."""
    found: list[Pieces] = [[[token.span] for token in tokens]]
    for step in reversed(way.steps):
        found.append([step.alignment.back(pieces) for pieces in found[-1]])
    return found[::-1]


def text_segments(text: str, pieces: Pieces) -> list[Segment]:
    """``text``, cut where tokens begin and end.

    >>> text_segments("a film", [[(0, 1)], [(2, 6)]])[1:]
    [Segment(kind='keep', text=' ', tokens=()), Segment(kind='keep', text='film', tokens=(1,))]
    """
    return _Cut(text, pieces).between("keep", 0, len(text))


def step_segments(step: StepTrace, before: Pieces, after: Pieces) -> list[Segment]:
    """The text before a step and after it in one: what stayed, what was removed, what was put in."""
    old, new = _Cut(step.before, before), _Cut(step.after, after)
    segments: list[Segment] = []
    done = shift = 0  # up to where in the old text, and how much farther that is in the new one
    for start, stop, replacement in _joined(step.edits):
        place = start + shift
        segments += new.between("keep", done + shift, place)
        segments += old.between("removed", start, stop)
        segments += new.between("put in", place, place + len(replacement))
        done, shift = stop, shift + len(replacement) - (stop - start)
    return segments + new.between("keep", done + shift, len(step.after))


def cut_segments(segments: Sequence[Segment], most: int) -> tuple[list[Segment], int]:
    """The first ``most`` characters of ``segments``, and how many more there are.

    >>> cut_segments([Segment("keep", "a ", ()), Segment("removed", "film", ())], 3)
    ([Segment(kind='keep', text='a ', tokens=()), Segment(kind='removed', text='f', tokens=())], 3)
    """
    kept, left = [], most
    for segment in segments:
        if left > 0:
            kept.append(segment._replace(text=segment.text[:left]))
        left -= len(segment.text)
    return kept, max(0, -left)


def _joined(edits: Sequence[Edit]) -> list[Edit]:
    """Edits that touch as one, which is how people read them."""
    joined: list[Edit] = []
    for edit in edits:
        if joined and joined[-1].stop == edit.start:
            joined[-1] = Edit(joined[-1].start, edit.stop, joined[-1].replacement + edit.replacement)
        else:
            joined.append(edit)
    return joined


class _Cut:
    """A text with the tokens that came from each part of it."""

    def __init__(self, text: str, pieces: Pieces) -> None:
        self.text = text
        begin: dict[int, list[int]] = defaultdict(list)
        end: dict[int, list[int]] = defaultdict(list)
        for token, spans in enumerate(pieces):
            for start, stop in spans:
                if start < stop:
                    begin[start].append(token)
                    end[stop].append(token)
        self.bounds = sorted({0, len(text), *begin, *end})
        self.tokens: list[tuple[int, ...]] = []  # from each bound to the next
        open_tokens: set[int] = set()
        for bound in self.bounds:
            open_tokens = (open_tokens - set(end[bound])) | set(begin[bound])
            self.tokens.append(tuple(sorted(open_tokens)))

    def between(self, kind: Kind, start: int, stop: int) -> list[Segment]:
        """The segments from ``start`` to ``stop``."""
        first = bisect_right(self.bounds, start) - 1
        return list(self._segments(kind, start, stop, first)) if start < stop else []

    def _segments(self, kind: Kind, start: int, stop: int, first: int) -> Iterator[Segment]:
        for number in range(first, len(self.bounds) - 1):
            left, right = max(start, self.bounds[number]), min(stop, self.bounds[number + 1])
            if left >= right:
                return
            yield Segment(kind, self.text[left:right], self.tokens[number])
