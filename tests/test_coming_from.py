"""The new half of each page for those who come from elsewhere runs, block after block."""

from __future__ import annotations

import re
from itertools import islice
from pathlib import Path

import pytest

from textprep.registry import DATASETS

PAGES = sorted((Path(__file__).resolve().parents[1] / "examples").glob("coming_from_*.md"))


def blocks(page: Path) -> list[str]:
    return re.findall(r"^```python\n(.*?)^```$", page.read_text(encoding="utf-8"), re.M | re.S)


def is_old(page: Path, block: str) -> bool:
    return block.startswith(f"# {page.stem.removeprefix('coming_from_')}\n")


@pytest.fixture
def fewer_reviews(restored_registries) -> None:
    """Every 25th of them, to be quick."""
    whole = DATASETS.get("movie-reviews")
    entry = DATASETS.entries["movie-reviews"]
    DATASETS.entries["movie-reviews"] = entry._replace(component=lambda: islice(whole(), 0, None, 25))


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_every_new_idiom_runs(page, fewer_reviews) -> None:
    names: dict[str, object] = {"__name__": page.stem}
    for block in blocks(page):
        if not is_old(page, block):
            exec(compile(block, f"{page.name}: {block[:40]!r}", "exec"), names)
    assert "batch" in names


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_old_and_new_take_turns_and_all_is_python(page) -> None:
    old = [is_old(page, block) for block in blocks(page)]
    assert old.count(True) >= 4
    assert not any(this and following for this, following in zip(old, [*old[1:], True], strict=True))
    for block in blocks(page):
        compile(block, page.name, "exec")


def test_both_are_there() -> None:
    assert [page.stem for page in PAGES] == ["coming_from_mads_datasets", "coming_from_torchtext"]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_what_a_page_links_to_is_there(page) -> None:
    for target in re.findall(r"\]\(([^)#:]+)\)", page.read_text(encoding="utf-8")):
        assert (page.parent / target).exists(), target
