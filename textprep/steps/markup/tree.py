"""The page so far: what is open, and where text goes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from textprep.steps.markup.attributes import attributes_of, closes_itself
from textprep.steps.markup.formatting import Formatting
from textprep.steps.markup.names import FOSTERING, PAGE_POINTS, TEXT_POINTS
from textprep.steps.markup.open_elements import Element, OpenElements, Place

if TYPE_CHECKING:
    from textprep.steps.markup.rules_select import Choice

WHITE_SPACE = "\t\n\f\r "
_PAGE_ENCODINGS = ("application/xhtml+xml", "text/html")

# What is done for a tag: the tree, the tag's name, and what is between the name and ``>``.
TagRule = Callable[["Tree", str, str], None]


@dataclass(frozen=True)
class Mode:
    """An insertion mode: what tags and text do in one part of a page."""

    starts: Mapping[str, TagRule]
    other_start: TagRule
    ends: Mapping[str, TagRule]
    other_end: TagRule
    text: Callable[[Tree, str], None]

    def start(self, tree: Tree, name: str, rest: str) -> None:
        """A start tag, by the rules of this mode."""
        self.starts.get(name, self.other_start)(tree, name, rest)

    def end(self, tree: Tree, name: str, rest: str) -> None:
        """An end tag, by the rules of this mode."""
        self.ends.get(name, self.other_end)(tree, name, rest)


class Tree:
    """What is known of a page while it is read."""

    def __init__(self, modes: Mapping[str, Mode], hidden: frozenset[str], alt: bool) -> None:
        self.page: Place = []
        self.unseen: Place = []  # what hidden elements hold
        self.hidden = hidden
        self.alt = alt
        self.modes = modes
        self.foreign = modes["foreign"]
        self.mode = modes["initial"]
        self.template_modes: list[str] = []
        self.elements = OpenElements(self.page)
        self.formatting = Formatting(self.elements)
        self.form: Element | None = None
        self.choices: list[Choice] = []
        self.had_head = False
        self.frameset_ok = True
        self.quirks = True  # until a page says that it keeps to the standard
        self.raw: tuple[str, Place] | None = None  # the element whose text comes next, and where that goes

    # Where things go.

    def place(self) -> Place:
        """Where text or an element goes that is not part of a table."""
        current = self.elements.current
        if current.name in FOSTERING and not current.space:
            return self.foster_place()
        return current.place

    def foster_place(self) -> Place:
        """Just before the innermost table, for what a table cannot hold."""
        table, template = self.elements.last("table"), self.elements.last("template")
        if template and (table is None or template.serial > table.serial):
            return template.place
        return table.foster if table else self.page

    def open(self, name: str, space: str = "") -> Element:
        """Open an element where it belongs."""
        return self.elements.push(name, space, self.inside(name, self.place()))

    def open_part(self, name: str) -> Element:
        """Open a part of a table, which stays in the table."""
        return self.elements.push(name, "", self.inside(name, self.elements.current.place))

    def open_foreign(self, name: str, space: str, rest: str) -> None:
        """Open an element of SVG or MathML, unless it closes itself."""
        if not closes_itself(rest):
            element = self.open(name, space)
            element.point = name in (PAGE_POINTS if space == "svg" else TEXT_POINTS) or (
                _is_annotation(element) and attributes_of(rest).get("encoding", "").lower() in _PAGE_ENCODINGS
            )

    def inside(self, name: str, place: Place) -> Place:
        """Where text goes that is in an element of that name, at that place."""
        return self.unseen if name in self.hidden else place

    def expect_raw(self, name: str) -> None:
        """The text that comes next is that of an element which holds nothing but text."""
        self.raw = (name, self.inside(name, self.place()))

    def reopen_formatting(self) -> None:
        """Open again the formatting elements that were closed along with a block."""
        level = self.formatting.levels[-1]
        if level and not level[-1].is_open:
            self.formatting.reopen(self.open)

    # What comes.

    def start(self, name: str, rest: str) -> None:
        """A start tag."""
        current = self.elements.current
        if not current.space or (current.point and _takes(current, name)) or _starts_svg(current, name):
            self.mode.start(self, name, rest)
        else:
            self.foreign.start(self, name, rest)

    def end(self, name: str, rest: str) -> None:
        """An end tag."""
        rules = self.foreign if self.elements.current.space else self.mode
        rules.end(self, name, rest)

    def text(self, text: str) -> None:
        """Text, its character references replaced."""
        current = self.elements.current
        rules = self.foreign if current.space and not current.point else self.mode
        rules.text(self, text)

    # Insertion modes.

    def enter(self, mode: str) -> None:
        """From here on by the rules of another mode."""
        self.mode = self.modes[mode]

    def reset_mode(self) -> None:
        """Go by what is open now."""
        self.enter(self._fitting_mode())

    def _fitting_mode(self) -> str:
        if not self.elements.structure:
            return "after head" if self.had_head else "before head"
        name = self.elements.structure[-1].name
        if name == "template":
            return self.template_modes[-1]
        return _MODES[name]


_MODES = {
    **dict.fromkeys(("td", "th"), "in cell"),
    **dict.fromkeys(("tbody", "tfoot", "thead"), "in table body"),
    "body": "in body",
    "caption": "in caption",
    "colgroup": "in column group",
    "frameset": "in frameset",
    "head": "in head",
    "table": "in table",
    "tr": "in row",
}


def _takes(point: Element, name: str) -> bool:
    return name not in ("malignmark", "mglyph") or point.name not in TEXT_POINTS


def _starts_svg(current: Element, name: str) -> bool:
    return name == "svg" and _is_annotation(current)


def _is_annotation(element: Element) -> bool:
    return element.name == "annotation-xml" and element.space == "math"
