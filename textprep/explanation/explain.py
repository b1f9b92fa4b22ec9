"""A text on its way through a pipeline, as data: every step, every token, and where each came from."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

from textprep.encoding.plain import run_step
from textprep.errors import PipelineError, StepError
from textprep.explanation.alignment import Alignment, Span, trace_back
from textprep.explanation.differences import Differences, compare, compare_words
from textprep.explanation.text import explanation_text
from textprep.explanation.token_spans import find_tokens
from textprep.notebook import LONGEST, first, shown, table
from textprep.steps.base import Step
from textprep.steps.edits import Edit, apply_edits
from textprep.tokenizers.base import Tokenizer

Truncation = Literal["head", "tail", "head_tail"]


@dataclass(frozen=True)
class StepTrace:
    """What one step did.

    Attributes:
        name: the registered name of the step.
        options: those that differ from the defaults, as one writes them: ``keep="'"``.
        before: the text that it got.
        after: the text that it gave.
        edits: what it replaced in ``before``, in order; made together they give ``after``.
        exact: False where ``edits`` are a best guess, since the step did not report them and the same
            change can be made in several ways.
    """

    name: str
    options: str
    before: str
    after: str
    edits: tuple[Edit, ...]
    exact: bool

    @cached_property
    def alignment(self) -> Alignment:
        """The way back from ``after`` to ``before``."""
        return Alignment(self.edits, len(self.before))


@dataclass(frozen=True)
class Token:
    """One token, and where it came from.

    Attributes:
        text: as the tokenizer spells it.
        id: in the vocabulary; 1, ``<unk>``, if it is not known.
        count: how often fitting saw it; 0 for an unknown one.
        known: whether the vocabulary holds it.
        span: start and stop in the cleaned text.
        raw_spans: the pieces of the raw text that it came from, in order; an empty one where it was put in.
    """

    text: str
    id: int
    count: int
    known: bool
    span: Span
    raw_spans: tuple[Span, ...]


@dataclass(frozen=True)
class Row:
    """The row that a batch would hold.

    Attributes:
        ids: (T) the ids that were kept, then 0, ``<pad>``.
        mask: (T) True on real tokens.
        tokens: (real tokens) for each of them its place among the tokens of the text.
    """

    ids: tuple[int, ...]
    mask: tuple[bool, ...]
    tokens: tuple[int, ...]


@dataclass(frozen=True)
class Explanation:
    """What `textprep.Pipeline.explain` gives; ``print`` shows it as ``textprep explain`` does.

    Attributes:
        raw: the text as it was given.
        steps: in the order in which they ran.
        cleaned: the text that the tokenizer got.
        tokenizer: the registered name of the tokenizer.
        tokens: in order; ``raw_spans`` never go backwards from one to the next.
        tokens_exact: False where their spans in ``cleaned`` are a best guess.
        row: padded or truncated to the ``max_length`` asked for.
    """

    raw: str
    steps: tuple[StepTrace, ...]
    cleaned: str
    tokenizer: str
    tokens: tuple[Token, ...]
    tokens_exact: bool
    row: Row

    @property
    def ids(self) -> list[int]:
        """What ``pipeline.encode(raw)`` gives."""
        return [token.id for token in self.tokens]

    @property
    def exact(self) -> bool:
        """Whether no step and no token is a best guess."""
        return self.tokens_exact and all(step.exact for step in self.steps)

    def __str__(self) -> str:
        """What ``textprep explain`` prints, without colours."""
        return explanation_text(self, colour=False)

    def _repr_html_(self) -> str:
        return _html(self)


def explain(
    steps: Sequence[Step],
    tokenizer: Tokenizer,
    text: str,
    max_length: int | None = None,
    truncation: Truncation = "head",
) -> Explanation:
    """Run ``steps`` and a fitted ``tokenizer`` on ``text`` and keep what happened.

    Args:
        steps: what to run, in order.
        tokenizer: what cuts the cleaned text.
        text: a raw text.
        max_length: the length of the row in tokens; that of the text, at least 1, if not given.
        truncation: what is kept of a longer text: its first tokens, its last, or half of each.

    Raises:
        StepError: a step failed, or the edits that it reports are not what it does.
        TokenizerError: the tokenizer is not fitted.
        PipelineError: ``max_length`` or ``truncation`` cannot be used.
    """
    traces = tuple(_trace(steps, text))
    cleaned = traces[-1].after if traces else text
    tokens, exact = _tokens(tokenizer, cleaned, [trace.alignment for trace in traces])
    row = _row([token.id for token in tokens], max_length, truncation)
    return Explanation(text, traces, cleaned, tokenizer.name, tuple(tokens), exact, row)


def _trace(steps: Sequence[Step], text: str) -> Iterator[StepTrace]:
    for step in steps:
        before, text = text, run_step(step, text, "the text")
        edits, exact = _differences(step, before, text)
        kept = tuple(edit for edit in edits if before[edit.start : edit.stop] != edit.replacement)
        yield StepTrace(step.name, _options(step), before, text, kept, exact)


def _differences(step: Step, before: str, after: str) -> Differences:
    """What the step reports, or what a comparison finds."""
    try:
        reported = step.edits(before)
        if reported is None:
            return compare_words(step, before, after) if step.scope == "word" else compare(before, after)
        edits = [Edit(*edit) for edit in reported]
        made = apply_edits(before, edits)
    except Exception as error:  # whatever somebody's step raises
        raise StepError(f"step {step.name!r} failed to say what it edits: {error}") from error
    if made != after:
        raise StepError(f"step {step.name!r} reports edits that do not make what it returns: correct edits()")
    return Differences(edits, exact=True)


def _options(step: Step) -> str:
    given = {
        name: value
        for name, field in type(step).model_fields.items()
        if (value := getattr(step, name)) != field.get_default(call_default_factory=True)
    }
    return ", ".join(f"{name}={value!r}" for name, value in given.items())


def _tokens(tokenizer: Tokenizer, cleaned: str, way: Sequence[Alignment]) -> tuple[list[Token], bool]:
    vocabulary = tokenizer.vocabulary
    ids, texts = tokenizer.encode(cleaned), tokenizer.tokenize(cleaned)
    if len(texts) != len(ids):  # it encodes in a way of its own
        texts = vocabulary.decode(ids)
    spans, exact = find_tokens(tokenizer, cleaned, texts)
    tokens = [
        Token(
            text=text,
            id=number,
            count=vocabulary.counts[vocabulary.tokens[number]] if number != vocabulary.unk_id else 0,
            known=number != vocabulary.unk_id,
            span=span,
            raw_spans=trace_back(way, span),
        )
        for text, number, span in zip(texts, ids, spans, strict=True)
    ]
    return tokens, exact


def _row(ids: Sequence[int], max_length: int | None, truncation: Truncation) -> Row:
    length = max(1, len(ids)) if max_length is None else max_length
    firsts = {"head": length, "tail": 0, "head_tail": length - length // 2}
    if length < 1 or truncation not in firsts:
        raise PipelineError(
            f"a row has at least 1 token and is truncated by one of {', '.join(firsts)}; "
            f"not max_length={max_length!r}, truncation={truncation!r}"
        )
    places: Sequence[int] = range(len(ids))
    if len(ids) > length:
        first = firsts[truncation]
        places = [*places[:first], *places[len(ids) - (length - first) :]]
    padding = length - len(places)
    return Row(
        ids=(*(ids[place] for place in places), *[0] * padding),
        mask=(*[True] * len(places), *[False] * padding),
        tokens=tuple(places),
    )


def _html(explanation: Explanation) -> str:
    """The raw text, what each step removed and put in, and a table of the tokens."""
    steps = [[shown(step.name), _difference(step)] for step in explanation.steps]
    tokens = [_token_row(explanation.raw, token) for token in explanation.tokens[:LONGEST]]
    return (
        table(["step", "text"], [["<i>raw</i>", first(explanation.raw)], *steps])
        + table(["token", "id", "count", "came from"], tokens)
        + (f"<p>… and {more:,} more tokens</p>" if (more := len(explanation.tokens) - len(tokens)) else "")
    )


def _token_row(raw: str, token: Token) -> list[str]:
    pieces = (f"{first(raw[start:stop])} <small>{start}-{stop}</small>" for start, stop in token.raw_spans)
    count = f"{token.count:,}" if token.known else "unknown"
    return [f"<code>{first(token.text)}</code>", str(token.id), count, " + ".join(pieces)]


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
