"""An error in one line, with the option that it advises as it is typed in a terminal."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping

from textprep.errors import DatasetError, LoaderError, PreparationError, RunError, TextprepError
from textprep.visible import command

GROUPS: dict[type[TextprepError], str] = {
    DatasetError: "dataset",
    LoaderError: "loader",
    PreparationError: "tokenizer",
    RunError: "dataset",
}
"""The group that the option of an error belongs to; a run advises how to read the data that it is given."""


def as_typed(error: TextprepError) -> str:
    """The message in one line; the option that the error names as ``--set`` takes it, too.

    >>> print(as_typed(DatasetError("3 rows are too few", option="splits", value=None, hint="splits=None")))
    3 rows are too few; splits=None (in a command --set dataset.splits=none)
    """
    message = " ".join(str(error).split())
    group = next((group for kind, group in GROUPS.items() if isinstance(error, kind)), None)
    if error.option is None or group is None:
        return message
    options = {error.option: error.value, **error.also}
    typed = " ".join(f"--set {_setting(f'{group}.{option}', value)}" for option, value in options.items())
    return f"{message} (in a command {typed})"


def _setting(key: str, value: object) -> str:
    return f"{key}=…" if value is ... else command(f"{key}={_typed(value)}")


def _typed(value: object) -> str:
    if isinstance(value, str) and re.fullmatch(r"[^\W\d][\w./-]*", value):
        return value
    return "none" if value is None else _as_toml(value)


def _as_toml(value: object) -> str:
    """
    >>> _as_toml({"text": ["a", "\\t"], "deep": True})
    '{"text" = ["a", "\\\\t"], "deep" = true}'
    """
    if isinstance(value, Mapping):
        return f"{{{', '.join(f'{json.dumps(key)} = {_as_toml(inner)}' for key, inner in value.items())}}}"
    if isinstance(value, (list, tuple)):
        return f"[{', '.join(map(_as_toml, value))}]"
    return json.dumps(value, ensure_ascii=False, default=str)
