"""One split of a store: ids straight from the memory map, nothing copied, nothing unchecked."""

from __future__ import annotations

import operator
import os
from collections.abc import Iterable
from functools import cached_property, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, SupportsIndex

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from textprep.batches.reader import Unlabelled, field_of
from textprep.errors import PreparationError, UnknownNameError
from textprep.preparation.columns import file_of
from textprep.preparation.manifest import MANIFEST, Manifest, check_sizes, read_manifest
from textprep.preparation.shards import SPANS
from textprep.preparation.stored_columns import StoredColumns, open_columns
from textprep.prepared.stored import StoredFile, StoredIds, StoredLabels
from textprep.ragged import numbers
from textprep.storage.files import digest_of, local_path
from textprep.storage.locks import Lease
from textprep.targets import Target
from textprep.template import Template

if TYPE_CHECKING:
    import datasets

    from textprep.batches.blocks import Blocks
    from textprep.batches.loader import BatchLoader

UNLABELLED = -100
Verify = Literal["lazy", "all", "none"]


class PreparedSplit:
    """The ids of one split, memory-mapped, with labels and row ids.

    Nothing is read before it is asked for: each shard is mapped, and checked, when one of its rows is.
    Where rows have two texts, `ids` and `lengths` are of the first, those of `pair` of the second.

    Attributes:
        name: the split's name.
        path: the folder of the store.
        target: what a model is to learn from a row; ``None`` where there are no labels.
        template: how a row is laid out, with its special tokens, which the ids here are without.
        pair: ``lengths``, (N,) int64, and ``ids(row)`` of the second texts; ``None`` where there are none.
        features: how many numbers a step has, where rows are sequences; ``None`` where they are texts. Then
            `ids` of a row are (length, F) float32.
        extra_names: the extra columns, which `extra` gives.
        fingerprint: a digest of everything that the ids depend on, and of what goes with them.
    """

    def __init__(
        self, name: str, path: Path, manifest: Manifest, columns: StoredColumns, verify: Verify, lease: Lease
    ) -> None:
        self.name = name
        self.path = path
        self.fingerprint = fingerprint_of(manifest, columns)
        self.target: Target | None = columns.target
        self._extra_kinds = columns.extra
        self.extra_names = tuple(self._extra_kinds)
        self._record = manifest["splits"][name]
        self._columns = columns
        self._extra: dict[str, npt.NDArray[Any]] = {}
        self._verify = verify
        self._lease = lease  # as long as it lives, the store is not pruned
        files, check = manifest["files"], verify != "none"
        self._shards = [
            StoredFile(path / shard["file"], files[shard["file"]], shard["rows"], check)
            for shard in self._record["shards"]
        ]
        self.template = Template.from_json(manifest["template"])
        names = manifest.get("features")
        self.features = None if names is None else len(names)
        self._field = field_of(self)
        self._first = StoredIds(name, self._shards, self._field, "length", lease)
        has_pairs = "pair_ids" in manifest["schema"]
        self.pair = StoredIds(name, self._shards, "pair_ids", "pair_length", lease) if has_pairs else None
        has_spans = SPANS[0] in manifest["schema"]
        self._spans = [StoredIds(name, self._shards, side, "length") for side in SPANS if has_spans]
        beside = columns.manifest["files"].get(file_of(name))
        self._beside = beside and StoredFile(columns.folder / file_of(name), beside, len(self), check)

    @property
    def lengths(self) -> npt.NDArray[np.int64]:
        """(N,) int64, the number of tokens of each row."""
        return self._first.lengths

    @cached_property
    def labels(self) -> Any:
        """The labels as an array, as in `textprep.datasets.split.Split.labels`.

        (N,) int64 classes, -100 where there is none; (N, C) int8 of 0 and 1 where a row may have several;
        (N,) or (N, K) float64 of numbers, NaN where there is none. Without a target, (N,) of -100.
        Where each token has a label: ``lengths`` (N,) int64, and ``ids(row)``, (length,) int64.
        """
        if self.target is None:
            return np.full(len(self), UNLABELLED)
        if self.target.needs_spans:
            return self._token_labels(self.target.column)
        if self.target.from_text:
            return self.target.of_texts(self, self.template.ending)
        name = self.target.column
        column = self.column(name) if name is not None and name in self.column_names else None
        return self.target.array(column, len(self))

    def _token_labels(self, column: str | None) -> StoredLabels | Unlabelled:
        if self._beside is None or column not in self.column_names:
            return Unlabelled(self.lengths)
        return StoredLabels(self.name, self._beside, self.lengths)

    @cached_property
    def row_ids(self) -> npt.NDArray[np.int64]:
        """(N,) int64, the rows' ids in the corpus."""
        return np.concatenate([numbers(shard.column("row_id")) for shard in self._shards])

    @property
    def column_names(self) -> tuple[str, ...]:
        """The columns stored with the ids, such as ``label``."""
        return tuple(self._columns.manifest["contents"]["splits"][self.name]["columns"])

    def column(self, name: str) -> pa.ChunkedArray:
        """One of `column_names` as it was in the corpus, memory-mapped.

        Raises:
            UnknownNameError: there is no such column.
            PreparationError: the file that holds it is damaged.
        """
        if self._beside is None or name not in self.column_names:
            there = ", ".join(self.column_names) or "none"
            raise UnknownNameError(f"split {self.name!r} has no column {name!r}; there are: {there}")
        return self._beside.column(name)

    def extra(self, name: str) -> npt.NDArray[Any]:
        """An extra column as batches have it.

        (N,) int64 ids of a category: 1 of one that the training split does not have, 2 and on of the others;
        (N,) or (N, K) float32 of numbers.

        Raises:
            UnknownNameError: there is no such column.
            PreparationError: the file that holds it is damaged.
        """
        if name not in self.extra_names:
            there = ", ".join(self.extra_names) or "none"
            raise UnknownNameError(f"split {self.name!r} has no extra column {name!r}; there are: {there}")
        if name not in self._extra:
            self._extra[name] = self._extra_kinds[name].array(self.column(name))
        return self._extra[name]

    def __len__(self) -> int:
        return len(self._first)

    def check_files(self) -> None:
        """See whether the files are still there and whole, without reading them.

        Raises:
            PreparationError: one is missing or cut; names it.
        """
        for file in self._files():
            file.check_size()

    def ids(self, row: SupportsIndex) -> npt.NDArray[np.integer]:
        """The ids of ``row``, (length,) of the store's unsigned type: a read-only view, not a copy.

        Raises:
            IndexError: there is no such row; rows count from 0.
            PreparationError: the file that holds it is damaged.
        """
        return self._first.ids(row)

    def spans(self, row: SupportsIndex) -> npt.NDArray[np.int64]:
        """Where in its raw text each token of ``row`` came from: (length, 2) int64, start and stop.

        They are stored where the target needs them, see `textprep.Pipeline.encode_with_spans`.

        Raises:
            IndexError: there is no such row; rows count from 0.
            PreparationError: they are not stored, or the file that holds them is damaged.
        """
        if not self._spans:
            raise PreparationError(
                f"split {self.name!r} does not say where tokens came from: its target does not need it",
                hint="pipeline.encode_with_spans(texts) does",
            )
        return np.stack([side.ids(row) for side in self._spans], axis=1).astype(np.int64)

    def __getitem__(self, row: SupportsIndex) -> dict[str, Any]:
        """``data["train"][0]``: ``input_ids``, ``length``, ``row_id`` and `column_names`, as in `to_hf`.

        Where rows have two texts, ``pair_ids`` and ``pair_length`` are those of the second.
        ``label`` is the class's number; where a row may have several, ``labels`` are theirs. Negative numbers
        count from the end.

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
        place = number + len(self) if -len(self) <= number < 0 else number
        ids = self.ids(place)
        second = None if self.pair is None else self.pair.ids(place)
        pair = {} if second is None else {"pair_ids": second.tolist(), "pair_length": len(second)}
        return {
            self._field: ids.tolist(),
            "length": len(ids),
            **pair,
            "row_id": int(self.row_ids[number]),
            **{name: self.column(name)[number].as_py() for name in self.column_names},
        }

    def oov_rate(self) -> float:
        """The share of tokens, of pairs in both texts, that are unknown; 0 where there are no tokens."""
        return float(self._record["unknown"] / max(1, self._record["tokens"]))

    @property
    def tokens(self) -> int:
        """How many tokens all rows have, special tokens left out, of pairs in both texts."""
        return self._record["tokens"]

    def tokens_between(
        self, starts: npt.NDArray[np.int64], stops: npt.NDArray[np.int64]
    ) -> npt.NDArray[np.integer]:
        """Spans of the ids of all rows, joined: from each of ``starts`` to before its stop, in one array."""
        return self._first.tokens_between(starts, stops)

    def blocks(self, length: int = 128, *, lanes: int | None = None, end_id: int | None = None) -> Blocks:
        """The texts of all rows joined and cut into blocks of ``length`` tokens, for language models.

        See `textprep.batches.blocks.Blocks`.

        Raises:
            LoaderError: an option cannot be used, or there is no token to end a text.
        """
        from textprep.batches.blocks import Blocks  # here, since preparing needs no torch

        return Blocks(self, length, lanes=lanes, end_id=end_id)

    def loader(self, **options: Any) -> BatchLoader:
        """Padded batches of this split; the options are those of `textprep.batches.loader.BatchLoader`.

        Raises:
            LoaderError: there is no such option, or one has a value that it cannot have.
        """
        from textprep.batches.loader import loader_of  # here, since preparing needs no torch

        return loader_of(self, options)

    def to_hf(self) -> datasets.Dataset:
        """The split as a ``datasets.Dataset``, memory-mapped from the same files.

        Its columns are ``input_ids``, ``length``, of pairs ``pair_ids`` and ``pair_length``, ``row_id``, and
        `column_names`: of a class ``label``, a
        ``ClassLabel``; where a row may have several, ``labels``, lists of their numbers.

        Raises:
            PreparationError: a file is damaged.
        """
        from textprep.prepared.hugging_face import columns_of, rows_of, side_by_side

        for file in self._files():
            file.check()
        ids = rows_of([shard.path for shard in self._shards])
        return side_by_side(ids, columns_of(self._beside.path, self.target)) if self._beside else ids

    def _files(self) -> list[StoredFile]:
        return [*self._shards, *([self._beside] if self._beside else [])]

    def __reduce__(self) -> tuple[Any, ...]:  # another process maps the files again
        return partial(open_split, verify=self._verify, columns=self._columns.digest), (self.path, self.name)

    def __repr__(self) -> str:
        return f"PreparedSplit({self.name!r}: {len(self):,} rows, {self.tokens:,} {self.unit}s)"

    @property
    def unit(self) -> str:
        """What a row is made of: a token, or a step."""
        return "token" if self.features is None else "step"


def open_split(
    path: str | os.PathLike[str], name: str, *, verify: Verify = "lazy", columns: str | None = None
) -> PreparedSplit:
    """Open one split of the store in the folder ``path``, without the pipeline that made it.

    Args:
        path: the folder.
        name: of the split.
        verify: as of `textprep.prepared.dataset.open_store`, as is ``columns``.
        columns: the digest of what goes with the rows; what was prepared last if not given.

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
    return PreparedSplit(name, folder, manifest, open_columns(folder, columns), verify, lease)


def fingerprint_of(manifest: Manifest, columns: StoredColumns) -> str:
    """The digest of all that batches are made of: the ids and what goes with them."""
    return digest_of(f"{manifest['fingerprint']}/{columns.digest}".encode("ascii"))


def unknown_split(name: str, splits: Iterable[str]) -> UnknownNameError:
    """The error for a split that a store does not have."""
    return UnknownNameError(f"there is no split {name!r}; there are: {', '.join(splits)}")
