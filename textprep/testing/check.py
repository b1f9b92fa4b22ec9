"""A `Check` is one rule for one component; a rule about texts is tried on all of `textprep.testing.texts`."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from functools import partial
from typing import TYPE_CHECKING, NamedTuple, TypeAlias, TypeVar

from textprep.testing.texts import texts

if TYPE_CHECKING:
    from textprep.steps.base import Step
    from textprep.tokenizers.base import Tokenizer

Component = TypeVar("Component", bound="Step | Tokenizer")
Rule: TypeAlias = "Callable[[str], str | None]"
"""Says what is wrong on a text and what to do, or nothing."""

MOST_MADE_PLAIN = 100  # characters of a counter-example


class Check(NamedTuple):
    """One rule for one component, to be called.

    Attributes:
        component: what is checked, such as ``Lowercase ('lowercase')``.
        rule: what must hold.
        run: raises ``AssertionError`` where it does not: with the smallest text found, and what to do.
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


def on_texts(component: str, says: str, rule: Rule) -> Check:
    """A check that tries ``rule`` on every text of the kit."""
    return Check(component, says, partial(_try, component, rule))


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


def smallest_failing(rule: Rule, text: str) -> str:
    """A text that still breaks ``rule``, with what goes left out (halves first) or made plain."""
    size = len(text)
    while size:
        start = 0
        while start < len(text):
            shorter = text[:start] + text[start + size :]
            if rule(shorter):
                text = shorter
            else:
                start += size
        size //= 2
    for i, character in enumerate(text[:MOST_MADE_PLAIN]):
        plainer = text[:i] + (" " if character.isspace() else "a") + text[i + 1 :]
        if rule(plainer):
            text = plainer
    return text


def _try(component: str, rule: Rule) -> None:
    rule = _catching(rule)
    for text in texts():
        if rule(text):
            smallest = smallest_failing(rule, text)
            raise AssertionError(f"{component}: on {smallest!r} {rule(smallest)}")


def _catching(rule: Rule) -> Rule:
    def judge(text: str) -> str | None:
        try:
            return rule(text)
        except Exception as error:
            return f"it raised {type(error).__name__}: {error}; every text is allowed, so handle this one"

    return judge
