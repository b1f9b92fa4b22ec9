"""How numbers are learned and scored: the counterpart of `textprep.targets.number`.

Shapes are written with B rows a batch, N rows of a split, K numbers a row, V tokens.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor
from torch.nn.functional import huber_loss

from textprep.errors import ConfigError, DatasetError, RunError
from textprep.report.number_scores import interval, numbers_summary
from textprep.targets.number import NumberTarget
from textprep.training.embeddings.start import BAG_SCALE
from textprep.training.embeddings.token_means import token_means
from textprep.training.scoring.numbers import number_scores, point_scores
from textprep.training.scoring.ridge import ridge_predictions
from textprep.training.targets.base import Floats, Json, Measure, Objective
from textprep.visible import counted

if TYPE_CHECKING:
    from textprep.config.options import TrainingOptions
    from textprep.datasets.split import Split
    from textprep.prepared.dataset import PreparedDataset
    from textprep.prepared.split import PreparedSplit
    from textprep.training.scoring.predictions import Predictions

LOSSES: dict[str, Callable[[Tensor], Tensor]] = {
    "squared": torch.square,
    "absolute": torch.abs,
    "huber": lambda difference: huber_loss(difference, torch.zeros_like(difference), reduction="none"),
}
"""Each `TrainingOptions.loss` → what it makes of differences in standard deviations."""
MEANINGLESS = {"class_weights": None, "label_smoothing": 0.0}  # for numbers; and what turns it off


@dataclass(frozen=True)
class NumberPrediction:
    """The number that a model says of a text; where there are several, name → number."""

    text: str
    value: float | dict[str, float]


class NumberLoss:
    """The sum of the losses of a batch's labelled rows, each a mean over its numbers, and how many these are.

    Args:
        of: what becomes of a difference in standard deviations.
        deviation: of each of the K numbers.

    >>> loss = NumberLoss(torch.square, (2.0,))
    >>> [value.item() for value in loss(torch.tensor([[1.0], [9.0]]), torch.tensor([5.0, float("nan")]))]
    [4.0, 1.0]
    """

    def __init__(self, of: Callable[[Tensor], Tensor], deviation: Sequence[float]) -> None:
        self.of = of
        self.deviation = deviation

    def __call__(self, outputs: Tensor, labels: Tensor) -> tuple[Tensor, Tensor]:
        """Sum of losses and number of rows, both (), of outputs (B, K) and labels (B,) or (B, K)."""
        true = labels.reshape(outputs.shape)
        labelled = torch.isfinite(true).all(dim=1)
        difference = outputs[labelled].float() - true[labelled]
        losses = self.of(difference / difference.new_tensor(self.deviation))
        return losses.mean(dim=1).sum(), labelled.sum().to(losses)


class NumberObjective(Objective):
    """One number a row, or one of each of several columns.

    A model's outputs are in the labels' own unit; its loss is one of standardized differences.

    >>> objective = NumberObjective(NumberTarget(mean=(3.0,), deviation=(2.0,)))
    >>> objective.outputs, objective.model_options()
    (1, {'offset': (3.0,), 'scale': (2.0,)})
    >>> objective.predictions(["so so"], np.array([[2.5]]), None)
    [NumberPrediction(text='so so', value=2.5)]
    """

    target: NumberTarget
    measures = (
        Measure("mae", ".4g", more=False),
        Measure("rmse", ".4g", more=False),
        Measure("r2", ".4f", more=True),
    )

    @property
    def outputs(self) -> int:
        """K."""
        return self.target.width

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
        return {"offset": self.target.mean, "scale": self.target.deviation}

    def token_scores(self, train: PreparedSplit, tokens: int, *, shrinkage: float = 0) -> Floats:
        """(V, K) how far, in deviations, texts with each token are above the mean, see `token_means`."""
        numbers = np.asarray(train.labels, np.float64).reshape(len(train), self.outputs)
        target = self.target if self.target.mean else self.learned(train)
        labels = (numbers - target.mean) / np.array(target.deviation)
        return token_means(train, labels, tokens, shrinkage=shrinkage)

    def bag_weights(self, scores: Floats) -> Floats:
        """(V, K): `token_means` has scaled them already."""
        return scores / BAG_SCALE

    # Learning

    def loss(self, options: TrainingOptions, batches: Iterable[Mapping[str, Tensor]]) -> NumberLoss:
        """The loss that ``options.loss`` names, of standardized differences; by default the squared."""
        for option, off in MEANINGLESS.items():
            if getattr(options, option) != off:
                raise ConfigError(
                    f"training.{option} is about classes, and the target is 'number'",
                    option=f"training.{option}",
                    value=off,
                    hint="leave it out",
                )
        return NumberLoss(LOSSES[options.loss or "squared"], self.target.deviation)

    def check(self, batch: Mapping[str, Tensor], outputs: int) -> None:
        """There are as many numbers as outputs, and none is infinite."""
        labels: Tensor = batch["labels"]
        width = labels[:1].numel() if len(labels) else outputs
        if width != outputs:
            have, makes = counted(width, "number"), counted(outputs, "output")
            raise DatasetError(f"rows have labels of {have}, and the model has {makes}")
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
        return torch.isfinite(labels.reshape(len(labels), self.outputs)).all(dim=1)

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

    def predictions(self, texts: Sequence[str], said: Floats, rule: Any) -> list[NumberPrediction]:
        """The number, or the numbers by name."""
        values = map(self._named, said.tolist())
        return [NumberPrediction(*each) for each in zip(texts, values, strict=True)]

    def lines(self, predictions: Sequence[NumberPrediction]) -> list[str]:
        """The number, to three digits of the deviation; of several each with its name."""
        places = [max(0, 2 - math.floor(math.log10(each))) for each in self.target.deviation]
        return [", ".join(self._written(said.value, places)) for said in predictions]

    def _written(self, value: Any, places: Sequence[int]) -> Iterator[str]:
        """Each number of a prediction, with its name if it has one."""
        named = value if self.target.names else {"": value}
        for (name, number), some in zip(named.items(), places, strict=True):
            yield f"{name} {number:.{some}f}".lstrip()

    def _named(self, numbers: Sequence[float]) -> Any:
        """A number, or name → number."""
        return dict(zip(self.target.names, numbers, strict=True)) if self.target.names else numbers[0]

    # Scores

    def baseline(self, train: Split) -> dict[str, list[float]]:
        """Mean and median of the training labels, of each of the K."""
        return _middles(self._labelled(np.asarray(train.labels)))

    def scores(self, rows: Predictions, rule: Any = None, baseline: Json = None) -> dict[str, Any]:
        """What `number_scores` gives; in ``baseline`` what mean and median, said of every row, come to.

        Without ``baseline`` these are the mean and the median of the rows themselves.
        """
        true, said = self._labelled(rows.labels), rows.said[self.target.labelled(rows.labels)]
        found = number_scores(self._shaped(true), self._shaped(said), self.target.names)
        guesses = baseline or _middles(true)
        return {**found, "baseline": {name: self._guessed(true, guess) for name, guess in guesses.items()}}

    def _guessed(self, true: Floats, guess: Sequence[float]) -> dict[str, Any]:
        always = np.broadcast_to(np.asarray(guess, np.float64), true.shape)
        scores = point_scores(self._shaped(true), self._shaped(always), self.target.names)
        return {"value": self._named(guess), **scores}

    def peers(self, data: PreparedDataset, held_out: str) -> dict[str, Any]:
        """``ridge``: the scores of ridge regression on TF-IDF, with their intervals."""
        return {
            "ridge": number_scores(
                data[held_out].labels, ridge_predictions(data, held_out), self.target.names
            )
        }

    def each(self, rows: Predictions) -> Floats:
        """|error|, of several the mean."""
        labelled = self.target.labelled(rows.labels)
        each: Floats = np.abs(rows.said[labelled] - self._labelled(rows.labels)).mean(axis=1)
        return each

    def places(self, split: Split) -> npt.NDArray[Any]:
        """Numbers of the same columns, in this order."""
        target = split.target
        if not isinstance(target, NumberTarget):
            what = f"they are of target {target.name!r}" if target else "there are none"
            raise RunError(
                f"the run predicts numbers, and needs numbers as labels: {what}",
                option="target",
                value="number",
                hint='load them with target="number"',
            )
        if sorted(target.names) != sorted(self.target.names):
            known, found = (", ".join(names) or "one number" for names in (self.target.names, target.names))
            raise RunError(
                f"the run predicts {known}, and the labels are {found}",
                option="label",
                value=list(self.target.names) or ...,
            )
        labels = np.asarray(split.labels)
        return labels[:, [target.names.index(name) for name in self.target.names]] if target.names else labels

    def _labelled(self, labels: npt.ArrayLike) -> npt.NDArray[np.float64]:
        """(rows with a label, K)."""
        numbers = np.asarray(labels, np.float64)
        return numbers[self.target.labelled(numbers)].reshape(-1, self.outputs)

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


def _middles(numbers: Floats) -> dict[str, list[float]]:
    return {"mean": numbers.mean(axis=0).tolist(), "median": np.median(numbers, axis=0).tolist()}
