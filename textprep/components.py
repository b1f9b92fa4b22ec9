"""The components of a pipeline: steps and a tokenizer, checked when given, and as records in a file."""

from __future__ import annotations

import os
import warnings
from collections.abc import Iterable, Mapping
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from typing import Any

from textprep.errors import PipelineError, TextprepError
from textprep.options import check_saveable
from textprep.registry import STEPS, Registry
from textprep.steps.base import Step
from textprep.tokenizers.base import Tokenizer


def checked_steps(steps: object) -> tuple[Step, ...]:
    """``steps``, if they are some that can be saved."""
    if isinstance(steps, (str, Step)) or not isinstance(steps, Iterable):
        raise PipelineError(f"a list of steps is needed, as in steps=[tp.Lowercase()], not {steps!r:.60}")
    checked = tuple(steps)
    for position, step in enumerate(checked):
        if not isinstance(step, Step):
            advice = _advice(step, Step, "try tp.Lowercase(), or @tp.step on a function")
            raise PipelineError(f"steps[{position}] is {advice}")
        _check_record("step", step)
    return checked


def checked_tokenizer(tokenizer: object) -> Tokenizer:
    """``tokenizer``, if it is one that can be saved."""
    if not isinstance(tokenizer, Tokenizer):
        advice = _advice(tokenizer, Tokenizer, f"try {_tokenizer_for(tokenizer)}")
        raise PipelineError(f"the tokenizer is {advice}")
    _check_record("tokenizer", tokenizer)
    return tokenizer


def _tokenizer_for(given: object) -> str:
    """Advice for an object that is not a textprep tokenizer."""
    if isinstance(given, (str, os.PathLike)):
        return "tp.WordTokenizer(), or a pretrained one with tp.HuggingFaceTokenizer(path=…)"
    pretrained = callable(getattr(given, "encode", None)) and not isinstance(given, type)
    return "tp.HuggingFaceTokenizer.of(…)" if pretrained else "tp.WordTokenizer()"


def _check_record(kind: str, component: Step | Tokenizer) -> None:
    if not hasattr(component, "name"):
        raise PipelineError(
            f'the {kind} class {type(component).__name__} has no name: write name = "…" in it'
        )
    try:
        check_saveable(component, component.options())
    except Exception as error:  # whatever somebody's options() or validators raise
        raise PipelineError(f"{kind} {component.name!r} cannot be saved: {error}") from error


def _advice(given: object, wanted: type, otherwise: str) -> str:
    if isinstance(given, type) and issubclass(given, wanted):
        return f"the class {given.__name__}; make one: {given.__name__}()"
    return f"{given!r:.60}, not a {wanted.__name__.lower()}: {otherwise}"


def describe(component: Step | Tokenizer) -> dict[str, Any]:
    """Name, version and options as JSON values."""
    return {"name": component.name, "version": component.version, "options": component.options()}


def owner(step: Step) -> str:
    """Who brings it: a package, or the module whose code made it."""
    entry = STEPS.entries.get(step.name)
    return entry.owner if entry else f"code in module {type(step).__module__}"


def build(registry: Registry, saved: dict[str, Any], source: str) -> Any:
    """Make the step or tokenizer that ``saved`` describes; ``source`` is the file that it was saved in."""
    name = saved["name"]
    try:
        component = registry.get(name)
    except TextprepError as error:
        raise PipelineError(
            f"{source} needs the {registry.kind} {name!r}, saved from {saved.get('owner', 'a plugin')}: "
            f"install that plugin, or run the code that defines it, before loading ({error})"
        ) from error
    here = getattr(component, "version", None)
    if here != saved["version"]:
        raise PipelineError(
            f"{source} was saved with version {saved['version']!r} of the {registry.kind} {name!r}, but here "
            f"is {here!r}: install the version that it was saved with, or fit and save again"
        )
    if here is None:
        problem = f"nobody can tell whether the {registry.kind} {name!r} is the code that it was saved with"
        remedy = "give it a version with @tp.step(version=1), or define it in a file and outside of functions"
        warnings.warn(f"{source}: {problem}: {remedy}", stacklevel=4)
    return component(**saved["options"])


def libraries(components: Iterable[Step | Tokenizer]) -> dict[str, str]:
    """The versions of the libraries that decide what ``components`` give: name → version."""
    names = sorted({library for component in components for library in component.libraries})
    try:
        return {name: _version(name) for name in names}
    except PackageNotFoundError as error:
        raise PipelineError(
            f"no package {error.name!r} is installed, which a step or the tokenizer names in libraries: "
            "install it, or correct the name to the one that pip knows"
        ) from error


def warn_of_other_libraries(
    saved: Mapping[str, str], components: Iterable[Step | Tokenizer], source: str
) -> None:
    """Warn if a library that decides what ``components`` give has another version than it ``saved``."""
    here = libraries(components)
    others = [name for name in here if saved.get(name, here[name]) != here[name]]
    if others:
        changes = ", ".join(f"{name} {saved[name]} (here is {here[name]})" for name in others)
        problem = f"{source} was saved with {changes}, so that the ids may differ"
        warnings.warn(f"{problem}: install what it was saved with, or fit and save again", stacklevel=4)


@cache
def _version(name: str) -> str:
    """That of an installed package; it is read once, since that takes a millisecond."""
    return version(name)
