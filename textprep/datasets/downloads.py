"""Downloads for data sets: fetched once, checked by SHA-256, kept in a cache that all plugins share.

<cache>/downloads/<first 16 digits of the SHA-256>/<file>      whole, always
<cache>/downloads/<first 16 digits of the SHA-256>/about.json  where from, when, licence, citation
<cache>/downloads/.<first 16 digits of the SHA-256>.part       what has arrived so far
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import sys
from datetime import datetime, timezone
from pathlib import Path, PurePosixPath
from typing import Any, NamedTuple
from urllib.parse import unquote, urlsplit

from filelock import FileLock
from tqdm import tqdm

from textprep.datasets.sources.transfer import checked_url, fetch
from textprep.datasets.sources.urls import shown
from textprep.errors import DatasetError
from textprep.files import cache_folder, read_json, write_text

ABOUT = "about.json"


def download(
    url: str,
    *,
    sha256: str,
    filename: str | None = None,
    licence: str | None = None,
    citation: str | None = None,
    cache_dir: str | os.PathLike[str] | None = None,
    offline: bool | None = None,
) -> Path:
    """The file behind ``url``, downloaded if it is not in the cache yet.

    It is fetched under a temporary name, resumed where a call broke off, tried again where the network
    fails, and gets its name when its SHA-256 is the one given. Of several processes one downloads.

        def reviews():
            path = tp.download("https://example.org/reviews.csv.gz", sha256="2cf2…", licence="CC BY 4.0")
            return read_csv(path)

    Args:
        url: ``https://…`` or ``http://…``; redirects must lead there too, and from https to https only.
        sha256: of the file, 64 hexadecimal digits.
        filename: what to call it; the last part of the URL's path if not given.
        licence: of the data, such as ``"CC BY 4.0"``; shown when it is downloaded, and kept beside it.
        citation: how to cite the data; likewise.
        cache_dir: where downloads are kept; by default ``TEXTPREP_CACHE`` or the platform's cache folder.
        offline: whether to take it from the cache only; by default where ``TEXTPREP_OFFLINE=1`` is set.

    Raises:
        DatasetError: an argument cannot be used, the download fails, is not what it should be, or is not
            there and ``offline``; says what to do.
    """
    name = _checked_name(filename or PurePosixPath(unquote(urlsplit(checked_url(url)).path)).name)
    digest = _checked_digest(sha256)
    folder = downloads_folder(cache_dir) / digest[:16]
    file = folder / name
    if _is_whole(file, digest):
        return file
    if offline if offline is not None else os.environ.get("TEXTPREP_OFFLINE", "0") not in ("", "0"):
        raise DatasetError(
            f"{shown(url)} is not in the cache and TEXTPREP_OFFLINE is set: download it while there is a "
            f"network, or put it (SHA-256 {digest}) at {file}"
        )
    about = {"url": shown(url), "sha256": digest, "licence": licence, "citation": citation}
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        with FileLock(folder.parent / f".{folder.name}.lock"):
            if not _is_whole(file, digest):  # another process may have been quicker
                _fetch_checked(url, digest, file, about)
    except OSError as error:
        raise DatasetError(f"cannot write {file}: {error.strerror or error}") from error
    return file


def downloads_folder(cache_dir: str | os.PathLike[str] | None = None) -> Path:
    """Where downloads are kept."""
    return cache_folder(cache_dir) / "downloads"


class Download(NamedTuple):
    """A file in the cache.

    Attributes:
        path: where it lies.
        bytes: its size.
        about: ``url``, ``sha256``, ``downloaded`` (when), ``licence`` and ``citation`` (or ``None``).
    """

    path: Path
    bytes: int
    about: dict[str, Any]


def downloads(cache_dir: str | os.PathLike[str] | None = None) -> list[Download]:
    """What is there, the last downloaded first."""
    found = []
    for about in downloads_folder(cache_dir).glob(f"*/{ABOUT}"):
        record = read_json(about, DatasetError)
        path = about.with_name(record["file"])
        if path.exists():
            found.append(Download(path, path.stat().st_size, record))
    return sorted(found, key=lambda download: (download.about["downloaded"], download.path), reverse=True)


def prune_downloads(
    max_bytes: int, cache_dir: str | os.PathLike[str] | None = None, *, dry_run: bool = False
) -> list[Download]:
    """Remove the oldest downloads until the rest fits, and what has broken off; returns the whole ones."""
    kept, removed = 0, []
    for found in downloads(cache_dir):
        kept += found.bytes
        if kept > max_bytes:
            kept -= found.bytes
            removed.append(found)
    if not dry_run:
        for found in removed:
            shutil.rmtree(found.path.parent, ignore_errors=True)
        for part in downloads_folder(cache_dir).glob(".*.part"):
            part.unlink(missing_ok=True)
    return removed


def _fetch_checked(url: str, digest: str, file: Path, about: dict[str, Any]) -> None:
    """Fetch into ``file``; once more from the start where a resumed download is not the file asked for."""
    part = file.parent.with_name(f".{file.parent.name}.part")
    print(_announcement(file.name, about), file=sys.stderr)
    while True:
        with tqdm(desc=file.name, unit="B", unit_scale=True, disable=None) as bar:
            resumed = fetch(url, part, lambda there, total: _draw(bar, there, total))
        found = _sha256(part)
        if found == digest:
            return _publish(part, file, about)
        part.unlink()
        if not resumed:
            raise DatasetError(
                f"{shown(url)} has the SHA-256 {found}, not {digest}: it was changed there, or on the way; "
                "nothing of it is kept"
            )


def _publish(part: Path, file: Path, about: dict[str, Any]) -> None:
    file.parent.mkdir(exist_ok=True)
    with part.open("rb+") as written:
        os.fsync(written.fileno())
    part.replace(file)
    record = about | {"file": file.name, "downloaded": datetime.now(timezone.utc).isoformat("T", "seconds")}
    stamp = file.stat()
    record |= {"bytes": stamp.st_size, "mtime_ns": stamp.st_mtime_ns}
    write_text(file.with_name(ABOUT), json.dumps(record, indent=2), DatasetError)


def _is_whole(file: Path, digest: str) -> bool:
    """Whether it is the file; read once more only where it was touched since it was checked."""
    if not file.exists():
        return False
    about, stamp = file.with_name(ABOUT), file.stat()
    record = read_json(about, DatasetError) if about.exists() else {}
    untouched = (record.get("bytes"), record.get("mtime_ns")) == (stamp.st_size, stamp.st_mtime_ns)
    return (untouched and record.get("sha256") == digest) or _sha256(file) == digest


def _sha256(path: Path) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while chunk := file.read(2**20):
            digest.update(chunk)
    return digest.hexdigest()


def _draw(bar: Any, there: int, total: int | None) -> None:
    bar.total = total
    bar.update(there - bar.n)


def _announcement(name: str, about: dict[str, Any]) -> str:
    parts = [f"downloading {name} from {about['url']}"]
    parts += [f"{key}: {about[key]}" for key in ("licence", "citation") if about[key]]
    return "; ".join(parts)


def _checked_digest(sha256: str) -> str:
    if not isinstance(sha256, str) or not re.fullmatch(r"[0-9a-fA-F]{64}", sha256):
        raise DatasetError(f"sha256= is 64 hexadecimal digits, not {sha256!r:.80}")
    return sha256.lower()


def _checked_name(name: str) -> str:
    if not re.fullmatch(r"[\w][\w.+ -]{0,120}", name) or name == ABOUT:
        raise DatasetError(f"a download cannot be called {name!r:.80}: give a plain name with filename=")
    return name
