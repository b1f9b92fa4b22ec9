"""The sections that a target adds to the page of a run."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple


class Section(NamedTuple):
    """A part of a page.

    Attributes:
        anchors: of its headings, and what they are called in the navigation.
        template: that draws it, with ``section`` being ``context``.
        context: what the template shows.
    """

    anchors: tuple[tuple[str, str], ...]
    template: str
    context: Mapping[str, Any]


class Page(NamedTuple):
    """What a target adds to the page of a run.

    Attributes:
        sections: in their order.
        script: the name of the script of the page.
        data: what that reads.
    """

    sections: tuple[Section, ...] = ()
    script: str = "decisions"
    data: Any = None
