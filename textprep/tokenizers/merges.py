"""Byte-pair merges: learning them from counted pieces, and applying them to one piece or to many.

The trainer and the merging are those of the package ``tokenizers``.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import groupby

import numpy as np
import pyarrow as pa
from tokenizers import Tokenizer as HFTokenizer
from tokenizers import models, pre_tokenizers, trainers

from textprep.memo import Memo
from textprep.ragged import Ragged
from textprep.tokenizers.cutting import strings
from textprep.vocabulary import UNK_ID

_CACHED_PIECES = 1 << 16
_PIECES_A_STRING = 1 << 7
_UNKNOWN, _END = " ", "\n"  # no piece holds white space

Merge = tuple[str, str]


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
    """The ``size`` most frequent characters, ties by character."""
    counts: Counter[str] = Counter()
    for piece, times in pieces.items():
        for character in piece:
            counts[character] += times
    return sorted(counts, key=lambda character: (-counts[character], character))[:size]


def learn_merges(pieces: Mapping[str, int], size: int, min_freq: int) -> list[Merge]:
    """The merges, at most as many as make ``size`` tokens together with all characters.

    The trainer is not asked to choose an alphabet, as it breaks ties there by hash order: `fit` has done so,
    and where a character was left out there is no room for merges.
    """
    model = HFTokenizer(models.BPE())
    model.pre_tokenizer = pre_tokenizers.CharDelimiterSplit("\n")
    trainer = trainers.BpeTrainer(vocab_size=size, min_frequency=min_freq, show_progress=False)
    model.train_from_iterator(_training_lines(pieces), trainer)
    return [(left, right) for left, right in json.loads(model.to_str())["model"]["merges"]]


def _training_lines(pieces: Mapping[str, int]) -> Iterator[str]:
    """Each piece as often as it occurs, since the trainer takes no counts."""
    for piece, times in pieces.items():
        for start in range(0, times, 1000):
            yield f"{piece}\n" * min(1000, times - start)


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
