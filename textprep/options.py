"""Options: the pydantic fields of steps, tokenizers and configurations, as people write and read them."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from typing import Any, TypeAlias

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from textprep.errors import TextprepError, nearest_first

Key: TypeAlias = "tuple[str | int, ...]"


def plain_options(model: BaseModel) -> dict[str, Any]:
    """The fields as plain JSON values; a set comes sorted, so that equal models have equal options.

    Raises:
        TextprepError: JSON has nothing to write a value as; the message names the option.
    """
    plain: dict[str, Any] = {}
    for name, value in model:
        try:
            dumped = model.model_dump(mode="json", include={name})
            json.dumps(dumped, allow_nan=False)
        except ValueError as error:  # pydantic's and the json module's own are both of this class
            raise TextprepError(
                f"option {name!r} is {value!r:.60}, which JSON cannot hold: make it of texts, numbers, lists"
            ) from error
        plain |= dumped
        if isinstance(value, (set, frozenset)):
            plain[name] = sorted(plain[name], key=repr)
    return plain


def check_saveable(model: BaseModel, options: Mapping[str, Any]) -> None:
    """Check that a model made of ``options``, when they went through JSON, is the same model.

    Args:
        model: a frozen model.
        options: what stands for it in a file: its `plain_options`, but where it says otherwise on purpose
            (a digest in place of a path); there it and what is made of ``options`` may differ.

    Raises:
        TextprepError: it is not the same; the message names the option.
    """
    again = type(model)(**json.loads(json.dumps(options, allow_nan=False)))
    plain = plain_options(model)
    for name, value in model:
        loaded = getattr(again, name)
        if options.get(name) == plain.get(name) and loaded != value:
            raise TextprepError(
                f"option {name!r} is {value!r:.60} and would come back from JSON as {loaded!r:.60}: "
                f"annotate it with a type that brings it back, as in `{name}: tuple[str, ...]`"
            )


def explain_validation(error: ValidationError, known: Iterable[str]) -> str:
    """Pydantic's complaints in one line: ``option 'keep': Input should be a valid string (given 3)``.

    Args:
        error: what pydantic raised.
        known: the options that there are, to name where one is unknown.
    """
    return "; ".join(what for _, what in explained(error, lambda key: known))


def explained(error: ValidationError, known: Callable[[Key], Iterable[str]]) -> list[tuple[Key, str]]:
    """Each of pydantic's complaints: the key that it is about, and what is wrong.

    Args:
        error: what pydantic raised.
        known: unknown key → the keys that there are in its place.
    """
    problems = error.errors(include_url=False, include_context=False)
    return [(problem["loc"], _explained(problem, known)) for problem in problems]


def _explained(problem: ErrorDetails, known: Callable[[Key], Iterable[str]]) -> str:
    where = ".".join(map(str, problem["loc"]))
    if problem["type"] == "extra_forbidden":
        there_are = ", ".join(nearest_first(str(problem["loc"][-1]), known(problem["loc"])))
        return f"there is no option {where!r}; there are: {there_are or 'none'}"
    given = f" (given {problem['input']!r:.60})" if problem["type"] != "missing" else ""
    return (f"option {where!r}: " if where else "") + problem["msg"].removeprefix("Value error, ") + given
