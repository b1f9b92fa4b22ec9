"""What the linear model beside a deep one adds to a choice, word by word.

A text is given the class with the highest logit, so what decides is by how much it is above the next
likeliest one; where a text may have several classes, each is chosen by its own logit. A logit is the sum of
what the deep model says and of what the linear one adds for every word and every pair of neighbours: so is
the difference of two.

Shapes are written with T tokens a text, C classes.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from textprep.report.findings import Linear, Reading
from textprep.tables import table

MOST_CHOICES = 3  # of a text that has several classes
STRONGEST = 8

Adds = list[tuple[str, float]]


class Choice(NamedTuple):
    """A class that was chosen, and why, in logits.

    Attributes:
        name: of the class.
        against: the next likeliest one; None where every class stands by itself.
        deep: what the deep model says for it, its bias included.
        tokens: (T,) what each token adds by itself; they and ``pairs`` sum up to what the linear model adds.
        pairs: (T - 1,) what each two neighbours add.
        words: the T tokens.
    """

    name: str
    against: str | None
    deep: float
    tokens: npt.NDArray[np.float64]
    pairs: npt.NDArray[np.float64]
    words: Sequence[str]

    @property
    def linear(self) -> float:
        """What the linear model adds."""
        return float(self.tokens.sum() + self.pairs.sum())

    @property
    def question(self) -> str:
        """Between what was chosen."""
        return f"{self.name} or not" if self.against is None else f"{self.name} against {self.against}"

    def by_word(self) -> Adds:
        """Each token, and what it adds with half of each pair that it is in."""
        halves = np.pad(self.pairs / 2, 1)
        adds = self.tokens + halves[:-1] + halves[1:] if len(self.words) else self.tokens
        return list(zip(self.words, adds.tolist(), strict=True))

    def strongest(self) -> tuple[Adds, int, float]:
        """The words and pairs that add most, for or against; how many others there are, and their sum."""
        found: dict[tuple[str, ...], float] = {}
        ones = [((word,), add) for word, add in zip(self.words, self.tokens.tolist(), strict=True)]
        for key, add in (*ones, *zip(pairwise(self.words), self.pairs.tolist(), strict=True)):
            found[key] = found.get(key, 0.0) + add
        order = sorted(found.items(), key=lambda item: -abs(item[1]))
        rest = order[STRONGEST:]
        return (
            [(" ".join(key), add) for key, add in order[:STRONGEST]],
            len(rest),
            sum(add for _, add in rest),
        )

    def to_json(self) -> dict[str, object]:
        """Plain values; ``tokens`` and ``pairs`` stand in the order of the row."""
        return {
            "class": self.name,
            "against": self.against,
            "deep": self.deep,
            "linear": self.linear,
            "tokens": self.tokens.tolist(),
            "pairs": self.pairs.tolist(),
        }


def choices(reading: Reading, place: int, words: Sequence[str], names: Sequence[str]) -> list[Choice]:
    """How the text ``place`` of a batch, which has these ``words``, came to its class, or its classes.

    Of several classes those above one half, at most three, or else the likeliest; nothing where the model has
    no linear one beside it.
    """
    if reading.linear is None:
        return []
    shares = reading.probabilities[place]
    first, *others = np.argsort(-shares, kind="stable").tolist()
    if not reading.multi_label:
        return [_choice(reading.linear, place, words, names, first, others[0] if others else None)]
    given = [index for index in (first, *others) if shares[index] > 0.5][:MOST_CHOICES]
    return [_choice(reading.linear, place, words, names, index, None) for index in given or [first]]


def _choice(
    linear: Linear, place: int, words: Sequence[str], names: Sequence[str], index: int, other: int | None
) -> Choice:
    tokens, pairs, deep = (
        of[place, ..., index] - (0 if other is None else of[place, ..., other]) for of in linear
    )
    real = len(words)
    against = None if other is None else names[other]
    return Choice(names[index], against, float(deep), tokens[:real], pairs[: max(0, real - 1)], words)


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
    first = table([choice.question, "logit"], [[name, signed(value)] for name, value in both])
    rows = [[name, signed(value)] for name, value in parts]
    return f"{first}\n\n{table(['linear model', 'adds'], rows)}" if rows else first
