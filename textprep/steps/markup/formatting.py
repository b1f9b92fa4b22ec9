"""The active formatting elements: those that go on where a block ended before their end tag (13.2.4.3).

They show nothing of their own, but an end tag of one closes what is open in it.
"""

from __future__ import annotations

from collections.abc import Callable

from textprep.steps.markup.open_elements import Element, OpenElements, last_position

ARK = 3  # so many alike, as the standard has it
DEPTH = 8  # special elements that the adoption agency passes, likewise
CLONES = 3
# Not the standard's: it reopens however many there are in every block, which takes the square of the length.
# One that is forgotten is still closed by its end tag, as an ordinary element.
MEMORY = 16
_NONE: list[Element] = []  # shared by the levels that hold none yet, and never changed


class Formatting:
    """The list, in levels: a cell, a caption, an object or a template starts one."""

    def __init__(self, elements: OpenElements) -> None:
        self.elements = elements
        self.levels: list[list[Element]] = [_NONE]

    def mark(self) -> None:
        """Start a level."""
        self.levels.append(_NONE)

    def clear(self) -> None:
        """Forget the innermost level."""
        self.levels.pop()
        if not self.levels:
            self.levels.append(_NONE)

    def last(self, name: str) -> Element | None:
        """The latest of that name in the level."""
        return next((entry for entry in reversed(self.levels[-1]) if entry.name == name), None)

    def add(self, element: Element, attributes: object) -> None:
        """Remember an element that was just opened; of four alike the first is forgotten (Noah's Ark)."""
        level = self.levels[-1]
        element.attributes = attributes
        alike = [entry for entry in level if entry.name == element.name and entry.attributes == attributes]
        if len(alike) == ARK:
            level.remove(alike[0])
        elif len(level) == MEMORY:
            del level[0]
        if level:
            level.append(element)
        else:
            self.levels[-1] = [element]

    def reopen(self, push: Callable[[str], Element]) -> None:
        """Open again those that were closed along with a block."""
        level = self.levels[-1]
        start = len(level)
        while start and not level[start - 1].is_open:
            start -= 1
        for position in range(start, len(level)):
            closed = level[position]
            level[position] = push(closed.name)
            level[position].attributes = closed.attributes

    def forget(self, name: str) -> None:
        """What a second ``<a>`` does to the first."""
        if first := self.last(name):
            self.close(name)
            if first in self.levels[-1]:
                self.levels[-1].remove(first)
            if first.is_open:
                self.elements.remove(first)

    def close(self, name: str) -> bool:
        """Do what an end tag does, by the adoption agency algorithm; False if it is for an ordinary one.

        The algorithm moves the element down the tree, past one special element after another. As to what
        is open, this closes the ordinary elements on its way, but for some formatting ones, and those in
        the special element that is innermost.
        """
        entry, level = self.last(name), self.levels[-1]
        if entry is None:
            return False
        if not entry.is_open:
            level.remove(entry)
        elif entry.serial >= self.elements.barriers[-1].serial:
            level.remove(entry)
            self._close_through(entry)
        return True

    def _close_through(self, entry: Element) -> None:
        spine, home = self.elements.spine, entry.home or entry
        first, top = home.index, len(spine) - 1
        if first == top:
            self.elements.pop_through(entry)
            return
        for special in spine[first : min(first + DEPTH, top)]:
            start = last_position(special.tail, entry) if special is home else 0
            self._close_between(special, start)
        if top - first < DEPTH:
            self.elements.cut_tail(spine[top], 0, [])

    def _close_between(self, special: Element, start: int) -> None:
        level = self.levels[-1]
        active = [element for element in special.tail[start:] if element in level]
        for forgotten in active[:-CLONES]:
            level.remove(forgotten)
        self.elements.cut_tail(special, start, active[-CLONES:])
