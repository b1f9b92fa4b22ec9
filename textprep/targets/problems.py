"""What is wrong with a value, and what `textprep check` finds in the targets of a corpus."""

from __future__ import annotations

from typing import Any, NamedTuple


class BadValueError(Exception):
    """A value that cannot be used: the column, the reason, and the option that would help, with a hint.

    ``place`` is that of the word at fault, where a row has a value for each of its words.
    """

    def __init__(
        self,
        column: str,
        reason: str,
        option: str | None = None,
        hint: str | None = None,
        value: Any = ...,
        *,
        place: int | None = None,
    ) -> None:
        super().__init__(column, reason)
        self.column, self.reason, self.option, self.hint, self.value = column, reason, option, hint, value
        self.place = place


def check_whole(column: str, text: str, what: str = "") -> str:
    """The text, unless it holds half of a surrogate pair."""
    if not text.isascii():
        try:
            text.encode()
        except UnicodeEncodeError as error:
            half = f"character {error.start} is {text[error.start]!r}, half of a surrogate pair"
            raise BadValueError(column, f"{what}{half}: no file can hold it") from error
    return text


class Problem(NamedTuple):
    """What `textprep check` finds in the targets of a corpus.

    Attributes:
        name: of the finding.
        wrong: whether it is to be mended; else it is worth knowing.
        times: how often it is there.
        says: what it is and what to do.
    """

    name: str
    wrong: bool
    times: int
    says: str
