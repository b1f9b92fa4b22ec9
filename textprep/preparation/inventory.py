"""What is in the cache: its entries, whether they are whole, which can go, and what is nearest to them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any, NamedTuple

from textprep.errors import PreparationError
from textprep.preparation.cache import leftovers, remove_entry, remove_folder
from textprep.preparation.columns import ColumnsManifest, Contents
from textprep.preparation.differences import Difference, differences
from textprep.preparation.fingerprint import STORE_VERSION
from textprep.preparation.manifest import MANIFEST, Manifest, OtherFormatError, checked_content, read_manifest
from textprep.preparation.stored_columns import columns_in, read_columns
from textprep.storage.locks import sole_user


class Entry(NamedTuple):
    """One store in the cache.

    Attributes:
        path: its folder, whose name is the fingerprint.
        bytes: what its files take.
        last_use: when it was made or last opened, in seconds since 1970.
        manifest: ``None`` where it cannot be read.
        other_version: the format version, where it is another than this textprep reads.
    """

    path: Path
    bytes: int
    last_use: float
    manifest: Manifest | None
    other_version: int | None

    @property
    def dataset(self) -> str:
        """The name of the data set that it was first made of; in brackets, why nobody can tell."""
        if self.manifest:
            return self.manifest["dataset"]
        return "(unreadable)" if self.other_version is None else f"(format version {self.other_version})"

    @property
    def rows(self) -> int:
        """The rows of all splits; 0 where the manifest cannot be read."""
        return sum(split["rows"] for split in self.manifest["splits"].values()) if self.manifest else 0


def entries(cache: Path) -> list[Entry]:
    """The stores in ``cache``, last used first."""
    found = []
    for path in cache.iterdir() if cache.is_dir() else ():
        if _is_entry(path):
            try:
                found.append(_entry(path))
            except OSError:
                continue  # it is being removed
    return sorted(found, key=lambda entry: (-entry.last_use, entry.path.name))


def other_format(versions: Iterable[int]) -> str:
    """What is said of stores of these format versions.

    >>> other_format([3, 2, 3])
    'of another format version (2, 3; this textprep reads 6)'
    """
    numbers = ", ".join(map(str, sorted(set(versions))))
    return f"of another format version ({numbers}; this textprep reads {STORE_VERSION})"


def damages(entry: Path) -> list[str]:
    """What is wrong with the files of a store, a line a file; empty if it is whole.

    Raises:
        OtherFormatError: it has another format version, and nobody here can tell.
    """
    return [line for lines in damaged_folders(entry).values() for line in lines]


def damaged_folders(entry: Path) -> dict[Path, list[str]]:
    """The same by folder: that of the store, or of columns beside its ids, which can go by themselves."""
    found = {entry: _damages(entry, read_manifest)}
    found |= {folder: _damages(folder, read_columns) for folder in columns_in(entry)}
    return {folder: lines for folder, lines in found.items() if lines}


def _damages(folder: Path, read: Callable[[Path], Manifest | ColumnsManifest]) -> list[str]:
    try:
        files = read(folder)["files"]
    except OtherFormatError:
        raise
    except PreparationError as error:
        return [str(error)]
    found = []
    for name, expected in files.items():
        try:
            checked_content(folder / name, expected)
        except PreparationError as error:
            found.append(str(error))
    return found


class Pruned(NamedTuple):
    """What pruning removed, or would: entries, leftovers of killed runs, and what stays but is in use."""

    entries: list[Entry]
    leftovers: list[Path]
    in_use: list[Entry]


def prune(cache: Path, most: int, *, dry_run: bool = False) -> Pruned:
    """Remove entries, least recently used first, until the others take ``most`` bytes; and all leftovers.

    What some process has open, or is making, stays.

    Raises:
        PreparationError: something cannot be removed.
    """
    pruned = Pruned([], leftovers(cache), [])
    if not dry_run:
        for folder in pruned.leftovers:
            remove_folder(folder)
    there = entries(cache)
    size = sum(entry.bytes for entry in there)
    for entry in reversed(there):
        if size <= most:
            break
        if _remove(entry, dry_run):
            pruned.entries.append(entry)
            size -= entry.bytes
        else:
            pruned.in_use.append(entry)
    return pruned


def _remove(entry: Entry, dry_run: bool) -> bool:
    """Remove it unless it is open somewhere; whether it is, or would be, gone."""
    if not (entry.path / MANIFEST).exists():
        if not dry_run:
            remove_entry(entry.path)
        return True
    with sole_user(entry.path / MANIFEST) as alone:
        if alone and not dry_run:
            remove_entry(entry.path)
    return alone


def folder_bytes(folder: Path) -> int:
    """What the files below ``folder`` take."""
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


def _is_entry(path: Path) -> bool:
    """A folder with a manifest, or one that has lost it."""
    if path.name.startswith(".") or not path.is_dir():
        return False
    return (path / MANIFEST).exists() or re.fullmatch("[0-9a-f]{32}", path.name) is not None


def _entry(path: Path) -> Entry:
    manifest = other_version = None
    try:
        manifest = read_manifest(path)
    except OtherFormatError as error:
        other_version = error.version
    except PreparationError:
        pass  # `damages` says why
    return Entry(path, folder_bytes(path), last_use(path), manifest, other_version)


def last_use(entry: Path) -> float:
    """When it was made or last opened, in seconds since 1970: a `Lease` marks the manifest."""
    manifest = entry / MANIFEST
    return (manifest if manifest.exists() else entry).stat().st_mtime


def nearest(made_of: Mapping[str, Any], candidates: Iterable[Entry]) -> tuple[Entry, list[Difference]] | None:
    """The entry that differs least from something that is not prepared, and in what."""
    compared = [
        (entry, differences(entry.manifest["made_of"], made_of)) for entry in candidates if entry.manifest
    ]
    return min(compared, key=lambda pair: len(pair[1]), default=None)


def nearest_columns(contents: Contents, store: Path) -> list[Difference] | None:
    """In what those columns of ``store`` that differ least differ from ``contents``; ``None`` without any."""
    compared = []
    for folder in columns_in(store):
        with suppress(PreparationError):  # `damages` says why
            compared.append(differences(read_columns(folder)["contents"], contents))
    return min(compared, key=len, default=None)
