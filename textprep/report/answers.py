"""What a model says about a text, for pages and terminals, whatever its outputs mean."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from textprep.report.tagged_texts import Piece

MOST_BARS = 6
MOST_QUESTIONS = 3  # of a text that has several classes

Floats = npt.NDArray[np.floating[Any]]


class Question(NamedTuple):
    """What an output decides, so that a page can say why.

    Attributes:
        output: which one.
        other: the one that it is compared with; ``None`` where it stands by itself.
        name: what the output is called.
        against: what the other one is called; ``None`` where there is none.
        unit: what is added up: ``logit``.
        words: what is asked; by default made of the names.
    """

    output: int
    other: int | None
    name: str
    against: str | None
    unit: str = "logit"
    words: str = ""

    def __str__(self) -> str:
        usual = f"{self.name} or not" if self.against is None else f"{self.name} against {self.against}"
        return self.words or usual


class Answer(NamedTuple):
    """What a model says about a text.

    Attributes:
        lines: name, what is said, and how long a bar for it is (0 to 1).
        record: the same as JSON.
        questions: what of it can be explained.
        header: of a table of the lines.
        pieces: of the text, in which the model found entities; none for other kinds.
        found: the entities in one line, for a terminal.
        tags: of each step of a sequence, where each has one.
    """

    lines: tuple[tuple[str, str, float], ...]
    record: dict[str, Any]
    questions: tuple[Question, ...]
    header: tuple[str, str] = ("class", "probability")
    pieces: tuple[Piece, ...] = ()
    found: str = ""
    tags: tuple[str, ...] = ()


def likeliest(probabilities: Floats, names: Sequence[str]) -> tuple[tuple[str, str, float], ...]:
    """At most six classes, the likeliest first, as lines of an `Answer`.

    >>> likeliest(np.array([0.25, 0.75], np.float32), ["bad", "good"])
    (('good', '75.0%', 0.75), ('bad', '25.0%', 0.25))
    """
    order = np.argsort(-probabilities, kind="stable")[:MOST_BARS]
    return tuple(
        (names[place], f"{probabilities[place]:.1%}", float(probabilities[place])) for place in order
    )
