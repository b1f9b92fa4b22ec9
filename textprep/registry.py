"""Names → components. One registry a kind; a name has one owner.

The registry knows no component. What it does not hold yet it asks the plugins for, one at a time
(`textprep.plugins`), so that asking for a built-in name never imports a plugin.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable
from typing import Any, NamedTuple

from textprep.errors import NameClashError, TextprepError, UnknownNameError, nearest_first

Component = Callable[..., Any]
CODE = "code in module "
"""How the owner of what no plugin brought begins; the module's name follows."""


class Entry(NamedTuple):
    """A component and who brought it: a distribution with its version, or a module."""

    component: Component
    owner: str


class Registry:
    """The components of one kind, by name.

    >>> colours = Registry("colour")
    >>> colours.add("red", lambda: 0xFF0000, owner="this example")
    >>> colours.owner("red")
    'this example'

    Args:
        kind: what the components are, for messages.
        classes: whether they must be classes that carry their ``name``, since a saved pipeline names them.
    """

    def __init__(self, kind: str, *, classes: bool = False) -> None:
        self.kind = kind
        self.classes = classes
        self.entries: dict[str, Entry] = {}

    def add(self, name: str, component: Component, owner: str) -> None:
        """Register ``component``; the same component again (a notebook cell run twice) replaces itself.

        Code that is run again does not take a name from the plugin that brought it.

        Raises:
            NameClashError: another owner has the name; the message names both.
            TextprepError: the name is not lower-case words joined by ``_`` or ``-``, the component carries
                another name than it is registered under, or it is no class with a name where it must be.
        """
        if not isinstance(name, str) or not re.fullmatch(r"[a-z0-9]+([_-][a-z0-9]+)*", name):
            raise TextprepError(
                f"{name!r} cannot name a {self.kind}: use lower-case letters and digits, joined by _ or -"
            )
        if complaint := self._complaint(name, component):
            raise TextprepError(f"the {self.kind} {name!r} of {owner} {complaint}")
        held = self.entries.get(name)
        if held and not _same_place(held.component, component):
            raise NameClashError(
                f"the {self.kind} {name!r} of {owner} is already registered by {held.owner}: "
                "rename one of them"
            )
        self.entries[name] = Entry(component, held.owner if held and owner.startswith(CODE) else owner)

    def get(self, name: str) -> Component:
        """The component called ``name``; plugins are loaded one at a time until one brings it.

        Raises:
            UnknownNameError: nobody brings it; the message lists what exists, nearest first. Or ``name`` is
                no string.
        """
        return self._entry(name).component

    def owner(self, name: str) -> str:
        """Who brought ``name``: ``textprep 0.1.0``, a plugin with its version, or a module."""
        return self._entry(name).owner

    def names(self) -> list[str]:
        """Every registered name, sorted; loads every plugin."""
        from textprep import plugins

        for _ in plugins.load_each(self.kind):
            pass
        return sorted(self.entries)

    def _entry(self, name: str) -> Entry:
        from textprep import plugins

        if not isinstance(name, str):
            raise UnknownNameError(f"a {self.kind} is asked for by its name, a string, not by {name!r:.60}")
        if name not in self.entries:
            for _ in plugins.load_each(self.kind):
                if name in self.entries:
                    break
            else:
                raise UnknownNameError(self._unknown(name, plugins.broken()))
        return self.entries[name]

    def _complaint(self, name: str, component: object) -> str | None:
        """What is wrong with the component and what to do; ``None`` for a good one."""
        if not callable(component):
            return f"is {component!r:.60}, which cannot be called: register a class or a function"
        if self.classes and not isinstance(component, type):
            above = "; put @textprep.step above the function" if self.kind == "step" else ""
            return f"is {component!r:.60}, not a class{above}"
        own_name = getattr(component, "name", None if self.classes else name)
        if own_name is None:
            return f"is {component!r:.60}, which does not carry its name: write name = {name!r} in the class"
        return None if own_name == name else f"calls itself {own_name!r}: register it under that name"

    def _unknown(self, name: str, broken: list[str]) -> str:
        names = ", ".join(nearest_first(name, self.entries))
        if self.kind == "dataset" and re.search(r"[/\\.]", name):
            missing = f"there is no file or folder {name!r}, and no dataset of that name"
        else:
            missing = f"no {self.kind} is called {name!r}"
        message = f"{missing}; there are: {names}"
        if broken:
            message += f" (not loaded: {'; '.join(broken)})"
        return message


def _same_place(old: Component, new: Component) -> bool:
    """Whether ``new`` is ``old``, or the same definition run again."""

    def place(component: Component) -> tuple[Any, Any]:
        module = getattr(component, "__module__", None)
        file = getattr(sys.modules.get(str(module)), "__file__", None)  # pytest may import it as two modules
        return file or module, getattr(component, "__qualname__", id(component))

    return old is new or place(old) == place(new)


STEPS = Registry("step", classes=True)
TOKENIZERS = Registry("tokenizer", classes=True)
DATASETS = Registry("dataset")
REGISTRIES = {"step": STEPS, "tokenizer": TOKENIZERS, "dataset": DATASETS}
