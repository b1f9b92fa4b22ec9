"""Every error that textprep raises on purpose.

    TextprepError
    ├── ConfigError            a configuration file or an override that cannot be used
    ├── UnknownNameError       no component or split of that name; lists what exists, nearest first
    ├── NameClashError         two owners for one registered name
    ├── StepError              a cleaning step that cannot be made or that failed on a text
    ├── TokenizerError         a tokenizer that is not fitted, or cannot be
    ├── PipelineError          a pipeline that cannot be fitted, saved or loaded
    ├── DatasetError           a source, a row or a label that cannot be used
    ├── PreparationError       a prepared store that is missing, damaged or cannot be written
    ├── LoaderError            a batch plan or a loader state that cannot be used
    └── RunError               a run directory that is missing, damaged or cannot be written

A message says what is wrong, where (file, line or row, column) and what to do. The command line prints
it as one line; in Python, ``except tp.TextprepError`` catches them all.

What a program may want to know of an error is in its fields. No code looks into a message.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from difflib import SequenceMatcher


class TextprepError(Exception):
    """Base of every error that textprep raises on purpose.

    >>> error = DatasetError("2 rows are too few", option="splits", value=None, hint="splits=None keeps all")
    >>> print(error)
    2 rows are too few; splits=None keeps all
    >>> error.option, error.value
    ('splits', None)

    Attributes:
        message: what is wrong, and where.
        file, line, column: the place in the data; ``None`` where there is none.
        option: the option to change, without the group it belongs to; ``None`` where no option helps.
        value: what to set it to; ``...`` where only the user can know.
        also: further options to set with it.
        hint: what to do, as one says it in Python; the command line adds how ``option`` is given there.
    """

    def __init__(
        self,
        message: object = "",
        *args: object,
        file: str | None = None,
        line: int | None = None,
        column: str | None = None,
        option: str | None = None,
        value: object = ...,
        also: Mapping[str, object] | None = None,
        hint: str | None = None,
    ) -> None:
        super().__init__(message, *args)
        self.message, self.hint = str(message), hint
        self.file, self.line, self.column = file, line, column
        self.option, self.value, self.also = option, value, dict(also or {})

    def __str__(self) -> str:
        return f"{self.message}; {self.hint}" if self.hint else self.message


class ConfigError(TextprepError):
    """A configuration file, an option or an override cannot be used."""


class UnknownNameError(TextprepError, KeyError):
    """No component is registered under that name, or no split is called so."""


class NameClashError(TextprepError):
    """A registered name would get a second owner."""


class StepError(TextprepError):
    """A cleaning step cannot be made, or failed on a text."""


class TokenizerError(TextprepError):
    """A tokenizer is not fitted, or cannot be fitted."""


class PipelineError(TextprepError):
    """A pipeline cannot be fitted, saved or loaded."""


class DatasetError(TextprepError):
    """A source, a row or a label cannot be used."""


class Stopped(KeyboardInterrupt):
    """Ctrl-C, in the middle of what the command ``args[0]`` goes on with."""


class PreparationError(TextprepError):
    """A prepared store is missing, damaged or cannot be written."""


class LoaderError(TextprepError):
    """A batch plan or a loader state cannot be used."""


class RunError(TextprepError):
    """A run directory is missing, damaged or cannot be written."""


class PluginWarning(UserWarning):
    """A plugin could not be loaded; everything that does not need it goes on."""


def nearest_first(wanted: str, names: Iterable[str]) -> list[str]:
    """``names``, those most like ``wanted`` first.

    >>> nearest_first("lowercas", ["strip_markup", "lowercase"])
    ['lowercase', 'strip_markup']
    """
    return sorted(names, key=lambda name: (-SequenceMatcher(None, wanted.lower(), name).ratio(), name))


def cause(error: BaseException) -> str:
    """The error in one line; its class as well, unless the message is one of textprep's own.

    >>> cause(ZeroDivisionError("division by zero")), cause(StepError("step 'x' failed"))
    ('ZeroDivisionError: division by zero', "step 'x' failed")
    """
    message = " ".join(str(error).split())
    return message if isinstance(error, TextprepError) else f"{type(error).__name__}: {message}"
