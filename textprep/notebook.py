"""The HTML that notebooks show of steps, pipelines and explanations: plain, without style or script."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape

from textprep.visible import visible

LONGEST = 2_000  # characters of a text, and rows of a table: a notebook keeps what it shows


def call(component: object) -> str:
    """A component as Python writes it."""
    return f"<code>{shown(repr(component))}</code>"


def table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table; header and cells are HTML already."""
    head = "".join(f'<th scope="col">{name}</th>' for name in header)
    body = "".join(f"<tr>{''.join(f'<td>{cell}</td>' for cell in row)}</tr>" for row in rows)
    return f'<table style="text-align: left"><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>'


def first(text: str, most: int = LONGEST) -> str:
    """The beginning of a text, and how much more there is."""
    note = f" <small>… and {len(text) - most:,} more characters</small>" if len(text) > most else ""
    return shown(text[:most]) + note


def shown(text: str) -> str:
    """A text as it can be seen, with line ends as such."""
    return escape(visible(text)).replace("\n", "<br>")
