"""Which columns of a source hold what: the options of `load_dataset` about them, and guesses."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Literal, NamedTuple

from pydantic import Field, PlainValidator

from textprep.datasets.schema.classes import NOTHING, checked_class_names, in_order, threshold_names
from textprep.datasets.schema.labels import checked_labels
from textprep.datasets.splits.options import checked
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


def _names(given: Any) -> tuple[str, ...]:
    """One name, or a list of names."""
    names = [given] if isinstance(given, str) else given
    if not isinstance(names, Sequence) or not names or not all(isinstance(name, str) for name in names):
        raise ValueError
    return tuple(names)


Names = Annotated[tuple[str, ...], PlainValidator(_names)]
Nameless = PlainValidator(lambda given: () if given is None else _names(given))


class Columns(NamedTuple):
    """Which columns of a source hold what, and what their values must be; `Columns.of` checks options.

    Attributes:
        text: the columns that hold the text; several are joined.
        label: the column of the labels; several hold a yes or no for each class; none where unlabelled.
        pair: the column of the second text of a pair.
        join: what stands between joined texts.
        multi_label: whether a row may have several labels: a list, or a text in which this string parts them.
        threshold: where labels are numbers, from which on they are of the second class.
        empty_text: whether a text without a visible character is ``"keep"`` or ``"reject"``.
        labels: label → the class that it means.
        class_names: the classes in the order of their ids, and the only ones allowed; ``None`` allows any.
        strip: whether white space around labels is left out.
    """

    text: Annotated[Names, Field(description="the name of the column that holds the texts, or a list")] = (
        "text",
    )
    label: Annotated[
        tuple[str, ...],
        Nameless,
        Field(description="the name of the column that holds the labels, a list, or None"),
    ] = ("label",)
    pair: Annotated[str | None, Field(description="the name of the column of the second texts, or None")] = (
        None
    )
    join: Annotated[str, Field(description="the text between joined texts")] = "\n"
    multi_label: Annotated[
        bool | Annotated[str, Field(min_length=1)],
        Field(description="True, or the string that separates labels, such as '|'"),
    ] = False
    threshold: Annotated[int | float | None, Field(description="a number")] = None
    empty_text: Annotated[Literal["keep", "reject"], Field(description="'keep' or 'reject'")] = "keep"
    labels: Annotated[Mapping[str, str], PlainValidator(checked_labels)] = NOTHING
    class_names: Annotated[tuple[str, ...] | None, PlainValidator(checked_class_names)] = None
    strip: bool = False

    @classmethod
    def of(cls, **options: Any) -> Columns:
        """The columns by these options.

        Raises:
            DatasetError: one cannot be used, or not with another.
        """
        columns: Columns = checked(cls, {"labels": None, **options})
        _check_distinct(columns)
        _check_threshold(columns)
        names = columns.class_names
        unknown = [name for name in columns.labels.values() if names and name not in names]
        if unknown and len(columns.label) < 2:
            known = ", ".join(nearest_first(unknown[0], names or ()))
            raise DatasetError(
                f"labels= names a class {unknown[0]!r} that does not exist; there are: {known}",
                option="labels",
                hint="the label of the data comes first, its class second",
            )
        if len(columns.label) > 1:
            names = in_order((), columns.label, columns.labels)
        elif columns.threshold is not None:
            names = names or threshold_names(columns.threshold)
        return columns._replace(class_names=names)

    @property
    def names(self) -> tuple[str, ...]:
        """Every column that must be there."""
        return (*self.text, *((self.pair,) if self.pair else ()), *self.label)

    @property
    def several(self) -> bool:
        """Whether a row may have several labels."""
        return bool(self.multi_label) or len(self.label) > 1


def _check_distinct(columns: Columns) -> None:
    """Raise `DatasetError` if two options name one column."""
    option_of: dict[str, str] = {}
    pairs = (columns.pair,) if columns.pair else ()
    for option, names in {"text": columns.text, "label": columns.label, "pair": pairs}.items():
        for name in names:
            if name in option_of and name != GUESS:
                raise _same_column(name, option_of[name], option)
            option_of[name] = option


def _same_column(name: str, first: str, second: str) -> DatasetError:
    advice = "name two" + (", or say label=None" if "label" in (first, second) else "")
    return DatasetError(f"{first}= and {second}= are the same column {name!r}", option=second, hint=advice)


def _check_threshold(columns: Columns) -> None:
    """Raise `DatasetError` if labels that are no two classes have a threshold."""
    if columns.threshold is None:
        return
    if columns.several or not columns.label:
        raise DatasetError("threshold= is for one column of labels that are numbers", option="threshold")
    if columns.labels:
        raise DatasetError(
            "with threshold=, class_names= names the two classes, not labels=", option="labels"
        )
    if columns.class_names and len(columns.class_names) != 2:
        raise DatasetError(
            f"threshold= divides labels into two classes; class_names= has {len(columns.class_names)}",
            option="class_names",
        )


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
            raise _same_column(label, "text", "label")
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
