"""One text at a time: slow, short, and by definition right. `textprep.encoding.engine` must agree with it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from textprep.errors import StepError, TokenizerError, cause
from textprep.ragged import Ragged
from textprep.steps.base import Step
from textprep.tokenizers.base import Tokenizer


def clean_text(steps: Sequence[Step], text: str, where: str = "the text") -> str:
    """``text`` after every step.

    Args:
        steps: what to run, in order.
        text: a raw text, without lone surrogates.
        where: names the text in an error.

    Raises:
        StepError: a step failed; the message names the step and ``where``, and the cause is chained.
    """
    for step in steps:
        text = run_step(step, text, where)
    return text


def run_step(step: Step, text: str, where: str) -> str:
    """``text`` after one step; errors as of `clean_text`."""
    try:
        text = step(text)
    except Exception as error:  # whatever somebody's step raises
        raise StepError(f"step {step.name!r} failed on {where}: {cause(error)}") from error
    if not isinstance(text, str):
        raise StepError(f"step {step.name!r} returned {type(text).__name__}, not str, for {where}")
    return text


def encode_text(steps: Sequence[Step], tokenizer: Tokenizer, text: str, where: str = "the text") -> list[int]:
    """The ids of one raw text.

    Raises:
        StepError: a step failed; the message names the step and ``where``.
        TokenizerError: the tokenizer is not fitted, or failed; the message names it and ``where``.
    """
    cleaned = clean_text(steps, text, where)
    try:
        return tokenizer.encode(cleaned)
    except Exception as error:  # whatever somebody's tokenizer raises
        raise TokenizerError(f"tokenizer {tokenizer.name!r} failed on {where}: {cause(error)}") from error


def encode_texts(steps: Sequence[Step], tokenizer: Tokenizer, texts: Iterable[str]) -> Ragged:
    """The ids of every text, (rows) ragged, int64; errors as of `encode_text`, with the row."""
    tokenizer.check_fitted()  # before any row fails
    rows = [encode_text(steps, tokenizer, text, f"row {row}") for row, text in enumerate(texts)]
    return Ragged.from_rows(rows)
