"""`Objective`: how a model learns a target, what its predictions are, and what these are worth.

The counterpart of a `textprep.targets.Target`, which names it. No other room of training, report or command
line asks which kind a target is. Shapes are written with B rows a batch, N rows of a split, O outputs of a
model, V tokens.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any, ClassVar, TypeAlias, TypeVar

import numpy as np
import numpy.typing as npt
from torch import Tensor

from textprep.errors import ConfigError, RunError
from textprep.targets import Target
from textprep.training.targets.measure import Measure

if TYPE_CHECKING:
    from textprep.batches.reader import EncodedRows, EncodedTexts
    from textprep.config.options import Section, TrainingOptions
    from textprep.datasets.split import Split
    from textprep.explanation import Explanation
    from textprep.prepared.dataset import PreparedDataset
    from textprep.prepared.split import PreparedSplit
    from textprep.report.answers import Answer
    from textprep.report.row_texts import RowTexts
    from textprep.report.sections import Page
    from textprep.training.scoring.predictions import Predictions

Loss: TypeAlias = "Callable[[Tensor, Tensor], tuple[Tensor, Tensor]]"
"""Outputs (B, O) and labels → the sum of the losses of the rows with a target, and of their weights.

Sums, and not means, so that batches added up, here or in several processes, weigh as one large batch.
"""
Floats = npt.NDArray[np.floating[Any]]
Json = Any
SomeOptions = TypeVar("SomeOptions", bound="Section")


class Objective:
    """What training, report and command line ask of a kind of target.

    Args:
        target: what is learned, as the data have it.

    Attributes:
        measures: what an epoch is scored by, beside the loss; ``training.monitor`` is "loss" or one of them.
            The first is what trainings are compared by.
        meaningless: the options of training that do not apply to this target.
        usual: section → option → its value where nobody gave one, if it is another than for other targets.
        steps: the names of the steps where nobody gave any, if they are others than for other targets.
        predicts: of what a model must give outputs: of ``"rows"``, (B, O); of ``"tokens"``, (B, T, O); of the
            ``"next_token"`` of each, (B, T, V).
        shows_places: whether people are shown where in a text tokens are, and not only what they are.
        model: the name of the model that is trained where the configuration names none.
    """

    measures: ClassVar[tuple[Measure, ...]]
    meaningless: ClassVar[tuple[str, ...]] = ()
    usual: ClassVar[Mapping[str, Mapping[str, Any]]] = {}
    steps: ClassVar[tuple[str, ...] | None] = None
    predicts: ClassVar[str] = "rows"
    model: ClassVar[str] = "gru_attention"
    shows_places: ClassVar[bool] = False

    def __init__(self, target: Target) -> None:
        self.target = target

    def check_options(self, options: TrainingOptions) -> None:
        """Whether the options of training fit the target.

        Raises:
            ConfigError: epochs cannot be compared by ``options.monitor``, or an option means nothing.
        """
        known = ["loss", *(measure.name for measure in self.measures)]
        if options.monitor not in known:
            raise ConfigError(
                f"training.monitor={options.monitor!r}: a target {self.target.name!r} has {', '.join(known)}",
                option="training.monitor",
                value=options.monitor,
            )
        for name in self.meaningless:
            off = self.usual.get("training", {}).get(name)
            if getattr(options, name) not in (type(options).model_fields[name].default, off):
                raise ConfigError(
                    f"training.{name} does not apply to the target {self.target.name!r}: leave it out",
                    option=f"training.{name}",
                )

    def with_usual(self, section: str, options: SomeOptions) -> SomeOptions:
        """The options of a section, those that nobody gave, or that mean nothing here, as is `usual`.

        >>> from textprep.config.options import TrainingOptions
        >>> from textprep.training.targets import objective_of
        >>> objective_of("next_token").with_usual("training", TrainingOptions()).adversarial
        0.0
        """
        usual, given = self.usual.get(section, {}), options.model_fields_set - {*self.meaningless}
        changed = {name: value for name, value in usual.items() if name not in given}
        return options.model_copy(update=changed) if changed else options

    def better(self, mine: Mapping[str, float], others: Mapping[str, float], monitor: str) -> bool:
        """Whether one epoch's scores are better than another's by ``monitor``; of the loss, less is."""
        more = next((measure.more for measure in self.measures if measure.name == monitor), False)
        return mine[monitor] > others[monitor] if more else mine[monitor] < others[monitor]

    # The model

    @property
    def names(self) -> tuple[str, ...]:
        """What the model's outputs are called, in their order."""
        raise NotImplementedError

    def learned(self, train: PreparedSplit) -> Target:
        """The target with what the training split alone says, such as the mean of its numbers."""
        return self.target

    def model_options(self) -> dict[str, Any]:
        """The arguments of the model's constructor that the target decides."""
        return {"num_classes": len(self.names)}

    token_scores_are: ClassVar[str]
    """What `token_scores` are, for people: "their naive-Bayes log-count ratios"."""

    def token_scores(self, train: PreparedSplit, tokens: int, *, shrinkage: float = 0) -> Floats:
        """(V, K) what each token alone says about the target, in the training split; 0 says nothing.

        Args:
            train: the training split.
            tokens: V.
            shrinkage: what n texts say is multiplied by n / (n + shrinkage), since what few have is chance.
        """
        raise NotImplementedError

    def bag_weights(self, scores: Floats) -> Floats:
        """(V, O) where a bag of tokens starts: what `token_scores` (V, K) add to each output."""
        return scores

    def start(self, model: Any, train: PreparedSplit) -> str:
        """Give a new ``model`` what the training split says beforehand; returns what that is, for people."""
        return ""

    # Learning

    def plain_loss(self) -> Loss:
        """The loss without options, by which epochs are compared."""
        raise NotImplementedError

    def loss(
        self, options: TrainingOptions, batches: Iterable[Mapping[str, Tensor]], outputs: Callable[[], int]
    ) -> Loss:
        """What is made small.

        Args:
            options: that say so.
            batches: those of training, for weights that depend on them.
            outputs: how many the model has.

        Raises:
            ConfigError: an option has a value that does not fit the outputs.
            DatasetError: the labels are of another kind.
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

    def of_loss(self, loss: float) -> dict[str, float]:
        """The `measures` that the mean loss alone gives."""
        return {}

    # Predictions

    def kept(self, outputs: Tensor, labels: Tensor) -> Tensor:
        """What is kept of a batch's outputs for `values`; where outputs are per token, (B, T, …)."""
        return outputs

    def by_row(self, rows: Predictions, read: EncodedRows) -> Predictions:
        """Predictions of the rows of a split, of those for what a loader ``read`` of them."""
        return rows

    def valued(self, rows: Predictions) -> Predictions:
        """Rows with `values` in place of what was `kept` of a model's outputs."""
        return replace(rows, values=self.values(rows.values))

    def values(self, outputs: Floats) -> Floats:
        """What is kept of a model's outputs (N, O): probabilities of classes, or numbers."""
        return outputs

    def of_texts(
        self, texts: Sequence[str], rows: Predictions, rule: Any, encoded: EncodedTexts | None = None
    ) -> list[Any]:
        """What a model says of texts, a dataclass each; by default `predictions` of the values of their rows.

        Args:
            texts: N of them.
            rows: what the model says, with `values`, in the order of the texts.
            rule: what `Run.threshold` has.
            encoded: the texts as ids, with the ``spans(row)`` of tokens, where the target ``needs_spans``.
        """
        return self.predictions(texts, rows.values, rule)

    def predictions(self, texts: Sequence[str], values: Floats, rule: Any) -> list[Any]:
        """A dataclass a text, whose fields are its JSON; ``rule`` is what `Run.threshold` has."""
        raise NotImplementedError

    def lines(self, predictions: Sequence[Any]) -> list[str]:
        """What ``textprep predict`` prints before each text."""
        raise NotImplementedError

    def rule_words(self, rule: Any) -> str:
        """What to know about a rule that decides otherwise than usual."""
        raise NotImplementedError

    def rule(self, record: Json) -> Any:
        """The rule that a run keeps as JSON; ``None`` where it keeps none."""
        return None

    def threshold(self, rows: Predictions, class_name: str | None, **least: float | None) -> Any:
        """The rule that a trade-off asks for, chosen on ``rows``; see `Threshold`.

        Raises:
            RunError: there are no thresholds for this kind of target.
        """
        raise RunError(f"a threshold decides between classes, and the run's target is {self.target.name!r}")

    # Scores

    def known(self, rows: Predictions) -> Predictions:
        """The rows that have a target."""
        return rows.take(rows.any_of_row(self.target.labelled(rows.labels)))

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

    def scores_of_texts(self, scores: Mapping[str, Any], split: Split) -> dict[str, Any]:
        """Scores of the rows of ``split``, with those that need its texts."""
        return dict(scores)

    def score(self, scores: Mapping[str, Any], measure: str) -> float:
        """One of the `measures` among `scores`."""
        return float(scores[measure])

    def rivals(self, data: PreparedDataset, held_out: str, rows: Predictions) -> dict[str, Any]:
        """What a simpler model reaches that learns from the same split: further scores, as JSON.

        Args:
            data: with the split "train".
            held_out: the split that is scored.
            rows: what the model says about it.
        """
        return {}

    def curves(self, rows: Predictions) -> dict[str, Any]:
        """What is drawn of the rows with a target, as JSON."""
        return {}

    def per_row(self, rows: Predictions) -> Floats:
        """(rows with a target,) of each its part in the first of the `measures`, which is their mean."""
        raise NotImplementedError

    def are_of(self, rows: Predictions, split: Split, places: npt.NDArray[np.int64]) -> bool:
        """Whether ``rows`` have the labels of the rows at ``places`` (N,) of ``split``."""
        labels = split.labels
        if split.target is None or labels is None:
            return False
        return np.array_equal(split.target.batch(labels[places]), rows.labels)

    def with_labels(
        self, rows: Predictions, split: Split, encoded: EncodedTexts | None = None
    ) -> Predictions:
        """Predictions for all rows of ``split``, in its order, with their labels.

        Args:
            rows: without labels.
            split: other data than the run was trained on.
            encoded: its texts as ids, with the ``spans(row)`` of tokens, where the target ``needs_spans``.

        Raises:
            RunError: as `labels_of`.
        """
        return replace(rows, labels=self.labels_of(split))

    def labels_of(self, split: Split) -> npt.NDArray[Any]:
        """The labels of other data as this target has them.

        Raises:
            RunError: there are none, or they are of another kind, or have other classes or columns.
        """
        if split.target is None or split.labels is None:
            raise RunError(
                f"the rows have no labels, and the run's target is {self.target.name!r}",
                option="label",
                hint="name the column of the labels with label=",
            )
        if split.target.name != self.target.name:
            raise RunError(
                f"the run's target is {self.target.name!r}, and that of the rows is {split.target.name!r}",
                option="target",
                value=self.target.name,
                hint=f"load them with target={self.target.name!r}",
            )
        return self.aligned(split.target, split.labels)

    def aligned(self, target: Target, labels: npt.NDArray[Any]) -> npt.NDArray[Any]:
        """Labels of this kind, with the classes or columns in the order of this target.

        Raises:
            RunError: there are other classes or columns.
        """
        raise NotImplementedError

    # For people

    decoding: ClassVar[tuple[str, str]]
    """What `values` are, and what makes them of a model's outputs: ``("probabilities", "softmax")``."""

    def summary(self, scores: Mapping[str, Any]) -> str:
        """Scores as text: tables and what to know about them."""
        raise NotImplementedError

    def headline(self, scores: Mapping[str, Any]) -> tuple[str, str]:
        """The score that a reader wants first: what it is, and its value with its interval."""
        raise NotImplementedError

    def truth(self, label: Any) -> str:
        """A label as a person writes it."""
        raise NotImplementedError

    def tags_of(self, label: Any) -> tuple[str, ...]:
        """What each token of a row is, where each has a label; empty where it has none."""
        return ()

    def answers(self, values: Floats, ways: Sequence[Explanation] = ()) -> list[Answer]:
        """What a model says about each text of a few.

        Args:
            values: (B, O), or (B, T, O) where each token has outputs.
            ways: how each text became its row, where that is known.
        """
        raise NotImplementedError

    def worth_reading(
        self, rows: Predictions
    ) -> tuple[npt.NDArray[np.int64], list[tuple[str, npt.NDArray[np.bool_], Floats]]]:
        """(N,) of each row a number for what it was given; and what is worth reading.

        That is a title, (N,) which rows it is about, and (N,) by what they come in order, the least first.
        """
        raise NotImplementedError

    def examples(self, split: Split) -> list[tuple[str, npt.NDArray[np.bool_]]]:
        """Of which kinds of rows a page shows one: a title, and (N,) which rows are of the kind."""
        raise NotImplementedError

    def page(
        self, rows: Predictions, scores: Mapping[str, Any], curves: Mapping[str, Any], rule: Any,
        texts: RowTexts,
    ) -> Page:  # fmt: skip
        """The sections of a run's page about scores, decisions and mistakes.

        Args:
            rows: R rows with a target, and what the model says about them.
            scores: of the run.
            curves: what `curves` gave.
            rule: what decides otherwise than usual, or ``None``.
            texts: gives the text, or both texts, of some of the rows, by their place from 0 to R - 1.
        """
        raise NotImplementedError
