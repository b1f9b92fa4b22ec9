"""What the report of a run is drawn from: plain data, which `textprep.training.runs.findings` collects.

Shapes are written with B texts a batch, T tokens a text, N heads, C outputs of a model.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from textprep.explanation import Explanation
from textprep.records import RunMetrics
from textprep.report.answers import Answer
from textprep.report.plan import Histogram
from textprep.report.sections import Page

Floats = npt.NDArray[np.float32]


class Layer(NamedTuple):
    """One station on a model's way from ids to what it says.

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
        answers: of each text.
        attention: (B, T), (B, N, T, T), (B, layers, N, T, T), or None where the model has none.
        linear: what a linear model beside adds; None where there is none.
        causal: whether a token sees those before it alone.
        pooled: whether tokens are put together to one answer a text.
    """

    layers: tuple[Layer, ...]
    sizes: Mapping[str, int]
    mask: npt.NDArray[np.bool_]
    answers: Sequence[Answer]
    attention: Floats | None
    linear: Linear | None = None
    causal: bool = False
    pooled: bool = True


class Read(NamedTuple):
    """One text of a `Reading`.

    Attributes:
        title: why it is shown.
        label: what is true of it, as a person writes it; None where nobody has said.
        explanation: its way to the row that the model read.
    """

    title: str
    label: str | None
    explanation: Explanation


@dataclass(frozen=True)
class SplitFacts:
    """What there is to know of a split.

    Attributes:
        name: of the split.
        rows: how many.
        figures: of its target: class → rows, or mean, deviation and quantiles.
        tokens: of all texts.
        longest: tokens of the longest text.
        unknown: the share of tokens that the vocabulary does not have.
        truncated: the share of texts that are cut.
        padding: the share of a batch that is filled up.
    """

    name: str
    rows: int
    figures: Mapping[str, float]
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
        names: of the classes; none where there are none.
        configuration: section → its options, as JSON values.
        splits: of the data.
        lengths: of the training texts, in tokens.
        vocabulary: how many tokens there are.
        examples: kinds of texts, such as classes, and a text of each on its way through the steps.
        metrics: what ``metrics.json`` of the run holds.
        headline: the score that a reader wants first.
        measures: what epochs are scored by: key, title and form of each.
        log: what ``log.jsonl`` of the run holds.
        page: what the target adds.
        unit: what a row is made of: a token, or a step.
        read: a few rows, and what the model made of them as one batch; None where the run was stopped before
            it was scored.
    """

    title: str
    names: Sequence[str]
    configuration: Mapping[str, Any]
    splits: Sequence[SplitFacts]
    lengths: Histogram
    vocabulary: int
    examples: Sequence[tuple[str, Explanation]]
    metrics: RunMetrics
    headline: tuple[str, str]
    measures: Sequence[tuple[str, str, str]]
    log: Sequence[Mapping[str, Any]]
    page: Page
    read: tuple[Sequence[Read], Reading] | None
    unit: str = "token"
