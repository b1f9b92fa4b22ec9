"""From tagged pieces of raw texts to a label for each token, by where in the raw text each token came from.

    raw text   "Ada <b>Love</b>lace, 36"     pieces   Ada: B-PER   <b>Love</b>lace: I-PER   and the rest is O
    tokens     ada   love  lace   ,   36
    spans      0-3   7-11  15-19 19-20 21-23          start and stop in the raw text
    labels     B-PER I-PER I-PER  O   O               with pieces="all" whatever is of one word, too

A token belongs to the piece in which it begins, white space before it left out; the first of a piece has
its tag, and so has the first of each further word in it (``U.S.`` is a word of CoNLL, and four of
`textprep.letters.word_spans`): predictions for raw texts are made of such words. The first and the last
token of an entity are tagged as such, even where what it begins with is deleted. Beyond all pieces, the
first token of each word is ``O``; with plain tags, nothing is to be learned there. A piece in which no
token begins is lost, and counted: steps deleted it, or joined it to what is before. Tokens of white space,
or of what a step put in, have no label.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache, lru_cache
from itertools import accumulate
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from textprep.letters import word_spans
from textprep.targets.tag_schemes import PREFIXES, B, E, I, O, Parts, S, begins, taken_apart

if TYPE_CHECKING:
    import numpy.typing as npt

    from textprep.targets.tagged_target import TaggedTarget

    Array = npt.NDArray[Any]

NO_LABEL = -100
_LAST_SPACE = 0x3000


class Lost(NamedTuple):
    """How many tags there are besides ``O``, and how many of them no token has.

    Attributes:
        tags: of all pieces.
        deleted: of pieces that no token came from.
        joined: of pieces that came into a token that begins before them.
    """

    tags: int = 0
    deleted: int = 0
    joined: int = 0


class TaggedPieces(NamedTuple):
    """The tagged pieces of all rows.

    Attributes:
        ends: (N + 1,) where the pieces of each row begin, and the last end.
        starts, stops: (pieces,) in the raw text of the row.
        tags: (pieces,) places in ``target.tags``.
        labelled: (N,) bool, which rows have tags.
    """

    ends: Array
    starts: Array
    stops: Array
    tags: Array
    labelled: Array


def align(
    target: TaggedTarget, texts: Sequence[str], pieces: TaggedPieces, spans: Array, offsets: Array
) -> tuple[Array, Lost]:
    """A label for each token, and what was lost.

    >>> from textprep.targets.tags import TagsTarget
    >>> target = TagsTarget(scheme="iob2", tags=("O", "B-LOC", "I-LOC"))
    >>> pieces = TaggedPieces(*map(np.array, ([0, 2], [3, 7], [6, 11], [1, 2], [True])))
    >>> align(target, ["In New York"], pieces, np.array([[0, 2], [3, 6], [7, 9], [9, 11]]), np.array([0, 4]))
    (array([   0,    1,    2, -100], dtype=int16), Lost(tags=2, deleted=0, joined=0))

    Args:
        target: says what the tags are, and which tokens of a word have one.
        texts: (N,) the raw texts.
        pieces: in order, none of which overlap.
        spans: (tokens, 2) start and stop of each token in its raw text; in a row none begins before the last.
        offsets: (N + 1,) where the tokens of each row begin, and the last end.

    Returns:
        (tokens,) int16, -100 where nothing is to be learned.
    """
    raw = _Raw.of(texts)
    at = raw.bases[np.repeat(np.arange(len(texts)), np.diff(pieces.ends))]
    pieces = pieces._replace(starts=pieces.starts + at, stops=pieces.stops + at)
    rows = np.repeat(np.arange(len(texts)), np.diff(offsets))
    stops = spans[:, 1] + raw.bases[rows]
    starts = raw.visible_from(spans[:, 0] + raw.bases[rows])
    kept = np.flatnonzero(pieces.labelled[rows] & (starts < stops))
    labels = np.full(len(spans), NO_LABEL, np.int16)
    labels[kept], lost = _labels(target, raw, pieces, starts[kept], stops[kept])
    return labels, lost


class _Raw(NamedTuple):
    """Raw texts one after the other, a line feed behind each.

    Attributes:
        texts: as given.
        codes: (characters,) their code points.
        bases: (N,) where each text begins.
    """

    texts: Sequence[str]
    codes: Array
    bases: Array

    @classmethod
    def of(cls, texts: Sequence[str]) -> _Raw:
        joined = "".join(f"{text}\n" for text in texts).encode("utf-32-le", "surrogatepass")
        bases = np.fromiter(accumulate((len(text) + 1 for text in texts), initial=0), np.int64)
        return cls(texts, np.frombuffer(joined, "<u4"), bases[:-1])

    def visible_from(self, places: Array) -> Array:
        """The first place from each of ``places`` on that is not white space; the end, if there is none."""
        moved = np.append(np.minimum(self.codes, _LAST_SPACE + 1), 0)
        is_space = _spaces()[moved]
        if not is_space[places].any():
            return places
        visible = np.append(np.flatnonzero(~is_space), len(is_space))
        found: Array = visible[np.searchsorted(visible, places)]
        return found

    def word_starts(self) -> Array:
        """Where words begin, and other visible characters, by `textprep.letters.word_spans`."""
        plain = np.array([text.isascii() for text in self.texts], bool)
        codes = np.minimum(self.codes, 0x80)
        is_word = _ascii_words()[codes]
        begins = is_word & ~np.append(False, is_word[:-1]) | ~is_word & ~_spaces()[codes]
        lengths = np.diff(self.bases, append=len(codes))
        begins &= np.repeat(plain, lengths)
        for row in np.flatnonzero(~plain).tolist():
            begins[[self.bases[row] + start for start, _ in word_spans(self.texts[row])]] = True
        begins[self.bases] = True  # what no rule calls a word is at least no part of another row
        return np.flatnonzero(begins)


def _labels(
    target: TaggedTarget, raw: _Raw, pieces: TaggedPieces, starts: Array, stops: Array
) -> tuple[Array, Lost]:
    """Those of the tokens that hold visible text, and what was lost."""
    labels = np.full(len(starts), NO_LABEL, np.int16)
    places = np.searchsorted(pieces.starts, starts, side="right") - 1
    is_inside = (places >= 0) & (starts < np.append(pieces.stops, 0)[places])
    inside, within = np.flatnonzero(is_inside), places[is_inside]
    outside = None if target.scheme == "plain" else target.tags.index("O")
    if target.pieces == "all":
        first = np.ones(len(starts), bool)
    else:
        first = _changes(np.searchsorted(raw.word_starts(), starts, side="right"))
        first[inside] |= _changes(within)
    tagged = first[inside]
    labels[inside[tagged]] = _tags(target, pieces, within[tagged])
    if outside is not None:
        labels[~is_inside & first] = outside
    return labels, _lost(pieces, within, outside, starts, stops)


def _tags(target: TaggedTarget, pieces: TaggedPieces, found: Array) -> Array:
    """The tags of tokens that begin in the pieces ``found``; the first and the last of an entity say so."""
    tags: Array = pieces.tags[found]
    if target.scheme == "plain":
        return tags
    prefixes, types, numbers = _taken_apart(target.tags)
    is_first = np.isin(np.arange(len(pieces.tags)), pieces.ends)
    entities = np.cumsum(begins(Parts(prefixes[pieces.tags], types[pieces.tags], is_first)))[found]
    named = np.flatnonzero(prefixes[tags] != O)
    starts = _changes(entities[named])
    ends = np.append(starts[1:], True)[: len(starts)] & (target.scheme == "bioes")
    new = np.where(starts, np.where(ends, S, B), np.where(ends, E, I))
    tags[named] = numbers[types[tags[named]], new]
    return tags


@lru_cache(8)
def _taken_apart(tags: tuple[str, ...]) -> tuple[Array, Array, Array]:
    """(C,) prefixes and (C,) types of tags; and (types, prefixes) which tag each pair is, -1 for none."""
    apart = [taken_apart(tag) or (O, tag) for tag in tags]
    kinds = [*dict.fromkeys(kind for _, kind in apart)]
    prefixes, types = (np.array(each) for each in zip(*((p, kinds.index(k)) for p, k in apart), strict=True))
    numbers = np.full((len(kinds), len(PREFIXES)), -1)
    numbers[types, prefixes] = np.arange(len(tags))
    return prefixes, types, numbers


def _lost(pieces: TaggedPieces, found: Array, outside: int | None, starts: Array, stops: Array) -> Lost:
    """What is lost of all pieces, where tokens begin in those that are ``found``."""
    counts = np.ones(len(pieces.tags), bool) if outside is None else pieces.tags != outside
    total = int(counts.sum())
    counts[found] = False
    reach = np.maximum.accumulate(np.append(0, stops))  # of no token, of the first, of the first two …
    places = pieces.starts[counts]
    joined = int((reach[np.searchsorted(starts, places)] > places).sum())
    return Lost(total, len(places) - joined, joined)


def _changes(numbers: Array) -> Array:
    """Where a number is another than the one before it."""
    changes: Array = np.diff(numbers, prepend=-1) != 0
    return changes


@cache
def _spaces() -> Array:
    """Which of the code points up to one after the last white space are white space."""
    return np.array([chr(code).isspace() for code in range(_LAST_SPACE + 2)])


@cache
def _ascii_words() -> Array:
    """Which ASCII characters make words; and not what is beyond ASCII."""
    return np.array([chr(code).isalnum() or chr(code) == "_" for code in range(0x80)] + [False])
