"""The column of tagged pieces that a split has: ``start``, ``stop`` and ``tag`` of each piece of each row."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from textprep.errors import DatasetError
from textprep.targets.tagged import Tagged

if TYPE_CHECKING:
    import numpy.typing as npt
    import pyarrow as pa

    Array = npt.NDArray[Any]


class PieceArrays(NamedTuple):
    """The pieces of all rows: (rows + 1,) where those of each begin; (pieces,) starts, stops and tags."""

    offsets: Array
    starts: Array
    stops: Array
    tags: Array


def stored_type() -> pa.DataType:
    """Of the column: of each row its tagged pieces."""
    import pyarrow as pa

    return pa.large_list(pa.struct({"start": pa.int32(), "stop": pa.int32(), "tag": pa.int32()}))


def stored(blocks: Sequence[Tagged], id_of: Callable[[str], int]) -> pa.ChunkedArray:
    """The column of rows in blocks; ``id_of`` gives the id of a tag."""
    import pyarrow as pa

    arrays = [_stored(block, id_of) for block in blocks if len(block.lengths)]
    return pa.chunked_array(arrays, stored_type())


def _stored(block: Tagged, id_of: Callable[[str], int]) -> pa.Array:
    import pyarrow as pa

    tags = np.array([id_of(name) for name in block.names], np.int32)[block.codes]
    fields = [pa.array(each.astype(np.int32)) for each in (block.starts, block.stops, tags)]
    pieces = pa.StructArray.from_arrays(fields, fields=list(stored_type().value_type))
    return pa.LargeListArray.from_arrays(pa.array(np.cumsum([0, *block.lengths])), pieces)


def pieces_in(column: pa.ChunkedArray) -> PieceArrays:
    """The pieces of a column.

    >>> import pyarrow as pa
    >>> column = pa.chunked_array([[[{"start": 0, "stop": 3, "tag": 1}], None]], stored_type())
    >>> [each.tolist() for each in pieces_in(column)]
    [[0, 1, 1], [0], [3], [1]]
    """
    import pyarrow.compute as pc

    from textprep.ragged import numbers

    lengths = pc.fill_null(pc.list_value_length(column), 0).to_numpy()
    flat = pc.list_flatten(column)
    fields = (numbers(pc.struct_field(flat, name)) for name in ("start", "stop", "tag"))
    return PieceArrays(np.cumsum([0, *lengths]), *fields)


def check_pieces(column: pa.ChunkedArray, tags: int) -> None:
    """Raise `DatasetError` if it is not a column of pieces in order that do not overlap, of so many tags."""
    if column.type != stored_type():
        raise DatasetError(f"the column 'tags' of a split is {stored_type()}, not {column.type}")
    pieces = pieces_in(column)
    before = np.roll(pieces.stops, 1)
    before[pieces.offsets[:-1][np.diff(pieces.offsets) > 0]] = 0
    if (pieces.starts < before).any() or (pieces.stops <= pieces.starts).any():
        raise DatasetError("the pieces of a row in the column 'tags' are in order, and do not overlap")
    lowest, highest = pieces.tags.min(initial=0), pieces.tags.max(initial=0)
    if len(pieces.tags) and (lowest < 0 or highest >= tags):
        raise DatasetError(f"tags run from {lowest} to {highest}, but there are {tags}")


def as_bytes(column: pa.ChunkedArray) -> list[Hashable]:
    """A value per row; it is the same where all pieces are."""
    offsets, *fields = pieces_in(column)
    flat = np.stack(fields, axis=1)
    return [flat[start:stop].tobytes() for start, stop in pairwise(offsets)]
