"""More texts of the same kind, whose vocabulary goes on growing as that of natural text does.

Natural text follows Heaps' law: n words hold about K·n^β distinct ones. Repeating the film reviews would add
no word at all, which would flatter an engine that works once a distinct word. So each further copy of them
has some of its rare words varied, in two ways, as new words of natural text are of two kinds:

- unheard-of: ``documentary`` becomes ``docxumentary`` in copy 1, ``docponumentary`` in copy 2;
- heard-of in their parts: ``documentary!)`` becomes ``documentary-butterfly!)``.

Which words vary, and into what, is a hash of the word, the copy and the seed; how many, is what Heaps' law
asks for, once for words as white space parts them (β is about 0.65 for the reviews) and once for runs of
letters (0.45). `count_words` and `exponent` measure on the result whether it came out so.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise, product
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

RARE = 20  # occurrences: more than nine of ten distinct words of the reviews have no more
_CONSONANTS = "bcdfghjklmnpqrstvwxz"
SYLLABLES = pa.array(list(map("".join, product(_CONSONANTS, "aeiou", _CONSONANTS))), pa.large_string())
SPACE, HYPHEN, NOTHING = (pa.scalar(text, pa.large_string()) for text in (" ", "-", ""))
_HASH = np.uint64


class Law(NamedTuple):
    """How many distinct things texts hold, and the β with which that grows."""

    distinct: int
    exponent: float

    def new(self, copy: int) -> float:
        """How many more there are in ``copy + 1`` times the texts than in ``copy`` times."""
        return self.distinct * ((copy + 1) ** self.exponent - copy**self.exponent)


def copies(texts: pa.Array, words: Law, letters: Law, seed: int = 0) -> Iterator[pa.Array]:
    """``texts``, (rows,) large_string, then varied copies of them, without end.

    Args:
        texts: what to copy.
        words: the growth wanted of the words that white space parts.
        letters: the growth wanted of runs of letters, in lower case.
        seed: another seed varies other words.
    """
    yield texts
    lists = pc.split_pattern(texts, " ")
    coded = lists.values.dictionary_encode()
    variations = Variations(coded.dictionary, np.bincount(coded.indices), seed)
    for copy in range(1, 10**6):
        varied = variations.varied(copy, words.new(copy), letters.new(copy)).take(coded.indices)
        yield pc.binary_join(type(lists).from_arrays(lists.offsets, varied), SPACE)


class Variations:
    """A vocabulary whose rare words can be varied; words with a tag or an entity in them cannot.

    Args:
        words: (V,) large_string, distinct.
        counts: (V,) how often each occurs.
        seed: another seed varies other words.
    """

    def __init__(self, words: pa.Array, counts: npt.NDArray[np.int64], seed: int) -> None:
        parts = pc.extract_regex(words, r"(?s)^(?P<before>.*?)(?P<letters>[A-Za-z]{3,})(?P<after>.*)$")
        self.words = words
        self.before, self.letters, self.after = (pc.struct_field(parts, [i]) for i in range(3))
        self.runs = pc.utf8_lower(self.letters).drop_null().unique()
        markup = _mask(pc.match_substring_regex(words, r"&|</?[A-Za-z]{3}"))
        rare = _mask(parts.is_valid()) & (counts <= RARE) & ~markup
        alone = _mask(pc.equal(words, self.letters))
        self.bare, self.marked = rare & alone, rare & ~alone
        self.bare_runs = len(pc.utf8_lower(self.letters.filter(pa.array(self.bare))).unique())
        # By letters alone, so that a word keeps its form whether or not it begins a sentence.
        self.by_run = _hashes(pc.fill_null(pc.utf8_lower(self.letters), ""), seed)
        self.by_word = _hashes(words, seed)

    def varied(self, copy: int, new_words: float, new_runs: float) -> pa.Array:
        """(V,) the words, so many of them in a form that only copy number ``copy`` has."""
        by_run, by_word = _mixed(self.by_run + _HASH(copy)), _mixed(self.by_word + _HASH(copy))
        unheard = self.bare & _chosen(by_run, new_runs / max(1, self.bare_runs))
        left = new_words - np.count_nonzero(unheard)
        marked = self.marked & _chosen(by_word, left / max(1, np.count_nonzero(self.marked)))
        forms = pc.if_else(
            pa.array(unheard),
            pc.binary_join_element_wise(
                pc.utf8_slice_codeunits(self.letters, 0, 3),
                _pick(SYLLABLES, by_run),
                pc.utf8_slice_codeunits(self.letters, 3),
                NOTHING,
            ),
            pc.binary_join_element_wise(
                self.before, self.letters, HYPHEN, _pick(self.runs, by_word), self.after, NOTHING
            ),
        )
        return pc.if_else(pa.array(unheard | marked), forms, self.words)


def split_words(texts: pa.Array) -> pa.Array:
    """Every word of ``texts``, as white space parts them; line breaks in HTML are white space."""
    return pc.utf8_split_whitespace(pc.replace_substring_regex(texts, r"<br ?/?>", " ")).values


def split_runs(texts: pa.Array) -> pa.Array:
    """Every run of letters in ``texts``, in lower case."""
    return split_words(pc.replace_substring_regex(pc.utf8_lower(texts), r"<br ?/?>|[^a-z]+", " "))


def count(parts: Iterable[pa.Array]) -> list[tuple[int, int]]:
    """After each part, the number of its words and of those before, and of distinct ones among them."""
    distinct, total, counts = pa.array([], pa.large_string()), 0, []
    for words in parts:
        total += len(words)
        distinct = pa.concat_arrays([distinct, words.unique()]).unique()
        counts.append((total, len(distinct)))
    return counts


def exponent(counts: Sequence[tuple[int, int]]) -> float:
    """β of the curve n → K·n^β that comes nearest to ``counts``, in logarithms.

    >>> round(exponent([(100, 30), (400, 60), (1600, 120)]), 3)
    0.5
    """
    words, distinct = np.log(np.array(counts, dtype=float)).T
    return float(np.polyfit(words, distinct, 1)[0])


def law(words: pa.Array) -> Law:
    """What Heaps' law is for ``words``, in the order of their texts: eight points, evenly spaced."""
    ends = np.linspace(0, len(words), 9, dtype=int).tolist()
    counts = count(words.slice(start, stop - start) for start, stop in pairwise(ends))
    return Law(counts[-1][1], exponent(counts))


def _hashes(words: pa.Array, seed: int) -> npt.NDArray[np.uint64]:
    crc = np.fromiter((zlib.crc32(word.encode()) for word in words.to_pylist()), _HASH, len(words))
    return _mixed(crc + (_HASH(seed) << _HASH(32)))


def _mixed(numbers: npt.NDArray[np.uint64]) -> npt.NDArray[np.uint64]:
    """The finalizer of SplitMix64 (Steele et al. 2014): every bit depends on every bit."""
    numbers = (numbers ^ (numbers >> _HASH(30))) * _HASH(0xBF58476D1CE4E5B9)
    numbers = (numbers ^ (numbers >> _HASH(27))) * _HASH(0x94D049BB133111EB)
    return numbers ^ (numbers >> _HASH(31))


def _chosen(hashes: npt.NDArray[np.uint64], share: float) -> npt.NDArray[np.bool_]:
    return hashes < max(0.0, share) * 2.0**64


def _pick(values: pa.Array, hashes: npt.NDArray[np.uint64]) -> pa.Array:
    return values.take(pa.array(_mixed(hashes) % _HASH(len(values))))


def _mask(array: pa.Array) -> npt.NDArray[np.bool_]:
    return pc.fill_null(array, False).to_numpy(zero_copy_only=False)
