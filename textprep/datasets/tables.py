"""Checked rows → an Arrow table."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from textprep.datasets.corpus import Split
from textprep.datasets.rows import Example, Rejected
from textprep.errors import DatasetError

if TYPE_CHECKING:
    import pyarrow as pa

OWN_COLUMNS = ("text", "label", "row_id")


def to_split(examples: Sequence[Example], labelled: bool, class_names: Sequence[str]) -> Split:
    """The examples as a split.

    A further column whose name textprep uses itself is kept as, say, ``label_in_source``.

    Raises:
        DatasetError: a further column holds values of several kinds; the message names the first odd row.
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

    values = [example.further.get(name) for example in examples]
    try:
        return pa.array(values)
    except (pa.ArrowException, ValueError, TypeError, OverflowError) as error:
        odd = examples[_first_odd(values)]
        reason = f"the values of this column cannot share one Arrow type: {error}; make them all of one kind"
        place = Rejected(odd.record.file, odd.record.line, name, reason, odd.record.fields)
        raise DatasetError(str(place)) from error


def _first_odd(values: list[Any]) -> int:
    """The first value at which Arrow gives up: found by halving, each prefix that holds it fails."""
    import pyarrow as pa

    good, bad = 0, len(values)
    while bad - good > 1:
        middle = (good + bad) // 2
        try:
            pa.array(values[:middle])
            good = middle
        except (pa.ArrowException, ValueError, TypeError, OverflowError):
            bad = middle
    return good
