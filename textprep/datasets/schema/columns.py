"""Which columns of a source hold what: the options of `load_dataset` about them, and guesses."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from difflib import get_close_matches
from typing import TYPE_CHECKING, Annotated, Any, Literal, NamedTuple

from pydantic import Field, PlainValidator

from textprep.datasets.splits.options import checked
from textprep.errors import DatasetError, UnknownNameError
from textprep.extra.kinds import Extra, extras_of
from textprep.registry import TARGETS
from textprep.targets import Target, target_of
from textprep.targets.one_class import ClassTarget

if TYPE_CHECKING:
    import pyarrow as pa

GUESS = "?"
TEXTS = (
    "text", "review", "review_text", "sentence", "content", "body", "document", "article", "tweet", "comment",
    "comment_text", "message", "utterance", "question", "headline", "description", "title", "summary",
    "premise", "sentence1", "question1", "tokens",
)  # fmt: skip
PAIRS = (("premise", "hypothesis"), ("sentence1", "sentence2"), ("question1", "question2"))
LABELS = (
    "label", "sentiment", "class", "category", "target", "polarity", "topic", "intent", "emotion", "stars",
    "rating", "tag", "labels", "y", "tags", "ner_tags", "entities", "spans",
)  # fmt: skip

USUAL = {"text": ("text", "tokens"), "label": ("label", "tags")}


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
        label: the columns that the target is read from; none where unlabelled.
        pair: the column of the second text of a pair.
        join: what stands between joined texts.
        empty_text: ``"keep"`` or ``"reject"``, a first or a second text without a visible character.
        target: what a model is to learn from a row.
        strip: whether white space around labels is left out.
        extra: further columns that go with the rows into batches.
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
    empty_text: Annotated[Literal["keep", "reject"], Field(description="'keep' or 'reject'")] = "keep"
    target: Annotated[Target, PlainValidator(lambda given: given)] = ClassTarget()
    strip: bool = False
    extra: Annotated[Mapping[str, Extra], PlainValidator(extras_of)] = {}

    @classmethod
    def of(cls, target: Any = None, about_target: Mapping[str, Any] | None = None, **options: Any) -> Columns:
        """The columns by these options.

        Args:
            target: a kind of target, or ``None`` for what the other options say.
            about_target: options of the target, where they are not ``None``.
            **options: the fields.

        Raises:
            DatasetError: one cannot be used, or not with another.
        """
        columns: Columns = checked(cls, {"extra": None, **options})
        _check_distinct(columns)
        given = {name: value for name, value in (about_target or {}).items() if value is not None}
        _check_labelled(columns, given)
        kind = _usual_kind(columns, given) if target is None else target
        made = _target(kind, given)
        if made.from_text:
            _check_unread(columns, made)
            columns = columns._replace(label=())
        if made.per_token and columns.pair:
            raise DatasetError(
                f"the target {made.name!r} is one for each token of one text, and pair= gives a second one",
                option="pair", value=None, hint="leave pair= out",
            )  # fmt: skip
        return columns._replace(target=made.for_columns(columns.label))

    @property
    def own(self) -> tuple[str, ...]:
        """The columns of which a split makes its own."""
        return (*self.text, *((self.pair,) if self.pair else ()), *self.label)

    def has_words(self, schema: pa.Schema) -> bool:
        """Whether the texts of a table are lists of words, and the target takes these."""
        return self.target.takes_words and len(self.text) == 1 and is_words(schema.field(self.text[0]).type)

    def with_usual(self, target: str) -> Columns:
        """With the kind of target that such rows have, in place of the usual one.

        Raises:
            DatasetError: an option of the usual target has no meaning for it.
        """
        options = {name: value for name, value in self.target.record().items() if name != "name"}
        return self._replace(target=_target(target, options))

    @property
    def names(self) -> tuple[str, ...]:
        """Every column that must be there."""
        return (*self.own, *self.extra)


def _usual_kind(columns: Columns, about_target: Mapping[str, Any]) -> str:
    """The kind of target where nobody says one."""
    return "classes" if len(columns.label) > 1 or "separator" in about_target else "class"


def _check_labelled(columns: Columns, about_target: Mapping[str, Any]) -> None:
    """Raise `DatasetError` if an option says how labels are read where none are."""
    for option in set(about_target) & {"threshold", "separator"}:
        if not columns.label:
            raise DatasetError(
                f"{option}= says how labels are read, and label=None reads none", option="label",
                hint=f"name their column, or leave {option}= out",
            )  # fmt: skip


def _check_unread(columns: Columns, target: Target) -> None:
    """Raise `DatasetError` if an option says what else is read than the one text that ``target`` needs."""
    unread = {"label": columns.label not in ((), (GUESS,), ("label",)), "pair": columns.pair is not None}
    for option in (option for option, is_given in unread.items() if is_given):
        raise DatasetError(
            f"the target {target.name!r} is learned from one text a row, and reads no {option}",
            option=option, value=None, hint=f"leave {option}= out",
        )  # fmt: skip


def _target(kind: Any, options: Mapping[str, Any]) -> Target:
    """The target with these options of `load_dataset`.

    Raises:
        UnknownNameError: there is no such kind.
        DatasetError: it has no such option.
    """
    try:
        target = target_of(kind)
    except UnknownNameError as error:
        error.option = "target"
        if not get_close_matches(str(kind), TARGETS.names(), 1, 0.75):
            error.hint = f"where it is the column of the labels, say label={kind!r}"
        raise
    for option in options:
        if option not in type(target).model_fields:
            raise DatasetError(
                f"{option}= has no meaning for the target {target.name!r}", option="target",
                hint=f"leave {option}= out, or give another target=",
            )  # fmt: skip
    return target_of(target, **options)


def _check_distinct(columns: Columns) -> None:
    """Raise `DatasetError` if two options name one column."""
    option_of: dict[str, str] = {}
    pairs = (columns.pair,) if columns.pair else ()
    named = {"text": columns.text, "label": columns.label, "pair": pairs, "extra": tuple(columns.extra)}
    for option, names in named.items():
        for name in names:
            if name in option_of and name != GUESS:
                raise _same_column(name, option_of[name], option)
            option_of[name] = option


def _same_column(name: str, first: str, second: str) -> DatasetError:
    advice = "name two" + (", or say label=None" if "label" in (first, second) else "")
    return DatasetError(f"{first}= and {second}= are the same column {name!r}", option=second, hint=advice)


def is_words(kind: pa.DataType) -> bool:
    """Whether values of an Arrow type are lists of strings."""
    import pyarrow as pa

    return _is_list(kind) and bool(kind.value_type in (pa.string(), pa.large_string()))


def is_tags(kind: pa.DataType) -> bool:
    """Whether values of an Arrow type are lists of plain values, not of lists or mappings."""
    import pyarrow as pa

    return _is_list(kind) and not pa.types.is_nested(kind.value_type)


def is_spans(kind: pa.DataType) -> bool:
    """Whether values of an Arrow type are lists of mappings that say where something starts."""
    import pyarrow as pa

    return (
        _is_list(kind)
        and pa.types.is_struct(kind.value_type)
        and kind.value_type.get_field_index("start") >= 0
    )


def _is_list(kind: pa.DataType) -> bool:
    import pyarrow as pa

    return bool(pa.types.is_list(kind) or pa.types.is_large_list(kind))


def guessed(columns: Columns, names: Sequence[str]) -> tuple[Columns, str | None]:
    """The columns with what is to be guessed put in, and what people should know about it.

    A source that holds the text alone is unlabelled. What cannot be guessed gets its usual name, and the
    first row then says that there is no such column.

    >>> guessed(Columns(("?",), ("?",)), ["id", "Review", "sentiment"])[1]
    "guessed from the header: text='Review', label='sentiment'; say text= and label= to choose"

    Raises:
        DatasetError: the text would be guessed among two columns that are called as the texts of a pair are.
    """
    said: dict[str, str] = {}
    two = _two_texts(columns, names) if columns.text == (GUESS,) else ()
    if columns.text == (GUESS,):
        taken = [name for name in names if name not in (*columns.label, columns.pair, *columns.extra)]
        said["text"] = first_of(TEXTS, taken) or (taken[0] if len(taken) == 1 else "text")
        columns = columns._replace(text=(said["text"],))
        if said["text"] in two:
            raise _unsaid_pair(*two)
    if columns.label == (GUESS,):
        others = [name for name in names if name not in (*columns.text, columns.pair, *columns.extra)]
        label = first_of(LABELS, others) or "label"
        if label in (*columns.text, columns.pair) and others:
            raise _same_column(label, "text" if label in columns.text else "pair", "label")
        columns = columns._replace(label=(label,) if others else ())
        said |= {"label": label} if others else {}
    usual = all(name in USUAL[key] for key, name in said.items())
    note = ", ".join(f"{key}={name!r}" for key, name in said.items())
    options = " and ".join(f"{key}=" for key in said)
    notes = [] if usual else [f"guessed from the header: {note}; say {options} to choose"]
    notes += (
        [f"the columns {two[0]!r} and {two[1]!r} are not read as pairs: pair={two[1]!r} does"] if two else []
    )
    return columns, "; ".join(notes) or None


def _two_texts(columns: Columns, names: Sequence[str]) -> tuple[str, ...]:
    """The two columns that are called as the texts of a pair are, if there are and no option says so."""
    if columns.pair is not None:
        return ()
    free = [name for name in names if name not in (*columns.label, *columns.extra)]
    found = [[first_of([name], free) for name in pair] for pair in PAIRS]
    return next(((first, second) for first, second in found if first and second), ())


def _unsaid_pair(first: str, second: str) -> DatasetError:
    return DatasetError(
        f"the columns {first!r} and {second!r} look like the two texts of a pair, and nothing says so",
        option="pair",
        value=second,
        hint=f"say pair={second!r} to read pairs, or text={first!r} to read single texts",
    )


def first_of(wanted: Sequence[str], names: Sequence[str]) -> str | None:
    """The name that comes first among those wanted, however it is written."""
    plain = {
        str(name).strip().casefold().replace(" ", "_").replace("-", "_"): name for name in reversed(names)
    }
    return next((plain[name] for name in wanted if name in plain), None)
