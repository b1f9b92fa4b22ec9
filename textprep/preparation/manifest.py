"""``manifest.json``: what a store holds, what it was made of, and how to see that it is undamaged."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pyarrow as pa

from textprep._version import __version__
from textprep.errors import PreparationError
from textprep.files import read_json, write_text
from textprep.preparation.fingerprint import STORE_VERSION, digest

FORMAT = "textprep.store"
MANIFEST = "manifest.json"
PIPELINE = "pipeline.json"


def split_file(name: str) -> str:
    """The file of the split ``name``; a name of any characters stays inside its folder.

    >>> split_file("train"), split_file("../a b")
    ('train.arrow', '..%2Fa%20b.arrow')
    """
    return f"{quote(name, safe='')}.arrow"


def write_manifest(folder: Path, made_of: Mapping[str, Any], contents: Mapping[str, Any]) -> None:
    """Write the manifest of ``folder``, whose other files are all written.

    Args:
        folder: the store.
        made_of: the record that the fingerprint is made of.
        contents: the further fields; ``splits`` maps each split's name to its counts.

    Raises:
        PreparationError: the disk does not take it.
    """
    manifest = {
        "format": FORMAT,
        "format_version": STORE_VERSION,
        "textprep_version": __version__,
        "fingerprint": digest(made_of),
        **contents,
        "files": {name: _file_record(folder / name) for name in _files(contents["splits"])},
        "made_of": made_of,
    }
    manifest["checksum"] = digest(manifest)
    write_text(folder / MANIFEST, json.dumps(manifest, indent=1) + "\n", PreparationError)


def read_manifest(folder: Path) -> dict[str, Any]:
    """The manifest of the store ``folder``, checked against its own checksum; the other files are not.

    Raises:
        PreparationError: there is no store, it has another format version, or the manifest is damaged.
    """
    path = folder / MANIFEST
    if not path.is_file():
        raise PreparationError(f"{folder} holds no prepared data: there is no file {path}")
    manifest = read_json(path, PreparationError)
    if not isinstance(manifest, dict) or manifest.get("format") != FORMAT:
        raise damaged(path, "it does not describe a store")
    version, writer = manifest.get("format_version"), manifest.get("textprep_version")
    if version != STORE_VERSION:
        raise PreparationError(
            f"{folder} has store version {version!r}, this textprep reads {STORE_VERSION}: "
            f"use the version that wrote it ({writer}), or prepare again"
        )
    if not _is_intact(manifest):
        raise damaged(path, "its contents do not match its checksum")
    return manifest


def check_files(folder: Path, manifest: Mapping[str, Any]) -> None:
    """Compare size and checksum of every file with the manifest.

    Raises:
        PreparationError: a file is missing, cut or changed; names it.
    """
    for name, expected in manifest["files"].items():
        path = folder / name
        if not path.is_file():
            raise damaged(path, "it is missing")
        if path.stat().st_size != expected["bytes"]:
            raise damaged(path, f"it has {path.stat().st_size:,} bytes instead of {expected['bytes']:,}")
        if _file_record(path) != expected:
            raise damaged(path, "its contents do not match its checksum")


def damaged(path: Path, reason: str) -> PreparationError:
    """The error for a file that is not what was written."""
    return PreparationError(f"{path} is damaged: {reason}; delete the folder {path.parent} and prepare again")


def _is_intact(manifest: dict[str, Any]) -> bool:
    checked = {key: value for key, value in manifest.items() if key != "checksum"}
    try:
        return bool(manifest.get("checksum") == digest(checked))
    except ValueError:  # NaN, which no manifest holds
        return False


def _files(splits: Iterable[str]) -> list[str]:
    return [*map(split_file, splits), PIPELINE]


def _file_record(path: Path) -> dict[str, Any]:
    with pa.memory_map(str(path)) as source:
        contents = source.read_buffer()
    return {"bytes": contents.size, "blake2b": hashlib.blake2b(contents, digest_size=16).hexdigest()}
