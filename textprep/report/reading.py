"""What a model made of texts, for pages and terminals: what it says, attention, shapes of tensors."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from textprep.explanation import Explanation
from textprep.report.attention import MOST_WORDS, attention_of
from textprep.report.findings import Read, Reading
from textprep.report.linear import Choice, choice_text, choices
from textprep.report.row_words import named, row_texts, row_words
from textprep.tables import table


def read_texts(texts: Sequence[Read], reading: Reading) -> list[dict[str, object]]:
    """For each text of the batch title, what the model says, where it looked, and why."""
    return [
        {
            "title": text.title,
            "label": text.label,
            "lines": reading.answers[place].lines[:MOST_WORDS],
            "header": reading.answers[place].header,
            "pieces": reading.answers[place].pieces,
            **attention_of(text, reading, place),
            "choices": [_choice(choice) for choice in _choices(text.explanation, reading, place)],
        }
        for place, text in enumerate(texts)
    ]


def _choices(explanation: Explanation, reading: Reading, place: int) -> list[Choice]:
    return choices(reading, place, row_words(explanation), row_texts(explanation))


def _choice(choice: Choice) -> dict[str, object]:
    """What a page shows of a choice: at most 300 words, and what the others add together."""
    words = choice.by_word()
    most = max((abs(adds) for _, adds in words), default=0.0) or 1.0
    strongest, _, _ = choice.strongest()
    return {
        "question": choice.question,
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
        "ends": reading.layers[-1].name,
        "parameters": sum(layer.parameters for layer in reading.layers),
    }


def summary(explanation: Explanation, reading: Reading) -> dict[str, Any]:
    """What the model says about the batch's first text, and the words with the most ``attention``.

    With a linear model beside, the ``choices`` too, and what each token and each pair of the row adds.
    """
    words = attention_of(Read("", None, explanation), reading, 0)["top"]
    made = _choices(explanation, reading, 0)
    return {
        **reading.answers[0].record,
        "attention": [
            {"token": word, "weight": weight, **({"text": of} if explanation.pair else {})}
            for word, weight, of in words
        ],
        **({"choices": [choice.to_json() for choice in made]} if made else {}),
    }


def reading_text(explanation: Explanation, reading: Reading) -> str:
    """For a terminal: what the model says about the batch's first text, where it looked, and what decided."""
    answer = reading.answers[0]
    found = attention_of(Read("", None, explanation), reading, 0)
    top, of_each = found["top"], sum(share for _, share in found["by_text"]) > 1.5  # each text adds up to 1
    words = [[named(word, of), f"{weight:.1%}"] for word, weight, of in top]
    parts = [f"found  {answer.found}"] if answer.found else []
    parts += [table(list(answer.header), [[name, said] for name, said, _ in answer.lines])]
    parts += [table(["most attention", "share of its text" if of_each else "share"], words)] if words else []
    parts += [choice_text(choice) for choice in _choices(explanation, reading, 0)]
    return "\n\n".join(parts)
