"""`Objective`: how a model learns a target, what its predictions are, and what these are worth.

The counterpart of a `textprep.targets.Target`, which names it. No other room of training, report or command
line asks which kind a target is. Shapes are written with B rows a batch, N rows of a split, O outputs of a
model, V tokens.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple

import numpy as np
import numpy.typing as npt
from torch import Tensor

from textprep.errors import RunError
from textprep.targets import Target

if TYPE_CHECKING:
    from collections.abc import Callable

    from textprep.config.options import TrainingOptions
    from textprep.datasets.split import Split
    from textprep.prepared.dataset import PreparedDataset
    from textprep.prepared.split import PreparedSplit
    from textprep.report.findings import Section
    from textprep.training.scoring.predictions import Predictions

    Loss = Callable[[Tensor, Tensor], tuple[Tensor, Tensor]]
    """Outputs (B, O) and labels → the sum of the losses of the rows with a label, and of their weights."""

Floats = npt.NDArray[np.floating[Any]]
Json = Any


class Measure(NamedTuple):
    """A score by which trainings are compared.

    Attributes:
        name: what it is called in tables and JSON: ``accuracy``.
        form: how a value is written: ``.2%``.
        more: whether more of it is better.
        best: its best value, for drawing; ``None`` where there is none.
    """

    name: str
    form: str
    more: bool

    def written(self, value: float) -> str:
        """A value as a person reads it.

        >>> Measure("accuracy", ".1%", True).written(0.911)
        '91.1%'
        """
        return format(value, self.form)


class Objective:
    """What training, report and command line ask of a kind of target.

    Args:
        target: what is learned, as the data have it.

    Attributes:
        measures: what an epoch is scored by, beside the loss; ``training.monitor`` is "loss" or one of them.
            The first is what trainings are compared by.
    """

    measures: ClassVar[tuple[Measure, ...]]

    def __init__(self, target: Target) -> None:
        self.target = target

    # The model

    @property
    def outputs(self) -> int:
        """How many outputs a model has."""
        raise NotImplementedError

    def learned(self, train: PreparedSplit) -> Target:
        """The target with what the training split alone says, such as the mean of its numbers."""
        return self.target

    def model_options(self) -> dict[str, Any]:
        """Further arguments of the model's constructor."""
        return {}

    def token_scores(self, train: PreparedSplit, tokens: int, *, shrinkage: float = 0) -> Floats:
        """(V, K) what each token alone says about the target, in the training split; 0 says nothing.

        K is `outputs`, or 1 where one number says the same of two outputs.
        """
        raise NotImplementedError

    def bag_weights(self, scores: Floats) -> Floats:
        """(V, O) of (V, K): where the linear model beside the deep one starts, but for its scale."""
        return scores

    # Learning

    def loss(self, options: TrainingOptions, batches: Iterable[Mapping[str, Tensor]]) -> Loss:
        """What is made small; ``batches`` are those of training, for weights that depend on them.

        Raises:
            ConfigError: an option means nothing for this target.
        """
        raise NotImplementedError

    def check(self, batch: Mapping[str, Tensor], outputs: int) -> None:
        """Whether a model with so many outputs can learn from the labels of ``batch``.

        Raises:
            DatasetError: it cannot; names the row.
        """

    def labelled(self, labels: Tensor) -> Tensor:
        """(B,) bool: which rows of a batch have a target."""
        raise NotImplementedError

    def counted(self, outputs: Tensor, labels: Tensor) -> Tensor:
        """float64 sums over the rows of a batch with a target, which `measured` makes scores of."""
        raise NotImplementedError

    def measured(self, sums: Tensor, rows: float) -> dict[str, float]:
        """The `measures` of all rows, from what `counted` gave, added up over batches and processes."""
        raise NotImplementedError

    # Predictions

    def said(self, outputs: Floats) -> Floats:
        """What is kept of a model's outputs (N, O): probabilities of classes, or numbers."""
        return outputs

    def predictions(self, texts: Sequence[str], said: Floats, rule: Any) -> list[Any]:
        """A dataclass a text, whose fields are its JSON; ``rule`` is what `Run.threshold` has."""
        raise NotImplementedError

    def lines(self, predictions: Sequence[Any]) -> list[str]:
        """What ``textprep predict`` prints before each text."""
        raise NotImplementedError

    def threshold(self, rows: Predictions, class_name: str | None, **least: float | None) -> Any:
        """The rule that a trade-off asks for, chosen on ``rows``; see `Threshold`.

        Raises:
            RunError: there are no thresholds for this kind of target.
        """
        raise RunError(f"a threshold decides between classes, and the run's target is {self.target.name!r}")

    # Scores

    def baseline(self, train: Split) -> Json:
        """What is known of the training split that a guess needs, as JSON."""
        return None

    def scores(self, rows: Predictions, rule: Any = None, baseline: Json = None) -> dict[str, Any]:
        """Every score of the rows with a target, as JSON values.

        With ``rows`` (how many), ``intervals`` (score → low and high, 95 %) and ``baseline``.

        Raises:
            DatasetError: no row has a target.
        """
        raise NotImplementedError

    def peers(self, data: PreparedDataset, held_out: str) -> dict[str, Any]:
        """What a simpler model reaches that learns from the same split: further scores, as JSON."""
        return {}

    def curves(self, rows: Predictions) -> dict[str, Any]:
        """What is drawn of the rows with a target, as JSON."""
        return {}

    def each(self, rows: Predictions) -> Floats:
        """(rows with a target,) of each its part in the first of the `measures`, which is their mean."""
        raise NotImplementedError

    def places(self, split: Split) -> npt.NDArray[Any]:
        """The labels of other data as this target has them.

        Raises:
            RunError: they are of another kind, or have other classes.
        """
        raise NotImplementedError

    # For people

    def summary(self, scores: Mapping[str, Any]) -> str:
        """Scores as text: tables and what to know about them."""
        raise NotImplementedError

    def headline(self, scores: Mapping[str, Any]) -> tuple[str, str]:
        """The score that a reader wants first: what it is, and its value with its interval."""
        raise NotImplementedError

    def sections(self, *args: Any, **options: Any) -> list[Section]:
        """The sections of a run's page about scores, decisions and mistakes."""
        raise NotImplementedError
