"""How numbers are learned and scored: the counterpart of `textprep.targets.number`.

Shapes are written with B rows a batch, N rows of a split, K numbers a row, V tokens.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, ClassVar, cast

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from textprep.errors import DatasetError, RunError
from textprep.report.answers import MOST_QUESTIONS, Answer, Question
from textprep.report.number_scores import interval, numbers_summary
from textprep.report.numbers import numbers_page
from textprep.report.row_texts import RowTexts
from textprep.report.sections import Page
from textprep.targets import Target
from textprep.targets.number import NumberTarget
from textprep.training.embeddings.token_means import token_means
from textprep.training.scoring.numbers import mean_interval, number_scores, point_scores
from textprep.training.scoring.ridge import ridge_predictions
from textprep.training.scoring.step_ridge import STEP_TERMS
from textprep.training.targets.base import Floats, Json, Loss, Objective
from textprep.training.targets.label_checks import other_kind
from textprep.training.targets.measure import Measure
from textprep.training.targets.number_losses import LOSSES, NumberLoss
from textprep.visible import counted

if TYPE_CHECKING:
    from textprep.config.options import TrainingOptions
    from textprep.datasets.split import Split
    from textprep.explanation import Explanation
    from textprep.prepared.dataset import PreparedDataset
    from textprep.prepared.split import PreparedSplit
    from textprep.training.scoring.predictions import Predictions


@dataclass(frozen=True)
class NumberPrediction:
    """The number that a model says of a text; where there are several, name → number.

    ``pair`` is the second text, of a run that compares two.
    """

    text: str
    value: float | dict[str, float]
    pair: str | None = None


class NumberObjective(Objective):
    """One number a row, or one of each of several columns.

    A model's outputs are in the labels' own unit; its loss is one of standardized differences.

    >>> objective = NumberObjective(NumberTarget(mean=(3.0,), deviation=(2.0,)))
    >>> objective.names, objective.model_options()
    (('number',), {'num_classes': 1, 'offset': (3.0,), 'scale': (2.0,)})
    >>> objective.predictions(["so so"], np.array([[2.5]]), None)
    [NumberPrediction(text='so so', value=2.5, pair=None)]
    """

    target: NumberTarget
    measures: ClassVar[tuple[Measure, ...]] = (
        Measure("mae", "MAE", ".4g", False, (0.0, None)),
        Measure("rmse", "RMSE", ".4g", False, (0.0, None)),
        Measure("r2", "R²", ".4f", True, (None, 1.0)),
    )
    meaningless: ClassVar[tuple[str, ...]] = ("class_weights", "label_smoothing")
    decoding: ClassVar[tuple[str, str]] = ("numbers", "in their unit")
    token_scores_are: ClassVar[str] = "how far their texts lie above the mean"  # noqa: S105 - words

    @property
    def names(self) -> tuple[str, ...]:
        """The K columns; ``number`` where it is one."""
        return self.target.names or ("number",)

    def learned(self, train: PreparedSplit) -> NumberTarget:
        """With mean and deviation of the training split, the deviation 1 where all numbers are the same.

        Raises:
            DatasetError: no row has a number.
        """
        numbers = self._labelled(train.labels)
        if not len(numbers):
            raise DatasetError("no row of the training split has a number: there is nothing to learn")
        mean, deviation = numbers.mean(axis=0), numbers.std(axis=0)
        deviation = np.where((np.ptp(numbers, axis=0) == 0) | (deviation == 0), 1.0, deviation)
        learned = self.target.but(mean=tuple(mean.tolist()), deviation=tuple(deviation.tolist()))
        assert isinstance(learned, NumberTarget)  # noqa: S101 - for the type checker
        return learned

    def model_options(self) -> dict[str, Any]:
        """By what the model's head is shifted and scaled."""
        return super().model_options() | {"offset": self.target.mean, "scale": self.target.deviation}

    def token_scores(self, train: PreparedSplit, tokens: int, *, shrinkage: float = 0) -> Floats:
        """(V, K) how far, in deviations, texts with each token are above the mean, see `token_means`."""
        return token_means(train, self._standardized(train.labels), tokens, shrinkage=shrinkage)

    @property
    def _deviation(self) -> tuple[float, ...]:
        """(K,) what errors are divided by; 1 where nobody has learned it."""
        return self.target.deviation or (1.0,) * len(self.names)

    # Learning

    def plain_loss(self) -> Loss:
        """Squared."""
        return NumberLoss(LOSSES["squared"], self._deviation)

    def loss(
        self, options: TrainingOptions, batches: Iterable[Mapping[str, Tensor]], outputs: Callable[[], int]
    ) -> Loss:
        """The loss that ``options.loss`` names, of standardized differences; by default the squared."""
        return NumberLoss(LOSSES[options.loss or "squared"], self._deviation)

    def check(self, batch: Mapping[str, Tensor], outputs: int) -> None:
        """Labels are float, as many numbers as outputs, and none is infinite."""
        labels: Tensor = batch["labels"]
        if not labels.is_floating_point():
            raise other_kind(labels, "labels that are numbers are (B,) or (B, K) float32")
        width = labels[:1].numel() if len(labels) else outputs
        if width != outputs:
            have, makes = counted(width, "number"), counted(outputs, "output")
            raise DatasetError(f"rows have labels of {have}, and the model has {makes}")
        if outputs != len(self.names):
            made = f"the model makes {outputs} numbers a row, and the target has {len(self.names)}"
            raise DatasetError(made, option="target", hint="NumberTarget(names=[…]) names several")
        wrong = torch.isinf(labels.reshape(len(labels), outputs)).any(dim=1)
        if wrong.any():
            place = int(wrong.nonzero()[0, 0])
            row = f"row {int(batch['row_ids'][place])}" if "row_ids" in batch else f"row {place} of a batch"
            raise DatasetError(
                f"{row} has the label {labels[place].tolist()}: it is too large for float32; give labels in "
                "a larger unit; NaN marks a row without one"
            )

    def labelled(self, labels: Tensor) -> Tensor:
        """(B,): those without NaN."""
        return torch.isfinite(labels.reshape(len(labels), len(self.names))).all(dim=1)

    def counted(self, outputs: Tensor, labels: Tensor) -> Tensor:
        """(4, K) float64: sums of |error|, error², label and label², labels counted from their mean."""
        rows = self.labelled(labels)
        said, true = outputs.detach()[rows].cpu().double(), labels[rows].cpu().double()
        true = true.reshape(said.shape)
        error, shifted = said - true, true - true.new_tensor(self.target.mean or 0.0)
        return torch.stack([each.sum(dim=0) for each in (error.abs(), error**2, shifted, shifted**2)])

    def measured(self, sums: Tensor, rows: float) -> dict[str, float]:
        """Means over the K; ``r2`` counts as 0 of numbers that are all the same."""
        absolute, squared, shifted, squares = sums.reshape(4, -1)
        spread = squares - shifted**2 / rows
        some = spread > 1e-9 * squares  # else it is what rounding leaves
        r2 = torch.where(some, 1 - squared / torch.where(some, spread, 1.0), 0.0)
        return {
            "mae": float((absolute / rows).mean()),
            "rmse": float((squared / rows).sqrt().mean()),
            "r2": float(r2.mean()),
        }

    # Predictions

    def predictions(self, texts: Sequence[str], values: Floats, rule: Any) -> list[NumberPrediction]:
        """The number, or the numbers by name."""
        named = map(self._named, values.tolist())
        return [NumberPrediction(*each) for each in zip(texts, named, strict=True)]

    def lines(self, predictions: Sequence[NumberPrediction]) -> list[str]:
        """The number, to three digits of the deviation; of several each with its name."""
        values = [
            np.array([*said.value.values()] if isinstance(said.value, dict) else [said.value])
            for said in predictions
        ]
        return [self.truth(each) for each in values]

    def truth(self, label: Any) -> str:
        """A number, or several with their names."""
        return ", ".join(
            f"{name} {said}".lstrip()
            for name, said in zip(self.target.names or ("",), self._written(label), strict=True)
        )

    def _written(self, numbers: npt.ArrayLike) -> list[str]:
        """Each of the K, to three digits of its deviation."""
        digits = [max(0, 2 - math.floor(math.log10(each))) for each in self.target.deviation]
        values = np.asarray(numbers, np.float64).reshape(-1).tolist()
        return [f"{value:.{some}f}" for value, some in zip(values, digits, strict=True)]

    def _named(self, numbers: Sequence[float]) -> Any:
        """A number, or name → number."""
        return dict(zip(self.target.names, numbers, strict=True)) if self.target.names else numbers[0]

    # Scores

    def baseline(self, train: Split) -> dict[str, list[float]]:
        """Mean and median of the training labels, of each of the K."""
        return _middles(self._labelled(np.asarray(train.labels)))

    def scores(self, rows: Predictions, rule: Any = None, baseline: Json = None) -> dict[str, Any]:
        """The scores of `number_scores`; in ``baseline`` those of always predicting the training mean.

        And those of the median, as ``median``. Without ``baseline``, mean and median are those of the rows.
        """
        true, said = self._labelled(rows.labels), rows.values[self.target.labelled(rows.labels)]
        found = number_scores(self._shaped(true), self._shaped(said), self.target.names)
        guesses = {name: self._guessed(true, each) for name, each in (baseline or _middles(true)).items()}
        of = "the training mean" if baseline else "the mean of these rows"
        return {**found, "baseline": {"of": of, **guesses["mean"], "median": guesses["median"]}}

    def _guessed(self, true: Floats, guess: Sequence[float]) -> dict[str, Any]:
        always = np.broadcast_to(np.asarray(guess, np.float64), true.shape)
        scores = point_scores(self._shaped(true), self._shaped(always), self.target.names)
        return {"value": list(guess), **scores}

    def score(self, scores: Mapping[str, Any], measure: str) -> float:
        """One of the `measures`; an R² that cannot be said is 0, as in `measured`."""
        return float(scores[measure] or 0.0)

    def rivals(self, data: PreparedDataset, held_out: str, rows: Predictions) -> dict[str, Any]:
        """``ridge``: the scores of ridge regression on TF-IDF, with their intervals.

        And ``mae_difference``: by how much the model's MAE is above it, row by row, with its interval.
        """
        split, said = data[held_out], ridge_predictions(data, held_out)
        order = np.argsort(split.row_ids)
        ridge = replace(rows, values=said.reshape(len(said), -1)[order].astype(np.float32))
        difference = mean_interval(self.per_row(rows) - self.per_row(ridge))
        return {
            "ridge": {
                **number_scores(split.labels, said, self.target.names),
                "on": "TF-IDF" if data.features is None else STEP_TERMS,
                "mae_difference": difference,
            }
        }

    def per_row(self, rows: Predictions) -> Floats:
        """|error|, of several the mean."""
        labelled = self.target.labelled(rows.labels)
        each: Floats = np.abs(rows.values[labelled] - self._labelled(rows.labels)).mean(axis=1)
        return each

    def aligned(self, target: Target, labels: npt.NDArray[Any]) -> npt.NDArray[Any]:
        """Numbers of the same columns, in this order."""
        columns = cast(NumberTarget, target).names
        if sorted(columns) != sorted(self.target.names):
            known, found = (", ".join(names) or "one number" for names in (self.target.names, columns))
            raise RunError(
                f"the run predicts {known}, and the labels are {found}",
                option="label",
                value=list(self.target.names) or ...,
            )
        return labels[:, [columns.index(name) for name in self.target.names]] if columns else labels

    def _labelled(self, labels: npt.ArrayLike) -> npt.NDArray[np.float64]:
        """(rows with a label, K)."""
        numbers = np.asarray(labels, np.float64)
        return numbers[self.target.labelled(numbers)].reshape(-1, len(self.names))

    def _shaped(self, numbers: Floats) -> Floats:
        """(N,) or (N, K) of (N, K), as labels are."""
        return numbers if self.target.names else numbers[:, 0]

    # For people

    def summary(self, scores: Mapping[str, Any]) -> str:
        """A table a column, see `numbers_summary`."""
        return numbers_summary(scores, self.target.names)

    def headline(self, scores: Mapping[str, Any]) -> tuple[str, str]:
        """The mean absolute error."""
        return "mean absolute error", interval(scores["mae"], scores["intervals"]["mae"])

    def answers(self, values: Floats, ways: Sequence[Explanation] = ()) -> list[Answer]:
        """Each number, with a bar from two deviations below the mean to two above it."""
        return [self._answer(numbers) for numbers in values]

    def _answer(self, numbers: Floats) -> Answer:
        lengths = np.clip((self._standardized(numbers)[0] + 2) / 4, 0, 1).tolist()
        lines = tuple(zip(self.names, self._written(numbers), lengths, strict=True))
        questions = tuple(
            Question(place, None, name, None, "adds", f"what makes up {name}")
            for place, name in enumerate(self.names[:MOST_QUESTIONS])
        )
        return Answer(lines, {"value": self._named(numbers.tolist())}, questions, ("what", "number"))

    def worth_reading(
        self, rows: Predictions
    ) -> tuple[npt.NDArray[np.int64], list[tuple[str, npt.NDArray[np.bool_], Floats]]]:
        """Closest, farthest off, highest and lowest."""
        said, true = (self._standardized(each).mean(axis=1) for each in (rows.values, rows.labels))
        off, all_rows = np.abs(said - true), np.ones(len(said), bool)
        kinds = [("Closest", off), ("Farthest off", -off), ("Highest", -said), ("Lowest", said)]
        return (said > 0).astype(np.int64), [(title, all_rows, order) for title, order in kinds]

    def examples(self, split: Split) -> list[tuple[str, npt.NDArray[np.bool_]]]:
        """Texts of a low, a middling and a high number, of several of the first."""
        if split.labels is None:
            return []
        first = np.asarray(split.labels, np.float64).reshape(len(split), len(self.names))[:, 0]
        low, high = np.nanquantile(first, [1 / 3, 2 / 3]) if np.isfinite(first).any() else (np.nan, np.nan)
        name = self.names[0]
        return [
            (f"a low {name}", first <= low),
            (f"a middling {name}", (first > low) & (first <= high)),
            (f"a high {name}", first > high),
        ]

    def page(
        self, rows: Predictions, scores: Mapping[str, Any], curves: Mapping[str, Any], rule: Any,
        texts: RowTexts,
    ) -> Page:  # fmt: skip
        """Scores, predicted against true, how many rows a tolerance holds, and the worst misses."""
        return numbers_page(rows.labels, rows.values, self.target.names, scores, texts)

    def _standardized(self, numbers: npt.ArrayLike) -> npt.NDArray[np.float64]:
        """(N, K) in deviations from the mean."""
        values = np.asarray(numbers, np.float64).reshape(-1, len(self.names))
        standardized: npt.NDArray[np.float64] = (values - self.target.mean) / np.array(self.target.deviation)
        return standardized


def _middles(numbers: Floats) -> dict[str, list[float]]:
    return {"mean": numbers.mean(axis=0).tolist(), "median": np.median(numbers, axis=0).tolist()}
