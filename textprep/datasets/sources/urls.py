"""URLs as they may be shown: in messages, logs and manifests there are no passwords and no tokens."""

from __future__ import annotations

import re

_USER = re.compile(r"(?<=://)[^/?#\s]*@")
_QUERY = re.compile(r"\?[^\s'\"#]*")


def is_url(path: object) -> bool:
    """Whether it begins with a scheme: ``s3://…``; ``C:\\…`` has none.

    >>> is_url("s3://bucket/reviews.csv"), is_url("reviews.csv")
    (True, False)
    """
    return isinstance(path, str) and re.match(r"[A-Za-z][A-Za-z0-9+.-]+(::|://)", path) is not None


def shown(text: object) -> str:
    """A URL, or a message with URLs in it, without users, passwords and queries (which may hold tokens).

    >>> shown("https://me:secret@example.org/reviews.csv?token=abc")
    'https://***@example.org/reviews.csv?…'
    """
    plain = str(text)
    return _QUERY.sub("?…", _USER.sub("***@", plain)) if "://" in plain else plain
