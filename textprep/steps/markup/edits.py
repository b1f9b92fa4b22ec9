"""What is replaced in a page, piece by piece, to get its text; for `textprep.Pipeline.explain` only."""

from __future__ import annotations

from collections.abc import Iterator

from textprep.steps.edits import Edit
from textprep.steps.markup.references import decode, reference_edits
from textprep.steps.markup.scanner import strings_of


class _Piece(str):
    """A string that knows from where in the page it was read."""

    __slots__ = ("start", "stop")

    start: int
    stop: int


def _read(page: str, start: int, stop: int) -> str:
    piece = _Piece(decode(page[start:stop]))
    piece.start, piece.stop = start, stop
    return piece


def edits_of(page: str, hidden: frozenset[str], alt: bool) -> list[Edit] | None:
    """What `scanner.text_of` replaces; None if it puts text before other text, as it does with tables.

    What does not come from the text between tags (line breaks, for instance) is said to replace all that is
    between the texts before and after it.

    >>> edits_of("A <b>great</b> film<p>&amp; good", frozenset(), alt=False)
    [Edit(start=2, stop=5, replacement=''), Edit(start=10, stop=14, replacement=''),
     Edit(start=19, stop=22, replacement='\\n'), Edit(start=22, stop=27, replacement='&')]
    """
    edits: list[Edit] = []
    done, others = 0, ""
    for string in strings_of(page, hidden, alt, _read):
        if not isinstance(string, _Piece):
            others += string
        elif string.start < done:
            return None
        else:
            edits += _gap(page, done, string.start, others)
            edits += reference_edits(page, string.start, string.stop)
            done, others = string.stop, ""
    return [*edits, *_gap(page, done, len(page), others)]


def _gap(page: str, start: int, stop: int, replacement: str) -> Iterator[Edit]:
    if page[start:stop] != replacement:
        yield Edit(start, stop, replacement)
