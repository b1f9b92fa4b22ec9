"""Ridge regression on what is plain about a sequence: the rival of models that read it step by step.

Shapes are written with N rows, F numbers a step, K numbers of a label.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from textprep.prepared.dataset import PreparedDataset

Floats = npt.NDArray[Any]
STEP_TERMS = "mean, range, ends"
STRENGTHS = (0.01, 0.1, 1.0, 10.0, 100.0, 1000.0)


def step_ridge_predictions(data: PreparedDataset, held_out: str) -> Floats:
    """What ridge regression says of each row of the split ``held_out``, (N,) or (N, K), as the labels are.

    Of each of the F numbers it reads mean, deviation, least and most, and the first and the last step. It is
    learned from "train"; how strongly weights are held down is chosen on "validation".

    Args:
        data: sequences of numbers, with numbers as labels.
        held_out: the name of the split.
    """
    known, labels = _known(data, "train")
    chooser = "validation" if "validation" in data else "train"
    there, wanted = _known(data, chooser)
    fitted = [_fitted(known, labels, strength) for strength in STRENGTHS]
    errors = [np.abs(there @ weights - wanted).mean() for weights in fitted]
    said = _described(data[held_out]) @ fitted[int(np.argmin(errors))]
    return said.reshape(np.shape(data[held_out].labels))


def _known(data: PreparedDataset, name: str) -> tuple[Floats, Floats]:
    split = data[name]
    labels = np.asarray(split.labels, np.float64).reshape(len(split), -1)
    rows = np.isfinite(labels).all(axis=1)
    return _described(split)[rows], labels[rows]


def _fitted(known: Floats, labels: Floats, strength: float) -> Floats:
    """(6F + 1, K) weights; the constant is free."""
    held = strength * np.eye(known.shape[1])
    held[-1, -1] = 0
    weights: Floats = np.linalg.lstsq(known.T @ known + held, known.T @ labels, rcond=None)[0]
    return weights


def _described(split: Any) -> Floats:
    """(N, 6F + 1) float64; zeros of an empty sequence."""
    rows = [_of(np.asarray(split.ids(row), np.float64)) for row in range(len(split))]
    return np.stack(rows) if rows else np.zeros((0, 6 * (split.features or 0) + 1))


def _of(steps: Floats) -> Floats:
    if not len(steps):
        return np.append(np.zeros(6 * steps.shape[1]), 1.0)
    parts = (steps.mean(0), steps.std(0), steps.min(0), steps.max(0), steps[0], steps[-1])
    return np.concatenate([*parts, [1.0]])
