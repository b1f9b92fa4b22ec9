"""Texts whose number is a function of their words, plus noise."""

from __future__ import annotations

from typing import Any

import numpy as np


def made_numbers(
    rows: int = 600, words: int = 200, *, noise: float = 0.2, seed: int = 0
) -> dict[str, list[dict[str, Any]]]:
    """Split → rows with ``text`` and ``label``, 8 : 1 : 1.

    The label is 3 plus the mean worth of a text's words; a word after "not" is worth the opposite, which no
    bag of words can know.
    """
    generator = np.random.default_rng(seed)
    worth = generator.normal(size=words)
    drawn = [_text(generator, worth) for _ in range(rows)]
    found = [
        {"text": text, "label": round(float(3 + value + noise * generator.normal()), 4)}
        for text, value in drawn
    ]
    train, validation = int(rows * 0.8), int(rows * 0.9)
    return {"train": found[:train], "validation": found[train:validation], "test": found[validation:]}


def _text(generator: np.random.Generator, worth: np.ndarray) -> tuple[str, float]:
    chosen = generator.integers(0, len(worth), generator.integers(4, 12))
    turned = generator.random(len(chosen)) < 0.1
    text = " ".join(f"not w{word}" if turn else f"w{word}" for word, turn in zip(chosen, turned, strict=True))
    return text, float((worth[chosen] * np.where(turned, -1, 1)).mean() * 2)
