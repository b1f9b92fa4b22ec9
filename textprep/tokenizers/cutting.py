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
_UNSEEN = 255
_BATCH = 1 << 17  # texts; what cutting needs beside them is then bounded
_WORD = regex.compile(r"\w")
_classes = np.full(CODE_POINTS, _UNSEEN, dtype=np.uint8)  # filled as characters are met

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
    r"""The matches of ``\w+|[^\w\s]``.

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
        of_batch, occurrences = zip(*batch, strict=True)
        pieces = cut(pa.array(of_batch, pa.large_string())).numbered()
        times = np.repeat(np.array(occurrences, np.int64), np.diff(pieces.numbers.offsets))
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
    classes = _classes[codes]
    unseen = classes == _UNSEEN
    if unseen.any():
        for code in np.unique(codes[unseen]).tolist():
            character = chr(code)
            _classes[code] = SPACE if character.isspace() else WORD if _WORD.match(character) else OTHER
        classes = _classes[codes]
    return classes


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
