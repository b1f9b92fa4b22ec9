"""The ids of many pieces of texts at once, by a tokenizer of the package ``tokenizers``."""

from __future__ import annotations

import json
import re

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
from tokenizers import AddedToken
from tokenizers import Tokenizer as HFTokenizer
from tokenizers.normalizers import Normalizer

from textprep.ragged import Ragged
from textprep.tokenizers.columns import interleaved
from textprep.tokenizers.cuts.normalizers import flattened
from textprep.tokenizers.cuts.proof import prove

_NO_CHARACTERS = tuple(map(chr, range(0xFDD0, 0xFDF0)))  # and they never will be
_PIECES_A_STRING = 1 << 7
_KNOWN_ON_ASCII = {"NFC", "NFD", "NFKC", "NFKD", "StripAccents", "Nmt", "Lowercase", "BertNormalizer"}


class PieceEncoder:
    """Encodes pieces of texts that were cut as `textprep.tokenizers.cuts.proof` says, each as a whole text.

    Many pieces go into one string, each followed by an added token, at which ``tokenizers`` cuts before it
    does anything else; many such strings go through ``encode_batch_fast``, which holds no GIL. Only what may
    be the beginning of a text goes by itself.

    Args:
        backend: the tokenizer; it is not changed.

    Attributes:
        cuts: whether texts may be cut, and why.
    """

    def __init__(self, backend: HFTokenizer) -> None:
        self.backend = backend
        self.cuts = prove(backend)
        self._tokenizers: tuple[HFTokenizer, HFTokenizer, str] | None = None
        self._spared: HFTokenizer | None = None

    def encode(self, pieces: pa.LargeStringArray) -> Ragged:
        """The ids of each piece, (pieces) ragged."""
        few, many, end = self._loaded()
        inside = pc.match_substring_regex(pieces, f"^[{re.escape(f' {self.cuts.marks}')}]")
        joined = pc.and_not(inside, pc.match_substring(pieces, end))
        alone = few.encode_batch_fast(pieces.filter(pc.invert(joined)).to_pylist(), add_special_tokens=False)
        rows = Ragged.from_rows([encoding.ids for encoding in alone])
        together = self._encode_joined(many, pieces.filter(joined), end)
        both = interleaved(~joined.to_numpy(zero_copy_only=False), rows, together)
        return Ragged(self._ids_of_backend(both.values), both.offsets)

    def _encode_joined(self, many: HFTokenizer, pieces: pa.LargeStringArray, end: str) -> Ragged:
        """Printable ASCII spares the normalizers, if all that these do to it is known."""
        lower = _lowers_ascii(self.backend)
        if lower is None:
            return _encode_together(many, pieces.to_pylist(), end)
        is_ascii = pc.match_substring_regex(pieces, "^[ -~]*$")
        ascii_pieces = pieces.filter(is_ascii)
        if lower:
            ascii_pieces = pc.ascii_lower(ascii_pieces)
        spared = _encode_together(self._without_normalizer(many, end), ascii_pieces.to_pylist(), end)
        others = _encode_together(many, pieces.filter(pc.invert(is_ascii)).to_pylist(), end)
        return interleaved(is_ascii.to_numpy(zero_copy_only=False), spared, others)

    def _without_normalizer(self, many: HFTokenizer, end: str) -> HFTokenizer:
        if self._spared is None:
            spared = HFTokenizer(many.model)
            if many.pre_tokenizer is not None:
                spared.pre_tokenizer = many.pre_tokenizer
            spared.add_tokens([AddedToken(end, normalized=False)])
            self._spared = spared
        return self._spared

    def _loaded(self) -> tuple[HFTokenizer, HFTokenizer, str]:
        if self._tokenizers is None:
            few, many = _without_prefix(self.backend), _without_prefix(self.backend)
            tokens = "".join(token.content for token in few.get_added_tokens_decoder().values())
            end = next(one for one in _NO_CHARACTERS if one not in tokens and few.token_to_id(one) is None)
            many.add_tokens([AddedToken(end, normalized=False)])
            self._tokenizers = few, many, end
        return self._tokenizers

    def _ids_of_backend(self, ids: npt.NDArray[np.integer]) -> npt.NDArray[np.integer]:
        """``ids`` with those of added tokens as the backend has them."""
        added = self._loaded()[0].get_added_tokens_decoder()
        if not added:
            return ids
        given = {token.content: i for i, token in self.backend.get_added_tokens_decoder().items()}
        numbers = np.arange(max([*added, int(ids.max(initial=0))]) + 1)
        numbers[[*added]] = [given[token.content] for token in added.values()]
        return np.take(numbers, ids)


def _encode_together(tokenizer: HFTokenizer, pieces: list[str], end: str) -> Ragged:
    strings = [
        end.join([*pieces[start : start + _PIECES_A_STRING], ""])
        for start in range(0, len(pieces), _PIECES_A_STRING)
    ]
    encoded = tokenizer.encode_batch_fast(strings, add_special_tokens=False)
    ids = np.concatenate([np.zeros(0, np.int64), *(np.array(one.ids, np.int64) for one in encoded)])
    is_end = ids == tokenizer.token_to_id(end)
    ends = np.flatnonzero(is_end) - np.arange(len(pieces))
    return Ragged(ids[~is_end], np.concatenate([[0], ends]))


def _without_prefix(backend: HFTokenizer) -> HFTokenizer:
    """A copy of ``backend`` for pieces: it puts nothing before them.

    It shares the model. Added tokens may get other ids.
    """
    tokenizer = HFTokenizer(backend.model)
    if backend.normalizer is not None:
        parts = flattened(json.loads(backend.normalizer.__getstate__()), "normalizers")
        kept = [part for part in parts if part["type"] != "Prepend"]
        tokenizer.normalizer = _normalizer({"type": "Sequence", "normalizers": kept})
    if backend.pre_tokenizer is not None:
        tokenizer.pre_tokenizer = backend.pre_tokenizer
    added = [token for _, token in sorted(backend.get_added_tokens_decoder().items())]
    tokenizer.add_special_tokens([token for token in added if token.special])
    tokenizer.add_tokens([token for token in added if not token.special])
    tokenizer.encode_special_tokens = True
    return tokenizer


def _lowers_ascii(backend: HFTokenizer) -> bool | None:
    """Whether the normalizers lower-case printable ASCII; None if they may do something else to it.

    With added tokens, which may be found before the normalizers work, they may.
    """
    if any(not token.special for token in backend.get_added_tokens_decoder().values()):
        return None
    if backend.normalizer is None:
        return None
    parts = flattened(json.loads(backend.normalizer.__getstate__()), "normalizers")
    if not {part["type"] for part in parts} <= _KNOWN_ON_ASCII:
        return None
    return any(part["type"] == "Lowercase" or part.get("lowercase") for part in parts)


def _normalizer(record: dict[str, object]) -> Normalizer | None:
    model = {"type": "WordLevel", "vocab": {}, "unk_token": ""}
    whole = HFTokenizer.from_str(json.dumps({"version": "1.0", "normalizer": record, "model": model}))
    normalizer: Normalizer | None = whole.normalizer
    return normalizer
