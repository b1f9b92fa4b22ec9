"""Checked rows → an Arrow table."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import TYPE_CHECKING

from textprep.datasets.corpus import Split
from textprep.datasets.rows import Example, Rejected
from textprep.errors import DatasetError

if TYPE_CHECKING:
    import pyarrow as pa

OWN_COLUMNS = ("text", "label", "row_id")


def to_split(examples: Sequence[Example], labelled: bool, class_names: Sequence[str]) -> Split:
    """The examples as a split.

    A further column whose name textprep uses itself is kept as, say, ``label_in_source``. One whose values
    share no Arrow type (``1`` and ``"x"``) is kept as text: the JSON of each value, null where there is none.

    Raises:
        DatasetError: two columns would get one name, or JSON cannot hold a value of a column of mixed kinds.
    """
    import pyarrow as pa

    ids = {name: number for number, name in enumerate(class_names)}
    table: dict[str, pa.Array] = {"text": pa.array([example.text for example in examples], pa.large_string())}
    if labelled:
        table["label"] = pa.array([ids[example.label or ""] for example in examples], pa.int64())
    table["row_id"] = pa.array([example.row_id for example in examples], pa.int64())
    for name in dict.fromkeys(name for example in examples for name in example.further):
        own_name = f"{name}_in_source" if name in OWN_COLUMNS else str(name)
        if own_name in table:
            raise DatasetError(f"two columns would be called {own_name!r}; rename one in the source")
        table[own_name] = _further_column(name, examples)
    return Split(pa.table(table), class_names)


def _further_column(name: str, examples: Sequence[Example]) -> pa.Array:
    """The values of a column, ``None`` where a row lacks it."""
    import pyarrow as pa

    try:
        return pa.array([example.further.get(name) for example in examples])
    except (pa.ArrowException, ValueError, TypeError, OverflowError):
        return pa.array([_as_json(name, example) for example in examples], pa.large_string())


def _as_json(name: str, example: Example) -> str | None:
    value = example.further.get(name)
    try:
        return None if value is None else json.dumps(value, default=str)
    except (TypeError, ValueError, RecursionError) as error:
        reason = f"neither Arrow nor JSON can hold this value: {error}; leave the column out or simplify it"
        record = example.record
        raise DatasetError(str(Rejected(record.file, record.line, name, reason, record.fields))) from error
