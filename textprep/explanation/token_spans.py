"""Where the tokens of a text lie in it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import accumulate, pairwise
from typing import NamedTuple

from textprep.explanation.alignment import Alignment, Span, filled
from textprep.explanation.differences import compare
from textprep.tokenizers.base import Tokenizer

_SPACE = re.compile(r"\s*")


class TokenSpans(NamedTuple):
    """A span of the text for each token, none before that of the token before it.

    Attributes:
        spans: in the order of the tokens.
        exact: whether nothing was guessed.
    """

    spans: list[Span]
    exact: bool


def find_tokens(tokenizer: Tokenizer, text: str, tokens: Sequence[str]) -> TokenSpans:
    """Where the ``tokens`` of ``text`` lie in it: as ``tokenizer`` says, or else as they read."""
    reported = tokenizer.token_spans(text)
    if reported is None or len(reported) != len(tokens):
        reported = _read_along(text, tokens)
    spans = _compared(text, tokens) if reported is None else reported
    return TokenSpans(rising(spans, len(text)), exact=reported is not None)


def _read_along(text: str, tokens: Sequence[str]) -> list[Span] | None:
    """The spans, if the text is nothing but the tokens and white space between them."""
    spans, done = [], 0
    for token in tokens:
        if not text.startswith(token, done):
            done = _SPACE.match(text, done).end()  # type: ignore[union-attr]  # it always matches
        if not text.startswith(token, done):
            return None
        spans.append((done, done + len(token)))
        done += len(token)
    return spans if not text[done:].strip() else None


def _compared(text: str, tokens: Sequence[str]) -> list[Span]:
    """The spans, from a comparison of the text with the tokens, one a line, whatever their case."""
    lines = "".join(f"{token}\n" for token in tokens)
    alignment = Alignment(compare(_lower(text), _lower(lines)).edits, len(text))
    bounds = pairwise(accumulate((len(token) + 1 for token in tokens), initial=0))
    pieces = (filled(alignment.back([(start, stop - 1)])) for start, stop in bounds)
    return [(found[0][0], found[-1][1]) for found in pieces]


def _lower(text: str) -> str:
    """``text`` in lower case, character by character, so that none moves."""
    lower = text.lower()
    return (
        lower if len(lower) == len(text) else "".join(c.lower() if len(c.lower()) == 1 else c for c in text)
    )


def rising(spans: Sequence[Span], length: int) -> list[Span]:
    """``spans`` within the text, none of which starts or stops before the one before it."""
    starts = accumulate((min(max(start, 0), length) for start, _ in spans), max)
    stops = accumulate((min(max(span), length) for span in spans), max)
    return list(zip(starts, stops, strict=True))
