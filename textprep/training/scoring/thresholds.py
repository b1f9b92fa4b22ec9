"""The threshold that serves a stated trade-off: at least so much recall, or precision, of one class."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any, cast

import numpy as np
import numpy.typing as npt

from textprep.errors import ConfigError
from textprep.records import SHARES, Scores, ThresholdRecord

Floats = npt.NDArray[np.floating[Any]]
Ints = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Threshold:
    """A text is of class ``class_name`` if its probability is ``value`` or more, else of the likeliest other.

    Where a text may have several classes, the others stay as they are.

    Attributes:
        class_name: the class that the trade-off is about.
        value: a probability, 0 to 1.
        wanted: ``{"recall": 0.95}`` or ``{"precision": 0.9}``: what was asked for.
        validation: precision and recall of the class on the validation split, which the value was chosen on.
    """

    class_name: str
    value: float
    wanted: dict[str, float]
    validation: dict[str, float]

    def choose(self, probabilities: Floats, class_names: tuple[str, ...]) -> Ints:
        """The classes (N,) of rows with ``probabilities`` (N, C)."""
        index = class_names.index(self.class_name)
        others = probabilities.copy()
        others[:, index] = -1
        chosen: Ints = np.where(probabilities[:, index] >= self.value, index, others.argmax(axis=1))
        return chosen

    def mark(
        self, likely: npt.NDArray[np.bool_], probabilities: Floats, class_names: tuple[str, ...]
    ) -> npt.NDArray[np.bool_]:
        """``likely`` (N, C), which classes each row has, with this one decided by the threshold."""
        index = class_names.index(self.class_name)
        marked = likely.copy()
        marked[:, index] = probabilities[:, index] >= self.value
        return marked

    def cost(self, before: Scores, after: Scores) -> dict[str, dict[str, float]]:
        """What the threshold changes, from scores without it and with it: score → the two.

        >>> score = {"accuracy": 0.9, "per_class": {"good": {"precision": 0.8, "recall": 0.9, "f1": 0.85}}}
        >>> Threshold("good", 0.4, {}, {}).cost(score, score)["recall"]
        {'without': 0.9, 'with': 0.9}
        """
        both = {"without": before, "with": after}
        mine = {way: scores["per_class"][self.class_name] for way, scores in both.items()}
        changed = {str(name): {way: scores[name] for way, scores in mine.items()} for name in SHARES}
        return {**changed, "accuracy": {way: scores["accuracy"] for way, scores in both.items()}}

    def to_json(self) -> ThresholdRecord:
        """Plain JSON values, with the keys above."""
        return cast(ThresholdRecord, asdict(self))


def pick_threshold(
    has: Ints, probabilities: Floats, class_name: str, class_names: tuple[str, ...],
    *, min_recall: float | None = None, min_precision: float | None = None,
) -> Threshold:  # fmt: skip
    """The threshold with the best precision among those with the wanted recall, or the other way round.

    Of thresholds that are equally good the highest is taken.

    Args:
        has: (N,) whether a row of the validation split has the class, 0 or 1; below 0 is left out.
        probabilities: (N, C) of the same rows.
        class_name: the class that the trade-off is about.
        class_names: the C names.
        min_recall: the least recall, 0 to 1.
        min_precision: the least precision; one of the two is given.

    Raises:
        ConfigError: not one of the two is given, it is no share, no row has the class, or no threshold
            reaches it.

    >>> has, sure = np.array([0, 0, 1, 1]), np.array([0.1, 0.6, 0.5, 0.9])
    >>> pick_threshold(has, np.stack([1 - sure, sure], 1), "good", ("bad", "good"), min_recall=1.0)
    Threshold(class_name='good', value=0.5, wanted={'recall': 1.0},
              validation={'precision': 0.666..., 'recall': 1.0})
    """
    wanted, other, least = _wanted(min_recall, min_precision)
    if class_name not in class_names:
        raise ConfigError(f"there is no class {class_name!r}; there are: {', '.join(class_names)}")
    scores = _scores_by_threshold(has, probabilities[:, class_names.index(class_name)])
    if not len(scores["recall"]):
        raise ConfigError(
            f"no row of the validation split is of class {class_name!r}: no threshold can be chosen"
        )
    enough = scores[wanted] >= least
    if not enough.any():
        best = scores[wanted].max()
        raise ConfigError(
            f"no threshold gives class {class_name!r} a {wanted} of {least:g} on the validation split: "
            f"the most is {best:.4f}"
        )
    best = int(np.argmax(np.where(enough, scores[other], -1)))
    reached = {name: float(scores[name][best]) for name in ("precision", "recall")}
    return Threshold(class_name, float(scores["threshold"][best]), {wanted: least}, reached)


def _wanted(min_recall: float | None, min_precision: float | None) -> tuple[str, str, float]:
    """What is asked for, what is made best, and the least of the former."""
    if (min_recall is None) == (min_precision is None):
        raise ConfigError("give either the least recall or the least precision")
    wanted = (
        ("precision", "recall", min_precision) if min_recall is None else ("recall", "precision", min_recall)
    )
    least = float(wanted[2] or 0)
    if not 0 < least <= 1:
        raise ConfigError(f"the least {wanted[0]} is {least:g}: it must be above 0, at most 1")
    return wanted[0], wanted[1], least


def _scores_by_threshold(has: Ints, sure: Floats) -> dict[str, Floats]:
    """Precision and recall at every distinct probability, the highest first."""
    sure, here = sure[has >= 0], has[has >= 0] > 0
    order = np.argsort(-sure, kind="stable")
    sure, hits = sure[order], np.cumsum(here[order])
    last = np.flatnonzero(np.diff(sure, append=-1.0))  # of rows with one probability
    if not here.any():
        last = last[:0]
    return {
        "threshold": sure[last],
        "precision": hits[last] / (last + 1),
        "recall": hits[last] / max(int(here.sum()), 1),
    }
