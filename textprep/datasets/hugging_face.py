"""``datasets.Dataset`` → `Corpus`, column by column: memory-mapped texts stay where they are.

Where a column is anything but plain (a missing text, labels that are lists …), rows are read one by one, as
from any other source, which finds the row at fault.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from textprep.datasets.building import OWN_COLUMNS, corpus_of_parts
from textprep.datasets.corpus import Corpus, Split
from textprep.datasets.labels import class_order
from textprep.datasets.parts import as_parts, is_hugging_face
from textprep.datasets.rows import Columns
from textprep.errors import DatasetError

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt
    import pyarrow as pa

TAKEN_AT_ONCE = 10_000


class _Labels(NamedTuple):
    """Of each row the place of its label in ``names``; ``declared`` if the dataset says what they are."""

    codes: npt.NDArray[np.integer] | None
    names: tuple[str, ...]
    declared: bool


def holds_hugging_face(data: object) -> bool:
    """Whether it is an object of ``datasets``, or a mapping of such objects."""
    return is_hugging_face(data) or (
        isinstance(data, Mapping) and len(data) > 0 and all(map(is_hugging_face, data.values()))
    )


def corpus_from_hf(data: Any, text: str = "text", label: str | None = "label") -> Corpus:
    """See `Corpus.from_hf`."""
    if not holds_hugging_face(data):
        raise DatasetError(f"a datasets.Dataset or DatasetDict is needed, not {type(data).__name__}")
    splits = dict(data) if isinstance(data, Mapping) else {"train": data}
    return by_columns(splits, text, label) or by_rows(splits, text, label)


def by_rows(splits: Mapping[str, Any], text: str, label: str | None) -> Corpus:
    """The corpus, each row looked at.

    Raises:
        DatasetError: a row cannot be used; names it.
    """
    parts = []
    for name, rows in splits.items():
        labelled = label in (getattr(rows, "column_names", None) or ())
        parts += as_parts({name: rows}, Columns(text, label if labelled else None))
    return corpus_of_parts("data", parts)


def by_columns(splits: Mapping[str, Any], text: str, label: str | None) -> Corpus | None:
    """The same corpus without a look at single rows; ``None`` where something needs one."""
    try:
        tables = {name: _table(rows, text) for name, rows in splits.items()}
        labels = {name: _labels(splits[name], table, label) for name, table in tables.items()}
        names = _class_names(list(labels.values()))
    except _NeedsRowsError:
        return None
    made, first_id = {}, 0
    for name, table in tables.items():
        made[name] = Split(_own_table(table, labels[name], names, Columns(text, label), first_id), names)
        first_id += table.num_rows
    return Corpus(made, names, name="data")


class _NeedsRowsError(Exception):
    """Something is not plain."""


def _table(rows: Any, text: str) -> pa.Table:
    """The dataset's own Arrow table; a copy only of what was selected or put in another order."""
    import pyarrow as pa

    if not hasattr(rows, "data") or not len(rows):  # a stream, or nothing
        raise _NeedsRowsError
    table = rows.data.table
    if rows._indices is not None:
        arrow = rows.with_format("arrow")
        starts = range(0, len(rows), TAKEN_AT_ONCE)
        table = pa.concat_tables([arrow[start : start + TAKEN_AT_ONCE] for start in starts])
    if text not in table.column_names or table[text].null_count or not _is_text(table[text].type):
        raise _NeedsRowsError
    return table


def _labels(rows: Any, table: pa.Table, label: str | None) -> _Labels:
    """The labels of a split; ``codes=None`` where it has none."""
    if label is None or label not in table.column_names:
        return _Labels(None, (), declared=False)
    if table[label].null_count:
        raise _NeedsRowsError
    names = getattr((rows.features or {}).get(label), "names", None)
    return _declared(table[label], tuple(names)) if names else _counted(table[label])


def _declared(column: pa.ChunkedArray, names: tuple[str, ...]) -> _Labels:
    import pyarrow.compute as pc

    lowest, highest = pc.min_max(column).as_py().values()
    if lowest == highest == -1:  # as Hugging Face marks rows without a label
        return _Labels(None, names, declared=True)
    if lowest < 0 or highest >= len(names):
        raise _NeedsRowsError
    return _Labels(column.to_numpy(), names, declared=True)


def _counted(column: pa.ChunkedArray) -> _Labels:
    import pyarrow as pa

    if not (pa.types.is_integer(column.type) or _is_text(column.type)):
        raise _NeedsRowsError
    encoded = pa.concat_arrays(column.chunks).dictionary_encode()
    names = tuple(map(str, encoded.dictionary.to_pylist()))
    if "" in names:
        raise _NeedsRowsError
    return _Labels(encoded.indices.to_numpy(), names, declared=False)


def _is_text(kind: pa.DataType) -> bool:
    import pyarrow as pa

    return kind in (pa.string(), pa.large_string())


def _class_names(labels: Sequence[_Labels]) -> tuple[str, ...]:
    """The classes in the order of their ids."""
    declared = {found.names for found in labels if found.declared}
    counted = {name for found in labels if not found.declared for name in found.names}
    if len(declared) > 1 or (declared and counted):
        raise _NeedsRowsError
    return declared.pop() if declared else class_order(counted)


def _own_table(
    table: pa.Table, labels: _Labels, names: tuple[str, ...], columns: Columns, first_id: int
) -> pa.Table:
    """The columns of a `Split`."""
    import numpy as np
    import pyarrow as pa

    own = {"text": table[columns.text].cast(pa.large_string())}  # new offsets, the same characters
    if labels.codes is not None:
        ids = np.array([names.index(name) for name in labels.names], dtype=np.int64)
        own["label"] = pa.chunked_array([ids[labels.codes]])
    own["row_id"] = pa.chunked_array([np.arange(first_id, first_id + table.num_rows, dtype=np.int64)])
    for name in table.column_names:
        if name not in columns:
            own[f"{name}_in_source" if name in OWN_COLUMNS else name] = table[name]
    return pa.table(own)
