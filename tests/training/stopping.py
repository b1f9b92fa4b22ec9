"""A small experiment, and how it is stopped in any step."""

from __future__ import annotations

import json
import signal
from pathlib import Path

import pytest

from textprep.config.experiment import Config, parse_config
from textprep.training.loop.step import OptimizerStep

ROWS = [
    {"text": f"A {word} film number {number}.", "label": label}
    for number in range(20)
    for label, words in {"good": ("great", "lovely"), "bad": ("dull", "awful")}.items()
    for word in words
]


def small_config(folder: Path) -> Config:
    """A training of 16 steps on 80 texts, which are written into ``folder``."""
    rows = folder / "rows.jsonl"
    rows.write_text("".join(json.dumps(row) + "\n" for row in ROWS))
    return parse_config({
        "dataset": {"name": "jsonl", "path": str(rows), "text": "text", "label": "label"},
        "loader": {"batch_size": 8},
        "model": {"embedding_dim": 8, "hidden_dim": 4},
        "training": {"epochs": 2, "device": "cpu", "checkpoint_every": 3, "averaging": 0.9},
    })  # fmt: skip


class Killed(BaseException):
    """What nothing catches, as SIGKILL."""


def stop_at(monkeypatch: pytest.MonkeyPatch, number: int, cause: BaseException | signal.Signals) -> None:
    """From here on the step ``number`` of the optimizer, over all trainings, meets with ``cause``."""
    step, seen = OptimizerStep.__call__, iter(range(10_000))

    def mortal(self, batches, done):
        if next(seen) == number:
            if not isinstance(cause, signal.Signals):
                raise cause
            signal.raise_signal(cause)
        return step(self, batches, done)

    monkeypatch.setattr(OptimizerStep, "__call__", mortal)
