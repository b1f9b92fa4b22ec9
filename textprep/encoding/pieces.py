r"""Texts cut before single spaces and some punctuation marks, for tokenizers that see white space.

    text      "the film,  the film is long."
    cut       the| film|,  the| film| is| long|.

Two spaces stay inside of a piece, and so does one next to other white space, to a mark or to anything else
than the solid characters of `textprep.tokenizers.cuts.characters`. That the ids are the same is proven by
`textprep.tokenizers.cuts.proof`.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from textprep.encoding.words import Cut, cut_before
from textprep.ragged import large_offsets
from textprep.tokenizers.cuts.characters import solid
from textprep.tokenizers.cuts.patterns import LETTERS

if TYPE_CHECKING:
    from textprep.tokenizers.cuts.proof import Cuts

_SPACE = 0x20
_LETTER, _MARK = 1, 2
Bytes = npt.NDArray[np.uint8]


def cut_into_pieces(texts: pa.LargeStringArray, cuts: Cuts) -> Cut:
    """``texts``, each with its prefix before it if it is not empty, cut.

    >>> from textprep.tokenizers.cuts.proof import Cuts
    >>> texts = pa.array(["a film,  the é ñ", ""], pa.large_string())
    >>> cut_into_pieces(texts, Cuts(True, "", prefix="▁", marks=",.")).words.to_pylist()
    ['▁a', ' film', ',  the', ' é', ' ñ']
    """
    if cuts.prefix:
        texts = _prefixed(texts, cuts.prefix)
    ends = large_offsets(texts)
    data = np.frombuffer(texts.buffers()[2] or b"", dtype=np.uint8)[ends[0] : ends[-1]]
    ends = ends - ends[0]
    begins = np.zeros(len(data) + 1, dtype=np.bool_)
    if len(data) > 2:
        _mark_single_spaces(data, begins)
        if cuts.marks:
            _mark_punctuation(data, cuts.marks, begins)
        begins[ends[1:] - 1] = False  # what comes after it is of another text
    return cut_before(data, begins, ends)


def _prefixed(texts: pa.LargeStringArray, prefix: str) -> pa.LargeStringArray:
    before, nothing = (pa.scalar(one, pa.large_string()) for one in (prefix, ""))
    return pc.if_else(pc.equal(texts, nothing), texts, pc.binary_join_element_wise(before, texts, nothing))


def _mark_single_spaces(data: Bytes, begins: npt.NDArray[np.bool_]) -> None:
    """Where a space is between two solid characters, ``begins`` becomes true."""
    spaces = data[1:-1] == _SPACE
    seen = data - np.uint8(0x21) <= 0x7E - 0x21  # unsigned: what is smaller wraps around and is large
    inner = begins[1:-2]
    np.logical_and(spaces, seen[:-2], out=inner)
    inner &= seen[2:]
    beyond = data >= 0x80
    if beyond.any():
        places = np.flatnonzero(spaces & (beyond[:-2] | beyond[2:])) + 1
        begins[places] = solid()[_before(data, places)] & solid()[_after(data, places)]


def _mark_punctuation(data: Bytes, marks: str, begins: npt.NDArray[np.bool_]) -> None:
    """Where one of ``marks`` is after a letter or digit and before ASCII, ``begins`` becomes true."""
    classes = np.frombuffer(data.tobytes().translate(_classes(marks)), dtype=np.uint8)
    found = classes[1:-1] == _MARK
    found &= classes[:-2] == _LETTER
    found &= data[2:] < 0x80
    begins[1:-2] |= found


@cache
def _classes(marks: str) -> bytes:
    """The class of each byte: one of ``marks``, an ASCII letter or digit, or neither."""
    return bytes(_MARK if chr(i) in marks else _LETTER if chr(i) in LETTERS else 0 for i in range(256))


def _after(data: Bytes, places: npt.NDArray[np.int64]) -> npt.NDArray[np.int32]:
    """The character after each of ``places``; 0 for one beyond the basic plane."""
    return _character(data, places + 1)


def _before(data: Bytes, places: npt.NDArray[np.int64]) -> npt.NDArray[np.int32]:
    """The character before each of ``places``; 0 for one beyond the basic plane."""
    starts = places - 1
    for _ in range(3):
        starts -= (data[starts] & 0xC0) == 0x80
    return _character(data, starts)


def _character(data: Bytes, starts: npt.NDArray[np.int64]) -> npt.NDArray[np.int32]:
    """The character that starts at each of ``starts``; 0 for one beyond the basic plane."""
    last = len(data) - 1
    one, two, three = (data[np.minimum(starts + more, last)].astype(np.int32) for more in range(3))
    of_two = (one & 0x1F) << 6 | two & 0x3F
    of_three = (one & 0x0F) << 12 | (two & 0x3F) << 6 | three & 0x3F
    return np.select([one < 0x80, one < 0xE0, one < 0xF0], [one, of_two, of_three], 0).astype(np.int32)
