"""`step`, which makes a cleaning step of a plain function: how most people write theirs."""

from __future__ import annotations

import hashlib
import inspect
import textwrap
from collections.abc import Callable
from types import FunctionType, NoneType
from typing import TYPE_CHECKING, Any, ClassVar, TypeVar, get_args, get_type_hints, overload

from pydantic import create_model

from textprep.errors import StepError
from textprep.registry import CODE, STEPS, load_builtins
from textprep.steps.base import Scope, Step, check_named, checked_texts

if TYPE_CHECKING:
    import pyarrow as pa

TextFunction = Callable[..., str]


class FunctionStep(Step):
    """A step that runs a plain function; `step` makes its subclasses."""

    function: ClassVar[TextFunction]

    def __call__(self, text: str) -> str:
        """What the function returns for ``text`` and the options."""
        return checked_texts(self.name, [type(self).function(text, **self._options())])[0]

    def clean_column(self, texts: pa.LargeStringArray) -> pa.LargeStringArray:
        """What the function returns for each of many texts."""
        import pyarrow as pa

        function, options = type(self).function, self._options()
        cleaned = (function(text, **options) for text in texts.to_pylist())
        return pa.array(checked_texts(self.name, cleaned), pa.large_string())

    @property
    def has_kernel(self) -> bool:
        """A function is called for each text."""
        return False

    def _options(self) -> dict[str, Any]:
        return {name: getattr(self, name) for name in type(self).model_fields}


C = TypeVar("C", bound=type[Step])


@overload
def step(function: C, /) -> C: ...
@overload
def step(function: TextFunction, /) -> type[FunctionStep]: ...
@overload
def step(
    *,
    name: str | None = None,
    version: int | str | None = None,
    scope: Scope = "document",
    idempotent: bool = False,
) -> Callable[[TextFunction], type[FunctionStep]]: ...
def step(
    function: TextFunction | type[Step] | None = None,
    /,
    *,
    name: str | None = None,
    version: int | str | None = None,
    scope: Scope = "document",
    idempotent: bool = False,
) -> type[Step] | Callable[[TextFunction], type[FunctionStep]]:
    """Make a registered step of a function of one text with keyword-only options.

    Above a `Step` subclass it registers that class.

    >>> @step
    ... def shout(text: str, *, marks: int = 1) -> str:
    ...     return text.upper() + "!" * marks
    >>> shout(marks=2)("great film")
    'GREAT FILM!!'

    Args:
        function: takes the text, returns the cleaned text; its keyword-only parameters become options.
        name: the registered name; the function's own if not given.
        version: what a saved pipeline and a cache compare. Not given, it is a digest of the function's
            source text. Where that does not say it all (the function uses variables of a function around
            it) or there is none (it was typed at a prompt), the step has no version: preparing works but is
            not cached, and loading a pipeline warns.
        scope: ``"word"`` if the function never looks across white space (see `textprep.steps.base`).
        idempotent: whether, with its default options, it changes nothing in what it has cleaned.

    Raises:
        StepError: it is no function, its signature does not fit, or version or scope is none.
        NameClashError: textprep or another module has registered the name.
    """

    if function is None:
        return lambda function: _make_step(function, name, version, scope, idempotent)
    if isinstance(function, type) and issubclass(function, Step):
        check_named(function)
        return _registered(function)
    return _make_step(function, name, version, scope, idempotent)


def _registered(made: C) -> C:
    load_builtins("step")  # so that a name of theirs is taken before it can be claimed
    STEPS.add(made.name, made, owner=f"{CODE}{made.__module__}")
    return made


def _make_step(
    function: object, name: str | None, version: int | str | None, scope: Scope, idempotent: bool
) -> type[FunctionStep]:
    if not inspect.isfunction(function):
        raise StepError(f"@tp.step makes a step of a function written with def, not of {function!r:.60}")
    if isinstance(version, bool) or not isinstance(version, (int, str, NoneType)):
        raise StepError(f"@tp.step(version=…) is a whole number or a string, not {version!r:.60}")
    if scope not in get_args(Scope):
        raise StepError(f"@tp.step(scope=…) is one of {', '.join(get_args(Scope))}, not {scope!r:.60}")
    if not isinstance(idempotent, bool):
        raise StepError(f"@tp.step(idempotent=…) is True or False, not {idempotent!r:.60}")
    made = _options_model(function)
    made.__doc__ = inspect.getdoc(function) or (
        f"{function.__name__}, from module {function.__module__}, without a docstring."
    )
    made.__qualname__ = function.__qualname__
    made.name = name or function.__name__
    made.version = version if version is not None else _source_digest(function)
    made.scope = scope
    made.idempotent = idempotent
    made.function = staticmethod(function)
    return _registered(made)


def _options_model(function: FunctionType) -> type[FunctionStep]:
    """The class with an option for each keyword-only parameter."""
    name, module = function.__name__, function.__module__
    # Any: mypy cannot tell a field from create_model's own options
    fields: dict[str, Any] = _fields(function)
    try:
        return create_model(name, __base__=FunctionStep, __module__=module, **fields)
    except Exception as error:  # pydantic's own has no common base
        raise StepError(
            f"an option of step {name!r} is of a type that pydantic does not know; use one that "
            f"can be written as JSON, such as str, int or tuple[str, ...] ({_first_line(error)})"
        ) from error


def _fields(function: FunctionType) -> dict[str, tuple[Any, Any]]:
    """The keyword-only parameters as pydantic fields: name → (type, default)."""
    text, *options = inspect.signature(function).parameters.values() or (None,)
    wanted = f"@tp.step needs 'def {function.__name__}(text, *, option=default)'"
    if text is None or text.kind not in (text.POSITIONAL_ONLY, text.POSITIONAL_OR_KEYWORD):
        raise StepError(f"{wanted}: the first parameter is the text")
    for option in options:
        if complaint := _complaint(option):
            raise StepError(f"{wanted}: {complaint}")
    try:
        hints = get_type_hints(function)
    except Exception as error:  # whatever evaluating an annotation raises
        raise StepError(f"{wanted}: its annotations cannot be read: {_first_line(error)}") from error
    return {
        option.name: (hints.get(option.name, Any), ... if option.default is option.empty else option.default)
        for option in options
    }


def _complaint(option: inspect.Parameter) -> str | None:
    """Why the parameter cannot be an option."""
    if option.kind is not option.KEYWORD_ONLY:
        return f"{option.name!r} is not keyword-only; put a '*' before it"
    if option.name.startswith("_"):
        return f"an option cannot be called {option.name!r}: leave out the underscore that it begins with"
    if hasattr(Step, option.name) or option.name in ("name", "function"):
        return f"an option cannot be called {option.name!r}, every step has that already"
    return None


def _first_line(error: Exception) -> str:
    return f"{type(error).__name__}: {str(error).partition(chr(10))[0]}"


def _source_digest(function: FunctionType) -> str | None:
    if function.__closure__:  # what it captured makes a difference that its source does not show
        return None
    try:
        source = textwrap.dedent(inspect.getsource(function))
    except (OSError, TypeError):  # typed at a prompt, or compiled
        return None
    return "source:" + hashlib.blake2b(source.encode(), digest_size=8).hexdigest()
