"""What a model made of texts, for pages and terminals: probabilities, attention, shapes of tensors."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from textprep.explanation import Explanation
from textprep.report.attention import MOST_WORDS, attention_of, row_words
from textprep.report.findings import Floats, Read, Reading
from textprep.report.linear import Choice, choice_text, choices
from textprep.tables import table

MOST_BARS = 6


def read_texts(texts: Sequence[Read], reading: Reading, names: Sequence[str]) -> list[dict[str, object]]:
    """For each text of the batch title, classes and their probabilities, where the model looked, and why."""
    return [
        {
            "title": text.title,
            "label": text.label,
            "classes": likeliest(reading.probabilities[place], names),
            **attention_of(text, reading, place),
            "choices": [
                _choice(choice) for choice in choices(reading, place, row_words(text.explanation), names)
            ],
        }
        for place, text in enumerate(texts)
    ]


def _choice(choice: Choice) -> dict[str, object]:
    """What a page shows of a choice: at most 300 words, and what the others add together."""
    words = choice.by_word()
    most = max((abs(adds) for _, adds in words), default=0.0) or 1.0
    strongest, _, _ = choice.strongest()
    return {
        "name": choice.name,
        "against": choice.against,
        "deep": choice.deep,
        "linear": choice.linear,
        "words": [(word, adds, abs(adds) / most) for word, adds in words[:MOST_WORDS]],
        "more": max(0, len(words) - MOST_WORDS),
        "rest": sum(adds for _, adds in words[MOST_WORDS:]),
        "strongest": strongest,
    }


def reading_context(reading: Reading) -> dict[str, object]:
    """What the table of shapes shows, and whether a ``linear`` model is added to the one that looks."""
    return {
        "layers": reading.layers,
        "linear": reading.linear is not None,
        "sizes": reading.sizes,
        "parameters": sum(layer.parameters for layer in reading.layers),
    }


def likeliest(probabilities: Floats, names: Sequence[str]) -> list[tuple[str, float]]:
    """At most six classes, the likeliest first.

    >>> likeliest(np.array([0.25, 0.75], np.float32), ["bad", "good"])
    [('good', 0.75), ('bad', 0.25)]
    """
    order = np.argsort(-probabilities, kind="stable")[:MOST_BARS]
    return [(names[place], float(probabilities[place])) for place in order]


def summary(explanation: Explanation, reading: Reading, names: Sequence[str]) -> dict[str, Any]:
    """The ``probabilities`` of the batch's first text, and the words with the most ``attention``.

    With a linear model beside, the ``choices`` too, and what each token and each pair of the row adds.
    """
    words = attention_of(Read("", None, explanation), reading, 0)["top"]
    made = choices(reading, 0, row_words(explanation), names)
    return {
        "probabilities": dict(zip(names, reading.probabilities[0].tolist(), strict=True)),
        "attention": [{"token": word, "weight": weight} for word, weight in words],
        **({"choices": [choice.to_json() for choice in made]} if made else {}),
    }


def reading_text(explanation: Explanation, reading: Reading, names: Sequence[str]) -> str:
    """For a terminal: the classes of the batch's first text, where the model looked, and what decided."""
    classes = [[name, f"{share:.1%}"] for name, share in likeliest(reading.probabilities[0], names)]
    words = [
        [line["token"], f"{line['weight']:.1%}"] for line in summary(explanation, reading, names)["attention"]
    ]
    parts = [table(["class", "probability"], classes)]
    parts += [table(["most attention", "share"], words)] if words else []
    parts += [choice_text(choice) for choice in choices(reading, 0, row_words(explanation), names)]
    return "\n\n".join(parts)
