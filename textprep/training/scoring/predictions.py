"""What a model says about every text of a split, and the scores that it makes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import safetensors.numpy
from safetensors import SafetensorError

from textprep.errors import RunError
from textprep.records import Baseline, Scores
from textprep.storage.files import write_bytes
from textprep.training.scoring.metrics import classification_metrics, multi_label_metrics
from textprep.training.scoring.thresholds import Threshold

Floats = npt.NDArray[np.float32]
Ints = npt.NDArray[np.int64]
COLUMNS = ("row_ids", "labels", "probabilities")


@dataclass(frozen=True)
class Predictions:
    """Probabilities of the rows of a split, by row id.

    Attributes:
        row_ids: (N,) int64, ascending: the rows' ids in the corpus.
        labels: (N,) int64, the true classes; or, where rows may have several, (N, C) of 0 and 1; -100 where
            unlabelled.
        probabilities: (N, C) float32; each row sums to 1 where it has one class.
    """

    row_ids: Ints
    labels: Ints
    probabilities: Floats

    @classmethod
    def of_logits(cls, logits: Floats, labels: Ints, row_ids: Ints) -> Predictions:
        """What `textprep.training.trainer.predict_logits` gives, in the order of the row ids.

        >>> Predictions.of_logits(np.zeros((2, 2), np.float32), np.array([1, 0]), np.array([9, 4])).labels
        array([0, 1])
        """
        order = np.argsort(row_ids)
        probabilities = sigmoid if labels.ndim == 2 else softmax
        return cls(row_ids[order], labels[order].astype(np.int64), probabilities(logits[order]))

    @property
    def multi_label(self) -> bool:
        """Whether a row may have several classes."""
        return self.labels.ndim == 2

    def choices(self, class_names: tuple[str, ...], threshold: Threshold | None = None) -> Ints:
        """(N,) the likeliest class of each row, or what ``threshold`` makes of it.

        Where rows may have several, (N, C) of 0 and 1: the classes whose probability is above one half.
        """
        if self.multi_label:
            likely = self.probabilities > 0.5
            return (threshold.mark(likely, self.probabilities, class_names) if threshold else likely).astype(
                int
            )
        if threshold:
            return threshold.choose(self.probabilities, class_names)
        likeliest: Ints = self.probabilities.argmax(axis=1)
        return likeliest

    def right(self, class_names: tuple[str, ...]) -> npt.NDArray[np.bool_]:
        """(labelled rows,) whether each was given its class; where it may have several, all of them."""
        shape = (len(self.labels), -1)  # a column, or one a class
        same = (self.choices(class_names) == self.labels).reshape(shape).all(axis=1)
        rows: npt.NDArray[np.bool_] = same[(self.labels >= 0).reshape(shape).all(axis=1)]
        return rows

    def take(self, rows: npt.NDArray[np.bool_]) -> Predictions:
        """Those of some of the rows."""
        return Predictions(self.row_ids[rows], self.labels[rows], self.probabilities[rows])

    def labelled(self) -> Predictions:
        """Those of the rows that have labels."""
        has = np.all((self.labels >= 0).reshape(len(self.labels), -1), axis=1)
        return self.take(has)

    def scores(
        self,
        class_names: tuple[str, ...],
        threshold: Threshold | None = None,
        commonest: Sequence[str] | None = None,
    ) -> Scores:
        """Everything of `classification_metrics` (or `multi_label_metrics`) and `probability_metrics`.

        ``commonest`` is the label, or the labels together, that most training texts have; ``baseline`` has
        the accuracy of giving it to every row. By default it is that of the rows themselves.

        Raises:
            DatasetError: no row is labelled.
        """
        from textprep.training.scoring.curves import (
            probability_metrics,  # brings torchmetrics: prediction needs none
        )

        metrics = multi_label_metrics if self.multi_label else classification_metrics
        return {
            **metrics(self.labels, self.choices(class_names, threshold), class_names),
            **probability_metrics(self.labels, self.probabilities, class_names),
            "baseline": self._baseline(class_names, commonest),
        }

    def _baseline(self, class_names: tuple[str, ...], commonest: Sequence[str] | None) -> Baseline:
        rows, several = self.labelled().labels, self.multi_label
        if commonest is None:
            kinds, counts = np.unique(rows, axis=0, return_counts=True)
            always = kinds[counts.argmax()]
        else:
            has = np.isin(class_names, list(commonest))
            always = has.astype(np.int64) if several else has.argmax()
        right = (rows == always).reshape(len(rows), -1).all(axis=1)
        names = [class_names[place] for place in (np.flatnonzero(always) if several else [always])]
        return {"label": names if several else names[0], "accuracy": float(right.mean())}


def softmax(logits: Floats) -> Floats:
    """Probabilities (N, C) of logits (N, C).

    >>> softmax(np.array([[0.0, 0.0]], np.float32))
    array([[0.5, 0.5]], dtype=float32)
    """
    powers = np.exp(logits.astype(np.float64) - logits.max(axis=1, keepdims=True, initial=-np.inf))
    shares: Floats = (powers / powers.sum(axis=1, keepdims=True)).astype(np.float32)
    return shares


def sigmoid(logits: Floats) -> Floats:
    """The probability of each class by itself, (N, C), of logits (N, C).

    >>> sigmoid(np.array([[0.0, 100.0, -100.0]], np.float32)).round(3).tolist()
    [[0.5, 1.0, 0.0]]
    """
    shares: Floats = (0.5 * (1 + np.tanh(logits.astype(np.float64) / 2))).astype(np.float32)
    return shares


def write_predictions(path: Path, predictions: Mapping[str, Predictions]) -> None:
    """One safetensors file with ``SPLIT.row_ids``, ``SPLIT.labels`` and ``SPLIT.probabilities``."""
    tensors = {
        f"{split}.{column}": np.ascontiguousarray(getattr(rows, column))
        for split, rows in predictions.items()
        for column in COLUMNS
    }
    write_bytes(path, safetensors.numpy.save(tensors), RunError)


def read_predictions(path: Path) -> dict[str, Predictions]:
    """What `write_predictions` wrote, by split.

    Raises:
        RunError: the file is missing or damaged.
    """
    try:
        tensors = safetensors.numpy.load(path.read_bytes())
        splits = dict.fromkeys(name.rpartition(".")[0] for name in sorted(tensors))
        return {split: Predictions(*(tensors[f"{split}.{column}"] for column in COLUMNS)) for split in splits}
    except (OSError, SafetensorError, KeyError) as error:
        raise RunError(f"{path} cannot be read ({error}): the run is damaged, train again") from error
