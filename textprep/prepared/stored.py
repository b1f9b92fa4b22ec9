"""A file of a store, mapped into memory, and compared with its checksum when it is first read."""

from __future__ import annotations

from bisect import bisect_right
from functools import cached_property
from itertools import accumulate
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from textprep.preparation.manifest import FileRecord, check_sizes, checked_content, damaged
from textprep.ragged import Ragged, numbers


class StoredFile:
    """A file of record batches: a shard of ids, or the columns that go with them.

    Args:
        path: the file.
        expected: its size and checksum.
        rows: how many rows it has.
        verify: whether to compare it with its checksum before it is first read.
    """

    def __init__(self, path: Path, expected: FileRecord, rows: int, verify: bool) -> None:
        self.path = path
        self.rows = rows
        self._expected = expected
        self._verify = verify

    def check(self) -> None:
        """Read it, if it was not read before.

        Raises:
            PreparationError: it is damaged.
        """
        _ = self._batches

    def check_size(self) -> None:
        """See whether the file is there and whole, without reading it.

        Raises:
            PreparationError: it is missing or cut.
        """
        check_sizes(self.path.parent, {self.path.name: self._expected})

    def column(self, name: str) -> pa.ChunkedArray:
        """(rows,) of the memory map."""
        return pa.chunked_array([batch.column(name) for batch in self._batches])

    @cached_property
    def _batches(self) -> list[pa.RecordBatch]:
        content = checked_content(self.path, self._expected, checksum=self._verify)
        try:
            batches = list(pa.ipc.open_stream(content))
        except (pa.ArrowException, OSError) as error:
            raise damaged(self.path, f"it cannot be read ({error})") from error
        if sum(batch.num_rows for batch in batches) != self.rows:
            raise damaged(self.path, f"it does not hold {self.rows:,} rows")
        return batches


class StoredShard(StoredFile):
    """A file of `textprep.preparation.shards`."""

    def ids(self, row: int) -> npt.NDArray[np.integer]:
        """The ids of ``row``, counted in this shard: a view of the memory map."""
        batch = bisect_right(self._ends, row)
        ids = self._ids[batch]
        first = row - (self._ends[batch - 1] if batch else 0)
        return ids.values[ids.offsets[first] : ids.offsets[first + 1]]

    @cached_property
    def _ids(self) -> list[Ragged]:
        columns = [batch.column("input_ids") for batch in self._batches]
        return [Ragged(numbers(column.values), numbers(column.offsets)) for column in columns]

    @cached_property
    def _ends(self) -> list[int]:
        return list(accumulate(batch.num_rows for batch in self._batches))
