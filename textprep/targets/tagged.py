"""Tagged pieces of texts: what rows with tagged words, or with labelled spans, mean."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from textprep.letters import word_spans
from textprep.targets.problems import BadValueError
from textprep.targets.tag_schemes import Scheme, prefixes_of, written

if TYPE_CHECKING:
    import numpy.typing as npt

    Array = npt.NDArray[Any]

EXCERPT = 40  # characters of a text in a message
OFFSETS = "offsets count characters from 0, and the end is behind the last one"


class Pieces(NamedTuple):
    """The pieces of a row: where each starts and stops, its tag; and how many spans were trimmed."""

    starts: Sequence[int]
    stops: Sequence[int]
    tags: Sequence[str]
    trimmed: int = 0


class Tagged(NamedTuple):
    """The pieces of the rows of a block: ``lengths`` (rows,), and (pieces,) of starts, stops and codes.

    A code is a place in ``names``; ``known`` are the classes that the type of the column knows.
    """

    lengths: Array
    starts: Array
    stops: Array
    codes: Array
    names: tuple[str, ...]
    trimmed: int = 0
    known: tuple[str, ...] = ()


def gathered(rows: Sequence[Pieces]) -> Tagged:
    """The rows of a block."""
    tags = [tag for row in rows for tag in row.tags]
    places = {name: number for number, name in enumerate(dict.fromkeys(tags))}
    return Tagged(
        np.array([len(row.tags) for row in rows], np.int64),
        np.array([start for row in rows for start in row.starts], np.int32),
        np.array([stop for row in rows for stop in row.stops], np.int32),
        np.array([places[tag] for tag in tags], np.int64),
        tuple(places),
        sum(row.trimmed for row in rows),
    )


def listed(column: str, value: Any) -> Sequence[Any]:
    """The tags of a row, or its spans; those of a mapping of lists, as ``datasets`` has them, one by one.

    >>> listed("spans", {"start": [3], "end": [9], "label": ["PER"]})
    [{'start': 3, 'end': 9, 'label': 'PER'}]

    Raises:
        BadValueError: it is not a list.
    """
    if isinstance(value, Mapping) and value and all(isinstance(each, list) for each in value.values()):
        return [dict(zip(value, row, strict=False)) for row in zip(*value.values(), strict=False)]
    if not isinstance(value, (list, tuple)):
        what = "missing" if value is None else f"{type(value).__name__}, not a list: {value!r:.{EXCERPT}}"
        raise BadValueError(column, f"the tags are {what}")
    return value


def pieces_of_spans(
    text: str, column: str, spans: Sequence[Any], label_of: Callable[[str, Any], str], scheme: Scheme
) -> Pieces:
    """The words in labelled spans of a text, each with its tag.

    Raises:
        BadValueError: a span is not one, is empty, not within the text, or overlaps another.
    """
    if spans and all(isinstance(each, (str, int)) for each in spans):
        raise BadValueError(
            column, "a tag for each word needs the words: the text is a string, not a list of them",
            option="text", hint="say text=COLUMN with the column of the words",
        )  # fmt: skip
    given = [entity_of(column, each) for each in spans]
    kept = sorted((trimmed(column, text, each) for each in given), key=lambda each: each[:2])
    check_apart(column, text, kept)
    starts: list[int] = []
    stops: list[int] = []
    tags: list[str] = []
    for each in kept:
        label, places = label_of(column, each.label), words_in(text, each)
        starts += [start for start, _ in places]
        stops += [stop for _, stop in places]
        plain = scheme == "plain"
        tags += [label if plain else written(prefix, label) for prefix in prefixes_of(len(places), scheme)]
    cut = len({each[:2] for each in given} - {each[:2] for each in kept})
    return Pieces(starts, stops, tags, cut)


class Entity(NamedTuple):
    """A span with its label, as a row has it."""

    start: int
    stop: int
    label: Any


def entity_of(column: str, value: Any) -> Entity:
    """The span that a raw value is: ``{"start": 3, "end": 9, "label": "PER"}``, or ``[3, 9, "PER"]``.

    >>> entity_of("spans", {"start": 3, "end": 9, "labels": ["PER"]})
    Entity(start=3, stop=9, label='PER')

    Raises:
        BadValueError: it is neither, or its offsets are not whole numbers.
    """
    if isinstance(value, Mapping):
        labels = value.get("label", value.get("labels", value.get("entity_group")))
        fields = (value.get("start"), value.get("end", value.get("stop")), labels)
    elif isinstance(value, (list, tuple)) and len(value) == 3:
        fields = tuple(value)
    else:
        raise BadValueError(
            column,
            f"a span is {{'start': 3, 'end': 9, 'label': 'PER'}} or [3, 9, 'PER'], not {value!r:.{EXCERPT}}",
        )
    start, stop, label = fields
    if isinstance(label, (list, tuple)):
        if len(label) != 1:
            raise BadValueError(
                column, f"the span at {start} has {len(label)} labels, not one: {label!r:.40}"
            )
        label = label[0]
    return Entity(_offset(column, start), _offset(column, stop), label)


def _offset(column: str, value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, (int, float)) or value != value // 1:
        raise BadValueError(column, f"start and end of a span are whole numbers, not {value!r:.{EXCERPT}}")
    return int(value)


def trimmed(column: str, text: str, entity: Entity) -> Entity:
    """A span of a text without the white space at its ends.

    Raises:
        BadValueError: it is empty, or not within the text.
    """
    start, stop, label = entity
    if not 0 <= start <= stop <= len(text):
        what = f"the span {start} to {stop} of {label!r:.{EXCERPT}} is not within the text"
        raise BadValueError(column, f"{what}, which has {len(text)} characters: {OFFSETS}")
    inner = text[start:stop]
    start, stop = start + len(inner) - len(inner.lstrip()), stop - len(inner) + len(inner.rstrip())
    if start >= stop:
        empty = f"the span {entity.start} to {entity.stop} of {label!r:.{EXCERPT}} holds no characters"
        raise BadValueError(column, f"{empty}{' but white space' if inner else ''}: {OFFSETS}")
    return Entity(start, stop, label)


def check_apart(column: str, text: str, entities: Sequence[Entity]) -> None:
    """Raise `BadValueError` if two of these spans, which are in order, overlap."""
    for one, other in pairwise(entities):
        if other.start < one.stop:
            first, second = (
                f"{text[each.start : each.stop]!r:.{EXCERPT}} ({each.label})" for each in (one, other)
            )
            raise BadValueError(
                column,
                f"two spans overlap, {first} at {one.start} and {second} at {other.start}: "
                "a token has one tag, so keep one of them",
            )


def words_in(text: str, entity: Entity) -> list[tuple[int, int]]:
    """Where in the text the words of a span are; the span itself where nothing in it is visible.

    >>> words_in("In New York City.", Entity(3, 16, "LOC"))
    [(3, 6), (7, 11), (12, 16)]
    """
    found = word_spans(text[entity.start : entity.stop])
    return [(entity.start + start, entity.start + stop) for start, stop in found] or [entity[:2]]
