"""How one class a row is learned, scored and shown.

Shapes are written with B rows a batch, N rows of a split, C classes.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, cast

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from textprep.errors import RunError
from textprep.records import Baseline, Curves, Scores
from textprep.report.answers import Answer, Question, likeliest
from textprep.report.class_scores import class_headline, class_summary
from textprep.report.classes import classes_page
from textprep.report.decisions import Decisions
from textprep.report.row_texts import RowTexts
from textprep.report.sections import Page
from textprep.report.threshold_on_one import ThresholdOnOne
from textprep.targets import Target
from textprep.targets.named import UNLABELLED
from textprep.training.embeddings.log_count_ratios import log_count_ratios
from textprep.training.scoring.curves import class_curves, class_probability_metrics
from textprep.training.scoring.metrics import classification_metrics
from textprep.training.scoring.predictions import Predictions, softmax
from textprep.training.scoring.thresholds import Threshold, pick_threshold
from textprep.training.targets.base import Floats, Json, Loss, Objective
from textprep.training.targets.class_losses import ClassLoss, class_weights
from textprep.training.targets.label_checks import other_kind, refuse_labels
from textprep.training.targets.measure import Measure

if TYPE_CHECKING:
    from textprep.config.options import TrainingOptions
    from textprep.datasets.split import Split
    from textprep.explanation import Explanation
    from textprep.prepared.split import PreparedSplit

Ints = npt.NDArray[np.int64]
BAG_SCALE = 0.5  # scores of all words, as the bag adds them up, would be too sure of themselves


@dataclass(frozen=True)
class ClassPrediction:
    """The class that the model chose for a text, and the probability of every class.

    ``label`` is a tuple of classes, which may be empty, where a text may have several. ``pair`` is the second
    text, of a run that compares two.
    """

    text: str
    label: str | tuple[str, ...]
    probabilities: dict[str, float]
    pair: str | None = None


class ClassObjective(Objective):
    """Softmax and cross-entropy; the likeliest class decides, or a threshold on one."""

    measures: ClassVar[tuple[Measure, ...]] = (
        Measure("accuracy", "accuracy", ".2%", True),
        Measure("macro_f1", "mean F1", ".4f", True),
    )
    loss_kind: ClassVar[Callable[..., Loss]] = ClassLoss
    decoding: ClassVar[tuple[str, str]] = ("probabilities", "softmax")
    meaningless: ClassVar[tuple[str, ...]] = ("loss",)
    token_scores_are: ClassVar[str] = "their naive-Bayes log-count ratios"  # noqa: S105 - tokens of text

    @property
    def names(self) -> tuple[str, ...]:
        """The classes."""
        return self.target.classes

    def token_scores(self, train: PreparedSplit, tokens: int, *, shrinkage: float = 0) -> Floats:
        """Naive-Bayes log-count ratios: (V, 1) of two classes, else (V, C)."""
        labels = self._hot(train.labels)
        ratios = log_count_ratios(train, labels, tokens, shrinkage=shrinkage)
        return ratios[:, 1:] if self._is_one_against_another else ratios

    def bag_weights(self, scores: Floats) -> Floats:
        """What speaks for the second of two classes speaks against the first."""
        return BAG_SCALE * (np.hstack([-scores, scores]) if self._is_one_against_another else scores)

    # Learning

    def plain_loss(self) -> Loss:
        """Cross-entropy."""
        return type(self).loss_kind()

    def loss(
        self, options: TrainingOptions, batches: Iterable[Mapping[str, Tensor]], outputs: Callable[[], int]
    ) -> Loss:
        """Cross-entropy with label smoothing and class weights."""
        weights = options.class_weights
        chosen = (
            None if weights is None else class_weights(weights, batches, outputs(), self._rows_of_classes)
        )
        return type(self).loss_kind(options.label_smoothing, chosen)

    def check(self, batch: Mapping[str, Tensor], outputs: int) -> None:
        """Whether every label is one of the model's classes, or -100.

        >>> from textprep.targets import ClassTarget
        >>> batch = {"labels": torch.tensor([0, 3]), "row_ids": torch.tensor([7, 8])}
        >>> ClassObjective(ClassTarget()).check(batch, 3)
        Traceback (most recent call last):
        textprep.errors.DatasetError: row 8 has the label 3; the model has 3 classes, 0 to 2; ...
        """
        labels = batch["labels"]
        if labels.ndim != 1 or labels.dtype != torch.int64:
            raise other_kind(labels, "labels of one class a row are (B,) int64")
        wrong = (labels >= outputs) | ((labels < 0) & (labels != UNLABELLED))
        refuse_labels(batch, wrong, f"the model has {outputs} classes, 0 to {outputs - 1}")

    def labelled(self, labels: Tensor) -> Tensor:
        """Those that are not -100."""
        return labels != UNLABELLED

    def counted(self, outputs: Tensor, labels: Tensor) -> Tensor:
        """(4, C): rows that were given each class rightly, wrongly, and not; and, in [3, 0], right rows."""
        labelled = self.labelled(labels)
        given, true = self._given_and_true(outputs[labelled], labels[labelled])
        hits = [(given & true).sum(0), (given & ~true).sum(0), (~given & true).sum(0)]
        right = torch.zeros_like(hits[0])
        right[0] = (given == true).all(dim=1).sum()
        return torch.stack([*hits, right])

    def measured(self, sums: Tensor, rows: float) -> dict[str, float]:
        """Accuracy, and the mean F1 of the classes with rows."""
        given, wrongly, missed, right = sums
        f1 = 2 * given / (2 * given + wrongly + missed).clamp(min=1)
        there = given + missed > 0  # a class that no row has says nothing
        return {
            "accuracy": float(right[0]) / rows,
            "macro_f1": float(f1[there].mean()) if there.any() else 0.0,
        }

    # Predictions

    def values(self, outputs: Floats) -> Floats:
        """Probabilities, each row of sum 1."""
        return softmax(outputs)

    def predictions(self, texts: Sequence[str], values: Floats, rule: Any) -> list[ClassPrediction]:
        """The class of each text, and the probability of every class."""
        chosen = self.choices(values, rule)
        return [
            ClassPrediction(text, self.label(choice), dict(zip(self.names, shares, strict=True)))
            for text, choice, shares in zip(texts, chosen, values.tolist(), strict=True)
        ]

    def lines(self, predictions: Sequence[ClassPrediction]) -> list[str]:
        """The class and its probability."""
        margin = max(map(len, self.names))
        return [
            f"{prediction.label:<{margin}}  {prediction.probabilities[str(prediction.label)]:6.1%}"
            for prediction in predictions
        ]

    def rule_words(self, rule: Threshold) -> str:
        """Why a class that is not the likeliest may be given, or one that is may not."""
        return (
            f"a text is {rule.class_name!r} from a probability of {rule.value:.2%} on, as 'textprep "
            f"evaluate' has chosen; its --reset-threshold lets {self.without_rule} decide again"
        )

    without_rule: ClassVar[str] = "the likeliest class"

    def rule(self, record: Any) -> Threshold | None:
        """The threshold that a run keeps."""
        return Threshold(**record) if record else None

    def threshold(self, rows: Predictions, class_name: str | None, **least: float | None) -> Threshold:
        """With so much recall, or precision, on ``rows``."""
        name = class_name or self.names[-1]
        index = self.names.index(name) if name in self.names else 0
        return pick_threshold(self._hot(rows.labels)[:, index], rows.values, name, self.names, **least)

    def choices(self, values: Floats, rule: Threshold | None = None) -> Ints:
        """(N,) the likeliest class of each row, or what a threshold makes of it."""
        if rule:
            return rule.choose(values, self.names)
        likeliest_class: Ints = values.argmax(axis=1)
        return likeliest_class

    def label(self, choice: Any) -> str | tuple[str, ...]:
        """What a choice is called."""
        return self.names[int(choice)]

    # Scores

    def baseline(self, train: Split) -> Json:
        """The commonest class of the training split."""
        strata = Counter(label for label in train.strata() if label is not None)
        if not strata:
            return None
        most = min(strata, key=lambda label: (-strata[label], label))
        return [self.names[place] for place in (most if isinstance(most, tuple) else (most,))]

    def scores(self, rows: Predictions, rule: Any = None, baseline: Json = None) -> dict[str, Any]:
        """Accuracy, scores of each class, confusion matrix, areas and calibration; see `Scores`."""
        return {
            **classification_metrics(rows.labels, self.choices(rows.values, rule), self.names),
            **class_probability_metrics(rows.labels, rows.values, self.names),
            "baseline": self._guess(rows, baseline),
        }

    def score(self, scores: Mapping[str, Any], measure: str) -> float:
        """Accuracy, or the mean F1."""
        return float(scores["macro"]["f1"] if measure == "macro_f1" else scores[measure])

    def curves(self, rows: Predictions) -> dict[str, Any]:
        """ROC, precision over recall, calibration."""
        return cast(dict[str, Any], class_curves(rows.labels, rows.values, self.names))

    def per_row(self, rows: Predictions) -> Floats:
        """1 where a row was given its class, else 0."""
        rows = self.known(rows)
        return self._right(rows, self.choices(rows.values)).astype(np.float64)

    def aligned(self, target: Target, labels: npt.NDArray[Any]) -> npt.NDArray[Any]:
        """Ids of the run's classes."""
        places = self._places_of(target)
        return np.where(labels < 0, labels, places[labels])

    # For people

    def summary(self, scores: Mapping[str, Any]) -> str:
        """The scores of each class, the accuracy, and where the model goes wrong."""
        return class_summary(cast(Scores, scores))

    def headline(self, scores: Mapping[str, Any]) -> tuple[str, str]:
        """The accuracy."""
        return class_headline(cast(Scores, scores))

    def truth(self, label: Any) -> str:
        """The class's name."""
        return self.names[int(label)]

    def answers(self, values: Floats, ways: Sequence[Explanation] = ()) -> list[Answer]:
        """The likeliest classes, and the likeliest against the next."""
        return [self._answer(shares) for shares in values]

    def worth_reading(
        self, rows: Predictions
    ) -> tuple[Ints, list[tuple[str, npt.NDArray[np.bool_], Floats]]]:
        """Right and surest, wrong and surest, least sure."""
        choices, sure = self.choices(rows.values), rows.values.max(axis=1)
        return choices, by_certainty(self._right(rows, choices), sure, sure)

    def examples(self, split: Split) -> list[tuple[str, npt.NDArray[np.bool_]]]:
        """Each class, and which rows have it."""
        if split.labels is None:
            return []
        return list(zip(self.names, self._hot(split.labels).T > 0, strict=True))

    def page(
        self, rows: Predictions, scores: Mapping[str, Any], curves: Mapping[str, Any], rule: Any,
        texts: RowTexts,
    ) -> Page:  # fmt: skip
        """Scores of each class, decisions under every threshold, and the most certain mistakes."""
        decisions = self._decisions(rows.labels, rows.values)
        chosen = rule.to_json() if rule else None
        return classes_page(decisions, self.names, cast(Scores, scores), cast(Curves, curves), chosen, texts)

    # Where one class a row differs from several

    @property
    def _is_one_against_another(self) -> bool:
        return len(self.names) == 2

    def _hot(self, labels: npt.NDArray[Any]) -> Ints:
        """(N, C) of 0 and 1; -100 where there is no label."""
        hot = (labels[:, None] == np.arange(len(self.names))).astype(np.int64)
        return np.where(labels[:, None] < 0, UNLABELLED, hot)

    def _rows_of_classes(self, batch: Mapping[str, Tensor], classes: int) -> Tensor:
        """(C,) how many rows of a batch have each class."""
        self.check(batch, classes)
        labels = batch["labels"]
        return torch.bincount(labels[labels >= 0], minlength=classes)[:classes]

    def _given_and_true(self, outputs: Tensor, labels: Tensor) -> tuple[Tensor, Tensor]:
        """(rows, C) bool, both: the classes that labelled rows were given, and those that they have."""
        classes = torch.arange(outputs.shape[1], device=outputs.device)
        return outputs.argmax(dim=1, keepdim=True) == classes, labels.unsqueeze(1) == classes

    def _right(self, rows: Predictions, choices: Ints) -> npt.NDArray[np.bool_]:
        return np.asarray(choices == rows.labels)

    def _guess(self, rows: Predictions, baseline: Json) -> Baseline:
        labels = self.known(rows).labels
        name = baseline[0] if baseline else self.names[int(np.bincount(labels).argmax())]
        return {"label": name, "accuracy": float((labels == self.names.index(name)).mean())}

    def _places_of(self, target: Target) -> Ints:
        """(C',) where each class of other data stands among the run's.

        Raises:
            RunError: one is none of them.
        """
        if not set(target.classes) <= set(self.names):
            raise RunError(
                f"a split to evaluate on has labels of the classes {', '.join(self.names)}, not "
                f"{', '.join(name for name in target.classes if name not in self.names)}"
            )
        return np.array([self.names.index(name) for name in target.classes], dtype=np.int64)

    def _answer(self, shares: Floats) -> Answer:
        first, *others = np.argsort(-shares, kind="stable").tolist()
        against = self.names[others[0]] if others else None
        question = Question(first, others[0] if others else None, self.names[first], against)
        return Answer(likeliest(shares, self.names), self._as_json(shares), (question,))

    def _as_json(self, shares: Floats) -> dict[str, Any]:
        return {"probabilities": dict(zip(self.names, shares.tolist(), strict=True))}

    def _decisions(self, labels: npt.NDArray[Any], values: Floats) -> Decisions:
        return ThresholdOnOne(labels, values, self.names)


def by_certainty(
    right: npt.NDArray[np.bool_], sure: Floats, wrongly: Floats
) -> list[tuple[str, npt.NDArray[np.bool_], Floats]]:
    """What is worth reading: a title, which rows it is about, and by what they are put in order."""
    return [
        ("Right, and surest", right, -sure),
        ("Wrong, and surest", ~right, -wrongly),
        ("Least sure", np.ones(len(right), bool), sure),
    ]
