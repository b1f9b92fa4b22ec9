"""An error in one line, with the option that it advises as it is typed in a terminal."""

from __future__ import annotations

from textprep.errors import DatasetError, LoaderError, PreparationError, RunError, TextprepError

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
    return f"{message} (in a command --set {group}.{error.option}={_typed(error.value)})"


def _typed(value: object) -> str:
    if value is ...:
        return "…"
    return "none" if value is None else str(value).lower() if isinstance(value, bool) else str(value)
