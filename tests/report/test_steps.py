"""The page of all steps is what the registry says."""

from __future__ import annotations

from pathlib import Path

import pytest

import textprep as tp
from textprep.registry import STEPS
from textprep.report.steps import example, facts, page, summary

PAGE = Path(__file__).resolve().parents[2] / "textprep" / "steps" / "README.md"


def test_the_page_in_the_repository_is_made_of_the_registry():
    assert PAGE.read_text(encoding="utf-8") == page(), "run 'make docs'"


@pytest.mark.parametrize(
    "name", [name for name in STEPS.names() if STEPS.owner(name).startswith("textprep ")]
)
def test_every_step_says_what_it_does_and_why_and_shows_it(name):
    """An example that changes something; the doctests run it."""
    before, after = example(STEPS.get(name))
    assert before
    assert f"({after})" not in before
    does, why, *_ = STEPS.get(name).__doc__.split("\n\n")
    assert does.rstrip().endswith((".", "``"))
    assert len(why.split()) > 15
    assert f"| `{name}` |" in page()


def test_what_cannot_be_seen_is_shown_escaped():
    assert facts(tp.StripControl)["before"].startswith('StripControl()("A\\u200b gre')


def test_a_step_without_example_or_docstring_has_none():
    class Silent(tp.Step):
        name = "silent"

    Silent.__doc__ = None
    assert facts(Silent) == {"scope": "document", "idempotent": False, "before": "", "after": ""}
    assert summary(Silent) == ""
