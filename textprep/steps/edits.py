"""What a step did to a text, as a list of edits, and what steps share that report it.

An edit says that ``text[start:stop]`` was replaced by ``replacement``. Edits come in the order of the text
and do not overlap; made together they give what calling the step gives:

    text     "A <b>great</b> film"
    edits    (2, 5, "")  (10, 14, "")
    cleaned  "A great film"

The whole replacement comes from the whole piece: a step that knows more reports smaller edits, at best one
for each character that changed. `textprep.Pipeline.explain` is built on them; nothing else asks for them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any, NamedTuple, Protocol

from textprep.errors import StepError


class Edit(NamedTuple):
    """``text[start:stop]`` was replaced by ``replacement``; an empty piece is an insertion."""

    start: int
    stop: int
    replacement: str


class Match(Protocol):
    """A match of ``re`` or ``regex``."""

    def span(self) -> tuple[int, int]:
        """Where it starts and stops."""

    def expand(self, template: Any) -> str:
        """``template`` with its group references filled in."""


def apply_edits(text: str, edits: Iterable[Edit]) -> str:
    """``text`` after ``edits``.

    >>> apply_edits("A <b>great</b> film", [Edit(2, 5, ""), Edit(10, 14, ""), Edit(19, 19, "!")])
    'A great film!'

    Raises:
        StepError: they overlap, are not in order, or lie outside of the text.
    """
    pieces, done = [], 0
    for start, stop, replacement in edits:
        if not done <= start <= stop <= len(text):
            problem = f"({start}, {stop}) in a text of {len(text)} characters, edited up to {done}"
            raise StepError(f"edits do not come in order or lie outside of the text: {problem}")
        pieces += [text[done:start], replacement]
        done = stop
    return "".join([*pieces, text[done:]])


def match_edits(matches: Iterable[Match], replacement: str | Callable[[Any], str]) -> Iterator[Edit]:
    r"""Every match of a pattern replaced, as ``sub`` does; a function is called with the match.

    >>> import re
    >>> list(match_edits(re.finditer(r"(\d)\d*", "7 or 42"), lambda match: "0"))
    [Edit(start=0, stop=1, replacement='0'), Edit(start=5, stop=7, replacement='0')]
    """
    for match in matches:
        made = replacement(match) if callable(replacement) else match.expand(replacement)
        yield Edit(*match.span(), made)


def character_edits(text: str, cleaned: str, length: Callable[[str], int] = len) -> Iterator[Edit]:
    """An edit for each character that changed, where every character becomes ``length(character)`` ones.

    >>> list(character_edits("İT is", "İT is".lower(), lambda character: len(character.lower())))
    [Edit(start=0, stop=1, replacement='i̇'), Edit(start=1, stop=2, replacement='t')]
    """
    done = 0
    for place, character in enumerate(text):
        made = cleaned[done : done + length(character)]
        done += len(made)
        if made != character:
            yield Edit(place, place + 1, made)
