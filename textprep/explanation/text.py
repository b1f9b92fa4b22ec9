"""An `Explanation` for a terminal: what each step removed and put in, then the tokens with their ids."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from typing import TYPE_CHECKING

from textprep.explanation.segments import Segment, cut_segments, step_segments
from textprep.tables import table
from textprep.visible import counted, visible, visible_line

if TYPE_CHECKING:
    from textprep.explanation.explain import Explanation, StepTrace, TextTrace, Token

MOST_TOKENS = 60
MOST_CHARACTERS = 2_000
TEXTS = ("first", "second")
_RED, _GREEN, _DIM, _BOLD, _YELLOW = "31;9", "32", "2", "1", "33"


def explanation_text(explanation: Explanation, *, colour: bool) -> str:
    """The lines to print.

    Args:
        explanation: of one text, or of two.
        colour: removed red and struck through, put in green; otherwise ``[-removed-]`` and ``{+put in+}``.
    """
    paint = _Paint(colour)
    texts = explanation.texts
    blocks = []
    for name, way in zip(TEXTS, texts, strict=False):
        blocks += [paint(f"── {name} text", _BOLD)] if len(texts) > 1 else []
        blocks += [_raw(way, paint), *(_step(step, paint) for step in way.steps)]
        blocks.append(_tokens(way, explanation.tokenizer, paint))
    blocks += [paint("── both in one row", _BOLD)] if len(texts) > 1 else []
    return "\n\n".join([*blocks, _row(explanation, paint)])


def _raw(way: TextTrace, paint: _Paint) -> str:
    return f"{paint('raw', _BOLD)}\n{_segments([Segment('keep', way.raw, ())], paint)}"


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


def _tokens(way: TextTrace, tokenizer: str, paint: _Paint) -> str:
    tokens = way.tokens[:MOST_TOKENS]
    guess = "" if way.tokens_exact else paint("  places are a best guess", _YELLOW)
    title = f"{paint('tokens', _BOLD)} of {tokenizer}{guess}"
    rows = [_token(way.raw, token) for token in tokens]
    head, rule, *lines = table(["token", "id", "count", "came from", "at"], rows, width=76).split("\n")
    painted = [
        line if token.known else paint(line, _YELLOW) for token, line in zip(tokens, lines, strict=True)
    ]
    more = len(way.tokens) - len(tokens)
    note = [f"… and {counted(more, 'more token')}; textprep explain --html shows them"] if more else []
    lines = [paint(head, _DIM), paint(rule, _DIM), *painted, *note]
    return "\n".join([title, *(f"  {line}" for line in lines)])


def _token(raw: str, token: Token) -> list[str]:
    pieces = " + ".join(visible_line(raw[start:stop]) for start, stop in token.raw_spans)
    where = ", ".join(f"{start}-{stop}" for start, stop in token.raw_spans)
    return [visible(token.name), str(token.id), token.seen, pieces, where]


def left_out(explanation: Explanation) -> list[str]:
    """How many tokens of which text did not fit into the row, in words, where there are any."""
    texts = explanation.texts
    dropped = [explanation.row.left_out(number, len(way.tokens)) for number, way in enumerate(texts)]
    return [
        f"{counted(tokens, 'token')}{f' of the {name} text' if len(texts) > 1 else ''} did not fit"
        for name, tokens in zip(TEXTS, dropped, strict=False)
        if tokens
    ]


def _row(explanation: Explanation, paint: _Paint) -> str:
    row = explanation.row
    padding = len(row.ids) - len(row.tokens)
    special = sum(token.text is None for token in row.tokens)
    facts = [counted(len(row.tokens), "id"), *([f"{special:,} of them special"] if special else [])]
    facts += [f"{padding:,} of padding", *left_out(explanation)]
    lines = {
        "tokens": _listed([visible_line(token.name) for token in row.tokens]) if special else "",
        "ids": _then(_listed([str(token.id) for token in row.tokens]), padding, row.padding.id),
        "types": _runs(row.type_ids) if special or any(row.type_ids) else "",
        "mask": _runs(list(map(int, row.mask))),
    }
    width = max(len(name) for name, line in lines.items() if line)
    shown = [f"  {name:<{width}}  {line}" for name, line in lines.items() if line]
    return "\n".join([f"{paint('row', _BOLD)} of {len(row.ids):,}: {', '.join(facts)}", *shown])


def _listed(words: Sequence[str]) -> str:
    return " ".join(words[:MOST_TOKENS]) + (" …" if len(words) > MOST_TOKENS else "")


def _then(ids: str, padding: int, pad: int) -> str:
    """The ids, and then the padding."""
    filled = [f"{counted(padding, 'time')} {pad}"] if padding else []
    return ", then ".join([*([ids] if ids else []), *filled])


def _runs(values: Sequence[int]) -> str:
    """Equal neighbours together.

    >>> _runs([1, 1, 0])
    '2 times 1, then 1 time 0'
    """
    return ", then ".join(f"{counted(len(list(run)), 'time')} {value}" for value, run in groupby(values))


def _indented(text: str) -> str:
    return "\n".join(f"  {line}" for line in text.split("\n"))
