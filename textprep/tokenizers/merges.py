"""Byte-pair merges: applying them to one piece or to many, and what of the texts they are learned from.

The merging is that of the package ``tokenizers``.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from itertools import groupby

import numpy as np
import pyarrow as pa
from tokenizers import Tokenizer as HFTokenizer
from tokenizers import models

from textprep.memo import Memo
from textprep.ragged import Ragged
from textprep.tokenizers.cutting import CODE_POINTS, strings
from textprep.tokenizers.learning import Merge
from textprep.vocabulary import UNK_ID

_CACHED_PIECES = 1 << 16
_PIECES_A_STRING = 1 << 7
_UNKNOWN, _END = " ", "\n"  # no piece holds white space


class PieceModel:
    """Merges the characters of pieces into tokens.

    Args:
        tokens: every token there is; those of one character are the alphabet.
        merges: pairs of tokens, the first learned first.
    """

    def __init__(self, tokens: Iterable[str], merges: list[Merge]) -> None:
        ids = {token: i for i, token in enumerate(tokens)}
        self.tokens, self.merges = tuple(ids), merges
        self.alphabet = frozenset(token for token in ids if len(token) == 1)
        self._bpe = models.BPE(ids, merges)
        self._cache: dict[str, list[str]] = {}

    def tokenize(self, piece: str) -> list[str]:
        """The tokens of a piece; a character outside the alphabet is one by itself."""
        tokens = self._cache.get(piece)
        if tokens is None:
            if len(self._cache) >= _CACHED_PIECES:
                self._cache.clear()
            tokens = self._cache[piece] = self._merge(piece)
        return tokens

    def _merge(self, piece: str) -> list[str]:
        if self.alphabet.issuperset(piece):  # nearly always
            return [token.value for token in self._bpe.tokenize(piece)]
        tokens: list[str] = []
        for known, run in groupby(piece, self.alphabet.__contains__):
            characters = "".join(run)
            tokens += self._merge(characters) if known else characters
        return tokens


class BulkMerger:
    """The ids of many pieces at once: what `PieceModel` gives for each, without a Python call for each.

    Many pieces go into one string, each followed by a line break, a token that no merge touches, and many
    such strings through ``encode_batch_fast``, which holds no GIL.

    Args:
        tokens: every token that the merges need, in the order of their ids, from 2 on.
        merges: pairs of tokens, the first learned first.
    """

    def __init__(self, tokens: Sequence[str], merges: list[Merge]) -> None:
        self._end = len(tokens) + 2
        ids = {token: i for i, token in enumerate(tokens, start=2)}
        ids |= {_UNKNOWN: UNK_ID, _END: self._end}
        model = models.BPE(ids, merges, unk_token=_UNKNOWN, fuse_unk=False, cache_capacity=0)
        self._merger = HFTokenizer(model)
        self._dtype = np.min_scalar_type(self._end)
        self._memo = Memo()

    def encode(self, pieces: pa.LargeBinaryArray) -> Ragged:
        """(pieces) ragged: the ids of pieces in UTF-32; those of earlier calls are remembered."""
        return Ragged.from_arrow(self._memo.look_up([pieces], self._merge)[0], self._dtype)

    def _merge(self, pieces: pa.LargeBinaryArray) -> pa.LargeBinaryArray:
        spelled = strings(pieces)
        joined = [
            _END.join([*spelled[start : start + _PIECES_A_STRING], ""])
            for start in range(0, len(spelled), _PIECES_A_STRING)
        ]
        encoded = self._merger.encode_batch_fast(joined, add_special_tokens=False)
        ids = np.concatenate([np.zeros(0, self._dtype), *(np.array(e.ids, self._dtype) for e in encoded)])
        is_end = ids == self._end
        ends = np.flatnonzero(is_end) - np.arange(len(spelled))
        return Ragged(ids[~is_end], np.concatenate([[0], ends])).to_arrow()


def frequent_characters(pieces: Mapping[str, int], size: int) -> list[str]:
    """The ``size`` most frequent characters, ties by character.

    >>> frequent_characters({"film": 3, "if": 1}, 2)
    ['f', 'i']
    """
    codes = np.frombuffer("".join(pieces).encode("utf-32-le"), np.uint32)
    counts = np.zeros(CODE_POINTS, dtype=np.int64)
    lengths = np.fromiter(map(len, pieces), np.int64, len(pieces))
    np.add.at(counts, codes, np.repeat(np.fromiter(pieces.values(), np.int64, len(pieces)), lengths))
    used = np.flatnonzero(counts)
    return list(map(chr, used[np.argsort(-counts[used], kind="stable")][:size].tolist()))


def sample_counts(counts: Mapping[str, int], size: int, seed: int) -> dict[str, int]:
    """About ``size`` of all occurrences: each piece keeps its share, rounded up or down by a hash.

    The hash is of the seed and the piece, and the arithmetic is of whole numbers, so that the sample is the
    same on every machine, in whatever order the pieces come.

    >>> sample_counts({"the": 90, "film": 7, "a": 3}, 50, seed=0)
    {'the': 45, 'film': 4, 'a': 1}
    """
    total = sum(counts.values())
    if total <= size:
        return dict(counts)
    kept = {}
    for piece, times in counts.items():
        whole, rest = divmod(times * size, total)
        digest = hashlib.blake2b(f"{seed}\n{piece}".encode(), digest_size=8).digest()
        if share := whole + (int.from_bytes(digest, "big") * total >> 64 < rest):
            kept[piece] = share
    return kept
