"""What an error advises to Python, as it is typed in a terminal."""

from __future__ import annotations

import inspect
import re

from textprep.errors import DatasetError, TextprepError

_OPTION = re.compile(r"""(?<![\w.])(\w+)=(?:"(\w+)"|(None)|(\w+)\b)?""")
OF_READERS = {"encoding", "delimiter", "path"}


def as_typed(error: TextprepError) -> str:
    """The message in one line; the options of a data set that it names as ``--set`` takes them, too.

    >>> print(as_typed(DatasetError("3 rows are too few; splits=None keeps all")))
    3 rows are too few; splits=None keeps all (in a command --set dataset.splits=none)
    """
    message = " ".join(str(error).split())
    if not isinstance(error, DatasetError) or "--set" in message:
        return message
    options = list(
        dict.fromkeys(_typed(match) for match in _OPTION.finditer(message) if _is_option(match[1]))
    )
    return f"{message} (in a command {', '.join(options)})" if options else message


def _typed(match: re.Match[str]) -> str:
    name, quoted, none, word = match.groups()
    return f"--set dataset.{name}={quoted or word or (none and 'none') or '…'}"


def _is_option(name: str) -> bool:
    from textprep.datasets.loading import load_dataset

    return name in OF_READERS or name in inspect.signature(load_dataset).parameters
