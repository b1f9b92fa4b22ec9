"""Which columns of a source hold what: the options of `load_dataset` about columns, checked."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from textprep.datasets.schema.classes import threshold_names
from textprep.errors import DatasetError

GUESS = "?"
TEXTS = (
    "text", "review", "review_text", "sentence", "content", "body", "document", "article", "tweet", "comment",
    "comment_text", "message", "utterance", "question", "headline", "description", "title", "summary",
)  # fmt: skip
LABELS = (
    "label", "sentiment", "class", "category", "target", "polarity", "topic", "intent", "emotion", "stars",
    "rating", "tag", "labels", "y",
)  # fmt: skip


class Columns(NamedTuple):
    """Which columns of a source hold what, and what their values must be.

    Attributes:
        text: the columns that hold the text; several are joined.
        label: the column of the labels; several hold a yes or no for each class; none where unlabelled.
        pair: the column of the second text of a pair.
        join: what stands between joined texts.
        multi_label: whether a row may have several labels: a list, or a text in which this string parts them.
        threshold: where labels are numbers, from which on they are of the second class.
        empty_text: whether a text without a visible character is ``"keep"`` or ``"reject"``.
    """

    text: tuple[str, ...] = ("text",)
    label: tuple[str, ...] = ("label",)
    pair: str | None = None
    join: str = "\n"
    multi_label: bool | str = False
    threshold: float | None = None
    empty_text: str = "keep"

    @property
    def names(self) -> tuple[str, ...]:
        """Every column that must be there."""
        return (*self.text, *((self.pair,) if self.pair else ()), *self.label)

    @property
    def several(self) -> bool:
        """Whether a row may have several labels."""
        return bool(self.multi_label) or len(self.label) > 1


def checked_columns(
    text: Any, label: Any, pair: Any, join: Any, multi_label: Any, threshold: Any, empty_text: Any
) -> Columns:
    """The options as `Columns`.

    Raises:
        DatasetError: one cannot be used, or two name the same column.
    """
    texts = (text,) if isinstance(text, str) else _names(text)
    labels = () if label is None else (label,) if isinstance(label, str) else _names(label)
    if not texts:
        raise DatasetError(
            f"text= is the name of the column that holds the texts, or a list, not {text!r:.60}"
        )
    if not labels and label is not None:
        raise DatasetError(
            f"label= is the name of the column that holds the labels, a list, or None, not {label!r:.60}"
        )
    if pair is not None and not isinstance(pair, str):
        raise DatasetError(f"pair= is the name of the column of the second texts, or None, not {pair!r:.60}")
    columns = Columns(texts, labels, pair, join, multi_label, threshold, empty_text)
    _check_distinct(columns)
    _check_values(columns)
    return columns


def _names(given: Any) -> tuple[str, ...]:
    """A list of names; empty if it is none."""
    if (
        isinstance(given, Sequence)
        and not isinstance(given, bytes)
        and all(isinstance(name, str) for name in given)
    ):
        return tuple(given)
    return ()


def _check_distinct(columns: Columns) -> None:
    option_of: dict[str, str] = {}
    options = [*(("text=", name) for name in columns.text), *(("label=", name) for name in columns.label)]
    for option, name in [*options, *([("pair=", columns.pair)] if columns.pair else [])]:
        if name in option_of and name != "?":
            other = option_of[name]
            advice = "name two" + (", or say label=None" if "label=" in (other, option) else "")
            raise DatasetError(f"{other} and {option} are the same column {name!r}: {advice}")
        option_of[name] = option


def _check_values(columns: Columns) -> None:
    if not isinstance(columns.join, str):
        raise DatasetError(f"join= is the text between joined texts, not {columns.join!r:.60}")
    if not isinstance(columns.multi_label, bool) and not (
        isinstance(columns.multi_label, str) and columns.multi_label
    ):
        raise DatasetError(
            "multi_label= is True, or the string that parts labels such as '|', "
            f"not {columns.multi_label!r:.60}"
        )
    threshold = columns.threshold
    if threshold is not None and (isinstance(threshold, bool) or not isinstance(threshold, (int, float))):
        raise DatasetError(f"threshold= is a number, not {threshold!r:.60}")
    if threshold is not None and (columns.several or not columns.label):
        raise DatasetError("threshold= is for one column of labels that are numbers")
    if columns.empty_text not in ("keep", "reject"):
        raise DatasetError(f"empty_text= is 'keep' or 'reject', not {columns.empty_text!r}")


def checked_pair(names: tuple[str, ...] | None, threshold: float) -> tuple[str, str]:
    """The names of the two classes below and from the threshold on.

    Raises:
        DatasetError: there are not two.
    """
    if names is None:
        return threshold_names(threshold)
    if len(names) != 2:
        raise DatasetError(f"threshold= parts labels into two classes; class_names= has {len(names)}")
    return names[0], names[1]


def guessed(columns: Columns, names: Sequence[str]) -> tuple[Columns, str | None]:
    """The columns with what is to be guessed put in, and what people should know about it.

    A source that holds the text alone is unlabelled. What cannot be guessed gets its usual name, and the
    first row then says that there is no such column.

    >>> guessed(Columns(("?",), ("?",)), ["id", "Review", "sentiment"])[1]
    "guessed from the header: text='Review', label='sentiment'; say text= and label= to choose"
    """
    said: dict[str, str] = {}
    if columns.text == (GUESS,):
        taken = [name for name in names if name not in (*columns.label, columns.pair)]
        said["text"] = _first(TEXTS, taken) or (taken[0] if len(taken) == 1 else "text")
        columns = columns._replace(text=(said["text"],))
    if columns.label == (GUESS,):
        others = [name for name in names if name not in (*columns.text, columns.pair)]
        label = _first(LABELS, others) or "label"
        if label in columns.text and others:
            raise DatasetError(f"text= and label= are the same column {label!r}: name two, or say label=None")
        columns = columns._replace(label=(label,) if others else ())
        said |= {"label": label} if others else {}
    usual = all(key == name for key, name in said.items())
    note = ", ".join(f"{key}={name!r}" for key, name in said.items())
    options = " and ".join(f"{key}=" for key in said)
    return columns, None if usual else f"guessed from the header: {note}; say {options} to choose"


def _first(wanted: Sequence[str], names: Sequence[str]) -> str | None:
    """The name that comes first among those wanted, however it is written."""
    plain = {
        str(name).strip().casefold().replace(" ", "_").replace("-", "_"): name for name in reversed(names)
    }
    return next((plain[name] for name in wanted if name in plain), None)
