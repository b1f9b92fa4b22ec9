r"""Texts as the numbers of their distinct words.

A block is cut where ASCII white space is, in place: the white space begins the word after it, and each text
begins one. Other white space may stay inside of a "word": what has the scope ``"word"`` gives the same for
``"a\u3000b"`` as for ``"a"`` and ``"b"``, so that cutting less is still exact.

    texts     "the film the"  "film"
    cut       the| film| the  film
    distinct  the, film, the, film         (trimmed; two of a kind get the same number later)
    numbers   0  1  2         3

Distinct words can be asked for in partitions by what they are: then threads can look the
partitions up side by side.
"""

from __future__ import annotations

from itertools import pairwise
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from textprep.ragged import large_offsets
from textprep.ragged import numbers as column_numbers

ASCII_SPACE = "\t\n\x0b\x0c\r\x1c\x1d\x1e\x1f "


class Cut(NamedTuple):
    """Texts cut into words, or into other pieces.

    Attributes:
        words: (words,) large_string, in order, over the same memory as the texts.
        offsets: (texts + 1,) int64, the words of text ``i`` are ``offsets[i]`` to ``offsets[i + 1] - 1``.
        margin: the characters around a word that do not belong to it.
    """

    words: pa.LargeStringArray
    offsets: npt.NDArray[np.int64]
    margin: str = ""


class Numbered(NamedTuple):
    """Texts as numbers of words.

    Attributes:
        distinct: (distinct words,) large_string, without their margins, partition after partition.
        numbers: (words,) int32, which one each word is.
        offsets: as of `Cut`.
        bounds: (partitions + 1,) the words of partition ``i`` are ``bounds[i]`` to ``bounds[i + 1] - 1``.
    """

    distinct: pa.LargeStringArray
    numbers: npt.NDArray[np.int32]
    offsets: npt.NDArray[np.int64]
    bounds: npt.NDArray[np.int64]

    def partitions(self) -> list[pa.LargeStringArray]:
        """The distinct words of each partition."""
        return [self.distinct[start:stop] for start, stop in pairwise(self.bounds.tolist())]


def cut(texts: pa.LargeStringArray) -> Cut:
    """``texts`` cut at ASCII white space.

    >>> cut(pa.array(["a film", "a"], pa.large_string())).words.to_pylist()
    ['a', ' film', 'a']
    """
    ends = large_offsets(texts)
    data = np.frombuffer(texts.buffers()[2] or b"", dtype=np.uint8)[ends[0] : ends[-1]]
    ends = ends - ends[0]
    begins = np.empty(len(data) + 1, dtype=np.bool_)  # the last of them ends the last word
    # unsigned: what is smaller wraps around and is large
    np.less_equal(data - np.uint8(0x09), 0x0D - 0x09, out=begins[:-1])
    begins[:-1] |= data - np.uint8(0x1C) <= 0x20 - 0x1C
    return cut_before(data, begins, ends)._replace(margin=ASCII_SPACE)


def cut_before(
    data: npt.NDArray[np.uint8], begins: npt.NDArray[np.bool_], ends: npt.NDArray[np.int64]
) -> Cut:
    """Texts cut before certain bytes.

    Args:
        data: (bytes,) of all texts.
        begins: (bytes + 1,) where words begin; made true where texts do.
        ends: (texts + 1,) where texts begin and the last one ends.
    """
    begins[ends] = True
    starts = np.flatnonzero(begins)
    words = pa.LargeStringArray.from_buffers(len(starts) - 1, pa.py_buffer(starts), pa.py_buffer(data))
    return Cut(words, np.searchsorted(starts, ends).astype(np.int64, copy=False))


def number(cut: Cut, partitions: int = 1) -> Numbered:
    """The distinct words, in so many ``partitions``, and which one each word is.

    >>> numbered = number(cut(pa.array(["the film the"], pa.large_string())))
    >>> numbered.distinct.to_pylist(), numbered.numbers.tolist(), numbered.bounds.tolist()
    (['the', 'film', 'the'], [0, 1, 2], [0, 3])
    """
    encoded = cut.words.dictionary_encode()
    distinct, numbers = pc.ascii_trim(encoded.dictionary, cut.margin), column_numbers(encoded.indices)
    if partitions == 1:
        return Numbered(distinct, numbers, cut.offsets, np.array([0, len(distinct)]))
    partition = _part_of(distinct, partitions)
    order = np.argsort(partition, kind="stable")
    places = np.empty(len(order), dtype=np.int32)
    places[order] = np.arange(len(order), dtype=np.int32)
    bounds = np.searchsorted(partition[order], np.arange(partitions + 1))
    return Numbered(distinct.take(pa.array(order)), places[numbers], cut.offsets, bounds)


def _part_of(words: pa.LargeStringArray, partitions: int) -> npt.NDArray[np.uint8]:
    """(words,) the partition of each: by its length and its last byte, so that it is always the same."""
    ends = large_offsets(words)
    data = np.frombuffer(words.buffers()[2] or b"\0", dtype=np.uint8)
    lengths = np.diff(ends)
    last = np.where(lengths > 0, data[np.maximum(ends[1:] - 1, 0)], 0)
    partition: npt.NDArray[np.uint8] = ((last + 7 * lengths) % partitions).astype(np.uint8)
    return partition
