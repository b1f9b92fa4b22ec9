"""The options of the classifiers, checked."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from textprep.errors import ConfigError, nearest_first

OPTIONAL = ("categories", "numbers", "offset", "scale")
INPUTS = ("vocab_size", "features")  # a model has one of them: it reads ids, or numbers
BY_THE_DATA = ("pad_id", "pairs", "features", *OPTIONAL)  # set by `build_model` from the data
LEAST = {"word_pairs": 0}  # of sizes that may be smaller than 1
FLAGS = ("pairs", "tied")
TAKEN = (
    "input_ids", "inputs", "attention_mask", "token_type_ids", "return_attention", "lengths", "labels",
    "row_ids",
)  # fmt: skip
CHOICES = {"attention": ("additive", "dot", "multihead"), "positions": ("sinusoidal", "learned")}


def checked(**options: Any) -> dict[str, Any]:
    """The options of a model as plain JSON values, each of which can be used; ``None`` is not given.

    Raises:
        ConfigError: a choice is not offered, a size is not a positive whole number, dropout is not in [0, 1),
            a feature cannot be called so, ``offset`` or ``scale`` is not a number an output.

    >>> checked(vocab_size=100, dropout=0.5)
    {'vocab_size': 100, 'dropout': 0.5}
    """
    for name, value in options.items():
        if name in CHOICES:
            if value not in CHOICES[name]:
                listed = ", ".join(nearest_first(str(value), CHOICES[name]))
                raise ConfigError(f"{name} is {value!r}: it must be one of {listed}")
        elif name == "dropout":
            if not isinstance(value, (int, float)) or not 0 <= value < 1:
                raise ConfigError(f"dropout is {value!r}: it must be at least 0 and below 1")
        elif name in OWN_RULES:
            OWN_RULES[name](value, options)
        elif name in INPUTS and value is None:
            continue
        elif name not in OPTIONAL and not _is_whole(value, least := LEAST.get(name, 1)):
            raise ConfigError(f"{name} is {value!r}: it must be a whole number, at least {least}")
    return options | _read(options) | _features(options) | _units(options)


def _read(options: Mapping[str, Any]) -> dict[str, Any]:
    """What follows from what a model reads: numbers have no id of padding.

    >>> checked(vocab_size=None, features=3, pad_id=0)["pad_id"] is None
    True
    """
    if "vocab_size" not in options:
        return {}
    if (options["vocab_size"] is None) == (options.get("features") is None):
        raise ConfigError(
            "a model reads ids, of which there are vocab_size, or numbers, of which a step has features: "
            "give one of them",
            option="vocab_size",
        )
    if options["vocab_size"] is not None:
        return {}
    for name in ("word_pairs", "pairs"):
        if options.get(name):
            raise ConfigError(
                f"{name}={options[name]!r} is for texts, and the model reads numbers", option=f"model.{name}",
                value=0, hint="leave it out",
            )  # fmt: skip
    return {"pad_id": None}


def _check_flag(name: str, value: object, options: Mapping[str, Any]) -> None:
    if not isinstance(value, bool):
        raise ConfigError(f"{name} is {value!r}: it must be True or False")


def _check_pad_id(value: object, options: Mapping[str, Any]) -> None:
    ids = options["vocab_size"]
    if ids is not None and value is not None and not (_is_whole(value, 0) and value in range(ids)):
        raise ConfigError(f"pad_id is {value!r}: it must be an id, from 0 to {ids - 1}, or None")


OWN_RULES: dict[str, Callable[[object, Mapping[str, Any]], None]] = {
    **{flag: partial(_check_flag, flag) for flag in FLAGS},
    "pad_id": _check_pad_id,
}


def _features(options: Mapping[str, Any]) -> dict[str, dict[str, int]]:
    """``categories`` and ``numbers``, where they are given."""
    found: dict[str, dict[str, int]] = {}
    for option, least, what in (("categories", 2, "ids"), ("numbers", 1, "numbers a row")):
        given = options.get(option)
        if given is None:
            continue
        if not isinstance(given, Mapping):
            raise ConfigError(f"{option} is {given!r:.60}: it must be a mapping of name → how many {what}")
        for name, size in given.items():
            if name in TAKEN or not isinstance(name, str) or any(name in each for each in found.values()):
                raise ConfigError(f"{option} has a feature {name!r}: it must have a name of its own")
            if not _is_whole(size, least):
                raise ConfigError(
                    f"{option} has {name!r}: {size!r}: how many {what} there are is a whole number, at least "
                    f"{least}"
                )
        found[option] = dict(given)
    return found


def _units(options: Mapping[str, Any]) -> dict[str, list[float]]:
    """``offset`` and ``scale``, where they are given."""
    found: dict[str, list[float]] = {}
    for name in ("offset", "scale"):
        given = options.get(name)
        if given is None:
            continue
        try:
            found[name] = [float(each) for each in given]
        except (TypeError, ValueError):
            found[name] = []
        usable = all(math.isfinite(each) and (each or name == "offset") for each in found[name])
        if len(found[name]) != options["num_classes"] or not usable:
            raise ConfigError(
                f"{name} is {given!r:.60}: it must be {options['num_classes']} finite numbers, one an output"
                + (", none of them 0" if name == "scale" else "")
            )
    return found


def _is_whole(value: object, least: int) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= least
