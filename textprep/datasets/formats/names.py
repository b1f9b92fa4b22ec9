"""The names of classes that a source knows, wherever in its types they stand → dictionaries of Arrow.

`textprep.targets.class_names.known_classes` reads them off there.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from textprep.datasets.rows import Block, in_blocks

if TYPE_CHECKING:
    import pyarrow as pa


def known_names(column: Any) -> list[Any] | None:
    """The categories of a column of pandas or polars, or the dictionary of an Arrow array, in their order.

    >>> import pandas as pd
    >>> known_names(pd.Series(pd.Categorical(["b"], categories=["b", "a"])))
    ['b', 'a']

    Args:
        column: or its type.
    """
    chunks = getattr(column, "chunks", [column])  # of pyarrow
    dictionaries = [chunk.dictionary.to_pylist() for chunk in chunks if hasattr(chunk, "dictionary")]
    if dictionaries:
        return list(dict.fromkeys(name for names in dictionaries for name in names))
    kind = getattr(column, "dtype", column)
    while hasattr(kind, "inner"):  # a list of polars
        kind = kind.inner
    categories: Any = getattr(kind, "categories", None)
    is_list = isinstance(categories, Iterable)  # polars' Categorical has none that its own column decides
    return list(categories) if is_list else None


def named_rows(rows: Iterator[dict[str, Any]], names: Mapping[str, Sequence[Any]]) -> Iterator[Block]:
    """The rows as blocks, in which the columns of ``names`` are dictionaries of these."""
    for block in in_blocks(rows):
        yield block if block.table is None else block._replace(table=_with(block.table, names, _encoded))


def with_feature_names(table: pa.Table) -> pa.Table:
    """A table that ``datasets`` wrote: the ids of each ``ClassLabel`` as names, in lists, too."""
    said = (table.schema.metadata or {}).get(b"huggingface")
    features = _features(said) if said else {}
    names = {name: found for name, feature in features.items() if (found := _class_names(feature))}
    return _with(table, names, _of_ids)


def _features(said: bytes) -> dict[str, Any]:
    """What the package wrote beside a table; nothing where it is not of that form."""
    try:
        features = json.loads(said)["info"]["features"]
    except (ValueError, KeyError, TypeError, RecursionError):
        return {}
    return features if isinstance(features, dict) else {}


def _class_names(feature: Any) -> list[str] | None:
    """The names of a feature, or of the feature that its lists hold."""
    if isinstance(feature, list):
        return _class_names(feature[0]) if feature else None
    if not isinstance(feature, dict):
        return None
    names = (
        feature.get("names") if feature.get("_type") == "ClassLabel" else _class_names(feature.get("feature"))
    )
    return names or None


def _with(table: pa.Table, names: Mapping[str, Sequence[Any]], make: Callable[..., pa.Array]) -> pa.Table:
    import pyarrow as pa

    for name in names.keys() & set(table.column_names):
        chunks = [_inside(chunk, names[name], make) for chunk in table[name].chunks]
        if chunks:
            table = table.set_column(table.column_names.index(name), name, pa.chunked_array(chunks))
    return table


def _inside(array: pa.Array, names: Sequence[Any], make: Callable[..., pa.Array]) -> pa.Array:
    """What ``make`` makes of the values of an array, or of its lists."""
    import pyarrow as pa

    kind = array.type
    if not (pa.types.is_list(kind) or pa.types.is_large_list(kind)):
        return make(array, names)
    if array.null_count and array.offset:
        array = array.take(pa.array(range(len(array))))
    made = pa.ListArray if pa.types.is_list(kind) else pa.LargeListArray
    mask = array.is_null() if array.null_count else None
    return made.from_arrays(array.offsets, _inside(array.values, names, make), mask=mask)


def _of_ids(ids: pa.Array, names: Sequence[str]) -> pa.Array:
    """Ids as names, without one where the id is that of no class."""
    import pyarrow as pa
    import pyarrow.compute as pc

    if not pa.types.is_integer(ids.type):
        return ids
    known = pc.if_else(pc.and_(pc.greater_equal(ids, 0), pc.less(ids, len(names))), ids, None)
    return pa.DictionaryArray.from_arrays(known.cast(pa.int64()), pa.array(names, pa.string()))


def _encoded(values: pa.Array, names: Sequence[Any]) -> pa.Array:
    """Values that are among ``names`` as a dictionary of these."""
    import pyarrow as pa
    import pyarrow.compute as pc

    try:
        known = pa.array(names, values.type)
    except (pa.ArrowException, TypeError, ValueError, OverflowError):
        return values
    return pa.DictionaryArray.from_arrays(pc.index_in(values, known, skip_nulls=True), known)
