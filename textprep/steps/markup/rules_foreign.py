"""What tags and text do in SVG and MathML (13.2.6.5)."""

from __future__ import annotations

from textprep.steps.markup.attributes import attributes_of
from textprep.steps.markup.names import BREAKOUTS
from textprep.steps.markup.tree import WHITE_SPACE, Mode, Tree


def _text(tree: Tree, text: str) -> None:
    if tree.frameset_ok and text.strip(WHITE_SPACE + "\0"):
        tree.frameset_ok = False
    tree.elements.current.place.append(text.replace("\0", "\ufffd"))


def _leave(tree: Tree) -> None:
    elements = tree.elements
    while elements.current.space and not elements.current.point:
        elements.pop()


def _break_out(tree: Tree, name: str, rest: str) -> None:
    _leave(tree)
    tree.mode.start(tree, name, rest)


def _font(tree: Tree, name: str, rest: str) -> None:
    if attributes_of(rest).keys() & {"color", "face", "size"}:
        _break_out(tree, name, rest)
    else:
        _start(tree, name, rest)


def _start(tree: Tree, name: str, rest: str) -> None:
    tree.open_foreign(name, tree.elements.current.space, rest)


def _end_break_out(tree: Tree, name: str, rest: str) -> None:
    _leave(tree)
    tree.mode.end(tree, name, rest)


def _end(tree: Tree, name: str, rest: str) -> None:
    if element := tree.elements.foreign(name):
        tree.elements.pop_through(element)
    else:
        tree.mode.end(tree, name, rest)


MODES = {
    "foreign": Mode(
        starts={**dict.fromkeys(BREAKOUTS, _break_out), "font": _font},
        other_start=_start,
        ends=dict.fromkeys(("br", "p"), _end_break_out),
        other_end=_end,
        text=_text,
    )
}
