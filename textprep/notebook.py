"""What a notebook shows of a step, a pipeline and an explanation: plain HTML, without style or script."""

from __future__ import annotations

import inspect
from collections.abc import Iterable, Sequence
from html import escape
from typing import TYPE_CHECKING

from textprep.visible import visible

if TYPE_CHECKING:
    from textprep.explanation import Explanation, StepTrace, Token
    from textprep.pipeline import Pipeline
    from textprep.steps.base import Step

_LONGEST = 2_000  # characters of a text, and rows of a table: a notebook keeps what it shows


def step_html(step: Step) -> str:
    """Name and options, what it does, version and scope."""
    summary = (inspect.getdoc(step) or "").split("\n\n")[0].replace("``", "")
    about = f"step, version {step.version}, scope {step.scope}"
    return f"<p>{_call(step)} <small>{_shown(about)}</small><br>{_shown(summary)}</p>"


def pipeline_html(pipeline: Pipeline) -> str:
    """The steps as a list, the tokenizer, and the size of the vocabulary."""
    steps = "".join(f"<li>{_call(step)}</li>" for step in pipeline.steps)
    state = f"{len(pipeline.vocabulary):,} tokens" if pipeline.is_fitted else "not fitted"
    return f"<ol>{steps}<li>{_call(pipeline.tokenizer)} <small>{state}</small></li></ol>"


def explanation_html(explanation: Explanation) -> str:
    """The raw text, what each step removed and put in, and a table of the tokens."""
    steps = [[_shown(step.name), _difference(step)] for step in explanation.steps]
    tokens = [_token_row(explanation.raw, token) for token in explanation.tokens[:_LONGEST]]
    return (
        _table(["step", "text"], [["<i>raw</i>", _first(explanation.raw)], *steps])
        + _table(["token", "id", "count", "came from"], tokens)
        + (f"<p>… and {more:,} more tokens</p>" if (more := len(explanation.tokens) - len(tokens)) else "")
    )


def _token_row(raw: str, token: Token) -> list[str]:
    pieces = (f"{_first(raw[start:stop])} <small>{start}-{stop}</small>" for start, stop in token.raw_spans)
    count = f"{token.count:,}" if token.known else "unknown"
    return [f"<code>{_first(token.text)}</code>", str(token.id), count, " + ".join(pieces)]


def _difference(step: StepTrace) -> str:
    """The text before, with what was removed and put in marked."""
    parts, done = [], 0
    for start, stop, replacement in step.edits:
        if start >= _LONGEST:
            break
        removed = f"<del>{_first(step.before[start:stop])}</del>" if start < stop else ""
        put_in = f"<ins>{_first(replacement)}</ins>" if replacement else ""
        parts += [_shown(step.before[done:start]), removed, put_in]
        done = stop
    note = "" if step.exact else " <small>(best guess)</small>"
    return "".join(parts) + _first(step.before[done:], max(0, _LONGEST - done)) + note


def _call(component: object) -> str:
    return f"<code>{_shown(repr(component))}</code>"


def _table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    head = "".join(f'<th scope="col">{name}</th>' for name in header)
    body = "".join(f"<tr>{''.join(f'<td>{cell}</td>' for cell in row)}</tr>" for row in rows)
    return f'<table style="text-align: left"><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>'


def _first(text: str, most: int = _LONGEST) -> str:
    """The beginning of a text, and how much more there is."""
    note = f" <small>… and {len(text) - most:,} more characters</small>" if len(text) > most else ""
    return _shown(text[:most]) + note


def _shown(text: str) -> str:
    return escape(visible(text)).replace("\n", "<br>")
