"""How tags of words say where entities begin and end: IOB1, IOB2, BIOES; or nothing of the kind.

========  =============================================================  ====================
scheme    ``I work in New York City .``                                  of one word alone
========  =============================================================  ====================
iob1      O O O I-LOC I-LOC I-LOC O; B- only right behind one like it    I-LOC
iob2      O O O B-LOC I-LOC I-LOC O                                      B-LOC
bioes     O O O B-LOC I-LOC E-LOC O                                      S-LOC
plain     the tags themselves: PRON VERB ADP PROPN PROPN PROPN PUNCT     its tag
========  =============================================================  ====================

Sources: Ramshaw and Marcus (1995), *Text chunking using transformation-based learning*; Ratinov and Roth
(2009), *Design challenges and misconceptions in named entity recognition*; ``conlleval``, which says how
sequences that break the rules are read. T are words of all rows, one row after the other.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Literal, NamedTuple, TypeAlias

import numpy as np

if TYPE_CHECKING:
    import numpy.typing as npt

    Array = npt.NDArray[Any]

Scheme: TypeAlias = Literal["iob1", "iob2", "bioes", "plain"]
Span: TypeAlias = tuple[int, int, str]

O, B, I, E, S = range(5)  # noqa: E741 - as they are written
PREFIXES = "OBIES"
_BILOU = {"L": "E", "U": "S"}  # last, unit: BIOES by other letters
USED = {"iob1": "BI", "iob2": "BI", "bioes": "BIES"}


class Parts(NamedTuple):
    """Tags taken apart: (T,) prefixes and (T,) types, which are numbers, and (T,) whether a row begins."""

    prefixes: Array
    types: Array
    first: Array


@lru_cache(10_000)
def taken_apart(tag: str) -> tuple[int, str] | None:
    """The prefix and the type of a tag; ``None`` where it has none.

    >>> taken_apart("B-PER"), taken_apart("U-PER"), taken_apart("O"), taken_apart("NN")
    ((1, 'PER'), (4, 'PER'), (0, ''), None)
    """
    if tag == "O":
        return O, ""
    prefix, dash, kind = tag.partition("-")
    prefix = _BILOU.get(prefix, prefix)
    return (PREFIXES.index(prefix), kind) if dash and kind and prefix in ("B", "I", "E", "S") else None


def written(prefix: int, kind: str) -> str:
    """The tag of a prefix and a type.

    >>> written(1, "PER"), written(0, "")
    ('B-PER', 'O')
    """
    return f"{PREFIXES[prefix]}-{kind}" if prefix else "O"


def tags_of(types: Iterable[str], scheme: Scheme) -> tuple[str, ...]:
    """The tags of a scheme in the order of their ids, for entities of these types.

    >>> tags_of(["PER", "LOC"], "iob2")
    ('O', 'B-LOC', 'I-LOC', 'B-PER', 'I-PER')
    """
    return ("O", *(f"{prefix}-{kind}" for kind in sorted(types) for prefix in USED[scheme]))


def begins(parts: Parts) -> Array:
    """(T,) whether an entity begins at a word, as ``conlleval`` and ``seqeval`` read tags.

    That is at B and S; at I and E behind O, the end of an entity, or one of another type.
    """
    before = np.roll(parts.prefixes, 1)
    alone = parts.first | np.isin(before, (O, E, S)) | (np.roll(parts.types, 1) != parts.types)
    return np.asarray(np.isin(parts.prefixes, (B, S)) | ((parts.prefixes != O) & alone))


def normal(parts: Parts, scheme: Scheme) -> Array:
    """(T,) the prefixes that say the same by the rules of IOB2 or BIOES."""
    begin = begins(parts)
    if scheme != "bioes":
        return np.where(begin, B, np.where(parts.prefixes == O, O, I))
    ends = np.roll(begin | parts.first | (parts.prefixes == O), -1)  # before what is no part of it
    many = np.where(begin, np.where(ends, S, B), np.where(ends, E, I))
    return np.where(parts.prefixes == O, O, many)


def scheme_of(rows: Iterable[Sequence[str]]) -> Scheme | None:
    """The scheme in which tags are written; ``None`` where they do not say it.

    >>> scheme_of([["I-PER", "O"], ["I-LOC", "B-LOC"]]), scheme_of([["B-PER", "I-PER"], ["O", "I-PER"]])
    ('iob1', 'iob2')
    >>> scheme_of([["O", "S-PER"]]), scheme_of([["DET", "NOUN"]]), scheme_of([["O"]])
    ('bioes', 'plain', None)
    """
    apart = [[taken_apart(tag) for tag in row] for row in rows]
    each = [tag for row in apart for tag in row]
    inside = [tag for tag in each if tag and tag[0] != O]
    if each.count(None) * 2 > len(each) or (None in each and not inside):
        return "plain"
    if not inside:
        return None
    prefixes = [prefix for prefix, _ in inside]
    if prefixes.count(E) + prefixes.count(S) >= max(1, prefixes.count(B)):  # as every B has its E
        return "bioes"
    pairs = [pair for row in apart for pair in zip([None, *row], row, strict=False)]
    return "iob1" if _is_iob1([(old or (O, ""), tag) for old, tag in pairs if tag]) else "iob2"


def _is_iob1(pairs: Sequence[tuple[tuple[int, str], tuple[int, str]]]) -> bool:
    """Whether entities begin with I, and with B only behind one of their type."""
    starts = any(tag[0] == I and (old[0] == O or old[1] != tag[1]) for old, tag in pairs)
    return starts and all(old[0] != O and old[1] == tag[1] for old, tag in pairs if tag[0] == B)


def prefixes_of(words: int, scheme: Scheme) -> list[int]:
    """The prefixes of the words of an entity.

    >>> prefixes_of(3, "iob2"), prefixes_of(3, "bioes"), prefixes_of(1, "bioes")
    ([1, 2, 2], [1, 2, 3], [4])
    """
    if scheme != "bioes":
        return [B] + [I] * (words - 1)
    return [S] if words == 1 else [B] + [I] * (words - 2) + [E]


def entities(tags: Sequence[str], spans: Iterable[tuple[int, int]]) -> Iterator[Span]:
    """Where entities are, by a tag of IOB2 or BIOES for each piece of a text.

    A piece with an empty tag belongs to the one before it.

    >>> list(entities(["B-PER", "", "O", "I-LOC"], [(0, 3), (3, 5), (6, 8), (9, 15)]))
    [(0, 5, 'PER'), (9, 15, 'LOC')]
    """
    start = stop = 0
    last, kind = O, ""
    for tag, (begin, end) in zip(tags, spans, strict=True):
        if not tag:
            stop = end
            continue
        prefix, new = taken_apart(tag) or (O, "")
        if kind and (prefix in (O, B, S) or last in (E, S) or new != kind):
            yield start, stop, kind
            kind = ""
        start, stop, last, kind = (start if kind else begin), end, prefix, new
    if kind:
        yield start, stop, kind
