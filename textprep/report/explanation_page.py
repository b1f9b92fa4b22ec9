"""An `Explanation` as one self-contained HTML page, on which every token lights up where it came from."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from textprep.explanation import Explanation, RowToken, StepTrace, TextTrace, Token
from textprep.explanation.segments import (
    Pieces,
    Segment,
    cut_segments,
    step_segments,
    text_segments,
    token_pieces,
)
from textprep.explanation.text import TEXTS, left_out
from textprep.report.findings import Read, Reading
from textprep.report.page import render
from textprep.report.reading import read_texts, reading_context
from textprep.visible import counted, visible_line

MOST_TOKENS = 2_000
MOST_CHARACTERS = 20_000
MOST_PADDING = 12
TIMES = "\N{MULTIPLICATION SIGN}"
_WHOLE = 60  # characters of what a token came from, in words


def explanation_page(explanation: Explanation, reading: Reading | None = None) -> str:
    """The page, with the first 2,000 tokens and 20,000 characters of each text.

    Args:
        explanation: of one text, or of two.
        reading: what a model made of its row.
    """
    texts: list[dict[str, Any]] = []
    for way in explanation.texts:
        texts.append(_text(explanation, way, len(texts), sum(len(text["tokens"]) for text in texts)))
    records = [record for text in texts for record in text["tokens"]]
    return render(
        "explanation",
        title=f"{' · '.join(way.raw[:50] for way in explanation.texts)} · explained by textprep",
        styles=("reading", "tagged"),
        data={
            "tokens": [{key: record[key] for key in ("text", "id", "seen", "origin")} for record in records]
        },
        summary=_summary(explanation),
        texts=texts,
        unknown={record["number"] for record in records if not record["known"]},
        guessed=not all(step.exact for way in explanation.texts for step in way.steps),
        reading=_reading(explanation, reading) if reading else None,
        **_row(explanation, [text["numbers"] for text in texts]),
    )


def _reading(explanation: Explanation, reading: Reading) -> dict[str, object]:
    (text,) = read_texts([Read("", None, explanation)], reading)
    return {"text": text, **reading_context(reading)}


def _text(explanation: Explanation, way: TextTrace, place: int, start: int) -> dict[str, Any]:
    """One text; its tokens are numbered from ``start`` on."""
    tokens = way.tokens[:MOST_TOKENS]
    pieces = token_pieces(way, tokens)
    raw, more_text = cut_segments(text_segments(way.raw, pieces[0]), MOST_CHARACTERS)
    anchors = _anchors(raw)
    named = TEXTS[place] if explanation.pair else ""
    kept = {token.place for token in explanation.row.tokens if token.text == place}
    return {
        "name": named,
        "prefix": f"raw-{named or 'of'}",
        "raw": _numbered(raw, start),
        "anchors": set(anchors.values()),
        "more_text": more_text,
        "tokens": [
            {
                **_token(way, each, named),
                "number": start + each,
                "kept": each in kept,
                "anchor": anchors.get(each),
            }
            for each in range(len(tokens))
        ],
        "numbers": range(start, start + len(tokens)),
        "more_tokens": len(way.tokens) - len(tokens),
        "tokens_exact": way.tokens_exact,
        "steps": [
            _step(step, before, after, start)
            for step, before, after in zip(way.steps, pieces, pieces[1:], strict=False)
        ],
        "ids": [token.id for token in tokens],
    }


def _anchors(segments: Sequence[Segment]) -> dict[int, int]:
    """For each token, the number of the first segment that it came from."""
    anchors: dict[int, int] = {}
    for number, segment in enumerate(segments):
        for token in segment.tokens:
            anchors.setdefault(token, number)
    return anchors


def _numbered(segments: Sequence[Segment], start: int) -> list[Segment]:
    """The segments of a text whose tokens are numbered from ``start`` on."""
    return [segment._replace(tokens=tuple(start + token for token in segment.tokens)) for segment in segments]


def _token(way: TextTrace, place: int, named: str) -> dict[str, object]:
    token = way.tokens[place]
    return {
        "text": visible_line(token.name),
        "id": token.id,
        "count": token.seen + (TIMES if token.known and token.count is not None else ""),
        "known": token.known,
        "seen": _seen(token),
        "origin": _origin(way.raw, token.raw_spans, f" of the {named} text" if named else ""),
    }


def _seen(token: Token) -> str:
    if not token.known:
        return "not in the vocabulary"
    if token.count is None:
        return "of a pretrained vocabulary"
    return f"seen {'once' if token.count == 1 else f'{token.count:,} times'} in training"


def _origin(raw: str, spans: Sequence[tuple[int, int]], of_which: str) -> str:
    if all(start == stop for start, stop in spans):
        return f"put in by a step, at character {spans[0][0]}{of_which}"
    pieces = (visible_line(raw[start:stop]) for start, stop in spans)
    quoted = " + ".join(f"“{piece[:_WHOLE]}{'…' * (len(piece) > _WHOLE)}”" for piece in pieces)
    where = ", ".join(f"{start + 1}-{stop}" if stop > start + 1 else f"{stop}" for start, stop in spans)
    return f"from {quoted}, character {where}{of_which}"


def _step(step: StepTrace, before: Pieces, after: Pieces, start: int) -> dict[str, object]:
    segments, more_text = cut_segments(step_segments(step, before, after), MOST_CHARACTERS)
    return {
        "name": step.name,
        "options": step.options,
        "exact": step.exact,
        "changes": len(step.edits),
        "segments": _numbered(segments, start),
        "more_text": more_text,
    }


def _summary(explanation: Explanation) -> str:
    texts = explanation.texts
    steps, tokens = len(explanation.steps), [token for way in texts for token in way.tokens]
    unknown = sum(not token.known for token in tokens)
    characters = counted(len(explanation.raw), "character")
    if explanation.pair:
        characters = (
            f"Two texts of {len(explanation.raw):,} and {counted(len(explanation.pair.raw), 'character')}"
        )
    return (
        f"{characters}, {counted(steps, 'step')}, "
        f"{counted(len(tokens), 'token')} of the tokenizer {explanation.tokenizer}, "
        f"{unknown or 'none'} of them unknown."
    )


def _row(explanation: Explanation, numbers: Sequence[range]) -> dict[str, Any]:
    """The cells of the row, the first of its padding, and how many are left out."""
    row = explanation.row
    shown = row.tokens[:MOST_TOKENS]
    padding = len(row.ids) - len(row.tokens)
    pads = padding if padding <= MOST_PADDING + 2 else MOST_PADDING
    special = sum(token.text is None for token in row.tokens)
    real = f"{len(row.tokens):,} real with mask 1" + (f", {special:,} of them special" if special else "")
    note = f"{counted(len(row.ids), 'id')} long: {real}, the rest padding with mask 0"
    return {
        "typed": special > 0 or any(row.type_ids),
        "cells": [_cell(token, numbers) for token in shown],
        "padding": _cell(row.padding, numbers),
        "pads": pads,
        "more_cells": len(row.ids) - len(shown) - pads,
        "row_note": f"{'; '.join([note, *left_out(explanation)])}.",
    }


def _cell(token: RowToken, numbers: Sequence[range]) -> dict[str, object]:
    number = None
    if token.text is not None and token.place is not None and token.place < len(numbers[token.text]):
        number = numbers[token.text][token.place]
    return {"token": number, "name": visible_line(token.name), "id": token.id, "type": token.type_id}
