"""Blocks of labels as numbers: which distinct names there are, and which of them each row has."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from textprep.targets.base import Target
from textprep.targets.class_names import in_order, plain_label, plain_numbers, without_point
from textprep.targets.label_mapping import merging, says_merging
from textprep.targets.problems import BadValueError

if TYPE_CHECKING:
    import numpy.typing as npt
    import pyarrow as pa


class Labels(NamedTuple):
    """The labels of the rows of a block: the place of each in ``names``; with ``ends``, several a row.

    ``known`` are the classes that the type of the column knows, some without rows perhaps.
    """

    codes: npt.NDArray[np.int64]
    names: tuple[str, ...]
    ends: npt.NDArray[np.int64] | None = None
    known: tuple[str, ...] = ()


def plain_value(value: Any, strip: bool) -> Any:
    """A raw value as Python's own, without white space around it where that is wanted."""
    plain = plain_label(value)
    return plain.strip() if strip and isinstance(plain, str) else plain


def distinct(column: pa.ChunkedArray) -> tuple[npt.NDArray[np.int64], list[Any]]:
    """The distinct values of a column, and which of them each row has.

    Raises:
        pa.ArrowException: Arrow cannot tell them apart.
    """
    import pyarrow as pa

    kind = column.type.value_type if pa.types.is_dictionary(column.type) else column.type
    encoded = pa.chunked_array(column.cast(kind).chunks, kind).combine_chunks().dictionary_encode("encode")
    return encoded.indices.to_numpy().astype(np.int64), encoded.dictionary.to_pylist()


def checked_distinct(
    target: Target, columns: Sequence[str], values: Sequence[pa.ChunkedArray], strip: bool
) -> tuple[Any, npt.NDArray[np.bool_]]:
    """What a target makes of a block, by its rule for the values of a row, once for those that differ.

    Returns:
        what ``target.gathered`` gives, or ``None`` where a row is bad; and of each row whether it is good.
    """
    coded = [distinct(column) for column in values]
    places, codes = np.unique(np.stack([codes for codes, _ in coded], axis=1), axis=0, return_inverse=True)
    codes = codes.reshape(-1)
    rows = [
        [plain_value(found[place], strip) for (_, found), place in zip(coded, row, strict=True)]
        for row in places.tolist()
    ]
    checked = [ruled(target.check, columns, row) for row in rows]
    good = are_good(checked)[codes]
    return target.gathered([checked[code] for code in codes.tolist()]) if good.all() else None, good


def ruled(rule: Callable[..., Any], *values: Any) -> Any:
    """What a rule gives; ``None`` where it is broken."""
    try:
        return rule(*values)
    except BadValueError:
        return None


def are_good(checked: Sequence[Any]) -> npt.NDArray[np.bool_]:
    """Of each whether the rule was kept."""
    return np.array([each is not None for each in checked], bool)


def merged(codes: npt.NDArray[np.int64], names: Sequence[str]) -> Labels:
    """Labels whose names are distinct (``1`` and ``"1"`` may be the same class)."""
    places = {name: number for number, name in enumerate(dict.fromkeys(names))}
    return Labels(np.array([places[name] for name in names], dtype=np.int64)[codes], tuple(places))


def several(codes: npt.NDArray[np.int64], lengths: npt.NDArray[np.int64], names: Sequence[str]) -> Labels:
    """So many labels a row, each once."""
    labels = merged(codes, names)
    rows = np.repeat(np.arange(len(lengths)), lengths)
    first = np.sort(np.unique(rows * max(1, len(labels.names)) + labels.codes, return_index=True)[1])
    ends = np.cumsum(np.bincount(rows[first], minlength=len(lengths)))
    return Labels(labels.codes[first], labels.names, ends)


def found_names(blocks: Sequence[Labels], labels: Mapping[str, str], column: str) -> tuple[str, ...]:
    """The classes of all rows, in their order: what ``labels`` names, what the type knows, the others.

    Raises:
        DatasetError: all are numbers, and one has a fraction.
    """
    found = dict.fromkeys(name for one in blocks for name in one.names)
    with_rows = [one for one in blocks if one.names]
    known = [name for one in with_rows for name in one.known] if all(one.known for one in with_rows) else []
    plain = {} if known or labels else plain_numbers(found, column)
    return in_order((plain.get(name, name) for name in found), known, labels)


def ids_of(names: Sequence[str], classes: Sequence[str]) -> npt.NDArray[np.int64]:
    """The id of each name; ``5.0`` is ``5`` where there is no class ``5.0``."""
    places = {name: number for number, name in enumerate(classes)}
    return np.array(
        [places[name] if name in places else places[without_point(name)] for name in names], dtype=np.int64
    )


def notes_about(names: Sequence[str], blocks: Sequence[Labels], labels: Mapping[str, str]) -> list[str]:
    """What people should know about the classes."""
    met = {name for one in blocks for name in one.names}
    merged_names = merging(names)
    return [
        *([says_merging(merged_names)] if merged_names else []),
        *(
            f"no row has a label that labels= makes {name!r}"
            for name in dict.fromkeys(labels.values())
            if name not in met
        ),
    ]
