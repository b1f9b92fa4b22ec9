"""Rows that were left out, kept so that they can be mended and read again.

<folder>/<data set>-<digest>/reviews.csv     rows of a file of lines: its header and their bytes, unchanged
<folder>/<data set>-<digest>/neg/12.txt      a text that is a file of its own, unchanged
<folder>/<data set>-<digest>/rows.jsonl      rows that have no bytes of their own, as JSON
<folder>/<data set>-<digest>/reasons.jsonl   of each row: where it is now, file, line, byte, column, reason

The digest is of all that is in it: the same load writes it once, and what was mended there is left alone.
"""

from __future__ import annotations

import codecs
import contextlib
import hashlib
import json
import shutil
import tempfile
from collections.abc import Collection, Mapping
from itertools import islice
from pathlib import Path, PurePath
from typing import IO, Any

from textprep.datasets.rows import EXCERPT, Rejected
from textprep.datasets.sources.source import COMPRESSED
from textprep.errors import DatasetError
from textprep.storage.files import publish_folder

REASONS = "reasons.jsonl"
ROWS = "rows.jsonl"
MOST_COLUMNS = 1000  # that are kept of a bad row for people to see
MOST_OPEN = 8  # files


class Quarantine:
    """A folder in the making; `publish` gives it its name."""

    def __init__(self, parent: Path) -> None:
        self.parent = parent
        self._work: Path | None = None
        self._digest = hashlib.blake2b(digest_size=4)
        self._names: dict[str, PurePath] = {}
        self._files: dict[PurePath, IO[bytes]] = {}  # open

    def add(self, rejected: Rejected) -> None:
        """Keep a row.

        Raises:
            DatasetError: it cannot be written.
        """
        try:
            name = self._keep(rejected)
            reason = {"in": str(name), "split": rejected.split, "file": rejected.file, "line": rejected.line}
            reason |= {
                "byte": rejected.byte,
                "column": rejected.column,
                "reason": rejected.reason,
                "hint": rejected.hint,
            }
            self._append(PurePath(REASONS), _json_line(reason))
        except OSError as error:
            raise DatasetError(f"cannot write to {self.parent}: {error.strerror or error}") from error

    def publish(self, dataset: str) -> Path | None:
        """The folder under its name; ``None`` if no row was left out."""
        if self._work is None:
            return None
        folder = self.parent / f"{dataset}-{self._digest.hexdigest()}"
        try:
            self._close()
            self._work.chmod(0o755)
            if not publish_folder(self._work, folder):
                self.discard()
        except OSError as error:
            raise DatasetError(f"cannot write {folder}: {error.strerror or error}") from error
        return folder

    def discard(self) -> None:
        """Remove what was written so far."""
        if self._work is not None:
            with contextlib.suppress(OSError):  # a disk that is full
                self._close()
            shutil.rmtree(self._work, ignore_errors=True)

    def _keep(self, rejected: Rejected) -> PurePath:
        if rejected.source is None or rejected.file is None:
            self._append(PurePath(ROWS), _json_line(rejected.raw))
            return PurePath(ROWS)
        name = self._name(rejected.file, parts=2 if rejected.byte is None else 1)
        ending = b"" if rejected.byte is None else _missing_end(rejected.source, rejected.header)
        self._append(name, rejected.source + ending, rejected.header)
        return name

    def _name(self, file: str, parts: int) -> PurePath:
        """Where the rows of ``file`` go: called as it is, decompressed; numbered where that is taken."""
        if file not in self._names:
            below = [part for part in file.replace("\\", "/").split("/") if part not in ("", ".", "..")]
            path = PurePath(*below[-parts:])
            path = path.with_suffix("") if path.suffix.lower() in COMPRESSED else path
            taken, number, wanted = {*self._names.values(), PurePath(ROWS), PurePath(REASONS)}, 2, path
            while path in taken:
                path, number = wanted.with_name(f"{wanted.stem}-{number}{wanted.suffix}"), number + 1
            self._names[file] = path
        return self._names[file]

    def _append(self, name: PurePath, content: bytes, header: bytes = b"") -> None:
        file = self._files.get(name) or self._opened(name)
        written = content if file.tell() else header + content
        self._digest.update(str(name).encode() + b"\0" + written)
        file.write(written)

    def _opened(self, name: PurePath) -> IO[bytes]:
        """The file to append to; not many are open at a time."""
        if len(self._files) >= MOST_OPEN:
            self._files.pop(next(iter(self._files))).close()
        path = self._folder() / name
        path.parent.mkdir(parents=True, exist_ok=True)
        self._files[name] = path.open("ab")
        return self._files[name]

    def _close(self) -> None:
        while self._files:
            self._files.popitem()[1].close()

    def _folder(self) -> Path:
        if self._work is None:
            self.parent.mkdir(parents=True, exist_ok=True)
            self._work = Path(tempfile.mkdtemp(dir=self.parent, prefix=".quarantine-"))
        return self._work


def excerpt(raw: Any) -> Any:
    """A bad row as people need it: each of its values whole where it is short, else its beginning."""
    if isinstance(raw, Mapping):
        return {name: excerpt(value) for name, value in islice(raw.items(), MOST_COLUMNS)}
    if not isinstance(raw, (str, bytes)):
        if not isinstance(raw, Collection) or len(shown := written_out(raw)) <= EXCERPT:
            return raw
        raw = shown
    return raw if len(raw) <= EXCERPT else raw[:EXCERPT]


def written_out(value: Any) -> str:
    """A value as Python writes it; what it cannot write is of no use to people either."""
    try:
        return repr(value)
    except (RecursionError, ValueError):  # too deep, or a number of too many digits
        return f"<{type(value).__name__}>"


def _missing_end(source: bytes, header: bytes) -> bytes:
    """A line end where the last line of a file had none; UTF-16 tells itself by its byte-order mark."""
    wide = {codecs.BOM_UTF16_LE: b"\n\0", codecs.BOM_UTF16_BE: b"\0\n"}
    end = wide.get(header[:2], b"\n")
    return b"" if source.endswith((end, end.replace(b"\n", b"\r"))) else end


def _json_line(value: Any) -> bytes:
    try:
        text = json.dumps(value, default=written_out)
    except (
        TypeError,
        ValueError,
        RecursionError,
    ):  # a key or a number that JSON lacks, or a value within itself
        fields = value if isinstance(value, Mapping) else {"row": value}
        text = json.dumps({str(name): written_out(inner) for name, inner in fields.items()})
    return (text + "\n").encode("utf-8", "backslashreplace")
