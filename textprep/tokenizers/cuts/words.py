"""The ids of printable ASCII, each distinct word of which goes to the model once."""

from __future__ import annotations

import json
import re
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
from tokenizers import Tokenizer as HFTokenizer

from textprep.ragged import Ragged
from textprep.tokenizers.cuts.joined import Joined
from textprep.tokenizers.cuts.normalizers import flattened
from textprep.tokenizers.cuts.shapes import ORDINARY, Shapes, goes_by_shape

_KNOWN_ON_ASCII = {"NFC", "NFD", "NFKC", "NFKD", "StripAccents", "Nmt", "Lowercase", "BertNormalizer"}


class WordEncoder:
    """Encodes texts whose normalizers and pre-tokenizers need not run: what these do is known.

    Args:
        backend: the tokenizer, one of which `of` makes a word encoder.
        pre_tokenizer: the record of its pre-tokenizer.
        lower: whether its normalizers make capital letters small.
    """

    def __init__(self, backend: HFTokenizer, pre_tokenizer: dict[str, Any], *, lower: bool) -> None:
        self._lower, self._added = lower, _added(backend)
        self._shapes = Shapes(backend.pre_tokenizer, pre_tokenizer)
        self._model = Joined(HFTokenizer(backend.model))

    @classmethod
    def of(cls, backend: HFTokenizer) -> WordEncoder | None:
        """One for ``backend``; None where its words cannot be known without it."""
        lower, pre_tokenizer = _lowers_ascii(backend), _record(backend.pre_tokenizer)
        if lower is None or pre_tokenizer is None or not goes_by_shape(pre_tokenizer):
            return None
        return cls(backend, pre_tokenizer, lower=lower)

    def encode(self, texts: pa.LargeStringArray) -> tuple[npt.NDArray[np.bool_], Ragged]:
        """Of which of ``texts`` the words are known, (texts,), and the ids of these, (known texts) ragged."""
        ordinary = pc.match_substring_regex(texts, ORDINARY)
        if self._added:
            ordinary = pc.and_not(ordinary, pc.match_substring_regex(texts, self._added))
        known = ordinary.to_numpy(zero_copy_only=False).copy()
        texts = texts.filter(ordinary)
        words = self._shapes.cut(pc.ascii_lower(texts) if self._lower else texts)
        known[known] = words.known
        return known, self._model.encode(words.distinct).gather(words.numbers)


def _added(backend: HFTokenizer) -> str:
    """A pattern of the added tokens that ASCII may hold before or after the normalizers; perhaps empty."""
    added = [token.content for token in backend.get_added_tokens_decoder().values() if not token.special]
    if backend.normalizer is not None:
        added += [backend.normalizer.normalize_str(content) for content in added]
    found = sorted({re.escape(content) for content in added if content.isascii()})
    return f"(?i:{'|'.join(found)})" if found else ""


def _lowers_ascii(backend: HFTokenizer) -> bool | None:
    """Whether the normalizers lower-case printable ASCII; None if they may do something else to it."""
    record = _record(backend.normalizer)
    parts = flattened(record, "normalizers")
    if not {part["type"] for part in parts} <= _KNOWN_ON_ASCII:
        return None
    return any(part["type"] == "Lowercase" or part.get("lowercase") for part in parts)


def _record(part: Any) -> dict[str, Any] | None:
    """That of a normalizer or a pre-tokenizer."""
    return None if part is None else json.loads(part.__getstate__())
