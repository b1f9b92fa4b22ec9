"""Opening a store: ids straight from the memory map, nothing copied, nothing unchecked."""

from __future__ import annotations

import operator
import os
from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from itertools import accumulate
from pathlib import Path
from typing import TYPE_CHECKING, Any, SupportsIndex

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from textprep.encoding.ragged import Ragged
from textprep.errors import PreparationError, UnknownNameError
from textprep.files import read_json
from textprep.pipeline import Pipeline
from textprep.preparation.manifest import PIPELINE, check_files, read_manifest, split_file
from textprep.vocabulary import Vocabulary

if TYPE_CHECKING:
    from textprep.batches.loader import BatchLoader


class PreparedSplit:
    """The ids of one split, memory-mapped, with labels and row ids.

    Attributes:
        name: the split's name.
        lengths: (N,) int64, the number of tokens of each row.
        labels: (N,) int64, the class; -100, torch's ``ignore_index``, where there is none.
        row_ids: (N,) int64, the rows' ids in the corpus.
    """

    def __init__(self, name: str, path: Path) -> None:
        with pa.memory_map(str(path)) as source:
            reader = pa.ipc.open_file(source)
            batches = [reader.get_batch(number) for number in range(reader.num_record_batches)]
        columns = [batch.column("input_ids") for batch in batches]
        self._blocks = [Ragged(column.values.to_numpy(), column.offsets.to_numpy()) for column in columns]
        self._ends = list(accumulate(map(len, columns)))
        self.name = name
        self.lengths = _joined([np.diff(block.offsets) for block in self._blocks])
        self.labels = _joined([batch.column("label").to_numpy() for batch in batches])
        self.row_ids = _joined([batch.column("row_id").to_numpy() for batch in batches])

    def __len__(self) -> int:
        return len(self.lengths)

    def ids(self, row: SupportsIndex) -> npt.NDArray[np.integer]:
        """The ids of ``row``, (length,) of the store's unsigned type: a read-only view, not a copy.

        Raises:
            IndexError: there is no such row; rows count from 0.
        """
        number = operator.index(row)
        if not 0 <= number < len(self.lengths):
            raise IndexError(f"split {self.name!r} has rows 0 to {len(self) - 1}, no row {number}")
        block = bisect_right(self._ends, number)
        values, offsets = self._blocks[block]
        first = number - (self._ends[block - 1] if block else 0)
        return values[offsets[first] : offsets[first + 1]]

    def unknown_rate(self) -> float:
        """The share of tokens that are 1, ``<unk>``; 0 where there are no tokens."""
        unknown = sum(int(np.count_nonzero(block.values == Vocabulary.unk_id)) for block in self._blocks)
        return unknown / max(1, sum(len(block.values) for block in self._blocks))

    def loader(self, **options: Any) -> BatchLoader:
        """Padded batches of this split; the options are those of `textprep.batches.loader.BatchLoader`.

        Raises:
            LoaderError: an option has a value that it cannot have.
        """
        from textprep.batches.loader import BatchLoader  # the one door forward: preparing needs no torch

        return BatchLoader(self, **options)

    def __repr__(self) -> str:
        return f"PreparedSplit({self.name!r}: {len(self):,} rows, {int(self.lengths.sum()):,} tokens)"


class PreparedDataset(Mapping[str, PreparedSplit]):
    """A corpus as ids on disk: a mapping from split name to `PreparedSplit`.

    Attributes:
        path: the folder of the store.
        pipeline: the fitted pipeline that made the ids.
        class_names: the names of the classes 0, 1, …; empty where the corpus has no labels.
        fingerprint: the digest of everything that the ids depend on.
    """

    def __init__(self, path: Path, manifest: Mapping[str, Any], pipeline: Pipeline) -> None:
        self.path = path
        self.pipeline = pipeline
        self.class_names: tuple[str, ...] = tuple(manifest["class_names"])
        self.fingerprint: str = manifest["fingerprint"]
        self._splits = {name: PreparedSplit(name, path / split_file(name)) for name in manifest["splits"]}

    @property
    def num_classes(self) -> int:
        """How many classes there are."""
        return len(self.class_names)

    def __getitem__(self, name: str) -> PreparedSplit:
        if name not in self._splits:
            raise UnknownNameError(f"there is no split {name!r}; there are: {', '.join(self._splits)}")
        return self._splits[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._splits)

    def __len__(self) -> int:
        return len(self._splits)

    def __repr__(self) -> str:
        return f"PreparedDataset({', '.join(map(repr, self._splits.values()))} in {self.path})"


def open_store(path: str | os.PathLike[str], pipeline: Pipeline | None = None) -> PreparedDataset:
    """Open the store that `prepare` wrote to the folder ``path``; every file is checked first.

    Args:
        path: the folder.
        pipeline: the pipeline to use with it, of the same steps and tokenizer; an unfitted one takes over
            what the store's has learned. Not given, the store's own is loaded.

    Raises:
        PreparationError: the folder holds no store, a file is damaged, or ``pipeline`` is another one.
        PipelineError: the store's own pipeline cannot be loaded: a step's plugin or code is missing here.
    """
    folder = Path(path)
    manifest = read_manifest(folder)
    check_files(folder, manifest)
    if pipeline is None:
        pipeline = Pipeline.load(folder / PIPELINE)
    elif pipeline.description() != manifest["made_of"]["pipeline"]:
        raise PreparationError(f"{folder} was prepared with other steps, another tokenizer or other options")
    elif not pipeline.is_fitted:
        _teach(pipeline, folder / PIPELINE)
    return PreparedDataset(folder, manifest, pipeline)


def _teach(pipeline: Pipeline, path: Path) -> None:
    """Give ``pipeline`` what the saved one learned; its steps need no registered name for that."""
    record = read_json(path, PreparationError)
    tokenizer = pipeline.tokenizer.model_copy()
    tokenizer.restore(Vocabulary.from_json(record["vocabulary"]), record["tokenizer"]["state"])
    pipeline.adopt(Pipeline(pipeline.steps, tokenizer=tokenizer))


def _joined(parts: Sequence[npt.NDArray[np.int64]]) -> npt.NDArray[np.int64]:
    return np.concatenate([np.empty(0, dtype=np.int64), *parts])
