"""What tags and text do in a template, which may hold a part of anything (13.2.6.4.18)."""

from __future__ import annotations

from textprep.steps.markup.names import CELLS, ROW_GROUPS
from textprep.steps.markup.rules_head import IN_HEAD, end_template, ignore
from textprep.steps.markup.tree import Mode, TagRule, Tree


def _in_head(tree: Tree, name: str, rest: str) -> None:
    tree.modes["in head"].start(tree, name, rest)


def _text(tree: Tree, text: str) -> None:
    tree.modes["in body"].text(tree, text)


def _as(mode: str) -> TagRule:
    """Read the rest of the template by the rules of that mode."""

    def start(tree: Tree, name: str, rest: str) -> None:
        tree.template_modes[-1] = mode
        tree.enter(mode)
        tree.start(name, rest)

    return start


MODES = {
    "in template": Mode(
        starts={
            **dict.fromkeys(IN_HEAD, _in_head),
            **dict.fromkeys(ROW_GROUPS | {"caption", "colgroup"}, _as("in table")),
            "col": _as("in column group"),
            "tr": _as("in table body"),
            **dict.fromkeys(CELLS, _as("in row")),
        },
        other_start=_as("in body"),
        ends={"template": end_template},
        other_end=ignore,
        text=_text,
    ),
}
