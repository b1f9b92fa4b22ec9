"""HTTP downloads into a file: retried, resumed where they broke off, redirected to the web only."""

from __future__ import annotations

import http.client
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import IO, Any
from urllib.parse import urlsplit

from textprep._version import __version__
from textprep.datasets.sources.urls import shown
from textprep.errors import DatasetError

ATTEMPTS = 5
FIRST_WAIT = 0.5  # seconds; twice as long before each further attempt
LONGEST_WAIT = 60.0
SILENCE = 30.0  # seconds without a byte after which a connection counts as broken
MOST_REDIRECTS = 5
PASSING = {408, 425, 429, 500, 502, 503, 504}  # a later attempt may do better
CHUNK = 2**18

Progress = Callable[[int, "int | None"], None]
"""Told how many bytes are there, and how many there will be where the server says so."""


def fetch(url: str, part: Path, progress: Progress) -> bool:
    """Add to ``part`` what is missing of ``url``; whether it begins with what an earlier call had left.

    Raises:
        DatasetError: the URL or a redirect does not lead to the web, the server refuses, or every attempt
            broke off. What has arrived stays in ``part``.
    """
    checked_url(url)
    resumed = part.exists() and part.stat().st_size > 0
    for attempt in range(1, ATTEMPTS + 1):
        try:
            return _continue(url, part, progress) and resumed
        except urllib.error.HTTPError as error:
            if error.code not in PASSING or attempt == ATTEMPTS:
                raise DatasetError(f"{shown(url)}: the server answers {error.code} {error.reason}") from error
            wait = _retry_after(error)
        except (OSError, http.client.HTTPException) as error:
            if attempt == ATTEMPTS:
                reason = getattr(error, "reason", None) or error
                raise DatasetError(
                    f"{shown(url)}: {shown(reason)}; {ATTEMPTS} attempts failed: is there a network? "
                    "The next call goes on where this one broke off"
                ) from error
            wait = 0.0
        time.sleep(max(wait, FIRST_WAIT * 2 ** (attempt - 1)))
    raise AssertionError("the last attempt returns or raises")


def checked_url(url: str) -> str:
    """``url`` if it leads to the web.

    Raises:
        DatasetError: it does not, as ``file://…`` does not.
    """
    if not isinstance(url, str) or urlsplit(url).scheme not in ("http", "https") or not urlsplit(url).netloc:
        raise DatasetError(f"{shown(url)}: only http:// and https:// are downloaded; a local file has a path")
    return url


def _continue(url: str, part: Path, progress: Progress) -> bool:
    """One attempt; whether the server went on behind what was there."""
    there = part.stat().st_size if part.exists() else 0
    try:
        answer = _open(url, there)
    except urllib.error.HTTPError as error:
        if error.code != http.client.REQUESTED_RANGE_NOT_SATISFIABLE:
            raise
        part.unlink()  # it is as long as the whole file, or longer, and yet not what was asked for
        there, answer = 0, _open(url, 0)
    with closing(answer):
        goes_on = there > 0 and _goes_on_at(answer, there)
        total = _length(answer, there if goes_on else 0)
        with part.open("ab" if goes_on else "wb") as file:
            for chunk in _chunks(answer):
                file.write(chunk)
                progress(file.tell(), total)
            if total is not None and file.tell() < total:
                raise OSError(f"the connection broke off after {file.tell():,} of {total:,} bytes")
    return goes_on


def _open(url: str, start: int) -> Any:
    headers = {"User-Agent": f"textprep/{__version__}", "Accept-Encoding": "identity"}
    if start:
        headers["Range"] = f"bytes={start}-"
    request = urllib.request.Request(url, headers=headers)  # noqa: S310 - checked_url allows the web only
    return urllib.request.build_opener(_WebOnly()).open(request, timeout=SILENCE)


def _chunks(answer: IO[bytes]) -> Iterator[bytes]:
    while chunk := answer.read(CHUNK):
        yield chunk


def _goes_on_at(answer: Any, start: int) -> bool:
    return answer.status == http.client.PARTIAL_CONTENT and str(
        answer.headers.get("Content-Range", "")
    ).startswith(f"bytes {start}-")


def _length(answer: Any, there: int) -> int | None:
    length = answer.headers.get("Content-Length", "")
    return there + int(length) if length.isdigit() else None


def _retry_after(error: urllib.error.HTTPError) -> float:
    """The seconds for which a server asks, a minute at most."""
    asked = error.headers.get("Retry-After", "") or ""
    return min(float(asked), LONGEST_WAIT) if asked.isdigit() else 0.0


class _WebOnly(urllib.request.HTTPRedirectHandler):
    """Redirects lead to the web, from https to https only, and not on for ever."""

    max_redirections = MOST_REDIRECTS
    max_repeats = 2

    def redirect_request(self, req: Any, fp: Any, code: int, msg: str, headers: Any, newurl: str) -> Any:
        """The next request, unless the redirect is refused."""
        if urlsplit(newurl).scheme not in ("http", "https"):
            raise DatasetError(f"{shown(req.full_url)}: redirected to {shown(newurl)}, which is refused")
        if urlsplit(req.full_url).scheme == "https" and urlsplit(newurl).scheme != "https":
            raise DatasetError(f"{shown(req.full_url)}: redirected from https to {shown(newurl)}: refused")
        return super().redirect_request(req, fp, code, msg, headers, newurl)
