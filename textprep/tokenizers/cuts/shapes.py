"""Printable ASCII, pre-tokenized by its shape: once for all texts with letters and digits in the same places.

    text     " />Amanda"        " />Garcia"        "-style"
    shape    " />Aaaaaa"        " />Aaaaaa"        "-aaaaa"
    words    " />", "Amanda"    " />", "Garcia"    "-style"

What a pre-tokenizer does depends on the shape only if each of its patterns treats all small letters alike,
all capital ones, and all digits. Letters that it knows by name after an apostrophe (``'s``) do no harm, as
texts with an apostrophe are left out. Whether its words are parts of the text, and so can be cut out of it,
each shape shows.
"""

from __future__ import annotations

import string
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
from tokenizers.pre_tokenizers import PreTokenizer

from textprep.memo import Memo
from textprep.ragged import Ragged, large_offsets, numbers
from textprep.tokenizers.cuts.normalizers import flattened
from textprep.tokenizers.cuts.pre_tokenizers import GPT2
from textprep.tokenizers.cuts.reading import Unreadable, pattern_of

Record = dict[str, Any]

_ALIKE = {string.ascii_lowercase: "a", string.ascii_uppercase: "A", string.digits: "0"}
ORDINARY = "^[ -&(-~]+$"  # printable, without the apostrophe
_WITHOUT_PATTERNS = {
    "BertPreTokenizer",
    "Whitespace",
    "WhitespaceSplit",
    "Digits",
    "Punctuation",
    "ByteLevel",
}


def goes_by_shape(record: Record) -> bool:
    """Whether the pre-tokenizer that ``record`` describes treats texts of the same shape alike."""
    return all(map(_is_blind, flattened(record, "pretokenizers")))


def _is_blind(part: Record) -> bool:
    if part["type"] == "Split":
        return _does_not_tell_apart(part["pattern"])
    if part["type"] == "ByteLevel" and part["use_regex"]:
        return _does_not_tell_apart({"Regex": GPT2})
    return part["type"] in _WITHOUT_PATTERNS


def _does_not_tell_apart(pattern: dict[str, str]) -> bool:
    try:
        read = pattern_of(pattern)
    except Unreadable:
        return False
    return not any(read.tells_apart(some, closed="'") for some in _ALIKE)


class Words(NamedTuple):
    """The words of some texts.

    Attributes:
        known: (texts,) of which texts they are; the others have to be pre-tokenized by themselves.
        distinct: (distinct words,) large_string, as the model gets them.
        numbers: (known texts) ragged, which words each consists of.
    """

    known: npt.NDArray[np.bool_]
    distinct: pa.LargeStringArray
    numbers: Ragged


class Shapes:
    """Pre-tokenizes what is `ORDINARY` by its shape.

    Args:
        pre_tokenizer: one that `goes_by_shape`.
        record: describes it.
    """

    def __init__(self, pre_tokenizer: PreTokenizer, record: Record) -> None:
        self._pre_tokenizer = pre_tokenizer
        in_bytes = any(part["type"] == "ByteLevel" for part in flattened(record, "pretokenizers"))
        self._space, self._margin = ("Ġ", "") if in_bytes else (" ", " ")
        self._memo = Memo()

    def cut(self, texts: pa.LargeStringArray) -> Words:
        """The words of ``texts``.

        >>> from tokenizers.pre_tokenizers import ByteLevel
        >>> words = Shapes(ByteLevel(add_prefix_space=False), {"type": "ByteLevel"}).cut(
        ...     pa.array([" film", ",film film"], pa.large_string())
        ... )
        >>> words.known.tolist(), words.distinct.to_pylist(), words.numbers.rows()
        ([True, True], ['Ġfilm', ',', 'film'], [[0], [1, 2, 0]])
        """
        [begins] = self._memo.look_up([_shapes(texts)], self._begins_of)
        known = pc.equal(pc.binary_length(begins), pc.binary_length(texts))
        words = self._numbered(texts.filter(known), begins.filter(known))
        return Words(known.to_numpy(zero_copy_only=False), *words)

    def _numbered(
        self, texts: pa.LargeStringArray, begins: pa.LargeBinaryArray
    ) -> tuple[pa.LargeStringArray, Ragged]:
        data, ends = _flat(texts)
        starts = np.flatnonzero(_flat(begins)[0])
        offsets = pa.py_buffer(np.append(starts, ends[-1]))
        words = pa.LargeStringArray.from_buffers(len(starts), offsets, pa.py_buffer(data))
        encoded = pc.ascii_trim(words, self._margin).dictionary_encode()
        distinct = pc.replace_substring(encoded.dictionary, " ", self._space)
        return distinct, Ragged(numbers(encoded.indices), np.searchsorted(starts, ends).astype(np.int64))

    def _begins_of(self, shapes: pa.LargeStringArray) -> pa.LargeBinaryArray:
        return pa.array(map(self._begins, shapes.to_pylist()), pa.large_binary())

    def _begins(self, shape: str) -> bytes:
        """For each character of ``shape`` whether a word begins there; nothing if words are not its parts."""
        found = self._pre_tokenizer.pre_tokenize_str(shape)
        starts = [0, *(start for _, (start, _) in found[1:])]
        words = [shape[a:b].strip(self._margin) for a, b in pairwise([*starts, len(shape)])]
        if [word.replace(" ", self._space) for word in words] != [word for word, _ in found]:
            return b""
        begins = bytearray(len(shape))
        for start in starts:
            begins[start] = 1
        return bytes(begins)


def _shapes(texts: pa.LargeStringArray) -> pa.LargeStringArray:
    """The shape of each of ``texts``, which are ASCII."""
    table = np.arange(128, dtype=np.uint8)
    for some, sign in _ALIKE.items():
        table[[*map(ord, some)]] = ord(sign)
    data, ends = _flat(texts)
    return pa.LargeStringArray.from_buffers(len(texts), pa.py_buffer(ends), pa.py_buffer(table[data]))


def _flat(
    texts: pa.LargeStringArray | pa.LargeBinaryArray,
) -> tuple[npt.NDArray[np.uint8], npt.NDArray[np.int64]]:
    """The bytes of all texts, one behind the other, and where each starts and ends in them."""
    ends = large_offsets(texts)
    data = np.frombuffer(texts.buffers()[2] or b"", np.uint8)[ends[0] : ends[-1]]
    return data, ends - ends[0]
