"""One split of a store: ids straight from the memory map, nothing copied, nothing unchecked."""

from __future__ import annotations

import operator
import os
from bisect import bisect_right
from collections.abc import Iterable
from functools import cached_property, partial
from itertools import accumulate
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, SupportsIndex

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from textprep.errors import PreparationError, UnknownNameError
from textprep.preparation.manifest import (
    MANIFEST,
    FileRecord,
    Manifest,
    check_sizes,
    checked_content,
    damaged,
    read_manifest,
)
from textprep.ragged import Ragged, numbers
from textprep.storage.files import local_path
from textprep.storage.locks import Lease
from textprep.targets import Target, target_of

if TYPE_CHECKING:
    import datasets

    from textprep.batches.loader import BatchLoader

Verify = Literal["lazy", "all", "none"]


class StoredShard:
    """A file of `textprep.preparation.shards`.

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

    def ids(self, row: int) -> npt.NDArray[np.integer]:
        """The ids of ``row``, counted in this shard: a view of the memory map."""
        batch = bisect_right(self._ends, row)
        ids = self._ids[batch]
        first = row - (self._ends[batch - 1] if batch else 0)
        return ids.values[ids.offsets[first] : ids.offsets[first + 1]]

    def column(self, name: str) -> npt.NDArray[np.int64]:
        """(rows,) int64: ``length``, ``label`` or ``row_id``.

        Where rows may have several labels, ``label`` is (rows, classes) int8.
        """
        return np.concatenate([_numbers(batch.column(name)) for batch in self._batches])

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
    def _ids(self) -> list[Ragged]:
        columns = [batch.column("input_ids") for batch in self._batches]
        return [Ragged(numbers(column.values), numbers(column.offsets)) for column in columns]

    @cached_property
    def _ends(self) -> list[int]:
        return list(accumulate(batch.num_rows for batch in self._batches))


class PreparedSplit:
    """The ids of one split, memory-mapped, with labels and row ids.

    Nothing is read before it is asked for: each shard is mapped, and checked, when one of its rows is.

    Attributes:
        name: the split's name.
        path: the folder of the store.
        target: what a model is to learn from a row; ``None`` where there are no labels.
        fingerprint: the digest of everything that the store's ids depend on.
    """

    def __init__(self, name: str, path: Path, manifest: Manifest, verify: Verify, lease: Lease) -> None:
        self.name = name
        self.path = path
        self.fingerprint = manifest["fingerprint"]
        self._record = manifest["splits"][name]
        self.target: Target | None = target_of(manifest["target"]) if manifest["target"] else None
        self._verify = verify
        self._lease = lease  # as long as it lives, the store is not pruned
        files = manifest["files"]
        self._shards = [
            StoredShard(path / shard["file"], files[shard["file"]], shard["rows"], verify != "none")
            for shard in self._record["shards"]
        ]
        self._ends = list(accumulate(shard.rows for shard in self._shards))

    @cached_property
    def lengths(self) -> npt.NDArray[np.int64]:
        """(N,) int64, the number of tokens of each row."""
        return self._column("length")

    @cached_property
    def labels(self) -> npt.NDArray[np.int64]:
        """(N,) int64, the class; -100, torch's ``ignore_index``, where there is none.

        Where rows may have several labels, (N, C) int8: 1 for each class that the row has, 0 for the others.
        """
        return self._column("label")

    @cached_property
    def row_ids(self) -> npt.NDArray[np.int64]:
        """(N,) int64, the rows' ids in the corpus."""
        return self._column("row_id")

    def __len__(self) -> int:
        return self._ends[-1]

    def check_files(self) -> None:
        """See whether the files are still there and whole, without reading them.

        Raises:
            PreparationError: one is missing or cut; names it.
        """
        for shard in self._shards:
            shard.check_size()

    def ids(self, row: SupportsIndex) -> npt.NDArray[np.integer]:
        """The ids of ``row``, (length,) of the store's unsigned type: a read-only view, not a copy.

        Raises:
            IndexError: there is no such row; rows count from 0.
            PreparationError: the file that holds it is damaged.
        """
        number = operator.index(row)
        if not 0 <= number < self._ends[-1]:
            raise IndexError(f"split {self.name!r} has rows 0 to {len(self) - 1}, no row {number}")
        shard = bisect_right(self._ends, number)
        return self._shards[shard].ids(number - (self._ends[shard - 1] if shard else 0))

    def __getitem__(self, row: SupportsIndex) -> dict[str, Any]:
        """``data["train"][0]``: ``input_ids``, ``length``, ``label`` and ``row_id``, as columns of `to_hf`.

        ``label`` is the class's number, -100 where there is none; where a row may have several, a list with
        a 0 or 1 for each class. Negative numbers count from the end.

        Raises:
            IndexError: there is no such row.
            TypeError: ``row`` is no number; ``ids``, ``labels`` and ``lengths`` have many rows at once.
            PreparationError: the file that holds it is damaged.
        """
        if isinstance(row, (str, slice)):
            raise TypeError(
                f"a row has a number, as in split[0], not {row!r}; split.labels, split.lengths and "
                "split.row_ids have all rows, and split.to_hf() is a table of them"
            )
        number = operator.index(row)
        ids = self.ids(number + len(self) if -len(self) <= number < 0 else number)
        return {
            "input_ids": ids.tolist(),
            "length": len(ids),
            "label": self.labels[number].tolist(),
            "row_id": int(self.row_ids[number]),
        }

    def oov_rate(self) -> float:
        """The share of tokens that are 1, ``<unk>``; 0 where there are no tokens."""
        return float(self._record["unknown"] / max(1, self._record["tokens"]))

    def loader(self, **options: Any) -> BatchLoader:
        """Padded batches of this split; the options are those of `textprep.batches.loader.BatchLoader`.

        Raises:
            LoaderError: there is no such option, or one has a value that it cannot have.
        """
        from textprep.batches.loader import loader_of  # here, since preparing needs no torch

        return loader_of(self, options)

    def to_hf(self) -> datasets.Dataset:
        """The split as a ``datasets.Dataset``, memory-mapped from the same files.

        Its columns are ``input_ids``, ``length``, ``label`` (a ``ClassLabel`` where every row has one; 0 or 1
        for each class where a row may have several) and ``row_id``.

        Raises:
            PreparationError: a file is damaged.
        """
        from datasets import Dataset, DatasetInfo, concatenate_datasets

        for shard in self._shards:
            shard.check()
        parts = [Dataset.from_file(str(shard.path)) for shard in self._shards]
        feature = self.target.feature() if self.target and self.target.labelled(self.labels).all() else None
        if feature is not None:
            features = parts[0].features | {"label": feature}
            info = DatasetInfo(features=type(parts[0].features)(features))
            parts = [Dataset(part.data, info=info) for part in parts]
        return concatenate_datasets(parts)

    def _column(self, name: str) -> npt.NDArray[np.int64]:
        return np.concatenate([shard.column(name) for shard in self._shards])

    def __reduce__(self) -> tuple[Any, ...]:  # another process maps the files again
        return partial(open_split, verify=self._verify), (self.path, self.name)

    def __repr__(self) -> str:
        return f"PreparedSplit({self.name!r}: {len(self):,} rows, {self._record['tokens']:,} tokens)"


def open_split(path: str | os.PathLike[str], name: str, *, verify: Verify = "lazy") -> PreparedSplit:
    """Open one split of the store in the folder ``path``, without the pipeline that made it.

    Raises:
        PreparationError: the folder holds no store, or a file is damaged.
        UnknownNameError: the store has no such split.
    """
    folder = local_path(path, PreparationError)
    lease = Lease(folder / MANIFEST)
    manifest = read_manifest(folder)
    check_sizes(folder, manifest["files"])
    if name not in manifest["splits"]:
        raise unknown_split(name, manifest["splits"])
    return PreparedSplit(name, folder, manifest, verify, lease)


def unknown_split(name: str, splits: Iterable[str]) -> UnknownNameError:
    """The error for a split that a store does not have."""
    return UnknownNameError(f"there is no split {name!r}; there are: {', '.join(splits)}")


def _numbers(column: pa.Array) -> npt.NDArray[np.int64]:
    if not pa.types.is_fixed_size_list(column.type):
        return numbers(column)
    return numbers(column.flatten()).reshape(-1, column.type.list_size)
