"""Which columns of a source hold what: the options of `load_dataset` about columns, checked."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

from textprep.datasets.schema.classes import NOTHING, checked_class_names, in_order, threshold_names
from textprep.datasets.schema.labels import checked_labels
from textprep.errors import DatasetError, nearest_first

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
        labels: label → the class that it means.
        strip: whether white space around labels is left out.
    """

    text: tuple[str, ...] = ("text",)
    label: tuple[str, ...] = ("label",)
    pair: str | None = None
    join: str = "\n"
    multi_label: bool | str = False
    threshold: float | None = None
    empty_text: str = "keep"
    labels: Mapping[str, str] = NOTHING
    strip: bool = False

    @property
    def names(self) -> tuple[str, ...]:
        """Every column that must be there."""
        return (*self.text, *((self.pair,) if self.pair else ()), *self.label)

    @property
    def several(self) -> bool:
        """Whether a row may have several labels."""
        return bool(self.multi_label) or len(self.label) > 1


def checked_columns(
    text: Any, label: Any, pair: Any, join: Any, multi_label: Any, threshold: Any, empty_text: Any,
    labels: Any = None,
) -> Columns:  # fmt: skip
    """The options as `Columns`.

    Raises:
        DatasetError: one cannot be used, or two name the same column.
    """
    given = {"text": text, "label": label, "pair": pair, "join": join}
    given |= {"multi_label": multi_label, "threshold": threshold, "empty_text": empty_text}
    for option, value in given.items():
        is_good, wanted = WANTED[option]
        if not is_good(value):
            raise DatasetError(f"{option}= is {wanted}, not {value!r:.60}", option=option)
    named = checked_labels(labels)
    columns = Columns(_names(text), _names(label), pair, join, multi_label, threshold, empty_text, named)
    _check_distinct(columns)
    if threshold is not None and (columns.several or not columns.label):
        raise DatasetError("threshold= is for one column of labels that are numbers", option="threshold")
    if threshold is not None and named:
        raise DatasetError(
            "with threshold=, class_names= names the two classes, not labels=", option="labels"
        )
    return columns


def _names(given: Any) -> tuple[str, ...]:
    """One name, or a list of names; empty if it is neither."""
    if isinstance(given, str):
        return (given,)
    is_list = isinstance(given, Sequence) and not isinstance(given, bytes)
    return tuple(given) if is_list and all(isinstance(name, str) for name in given) else ()


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


WANTED: dict[str, tuple[Callable[[Any], bool], str]] = {  # of each option when it is good, and what it is
    "text": (lambda value: bool(_names(value)), "the name of the column that holds the texts, or a list"),
    "label": (
        lambda value: value is None or bool(_names(value)),
        "the name of the column that holds the labels, a list, or None",
    ),
    "pair": (
        lambda value: value is None or isinstance(value, str),
        "the name of the column of the second texts, or None",
    ),
    "join": (lambda value: isinstance(value, str), "the text between joined texts"),
    "multi_label": (
        lambda value: isinstance(value, bool) or (isinstance(value, str) and value != ""),
        "True, or the string that separates labels, such as '|'",
    ),
    "threshold": (lambda value: value is None or _is_number(value), "a number"),
    "empty_text": (lambda value: value in ("keep", "reject"), "'keep' or 'reject'"),
}


def _check_distinct(columns: Columns) -> None:
    """Raise `DatasetError` if two options name one column."""
    option_of: dict[str, str] = {}
    pairs = (columns.pair,) if columns.pair else ()
    for option, names in {"text": columns.text, "label": columns.label, "pair": pairs}.items():
        for name in names:
            if name in option_of and name != GUESS:
                advice = "name two" + (", or say label=None" if "label" in (option_of[name], option) else "")
                problem = f"{option_of[name]}= and {option}= are the same column {name!r}"
                raise DatasetError(problem, option=option, hint=advice)
            option_of[name] = option


def checked_classes(class_names: object, columns: Columns) -> tuple[str, ...] | None:
    """The classes in the order of their ids, where the options say them.

    Raises:
        DatasetError: they cannot be used, or are not two although there is a threshold.
    """
    names = None if class_names is None else checked_class_names(class_names)
    if len(columns.label) > 1:
        return in_order((), columns.label, columns.labels)
    if columns.threshold is not None:
        names = names or threshold_names(columns.threshold)
        if len(names) != 2:
            raise DatasetError(
                f"threshold= divides labels into two classes; class_names= has {len(names)}",
                option="class_names",
            )
    unknown = [name for name in columns.labels.values() if names and name not in names]
    if unknown:
        known = ", ".join(nearest_first(unknown[0], names or ()))
        raise DatasetError(
            f"labels= names a class {unknown[0]!r} that does not exist; there are: {known}",
            option="labels",
            hint="the label of the data comes first, its class second",
        )
    return names


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
            raise DatasetError(
                f"text= and label= are the same column {label!r}",
                option="label",
                hint="name two, or say label=None",
            )
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
