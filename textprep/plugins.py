"""Lazy discovery of plugins, one at a time, so that a broken one breaks nothing else.

Plugins are found by the metadata of installed packages (entry-point group ``textprep``), which imports
nothing. A plugin is imported when a name is asked for that nobody has brought yet. Whatever goes wrong
then is one `PluginWarning` that names the plugin, its version and the cause; what the plugin had
registered by then is taken back.
"""

from __future__ import annotations

import importlib
import threading
import warnings
from collections.abc import Iterator, Mapping
from importlib.metadata import EntryPoint, entry_points
from types import ModuleType
from typing import Any

import pluggy

from textprep import hookspecs
from textprep._version import __version__
from textprep.errors import PluginWarning, TextprepError
from textprep.registry import REGISTRIES

GROUP = "textprep"
HOOKS = {"step": "textprep_steps", "tokenizer": "textprep_tokenizers", "dataset": "textprep_datasets"}
BUILTINS = {"step": "textprep.steps", "tokenizer": "textprep.tokenizers", "dataset": "textprep.datasets"}

_lock = threading.RLock()
_seen: set[str] = set()
_broken: list[str] = []


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
        TextprepError: a hook is undecorated or does not return a mapping, or a name is taken or malformed.
        pluggy.PluginValidationError: a hook's name or signature is not one of `textprep.hookspecs`.
    """
    # A manager of its own for each plugin: one that fails leaves no trace in the others.
    manager = pluggy.PluginManager(GROUP)
    manager.add_hookspecs(hookspecs)
    manager.register(module)
    manager.check_pending()
    decorated = {caller.name for caller in manager.get_hookcallers(module) or ()}
    for hook in HOOKS.values():
        if hasattr(module, hook) and hook not in decorated:
            raise TextprepError(f"{hook} is not a hook yet: put @textprep.hookimpl above it")
    if not decorated:
        raise TextprepError(f"it implements none of the hooks {', '.join(HOOKS.values())}")
    for kind, hook in HOOKS.items():
        for implementation in getattr(manager.hook, hook).get_hookimpls():
            components = implementation.function()
            if not isinstance(components, Mapping):
                raise TextprepError(f"{hook} returned {type(components).__name__}, not a mapping of names")
            for name, component in components.items():
                REGISTRIES[kind].add(name, component, owner)


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
