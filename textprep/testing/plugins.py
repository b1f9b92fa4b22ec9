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
from textprep.testing.tokenizers import tokenizer_checks

MOST_SECONDS = 1.0


def checks_of(plugin: str, options: Mapping[str, Mapping[str, Any]] | None = None) -> list[Check]:
    """The checks for an installed plugin and for each step, tokenizer and data set that it registers.

    With pytest they are the whole conformance test of a package:

        @pytest.mark.parametrize("check", checks_of("textprep-parity"), ids=str)
        def test_conformance(check):
            check()

    The rules for the plugin itself: it loads; importing it takes under a second of processor time beyond
    textprep's own; and nothing reaches for the network until a data set is asked for.

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
            checks += [*_listing_checks(distribution), *_component_checks(distribution, dict(options or {}))]
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
    listed = cache(lambda: in_fresh_python({"task": "plugin", "distribution": distribution}))
    return [
        Check(
            distribution, "importing it takes under a second", lambda: _check_import(distribution, listed())
        ),
        Check(distribution, "it is listed without a network", lambda: _check_offline(distribution, listed())),
    ]


def _check_import(distribution: str, listed: Mapping[str, Any]) -> None:
    if listed["seconds"] > MOST_SECONDS:
        packages = ", ".join(listed["packages"])
        raise AssertionError(
            f"{distribution}: importing it takes {listed['seconds']:.1f} s and brings {packages}: "
            "import what is heavy inside the functions that need it"
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
    return step_checks(component) if kind == "step" else tokenizer_checks(component)


def _fail(problem: str) -> None:
    raise AssertionError(problem)
