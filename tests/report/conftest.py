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
def opened(browser, tmp_path):
    """Open a page, of which the HTML is given; its tab is closed in the end."""
    tabs = []

    def show(html, *, scripts: bool = True):
        file = tmp_path / "page.html"
        file.write_text(html, encoding="utf-8")
        tab = browser.open(file)
        tabs.append(tab)
        if not scripts:
            tab.scripts(False)
            tab.load(file.as_uri())
        return tab

    yield show
    for tab in tabs:
        tab.close()


@pytest.fixture
def page(opened):
    """The report of a run, open."""
    return lambda found, **options: opened(run_page(found), **options)
