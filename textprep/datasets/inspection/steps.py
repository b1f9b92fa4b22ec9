"""What is odd about the numbers of sequences: those that never change, or are far from all others."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from textprep.datasets.corpus import Corpus
from textprep.datasets.inspection.findings import Finding, Rows
from textprep.inputs import sequences
from textprep.targets.numbers import OUTLIER
from textprep.visible import counted

FAR = 3 * OUTLIER  # times the distance of the quartiles beyond them: spikes of a sensor, not its tails


def odd_steps(corpus: Corpus, rows: Rows) -> Iterator[Finding]:
    """Sequences without a step, numbers that never change in "train", and steps far from all others."""
    lengths, all_steps = [], []
    for split in corpus.values():
        arrays = list(sequences(split.sequence))
        lengths += [len(array) for array in arrays]
        all_steps += arrays
    empty = [row for row, length in enumerate(lengths) if not length]
    if empty:
        says = "sequences have no step: leave them out"
        yield Finding("empty", True, len(empty), says, rows.examples(empty[:3]))
    steps = np.concatenate(all_steps)
    row_of = np.repeat(np.arange(len(lengths)), lengths)
    for name, values in zip(corpus.features, steps.T, strict=True):
        yield from _of_number(name, values.astype(np.float64), row_of, rows)


def _of_number(name: str, values: np.ndarray, row_of: np.ndarray, rows: Rows) -> Iterator[Finding]:
    in_train = np.array([split == "train" for split in rows.splits], bool)[row_of]
    seen = values[in_train]
    if len(seen) and seen.min() == seen.max():
        says = f"number {name!r} is {seen[0]:g} in all steps of train: features= leaves it out"
        yield Finding("constant_feature", False, 1, says)
        return
    low, high = np.quantile(values, [0.25, 0.75]) if len(values) else (0.0, 0.0)
    distance = FAR * (high - low)
    is_far = (values < low - distance) | (values > high + distance)
    far = np.flatnonzero(is_far & (distance > 0))
    if len(far):
        held = np.unique(row_of[far])
        farthest = values[far][np.abs(values[far] - np.median(values)).argmax()]
        says = (
            f"steps of {counted(len(held), 'sequence')} have a {name!r} far from all others, the farthest "
            f"{farthest:g}: a fault of the sensor? The scaler reads them, too"
        )
        yield Finding("spikes", False, len(far), says, rows.examples(held[:3].tolist()))
