"""Pages of explanations."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from textprep.report.explanation_page import explanation_page


@pytest.fixture
def page_of(explained) -> Callable[..., str]:
    """The page of a text."""
    return lambda text, **options: explanation_page(explained(text, **options))
