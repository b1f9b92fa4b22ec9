"""A `Check` is one rule for one component; a rule about texts is tried on all of `textprep.testing.texts`."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence
from functools import cache, partial
from typing import TYPE_CHECKING, NamedTuple, TypeAlias, TypeVar

from textprep.testing.texts import texts

if TYPE_CHECKING:
    from textprep.steps.base import Step
    from textprep.tokenizers.base import Tokenizer

Component = TypeVar("Component", bound="Step | Tokenizer")
Rule: TypeAlias = "Callable[[str], str | None]"
"""Says what is wrong on a text and what to do, or nothing."""

MOST_MADE_PLAIN = 100  # characters of a counter-example
SEED = "seed it anew for each text, as random.Random(text) does, or drop it"
NOT_TRIED = "not tried: mend what failed before"


class Check(NamedTuple):
    """One rule for one component, to be called.

    Attributes:
        component: what is checked, such as ``Lowercase ('lowercase')``.
        rule: what must hold.
        run: raises ``AssertionError`` where it does not: with the smallest text found, and what to do. Where
            a rule before it is broken, so that it could only say the same again, it gives `NOT_TRIED`.
    """

    component: str
    rule: str
    run: Callable[[], object]

    def __call__(self) -> None:
        """Raise ``AssertionError`` where the rule is broken."""
        self.run()

    def __str__(self) -> str:
        return f"{self.component}: {self.rule}"


def run_all(checks: Iterable[Check]) -> None:
    """Run every check; the first that fails raises."""
    for check in checks:
        check()


def after(first: Check, rest: Iterable[Check]) -> list[Check]:
    """``first``, and ``rest``, which is not tried where ``first`` fails: one fault is one message."""
    outcome = cache(partial(_outcome, first.run))
    tried = (check._replace(run=partial(_unless_broken, outcome, check.run)) for check in rest)
    return [first._replace(run=partial(_say, outcome)), *tried]


def in_order(checks: Sequence[Check]) -> list[Check]:
    """The same checks; where one fails, those behind it are not tried."""
    return after(checks[0], in_order(checks[1:])) if checks else []


def _outcome(run: Callable[[], object]) -> object:
    try:
        return run()
    except Exception as error:
        return error


def _say(outcome: Callable[[], object]) -> object:
    if isinstance(found := outcome(), Exception):
        raise found
    return found


def _unless_broken(outcome: Callable[[], object], run: Callable[[], object]) -> object:
    found = outcome()
    return NOT_TRIED if isinstance(found, Exception) or found is NOT_TRIED else run()


def on_texts(component: str, says: str, rule: Rule) -> Check:
    """A check that tries ``rule`` on every text of the kit."""
    return Check(component, says, partial(_try, component, rule))


def on_texts_twice(component: str, says: str, runs: Callable[[str], Iterable[object]]) -> Check:
    """A check that all ``runs`` on a text give the same; a smaller text may not show what is random."""

    def run() -> None:
        for text in texts():
            found = list(runs(text))
            for again in found[1:]:
                if again != found[0]:
                    both = f"it returned {found[0]!r:.100}, then {again!r:.100}"
                    remedy = f"a result may depend on text and options only; if it is random, {SEED}"
                    raise AssertionError(f"{component}: on {text!r:.100} {both}: {remedy}")

    return Check(component, says, run)


def who(component: Step | Tokenizer) -> str:
    """How messages name a step or a tokenizer."""
    return f"{type(component).__name__} ({component.name!r})"


def remade(component: Component) -> Component:
    """A component of the same class from options that went through JSON."""
    remedy = "use fields that pydantic can write as JSON and read again"
    try:
        options = component.options()
        again = type(component)(**json.loads(json.dumps(options)))
    except Exception as error:
        problem = f"its options {component!r} cannot go through JSON ({error})"
        raise AssertionError(f"{who(component)}: {problem}: {remedy}") from error
    if again.options() != options:
        problem = f"its options {options!r} come back from JSON as {again.options()!r}"
        raise AssertionError(f"{who(component)}: {problem}: {remedy}")
    return again


def smallest_failing(rule: Rule, text: str, said: str) -> str:
    """What is wrong with a text that still breaks ``rule``, with what goes left out or made plain.

    A failure that does not come again on the same text is random, and there is nothing to make smaller.
    """
    if not (rule(text) and rule(text)):
        return f"on {text!r:.100} {said:.200}; not so when it is called again: it is random: {SEED}"
    size = len(text)
    while size:
        start = 0
        while start < len(text):
            shorter = text[:start] + text[start + size :]
            if found := rule(shorter):
                text, said = shorter, found
            else:
                start += size
        size //= 2
    for i, character in enumerate(text[:MOST_MADE_PLAIN]):
        plainer = text[:i] + (" " if character.isspace() else "a") + text[i + 1 :]
        if found := rule(plainer):
            text, said = plainer, found
    return f"on {text!r} {said}"


def _try(component: str, rule: Rule) -> None:
    rule = _catching(rule)
    for text in texts():
        if said := rule(text):
            raise AssertionError(f"{component}: {smallest_failing(rule, text, said)}")


def _catching(rule: Rule) -> Rule:
    def judge(text: str) -> str | None:
        try:
            return rule(text)
        except Exception as error:
            return f"it raised {type(error).__name__}: {error}; every text is allowed, so handle this one"

    return judge
