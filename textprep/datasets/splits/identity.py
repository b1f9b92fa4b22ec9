"""When two texts count as the same: if cleaning, as most people do it, makes them so; sets of such."""

from __future__ import annotations

import hashlib
import html
import re
import unicodedata
from collections import defaultdict
from collections.abc import Hashable, Iterable, Iterator

import regex

_TAG = re.compile("<[/!a-zA-Z][^<>]*>")
_LEFT_OUT = r"\p{P}\p{Z}\p{C}"
_SEPARATORS = regex.compile(f"[{_LEFT_OUT}]+")
_WORD = regex.compile(f"[^{_LEFT_OUT}]+")
_ASCII_LEFT_OUT = [i for i in range(128) if unicodedata.category(chr(i))[0] in "PZC"]
_DELETE = dict.fromkeys(_ASCII_LEFT_OUT)
_SPACES = dict.fromkeys(_ASCII_LEFT_OUT, " ")


def identity(text: str) -> str:
    """What is left of a text without tags, case, punctuation and white space; a text without more is itself.

    Texts of the same identity never come into two splits: a pipeline may make the same of them.

    >>> identity("Great<br />film!") == identity("great film") == identity("GREAT  FILM...")
    True
    >>> identity("?!"), identity("good \N{THUMBS UP SIGN}") == identity("good \N{THUMBS DOWN SIGN}")
    ('?!', False)
    """
    bare = _bare(text)
    return (bare.translate(_DELETE) if bare.isascii() else _SEPARATORS.sub("", bare)) or text


def identity_digest(text: str) -> bytes:
    """16 bytes that stand for the `identity` of a text."""
    return hashlib.blake2b(identity(text).encode(), digest_size=16).digest()


def row_digests(*columns: Iterable[str]) -> Iterator[bytes]:
    """16 bytes for each row that stand for the identities of all its texts.

    Rows are the same only if each of their texts is: two pairs that share one text are not, nor is a pair the
    same as one of its texts in the other order. Of rows of one text they are those of `identity_digest`.

    >>> one, other, swapped = row_digests(["A film.", "a film", "Dull!"], ["Dull!", "DULL", "A film."])
    >>> one == other, one == swapped
    (True, False)

    Args:
        *columns: the texts of all rows; of pairs two columns.
    """
    for texts in zip(*columns, strict=True):
        digests = list(map(identity_digest, texts))
        alone = len(digests) == 1
        yield digests[0] if alone else hashlib.blake2b(b"".join(digests), digest_size=16).digest()


def words_of(text: str) -> list[str]:
    """The words of which `identity` is the string.

    >>> words_of("Great<br />film, isn't it?")
    ['great', 'film', 'isn', 't', 'it']
    """
    bare = _bare(text)
    words: list[str] = bare.translate(_SPACES).split(" ") if bare.isascii() else _WORD.findall(bare)
    return [word for word in words if word]


def _bare(text: str) -> str:
    """Without tags and case, and with a space where a tag was."""
    if "<" in text:
        text = _TAG.sub(" ", text)
    if "&" in text:
        text = html.unescape(text)
    if text.isascii():
        return text.lower()
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())


class DisjointSets:
    """Rows 0 to ``rows``, each in a set of its own until joined (Galler and Fischer 1964, with path halving).

    >>> sets = DisjointSets(4)
    >>> sets.join(0, 2)
    >>> sets.members()
    [[0, 2], [1], [3]]
    """

    def __init__(self, rows: int) -> None:
        self._parents = list(range(rows))

    def find(self, row: int) -> int:
        """The row that stands for the set of ``row``: the first of it."""
        parents = self._parents
        while parents[row] != row:
            parents[row] = row = parents[parents[row]]
        return row

    def join(self, row: int, other: int) -> None:
        """Make one set of the two that hold ``row`` and ``other``."""
        first, second = sorted((self.find(row), self.find(other)))
        self._parents[second] = first

    def join_equal(self, values: Iterable[Hashable]) -> None:
        """Join the rows that have the same value; ``values`` are in the order of rows."""
        first: dict[Hashable, int] = {}
        for row, value in enumerate(values):
            if (other := first.setdefault(value, row)) != row:
                self.join(other, row)

    def members(self) -> list[list[int]]:
        """The rows of each set, ascending."""
        sets: dict[int, list[int]] = defaultdict(list)
        for row in range(len(self._parents)):
            sets[self.find(row)].append(row)
        return list(sets.values())
