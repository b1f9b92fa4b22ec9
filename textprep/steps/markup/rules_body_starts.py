"""What start tags do in the body of a page (13.2.6.4.7)."""

from __future__ import annotations

from textprep.steps.markup import rules_select
from textprep.steps.markup.attributes import attributes_of
from textprep.steps.markup.names import BLOCKS, FORMATTING, HEADINGS, IMPLIED_ENDS, TABLE_PARTS
from textprep.steps.markup.rules_body_ends import close, close_paragraph, end_format
from textprep.steps.markup.rules_head import IN_HEAD, html, ignore, void
from textprep.steps.markup.tree import TagRule, Tree


def _in_head(tree: Tree, name: str, rest: str) -> None:
    tree.modes["in head"].start(tree, name, rest)


def _body(tree: Tree, name: str, rest: str) -> None:
    if not tree.elements.last("template"):
        tree.frameset_ok = False


def _frameset(tree: Tree, name: str, rest: str) -> None:
    body = tree.elements.last("body")
    if tree.frameset_ok and body:
        tree.elements.pop_through(body)
        tree.page.clear()
        tree.open_part(name)
        tree.enter("in frameset")


def _block(tree: Tree, name: str, rest: str) -> None:
    close_paragraph(tree)
    tree.open(name)


def _heading(tree: Tree, name: str, rest: str) -> None:
    close_paragraph(tree)
    if tree.elements.current.name in HEADINGS:
        tree.elements.pop()
    tree.open(name)


def _preformatted(tree: Tree, name: str, rest: str) -> None:
    _block(tree, name, rest)
    tree.frameset_ok = False


def _form(tree: Tree, name: str, rest: str) -> None:
    template = tree.elements.last("template")
    if tree.form is None or template:
        close_paragraph(tree)
        form = tree.open(name)
        if not template:
            tree.form = form


def _item(tree: Tree, name: str, rest: str) -> None:
    tree.frameset_ok = False
    wall = tree.elements.walls[-1]
    if wall.name in (("li",) if name == "li" else ("dd", "dt")):
        tree.elements.pop_through(wall)
    _block(tree, name, rest)


def _plaintext(tree: Tree, name: str, rest: str) -> None:
    close_paragraph(tree)
    tree.expect_raw(name)


def _button(tree: Tree, name: str, rest: str) -> None:
    close(tree, name)
    tree.reopen_formatting()
    tree.open(name)
    tree.frameset_ok = False


def _format(tree: Tree, name: str, rest: str) -> None:
    tree.reopen_formatting()
    tree.formatting.add(tree.open(name), attributes_of(rest))


def _link(tree: Tree, name: str, rest: str) -> None:
    tree.formatting.forget(name)
    _format(tree, name, rest)


def _nobr(tree: Tree, name: str, rest: str) -> None:
    tree.reopen_formatting()
    if tree.elements.in_scope(name):
        end_format(tree, name, "")
    _format(tree, name, rest)


def _object(tree: Tree, name: str, rest: str) -> None:
    tree.reopen_formatting()
    tree.open(name)
    tree.formatting.mark()
    tree.frameset_ok = False


def _table(tree: Tree, name: str, rest: str) -> None:
    if not tree.quirks:
        close_paragraph(tree)
    table = tree.open(name)
    table.foster = []
    table.place += [table.foster, "\n"]
    tree.frameset_ok = False
    tree.enter("in table")


def _void(tree: Tree, name: str, rest: str) -> None:
    tree.frameset_ok = False


def _image(tree: Tree, name: str, rest: str) -> None:
    tree.frameset_ok = False
    if tree.alt:
        tree.place().append(attributes_of(rest).get("alt", ""))


def _input(tree: Tree, name: str, rest: str) -> None:
    close(tree, "select")
    attributes = attributes_of(rest)
    kind = attributes.get("type", "").lower()
    if kind != "hidden":
        tree.frameset_ok = False
    if tree.alt and kind == "image":
        tree.place().append(attributes.get("alt", ""))


def _rule(tree: Tree, name: str, rest: str) -> None:
    close_paragraph(tree)
    if tree.elements.in_scope("select"):
        tree.elements.close_implied(IMPLIED_ENDS)
    tree.frameset_ok = False


def _raw(tree: Tree, name: str, rest: str) -> None:
    if name == "xmp":
        close_paragraph(tree)
    if name != "noembed":
        tree.frameset_ok = False
    tree.expect_raw(name)


def _ruby(tree: Tree, name: str, rest: str) -> None:
    if tree.elements.in_scope("ruby"):
        tree.elements.close_implied(IMPLIED_ENDS, but="" if name in ("rb", "rtc") else "rtc")
    tree.open(name)


def _foreign(tree: Tree, name: str, rest: str) -> None:
    tree.reopen_formatting()
    tree.open_foreign(name, name, rest)


def start_other(tree: Tree, name: str, rest: str) -> None:
    """Open an ordinary element."""
    tree.reopen_formatting()
    tree.open(name)


STARTS: dict[str, TagRule] = {
    **dict.fromkeys(IN_HEAD, _in_head),
    **dict.fromkeys(BLOCKS, _block),
    **dict.fromkeys(HEADINGS, _heading),
    **dict.fromkeys(FORMATTING, _format),
    **dict.fromkeys(("dd", "dt", "li"), _item),
    **dict.fromkeys(("listing", "pre"), _preformatted),
    **dict.fromkeys(("applet", "marquee", "object"), _object),
    **dict.fromkeys(("area", "br", "embed", "keygen", "wbr"), _void),
    **dict.fromkeys(("image", "img"), _image),
    **dict.fromkeys(("param", "source", "track"), void),
    **dict.fromkeys(("iframe", "noembed", "textarea", "xmp"), _raw),
    **dict.fromkeys(("rb", "rp", "rt", "rtc"), _ruby),
    **dict.fromkeys(("math", "svg"), _foreign),
    **dict.fromkeys(TABLE_PARTS | {"frame", "head"}, ignore),
    "a": _link,
    "body": _body,
    "button": _button,
    "form": _form,
    "frameset": _frameset,
    "hr": _rule,
    "html": html,
    "input": _input,
    "nobr": _nobr,
    "p": _block,
    "plaintext": _plaintext,
    "table": _table,
    **rules_select.STARTS,
}
