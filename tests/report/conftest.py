"""Pages of explanations and of runs."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from textprep.report.explanation_page import explanation_page
from textprep.report.run_page import run_page


@pytest.fixture
def page_of(explained) -> Callable[..., str]:
    """The page of a text."""
    return lambda text, **options: explanation_page(explained(text, **options))


@pytest.fixture
def page(browser, tmp_path):
    """A report that is open."""
    opened = []

    def show(found, *, scripts: bool = True):
        file = tmp_path / "report.html"
        file.write_text(run_page(found), encoding="utf-8")
        tab = browser.open(file)
        opened.append(tab)
        if not scripts:
            tab.scripts(False)
            tab.load(file.as_uri())
        return tab

    yield show
    for tab in opened:
        tab.close()
