"""Columns that lie beside the ids of a store: which there are, and opening them; `columns` writes them."""

from __future__ import annotations

import os
import time
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple, cast

from textprep.errors import PreparationError
from textprep.extra.kinds import Extra
from textprep.preparation.columns import FORMAT, ColumnsManifest
from textprep.preparation.manifest import COLUMNS, MANIFEST, check_sizes, damaged, read_sealed
from textprep.targets import Target, target_of


class StoredColumns(NamedTuple):
    """Columns in a store.

    Attributes:
        folder: where they are.
        manifest: what they are.
    """

    folder: Path
    manifest: ColumnsManifest

    @property
    def digest(self) -> str:
        """Of what they hold; the folder's name."""
        return self.folder.name

    @property
    def target(self) -> Target | None:
        """What a model is to learn from a row."""
        record = self.manifest["contents"]["target"]
        return target_of(record) if record else None

    @property
    def extra(self) -> dict[str, Extra]:
        """The extra columns, with what the training split says about them."""
        return {name: Extra(**record) for name, record in self.manifest["contents"]["extra"].items()}


def open_columns(store: Path, digest: str | None = None) -> StoredColumns:
    """The columns of this digest, or else those that were prepared last; sizes are checked, contents not.

    Raises:
        PreparationError: they are not there or damaged; names the file.
    """
    folder = store / COLUMNS / digest if digest else _prepared_last(store)
    columns = StoredColumns(folder, read_columns(folder))
    check_sizes(folder, columns.manifest["files"])
    return columns


def read_columns(folder: Path) -> ColumnsManifest:
    """The manifest of the columns in ``folder``, checked against its own checksum.

    Raises:
        PreparationError: it is damaged, or of other columns than the folder's name says.
    """
    manifest = cast(ColumnsManifest, read_sealed(folder / MANIFEST, FORMAT))
    if manifest["digest"] != folder.name:
        raise damaged(folder / MANIFEST, "it is of other columns")
    return manifest


def columns_in(store: Path) -> list[Path]:
    """The folders of all columns that ``store`` has."""
    return sorted(folder for folder in store.glob(f"{COLUMNS}/[!.]*") if folder.is_dir())


def mark_prepared(folder: Path) -> Path:
    """See that these columns are those that were prepared last, as far as the disk can be written."""
    now = time.time_ns()
    with suppress(OSError):
        os.utime(folder / MANIFEST, ns=(now, now))
    return folder


def _prepared_last(store: Path) -> Path:
    times = {folder: _prepared_at(folder) for folder in columns_in(store)}
    if not times:
        raise PreparationError(
            f"{store} holds ids, but not what goes with them, such as labels: prepare again, "
            "which encodes nothing again",
            file=str(store),
        )
    return max(times, key=lambda folder: (times[folder], folder.name))


def _prepared_at(folder: Path) -> int:
    with suppress(OSError):
        return (folder / MANIFEST).stat().st_mtime_ns
    return 0
