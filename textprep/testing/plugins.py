"""The kit over everything that an installed plugin registers."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache, partial
from typing import Any

from textprep import registry
from textprep.errors import UnknownNameError, nearest_first
from textprep.registry import REGISTRIES
from textprep.testing.check import Check
from textprep.testing.datasets import dataset_checks
from textprep.testing.fresh import in_fresh_python
from textprep.testing.steps import step_checks
from textprep.testing.targets import target_checks
from textprep.testing.tokenizers import tokenizer_checks
from textprep.testing.wheel import wheel_checks

MOST_SECONDS = 1.0
TRIES = 3


def checks_of(plugin: str, options: Mapping[str, Mapping[str, Any]] | None = None) -> list[Check]:
    """The checks for an installed plugin and for each step, tokenizer, data set and target that it registers.

    With pytest they are the whole conformance test of a package:

        @pytest.mark.parametrize("check", checks_of("textprep-parity"), ids=str)
        def test_conformance(check):
            check()

    The rules for the plugin itself: it loads; importing it takes under a second beyond textprep's own, in the
    quickest of three tries; nothing reaches for the network until a data set is asked for; and one that is
    installed as its folder (``pip install -e``) works from its wheel, too.

    Args:
        plugin: the name of its distribution, or of its entry point.
        options: component name → options to check it with, where it needs any or the default is large.

    Raises:
        UnknownNameError: no such plugin is installed, or it registers nothing of a name in ``options``.
    """
    distributions = _distributions(plugin)
    checks = []
    for distribution in distributions:
        checks += [Check(distribution, "it loads", partial(_check_loads, distribution))]
        if _is_loaded(distribution):
            components = _component_checks(distribution, dict(options or {}))
            checks += [
                *_listing_checks(distribution),
                *components,
                *wheel_checks(distribution, options or {}),
            ]
    return checks


def _distributions(plugin: str) -> list[str]:
    """Name and version of what ``plugin`` means, loaded."""
    points = [point for point in registry.installed() if _normal(plugin) in _names(point)]
    if not points:
        names = {name for point in registry.installed() for name in _names(point)}
        known = ", ".join(nearest_first(_normal(plugin), names)) or "none"
        raise UnknownNameError(f"no plugin {plugin!r} is installed; there are: {known}; pip install it first")
    for point in points:
        registry.load(point)
    return list(dict.fromkeys(map(registry.distribution, points)))


def _names(point: Any) -> set[str]:
    return {_normal(point.name), _normal(point.dist.name if point.dist else point.name)}


def _normal(name: str) -> str:
    """The normal form of a distribution's name (PEP 503)."""
    return re.sub(r"[-_.]+", "-", name).lower()


def _is_loaded(distribution: str) -> bool:
    return not any(line.startswith(f"plugin {distribution!r}") for line in registry.broken())


def _check_loads(distribution: str) -> None:
    for line in registry.broken():
        if line.startswith(f"plugin {distribution!r}"):
            raise AssertionError(f"{line}: import it in Python to see where")


def _listing_checks(distribution: str) -> list[Check]:
    listed = cache(partial(_quickest_listing, distribution))
    return [
        Check(
            distribution, "importing it takes under a second", lambda: _check_import(distribution, listed())
        ),
        Check(distribution, "it is listed without a network", lambda: _check_offline(distribution, listed())),
    ]


def _quickest_listing(distribution: str) -> dict[str, Any]:
    """Where a machine is busy or reads its disk for the first time, the next try is quicker."""
    tries: list[dict[str, Any]] = []
    while len(tries) < TRIES and all(found["seconds"] > MOST_SECONDS for found in tries):
        tries.append(in_fresh_python({"task": "plugin", "distribution": distribution}))
    return min(tries, key=lambda found: float(found["seconds"]))


def _check_import(distribution: str, listed: Mapping[str, Any]) -> None:
    seconds, busy = listed["seconds"], listed["busy"]
    if seconds > MOST_SECONDS:
        waits = busy <= MOST_SECONDS
        brings = f" and brings {', '.join(listed['packages'])}" if listed["packages"] else ""
        raise AssertionError(
            f"{distribution}: importing it takes {seconds:.1f} s"
            + (
                f", {seconds - busy:.1f} s of them waiting: wait for what is needed when it is asked for"
                if waits
                else f"{brings}: import what is heavy inside the functions that need it"
            )
        )


def _check_offline(distribution: str, listed: Mapping[str, Any]) -> None:
    if listed["network"]:
        raise AssertionError(
            f"{distribution}: listing it asks for {', '.join(listed['network'])}: "
            "open the network when rows are asked for, not on import"
        )


def _component_checks(distribution: str, options: dict[str, Mapping[str, Any]]) -> list[Check]:
    checks: list[Check] = []
    names = []
    for kind, components in REGISTRIES.items():
        for name in sorted(name for name, entry in components.entries.items() if entry.owner == distribution):
            names.append(name)
            checks += _checks_for(kind, name, options.get(name, {}))
    for name in options:
        if name not in names:
            known = ", ".join(nearest_first(name, names))
            raise UnknownNameError(f"{distribution} registers no {name!r}; it registers: {known}")
    return checks


def _checks_for(kind: str, name: str, options: Mapping[str, Any]) -> list[Check]:
    if kind == "dataset":
        return dataset_checks(name, options)
    try:
        component = REGISTRIES[kind].get(name)(**options)
    except Exception as error:
        problem = f"{kind} {name!r} cannot be made with the options {dict(options)!r}: {error}"
        return [Check(f"{kind} {name!r}", "it can be made", partial(_fail, f"{problem}: give others"))]
    of_kind: Any = {"step": step_checks, "tokenizer": tokenizer_checks, "target": target_checks}[kind]
    return list(of_kind(component))


def _fail(problem: str) -> None:
    raise AssertionError(problem)
