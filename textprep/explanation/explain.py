"""A text on its way through a pipeline, as data: every step, every token, and where each came from."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from functools import cached_property
from typing import Any

from textprep.encoding.plain import run_step
from textprep.errors import StepError, TextprepError, TokenizerError, cause
from textprep.explanation.alignment import Alignment, Span, trace_back
from textprep.explanation.differences import Differences, compare, compare_words
from textprep.explanation.html import explanation_html
from textprep.explanation.row import Row, RowToken, lay_out
from textprep.explanation.text import explanation_text
from textprep.explanation.token_spans import find_tokens
from textprep.steps.base import Step
from textprep.steps.edits import Edit, apply_edits
from textprep.tokenizers.base import Tokenizer
from textprep.truncation import PairTruncation, Truncation
from textprep.vocabulary import Vocabulary


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
        id: in the vocabulary; that of unknown tokens if it is not known.
        count: how often fitting saw it; 0 for an unknown one, ``None`` where nothing was counted.
        known: whether the vocabulary holds it.
        span: start and stop in the cleaned text.
        raw_spans: the pieces of the raw text that it came from, in order; an empty one where it was put in.
        name: as people read it; another spelling than ``text`` where that spells bytes.
    """

    text: str
    id: int
    count: int | None
    known: bool
    span: Span
    raw_spans: tuple[Span, ...]
    name: str

    @property
    def seen(self) -> str:
        """The count as a table shows it."""
        return "unknown" if not self.known else "" if self.count is None else f"{self.count:,}"


@dataclass(frozen=True)
class TextTrace:
    """One text on its way to tokens.

    Attributes:
        raw: the text as it was given.
        steps: in the order in which they ran.
        cleaned: the text that the tokenizer got.
        tokens: in order; ``raw_spans`` never go backwards from one to the next.
        tokens_exact: False where their spans in ``cleaned`` are a best guess.
    """

    raw: str
    steps: tuple[StepTrace, ...]
    cleaned: str
    tokens: tuple[Token, ...]
    tokens_exact: bool

    @property
    def ids(self) -> list[int]:
        """What ``pipeline.encode(raw)`` gives."""
        return [token.id for token in self.tokens]

    @property
    def exact(self) -> bool:
        """Whether no step and no token is a best guess."""
        return self.tokens_exact and all(step.exact for step in self.steps)

    def to_json(self) -> dict[str, Any]:
        """As JSON values, with the ids."""
        return {**asdict(self), "ids": self.ids}


@dataclass(frozen=True)
class Explanation(TextTrace):
    """The result of `textprep.Pipeline.explain`; ``print`` shows it as ``textprep explain`` does.

    It is itself the way of its text, or of the first of two.

    Attributes:
        tokenizer: the registered name of the tokenizer.
        row: what a batch would hold: padded or truncated to the ``max_length`` asked for.
        pair: the way of the second text, if there is one.
    """

    tokenizer: str
    row: Row
    pair: TextTrace | None = None

    @property
    def texts(self) -> tuple[TextTrace, ...]:
        """The way of each text."""
        return (self,) if self.pair is None else (self, self.pair)

    def to_json(self) -> dict[str, Any]:
        """As JSON values, with the ids of each text."""
        return {**super().to_json(), "pair": self.pair and self.pair.to_json()}

    def __str__(self) -> str:
        """What ``textprep explain`` prints, without colours."""
        return explanation_text(self, colour=False)

    def _repr_html_(self) -> str:
        return explanation_html(self)


def explain(
    steps: Sequence[Step],
    tokenizer: Tokenizer,
    text: str,
    pair: str | None = None,
    *,
    max_length: int | None = None,
    truncation: Truncation = "head",
    pair_truncation: PairTruncation = "longest_first",
) -> Explanation:
    """Run ``steps`` and a fitted ``tokenizer`` on ``text`` and keep what happened.

    Args:
        steps: what to run, in order.
        tokenizer: what cuts the cleaned text.
        text: a raw text.
        pair: the second text of the row, if it has one.
        max_length: the length of the row in tokens, special ones included; what it takes, at least 1, if not
            given.
        truncation: what is kept of a longer text: its first tokens, its last, or half of each.
        pair_truncation: which of two texts is truncated, see `textprep.truncation.kept_lengths`.

    Raises:
        StepError: a step failed, or the edits that it reports are not what it does.
        TokenizerError: the tokenizer is not fitted, or failed.
        PipelineError: the tokenizer cannot lay out two texts, or an option cannot be used.
    """
    tokenizer.check_fitted()
    ways = [_way(steps, tokenizer, each) for each in (text, pair) if each is not None]
    row = lay_out(
        tokenizer.template,
        tokenizer.vocabulary,
        [_row_tokens(way, number) for number, way in enumerate(ways)],
        max_length,
        truncation,
        pair_truncation,
    )
    one, *other = ways
    return Explanation(
        one.raw,
        one.steps,
        one.cleaned,
        one.tokens,
        one.tokens_exact,
        tokenizer=tokenizer.name,
        row=row,
        pair=other[0] if other else None,
    )


def _way(steps: Sequence[Step], tokenizer: Tokenizer, text: str) -> TextTrace:
    traces = tuple(_trace(steps, text))
    cleaned = traces[-1].after if traces else text
    try:
        tokens, exact = _tokens(tokenizer, cleaned, [trace.alignment for trace in traces])
    except TextprepError:
        raise
    except Exception as error:  # whatever somebody's tokenizer raises
        raise TokenizerError(f"tokenizer {tokenizer.name!r} failed on the text: {cause(error)}") from error
    return TextTrace(text, traces, cleaned, tuple(tokens), exact)


def _row_tokens(way: TextTrace, number: int) -> list[RowToken]:
    return [
        RowToken(token.name, token.id, text=number, place=place) for place, token in enumerate(way.tokens)
    ]


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
    ids, texts = _cut(tokenizer, cleaned)
    spans, exact = find_tokens(tokenizer, cleaned, texts)
    counted = any(vocabulary.counts.values())  # a pretrained one has counted nothing until it is fitted
    tokens = [
        Token(
            text=text,
            id=number,
            count=_count(vocabulary, number) if counted else None,
            known=number != vocabulary.unk_id,
            span=span,
            raw_spans=trace_back(way, span),
            name=tokenizer.readable(text),
        )
        for text, number, span in zip(texts, ids, spans, strict=True)
    ]
    return tokens, exact


def _cut(tokenizer: Tokenizer, cleaned: str) -> tuple[list[int], list[str]]:
    """The ids of the tokens, and how they are spelled."""
    ids, texts = tokenizer.encode(cleaned), tokenizer.tokenize(cleaned)
    return ids, texts if len(texts) == len(ids) else tokenizer.vocabulary.decode(ids)


def alignments_of(steps: Sequence[Step], text: str) -> list[Alignment]:
    """The way back through each step that changes ``text``, in the order in which they run.

    Raises:
        StepError: a step failed, or the edits that it reports are not what it does.
    """
    return [trace.alignment for trace in _trace(steps, text) if trace.edits]


def spans_in(steps: Sequence[Step], tokenizer: Tokenizer, text: str) -> list[Span]:
    """Start and stop in ``text`` of what each of its tokens came from: gaps included, white space around not.

    That of a token that is only white space, or came from nothing, is empty: behind the tokens before it.

    >>> from textprep import Lowercase, WordTokenizer
    >>> spans_in([Lowercase()], WordTokenizer().fit(["a film"]), "A  FILM")
    [(0, 1), (3, 7)]

    Raises:
        StepError, TokenizerError: as of `explain`.
    """
    traces = list(_trace(steps, text))
    cleaned = traces[-1].after if traces else text
    spans = find_tokens(tokenizer, cleaned, _cut(tokenizer, cleaned)[1]).spans
    way = [trace.alignment for trace in traces if trace.edits]
    found: list[Span] = []
    done = 0
    for span in (trimmed(cleaned, span) for span in spans):
        start, stop = trimmed(text, _ends(trace_back(way, span) if way else (span,)))
        found.append((start, stop) if start < stop and span[0] < span[1] else (done, done))
        done = max(done, found[-1][1])
    return found


def _ends(pieces: Sequence[Span]) -> Span:
    return pieces[0][0], pieces[-1][1]


def trimmed(text: str, span: Span) -> Span:
    """The span without white space at its ends.

    >>> trimmed("a film", (1, 6)), trimmed("a film", (1, 2))
    ((2, 6), (2, 2))
    """
    start, stop = span
    while start < stop and text[start].isspace():
        start += 1
    while start < stop and text[stop - 1].isspace():
        stop -= 1
    return start, stop


def _count(vocabulary: Vocabulary, number: int) -> int:
    """How often fitting saw the token, which what fell out of the vocabulary does not count for."""
    return 0 if number == vocabulary.unk_id else vocabulary.counts[vocabulary.tokens[number]]
