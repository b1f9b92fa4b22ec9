r"""Texts as the numbers of their distinct words.

A block is cut where ASCII white space is, in place: the white space begins the word after it, and each text
begins one. Other white space may stay inside of a "word": what has the scope ``"word"`` gives the same for
``"a\u3000b"`` as for ``"a"`` and ``"b"``, so that cutting less is still exact.

    texts     "the film the"  "film"
    cut       the| film| the  film
    distinct  the, film, the, film         (trimmed; two of a kind get the same number later)
    numbers   0  1  2         3
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from textprep.ragged import large_offsets

ASCII_SPACE = "\t\n\x0b\x0c\r\x1c\x1d\x1e\x1f "


class Cut(NamedTuple):
    """Texts cut into words.

    Attributes:
        words: (words,) large_string, in order, over the same memory as the texts.
        offsets: (texts + 1,) int64, the words of text ``i`` are ``offsets[i]`` to ``offsets[i + 1] - 1``.
    """

    words: pa.LargeStringArray
    offsets: npt.NDArray[np.int64]


class Numbered(NamedTuple):
    """Texts as numbers of words.

    Attributes:
        distinct: (distinct words,) large_string, without white space around.
        numbers: (words,) int32, which one each word is.
        offsets: as of `Cut`.
    """

    distinct: pa.LargeStringArray
    numbers: pa.Int32Array
    offsets: npt.NDArray[np.int64]


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
    begins[ends] = True
    starts = np.flatnonzero(begins)
    words = pa.LargeStringArray.from_buffers(len(starts) - 1, pa.py_buffer(starts), pa.py_buffer(data))
    return Cut(words, np.searchsorted(starts, ends).astype(np.int64, copy=False))


def number(cut: Cut) -> Numbered:
    """The distinct words, and which one each word is."""
    encoded = cut.words.dictionary_encode()
    return Numbered(pc.ascii_trim(encoded.dictionary, ASCII_SPACE), encoded.indices, cut.offsets)
