"""Tables that are kept in memory up to a limit, and from there on in nameless files mapped into memory.

Blocks of one source may have other columns, or other types of a column: `joined` makes one table's of them.
"""

from __future__ import annotations

import mmap
import tempfile
from collections.abc import Callable, Iterable, Sequence
from itertools import chain, groupby
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

from textprep.datasets.schema.roles import AS_JSON, as_json
from textprep.errors import DatasetError
from textprep.storage.files import cache_folder

if TYPE_CHECKING:
    import numpy.typing as npt
    import pyarrow as pa

    Piece: TypeAlias = tuple[pa.Field, pa.ChunkedArray]  # of a column: what a table has of it

SPILL_AT = 64 * 2**20  # bytes of tables held in memory


class Spill:
    """Tables in the order in which they were added; their memory is bounded.

    The files lie in the cache folder, have no name, and go with the last table that is read from them.
    """

    def __init__(self) -> None:
        self._tables: list[pa.Table] = []
        self._in_memory: list[int] = []
        self._bytes = 0

    def add(self, table: pa.Table, *, mapped: bool = False) -> None:
        """Add a table; ``mapped`` if it takes no memory.

        Raises:
            DatasetError: a file cannot be written.
        """
        self._tables.append(table)
        if mapped:
            return
        self._in_memory.append(len(self._tables) - 1)
        self._bytes += table.nbytes
        if self._bytes > SPILL_AT:
            self._write()

    def tables(self) -> list[pa.Table]:
        """All of them."""
        return self._tables

    def _write(self) -> None:
        places = self._in_memory
        for _, group in groupby(places, key=lambda place: self._tables[place].schema):
            run = list(group)
            for place, table in zip(run, on_disk([self._tables[place] for place in run]), strict=True):
                self._tables[place] = table
        self._in_memory, self._bytes = [], 0


def taken(table: pa.Table, positions: npt.NDArray[np.int64]) -> pa.Table:
    """The rows at ``positions``, in their order.

    Arrow's own ``take`` copies every column whole first; ascending positions are taken batch by batch.
    """
    import pyarrow as pa

    ascending = len(positions) > 0 and not (np.diff(positions) < 0).any()
    if not ascending or positions[0] < 0 or positions[-1] >= table.num_rows:
        return table.take(pa.array(positions))  # which refuses places that there are not
    spill, first = Spill(), 0
    for batch in table.to_batches():
        begin, end = np.searchsorted(positions, (first, first + batch.num_rows))
        if begin < end:
            part = batch.take(pa.array(positions[begin:end] - first))
            spill.add(pa.Table.from_batches([part], schema=table.schema))
        first += batch.num_rows
    return pa.concat_tables(spill.tables())


def on_disk(tables: Iterable[pa.Table]) -> list[pa.Table]:
    """The same tables, all of one schema, read from a file that is mapped into memory.

    Raises:
        DatasetError: the file cannot be written.
    """
    import pyarrow as pa

    batches: list[int] = []
    try:
        folder = cache_folder()
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder) as file:
            writer: Any = None
            for table in tables:
                writer = writer or pa.ipc.new_file(file, table.schema)
                parts = table.to_batches()
                batches.append(len(parts))
                for batch in parts:
                    writer.write_batch(batch)
            writer.close()
            file.flush()
            mapped = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
    except OSError as error:
        raise DatasetError(
            f"cannot write rows that do not fit into memory to {folder}: {error.strerror or error}; "
            "make room there, or choose another folder with TEXTPREP_CACHE"
        ) from error
    reader = pa.ipc.open_file(pa.BufferReader(pa.py_buffer(mapped)))
    read = iter(range(reader.num_record_batches))
    return [
        pa.Table.from_batches([reader.get_batch(next(read)) for _ in range(count)], schema=reader.schema)
        for count in batches
    ]


def joined(tables: Sequence[pa.Table]) -> dict[str, pa.ChunkedArray]:
    """Every column over all tables: null where one lacks it, JSON where they share no type."""
    own = dict.fromkeys(name for table in tables for name in ("text", *table.column_names))
    held = [
        dict(zip(table.column_names, zip(table.schema, table.columns, strict=True), strict=True))
        for table in tables
    ]
    sizes = [table.num_rows for table in tables]
    return {name: _joined(name, [each.get(name) for each in held], sizes) for name in own}


def _joined(name: str, pieces: Sequence[Piece | None], sizes: Sequence[int]) -> pa.ChunkedArray:
    import pyarrow as pa

    there = [piece[0] for piece in pieces if piece]
    fields = [piece[0] for piece, size in zip(pieces, sizes, strict=True) if piece and size] or there
    kind = _common(fields) if fields else pa.large_string() if name == "text" else pa.null()
    try:
        if kind is not None:
            return _chunked(pieces, sizes, kind, lambda piece: piece[1].cast(kind).chunks)
    except pa.ArrowInvalid:  # a whole number that no float can hold
        pass
    return _chunked(pieces, sizes, pa.large_string(), _json_of)


def _chunked(
    pieces: Sequence[Piece | None],
    sizes: Sequence[int],
    kind: pa.DataType,
    chunks_of: Callable[[Piece], Sequence[pa.Array]],
) -> pa.ChunkedArray:
    import pyarrow as pa

    each = zip(pieces, sizes, strict=True)
    chunks = [chunks_of(piece) if piece else [pa.nulls(size, kind)] for piece, size in each]
    return pa.chunked_array(list(chain.from_iterable(chunks)), kind)


def _common(fields: Sequence[pa.Field]) -> pa.DataType | None:
    """The type that one array of all the values would have; ``None`` where there is none."""
    import pyarrow as pa

    if any(field.metadata == AS_JSON for field in fields):
        return None
    kinds = {field.type for field in fields if field.type != pa.null()} or {pa.null()}
    if len(kinds) == 1:
        return kinds.pop()
    if kinds == {pa.int64(), pa.float64()}:
        return pa.float64()
    if kinds <= {pa.string(), pa.large_string(), pa.string_view()}:
        return pa.large_string()
    return _common_nested(kinds)


def _common_nested(kinds: Iterable[pa.DataType]) -> pa.DataType | None:
    import pyarrow as pa

    if not all(pa.types.is_struct(kind) or pa.types.is_list(kind) for kind in kinds):
        return None
    schemas = [pa.schema([("", kind)]) for kind in kinds]
    try:
        return pa.unify_schemas(schemas, promote_options="permissive").field(0).type
    except pa.ArrowException:
        return None


def _json_of(piece: Piece) -> Any:
    import pyarrow as pa

    field, column = piece
    if field.metadata == AS_JSON:
        return column.chunks
    return [pa.array([as_json(value) for value in column.to_pylist()], pa.large_string())]
