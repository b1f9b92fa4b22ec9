"""Recordings in place of texts: gestures of different length, and the state of an eye while a sensor drifts.

Both are made here. The rival is the GRU of many notebooks, which takes its state at the last column of a
padded batch. Both read the same splits, standardized by the training split, with as many units and epochs.

python examples/sequences.py
"""

from __future__ import annotations

import tempfile
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

import textprep as tp
from textprep.training.trainer import TrainingOptions, fit, validate

UNITS, EPOCHS = 32, 15


class LastStep(nn.Module):
    """As found in many notebooks: padding is read as if it were a recording, and only the end counts."""

    def __init__(self, features: int, classes: int) -> None:
        super().__init__()
        self.gru = nn.GRU(features, 2 * UNITS, batch_first=True)  # as many units as ours has both ways
        self.head = nn.Linear(2 * UNITS, classes)

    def forward(self, inputs: Tensor, attention_mask: Tensor) -> Tensor:
        """(B, T, F) numbers → (B, C) logits; the mask is ignored."""
        states, _ = self.gru(inputs)
        return self.head(states[:, -1])


def gestures(count: int = 400, seed: int = 0) -> list[dict[str, Any]]:
    """Circles, waves, pushes and shakes in three axes, 20 to 150 steps long, begun at any time in between."""
    random = np.random.default_rng(seed)
    rows = []
    for number in range(count):
        name = ("circle", "wave", "push", "shake")[number % 4]
        moves = int(random.integers(15, 60))
        time = np.linspace(0, 2 * np.pi, moves) + random.uniform(0, 0.5)
        zero = np.zeros(moves)
        moved = {
            "circle": [np.cos(time), np.sin(time), zero],
            "wave": [np.sin(3 * time), zero, np.cos(time) / 2],
            "push": [zero, np.exp(-((time - np.pi) ** 2)), zero],
            "shake": [np.sin(9 * time) / 2, np.sin(8 * time) / 2, zero],
        }[name]
        length = moves + int(random.integers(5, 90))
        start = int(random.integers(0, length - moves + 1))
        steps = random.normal(0, 0.25, (length, 3))
        steps[start : start + moves] += np.stack(moved, 1)
        rows.append({"sequence": steps, "label": name})
    return rows


def eye(steps: int = 6_000, seed: int = 0) -> list[dict[str, Any]]:
    """One recording: four channels, an eye that opens and closes, noise, and a sensor that drifts."""
    random = np.random.default_rng(seed)
    closed, step = np.zeros(steps, bool), 0
    while step < steps:
        stays = int(random.integers(60, 240))
        closed[step : step + stays] = not closed[step - 1]
        step += stays
    time = np.arange(steps)
    alpha = np.sin(0.6 * time + random.normal(0, 0.05, steps).cumsum()) * np.where(closed, 1.5, 0.3)
    drift = np.sin(time / steps * 9)
    channels = np.stack([alpha * gain + random.normal(0, 0.4, steps) + drift for gain in (1, 0.8, 0.5, 0)], 1)
    names = ["closed" if is_closed else "open" for is_closed in closed]
    return [
        {**dict(zip("abcd", row, strict=True)), "state": name}
        for row, name in zip(channels.tolist(), names, strict=True)
    ]


def corpora() -> dict[str, tp.datasets.Corpus]:
    """Of whole gestures, and of windows of the one recording, which is divided in time."""
    windows = {"length": 64, "stride": 16, "horizon": 0}
    return {
        "gestures": tp.load_dataset("sequences", rows=gestures()),
        "eye state": tp.load_dataset("sequences", rows=eye(), label="state", windows=windows),
    }


def accuracy(model: nn.Module, data: Any, **options: Any) -> float:
    """Trained on "train", chosen on "validation", scored on "test"."""
    loaders = {
        name: split.loader(batch_size=32, shuffle=name == "train", **options) for name, split in data.items()
    }
    how = TrainingOptions(epochs=EPOCHS, patience=EPOCHS, adversarial=0.0)
    fit(model, loaders["train"], loaders["validation"], how, progress=False)
    return validate(model, loaders["test"])["accuracy"]


def compared(corpus: tp.datasets.Corpus, seeds: int, folder: str) -> dict[str, list[float]]:
    """The accuracies of both models, a figure for each seed."""
    data = tp.prepare(corpus, cache_dir=folder)
    found: dict[str, list[float]] = {"attention": [], "last step": []}
    for seed in range(seeds):
        torch.manual_seed(seed)
        ours = tp.models.GRUAttentionClassifier(
            features=len(corpus.features), num_classes=corpus.num_classes, embedding_dim=UNITS,
            hidden_dim=UNITS, dropout=0.2,
        )  # fmt: skip
        usual = LastStep(len(corpus.features), corpus.num_classes)
        found["attention"].append(accuracy(ours, data, seed=seed))
        found["last step"].append(accuracy(usual, data, seed=seed, by_length=False))
    return found


def main(seeds: int = 1) -> dict[str, dict[str, list[float]]]:
    """Train both models on both data sets; print a line each."""
    found = {}
    with tempfile.TemporaryDirectory() as folder:
        for name, corpus in corpora().items():
            found[name] = compared(corpus, seeds, folder)
            for model, figures in found[name].items():
                print(f"{name:10} {model:10} {', '.join(f'{figure:.1%}' for figure in figures)}")
    return found


if __name__ == "__main__":
    main(seeds=3)
