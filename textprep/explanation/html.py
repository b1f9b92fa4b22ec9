"""An `Explanation` for notebooks: plain HTML, without style or script."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textprep.notebook import LONGEST, first, shown, table
from textprep.visible import counted

if TYPE_CHECKING:
    from textprep.explanation.explain import Explanation, StepTrace, TextTrace, Token
    from textprep.explanation.row import Row

_NAMES = ("first text", "second text")
MOST = 60  # characters of a token in the row


def explanation_html(explanation: Explanation) -> str:
    """Each text: raw, what each step removed and put in, and a table of the tokens; and the row."""
    texts = [_text(way) for way in explanation.texts]
    if len(texts) > 1:
        texts = [f"<p><b>{name}</b></p>{text}" for name, text in zip(_NAMES, texts, strict=True)]
    return "".join([*texts, _row(explanation.row)])


def _text(way: TextTrace) -> str:
    steps = [[shown(step.name), _difference(step)] for step in way.steps]
    tokens = [_token(way.raw, token) for token in way.tokens[:LONGEST]]
    more = len(way.tokens) - len(tokens)
    return (
        table(["step", "text"], [["<i>raw</i>", first(way.raw)], *steps])
        + table(["token", "id", "count", "came from"], tokens)
        + (f"<p>… and {counted(more, 'more token')}</p>" if more else "")
    )


def _token(raw: str, token: Token) -> list[str]:
    pieces = (f"{first(raw[start:stop])} <small>{start}-{stop}</small>" for start, stop in token.raw_spans)
    return [f"<code>{first(token.name)}</code>", str(token.id), token.seen, " + ".join(pieces)]


def _difference(step: StepTrace) -> str:
    """The text before, with what was removed and put in marked."""
    parts, done = [], 0
    for start, stop, replacement in step.edits:
        if start >= LONGEST:
            break
        removed = f"<del>{first(step.before[start:stop])}</del>" if start < stop else ""
        put_in = f"<ins>{first(replacement)}</ins>" if replacement else ""
        parts += [shown(step.before[done:start]), removed, put_in]
        done = stop
    note = "" if step.exact else " <small>(best guess)</small>"
    return "".join(parts) + first(step.before[done:], max(0, LONGEST - done)) + note


def _row(row: Row) -> str:
    """The row: its tokens, special ones in bold, and how much of it is padding."""
    names = " ".join(
        f"<b>{first(token.name, MOST)}</b>" if token.text is None else first(token.name, MOST)
        for token in row.tokens[:LONGEST]
    )
    more = len(row.tokens) - LONGEST
    note = f" … and {counted(more, 'more token')}" if more > 0 else ""
    padding = len(row.ids) - len(row.tokens)
    return f"<p>row of {len(row.ids):,}, {padding:,} of padding: <code>{names}</code>{note}</p>"
