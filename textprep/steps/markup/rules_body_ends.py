"""What end tags do in the body of a page (13.2.6.4.7)."""

from __future__ import annotations

from textprep.steps.markup.names import CLOSED_BY_NAME, FORMATTING, HEADINGS, IMPLIED_ENDS
from textprep.steps.markup.rules_head import end_template
from textprep.steps.markup.tree import TagRule, Tree


def close_paragraph(tree: Tree) -> None:
    """End the paragraph, where a block begins."""
    if paragraph := tree.elements.in_scope_within("p", "button"):
        tree.elements.pop_through(paragraph)


def close(tree: Tree, name: str) -> None:
    """End the innermost element of that name, if it is in scope."""
    if element := tree.elements.in_scope(name):
        tree.elements.pop_through(element)


def end_other(tree: Tree, name: str, rest: str) -> None:
    """End an ordinary element, unless a special one was opened in it."""
    if element := tree.elements.in_tail(name):
        tree.elements.pop_through(element)


def end_format(tree: Tree, name: str, rest: str) -> None:
    """End a formatting element, even across blocks."""
    if not tree.formatting.close(name):
        end_other(tree, name, rest)


def _end_body(tree: Tree, name: str, rest: str) -> None:
    if tree.elements.in_scope("body"):
        tree.enter("after body")
        if name == "html":
            tree.end(name, rest)


def _end_block(tree: Tree, name: str, rest: str) -> None:
    close(tree, name)


def _end_form(tree: Tree, name: str, rest: str) -> None:
    elements = tree.elements
    if elements.last("template"):
        close(tree, name)
        return
    form, tree.form = tree.form, None
    if form and form.is_open and form.serial >= elements.barriers[-1].serial:
        elements.close_implied(IMPLIED_ENDS)
        elements.remove(form)


def _end_paragraph(tree: Tree, name: str, rest: str) -> None:
    close_paragraph(tree)


def _end_item(tree: Tree, name: str, rest: str) -> None:
    fences = ("ol", "ul") if name == "li" else ()
    if item := tree.elements.in_scope_within(name, *fences):
        tree.elements.pop_through(item)


def _end_heading(tree: Tree, name: str, rest: str) -> None:
    headings = filter(None, map(tree.elements.in_scope, HEADINGS))
    if heading := max(headings, key=lambda element: element.serial, default=None):
        tree.elements.pop_through(heading)


def _end_object(tree: Tree, name: str, rest: str) -> None:
    if element := tree.elements.in_scope(name):
        tree.elements.pop_through(element)
        tree.formatting.clear()


def _end_break(tree: Tree, name: str, rest: str) -> None:
    tree.frameset_ok = False


ENDS: dict[str, TagRule] = {
    **dict.fromkeys(CLOSED_BY_NAME, _end_block),
    **dict.fromkeys(HEADINGS, _end_heading),
    **dict.fromkeys(FORMATTING, end_format),
    **dict.fromkeys(("applet", "marquee", "object"), _end_object),
    **dict.fromkeys(("body", "html"), _end_body),
    **dict.fromkeys(("dd", "dt", "li"), _end_item),
    "br": _end_break,
    "form": _end_form,
    "p": _end_paragraph,
    "template": end_template,
}
