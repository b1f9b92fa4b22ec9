"""Leaving a part of a table: a caption, a group of columns or rows, a row, a cell (13.2.6.4.11 to 15).

Each `Leave` closes the part, if it is open in the innermost table, and says whether it was.
"""

from __future__ import annotations

from collections.abc import Callable

from textprep.steps.markup.names import ROW_GROUPS
from textprep.steps.markup.open_elements import Element
from textprep.steps.markup.tree import TagRule, Tree

Leave = Callable[[Tree], bool]

# What a part of a table is put in, whatever else was left open in that.
TABLE = frozenset({"table", "template", "html"})
ROWS = ROW_GROUPS | {"template", "html"}
ROW = frozenset({"tr", "template", "html"})


def _leave(*names: str, clear: frozenset[str], mode: str) -> Leave:
    def leave(tree: Tree) -> bool:
        if not any(map(tree.elements.in_table_scope, names)):
            return False
        tree.elements.pop_to(clear)
        tree.elements.pop()
        tree.enter(mode)
        return True

    return leave


def leave_cell(tree: Tree) -> bool:
    """Close the cell."""
    cell = tree.elements.in_table_scope("td") or tree.elements.in_table_scope("th")
    return cell is not None and _close_marked(tree, cell, "in row")


def leave_caption(tree: Tree) -> bool:
    """Close the caption."""
    caption = tree.elements.in_table_scope("caption")
    return caption is not None and _close_marked(tree, caption, "in table")


def _close_marked(tree: Tree, element: Element, mode: str) -> bool:
    tree.elements.pop_through(element)
    tree.formatting.clear()
    tree.enter(mode)
    return True


def leave_columns(tree: Tree) -> bool:
    """Close the group of columns."""
    if tree.elements.current.name != "colgroup":
        return False
    tree.elements.pop()
    tree.enter("in table")
    return True


def start_after(leave: Leave) -> TagRule:
    """Leave, and then see to the start tag."""

    def start(tree: Tree, name: str, rest: str) -> None:
        if leave(tree):
            tree.start(name, rest)

    return start


def end_after(leave: Leave) -> TagRule:
    """Leave, and then see to the end tag."""

    def end(tree: Tree, name: str, rest: str) -> None:
        if leave(tree):
            tree.end(name, rest)

    return end


def end_by(leave: Leave) -> TagRule:
    """Leave, which is all that the end tag asks for."""

    def end(tree: Tree, name: str, rest: str) -> None:
        leave(tree)

    return end


def if_in_scope(rule: TagRule) -> TagRule:
    """The same for an end tag whose element is in scope."""

    def end(tree: Tree, name: str, rest: str) -> None:
        if tree.elements.in_table_scope(name):
            rule(tree, name, rest)

    return end


leave_rows = _leave(*ROW_GROUPS, clear=ROWS, mode="in table")
leave_row = _leave("tr", clear=ROW, mode="in table body")
