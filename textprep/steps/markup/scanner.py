"""From characters to tags and text: the tokenizer of the HTML standard (13.2.5), in regular expressions.

Every pattern reads on from where the last one ended and gives nothing back, so that the time is linear.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import regex

from textprep.steps.markup import (
    rules_body,
    rules_foreign,
    rules_frameset,
    rules_head,
    rules_table,
    rules_template,
)
from textprep.steps.markup.attributes import REST
from textprep.steps.markup.names import BREAKS, TABLE_PARTS
from textprep.steps.markup.open_elements import Place
from textprep.steps.markup.references import decode
from textprep.steps.markup.tree import Tree

MODES = {
    **rules_head.MODES,
    **rules_body.MODES,
    **rules_table.MODES,
    **rules_template.MODES,
    **rules_frameset.MODES,
    **rules_foreign.MODES,
}
_NAME = r"[a-zA-Z][^\t\n\f\r />]*+"
_TAG = regex.compile(rf"< (/?+) ({_NAME}) ({REST}) >", regex.VERBOSE)
_UNFINISHED = regex.compile(r"</?[a-zA-Z]")
# "</3" is a broken heart; to the standard it begins a comment, which takes what follows up to a ">"
_TEXT = regex.compile(r"<(?:[^a-zA-Z!?/]|\Z|/[0-9]|/\Z)")
_DOCTYPE = regex.compile(r"<!doctype[\t\n\f\r ]*+html[\t\n\f\r >]", regex.IGNORECASE)
_COMMENT_END = regex.compile(r"--!?>")
_SCRIPT_PARTS = regex.compile(r"<!--|-->|<(/?+)script(?=[\t\n\f\r />])", regex.IGNORECASE)
_DECODED = ("textarea", "title")
_ASCII_LOWER = {upper: upper + 32 for upper in range(ord("A"), ord("Z") + 1)}


def _decoded(page: str, start: int, stop: int) -> str:
    return decode(page[start:stop])


def text_of(page: str, hidden: frozenset[str], alt: bool) -> str:
    """The text that a page shows.

    Args:
        page: HTML.
        hidden: names of elements to leave out.
        alt: whether to put in what images say instead of themselves.
    """
    return "".join(strings_of(page, hidden, alt))


def strings_of(
    page: str, hidden: frozenset[str], alt: bool, read: Callable[[str, int, int], str] = _decoded
) -> Iterator[str]:
    """The same in pieces: what ``read(page, start, stop)`` gives for text between tags, and all else."""
    tree = Tree(MODES, hidden, alt)
    position, end = 0, len(page)
    while position < end:
        start = page.find("<", position)
        if start != position:
            tree.text(read(page, position, start if start >= 0 else end))
        if start < 0:
            break
        position = _markup(tree, page, start)
    for choice in tree.choices:
        choice.make_copy()
    return _strings(tree.page)


def _markup(tree: Tree, page: str, position: int) -> int:
    """Read what begins with the ``<`` at ``position``; where it ends."""
    if tag := _TAG.match(page, position):
        _read_tag(tree, *tag.groups())
        raw, tree.raw = tree.raw, None
        return _read_raw(page, tag.end(), *raw) if raw else tag.end()
    if _TEXT.match(page, position):
        tree.text("<")
        return position + 1
    if _UNFINISHED.match(page, position):
        return len(page)
    if page.startswith("<!--", position):
        return _comment_end(page, position + 4)
    if page.startswith("<![CDATA[", position) and tree.elements.current.space:
        return _read_cdata(tree, page, position + 9)
    if _DOCTYPE.match(page, position) and tree.mode is MODES["initial"]:
        tree.quirks = False
    return page.find(">", position) + 1 or len(page)  # a declaration, or nothing that is known


def _read_tag(tree: Tree, slash: str, name: str, rest: str) -> None:
    name = name.lower() if name.isascii() else name.translate(_ASCII_LOWER)
    if slash:
        tree.end(name, rest)
        if name in BREAKS:
            _break(tree, name)
    else:
        if name in BREAKS and name != "table":  # before which there may be text yet
            _break(tree, name)
        tree.start(name, rest)


def _break(tree: Tree, name: str) -> None:
    part = name in TABLE_PARTS or name == "table"
    (tree.elements.current.place if part else tree.place()).append("\n")


def _comment_end(page: str, start: int) -> int:
    if page.startswith(">", start):
        return start + 1
    if page.startswith("->", start):
        return start + 2
    end = _COMMENT_END.search(page, start)
    return end.end() if end else len(page)


def _read_cdata(tree: Tree, page: str, start: int) -> int:
    end = page.find("]]>", start)
    tree.text(page[start : end if end >= 0 else len(page)])
    return end + 3 if end >= 0 else len(page)


def _read_raw(page: str, start: int, name: str, place: Place) -> int:
    """Read an element that holds nothing but text, from after its start tag on."""
    end = _raw_end(page, start, name)
    text = page[start:end].replace("\0", "\ufffd")
    place.append(decode(text) if name in _DECODED else text)
    if name in BREAKS:
        place.append("\n")
    tag = _TAG.match(page, end)
    return tag.end() if tag else len(page)


def _raw_end(page: str, start: int, name: str) -> int:
    if name == "plaintext":
        return len(page)
    if name == "script":
        return _script_end(page, start)
    end = _END_TAGS[name].search(page, start)
    return end.start() if end else len(page)


_END_TAGS = {
    name: regex.compile(rf"</{name}(?=[\t\n\f\r />])", regex.IGNORECASE)
    for name in ("iframe", "noembed", "noframes", "style", "textarea", "title", "xmp")
}


def _script_end(page: str, position: int) -> int:
    """Where a script ends; ``</script>`` does not end it in ``<!-- <script>``."""
    in_comment = in_script = False
    while part := _SCRIPT_PARTS.search(page, position):
        position = part.end()
        if part[0] == "<!--":
            position -= 2  # its dashes may be those that end it
            in_comment = True
        elif part[0] == "-->":
            in_comment = in_script = False
        elif part[1] and not in_script:
            return part.start()
        elif in_comment:
            in_script = not part[1]
    return len(page)


def _strings(place: Place) -> Iterator[str]:
    """The strings in a place, in order."""
    open_places = [iter(place)]
    while open_places:
        for piece in open_places[-1]:
            if isinstance(piece, list):
                open_places.append(iter(piece))
                break
            yield piece
        else:
            open_places.pop()
