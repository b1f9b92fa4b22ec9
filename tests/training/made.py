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


VERBS = ("repair", "clean", "paint", "sell", "move", "lift", "carry", "open", "build", "store")
THINGS = ("bike", "door", "table", "roof", "car", "fence", "lamp", "boat", "clock", "sofa", "oven", "tent")
QUESTIONS = (
    "how do i {verb} my {thing}", "what is the best way to {verb} a {thing}", "steps to {verb} the {thing}",
    "can someone help me {verb} a {thing}", "is it hard to {verb} this {thing}",
)  # fmt: skip
NEW_QUESTIONS = ("why would you {verb} your {thing}", "tell us when to {verb} that {thing}")


def made_questions(rows: int = 1200, *, seed: int = 0) -> dict[str, list[dict[str, str]]]:
    """Split → rows with ``text``, ``second`` and ``label``: whether two questions ask the same.

    Every word is as common in one class as in the other, so a linear model of the words of both texts is at
    chance. What "validation" and "test" ask, a verb with a thing, "train" does not; "test" also asks in ways that no
    other split does.
    """
    generator = np.random.default_rng(seed)
    asked = [(verb, thing) for verb in VERBS for thing in THINGS]
    generator.shuffle(asked)
    few = len(asked) // 6
    sizes = {"train": rows, "validation": rows // 4, "test": rows // 3}
    parts = {"train": asked[2 * few :], "validation": asked[:few], "test": asked[few : 2 * few]}
    ways = {name: QUESTIONS + (NEW_QUESTIONS if name == "test" else ()) for name in sizes}
    return {
        name: [_question(generator, parts[name], ways[name], number % 2 == 0) for number in range(size)]
        for name, size in sizes.items()
    }


def _question(generator: np.random.Generator, asked: Any, ways: Any, same: bool) -> dict[str, str]:
    """One of the two is another, where they are not the same."""
    verb, thing = asked[generator.integers(len(asked))]
    other_verb, other_thing = verb, thing
    if not same and generator.random() < 0.5:
        other_verb = VERBS[(VERBS.index(verb) + generator.integers(1, len(VERBS))) % len(VERBS)]
    elif not same:
        other_thing = THINGS[(THINGS.index(thing) + generator.integers(1, len(THINGS))) % len(THINGS)]
    first, second = generator.choice(len(ways), 2, replace=False)
    return {
        "text": ways[first].format(verb=verb, thing=thing),
        "second": ways[second].format(verb=other_verb, thing=other_thing),
        "label": "same" if same else "other",
    }
