"""What the report of a run is drawn from: plain data, which `textprep.training.runs.findings` collects.

Shapes are written with B texts a batch, T tokens a text, N heads, C classes, R rows of the held-out split.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from textprep.explanation import Explanation
from textprep.records import Curves, RunMetrics, ThresholdRecord
from textprep.report.plan import Histogram

Floats = npt.NDArray[np.float32]
Ints = npt.NDArray[np.int64]


class Layer(NamedTuple):
    """One station on a model's way from ids to probabilities.

    Attributes:
        name: where it is found in the model, such as ``attention.project``.
        kind: what it is, such as ``Linear``.
        tensors: what came out of it: a word for each tensor, and its shape.
        parameters: how many numbers of its own it has learned, those of the layers in it left out.
    """

    name: str
    kind: str
    tensors: tuple[tuple[str, tuple[int, ...]], ...]
    parameters: int


class Linear(NamedTuple):
    """The logits of a deep model and the linear one beside it, taken apart; all sums together are the logits.

    Attributes:
        tokens: (B, T, C) float64, what each token adds, zeros on padding.
        pairs: (B, T - 1, C) float64, what each two neighbours add.
        deep: (B, C) float64, what the deep model says.
    """

    tokens: npt.NDArray[np.float64]
    pairs: npt.NDArray[np.float64]
    deep: npt.NDArray[np.float64]


@dataclass(frozen=True)
class Reading:
    """What a model made of a batch of texts.

    Attributes:
        layers: in the order in which they ran.
        sizes: what a letter of the shapes stands for → how many: ``{"B, texts": 1, …}``.
        mask: (B, T) bool, True on real tokens.
        probabilities: (B, C).
        attention: (B, T), (B, N, T, T), (B, layers, N, T, T), or None where the model has none.
        linear: what a linear model beside adds; None where there is none.
        multi_label: whether a text may have several classes.
    """

    layers: tuple[Layer, ...]
    sizes: Mapping[str, int]
    mask: npt.NDArray[np.bool_]
    probabilities: Floats
    attention: Floats | None
    linear: Linear | None = None
    multi_label: bool = False


class Read(NamedTuple):
    """One text of a `Reading`.

    Attributes:
        title: why it is shown.
        label: the name of its class, or of its classes; None where nobody has said.
        explanation: its way to the row that the model read.
    """

    title: str
    label: str | None
    explanation: Explanation


@dataclass(frozen=True)
class HeldOut:
    """What a run says about the split that it is scored on; R rows, all of them labelled.

    Attributes:
        name: of the split.
        labels: (R,) the true classes; (R, C) of 0 and 1 where a row may have several.
        probabilities: (R, C).
        curves: what `textprep.training.scoring.curves.probability_curves` gives.
        threshold: what `textprep.training.scoring.thresholds.Threshold.to_json` gives, or None.
        texts: row, counted from 0 → its text, for the rows that the page shows.
        read: a few rows, and what the model made of them as one batch.
    """

    name: str
    labels: Ints
    probabilities: Floats
    curves: Curves
    threshold: ThresholdRecord | None
    texts: Mapping[int, str]
    read: tuple[Sequence[Read], Reading]


@dataclass(frozen=True)
class SplitFacts:
    """What there is to know of a split.

    Attributes:
        name: of the split.
        rows: how many.
        classes: name → rows.
        tokens: of all texts.
        longest: tokens of the longest text.
        unknown: the share of tokens that the vocabulary does not have.
        truncated: the share of texts that are cut.
        padding: the share of a batch that is filled up.
    """

    name: str
    rows: int
    classes: Mapping[str, int]
    tokens: int
    longest: int
    unknown: float
    truncated: float
    padding: float


@dataclass(frozen=True)
class Findings:
    """Everything that is on the page of a run.

    Attributes:
        title: what the run is called.
        class_names: the C names.
        configuration: section → its options, as JSON values.
        splits: of the data.
        lengths: of the training texts, in tokens.
        vocabulary: how many tokens there are.
        examples: class names, and texts of them on their way through the steps.
        metrics: what ``metrics.json`` of the run holds.
        log: what ``log.jsonl`` of the run holds.
        held_out: None where the run was stopped before it was scored.
    """

    title: str
    class_names: Sequence[str]
    configuration: Mapping[str, Any]
    splits: Sequence[SplitFacts]
    lengths: Histogram
    vocabulary: int
    examples: Sequence[tuple[str, Explanation]]
    metrics: RunMetrics
    log: Sequence[Mapping[str, Any]]
    held_out: HeldOut | None
