"""What a cleaning step is; `textprep.steps.function` makes one of a plain function.

A step is a frozen pydantic model that is called with a text and returns a text. Its options are its
fields. It declares a registered ``name``, a ``version`` that changes when its results change, and a
``scope``: ``"word"`` promises that for every text the words of the cleaned text are the words of its
cleaned words, in order (words being what ``str.split()`` gives); ``"document"`` promises nothing.
It says whether it is ``idempotent``: whether, with its default options, cleaning what is clean changes
nothing.
"""

from __future__ import annotations

import inspect
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, ClassVar, Literal, cast

from pydantic import BaseModel, ConfigDict, ValidationError

from textprep.errors import StepError
from textprep.notebook import call, shown
from textprep.options import explain_validation, plain_options
from textprep.steps.edits import Edit

if TYPE_CHECKING:
    import pyarrow as pa

Scope = Literal["word", "document"]


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
    libraries: ClassVar[tuple[str, ...]] = ()
    idempotent: ClassVar[bool] = False

    def __init__(self, /, *texts: object, **options: Any) -> None:
        if texts:
            raise StepError(
                f"{type(self).__name__} makes a step from its options; call the step it makes: "
                f"{type(self).__name__}()({texts[0]!r:.40})"
            )
        check_named(type(self))
        try:
            super().__init__(**options)
        except ValidationError as error:
            raise StepError(
                f"step {self.name!r}: {explain_validation(error, type(self).model_fields)}"
            ) from error

    def __init_subclass__(cls, **options: Any) -> None:
        """Do not inherit what describes or does the work of ``__call__`` past a redefinition of it.

        Without this, a subclass of `Lowercase` with its own ``__call__`` would run Lowercase's kernel over
        columns, and give other ids there than for one text. A check in the kit helps only those who run it.
        """
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

        return pa.array(checked_texts(self.name, map(self, texts.to_pylist())), pa.large_string())

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
        return type(self).clean_column is not Step.clean_column

    def _repr_html_(self) -> str:
        """Name and options, what it does, version and scope."""
        summary = (inspect.getdoc(self) or "").split("\n\n")[0].replace("``", "")
        about = f"step, version {self.version}, scope {self.scope}"
        return f"<p>{call(self)} <small>{shown(about)}</small><br>{shown(summary)}</p>"

    def options(self) -> dict[str, Any]:
        """The options as plain JSON values.

        Raises:
            TextprepError: JSON has nothing to write a value as.
        """
        return plain_options(self)


def check_named(made: type[Step]) -> None:
    """Raise a `StepError` if a step class has no name."""
    if not hasattr(made, "name"):
        raise StepError(f'the step class {made.__name__} has no name: write name = "…" in it')


def checked_texts(name: str, cleaned: Iterable[object]) -> list[str]:
    """``cleaned`` as a list, if all are texts."""
    texts = list(cleaned)
    if set(map(type, texts)) - {str}:
        for text in texts:
            if not isinstance(text, str):
                raise StepError(f"step {name!r} returned {type(text).__name__}, not str: {text!r:.60}")
    return cast("list[str]", texts)
