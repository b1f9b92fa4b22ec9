"""How likely a language model finds the tokens of a text, as predictions and for people.

Shapes are written with T tokens of a row, V tokens of the vocabulary.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from textprep.report.answers import Answer
from textprep.report.language import chance
from textprep.training.scoring.predictions import Predictions, softmax
from textprep.training.targets.base import Floats
from textprep.visible import visible_line

if TYPE_CHECKING:
    from textprep.batches.reader import EncodedTexts
    from textprep.explanation import Explanation

MOST_LINES = 40  # tokens of a text, on a page or a terminal


@dataclass(frozen=True)
class LanguagePrediction:
    """How well a language model foresees a text.

    Attributes:
        text: it.
        perplexity: of its tokens; 1 where nothing is predicted.
        tokens: of each predicted token where it is in the text, ``start`` and ``stop`` (both its length for
            the end), and its ``log_probability``, a natural logarithm.
    """

    text: str
    perplexity: float
    tokens: list[dict[str, Any]]

    @classmethod
    def of(
        cls, text: str, rows: Predictions, row: int, encoded: EncodedTexts | None = None
    ) -> LanguagePrediction:
        """That of a text.

        Args:
            text: it.
            rows: of each predicted token of all texts the logarithm of its probability.
            row: which of them the text is.
            encoded: where the tokens of each text are; without it ``tokens`` is empty.
        """
        logs = rows.values[rows.of_row(row), 0].astype(np.float64)
        perplexity = round(math.exp(-logs.sum() / max(len(logs), 1)), 6)
        return cls(text, perplexity, [] if encoded is None else _tokens(text, rows, row, encoded))

    def __str__(self) -> str:
        """The perplexity, and the token that was foreseen least."""
        words = f"perplexity {self.perplexity:,.1f}"
        if not self.tokens:
            return words
        least = min(self.tokens, key=lambda token: token["log_probability"])
        token = visible_line(self.text[least["start"] : least["stop"]])
        what = f"“{token}”" if token else "its end"
        return f"{words}, least sure of {what} ({chance(least['log_probability'])})"


def token_answer(logits: Floats, way: Explanation) -> Answer:
    """How likely each token of a row was, but for the first, by the logits (T, V) of the row."""
    tokens = way.row.tokens
    ids = np.array([token.id for token in tokens[1:]], np.int64)
    shares = softmax(logits[: len(ids)]).astype(np.float64)
    each = shares[np.arange(len(ids)), ids]
    names = [visible_line(token.name) for token in tokens[1:]]
    logs = np.log(np.maximum(each, 1e-45))
    found = list(zip(names, logs.tolist(), each.tolist(), strict=True))
    record = {
        "perplexity": round(math.exp(-logs.mean()), 6) if found else 1.0,
        "tokens": [{"token": name, "log_probability": round(value, 6)} for name, value, _ in found],
    }
    lines = tuple((name, chance(value), share) for name, value, share in found[:MOST_LINES])
    return Answer(lines, record, (), ("token", "how likely"))


def _tokens(text: str, rows: Predictions, row: int, encoded: EncodedTexts) -> list[dict[str, Any]]:
    """Each predicted token of a text as JSON, with where it is in the text."""
    where, places = rows.of_row(row), np.asarray(rows.places)
    spans = np.concatenate([encoded.spans(row), [[len(text), len(text)]]])[places[where]]
    return [
        {"start": start, "stop": stop, "log_probability": round(value, 6)}
        for (start, stop), value in zip(spans.tolist(), rows.values[where, 0].tolist(), strict=True)
    ]
