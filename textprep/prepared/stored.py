"""A file of a store, mapped into memory, and compared with its checksum when it is first read."""

from __future__ import annotations

import operator
from bisect import bisect_right
from collections.abc import Sequence
from functools import cached_property
from itertools import accumulate
from pathlib import Path
from typing import SupportsIndex

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from textprep.preparation.manifest import FileRecord, check_sizes, checked_content, damaged
from textprep.preparation.token_labels import LABELS
from textprep.ragged import Ragged, numbers
from textprep.storage.locks import Lease


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

    @cached_property
    def ends(self) -> list[int]:
        """Of each record batch, the number of the row after its last."""
        return list(accumulate(batch.num_rows for batch in self._batches))

    def ragged(self, name: str) -> list[Ragged]:
        """A column of lists of numbers, batch by batch: views of the memory map."""
        columns = [batch.column(name) for batch in self._batches]
        return [Ragged(numbers(column.values), numbers(column.offsets)) for column in columns]


class StoredIds:
    """The ids of one text of every row of a split, from the shards of `textprep.preparation.shards`.

    Nothing is read before it is asked for: a shard is mapped, and checked, when one of its rows is.

    Args:
        split: the name of the split, for errors.
        shards: its files, in order.
        ids, length: the columns that hold the ids and their number.
        lease: keeps the store from being pruned as long as this object lives.
    """

    def __init__(
        self, split: str, shards: Sequence[StoredFile], ids: str, length: str, lease: Lease | None = None
    ) -> None:
        self._split, self._shards, self._lease = split, shards, lease
        self._names = ids, length
        self._ends = list(accumulate(shard.rows for shard in shards))
        self._read: dict[int, list[Ragged]] = {}

    def __repr__(self) -> str:
        return f"StoredIds({self._split!r}: {len(self):,} rows, {int(self.lengths.sum()):,} tokens)"

    @cached_property
    def lengths(self) -> npt.NDArray[np.int64]:
        """(N,) int64, the number of ids of each row."""
        return np.concatenate([numbers(shard.column(self._names[1])) for shard in self._shards])

    def __len__(self) -> int:
        return self._ends[-1]

    def ids(self, row: SupportsIndex) -> npt.NDArray[np.integer]:
        """The ids of ``row``, (length,) of the store's unsigned type: a read-only view, not a copy.

        Raises:
            IndexError: there is no such row; rows count from 0.
            PreparationError: the file that holds it is damaged.
        """
        number = operator.index(row)
        if not 0 <= number < self._ends[-1]:
            raise IndexError(f"split {self._split!r} has rows 0 to {len(self) - 1}, no row {number}")
        at = bisect_right(self._ends, number)
        place = number - (self._ends[at - 1] if at else 0)
        ends = self._shards[at].ends
        batch = bisect_right(ends, place)
        ids = self._batches(at)[batch]
        first = place - (ends[batch - 1] if batch else 0)
        return ids.values[ids.offsets[first] : ids.offsets[first + 1]]

    def tokens_between(
        self, starts: npt.NDArray[np.int64], stops: npt.NDArray[np.int64]
    ) -> npt.NDArray[np.integer]:
        """Spans of the ids of all rows, joined: from each of ``starts`` to before its stop, in one array.

        Args:
            starts, stops: (B,) int64, B of at least 1.

        Raises:
            PreparationError: a file that holds them is damaged.
        """
        begins, pieces = self._joined
        at = np.searchsorted(begins, starts, side="right") - 1
        spans = zip(at.tolist(), (starts - begins[at]).tolist(), (stops - begins[at]).tolist(), strict=True)
        return np.concatenate(
            [
                pieces[number][start:stop]
                if stop <= len(pieces[number])
                else _across(pieces[number:], start, stop)
                for number, start, stop in spans
            ]
        )

    @cached_property
    def _joined(self) -> tuple[npt.NDArray[np.int64], list[npt.NDArray[np.integer]]]:
        """Where each record batch begins among the ids of all, and its ids: views of the memory map."""
        batches = [batch for shard in range(len(self._shards)) for batch in self._batches(shard)]
        pieces = [batch.values[batch.offsets[0] : batch.offsets[-1]] for batch in batches]
        return np.cumsum([0, *map(len, pieces[:-1])]), pieces

    def _batches(self, shard: int) -> list[Ragged]:
        """The ids of a shard, record batch by record batch."""
        if shard not in self._read:
            self._read[shard] = self._shards[shard].ragged(self._names[0])
        return self._read[shard]


class StoredLabels:
    """The labels of the tokens of a split, a `textprep.batches.reader.TokenLabels`.

    Args:
        split: the name of the split, for errors.
        file: holds them, beside other columns.
        lengths: (N,) int64, the number of tokens of each row.
    """

    def __init__(self, split: str, file: StoredFile, lengths: npt.NDArray[np.int64]) -> None:
        self.lengths = lengths
        self._rows = StoredIds(split, [file], LABELS, "")

    def __len__(self) -> int:
        return len(self.lengths)

    def ids(self, row: SupportsIndex) -> npt.NDArray[np.int64]:
        """The labels of the tokens of ``row``, (length,) int64.

        Raises:
            IndexError: there is no such row; rows count from 0.
            PreparationError: the file that holds it is damaged.
        """
        return self._rows.ids(row).astype(np.int64)


def _across(pieces: Sequence[npt.NDArray[np.integer]], start: int, stop: int) -> npt.NDArray[np.integer]:
    """The ids from ``start`` to before ``stop`` of arrays, joined; the first one holds that at ``start``."""
    found = []
    for piece in pieces:
        found.append(piece[max(start, 0) : stop])
        start, stop = start - len(piece), stop - len(piece)
        if stop <= 0:
            break
    return np.concatenate(found)
