"""What a cleaning step is, and `step`, which makes one of a plain function.

A step is a frozen pydantic model that is called with a text and returns a text. Its options are its
fields. It declares a registered ``name``, a ``version`` that changes when its results change, and a
``scope``: ``"word"`` promises that for every text the words of the cleaned text are the words of its
cleaned words, in order (words being what ``str.split()`` gives); ``"document"`` promises nothing.
"""

from __future__ import annotations

import hashlib
import inspect
import textwrap
from collections.abc import Callable, Iterable
from types import FunctionType, NoneType
from typing import TYPE_CHECKING, Any, ClassVar, Literal, TypeVar, cast, get_args, get_type_hints, overload

from pydantic import BaseModel, ConfigDict, ValidationError, create_model

from textprep import plugins
from textprep.errors import StepError
from textprep.options import explain_validation, plain_options
from textprep.registry import STEPS
from textprep.steps.edits import Edit

if TYPE_CHECKING:
    import pyarrow as pa

Scope = Literal["word", "document"]
TextFunction = Callable[..., str]


class Step(BaseModel):
    """Base of every cleaning step: ``str → str``.

    A subclass sets ``name`` and ``version``, declares its options as fields, and defines ``__call__``:

    >>> class Shout(Step):
    ...     name = "shout"
    ...     marks: int = 1
    ...     def __call__(self, text: str) -> str:
    ...         return text.upper() + "!" * self.marks
    >>> Shout(marks=2)("great film")
    'GREAT FILM!!'

    Raises:
        StepError: an option is unknown or has a value that it cannot have, or the class has no name.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", validate_default=True)

    name: ClassVar[str]
    version: ClassVar[int | str | None] = 1
    scope: ClassVar[Scope] = "document"

    def __init__(self, /, *texts: object, **options: Any) -> None:
        if texts:
            raise StepError(
                f"{type(self).__name__} makes a step from its options; call the step it makes: "
                f"{type(self).__name__}()({texts[0]!r:.40})"
            )
        _check_named(type(self))
        try:
            super().__init__(**options)
        except ValidationError as error:
            raise StepError(
                f"step {self.name!r}: {explain_validation(error, type(self).model_fields)}"
            ) from error

    def __init_subclass__(cls, **options: Any) -> None:
        """What describes or does the work of ``__call__`` is not inherited past a redefinition of it."""
        super().__init_subclass__(**options)
        if "__call__" in vars(cls):
            for method in ("clean_column", "fold_column", "edits"):
                if method not in vars(cls):
                    setattr(cls, method, vars(Step)[method])

    def __call__(self, text: str) -> str:
        """The cleaned text."""
        raise StepError(f"step {self.name!r} does not define __call__(self, text)")

    def clean_column(self, texts: pa.LargeStringArray) -> pa.LargeStringArray:
        """Many texts, each cleaned exactly as by calling the step; override it where a kernel is faster.

        Args:
            texts: (rows,) large_string without nulls: whole texts, or the distinct words of a corpus.
        """
        import pyarrow as pa

        return pa.array(_checked(self.name, map(self, texts.to_pylist())), pa.large_string())

    def fold_column(self, texts: pa.LargeStringArray) -> pa.LargeStringArray:
        """Whole texts, made more alike so that fewer distinct words are left to clean; unchanged by default.

        Override it in a step with the scope ``"word"`` if some of its work is nearly free on whole texts.
        Cleaning what comes out must give exactly what cleaning ``texts`` gives.
        """
        return texts

    def edits(self, text: str) -> Iterable[Edit] | None:
        """What calling the step replaces in ``text``, in order (see `textprep.steps.edits`).

        Only `textprep.Pipeline.explain` asks. None, the default, leaves it to a comparison of the text
        before and after, which has to guess where the same change can be made in several ways. Override it
        in a step that knows: ``apply_edits(text, step.edits(text))`` must be ``step(text)`` for every text.
        """
        return None

    @property
    def has_kernel(self) -> bool:
        """Whether `clean_column` is more than a loop over the texts."""
        return type(self).clean_column not in (Step.clean_column, FunctionStep.clean_column)

    def options(self) -> dict[str, Any]:
        """The options as plain JSON values.

        Raises:
            TextprepError: JSON has nothing to write a value as.
        """
        return plain_options(self)


class FunctionStep(Step):
    """A step that runs a plain function; `step` makes its subclasses."""

    function: ClassVar[TextFunction]

    def __call__(self, text: str) -> str:
        """What the function returns for ``text`` and the options."""
        return _checked(self.name, [type(self).function(text, **self._options())])[0]

    def clean_column(self, texts: pa.LargeStringArray) -> pa.LargeStringArray:
        """What the function returns for each of many texts."""
        import pyarrow as pa

        function, options = type(self).function, self._options()
        cleaned = (function(text, **options) for text in texts.to_pylist())
        return pa.array(_checked(self.name, cleaned), pa.large_string())

    def _options(self) -> dict[str, Any]:
        return {name: getattr(self, name) for name in type(self).model_fields}


def _checked(name: str, cleaned: Iterable[object]) -> list[str]:
    """``cleaned`` as a list, if all are texts."""
    texts = list(cleaned)
    if set(map(type, texts)) - {str}:
        for text in texts:
            if not isinstance(text, str):
                raise StepError(f"step {name!r} returned {type(text).__name__}, not str: {text!r:.60}")
    return cast("list[str]", texts)


C = TypeVar("C", bound=type[Step])


@overload
def step(function: C, /) -> C: ...
@overload
def step(function: TextFunction, /) -> type[FunctionStep]: ...
@overload
def step(
    *, name: str | None = None, version: int | str | None = None, scope: Scope = "document"
) -> Callable[[TextFunction], type[FunctionStep]]: ...
def step(
    function: TextFunction | type[Step] | None = None,
    /,
    *,
    name: str | None = None,
    version: int | str | None = None,
    scope: Scope = "document",
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
        scope: ``"word"`` if the function never looks across white space (see the module's docstring).

    Raises:
        StepError: it is no function, its signature does not fit, or version or scope is none.
        NameClashError: textprep or another module has registered the name.
    """

    if function is None:
        return lambda function: _make_step(function, name, version, scope)
    if isinstance(function, type) and issubclass(function, Step):
        _check_named(function)
        return _registered(function)
    return _make_step(function, name, version, scope)


def _check_named(made: type[Step]) -> None:
    if not hasattr(made, "name"):
        raise StepError(f'the step class {made.__name__} has no name: write name = "…" in it')


def _registered(made: C) -> C:
    plugins.load_builtins("step")  # so that a name of theirs is taken before it can be claimed
    STEPS.add(made.name, made, owner=f"code in module {made.__module__}")
    return made


def _make_step(
    function: object, name: str | None, version: int | str | None, scope: Scope
) -> type[FunctionStep]:
    if not inspect.isfunction(function):
        raise StepError(f"@tp.step makes a step of a function written with def, not of {function!r:.60}")
    if isinstance(version, bool) or not isinstance(version, (int, str, NoneType)):
        raise StepError(f"@tp.step(version=…) is a whole number or a string, not {version!r:.60}")
    if scope not in get_args(Scope):
        raise StepError(f"@tp.step(scope=…) is one of {', '.join(get_args(Scope))}, not {scope!r:.60}")
    made = _options_model(function)
    made.__doc__ = inspect.getdoc(function) or (
        f"{function.__name__}, from module {function.__module__}, without a docstring."
    )
    made.__qualname__ = function.__qualname__
    made.name = name or function.__name__
    made.version = version if version is not None else _source_digest(function)
    made.scope = scope
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
