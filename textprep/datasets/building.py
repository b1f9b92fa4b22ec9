"""Parts → a `Corpus`: every row checked, every row counted, Arrow tables."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from itertools import count
from typing import TYPE_CHECKING

from textprep.datasets.corpus import Corpus, Split
from textprep.datasets.labels import class_order
from textprep.datasets.parts import Part
from textprep.datasets.rows import Example, Rejected, as_records, check
from textprep.errors import DatasetError

if TYPE_CHECKING:
    import pyarrow as pa

OWN_COLUMNS = ("text", "label", "row_id")


def corpus_of_parts(name: str, parts: list[Part]) -> Corpus:
    """Every part as a split; the first bad row is an error."""
    return build(name, parts, None, "raise")


def build(name: str, parts: list[Part], names: tuple[str, ...] | None, on_error: str) -> Corpus:
    """Every part as a split of one corpus; rows that are still to be divided are in ``"train"``."""
    names = names or _declared_classes(parts)
    rejected: list[Rejected] = []
    row_ids = count()
    read = [_examples(part, row_ids, names, rejected, on_error) for part in parts]
    total = next(row_ids)
    _check_count(name, total, sum(map(len, read)), rejected)
    if names is None:
        names = class_order(example.label for part in read for example in part if example.label is not None)
    splits = {
        part.split or "train": to_split(examples, part.columns.label is not None, names)
        for part, examples in zip(parts, read, strict=True)
    }
    return Corpus(splits, names, rejected=rejected, name=name)


def _examples(
    part: Part, row_ids: Iterator[int], names: tuple[str, ...] | None, rejected: list[Rejected], on_error: str
) -> list[Example]:
    """The good rows of a part; the bad ones are added to ``rejected``, or the first of them is raised."""
    examples = []
    for record in as_records(part.rows, part.columns):
        row_id = next(row_ids)
        result = record if isinstance(record, Rejected) else check(record, part.columns, row_id, names)
        if isinstance(result, Example):
            examples.append(result)
            continue
        rejected.append(result._replace(split=part.split))
        if on_error == "raise":
            raise DatasetError(str(rejected[-1]))
    return examples


def _check_count(name: str, total: int, good: int, rejected: list[Rejected]) -> None:
    if total != good + len(rejected):
        raise DatasetError(
            f"{name!r}: {total} rows read, {good} kept, {len(rejected)} rejected: rows were lost"
        )
    if not total:
        raise DatasetError(f"the data set {name!r} holds no rows")
    if not good:
        raise DatasetError(f"every one of the {total} rows of {name!r} is bad; the first: {rejected[0]}")


def _declared_classes(parts: list[Part]) -> tuple[str, ...] | None:
    declared = {part.class_names for part in parts if part.class_names}
    if len(declared) > 1:
        lists = "; ".join(", ".join(names) for names in sorted(declared))
        raise DatasetError(f"the splits name their classes differently: {lists}; give class_names=")
    return declared.pop() if declared else None


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
