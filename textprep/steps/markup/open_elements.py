"""The elements that are open, so that what is in scope is known without a walk.

The standard keeps one stack, and walks it for nearly every tag; deep in a page that takes the square of the
length. Here the *special* elements (blocks, tables, …) are a spine, each with the ordinary ones that were
opened in it as its tail, because what ends at an ordinary end tag never reaches across a special element.
Every element is numbered as it is opened, so that "is there a ``p`` in scope" compares two numbers.
"""

from __future__ import annotations

from typing import Any

from textprep.steps.markup.names import (
    BARRIERS,
    NO_WALLS,
    PAGE_POINTS,
    SPECIAL,
    STRUCTURE,
    TABLE_BARRIERS,
    TEXT_POINTS,
)

Place = list["str | Place"]  # strings, and other places amid them


# Shared, and never changed: what is deep in a page mostly holds nothing, and every list costs the collector.
_NO_TAIL: list[Element] = []


class Element:
    """An element that was opened, of HTML or of the ``space`` "svg" or "math"; its text goes to ``place``."""

    __slots__ = (
        "attributes", "foster", "home", "index", "is_open", "name", "place", "point", "serial", "space",
        "tail",
    )  # fmt: skip

    def __init__(self, name: str, space: str, place: Place, serial: int) -> None:
        self.name = name
        self.space = space
        self.place = place
        self.serial = serial  # later ones have greater numbers
        self.is_open = True
        self.point = False  # whether it is foreign and yet takes HTML
        self.attributes: Any = None  # of a formatting element, to be compared; of a select, the choice
        self.foster = place  # of a table: just before it
        self.index = -1  # of a special element: its place in the spine
        self.tail = _NO_TAIL  # of a special element: the ordinary ones in it
        self.home: Element | None = None  # of an ordinary element: the special one in whose tail it is


class OpenElements:
    """The stack of open elements."""

    def __init__(self, page: Place) -> None:
        self.count = 0
        self.spine: list[Element] = []
        self.barriers: list[Element] = []
        self.table_barriers: list[Element] = []
        self.walls: list[Element] = []
        self.structure: list[Element] = []
        self.named: dict[str, list[Element]] = {}  # those of other languages have a "/" before their name
        self.runs: list[Element] = []  # foreign elements that were opened in one of HTML
        self.current = Element("", "", page, 0)
        self.push("html", "", page)

    def push(self, name: str, space: str, place: Place) -> Element:
        """Open an element in the current one."""
        self.count += 1
        element = Element(name, space, place, self.count)
        if space and not self.current.space:
            self.runs.append(element)
        if _is_special(name, space):
            self._push_special(element)
        else:
            element.home = home = self.spine[-1]
            if home.tail:
                home.tail.append(element)
            else:
                home.tail = [element]
        key = f"/{name}" if space else name
        if key in self.named:
            self.named[key].append(element)
        else:
            self.named[key] = [element]
        self.current = element
        return element

    def _push_special(self, element: Element) -> None:
        element.index = len(self.spine)
        self.spine.append(element)
        for members in self._lists(element):
            members.append(element)

    def _lists(self, element: Element) -> list[list[Element]]:
        """Which of the lists a special element is in."""
        if element.space:
            return [self.barriers, self.walls]
        name = element.name
        if name in NO_WALLS:
            return []
        lists = [self.walls]
        if name in BARRIERS:
            lists.append(self.barriers)
        if name in STRUCTURE:
            lists.append(self.structure)
        if name in TABLE_BARRIERS:
            lists.append(self.table_barriers)
        return lists

    def pop(self) -> None:
        """Close the current element."""
        element = self.current
        if element.home:
            element.home.tail.pop()
        else:
            self.spine.pop()
            for members in self._lists(element):
                members.pop()
        self._close(element)
        self._settle()

    def _close(self, element: Element) -> None:
        element.is_open = False
        same = self.named[f"/{element.name}" if element.space else element.name]
        while same and not same[-1].is_open:
            same.pop()
        while self.runs and not self.runs[-1].is_open:
            self.runs.pop()

    def _settle(self) -> None:
        top = self.spine[-1]
        self.current = top.tail[-1] if top.tail else top

    def pop_through(self, element: Element) -> None:
        """Close ``element`` and all that is open in it."""
        while element.is_open:
            self.pop()

    def pop_to(self, names: frozenset[str]) -> None:
        """Close elements until the current one has one of the ``names``."""
        while self.current.name not in names or self.current.space:
            self.pop()

    def close_implied(self, names: frozenset[str], but: str = "") -> None:
        """Close elements whose end tag may be left out."""
        while self.current.name in names and self.current.name != but and not self.current.space:
            self.pop()

    def remove(self, element: Element) -> None:
        """Take an element out from under what is open in it."""
        if home := element.home:
            del home.tail[last_position(home.tail, element)]
        else:
            self._remove_special(element)
        self._close(element)
        self._settle()

    def _remove_special(self, element: Element) -> None:
        below, above = self.spine[element.index - 1], self.spine[element.index + 1 :]
        if below.tail:
            below.tail += element.tail
        else:
            below.tail = element.tail
        for orphan in element.tail:
            orphan.home = below
        del self.spine[element.index :]
        for later in above:
            later.index -= 1
        self.spine += above
        for members in self._lists(element):
            del members[last_position(members, element)]

    def cut_tail(self, home: Element, start: int, keep: list[Element]) -> None:
        """Close the tail of ``home`` from ``start`` on, but for those to be kept."""
        dropped = [element for element in home.tail[start:] if element not in keep]
        home.tail[start:] = keep
        for element in reversed(dropped):
            self._close(element)
        self._settle()

    # What is in scope.

    def last(self, name: str) -> Element | None:
        """The innermost open HTML element of that name."""
        same = self.named.get(name)
        return same[-1] if same else None

    def _after(self, name: str, fence: int) -> Element | None:
        same = self.named.get(name)
        return same[-1] if same and same[-1].serial >= fence else None

    def in_scope(self, name: str) -> Element | None:
        """The innermost open element of that name, if nothing fences it off."""
        return self._after(name, self.barriers[-1].serial)

    def in_scope_within(self, name: str, *fences: str) -> Element | None:
        """The same where elements with the names ``fences`` fence off too."""
        fence = self.barriers[-1].serial
        for other in fences:
            if same := self.named.get(other):
                fence = max(fence, same[-1].serial)
        return self._after(name, fence)

    def in_table_scope(self, name: str) -> Element | None:
        """The same where only tables, templates and the page itself fence off."""
        return self._after(name, self.table_barriers[-1].serial)

    def in_tail(self, name: str) -> Element | None:
        """The innermost open element of that name, if no special one is open in it."""
        return self._after(name, self.spine[-1].serial)

    def foreign(self, name: str) -> Element | None:
        """The innermost foreign element of that name, if no HTML is open in it."""
        return self._after(f"/{name}", self.runs[-1].serial)


def _is_special(name: str, space: str) -> bool:
    if not space:
        return name in SPECIAL
    return name in (PAGE_POINTS if space == "svg" else TEXT_POINTS) or (
        space == "math" and name == "annotation-xml"
    )


def last_position(elements: list[Element], element: Element) -> int:
    """Where it is, looked for from the end on, so that the cost is what was opened later."""
    position = len(elements) - 1
    while elements[position] is not element:
        position -= 1
    return position
