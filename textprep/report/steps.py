"""What there is to say about cleaning steps, for the command line and for ``textprep/steps/README.md``.

``python -m textprep.report.steps`` prints that page, which is made of the registry.
"""

from __future__ import annotations

import inspect
from doctest import DocTestParser
from typing import Any

from textprep._version import __version__
from textprep.registry import STEPS, Component

PAGE = """\
# Cleaning steps

Made of the registry by `make docs`; `textprep show NAME` says more about each. *Scope*: a step of the scope
`word` never looks across white space and runs once for each distinct word of a corpus, others run on whole
texts. *Idempotent*: with its default options, cleaning what is clean changes nothing. Each example is run as
a test.

An order that works, of which most tasks need a few: markup, mojibake, Unicode form, control characters,
quotation marks; addresses, mentions, tags, numbers; emoji; contractions; case; repeats, stop words, stems;
punctuation, which everything before may need; white space.

| step | what it does | before → after | scope | idempotent |
|---|---|---|---|---|
{rows}"""


def example(step: Component) -> tuple[str, str]:
    """The first example in the docstring: a call and what it returns; two empty texts if there is none.

    >>> from textprep import Lowercase
    >>> example(Lowercase)
    ('Lowercase()("A GREAT Film")', "'a great film'")
    """
    for found in DocTestParser().get_examples(docstring(step)):
        return _visible(found.source), _visible(found.want)
    return "", ""


def facts(step: Component) -> dict[str, Any]:
    """``scope``, ``idempotent``, ``before`` and ``after`` of a step."""
    before, after = example(step)
    return {"scope": step.scope, "idempotent": step.idempotent, "before": before, "after": after}  # type: ignore[attr-defined]


def summary(component: Component) -> str:
    """The first paragraph of its docstring, in one line."""
    return docstring(component).split("\n\n")[0].replace("\n", " ")


def docstring(component: Component) -> str:
    """Its own docstring, not one that it inherits."""
    return inspect.cleandoc(component.__doc__ or "")


def page() -> str:
    """The page of all steps that come with textprep."""
    names = [name for name in STEPS.names() if STEPS.owner(name) == f"textprep {__version__}"]
    return PAGE.format(rows="".join(map(_row, names)))


def _row(name: str) -> str:
    said = facts(STEPS.get(name))
    shown = f"{_code(said['before'])} → {_code(said['after'])}"
    again = "yes" if said["idempotent"] else "no"
    does = summary(STEPS.get(name)).replace("``", "`").replace("|", "\\|")
    return f"| `{name}` | {does} | {shown} | {said['scope']} | {again} |\n"


def _code(text: str) -> str:
    marks = "``" if "`" in text else "`"
    return f"{marks}{text}{marks}".replace("|", "\\|")


def _visible(text: str) -> str:
    """In one line, with an escape for what cannot be seen."""
    return "".join(
        character if character.isprintable() else character.encode("unicode_escape").decode()
        for character in text.strip()
    )


if __name__ == "__main__":
    print(page(), end="")
