"""What a person gave for a configuration: the keys of a TOML file, and ``--set a.b=value`` over them."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from textprep.errors import ConfigError
from textprep.storage.contents import check_file

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib


class Given:
    """Keys, and where each of them was given.

    >>> written = "[loader]\\nsize = 8"
    >>> given = Given({"loader": {"size": 8}}, ["training.epoch=1"], source="a.toml", text=written)
    >>> given.keys
    {'loader': {'size': 8}, 'training': {'epoch': 1}}
    >>> given.place(["loader", "size"]), given.place(["training", "epoch"])
    ('a.toml, line 2', '--set training.epoch=1')

    Args:
        record: the nested keys; left as they are.
        overrides: ``"training.epochs=1"`` and the like, later ones over earlier ones.
        source: what to call the place that ``record`` is from, a file perhaps.
        text: what is written there, if that is TOML.
        by: what to call the place that ``overrides`` are from.

    Attributes:
        keys: ``record`` with ``overrides`` put in.

    Raises:
        ConfigError: an override is not of that form, or what should hold its key has no parts.
    """

    def __init__(
        self,
        record: Mapping[str, Any],
        overrides: Sequence[str] = (),
        *,
        source: str = "",
        text: str = "",
        by: str = "--set",
    ) -> None:
        self.keys = dict(record)
        self._record, self._source, self._text = record, source, text
        self._overrides = [(tuple(_path(each, by)), f"{by} {each}") for each in overrides]
        for each in overrides:
            override(self.keys, each, by)

    def place(self, key: Sequence[str | int]) -> str:
        """Where ``key``, or what it consists of, was given; empty where nobody can tell."""
        around = [text for path, text in self._overrides if path == tuple(key[: len(path)])]
        if around:
            return around[-1]
        inside = [text for path, text in self._overrides if path[: len(key)] == tuple(key)]
        is_there = _holds(self._record, key)
        own = [self._source, *_line(self._text, key)] if is_there else [self._source]
        return ", ".join(filter(None, [*(own if is_there or not inside else ()), *inside]))


def read_toml(path: Path) -> tuple[dict[str, Any], str]:
    """The keys of a TOML file, and its text.

    Raises:
        ConfigError: it cannot be read.
    """
    check_file(
        path,
        ConfigError,
        hint="a configuration is a text in TOML; a data set is named in it, or by a command",
    )
    try:
        text = path.read_text(encoding="utf-8")
        return tomllib.loads(text), text
    except FileNotFoundError as error:
        raise ConfigError(f"there is no configuration file {path}") from error
    except (OSError, ValueError, RecursionError) as error:  # no TOML, or more than Python reads
        raise ConfigError(f"cannot read the configuration {path}: {error}") from error


def override(record: dict[str, Any], text: str, by: str = "--set") -> None:
    """Put ``a.b=value`` into the nested ``record``; the value as TOML writes it, or a plain word.

    >>> record = {"training": {"epochs": 3}}
    >>> override(record, "training.seed=7")
    >>> record
    {'training': {'epochs': 3, 'seed': 7}}
    >>> override(record, 'dataset.extra={"year": "category"}')
    >>> record["dataset"]
    {'extra': {'year': 'category'}}

    Raises:
        ConfigError: it is not of that form, or what should hold the key has no parts.
    """
    *path, last = _path(text, by)
    inner = record
    for key in path:
        below = inner.get(key, {})
        if isinstance(below, str):
            below = {"name": below}
        if not isinstance(below, Mapping):
            raise ConfigError(f"{by} {text!r}: {key!r} is {below!r:.40}, which has no parts to set")
        inner[key] = dict(below)  # the caller's record stays as it is
        inner = inner[key]
    new = _toml_value(text.partition("=")[2].strip())
    if last == "name" and inner.get("name") != new:
        inner.clear()  # the options of another component mean nothing to this one
    inner[last] = new


def _path(text: str, by: str) -> list[str]:
    """The key of ``a.b=value``, part by part."""
    dotted, equals, _ = text.partition("=")
    path = dotted.strip().split(".")
    if not equals or not all(path):
        raise ConfigError(f"{by} {text!r} is not of the form a.b=value, such as training.epochs=1")
    return path


def _toml_value(text: str) -> Any:
    """The value; a mapping or a list as JSON writes it, too, as messages and Python do."""
    try:
        return tomllib.loads(f"value = {text}")["value"]
    except (ValueError, RecursionError):  # no TOML, or more than Python reads
        return _json_value(text) if text[:1] in ("{", "[") else text  # a plain word or a path needs no quotes


def _json_value(text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return text


def _holds(record: Any, key: Sequence[str | int]) -> bool:
    for part in key:
        try:
            record = record[part]
        except (KeyError, IndexError, TypeError):
            return False
    return True


def _line(text: str, key: Sequence[str | int]) -> list[str]:
    """Which line of TOML gives ``key``, if only one gives a key of that name."""
    name = next((part for part in reversed(key) if isinstance(part, str)), "")
    given = re.compile(rf"""(?<![\w-])["']?{re.escape(name)}["']?\s*[=.\]]""")
    lines = [number for number, line in enumerate(text.splitlines(), 1) if given.search(line)]
    return [f"line {lines[0]}"] if len(lines) == 1 else []
