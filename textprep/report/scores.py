"""Epochs and seeds as tables, whatever the target is: of what ``metrics.json`` and ``seeds.json`` hold."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple, cast

from textprep.records import HistoryRecord, SeedsSummary, Spread
from textprep.report.class_scores import class_baseline
from textprep.tables import table


def optimistic(held_out: str | None) -> str:
    """What to know about scores on this split, in brackets: the validation split has chosen the epoch.

    >>> optimistic("test"), optimistic("validation")
    ('', ' (it chose the epoch too, so the scores are optimistic)')
    """
    return " (it chose the epoch too, so the scores are optimistic)" if held_out == "validation" else ""


class Measured(NamedTuple):
    """What trainings are compared by: its key, what people call it, and how a value is written."""

    key: str
    title: str
    form: str

    def of(self, record: Mapping[str, Any]) -> Spread:
        """The scores of several trainings."""
        return cast(Spread, record[self.key])

    def written(self, value: float) -> str:
        """A value as a person reads it."""
        return format(value, self.form)

    def short(self, value: float) -> str:
        """A value, with one digit of a percentage."""
        return format(value, ".1%" if "%" in self.form else self.form)

    def difference(self, value: float) -> str:
        """A difference with its sign; of shares in points of a hundred.

        >>> Measured("accuracy", "accuracy", ".2%").difference(-0.025)
        '-2.50'
        >>> Measured("mae", "MAE", ".3f").difference(1)
        '+1.000'
        """
        return f"{value * 100:+.2f}" if "%" in self.form else format(value, f"+{self.form}")


def guess_line(guess: Mapping[str, Any] | None, measure: Measured, score: float) -> str:
    """What guessing gives: the commonest class, or what other targets guess, such as a mean.

    Empty where nobody knows it by this measure.

    >>> print(guess_line({"of": "the training mean", "mae": 1.25}, Measured("mae", "MAE", ".2f"), 0.5))
    always guessing the training mean gives MAE 1.25

    Args:
        guess: the key ``baseline`` of scores: ``label``, or what it is the guess ``of``, and its scores.
        measure: which of them is shown.
        score: of the model.
    """
    if not guess or measure.key not in guess:
        return ""
    if "label" in guess:
        return class_baseline(cast(Any, guess), score)
    return f"always guessing {guess['of']} gives {measure.title} {measure.written(guess[measure.key])}"


def seeds_table(summary: SeedsSummary) -> str:
    """The scores of each seed, their mean and spread.

    Args:
        summary: what `textprep.training.trials.seeds.train_seeds` returns.
    """
    measures = [Measured(*measure) for measure in summary.get("measures", [])]
    if not measures:
        return "no seed has come to its end"
    columns = [*((measure.of(summary), measure.form) for measure in measures), (summary["seconds"], ".1f")]
    first, _ = columns[0]
    names = [f"seed {seed}" for seed in summary["seeds"]]
    rows = [
        [name, *(format(spread["values"][number], form) for spread, form in columns)]
        for number, name in enumerate(names[: len(first["values"])])
    ]
    rows.append(["mean", *(format(spread["mean"], form) for spread, form in columns)])
    rows.append(["spread", *(format(spread["std"], form) for spread, form in columns)])
    split = summary["held_out"]
    note = optimistic(split)
    header = [f"on {split!r}", *(measure.title for measure in measures), "seconds"]
    below = [
        f"{split!r}{note}" if note else "",
        guess_line(summary.get("baseline"), measures[0], first["mean"]),
    ]
    return "\n".join([table(header, rows), *filter(None, below)])


def epochs_table(history: HistoryRecord, measure: str = "accuracy", form: str = ".2%") -> str:
    """Loss and a measure of each epoch; the one whose weights were kept is marked.

    Args:
        history: what `textprep.training.loop.history.History.to_json` returns.
        measure: its key.
        form: how it is written.
    """
    header = ["epoch", "train loss", measure, "validation loss", measure, "seconds", ""]
    columns = [
        (f"{split}_{key}", how)
        for split in ("train", "validation")
        for key, how in (("loss", ".4f"), (measure, form))
    ]
    rows = [
        [
            epoch["epoch"],
            *(_number(epoch[key], how) for key, how in columns),
            _number(epoch["seconds"], ".1f"),
            "best" if epoch["epoch"] == history["best_epoch"] else "",
        ]
        for epoch in history["epochs"]
    ]
    return table(header, rows) + ("\n(interrupted)" if history["interrupted"] else "")


def _number(value: float | None, form: str) -> str:
    return "-" if value is None else format(value, form)
