"""Names → components, and the plugins that bring them. One registry a kind; a name has one owner.

The registry knows no component. What it does not hold yet it asks the plugins for, one at a time, so that
asking for a built-in name never imports a plugin and a broken plugin breaks nothing else. Plugins are found
by the metadata of installed packages (entry-point group ``textprep``), which imports nothing. Whatever goes
wrong when one is imported is one `PluginWarning` that names the plugin, its version and the cause; what the
plugin had registered by then is taken back.
"""

from __future__ import annotations

import importlib
import re
import sys
import threading
import warnings
from collections.abc import Callable, Iterator, Mapping
from difflib import get_close_matches
from importlib.metadata import EntryPoint, entry_points
from types import FunctionType, ModuleType
from typing import Any, NamedTuple

import pluggy

from textprep import hookspecs
from textprep._version import __version__
from textprep.errors import NameClashError, PluginWarning, TextprepError, UnknownNameError, nearest_first

GROUP = "textprep"
KINDS = ("step", "tokenizer", "dataset", "target")
HOOKS = {kind: f"textprep_{kind}s" for kind in KINDS}
BUILTINS = {kind: f"textprep.{kind}s" for kind in KINDS}

_lock = threading.RLock()
_seen: set[str] = set()
_broken: list[str] = []

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
        for _ in load_each(self.kind):
            pass
        return sorted(self.entries)

    def _entry(self, name: str) -> Entry:
        if not isinstance(name, str):
            raise UnknownNameError(f"a {self.kind} is asked for by its name, a string, not by {name!r:.60}")
        if name not in self.entries:
            for _ in load_each(self.kind):
                if name in self.entries:
                    break
            else:
                raise UnknownNameError(self._unknown(name, broken()))
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
TARGETS = Registry("target", classes=True)
REGISTRIES = {"step": STEPS, "tokenizer": TOKENIZERS, "dataset": DATASETS, "target": TARGETS}


def load_each(kind: str) -> Iterator[None]:
    """Load the built-ins of ``kind``, then every plugin in the order of their names; a step each."""
    load_builtins(kind)
    yield
    for point in installed():
        load(point)
        yield


def load_builtins(kind: str) -> None:
    """Register the built-in components of ``kind``; the second time there is nothing to do."""
    with _lock:
        if BUILTINS[kind] not in _seen:
            _seen.add(BUILTINS[kind])
            register(importlib.import_module(BUILTINS[kind]), owner=f"textprep {__version__}")


def broken() -> list[str]:
    """A line for each plugin that could not be loaded so far."""
    return list(_broken)


def register(module: ModuleType | object, owner: str) -> None:
    """Register what the hooks of ``module`` return.

    Raises:
        TextprepError: a hook is undecorated, called otherwise or does not return a mapping, or a name is
            taken or malformed.
        pluggy.PluginValidationError: a hook's signature is not that of `textprep.hookspecs`.
    """
    # A manager of its own for each plugin: one that fails leaves no trace in the others.
    manager = pluggy.PluginManager(GROUP)
    manager.add_hookspecs(hookspecs)
    manager.register(module)
    decorated = {caller.name for caller in manager.get_hookcallers(module) or ()}
    _check_hooks(module, decorated)
    manager.check_pending()
    for kind, hook in HOOKS.items():
        for implementation in getattr(manager.hook, hook).get_hookimpls():
            components = implementation.function()
            if not isinstance(components, Mapping):
                raise TextprepError(f"{hook} returned {type(components).__name__}, not a mapping of names")
            for name, component in components.items():
                REGISTRIES[kind].add(name, component, owner)


def _check_hooks(module: ModuleType | object, decorated: set[str]) -> None:
    """Refuse a module without hooks, and functions that were meant to be one.

    Raises:
        TextprepError: a hook is called otherwise or lacks its decorator, or there is none.
    """
    hooks = list(HOOKS.values())
    for name, found in vars(module).items() if isinstance(module, ModuleType) else ():
        like = get_close_matches(
            name if name.startswith(f"{GROUP}_") else f"{GROUP}_{name}", hooks, n=1, cutoff=0.8
        )
        meant = isinstance(found, FunctionType) and like and name.startswith(f"{GROUP}_")
        if name not in hooks and (name in decorated or meant):
            question = f"; did you mean {like[0]!r}?" if like else f"; there are: {', '.join(hooks)}"
            raise TextprepError(f"there is no hook {name!r}{question}")
    for hook in hooks:
        if hasattr(module, hook) and hook not in decorated:
            raise TextprepError(f"{hook} is not a hook yet: put @textprep.hookimpl above it")
    if not decorated:
        raise TextprepError(f"it implements none of the hooks {', '.join(hooks)}")


def installed() -> list[EntryPoint]:
    """The entry points of all installed plugins, in the order in which they are loaded."""
    return sorted(entry_points(group=GROUP), key=lambda point: (distribution(point), point.name, point.value))


def distribution(point: EntryPoint) -> str:
    """Name and version of the package that an entry point is of: the owner of what it registers."""
    return f"{point.dist.name} {point.dist.version}" if point.dist else point.name


def load(point: EntryPoint) -> None:
    """Import a plugin and register what it brings, unless that was done; a broken one is a warning."""
    key = f"{distribution(point)}:{point.name}:{point.value}"
    with _lock:
        if key in _seen:
            return
        _seen.add(key)  # before the import: a plugin may itself ask the registry for a name
        for kind in BUILTINS:
            load_builtins(kind)  # a built-in name is owned before a plugin can claim it
        before = {kind: dict(registry.entries) for kind, registry in REGISTRIES.items()}
        try:
            register(point.load(), owner=distribution(point))
        except BaseException as error:  # whatever third-party code raises on import
            for kind, registry in REGISTRIES.items():
                registry.entries = before[kind]
            if isinstance(error, KeyboardInterrupt):
                _seen.discard(key)  # it was not the plugin's fault: the next to ask tries again
                raise
            _broken.append(f"plugin {distribution(point)!r} ({point.name}): {_cause(error)}")
            warnings.warn(f"{_broken[-1]}; it is left out, the rest works", PluginWarning, stacklevel=4)


def _cause(error: BaseException) -> str:
    lines: Any = str(error).strip().splitlines()
    return f"{type(error).__name__}: {' '.join(lines)}" if lines else type(error).__name__
