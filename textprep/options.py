"""Options: the pydantic fields of steps, tokenizers and configurations, as people write and read them."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from difflib import get_close_matches
from functools import wraps
from inspect import signature
from typing import Any, ClassVar, ParamSpec, TypeAlias, TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError
from pydantic_core import ErrorDetails

from textprep.errors import TextprepError, nearest_first

Parameters = ParamSpec("Parameters")
Result = TypeVar("Result")
Key: TypeAlias = "tuple[str | int, ...]"


class Options(BaseModel):
    """A group of options, each checked when it is made.

    >>> class Pace(Options):
    ...     of = "pace"
    ...     steps: int = 1
    >>> Pace(stepz=2)
    Traceback (most recent call last):
        ...
    textprep.errors.TextprepError: pace: there is no option 'stepz': did you mean 'steps'? There are: steps

    Attributes:
        error: the class of what is raised where an option is unknown or has a value that it cannot have.
        of: whose options they are, for messages.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    error: ClassVar[type[TextprepError]] = TextprepError
    of: ClassVar[str] = ""

    def __init__(self, **options: Any) -> None:
        try:
            super().__init__(**options)
        except ValidationError as error:
            kind = type(self)
            option = ".".join(map(str, error.errors()[0]["loc"])) or None
            what = explain_validation(error, kind.model_fields)
            raise kind.error(f"{kind.of}: {what}" if kind.of else what, option=option) from error

    # As part of a larger model, pydantic checks it without calling this: its complaints then say where.
    __init__.__pydantic_base_init__ = True  # type: ignore[attr-defined]


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


def no_option(name: str, known: Iterable[str]) -> str:
    """What to say of an option that does not exist; of ``a.b``, ``known`` are the names beside ``b``.

    >>> no_option("training.epoch", ["epochs", "seed"])
    "there is no option 'training.epoch': did you mean 'epochs'? There are: epochs, seed"
    >>> no_option("zzz", ["epochs"]), no_option("epochs", [])
    ("there is no option 'zzz'; there are: epochs", "there is no option 'epochs'; there are: none")
    """
    last = name.rpartition(".")[2]
    names = nearest_first(last, known)
    near = get_close_matches(last.lower(), names[:1])
    listed = ", ".join(names) or "none"
    advice = f": did you mean {near[0]!r}? There are: {listed}" if near else f"; there are: {listed}"
    return f"there is no option {name!r}{advice}"


def names_options(
    error: type[TextprepError],
) -> Callable[[Callable[Parameters, Result]], Callable[Parameters, Result]]:
    """Make a function answer a keyword that it does not take with an ``error`` that names the nearest one.

    >>> @names_options(TextprepError)
    ... def load(path, *, encoding="utf-8"): ...
    >>> load("a.csv", encodin="latin-1")
    Traceback (most recent call last):
        ...
    textprep.errors.TextprepError: load: there is no option 'encodin': did you mean 'encoding'? There are: ...
    """

    def decorate(function: Callable[Parameters, Result]) -> Callable[Parameters, Result]:
        name = function.__qualname__.removesuffix(".__init__")
        named = [each for each in signature(function).parameters.values() if each.name != "self"]
        known = [each.name for each in named if each.kind not in (each.VAR_KEYWORD, each.VAR_POSITIONAL)]
        open_ended = any(each.kind is each.VAR_KEYWORD for each in named)

        @wraps(function)
        def checked(*args: Parameters.args, **options: Parameters.kwargs) -> Result:
            if not open_ended:
                for option in options:
                    if option not in known:
                        raise error(f"{name}: {no_option(option, known)}", option=option)
            return function(*args, **options)

        return checked

    return decorate


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
        return no_option(where, known(problem["loc"]))
    given = f" (given {problem['input']!r:.60})" if problem["type"] != "missing" else ""
    return (f"option {where!r}: " if where else "") + problem["msg"].removeprefix("Value error, ") + given
