"""Downloads for data sets: fetched once, checked by their digest, kept in a cache that all plugins share.

<cache>/downloads/<first 16 digits of the digest>/<file>      whole, always
<cache>/downloads/<first 16 digits of the digest>/about.json  where from, when, license, citation
<cache>/downloads/.<first 16 digits of the digest>.part       what has arrived so far
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

from tqdm import tqdm

from textprep.datasets.sources.transfer import checked_url, fetch
from textprep.datasets.sources.urls import shown
from textprep.errors import DatasetError
from textprep.storage.files import cache_folder, publish_file, read_json, write_text
from textprep.storage.locks import sole_process

ABOUT = "about.json"
NAMES = {"sha256": "SHA-256", "md5": "MD5"}


def download(
    url: str,
    *,
    sha256: str | None = None,
    md5: str | None = None,
    filename: str | None = None,
    license: str | None = None,
    citation: str | None = None,
    cache_dir: str | os.PathLike[str] | None = None,
    offline: bool | None = None,
) -> Path:
    """The file behind ``url``, downloaded if it is not in the cache yet.

    It is fetched under a temporary name, resumed where a call broke off, tried again where the network
    fails, and gets its name when its digest is the one given. Of several processes one downloads.

        def reviews():
            path = tp.download("https://example.org/reviews.csv.gz", sha256="2cf2…", license="CC BY 4.0")
            return read_csv(path)

    Args:
        url: ``https://…`` or ``http://…``; redirects must lead there too, and from https to https only.
        sha256: of the file, 64 hexadecimal digits.
        md5: of the file, 32 hexadecimal digits, where that is all that its publisher gives: it shows what
            broke on the way, but a file can be made on purpose that has the same.
        filename: what to call it; the last part of the URL's path if not given.
        license: of the data, such as ``"CC BY 4.0"``; shown when it is downloaded, and kept beside it.
        citation: how to cite the data; likewise.
        cache_dir: where downloads are kept; by default ``TEXTPREP_CACHE`` or the platform's cache folder.
        offline: whether to take it from the cache only; by default where ``TEXTPREP_OFFLINE=1`` is set.

    Raises:
        DatasetError: an argument cannot be used, the download fails, is not what it should be, or is not
            there and ``offline``; says what to do.
    """
    name = _checked_name(filename or PurePosixPath(unquote(urlsplit(checked_url(url)).path)).name)
    digest = _checked_digest(sha256, md5)
    folder = downloads_folder(cache_dir) / digest.value[:16]
    file = folder / name
    if _is_whole(file, digest):
        return file
    if offline if offline is not None else os.environ.get("TEXTPREP_OFFLINE", "0") not in ("", "0"):
        raise DatasetError(
            f"{shown(url)} is not in the cache and TEXTPREP_OFFLINE is set: download it while there is a "
            f"network, or put it ({digest}) at {file}"
        )
    about = {"url": shown(url), digest.algorithm: digest.value, "license": license, "citation": citation}
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        with sole_process(folder.parent / f".{folder.name}.lock", _announce_waiting):
            if not _is_whole(file, digest):  # another process may have been quicker
                _fetch_checked(url, digest, file, about)
    except OSError as error:
        hint = "choose another folder with cache_dir= or TEXTPREP_CACHE"
        raise DatasetError(f"cannot write {file}: {error.strerror or error}", hint=hint) from error
    return file


def downloads_folder(cache_dir: str | os.PathLike[str] | None = None) -> Path:
    """Where downloads are kept."""
    return cache_folder(cache_dir) / "downloads"


class Download(NamedTuple):
    """A file in the cache.

    Attributes:
        path: where it lies.
        bytes: its size.
        about: ``url``, ``sha256`` or ``md5``, ``downloaded`` (when), ``license`` and ``citation`` (or
            ``None``).
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


class Digest(NamedTuple):
    """What a file must be: an algorithm and the hexadecimal digits that it gives."""

    algorithm: str
    value: str

    def __str__(self) -> str:
        return f"{NAMES[self.algorithm]} {self.value}"

    def of(self, path: Path) -> Digest:
        """The digest of a file, by the same algorithm."""
        made = hashlib.new(self.algorithm, usedforsecurity=False)
        with path.open("rb") as file:
            while chunk := file.read(2**20):
                made.update(chunk)
        return Digest(self.algorithm, made.hexdigest())


def _fetch_checked(url: str, digest: Digest, file: Path, about: dict[str, Any]) -> None:
    """Fetch into ``file``; once more from the start where a resumed download is not the file asked for."""
    part = file.parent.with_name(f".{file.parent.name}.part")
    print(_announcement(file.name, about), file=sys.stderr)
    while True:
        with tqdm(desc=file.name, unit="B", unit_scale=True, disable=None) as bar:
            resumed = fetch(url, part, lambda there, total: _draw(bar, there, total))
        found = digest.of(part)
        if found == digest:
            return _publish(part, file, about)
        part.unlink()
        if not resumed:
            raise DatasetError(
                f"{shown(url)} has the {found}, not {digest.value}: it was changed there, or on the way; "
                "nothing of it is kept"
            )


def _publish(part: Path, file: Path, about: dict[str, Any]) -> None:
    file.parent.mkdir(exist_ok=True)
    publish_file(part, file)
    record = about | {"file": file.name, "downloaded": datetime.now(timezone.utc).isoformat("T", "seconds")}
    stamp = file.stat()
    record |= {"bytes": stamp.st_size, "mtime_ns": stamp.st_mtime_ns}
    write_text(file.with_name(ABOUT), json.dumps(record, indent=2), DatasetError)


def _announce_waiting(owner: str) -> None:
    print(f"waiting for {owner}, which is downloading the same", file=sys.stderr)


def _is_whole(file: Path, digest: Digest) -> bool:
    """Whether it is the file; read once more only where it was touched since it was checked."""
    if not file.exists():
        return False
    about, stamp = file.with_name(ABOUT), file.stat()
    record = read_json(about, DatasetError) if about.exists() else {}
    untouched = (record.get("bytes"), record.get("mtime_ns")) == (stamp.st_size, stamp.st_mtime_ns)
    return (untouched and record.get(digest.algorithm) == digest.value) or digest.of(file) == digest


def _draw(bar: Any, there: int, total: int | None) -> None:
    bar.total = total
    bar.update(there - bar.n)


def _announcement(name: str, about: dict[str, Any]) -> str:
    parts = [f"downloading {name} from {about['url']}"]
    parts += [f"{key}: {about[key]}" for key in ("license", "citation") if about[key]]
    return "; ".join(parts)


def _checked_digest(sha256: str | None, md5: str | None) -> Digest:
    if (sha256 is None) == (md5 is None):
        raise DatasetError(
            "a download is checked by its digest: give sha256=, or md5= where there is no other"
        )
    algorithm, value, digits = ("sha256", sha256, 64) if md5 is None else ("md5", md5, 32)
    if not isinstance(value, str) or not re.fullmatch(rf"[0-9a-fA-F]{{{digits}}}", value):
        raise DatasetError(f"{algorithm}= is {digits} hexadecimal digits, not {value!r:.80}")
    return Digest(algorithm, value.lower())


def _checked_name(name: str) -> str:
    if not re.fullmatch(r"[\w][\w.+ -]{0,120}", name) or name == ABOUT:
        raise DatasetError(f"a download cannot be called {name!r:.80}: give a plain name with filename=")
    return name
