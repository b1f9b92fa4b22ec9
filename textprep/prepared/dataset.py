"""Opening a store: `PreparedDataset`, a mapping from split name to its ids."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from textprep.errors import PreparationError
from textprep.extra.kinds import Extra
from textprep.pipeline import Pipeline
from textprep.preparation.fitted import saved_pipeline, teach
from textprep.preparation.manifest import (
    MANIFEST,
    PIPELINE,
    Manifest,
    check_sizes,
    checked_content,
    read_manifest,
)
from textprep.preparation.stored_columns import StoredColumns, open_columns
from textprep.prepared.split import PreparedSplit, Verify, fingerprint_of, unknown_split
from textprep.storage.files import local_path
from textprep.storage.locks import Lease
from textprep.targets import Target
from textprep.vocabulary import SEP

if TYPE_CHECKING:
    import datasets


class PreparedDataset(Mapping[str, PreparedSplit]):
    """A corpus as ids on disk: a mapping from split name to `PreparedSplit`.

    Attributes:
        path: the folder of the store, named by a fingerprint of what the ids depend on.
        pipeline: the fitted pipeline that made the ids; of sequences of numbers, the `Scaler`.
        features: what the numbers of a step are called, where rows are sequences; else ``None``.
        target: what a model is to learn from a row; ``None`` where the corpus has no labels.
        extra: the extra columns, with what the training split says about them.
        fingerprint: a digest of that and of what goes with the ids: other labels, another fingerprint.
        alignment: split → how many ``tags`` it has, and how many of them were ``deleted`` by steps or
            ``joined`` to what is before, so that no token has them; empty where tokens have no tags.
        stages: stage → seconds that `prepare` spent on it. Threads are added up, and writing goes on beside
            the rest.
        lease: what keeps the store from being pruned while this object or one of its splits lives.
    """

    def __init__(
        self,
        path: Path,
        manifest: Manifest,
        columns: StoredColumns,
        pipeline: Any,
        verify: Verify,
        lease: Lease,
        stages: Mapping[str, float],
    ) -> None:
        self.path = path
        self.pipeline = pipeline
        self.lease = lease
        self.target: Target | None = columns.target
        self.extra: dict[str, Extra] = columns.extra
        self.alignment: Mapping[str, Mapping[str, int]] = columns.manifest.get("alignment", {})
        self.fingerprint = fingerprint_of(manifest, columns)
        self.stages = stages
        names = manifest.get("features")
        self.features: tuple[str, ...] | None = None if names is None else tuple(names)
        self._splits = {
            name: PreparedSplit(name, path, manifest, columns, verify, lease) for name in manifest["splits"]
        }

    @property
    def class_names(self) -> tuple[str, ...]:
        """The names of the classes 0, 1, …; empty where there are none."""
        return self.target.classes if self.target else ()

    @property
    def num_classes(self) -> int:
        """How many classes there are."""
        return len(self.class_names)

    def notes(self) -> Iterator[str]:
        """For people, of each split: how many of its tags no token has, where there are such."""
        for name, lost in self.alignment.items():
            tags, deleted, joined = (lost[what] for what in ("tags", "deleted", "joined"))
            if deleted or joined:
                yield (
                    f"of {tags:,} tags in {name!r}, {deleted + joined:,} are lost: steps deleted the text of "
                    f"{deleted:,}, and joined that of {joined:,} to the word before"
                )

    def to_hf(self) -> datasets.DatasetDict:
        """Every split as a ``datasets.Dataset``, see `PreparedSplit.to_hf`."""
        from datasets import DatasetDict

        return DatasetDict({name: split.to_hf() for name, split in self.items()})

    def __getitem__(self, name: str) -> PreparedSplit:
        if name not in self._splits:
            raise unknown_split(name, self._splits)
        return self._splits[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._splits)

    def __len__(self) -> int:
        return len(self._splits)

    def __repr__(self) -> str:
        return f"PreparedDataset({', '.join(map(repr, self._splits.values()))} in {self.path})"


def open_store(
    path: str | os.PathLike[str],
    pipeline: Any = None,
    *,
    verify: Verify = "lazy",
    stages: Mapping[str, float] | None = None,
    columns: str | None = None,
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
        columns: the digest of what goes with the rows, such as their labels, by which its folder in
            ``columns/`` is named; what was prepared last if not given.

    Raises:
        PreparationError: the folder holds no store, a file is damaged, or ``pipeline`` is another one.
        PipelineError: the store's own pipeline cannot be loaded: a step's plugin or code is missing here.
    """
    if verify not in ("lazy", "all", "none"):
        raise PreparationError(f"verify={verify!r} is none of 'lazy', 'all', 'none'")
    folder = local_path(path, PreparationError)
    lease = Lease(folder / MANIFEST)
    manifest = read_manifest(folder)
    files = manifest["files"]
    check_sizes(folder, files)
    beside = open_columns(folder, columns)
    if verify == "all":
        for place, found in ((folder, files), (beside.folder, beside.manifest["files"])):
            for name, expected in found.items():
                checked_content(place / name, expected)
    given = pipeline
    if pipeline is not None:
        pipeline = pipeline.with_specials(_specials(manifest, beside.target))
    if pipeline is not None and not _fits(pipeline, manifest["made_of"]):
        raise PreparationError(f"{folder} was prepared with other steps, another tokenizer or other options")
    if pipeline is None or not pipeline.is_fitted:
        saved = checked_content(folder / PIPELINE, files[PIPELINE], checksum=verify != "none")
        pipeline = saved_pipeline(saved, folder / PIPELINE) if pipeline is None else teach(pipeline, saved)
    if given is not None and given is not pipeline:
        given.adopt(pipeline)
        pipeline = given
    return PreparedDataset(folder, manifest, beside, pipeline, verify, lease, stages or {})


def _specials(manifest: Manifest, target: Target | None) -> tuple[str, ...]:
    """Those that the rows need beside the pipeline's own."""
    return ((SEP,) if "pair_ids" in manifest["schema"] else ()) + (target.specials if target else ())


def _fits(pipeline: Pipeline, made_of: Mapping[str, Any]) -> bool:
    return all(made_of[key] == value for key, value in pipeline.description().items())
