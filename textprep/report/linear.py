"""What the linear model beside a deep one adds to a choice, word by word.

An output of a model is the sum of what the deep model says and of what the linear one adds for every word and
every pair of neighbours; so is the difference of two outputs. A text is given the class with the highest
logit, so what decides is by how much it is above the next likeliest one; where a text may have several
classes, each is chosen by its own logit.

Shapes are written with T tokens a text, C classes.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from textprep.report.answers import Question
from textprep.report.findings import Reading
from textprep.report.row_words import named
from textprep.tables import table

STRONGEST = 8

Adds = list[tuple[str, float]]


class Choice(NamedTuple):
    """What was decided, and why, in the unit of the question.

    Attributes:
        question: what was decided.
        deep: what the deep model says for it, its bias included.
        tokens: (T,) what each token adds by itself; they and ``pairs`` sum up to what the linear model adds.
        pairs: (T - 1,) what each two neighbours add.
        words: the T tokens.
        texts: which of two texts each is of, ``first``, ``second`` or nothing; none of one text.
    """

    question: Question
    deep: float
    tokens: npt.NDArray[np.float64]
    pairs: npt.NDArray[np.float64]
    words: Sequence[str]
    texts: Sequence[str] = ()

    @property
    def linear(self) -> float:
        """What the linear model adds."""
        return float(self.tokens.sum() + self.pairs.sum())

    def by_word(self) -> Adds:
        """Each token, and what it adds with half of each pair that it is in."""
        halves = np.pad(self.pairs / 2, 1)
        adds = self.tokens + halves[:-1] + halves[1:] if len(self.words) else self.tokens
        return list(zip(self.words, adds.tolist(), strict=True))

    def strongest(self) -> tuple[Adds, int, float]:
        """The words and pairs that add most, for or against; how many others there are, and their sum.

        The same word in the other one of two texts is another word.
        """
        texts = self.texts or [""] * len(self.words)
        found: dict[tuple[str, tuple[str, ...]], float] = {}
        ones = [
            ((text, (word,)), add)
            for text, word, add in zip(texts, self.words, self.tokens.tolist(), strict=True)
        ]
        pairs = zip(pairwise(texts), pairwise(self.words), self.pairs.tolist(), strict=True)
        both = [((one if one == other else "", words), add) for (one, other), words, add in pairs]
        for key, add in (*ones, *both):
            found[key] = found.get(key, 0.0) + add
        order = sorted(found.items(), key=lambda item: -abs(item[1]))
        rest = order[STRONGEST:]
        return (
            [(named(" ".join(words), text), add) for (text, words), add in order[:STRONGEST]],
            len(rest),
            sum(add for _, add in rest),
        )

    def to_json(self) -> dict[str, object]:
        """Plain values; ``tokens`` and ``pairs`` stand in the order of the row."""
        return {
            "class": self.question.name,
            "against": self.question.against,
            "deep": self.deep,
            "linear": self.linear,
            "tokens": self.tokens.tolist(),
            "pairs": self.pairs.tolist(),
        }


def choices(reading: Reading, place: int, words: Sequence[str], texts: Sequence[str] = ()) -> list[Choice]:
    """How the row ``place`` of a batch, which has these ``words``, came to what the model says about it.

    Nothing where the model has no linear one beside it.
    """
    linear, real = reading.linear, len(words)
    if linear is None:
        return []
    made = []
    for question in reading.answers[place].questions:
        tokens, pairs, deep = (
            of[place, ..., question.output]
            - (0 if question.other is None else of[place, ..., question.other])
            for of in linear
        )
        made.append(Choice(question, float(deep), tokens[:real], pairs[: max(0, real - 1)], words, texts))
    return made


def signed(value: float) -> str:
    """A number with its sign; what rounds to zero has that of zero.

    >>> signed(1.234), signed(-0.5), signed(-0.001)
    ('+1.23', '-0.50', '+0.00')
    """
    return f"{round(value, 2) + 0:+.2f}"


def choice_text(choice: Choice) -> str:
    """For a terminal: both models, then the strongest words and pairs of the linear one."""
    adds, others, rest = choice.strongest()
    both: Adds = [("deep model", choice.deep), ("linear model", choice.linear)]
    both.append(("sum", choice.deep + choice.linear))
    parts = [*adds, (f"({others:,} more)", rest)] if others else adds
    first = table(
        [str(choice.question), choice.question.unit], [[name, signed(value)] for name, value in both]
    )
    rows = [[name, signed(value)] for name, value in parts]
    return f"{first}\n\n{table(['linear model', 'adds'], rows)}" if rows else first
