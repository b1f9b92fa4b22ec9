"""How any number of classes a row is learned, scored and shown: as one class is, each class by itself.

Shapes are written with B rows a batch, N rows of a split, C classes.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar, cast

import numpy as np
import numpy.typing as npt
from torch import Tensor

from textprep.records import Baseline
from textprep.report.answers import MOST_QUESTIONS, Answer, Question, likeliest
from textprep.report.decisions import Decisions
from textprep.report.threshold_on_several import ThresholdOnSeveral
from textprep.targets import Target
from textprep.targets.named import UNLABELLED
from textprep.training.scoring.curves import multilabel_curves, multilabel_probability_metrics
from textprep.training.scoring.metrics import multilabel_metrics
from textprep.training.scoring.predictions import Predictions, sigmoid
from textprep.training.scoring.thresholds import Threshold
from textprep.training.targets.base import Floats, Json, Loss
from textprep.training.targets.class_losses import ClassesLoss
from textprep.training.targets.label_checks import other_kind, refuse_labels
from textprep.training.targets.one_class import (
    ClassObjective,
    ClassPrediction,
    Ints,
    by_certainty,
)

if TYPE_CHECKING:
    pass


class ClassesObjective(ClassObjective):
    """Sigmoid and binary cross-entropy; a text has each class whose probability is above one half."""

    loss_kind: ClassVar[Callable[..., Loss]] = ClassesLoss
    decoding: ClassVar[tuple[str, str]] = ("probabilities", "sigmoid")
    without_rule: ClassVar[str] = "one half"

    def check(self, batch: Mapping[str, Tensor], outputs: int) -> None:
        """Whether every class of the model is marked with 0 or 1, or with -100."""
        labels = batch["labels"]
        if labels.ndim != 2 or labels.shape[1] != outputs:
            raise other_kind(
                labels, f"labels of any number of {outputs} classes are (B, {outputs}) of 0 and 1"
            )
        known = (labels == 0) | (labels == 1) | (labels == UNLABELLED)
        refuse_labels(batch, ~known, "where a row may have several, each is marked with 0 or 1")

    def labelled(self, labels: Tensor) -> Tensor:
        """Those without -100."""
        return (labels >= 0).all(dim=1)

    def values(self, outputs: Floats) -> Floats:
        """The probability of each class by itself."""
        return sigmoid(outputs)

    def lines(self, predictions: Sequence[ClassPrediction]) -> list[str]:
        """The classes, each with its probability."""
        return [
            ", ".join(f"{name} {prediction.probabilities[name]:.1%}" for name in prediction.label) or "(none)"
            for prediction in predictions
        ]

    def choices(self, values: Floats, rule: Threshold | None = None) -> Ints:
        """(N, C) of 0 and 1: the classes above one half, one of them perhaps by a threshold."""
        likely = values > 0.5
        return (rule.mark(likely, values, self.names) if rule else likely).astype(np.int64)

    def label(self, choice: Any) -> str | tuple[str, ...]:
        """The names of the classes of a choice."""
        return tuple(name for name, has in zip(self.names, choice, strict=True) if has)

    def scores(self, rows: Predictions, rule: Any = None, baseline: Json = None) -> dict[str, Any]:
        """Subset accuracy, scores of each class and of all decisions, areas; see `Scores`."""
        return {
            **multilabel_metrics(rows.labels, self.choices(rows.values, rule), self.names),
            **multilabel_probability_metrics(rows.labels, rows.values, self.names),
            "baseline": self._guess(rows, baseline),
        }

    def curves(self, rows: Predictions) -> dict[str, Any]:
        """ROC and precision over recall."""
        return cast(dict[str, Any], multilabel_curves(rows.labels, rows.values, self.names))

    def aligned(self, target: Target, labels: npt.NDArray[Any]) -> npt.NDArray[Any]:
        """(N, C) of 0 and 1, in the order of the run's classes."""
        several = np.zeros((len(labels), len(self.names)), dtype=np.int64)
        several[:, self._places_of(target)] = labels
        return several

    def truth(self, label: Any) -> str:
        """The names of the classes."""
        return ", ".join(self.label(label)) or "none"

    def worth_reading(
        self, rows: Predictions
    ) -> tuple[Ints, list[tuple[str, npt.NDArray[np.bool_], Floats]]]:
        """Right and surest, wrong and surest, least sure, by the decisions of a row together."""
        choices = self.choices(rows.values)
        certain = np.maximum(rows.values, 1 - rows.values)
        wrongly = np.where(choices != rows.labels, certain, 0).max(axis=1)
        _, number = np.unique(choices, axis=0, return_inverse=True)
        return number.reshape(-1), by_certainty(self._right(rows, choices), certain.min(axis=1), wrongly)

    @property
    def _is_one_against_another(self) -> bool:
        return False

    def _hot(self, labels: npt.NDArray[Any]) -> Ints:
        return labels.astype(np.int64)

    def _rows_of_classes(self, batch: Mapping[str, Tensor], classes: int) -> Tensor:
        self.check(batch, classes)
        return (batch["labels"] > 0).sum(dim=0)

    def _given_and_true(self, outputs: Tensor, labels: Tensor) -> tuple[Tensor, Tensor]:
        return outputs > 0, labels > 0

    def _right(self, rows: Predictions, choices: Ints) -> npt.NDArray[np.bool_]:
        return np.asarray((choices == rows.labels).all(axis=1))

    def _guess(self, rows: Predictions, baseline: Json) -> Baseline:
        labels = self.known(rows).labels > 0
        if baseline is None:
            kinds, counts = np.unique(labels, axis=0, return_counts=True)
            always = kinds[counts.argmax()]
        else:
            always = np.isin(self.names, baseline)
        right = (labels == always).all(axis=1)
        return {"label": list(self.label(always)), "accuracy": float(right.mean())}

    def _answer(self, shares: Floats) -> Answer:
        """Of the classes above one half, at most three, or else the likeliest."""
        order = np.argsort(-shares, kind="stable").tolist()
        given = [index for index in order if shares[index] > 0.5][:MOST_QUESTIONS]
        questions = tuple(Question(index, None, self.names[index], None) for index in given or order[:1])
        return Answer(likeliest(shares, self.names), self._as_json(shares), questions)

    def _decisions(self, labels: npt.NDArray[Any], values: Floats) -> Decisions:
        return ThresholdOnSeveral(labels, values, self.names)
