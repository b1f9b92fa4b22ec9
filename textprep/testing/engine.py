"""The distinct-word engine gives exactly what one text at a time gives."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING

from textprep.testing.check import Check, smallest_failing
from textprep.testing.texts import texts, texts_for

if TYPE_CHECKING:
    from textprep.steps.base import Step
    from textprep.tokenizers.base import Tokenizer


def engine_check(component: str, steps: Sequence[Step], tokenizer: Callable[[], Tokenizer] | None) -> Check:
    """A check that both ways to run a pipeline agree.

    Args:
        component: what is checked, for messages.
        steps: of the pipeline.
        tokenizer: gives a fitted one; ``None`` for words that are all known.
    """
    rule = "the engine gives the ids of one text at a time"
    return Check(component, rule, partial(_both_ways_agree, component, steps, tokenizer))


def _both_ways_agree(
    component: str, steps: Sequence[Step], tokenizer: Callable[[], Tokenizer] | None
) -> None:
    from textprep.encoding.columns import as_column
    from textprep.encoding.engine import encode_column
    from textprep.encoding.plain import encode_text

    fitted = tokenizer() if tokenizer else _knowing_all_words(steps)
    every = texts_for(fitted)

    def differs(text: str) -> str | None:
        among = [text, "film" if "film" in every else "", text]
        by_engine = encode_column(steps, fitted, as_column(among)).rows()
        by_text = [encode_text(steps, fitted, one) for one in among]
        if by_engine == by_text:
            return None
        remedy = "see that scope and column kernels keep what they promise"
        return f"the engine gives {by_engine!r}, one text at a time {by_text!r}: {remedy}"

    try:
        rows = encode_column(steps, fitted, as_column(every)).rows()
        wrong = [one for one, row in zip(every, rows, strict=True) if encode_text(steps, fitted, one) != row]
    except Exception as error:
        raise AssertionError(f"{component}: in a pipeline {type(error).__name__}: {error}") from error
    if wrong:
        text, said = next(((one, said) for one in wrong if (said := differs(one))), (wrong[0], None))
        found = (
            smallest_failing(differs, text, said) if said else f"on {text!r} among many texts its ids differ"
        )
        raise AssertionError(f"{component}: {found}")


def _knowing_all_words(steps: Sequence[Step]) -> Tokenizer:
    """A word tokenizer for which no cleaned text of the kit holds an unknown word."""
    from textprep.encoding.plain import clean_text
    from textprep.tokenizers.word import WordTokenizer

    return WordTokenizer().fit([*(clean_text(steps, text) for text in texts()), "film"])
