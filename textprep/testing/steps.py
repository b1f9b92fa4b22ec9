"""What every step must hold."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import TYPE_CHECKING

from textprep.errors import StepError
from textprep.testing.check import Check, in_order, on_texts, on_texts_twice, remade, run_all, who
from textprep.testing.engine import engine_check
from textprep.testing.fresh import fresh_step_check, is_of_plugin

if TYPE_CHECKING:
    from textprep.steps.base import Step


RETURN = "return a str at the end of every way through it"


def check_step(step: Step) -> None:
    """Check a step as it was made, with its options.

    The rules: options survive JSON; for every text it returns a ``str``, and the same one each time, a
    second step with the same options and ``clean_column`` too; ``edits``, if it reports them, make what it
    returns; where ``scope`` is ``"word"``, the words of the cleaned text are the words of its cleaned words;
    where it is declared ``idempotent`` and has its default options, cleaning what is clean changes nothing;
    the distinct-word engine gives the ids of one text at a time; and a step of an installed plugin cleans
    alike in another process.

    >>> from textprep import Lowercase
    >>> check_step(Lowercase())

    Raises:
        AssertionError: a rule is broken.
    """
    run_all(step_checks(step))


def step_checks(step: Step) -> list[Check]:
    """The checks of `check_step`, one a rule; where one fails, those behind it are not tried."""
    name = who(step)
    checks = [
        Check(name, "options survive JSON", partial(remade, step)),
        on_texts(name, "returns a text", partial(_returns_text, step)),
        on_texts_twice(name, "a result depends on text and options only", partial(_runs, step)),
        on_texts(name, "a column is cleaned as each text is", partial(_cleans_columns_alike, step)),
        on_texts(name, "its edits make what it returns", partial(_reports_its_edits, step)),
    ]
    if step.scope == "word":
        words_of: Callable[[str], list[str]] = lambda text: step(text).split()  # noqa: E731
        checks.append(on_texts(name, "never looks across white space", partial(keeps_to_words, words_of)))
    if step.idempotent and _has_defaults(step):
        rule = partial(_leaves_alone_what_is_clean, step)
        checks.append(on_texts(name, "cleaning what is clean changes nothing", rule))
    checks.append(engine_check(name, [step], None))
    if is_of_plugin("step", step):
        checks.append(fresh_step_check(name, step))
    return in_order(checks)


def keeps_to_words(words_of: Callable[[str], list[str]], text: str) -> str | None:
    """What is wrong where the words of a text are not those of its words."""
    whole = words_of(text)
    by_word = [word for part in text.split() for word in words_of(part)]
    if whole == by_word:
        return None
    return f"it gives {whole!r}, but {by_word!r} word by word: declare scope = 'document'"


def _returns_text(step: Step, text: str) -> str | None:
    try:
        cleaned: object = step(text)
    except StepError as error:
        if error.__cause__:
            raise
        return f"{error}: {RETURN}"
    return None if isinstance(cleaned, str) else f"it returned {cleaned!r:.100}: {RETURN}"


def _runs(step: Step, text: str) -> Iterator[str]:
    yield from (step(text), step(text), type(step)(**step.options())(text))


def _cleans_columns_alike(step: Step, text: str) -> str | None:
    import pyarrow as pa

    texts = [text, "film", text]
    by_column = step.clean_column(pa.array(texts, pa.large_string())).to_pylist()
    by_text = [step(one) for one in texts]
    if by_column == by_text:
        folded = step.fold_column(pa.array(texts, pa.large_string())).to_pylist()
        if (by_fold := [step(one) for one in folded]) == by_text:
            return None
        return f"after fold_column it gives {by_fold!r}, else {by_text!r}: make them agree, or do without"
    return f"clean_column gives {by_column!r}, calling it {by_text!r}: make them agree, or do without"


def _reports_its_edits(step: Step, text: str) -> str | None:
    from textprep.steps.edits import apply_edits

    edits = step.edits(text)
    if edits is None or (made := apply_edits(text, edits)) == (cleaned := step(text)):
        return None
    return f"its edits make {made!r}, calling it {cleaned!r}: make them agree, or report none"


def _has_defaults(step: Step) -> bool:
    fields = type(step).model_fields.items()
    return all(info.is_required() or getattr(step, name) == info.get_default() for name, info in fields)


def _leaves_alone_what_is_clean(step: Step, text: str) -> str | None:
    once = step(text)
    if (twice := step(once)) == once:
        return None
    return f"it gives {once!r}, and {twice!r} when called again: declare idempotent = False"
