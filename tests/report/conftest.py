"""Pages of explanations."""

from __future__ import annotations

from collections.abc import Callable

import pytest

import textprep as tp
from textprep.report.explanation_page import explanation_page

STEPS = [tp.StripMarkup(), tp.Lowercase(), tp.CollapseWhitespace()]
TRAINING = ["a greater film", "a good film &", "a film"]


@pytest.fixture
def explained() -> Callable[..., tp.Explanation]:
    """What a small pipeline makes of a text."""

    def explain(text: str, steps: list[tp.Step] = STEPS, **options: object) -> tp.Explanation:
        tokenizer = tp.WordTokenizer().fit(TRAINING)
        return tp.Pipeline(steps, tokenizer=tokenizer).explain(text, **options)

    return explain


@pytest.fixture
def page_of(explained) -> Callable[..., str]:
    """The page of a text."""
    return lambda text, **options: explanation_page(explained(text, **options))
