"""The records that rooms hand each other and that stand in a run's JSON files, key by key.

They are plain dictionaries, so that a file is what a function returned; a type checker knows their keys.
"""

from __future__ import annotations

from typing import Any, Literal

from typing_extensions import NotRequired, TypedDict

ShareName = Literal["precision", "recall", "f1"]
SHARES: tuple[ShareName, ...] = ("precision", "recall", "f1")
Shares = dict[ShareName, float]
Interval = list[float]  # low and high
IntervalsOfShares = dict[ShareName, Interval]
Point = dict[str, float]


class ClassScores(TypedDict):
    """The scores of one class, and how many rows have it."""

    precision: float
    recall: float
    f1: float
    support: int


class Intervals(TypedDict):
    """What `textprep.training.scoring.intervals.bootstrap_intervals` gives; ``micro`` with several labels."""

    level: float
    accuracy: Interval
    macro: IntervalsOfShares
    micro: NotRequired[IntervalsOfShares]
    per_class: dict[str, IntervalsOfShares]


class ThresholdRecord(TypedDict):
    """`textprep.training.scoring.thresholds.Threshold` as JSON, and what it costs.

    ``cost``: score → what it is ``without`` the threshold and ``with`` it.
    """

    class_name: str
    value: float
    wanted: dict[str, float]
    validation: dict[str, float]
    cost: NotRequired[dict[str, dict[str, float]]]


class Baseline(TypedDict):
    """What giving every row the label (or the labels) that most training texts have comes to."""

    label: str | list[str]
    accuracy: float


class Seen(TypedDict):
    """How many of the rows have texts that are training texts too, and the scores of the ``others``."""

    rows: int
    others: NotRequired[Scores]


class Scores(TypedDict, total=False):
    """What `textprep.training.scoring.predictions.Predictions.scores` gives; see the functions it names.

    ``micro`` is there with several labels a row, ``confusion_matrix`` and ``calibration_error`` with one,
    ``threshold`` where `textprep.training.runs.run.Run.held_out_scores` says what one changes, ``seen`` where
    `Run.evaluate` has met training texts. ``classes_without_rows`` have no part in the means of the classes.
    """

    accuracy: float
    baseline: Baseline
    classes_without_rows: list[str]
    seen: Seen
    macro: Shares
    micro: Shares
    weighted: Shares
    per_class: dict[str, ClassScores]
    confusion_matrix: list[list[int]]
    class_names: list[str]
    rows: int
    intervals: Intervals
    roc_auc: dict[str, float | None]
    average_precision: dict[str, float | None]
    macro_roc_auc: float | None
    macro_average_precision: float | None
    log_loss: float
    calibration_error: float
    threshold: ThresholdRecord


EpochRecord = dict[str, Any]  # the fields of `textprep.training.loop.history.Epoch`


class HistoryRecord(TypedDict):
    """`textprep.training.loop.history.History` as JSON."""

    epochs: list[EpochRecord]
    best_epoch: int | None
    interrupted: bool


class RunMetrics(HistoryRecord, Scores):
    """``metrics.json`` of a run: its epochs, and its scores on the split ``held_out``.

    ``held_out`` is None where training was stopped before it was scored, and there are no scores then.
    """

    held_out: str | None


class Curves(TypedDict):
    """``curves.json`` of a run: see `textprep.training.scoring.curves.probability_curves`."""

    roc: dict[str, list[Point]]
    precision_recall: dict[str, list[Point]]
    calibration: list[Point]


class Spread(TypedDict):
    """What `textprep.training.trials.seeds.spread` gives."""

    mean: float
    std: float
    min: float
    max: float
    values: list[float]


class SeedsScores(TypedDict, total=False):
    """Scores of the seeds that came to their end, those of a class here; empty where none did.

    ``measures``: key, title and form of each score.
    """

    held_out: str | None
    rows: int
    baseline: Baseline | None
    measures: list[list[str]]
    accuracy: Spread
    macro_f1: Spread
    seconds: Spread


class SeedsSummary(SeedsScores):
    """``seeds.json``: what `textprep.training.trials.seeds.train_seeds` gives."""

    runs: list[str]
    seeds: list[int]
    interrupted: bool


class VariantFacts(TypedDict):
    """What a variant's data and training cost."""

    vocabulary: int
    oov_rate: float
    tokens_a_text: float
    read: float
    seconds: Spread
    runs: list[str]


class VariantResult(VariantFacts):
    """A variant of a comparison: how good it is, and whether it beats the reference.

    ``accuracy`` is called as the measure of the comparison is.
    """

    name: str
    accuracy: Spread
    interval: Interval
    difference: float | None
    difference_interval: Interval | None
    verdict: str


class VariantGroup(TypedDict):
    """Variants that are compared with one of them."""

    group: str
    reference: str
    varied: NotRequired[list[str]]
    held: NotRequired[list[str]]
    variants: list[VariantResult]


class Comparison(TypedDict):
    """``compare.json``: what `textprep.training.trials.compare.compare` gives.

    ``measure``: its key, title, form, and whether more of it is better.
    """

    held_out: str
    rows: int
    measure: NotRequired[list[Any]]
    baseline: NotRequired[Baseline | None]
    seeds: list[int]
    groups: list[VariantGroup]
