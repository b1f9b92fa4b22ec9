"""Blocks → the good rows of each, as columns; the bad ones, each with what is wrong with it."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from textprep.datasets.rows import DEEPEST, Block, Record, Rejected
from textprep.datasets.schema.columns import Columns
from textprep.datasets.schema.roles import (
    check_values,
    depth_of,
    missing_column,
    pair_column,
    pair_value,
    texts_column,
    texts_value,
    with_further,
)
from textprep.targets.coding import plain_value
from textprep.targets.problems import BadValueError

if TYPE_CHECKING:
    import numpy.typing as npt
    import pyarrow as pa


class Validated(NamedTuple):
    """A block, looked at.

    Attributes:
        table: of the good rows ``text`` (large_string), ``pair`` where there is one, and the further columns.
        target: of the good rows what `Target.gathered` gives; ``None`` where they are unlabelled.
        row_ids: their positions in the source, over all rows that were read.
        rejected: the bad rows.
        mapped: whether the table takes no memory itself.
    """

    table: pa.Table
    target: Any
    row_ids: npt.NDArray[np.int64]
    rejected: Sequence[Rejected] = ()
    mapped: bool = False


class _Good(NamedTuple):
    """A good row that was looked at by itself."""

    text: str
    pair: str | None
    target: Any
    extra: tuple[Any, ...]
    row_id: int
    record: Record


def validated(block: Block, columns: Columns, first_id: int) -> Validated:
    """The rows of a block, sorted into good and bad: column by column if all that it holds is good.

    A further column whose name textprep uses itself is kept as, say, ``label_in_source``. One whose values
    share no Arrow type (``1`` and ``"x"``) is kept as text: the JSON of each value, null where there is none.

    Args:
        block: what was read.
        columns: where text and label are.
        first_id: the position of its first row in the source.

    Raises:
        DatasetError: two columns would get one name.
    """
    found = _by_column(block, columns, first_id) or _by_row(block, columns, first_id)
    table = block.table
    if found.target is None or table is None or not set(columns.label) <= set(table.column_names):
        return found
    values = [table[name] for name in columns.label]
    return found._replace(target=columns.target.noting(found.target, values))


def _by_column(block: Block, columns: Columns, first_id: int) -> Validated | None:
    import pyarrow as pa

    table = block.table
    if table is None or not set(columns.names) <= set(table.column_names) or not _is_whole(table):
        return None
    own: dict[str, Any] = {"text": texts_column(table, columns)}
    if columns.pair:
        own["pair"] = pair_column(table, columns)
    if any(column is None for column in own.values()):
        return None
    target, good = None, np.ones(table.num_rows, bool)
    try:
        if columns.label:
            values = [table[name] for name in columns.label]
            raw = table[columns.text[0]] if columns.has_words(table.schema) else own["text"]
            target, good = columns.target.check_block(raw, columns.label, values, columns.strip)
        extra = {name: kind.column(name, table[name]) for name, kind in columns.extra.items()}
    except pa.ArrowException:
        return None
    for column in own.values():
        good &= column.is_valid().to_numpy()
    for _, is_good in extra.values():
        good &= is_good
    if not good.all():
        rest = _without(block, good, columns, first_id)
        return rest and _by_column(rest, columns, first_id)
    row_ids = np.arange(first_id, first_id + table.num_rows + len(block.rejected), dtype=np.int64)
    row_ids = np.delete(row_ids, list(block.rejected))
    further = {name: table[name] for name in table.column_names if name not in columns.own}
    further |= {name: column for name, (column, _) in extra.items()}
    whole = with_further(own, further, columns.target.column or "label")
    return Validated(whole, target, row_ids, list(block.rejected.values()), block.mapped)


def _without(block: Block, good: npt.NDArray[np.bool_], columns: Columns, first_id: int) -> Block | None:
    """The block, with those rows rejected that are not good; ``None`` where that is to be done row by row.

    That is where rows have no types of their own, and the good ones alone may show other ones.
    """
    import pyarrow as pa

    table: Any = block.table
    rows: list[Any] = list(block.records())
    places = np.delete(np.arange(len(rows)), list(block.rejected))[~good].tolist()
    for place in places:
        rows[place] = check(rows[place], columns, first_id + place)
    rejected = {place: row for place, row in enumerate(rows) if isinstance(row, Rejected)}
    if len(rejected) < len(block.rejected) + len(places):
        return None
    names = dict.fromkeys(chain.from_iterable(row.fields for row in rows if isinstance(row, Record)))
    table = table.filter(pa.array(good))
    is_alike = block.typed or (list(names) == table.column_names and _shows_types(table, columns))
    return block._replace(table=table, rejected=rejected, mapped=False) if is_alike else None


def _shows_types(table: pa.Table, columns: Columns) -> bool:
    """Whether the values alone would make further columns of these types."""
    import pyarrow as pa
    import pyarrow.compute as pc

    for name in set(table.column_names) - set(columns.names):
        column = table[name]
        if column.type == pa.float64():
            is_certain = pc.any(pc.not_equal(column, pc.floor(column))).as_py()
        elif column.type in (pa.string(), pa.int64(), pa.bool_()):
            is_certain = column.null_count < len(column)
        else:
            is_certain = column.type == pa.null()
        if not is_certain:
            return False
    return True


def _by_row(block: Block, columns: Columns, first_id: int) -> Validated:
    import pyarrow as pa

    looked_at = [check(row, columns, row_id) for row_id, row in enumerate(block.records(), first_id)]
    good = [row for row in looked_at if isinstance(row, _Good)]
    own: dict[str, Any] = {"text": pa.array([row.text for row in good], pa.large_string())}
    if columns.pair:
        own["pair"] = pa.array([row.pair for row in good], pa.large_string())
    kept = _kept(block, looked_at)
    names = dict.fromkeys(name for row in good for name in row.record.fields if name not in columns.own)
    further = {
        name: [row.record.fields.get(name) for row in good] if kept is None else kept[name] for name in names
    }
    further |= {
        name: kind.gathered([row.extra[place] for row in good])
        for place, (name, kind) in enumerate(columns.extra.items())
    }
    row_ids = np.array([row.row_id for row in good], dtype=np.int64)
    rejected = [row for row in looked_at if isinstance(row, Rejected)]
    target = columns.target.gathered([row.target for row in good]) if columns.label else None
    whole = with_further(own, further, columns.target.column or "label")
    return Validated(whole, target, row_ids, rejected)


def _kept(block: Block, looked_at: Sequence[_Good | Rejected]) -> pa.Table | None:
    """The good rows with the types of the source, where it has types."""
    import pyarrow as pa

    if block.table is None or not block.typed:
        return None
    return block.table.filter(pa.array([isinstance(row, _Good) for row in looked_at], pa.bool_()))


def check(row: Record | Rejected, columns: Columns, row_id: int) -> _Good | Rejected:
    """The row by the rules of its columns, or what is wrong with it."""
    if isinstance(row, Rejected):
        return row
    fields = row.fields
    try:
        check_values(fields)
        for column in columns.names:
            if column not in fields:
                raise missing_column(fields, column, columns)
        text = texts_value(fields, columns)
        pair = pair_value(fields, columns)
        values = [plain_value(fields[name], columns.strip) for name in columns.label]
        raw = fields[columns.text[0]] if len(columns.text) == 1 else text
        target = columns.target.check_row(raw, columns.label, values) if values else None
        extra = tuple(kind.check(name, fields[name]) for name, kind in columns.extra.items())
        return _Good(text, pair, target, extra, row_id, row)
    except BadValueError as bad:
        return Rejected(
            row.file, row.line_of(bad.place), bad.column, bad.reason, dict(fields),
            byte=row.byte, source=row.source, option=bad.option, value=bad.value, hint=bad.hint,
            header=row.header,
        )  # fmt: skip


def _is_whole(table: pa.Table) -> bool:
    """Whether a file could hold it: every text is UTF-8, which Arrow does not promise, nothing deep."""
    import pyarrow as pa

    try:
        table.validate(full=True)
    except pa.ArrowInvalid:
        return False
    return all(depth_of(kind) <= DEEPEST for kind in table.schema.types if pa.types.is_nested(kind))
