"""What the body of a page is read by (13.2.6.4.7 and 19)."""

from __future__ import annotations

from textprep.steps.markup.rules_body_ends import ENDS, end_other
from textprep.steps.markup.rules_body_starts import STARTS, start_other
from textprep.steps.markup.rules_head import html, ignore
from textprep.steps.markup.tree import WHITE_SPACE, Mode, Tree


def _text(tree: Tree, text: str) -> None:
    """Text; NULs vanish."""
    if "\0" in text:
        text = text.replace("\0", "")
    if tree.frameset_ok and text.strip(WHITE_SPACE):
        tree.frameset_ok = False
    tree.place().append(text)


def _start_again(tree: Tree, name: str, rest: str) -> None:
    tree.enter("in body")
    tree.start(name, rest)


def _end_again(tree: Tree, name: str, rest: str) -> None:
    tree.enter("in body")
    tree.end(name, rest)


def _text_again(tree: Tree, characters: str) -> None:
    if characters.strip(WHITE_SPACE):
        tree.enter("in body")
        tree.text(characters)
    else:
        _text(tree, characters)


_IN_BODY = Mode(starts=STARTS, other_start=start_other, ends=ENDS, other_end=end_other, text=_text)
_AFTER_BODY = Mode(
    starts={"html": html},
    other_start=_start_again,
    ends={"html": ignore},
    other_end=_end_again,
    text=_text_again,
)
MODES = {"in body": _IN_BODY, "after body": _AFTER_BODY}
