"""Opening a store: ids straight from the memory map, nothing copied, nothing unchecked."""

from __future__ import annotations

import operator
import os
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cached_property, partial
from itertools import accumulate
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, SupportsIndex

import numpy as np
import numpy.typing as npt

from textprep.errors import PreparationError, UnknownNameError
from textprep.pipeline import Pipeline
from textprep.preparation.fitted import saved_pipeline, teach
from textprep.preparation.lease import Lease
from textprep.preparation.manifest import (
    PIPELINE,
    Manifest,
    SplitRecord,
    check_sizes,
    checked_content,
    read_manifest,
)
from textprep.preparation.reader import StoredShard
from textprep.storage.files import local_path

if TYPE_CHECKING:
    import datasets

    from textprep.batches.loader import BatchLoader

Verify = Literal["lazy", "all", "none"]


class PreparedSplit:
    """The ids of one split, memory-mapped, with labels and row ids.

    Nothing is read before it is asked for: each shard is mapped, and checked, when one of its rows is.

    Attributes:
        name: the split's name.
        path: the folder of the store.
        fingerprint: the digest of everything that the store's ids depend on.
    """

    def __init__(
        self,
        name: str,
        record: SplitRecord,
        shards: Sequence[StoredShard],
        class_names: Sequence[str],
        verify: Verify,
        lease: Lease,
        *,
        path: Path,
        fingerprint: str,
    ) -> None:
        self.name = name
        self.path = path
        self.fingerprint = fingerprint
        self._record = record
        self._shards = shards
        self._ends = list(accumulate(shard.rows for shard in shards))
        self._class_names = class_names
        self._verify = verify
        self._lease = lease  # as long as it lives, the store is not pruned

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

    def oov_rate(self) -> float:
        """The share of tokens that are 1, ``<unk>``; 0 where there are no tokens."""
        return float(self._record["unknown"] / max(1, self._record["tokens"]))

    def loader(self, **options: Any) -> BatchLoader:
        """Padded batches of this split; the options are those of `textprep.batches.loader.BatchLoader`.

        Raises:
            LoaderError: there is no such option, or one has a value that it cannot have.
        """
        from textprep.batches.loader import loader_of  # the one door forward: preparing needs no torch

        return loader_of(self, options)

    def to_hf(self) -> datasets.Dataset:
        """The split as a ``datasets.Dataset``, memory-mapped from the same files.

        Its columns are ``input_ids``, ``length``, ``label`` (a ``ClassLabel`` where every row has one; 0 or 1
        for each class where a row may have several) and ``row_id``.

        Raises:
            PreparationError: a file is damaged.
        """
        from textprep.preparation.hugging_face import as_dataset

        for shard in self._shards:
            shard.check()
        labelled = self._class_names and self.labels.ndim == 1 and not np.any(self.labels < 0)
        return as_dataset([shard.path for shard in self._shards], self._class_names if labelled else ())

    def _column(self, name: str) -> npt.NDArray[np.int64]:
        return np.concatenate([shard.column(name) for shard in self._shards])

    def __reduce__(self) -> tuple[Any, ...]:  # another process maps the files again
        return partial(open_split, verify=self._verify), (self.path, self.name)

    def __repr__(self) -> str:
        return f"PreparedSplit({self.name!r}: {len(self):,} rows, {self._record['tokens']:,} tokens)"


class PreparedDataset(Mapping[str, PreparedSplit]):
    """A corpus as ids on disk: a mapping from split name to `PreparedSplit`.

    Attributes:
        path: the folder of the store.
        pipeline: the fitted pipeline that made the ids.
        class_names: the names of the classes 0, 1, …; empty where the corpus has no labels.
        multi_label: whether a row may have several labels.
        fingerprint: the digest of everything that the ids depend on.
        stages: stage → seconds that `prepare` spent on it. Threads are added up, and writing goes on beside
            the rest.
        lease: what keeps the store from being pruned while this object or one of its splits lives.
    """

    def __init__(
        self,
        path: Path,
        manifest: Manifest,
        pipeline: Pipeline,
        verify: Verify,
        lease: Lease,
        stages: Mapping[str, float],
    ) -> None:
        self.path = path
        self.pipeline = pipeline
        self.lease = lease
        self.class_names: tuple[str, ...] = tuple(manifest["class_names"])
        self.multi_label = manifest["schema"]["label"] != "int64"
        self.fingerprint: str = manifest["fingerprint"]
        self.stages = stages
        self._splits = {name: _open(path, manifest, name, verify, lease) for name in manifest["splits"]}

    @property
    def num_classes(self) -> int:
        """How many classes there are."""
        return len(self.class_names)

    def to_hf(self) -> datasets.DatasetDict:
        """Every split as a ``datasets.Dataset``, see `PreparedSplit.to_hf`."""
        from datasets import DatasetDict

        return DatasetDict({name: split.to_hf() for name, split in self.items()})

    def __getitem__(self, name: str) -> PreparedSplit:
        if name not in self._splits:
            raise _unknown(name, self._splits)
        return self._splits[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._splits)

    def __len__(self) -> int:
        return len(self._splits)

    def __repr__(self) -> str:
        return f"PreparedDataset({', '.join(map(repr, self._splits.values()))} in {self.path})"


def open_store(
    path: str | os.PathLike[str],
    pipeline: Pipeline | None = None,
    *,
    verify: Verify = "lazy",
    stages: Mapping[str, float] | None = None,
) -> PreparedDataset:
    """Open the store that `prepare` wrote to the folder ``path``.

    Args:
        path: the folder.
        pipeline: the pipeline to use with it, of the same steps and tokenizer; an unfitted one takes over
            what the store's has learned. Not given, the store's own is loaded.
        verify: the manifest and the size of every file are always checked. ``"lazy"`` compares the
            contents of a file with its checksum when it is first read, ``"all"`` does so with every file
            now, ``"none"`` never, for a disk that you trust.
        stages: what `prepare` spent on each stage; nothing if not given.

    Raises:
        PreparationError: the folder holds no store, a file is damaged, or ``pipeline`` is another one.
        PipelineError: the store's own pipeline cannot be loaded: a step's plugin or code is missing here.
    """
    if verify not in ("lazy", "all", "none"):
        raise PreparationError(f"verify={verify!r} is none of 'lazy', 'all', 'none'")
    folder = local_path(path, PreparationError)
    lease = Lease(folder)
    manifest = read_manifest(folder)
    files = manifest["files"]
    check_sizes(folder, files)
    if verify == "all":
        for name, expected in files.items():
            checked_content(folder / name, expected)
    if pipeline is not None and not _fits(pipeline, manifest["made_of"]):
        raise PreparationError(f"{folder} was prepared with other steps, another tokenizer or other options")
    if pipeline is None or not pipeline.is_fitted:
        saved = checked_content(folder / PIPELINE, files[PIPELINE], checksum=verify != "none")
        pipeline = saved_pipeline(saved, folder / PIPELINE) if pipeline is None else teach(pipeline, saved)
    return PreparedDataset(folder, manifest, pipeline, verify, lease, stages or {})


def open_split(path: str | os.PathLike[str], name: str, *, verify: Verify = "lazy") -> PreparedSplit:
    """Open one split of the store in the folder ``path``, without the pipeline that made it.

    Raises:
        PreparationError: the folder holds no store, or a file is damaged.
        UnknownNameError: the store has no such split.
    """
    folder = local_path(path, PreparationError)
    lease = Lease(folder)
    manifest = read_manifest(folder)
    check_sizes(folder, manifest["files"])
    if name not in manifest["splits"]:
        raise _unknown(name, manifest["splits"])
    return _open(folder, manifest, name, verify, lease)


def _open(path: Path, manifest: Manifest, name: str, verify: Verify, lease: Lease) -> PreparedSplit:
    record, files = manifest["splits"][name], manifest["files"]
    shards = [
        StoredShard(path / shard["file"], files[shard["file"]], shard["rows"], verify != "none")
        for shard in record["shards"]
    ]
    return PreparedSplit(
        name,
        record,
        shards,
        manifest["class_names"],
        verify,
        lease,
        path=path,
        fingerprint=manifest["fingerprint"],
    )


def _unknown(name: str, splits: Iterable[str]) -> UnknownNameError:
    return UnknownNameError(f"there is no split {name!r}; there are: {', '.join(splits)}")


def _fits(pipeline: Pipeline, made_of: Mapping[str, Any]) -> bool:
    return all(made_of[key] == value for key, value in pipeline.description().items())
