"""What tags and text do before the body: the modes from *initial* to *after head* (13.2.6.4.1 to 6)."""

from __future__ import annotations

from textprep.steps.markup.names import THOROUGHLY_IMPLIED_ENDS
from textprep.steps.markup.tree import WHITE_SPACE, Mode, Tree

IN_HEAD = (
    "base", "basefont", "bgsound", "link", "meta", "noframes", "script", "style", "template", "title"
)  # fmt: skip


def ignore(tree: Tree, name: str, rest: str) -> None:
    """A tag that means nothing here."""


def void(tree: Tree, name: str, rest: str) -> None:
    """An element without text."""


def raw(tree: Tree, name: str, rest: str) -> None:
    """An element that holds nothing but text."""
    tree.expect_raw(name)


def html(tree: Tree, name: str, rest: str) -> None:
    """A second ``<html>`` would only add attributes."""


def start_template(tree: Tree, name: str, rest: str) -> None:
    """A template, which holds anything."""
    tree.open_part(name)
    tree.formatting.mark()
    tree.frameset_ok = False
    tree.template_modes.append("in template")
    tree.enter("in template")


def end_template(tree: Tree, name: str, rest: str) -> None:
    """The end of the innermost template."""
    if template := tree.elements.last("template"):
        tree.elements.close_implied(THOROUGHLY_IMPLIED_ENDS)
        tree.elements.pop_through(template)
        tree.formatting.clear()
        tree.template_modes.pop()
        tree.reset_mode()


# Before the head.


def _head(tree: Tree, name: str, rest: str) -> None:
    tree.open_part("head")
    tree.had_head = True
    tree.enter("in head")


def _start_implies_head(tree: Tree, name: str, rest: str) -> None:
    _head(tree, "head", "")
    tree.start(name, rest)


def _end_implies_head(tree: Tree, name: str, rest: str) -> None:
    _head(tree, "head", "")
    tree.end(name, rest)


def _text_before_head(tree: Tree, text: str) -> None:
    if text.strip(WHITE_SPACE):
        _head(tree, "head", "")
        tree.text(text)
    else:
        tree.page.append(text)


# In the head.


def _leave_head(tree: Tree) -> None:
    tree.elements.pop()
    tree.enter("after head")


def _end_head(tree: Tree, name: str, rest: str) -> None:
    _leave_head(tree)


def _start_after_head(tree: Tree, name: str, rest: str) -> None:
    _leave_head(tree)
    tree.start(name, rest)


def _end_after_head(tree: Tree, name: str, rest: str) -> None:
    _leave_head(tree)
    tree.end(name, rest)


def _text_in_head(tree: Tree, text: str) -> None:
    if text.strip(WHITE_SPACE):
        _leave_head(tree)
        tree.text(text)
    else:
        tree.page.append(text)


def _start_noscript(tree: Tree, name: str, rest: str) -> None:
    tree.open_part(name)
    tree.enter("in head noscript")


# In a noscript element in the head: there, scripts do not run.


def _leave_noscript(tree: Tree, name: str = "", rest: str = "") -> None:
    tree.elements.pop()
    tree.enter("in head")


def _start_after_noscript(tree: Tree, name: str, rest: str) -> None:
    _leave_noscript(tree)
    tree.start(name, rest)


def _end_after_noscript(tree: Tree, name: str, rest: str) -> None:
    _leave_noscript(tree)
    tree.end(name, rest)


def _text_in_noscript(tree: Tree, text: str) -> None:
    if text.strip(WHITE_SPACE):
        _leave_noscript(tree)
        tree.text(text)
    else:
        tree.unseen.append(text)


# After the head.


def _body(tree: Tree, name: str, rest: str) -> None:
    tree.open_part("body")
    tree.frameset_ok = False
    tree.enter("in body")


def _frameset(tree: Tree, name: str, rest: str) -> None:
    tree.open_part(name)
    tree.enter("in frameset")


def _in_head_after_all(tree: Tree, name: str, rest: str) -> None:
    tree.modes["in head"].start(tree, name, rest)


def _implied_body(tree: Tree) -> None:
    tree.open_part("body")
    tree.enter("in body")


def _start_implies_body(tree: Tree, name: str, rest: str) -> None:
    _implied_body(tree)
    tree.start(name, rest)


def _end_implies_body(tree: Tree, name: str, rest: str) -> None:
    _implied_body(tree)
    tree.end(name, rest)


def _text_after_head(tree: Tree, text: str) -> None:
    if text.strip(WHITE_SPACE):
        _implied_body(tree)
        tree.text(text)
    else:
        tree.page.append(text)


_BEFORE_HEAD = Mode(
    starts={"html": html, "head": _head},
    other_start=_start_implies_head,
    ends=dict.fromkeys(("body", "br", "head", "html"), _end_implies_head),
    other_end=ignore,
    text=_text_before_head,
)
_IN_HEAD = Mode(
    starts={
        **dict.fromkeys(("base", "basefont", "bgsound", "link", "meta"), void),
        **dict.fromkeys(("noframes", "script", "style", "title"), raw),
        "head": ignore,
        "html": html,
        "noscript": _start_noscript,
        "template": start_template,
    },
    other_start=_start_after_head,
    ends={
        **dict.fromkeys(("body", "br", "html"), _end_after_head),
        "head": _end_head,
        "template": end_template,
    },
    other_end=ignore,
    text=_text_in_head,
)
_IN_HEAD_NOSCRIPT = Mode(
    starts={
        **dict.fromkeys(("basefont", "bgsound", "link", "meta"), void),
        **dict.fromkeys(("noframes", "style"), raw),
        **dict.fromkeys(("head", "noscript"), ignore),
        "html": html,
    },
    other_start=_start_after_noscript,
    ends={"noscript": _leave_noscript, "br": _end_after_noscript},
    other_end=ignore,
    text=_text_in_noscript,
)
_AFTER_HEAD = Mode(
    starts={
        **dict.fromkeys(IN_HEAD, _in_head_after_all),
        "body": _body,
        "frameset": _frameset,
        "head": ignore,
        "html": html,
    },
    other_start=_start_implies_body,
    ends={**dict.fromkeys(("body", "br", "html"), _end_implies_body), "template": end_template},
    other_end=ignore,
    text=_text_after_head,
)
MODES = {
    "initial": _BEFORE_HEAD,
    "before head": _BEFORE_HEAD,
    "in head": _IN_HEAD,
    "in head noscript": _IN_HEAD_NOSCRIPT,
    "after head": _AFTER_HEAD,
}
