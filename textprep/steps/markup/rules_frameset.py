"""What tags and text do in a page of frames, which shows no text (13.2.6.4.20 to 23)."""

from __future__ import annotations

from textprep.steps.markup.rules_head import html, ignore, raw
from textprep.steps.markup.tree import Mode, Tree


def _frameset(tree: Tree, name: str, rest: str) -> None:
    tree.open_part(name)


def _end_frameset(tree: Tree, name: str, rest: str) -> None:
    elements = tree.elements
    if elements.current.name == "frameset":
        elements.pop()
        if elements.current.name != "frameset":
            tree.enter("after frameset")


def _text(tree: Tree, text: str) -> None:
    pass


MODES = {
    "in frameset": Mode(
        starts={"html": html, "frameset": _frameset, "noframes": raw},
        other_start=ignore,
        ends={"frameset": _end_frameset},
        other_end=ignore,
        text=_text,
    ),
    "after frameset": Mode(
        starts={"html": html, "noframes": raw}, other_start=ignore, ends={}, other_end=ignore, text=_text
    ),
}
