r"""Many texts cut into runs of characters at once, in NumPy, as the patterns of the tokenizers cut each.

Code points are looked up in a table of three classes: white space, word characters (``\w``) and the rest.
A piece begins where the class changes; equal pieces get one number, so that what costs more than a look-up
is done once for each distinct piece:

    texts     "a film, a"  "film"
    pieces    a film , a   film         distinct: a, film, ","
    numbers   0  1   2 0   1            rows: [0, 1, 2, 0], [1]
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from functools import cache
from itertools import islice, pairwise
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import regex

from textprep.ragged import Ragged, large_offsets

SPACE, WORD, OTHER, HEAD_CLASS = range(4)
CODE_POINTS = 0x110000
_BATCH = 1 << 17  # texts; what cutting needs beside them is then bounded

CodePoints = npt.NDArray[np.uint32]
Offsets = npt.NDArray[np.int64]


class Pieces(NamedTuple):
    """Pieces of texts.

    Attributes:
        distinct: (pieces,) large_binary, each in UTF-32.
        numbers: (texts) ragged, for each text the numbers of its pieces in ``distinct``.
    """

    distinct: pa.LargeBinaryArray
    numbers: Ragged


class Runs(NamedTuple):
    """Pieces of texts in their order.

    Attributes:
        pieces: (pieces,) large_binary, each in UTF-32.
        offsets: (texts + 1,) int64, the pieces of text ``i`` are ``offsets[i]`` to ``offsets[i + 1] - 1``.
    """

    pieces: pa.LargeBinaryArray
    offsets: Offsets

    def numbered(self) -> Pieces:
        """The distinct pieces, and which of them each text is made of."""
        encoded = self.pieces.dictionary_encode()
        return Pieces(encoded.dictionary, Ragged(encoded.indices.to_numpy(), self.offsets))


def cut_words(texts: pa.LargeStringArray) -> Runs:
    r"""The matches of ``\w+|[^\w\s]``: what `WordTokenizer` makes of texts that `unusual` does not set apart.

    >>> strings(cut_words(pa.array(["a film, a", "film"], pa.large_string())).pieces)
    ['a', 'film', ',', 'a', 'film']
    """
    codes, offsets = code_points(texts)
    classes = classify(codes)
    begins = classes == OTHER
    begins[1:] |= classes[1:] != classes[:-1]
    begins[offsets[:-1][offsets[:-1] < len(codes)]] = True
    codes, begins, offsets, _ = _without_space(codes, begins, offsets, classes)
    return _runs(codes, np.flatnonzero(begins), offsets)


def cut_headed(texts: pa.LargeStringArray, head: str, longest: int) -> Runs:
    r"""Each word gets ``head`` before it; then the matches of ``head?(\w{1,n}|[^\w head]{1,n})|head``.

    >>> strings(cut_headed(pa.array(["a film, a", "film"], pa.large_string()), "_", 3).pieces)
    ['_a', '_fil', 'm', ',', '_a', '_fil', 'm']

    Args:
        texts: without nulls.
        head: one character, which counts as no word character.
        longest: ``n``, the most characters of a piece besides the head.
    """
    codes, offsets = code_points(texts)
    codes = np.insert(codes, offsets[:-1], ord(" "))
    offsets = offsets + np.arange(len(offsets))
    classes = classify(codes)
    before_word = classes[:-1] == SPACE
    before_word &= classes[1:] != SPACE
    codes[:-1][before_word] = ord(head)
    classes[codes == ord(head)] = HEAD_CLASS
    begins = classes == HEAD_CLASS
    begins[1:] |= (classes[1:] != classes[:-1]) & (classes[:-1] != HEAD_CLASS)
    codes, begins, offsets, classes = _without_space(codes, begins, offsets, classes)
    starts = _cut_long(np.flatnonzero(begins), classes, longest)
    return _runs(codes, starts, offsets)


def count_pieces(
    texts: Iterable[tuple[str, int]], cut: Callable[[pa.LargeStringArray], Runs]
) -> Counter[str]:
    """How often each piece occurs in texts that occur so many times each.

    >>> count_pieces([("a film", 2), ("a", 3)], cut_words)
    Counter({'a': 5, 'film': 2})
    """
    counts: Counter[str] = Counter()
    left = iter(texts)
    while batch := list(islice(left, _BATCH)):
        occurrences = np.fromiter((times for _, times in batch), np.int64, len(batch))
        pieces = cut(pa.array([text for text, _ in batch], pa.large_string())).numbered()
        times = np.repeat(occurrences, np.diff(pieces.numbers.offsets))
        totals = np.zeros(len(pieces.distinct), dtype=np.int64)
        np.add.at(totals, pieces.numbers.values, times)
        for piece, total in zip(strings(pieces.distinct), totals.tolist(), strict=True):
            counts[piece] += total
    return counts


def code_points(texts: pa.LargeStringArray) -> tuple[CodePoints, Offsets]:
    """The code points of all texts, one after the other, and where each text starts and ends in them."""
    ends = large_offsets(texts)
    data = memoryview(texts.buffers()[2] or b"")[ends[0] : ends[-1]]
    codes = np.frombuffer(str(data, "utf-8").encode("utf-32-le"), dtype="<u4")
    offsets = np.zeros(len(texts) + 1, dtype=np.int64)
    np.cumsum(pc.utf8_length(texts).to_numpy(), out=offsets[1:])
    return codes, offsets


def classify(codes: CodePoints) -> npt.NDArray[np.uint8]:
    """`SPACE`, `WORD` or `OTHER` for each code point."""
    return _classes()[codes]


@cache
def _classes() -> npt.NDArray[np.uint8]:
    """(code points,) the class of each; takes some 15 ms, once."""
    classes = np.full(CODE_POINTS, OTHER, dtype=np.uint8)
    for expression, its_class in ((r"\w+", WORD), (r"[\s\x1c-\x1f]+", SPACE)):
        for run in regex.finditer(expression, every_character()):
            classes[run.start() : run.end()] = its_class
    return classes


@cache
def every_character() -> str:
    """All code points in order, lone surrogates included."""
    return str(np.arange(CODE_POINTS, dtype="<u4").data, "utf-32-le", "surrogatepass")


def strings(distinct: pa.LargeBinaryArray) -> list[str]:
    """Pieces in UTF-32 as strings."""
    ends = large_offsets(distinct)
    data = memoryview(distinct.buffers()[2] or b"")[ends[0] : ends[-1]]
    joined = str(data, "utf-32-le")
    return [joined[start:stop] for start, stop in pairwise(((ends - ends[0]) // 4).tolist())]


def spelled(tokens: Sequence[str]) -> pa.LargeBinaryArray:
    """Strings as pieces are: each in UTF-32."""
    return pa.array([token.encode("utf-32-le", "surrogatepass") for token in tokens], pa.large_binary())


def _without_space(
    codes: CodePoints, begins: npt.NDArray[np.bool_], offsets: Offsets, classes: npt.NDArray[np.uint8]
) -> tuple[CodePoints, npt.NDArray[np.bool_], Offsets, npt.NDArray[np.uint8]]:
    kept = classes != SPACE
    if kept.all():
        return codes, begins, offsets, classes
    dropped = np.searchsorted(np.flatnonzero(~kept), offsets)
    return codes[kept], begins[kept], offsets - dropped, classes[kept]


def _cut_long(starts: Offsets, classes: npt.NDArray[np.uint8], longest: int) -> Offsets:
    """More starts, so that no piece has more than ``longest`` characters besides its head."""
    heads = classes[starts] == HEAD_CLASS
    ends = np.append(starts[1:], len(classes))
    long = np.flatnonzero(ends - starts - heads > longest)
    if not len(long):
        return starts
    first = starts + heads + longest
    more = [np.arange(start, end, longest) for start, end in zip(first[long], ends[long], strict=True)]
    return np.sort(np.concatenate([starts, *more]))


def _runs(codes: CodePoints, starts: Offsets, offsets: Offsets) -> Runs:
    ends = pa.py_buffer(np.append(starts, len(codes)) * 4)
    pieces = pa.LargeBinaryArray.from_buffers(
        pa.large_binary(), len(starts), [None, ends, pa.py_buffer(np.ascontiguousarray(codes))]
    )
    return Runs(pieces, np.searchsorted(starts, offsets).astype(np.int64))
