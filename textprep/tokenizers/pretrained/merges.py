"""The list of merges of ``tokenizers`` for vocabularies that say no pairs, only which token comes first.

tiktoken and SentencePiece merge the two neighbours that together are the first of all tokens; ``tokenizers``
has a list of pairs. One pair per token is enough. No merge ever crosses the ends of the two parts that become
a token, so those parts are what the token alone becomes, whatever is around it: there is no choice of pairs.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import count, product
from typing import TypeVar

Text = TypeVar("Text", str, bytes)
_NONE = 2**63


def merges(ranks: Mapping[Text, int]) -> Iterator[tuple[Text, Text]]:
    """The pair that becomes each token, in the order of ranks; none for a token that no merge makes.

    >>> list(merges({b"a": 0, b"b": 1, b"ab": 2, b"aba": 3, b"ba": 4}))
    [(b'a', b'b'), (b'ab', b'a'), (b'b', b'a')]
    """
    for token in sorted(ranks, key=ranks.__getitem__):
        if len(token) > 1 and (pair := _last_two(token, ranks)):
            yield pair


def _last_two(token: Text, ranks: Mapping[Text, int]) -> tuple[Text, Text] | None:
    """The parts of which the last merge makes ``token``."""
    ends = list(range(len(token) + 1))
    found = [ranks.get(token[i : i + 2], _NONE) for i in range(len(token) - 1)]
    while len(found) > 1:
        first = min(found)
        if first == _NONE:
            return None
        i = found.index(first)
        del ends[i + 1], found[i]
        for left in range(max(0, i - 1), min(i + 1, len(found))):
            found[left] = ranks.get(token[ends[left] : ends[left + 2]], _NONE)
    return token[: ends[1]], token[ends[1] :]


def run_merges(lengths: Iterable[int]) -> list[tuple[int, int]] | None:
    """The merges of a character into runs of it that all have the same rank, where the leftmost comes first.

    Powers of two are merged first, then what is left of them, from the longest on. That gives the same runs,
    whatever the rest: for it repeats itself after the longest run, and is tried on all that is shorter.

    >>> run_merges({2, 3, 4})
    [(1, 1), (2, 2), (2, 1)]

    Args:
        lengths: those of the runs that are tokens.

    Returns:
        Pairs of lengths; ``None`` where no list gives the same.
    """
    known = set(lengths)
    longest = max(known)
    powers = [1 << i for i in range(longest.bit_length())]
    doubled = [(power, power) for power in powers if 2 * power <= longest]
    rest = [
        (left, right)
        for high in reversed(powers)
        for left, right in product(range(high, 2 * high), reversed(powers))
        if right < left & -left and left + right in known
    ]
    listed = dict(zip([*doubled, *rest], count(), strict=False))
    leftmost = {(left, run - left): 0 for run in known for left in range(1, run)}
    if powers[-1] != longest or not known.issuperset(powers[1:]):
        return None
    same = all(_runs(n, listed) == _runs(n, leftmost) for n in range(3 * longest))
    return list(listed) if same else None


def _runs(length: int, ranks: Mapping[tuple[int, int], int]) -> list[int]:
    """The lengths of the runs that so many of a character become."""
    runs = [1] * length
    while True:
        found = [(ranks[pair], i) for i in range(len(runs) - 1) if (pair := (runs[i], runs[i + 1])) in ranks]
        if not found:
            return runs
        i = min(found)[1]
        runs[i : i + 2] = [sum(runs[i : i + 2])]
