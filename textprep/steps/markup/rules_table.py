"""What tags and text do in tables (13.2.6.4.9 to 15).

Text that is in a table but in no cell or caption goes before the table.
"""

from __future__ import annotations

from textprep.steps.markup.attributes import attributes_of
from textprep.steps.markup.names import CELLS, ROW_GROUPS, TABLE_PARTS
from textprep.steps.markup.rules_head import end_template, html, ignore, void
from textprep.steps.markup.rules_table_exits import (
    ROW,
    ROWS,
    TABLE,
    end_after,
    end_by,
    if_in_scope,
    leave_caption,
    leave_cell,
    leave_columns,
    leave_row,
    leave_rows,
    start_after,
)
from textprep.steps.markup.tree import WHITE_SPACE, Mode, TagRule, Tree


def _in_body(tree: Tree, name: str, rest: str) -> None:
    tree.modes["in body"].start(tree, name, rest)


def _end_in_body(tree: Tree, name: str, rest: str) -> None:
    tree.modes["in body"].end(tree, name, rest)


def _text_in_body(tree: Tree, text: str) -> None:
    tree.modes["in body"].text(tree, text)


def _in_head(tree: Tree, name: str, rest: str) -> None:
    tree.modes["in head"].start(tree, name, rest)


def _in_table(tree: Tree, name: str, rest: str) -> None:
    tree.modes["in table"].start(tree, name, rest)


def _end_in_table(tree: Tree, name: str, rest: str) -> None:
    tree.modes["in table"].end(tree, name, rest)


def _text_in_table(tree: Tree, text: str) -> None:
    """White space stays where it is; other text goes before the table, unless it is in something else."""
    if text.strip(WHITE_SPACE):
        _text_in_body(tree, text)
    else:
        tree.elements.current.place.append(text)


def _part(clear: frozenset[str], mode: str, mark: bool = False) -> TagRule:
    def start(tree: Tree, name: str, rest: str) -> None:
        tree.elements.pop_to(clear)
        tree.open_part(name)
        if mark:
            tree.formatting.mark()
        tree.enter(mode)

    return start


def _implied_part(clear: frozenset[str], part: str, mode: str) -> TagRule:
    def start(tree: Tree, name: str, rest: str) -> None:
        tree.elements.pop_to(clear)
        tree.open_part(part)
        tree.enter(mode)
        tree.start(name, rest)

    return start


def _end_table(tree: Tree, name: str, rest: str) -> None:
    if table := tree.elements.in_table_scope("table"):
        tree.elements.pop_through(table)
        tree.reset_mode()


def _start_table(tree: Tree, name: str, rest: str) -> None:
    if tree.elements.in_table_scope("table"):
        _end_table(tree, name, rest)
        tree.start(name, rest)


def _raw_in_table(tree: Tree, name: str, rest: str) -> None:
    tree.raw = (name, tree.inside(name, tree.elements.current.place))


def _input(tree: Tree, name: str, rest: str) -> None:
    if attributes_of(rest).get("type", "").lower() != "hidden":
        _in_body(tree, name, rest)


def _form(tree: Tree, name: str, rest: str) -> None:
    if tree.form is None and not tree.elements.last("template"):
        tree.form = tree.open_part(name)
        tree.elements.pop()


def _text_in_columns(tree: Tree, text: str) -> None:
    if not text.strip(WHITE_SPACE):
        tree.elements.current.place.append(text)
    elif leave_columns(tree):
        tree.text(text)


MODES = {
    "in table": Mode(
        starts={
            "caption": _part(TABLE, "in caption", mark=True),
            "colgroup": _part(TABLE, "in column group"),
            "col": _implied_part(TABLE, "colgroup", "in column group"),
            **dict.fromkeys(ROW_GROUPS, _part(TABLE, "in table body")),
            **dict.fromkeys(("td", "th", "tr"), _implied_part(TABLE, "tbody", "in table body")),
            "table": _start_table,
            **dict.fromkeys(("script", "style"), _raw_in_table),
            "template": _in_head,
            "input": _input,
            "form": _form,
        },
        other_start=_in_body,
        ends={
            **dict.fromkeys(TABLE_PARTS | {"body", "html"}, ignore),
            "table": _end_table,
            "template": end_template,
        },
        other_end=_end_in_body,
        text=_text_in_table,
    ),
    "in caption": Mode(
        starts=dict.fromkeys(TABLE_PARTS, start_after(leave_caption)),
        other_start=_in_body,
        ends={
            **dict.fromkeys(TABLE_PARTS | {"body", "html"}, ignore),
            "caption": end_by(leave_caption),
            "table": end_after(leave_caption),
        },
        other_end=_end_in_body,
        text=_text_in_body,
    ),
    "in column group": Mode(
        starts={"html": html, "col": void, "template": _in_head},
        other_start=start_after(leave_columns),
        ends={"col": ignore, "colgroup": end_by(leave_columns), "template": end_template},
        other_end=end_after(leave_columns),
        text=_text_in_columns,
    ),
    "in table body": Mode(
        starts={
            "tr": _part(ROWS, "in row"),
            **dict.fromkeys(CELLS, _implied_part(ROWS, "tr", "in row")),
            **dict.fromkeys(TABLE_PARTS - CELLS - {"tr"}, start_after(leave_rows)),
        },
        other_start=_in_table,
        ends={
            **dict.fromkeys(TABLE_PARTS | {"body", "html"}, ignore),
            **dict.fromkeys(ROW_GROUPS, if_in_scope(end_by(leave_rows))),
            "table": end_after(leave_rows),
        },
        other_end=_end_in_table,
        text=_text_in_table,
    ),
    "in row": Mode(
        starts={
            **dict.fromkeys(CELLS, _part(ROW, "in cell", mark=True)),
            **dict.fromkeys(TABLE_PARTS - CELLS, start_after(leave_row)),
        },
        other_start=_in_table,
        ends={
            **dict.fromkeys(TABLE_PARTS | {"body", "html"}, ignore),
            "tr": end_by(leave_row),
            "table": end_after(leave_row),
            **dict.fromkeys(ROW_GROUPS, if_in_scope(end_after(leave_row))),
        },
        other_end=_end_in_table,
        text=_text_in_table,
    ),
    "in cell": Mode(
        starts=dict.fromkeys(TABLE_PARTS, start_after(leave_cell)),
        other_start=_in_body,
        ends={
            **dict.fromkeys(("body", "caption", "col", "colgroup", "html"), ignore),
            **dict.fromkeys(CELLS, if_in_scope(end_by(leave_cell))),
            **dict.fromkeys(ROW_GROUPS | {"table", "tr"}, if_in_scope(end_after(leave_cell))),
        },
        other_end=_end_in_body,
        text=_text_in_body,
    ),
}
