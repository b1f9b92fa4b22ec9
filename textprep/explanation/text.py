"""An `Explanation` for a terminal: what each step removed and put in, then the tokens with their ids."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from textprep.explanation.segments import Segment, cut_segments, step_segments
from textprep.tables import table
from textprep.visible import counted, visible

if TYPE_CHECKING:
    from textprep.explanation.explain import Explanation, StepTrace, Token

MOST_TOKENS = 60
MOST_CHARACTERS = 2_000
_RED, _GREEN, _DIM, _BOLD, _YELLOW = "31;9", "32", "2", "1", "33"


def explanation_text(explanation: Explanation, *, colour: bool) -> str:
    """The lines to print.

    Args:
        explanation: of one text.
        colour: removed red and struck through, put in green; otherwise ``[-removed-]`` and ``{+put in+}``.
    """
    paint = _Paint(colour)
    raw = [Segment("keep", explanation.raw, ())]
    blocks = [f"{paint('raw', _BOLD)}\n{_segments(raw, paint)}"]
    blocks += [_step(step, paint) for step in explanation.steps]
    blocks += [_tokens(explanation, paint), _row(explanation, paint)]
    return "\n\n".join(blocks)


class _Paint:
    """Colours, where they are wanted."""

    def __init__(self, colour: bool) -> None:
        self.colour = colour

    def __call__(self, text: str, style: str) -> str:
        return f"\x1b[{style}m{text}\x1b[0m" if self.colour and text else text

    def segment(self, segment: Segment) -> str:
        """A piece of a difference; a style never runs over the end of a line."""
        text = visible(segment.text)
        if segment.kind == "keep":
            return text
        style, marks = (_RED, ("[-", "-]")) if segment.kind == "removed" else (_GREEN, ("{+", "+}"))
        if not self.colour:
            return text.join(marks)
        return "\n".join(self(line, style) for line in text.split("\n"))


def _step(step: StepTrace, paint: _Paint) -> str:
    title = paint(step.name, _BOLD) + (f"({visible(step.options)})" if step.options else "")
    if not step.edits:
        return f"{title}  {paint('changes nothing here', _DIM)}"
    guess = "" if step.exact else paint("  best guess", _YELLOW)
    return f"{title}{guess}\n{_segments(step_segments(step, [], []), paint)}"


def _segments(segments: Sequence[Segment], paint: _Paint) -> str:
    """As much as is worth a look."""
    shown, more = cut_segments(segments, MOST_CHARACTERS)
    note = paint(f" … and {counted(more, 'more character')}", _DIM) if more else ""
    return _indented("".join(map(paint.segment, shown)) + note)


def _tokens(explanation: Explanation, paint: _Paint) -> str:
    tokens = explanation.tokens[:MOST_TOKENS]
    guess = "" if explanation.tokens_exact else paint("  places are a best guess", _YELLOW)
    title = f"{paint('tokens', _BOLD)} of {explanation.tokenizer}{guess}"
    rows = [_token(explanation.raw, token) for token in tokens]
    head, rule, *lines = table(["token", "id", "count", "came from", "at"], rows, width=76).split("\n")
    painted = [
        line if token.known else paint(line, _YELLOW) for token, line in zip(tokens, lines, strict=True)
    ]
    more = len(explanation.tokens) - len(tokens)
    note = [f"… and {counted(more, 'more token')}; textprep explain --html shows them"] if more else []
    lines = [paint(head, _DIM), paint(rule, _DIM), *painted, *note]
    return "\n".join([title, *(f"  {line}" for line in lines)])


def _token(raw: str, token: Token) -> list[str]:
    pieces = " + ".join(visible(raw[start:stop]) for start, stop in token.raw_spans)
    where = ", ".join(f"{start}-{stop}" for start, stop in token.raw_spans)
    count = f"{token.count:,}" if token.known else "unknown"
    return [visible(token.text), str(token.id), count, pieces.replace("\n", ""), where]


def _row(explanation: Explanation, paint: _Paint) -> str:
    row = explanation.row
    real, padding = len(row.tokens), len(row.ids) - len(row.tokens)
    ids = " ".join(map(str, row.ids[: min(real, MOST_TOKENS)])) + (" …" if real > MOST_TOKENS else "")
    dropped = len(explanation.tokens) - real
    cut = f", {counted(dropped, 'token')} did not fit" if dropped else ""
    zeros = f"{', then ' if real else ''}{counted(padding, 'time')} 0" if padding else ""
    ones = f"{counted(real, 'time')} 1" if real else ""
    return (
        f"{paint('row', _BOLD)} of {len(row.ids):,}: {counted(real, 'id')}, {padding:,} of padding{cut}\n"
        f"  ids   {ids}{zeros}\n"
        f"  mask  {ones}{zeros}"
    )


def _indented(text: str) -> str:
    return "\n".join(f"  {line}" for line in text.split("\n"))
