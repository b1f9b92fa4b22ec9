"""An `Explanation` as one self-contained HTML page, on which every token lights up where it came from."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from textprep.explanation import Explanation, StepTrace
from textprep.explanation.segments import (
    Pieces,
    Segment,
    cut_segments,
    step_segments,
    text_segments,
    token_pieces,
)
from textprep.report.findings import Read, Reading
from textprep.report.page import render
from textprep.report.reading import read_texts, reading_context
from textprep.visible import counted, visible

MOST_TOKENS = 2_000
MOST_CHARACTERS = 20_000
MOST_PADDING = 12
_WHOLE = 60  # characters of what a token came from, in words


def explanation_page(explanation: Explanation, reading: Reading | None = None) -> str:
    """The page, with the first 2,000 tokens and 20,000 characters of each text.

    Args:
        explanation: of one text.
        reading: what a model made of its row.
    """
    tokens = explanation.tokens[:MOST_TOKENS]
    pieces = token_pieces(explanation, tokens)
    raw, more_text = cut_segments(text_segments(explanation.raw, pieces[0]), MOST_CHARACTERS)
    anchors = _anchors(raw)
    records = [_token(explanation, place, anchors) for place in range(len(tokens))]
    return render(
        "explanation",
        title=f"{explanation.raw[:50]} · explained by textprep",
        styles=("reading",),
        data={
            "tokens": [{key: record[key] for key in ("text", "id", "seen", "origin")} for record in records]
        },
        summary=_summary(explanation),
        raw=raw,
        anchors=set(anchors.values()),
        unknown={place for place, token in enumerate(tokens) if not token.known},
        more_text=more_text,
        tokens=records,
        tokens_exact=explanation.tokens_exact,
        more_tokens=len(explanation.tokens) - len(tokens),
        steps=[
            _step(step, before, after)
            for step, before, after in zip(explanation.steps, pieces, pieces[1:], strict=False)
        ],
        guessed=not all(step.exact for step in explanation.steps),
        ids=[token.id for token in tokens],
        reading=_reading(explanation, reading) if reading else None,
        **_row(explanation),
    )


def _reading(explanation: Explanation, reading: Reading) -> dict[str, object]:
    (text,) = read_texts([Read("", None, explanation)], reading)
    return {"text": text, **reading_context(reading)}


def _anchors(segments: Sequence[Segment]) -> dict[int, int]:
    """For each token, the number of the first segment that it came from."""
    anchors: dict[int, int] = {}
    for number, segment in enumerate(segments):
        for token in segment.tokens:
            anchors.setdefault(token, number)
    return anchors


def _token(explanation: Explanation, place: int, anchors: dict[int, int]) -> dict[str, object]:
    token = explanation.tokens[place]
    times = "once" if token.count == 1 else f"{token.count:,} times"
    return {
        "place": place,
        "text": visible(token.text).replace("\n", ""),
        "id": token.id,
        "count": token.count,
        "known": token.known,
        "kept": place in explanation.row.tokens,
        "seen": f"seen {times} in training" if token.known else "not in the vocabulary",
        "origin": _origin(explanation.raw, token.raw_spans),
        "anchor": anchors.get(place),
    }


def _origin(raw: str, spans: Sequence[tuple[int, int]]) -> str:
    if all(start == stop for start, stop in spans):
        return f"put in by a step, at character {spans[0][0]}"
    pieces = (visible(raw[start:stop]).replace("\n", "") for start, stop in spans)
    quoted = " + ".join(f"“{piece[:_WHOLE]}{'…' * (len(piece) > _WHOLE)}”" for piece in pieces)
    where = ", ".join(f"{start + 1}-{stop}" if stop > start + 1 else f"{stop}" for start, stop in spans)
    return f"from {quoted}, character {where}"


def _step(step: StepTrace, before: Pieces, after: Pieces) -> dict[str, object]:
    segments, more_text = cut_segments(step_segments(step, before, after), MOST_CHARACTERS)
    return {
        "name": step.name,
        "options": step.options,
        "exact": step.exact,
        "changes": len(step.edits),
        "segments": segments,
        "more_text": more_text,
    }


def _summary(explanation: Explanation) -> str:
    steps, tokens = len(explanation.steps), len(explanation.tokens)
    unknown = sum(not token.known for token in explanation.tokens)
    return (
        f"{counted(len(explanation.raw), 'character')}, {counted(steps, 'step')}, "
        f"{counted(tokens, 'token')} of the tokenizer {explanation.tokenizer}, "
        f"{unknown or 'none'} of them unknown."
    )


def _row(explanation: Explanation) -> dict[str, Any]:
    """The cells of the row, the first of its padding, and how many are left out."""
    row, tokens = explanation.row, explanation.tokens
    shown = [place for place in row.tokens if place < MOST_TOKENS]
    padding = len(row.ids) - len(row.tokens)
    pads = padding if padding <= MOST_PADDING + 2 else MOST_PADDING
    cut = len(tokens) - len(row.tokens)
    ids = counted(len(row.ids), "id")
    note = f"{ids} long: {len(row.tokens):,} real with mask 1, the rest padding with mask 0"
    return {
        "cells": [{"token": place, "id": tokens[place].id} for place in shown],
        "pads": pads,
        "more_cells": len(row.ids) - len(shown) - pads,
        "row_note": f"{note}; {counted(cut, 'token')} did not fit." if cut else f"{note}.",
    }
