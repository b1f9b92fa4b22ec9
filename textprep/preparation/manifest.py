"""``manifest.json``: what a store holds, what it was made of, and how to see that it is undamaged.

It speaks of the ids; `textprep.preparation.columns` has a manifest of its own for what goes with them.


format, format_version     ``textprep.store`` and `STORE_VERSION`; in every version ``made_of`` holds it too
textprep_version           which textprep wrote it
fingerprint, made_of       the digest of ``made_of``, everything that the ids depend on
dataset                    the name of the data set that it was first made of
vocabulary_size, learned
features                   of sequences, what the numbers of a step are called
template                   how rows are laid out (`textprep.template`): splits need no pipeline
schema                     column → Arrow type
splits                     name → rows, tokens, unknown, and the same of each of its shards in order
files                      file → bytes and blake2b of every other file
checksum                   of every byte that stands above, as it stands there
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, TypedDict, cast

import pyarrow as pa
from typing_extensions import NotRequired

from textprep._version import __version__
from textprep.errors import PreparationError
from textprep.preparation.fingerprint import STORE_VERSION, digest
from textprep.storage.files import digest_of, read_json
from textprep.visible import command

FORMAT = "textprep.store"
MANIFEST = "manifest.json"
PIPELINE = "pipeline.json"
COLUMNS = "columns"  # the folder of what goes with the rows, see `textprep.preparation.columns`
CHANGED = "its contents do not match its checksum"
REBUILD = "rebuild it with tp.prepare(..., rebuild=True) or 'textprep prepare … --rebuild'"


class FileRecord(TypedDict):
    """What a manifest says of a file."""

    bytes: int
    blake2b: str


class Counts(TypedDict):
    """How much there is of a shard or a split, of pairs in both texts; ``unknown`` of its tokens are so."""

    rows: int
    tokens: int
    unknown: int


class ShardRecord(Counts):
    """What a manifest says of a shard."""

    file: str


class SplitRecord(Counts):
    """What a manifest says of a split."""

    shards: list[ShardRecord]


class Manifest(TypedDict):
    """The fields of ``manifest.json``, as the head of this module explains them."""

    format: str
    format_version: int
    textprep_version: str
    fingerprint: str
    made_of: dict[str, Any]
    dataset: str
    vocabulary_size: int
    features: NotRequired[list[str]]
    learned: str
    template: dict[str, Any]
    schema: dict[str, str]
    splits: dict[str, SplitRecord]
    files: dict[str, FileRecord]
    checksum: str


class OtherFormatError(PreparationError):
    """A store of another format version, older or newer; nothing says that it is damaged.

    Attributes:
        version: that of the store.
    """

    def __init__(self, folder: Path, version: int, writer: object) -> None:
        super().__init__(
            f"{folder} is of another format version ({version}; this textprep reads {STORE_VERSION}): "
            f"prepare again, or use the version that wrote it ({writer})"
        )
        self.version = version


def manifest_bytes(made_of: Mapping[str, Any], contents: Mapping[str, Any]) -> bytes:
    """A manifest as it lies on the disk.

    Args:
        made_of: the record that the fingerprint is made of.
        contents: the further fields, ``splits`` and ``files`` among them.
    """
    manifest = {
        "format": FORMAT,
        "format_version": STORE_VERSION,
        "textprep_version": __version__,
        "fingerprint": digest(made_of),
        "made_of": made_of,
        **contents,
    }
    return sealed(manifest)


def sealed(record: Mapping[str, Any]) -> bytes:
    """A record as it lies on the disk, with a checksum."""
    body = json.dumps(record, indent=1).removesuffix("\n}").encode("ascii")
    return body + _ending(body)


def read_manifest(folder: Path) -> Manifest:
    """The manifest of the store ``folder``, checked against its own checksum; the other files are not.

    Raises:
        OtherFormatError: it has another format version.
        PreparationError: there is no store, or the manifest is damaged.
    """
    path = folder / MANIFEST
    if not path.is_file():
        raise PreparationError(
            f"{folder} holds no prepared data: there is no file {path}", file=str(path), hint=REBUILD
        )
    manifest = _record(path, FORMAT)
    version = _version(manifest)
    if isinstance(version, int) and version != STORE_VERSION:
        raise OtherFormatError(folder, version, manifest.get("textprep_version"))
    if version is None:
        raise damaged(path, CHANGED)
    return cast(Manifest, _intact(path, manifest))


def read_sealed(path: Path, kind: str) -> dict[str, Any]:
    """What `sealed` wrote, a record whose ``format`` is ``kind``.

    Raises:
        PreparationError: it is damaged.
    """
    return _intact(path, _record(path, kind))


def _record(path: Path, kind: str) -> dict[str, Any]:
    try:
        record = read_json(path, PreparationError)
    except PreparationError as error:
        raise damaged(path, str(error)) from error
    if not isinstance(record, dict) or record.get("format") != kind:
        raise damaged(path, "it does not describe a store")
    return record


def _intact(path: Path, record: dict[str, Any]) -> dict[str, Any]:
    """The record, if the file is byte for byte what was written."""
    content = path.read_bytes()
    body = content[: -len(_ending(b""))]
    if content != body + _ending(body):
        raise damaged(path, CHANGED)
    return record


def check_sizes(folder: Path, files: Mapping[str, FileRecord]) -> None:
    """Compare the size of every file with the manifest's ``files``.

    Raises:
        PreparationError: a file is missing or cut; names it.
    """
    for name, expected in files.items():
        try:
            size = os.stat(f"{folder}{os.sep}{name}").st_size  # noqa: PTH116  # there may be many, and a Path is slow
        except OSError as error:
            raise damaged(folder / name, f"it cannot be read ({error.strerror})") from error
        if size != expected["bytes"]:
            raise damaged(folder / name, f"it has {size:,} bytes instead of {expected['bytes']:,}")


def checked_content(path: Path, expected: FileRecord, *, checksum: bool = True) -> pa.Buffer:
    """The memory-mapped content of ``path``, once its size and checksum are as ``expected``.

    Raises:
        PreparationError: they are not; names the file.
    """
    check_sizes(path.parent, {path.name: expected})
    try:
        with pa.memory_map(str(path)) as source:
            content = source.read_buffer()
    except OSError as error:
        raise damaged(path, f"it cannot be read ({error})") from error
    if checksum and digest_of(content) != expected["blake2b"]:
        raise damaged(path, CHANGED)
    return content


class Written:
    """What a manifest says of a file, while its parts go through."""

    def __init__(self) -> None:
        self._bytes, self._hasher = 0, hashlib.blake2b(digest_size=16)

    def through(self, parts: Iterable[bytes | pa.Buffer]) -> Iterator[bytes | pa.Buffer]:
        """The ``parts``, each counted."""
        for part in parts:
            self._bytes += memoryview(part).nbytes
            self._hasher.update(part)
            yield part

    def record(self) -> FileRecord:
        """Of all that went through."""
        return {"bytes": self._bytes, "blake2b": self._hasher.hexdigest()}


def damaged(path: Path, reason: str) -> PreparationError:
    """The error for a file of a store that is not what was written."""
    store = path.parents[2] if path.parents[1].name == COLUMNS else path.parent
    remove = command("textprep", "cache", "verify", store.name, "--remove", "--cache-dir", store.parent)
    return PreparationError(
        f"{path} is damaged: {reason}",
        file=str(path),
        hint=f"{REBUILD}, or remove it and prepare again: {remove}",
    )


def _version(manifest: Mapping[str, Any]) -> object:
    """The format version, if both places that hold it agree; ``None`` if not.

    Another version may have another checksum, so that only this tells it from a damaged manifest of ours.
    """
    version, made_of = manifest.get("format_version"), manifest.get("made_of")
    return version if isinstance(made_of, dict) and made_of.get("store_version") == version else None


def _ending(body: bytes) -> bytes:
    """How the file goes on after ``body``; it always takes as many bytes."""
    return f',\n "checksum": "{digest_of(body)}"\n}}\n'.encode("ascii")
