"""The ids of many pieces of texts at once, by a tokenizer of the package ``tokenizers``."""

from __future__ import annotations

import json
import re
from functools import cached_property

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from tokenizers import Tokenizer as HFTokenizer
from tokenizers.normalizers import Normalizer

from textprep.ragged import Ragged
from textprep.tokenizers.columns import interleaved
from textprep.tokenizers.cuts.joined import Joined
from textprep.tokenizers.cuts.normalizers import flattened
from textprep.tokenizers.cuts.proof import prove
from textprep.tokenizers.cuts.words import WordEncoder


class PieceEncoder:
    """Encodes pieces of texts that were cut as `textprep.tokenizers.cuts.proof` says, each as a whole text.

    What may be the beginning of a text goes by itself, all other pieces many at a time: each distinct word of
    those that are ASCII to the model, the rest to the whole tokenizer.

    Args:
        backend: the tokenizer; it is not changed.

    Attributes:
        cuts: whether texts may be cut, and why.
    """

    def __init__(self, backend: HFTokenizer) -> None:
        self.backend = backend
        self.cuts = prove(backend)
        self._words = WordEncoder.of(backend) if self.cuts.proven else None
        self._tokenizers: tuple[HFTokenizer, Joined] | None = None

    def encode(self, pieces: pa.LargeStringArray) -> Ragged:
        """The ids of each piece, (pieces) ragged."""
        first, rest = self._loaded()
        inside = pc.match_substring_regex(pieces, f"^[{re.escape(f' {self.cuts.marks}')}]")
        inside = pc.and_not(inside, pc.match_substring(pieces, rest.end))
        others = pieces.filter(pc.invert(inside)).to_pylist()
        alone = Ragged.from_rows(
            [encoding.ids for encoding in first.encode_batch_fast(others, add_special_tokens=False)]
        )
        together = self._encode_inside(rest, pieces.filter(inside))
        return interleaved(inside.to_numpy(zero_copy_only=False), together, self._of_backend(alone))

    def _encode_inside(self, rest: Joined, pieces: pa.LargeStringArray) -> Ragged:
        if self._words is None:
            return self._of_backend(rest.encode(pieces))
        known, rows = self._words.encode(pieces)
        others = rest.encode(pieces.filter(pa.array(~known)))
        return interleaved(known, rows, self._of_backend(others))

    def _loaded(self) -> tuple[HFTokenizer, Joined]:
        if self._tokenizers is None:
            self._tokenizers = _without_prefix(self.backend), Joined(_without_prefix(self.backend))
        return self._tokenizers

    def _of_backend(self, rows: Ragged) -> Ragged:
        """``rows`` with the ids of added tokens as the backend has them."""
        added = self._added
        if not added:
            return rows
        numbers = np.arange(max([*added, int(rows.values.max(initial=0))]) + 1)
        numbers[[*added]] = [*added.values()]
        return Ragged(np.take(numbers, rows.values), rows.offsets)

    @cached_property
    def _added(self) -> dict[int, int]:
        """The ids of added tokens here → those that the backend has."""
        given = {token.content: i for i, token in self.backend.get_added_tokens_decoder().items()}
        here = self._loaded()[0].get_added_tokens_decoder()
        return {i: given[token.content] for i, token in here.items()}


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


def _normalizer(record: dict[str, object]) -> Normalizer | None:
    model = {"type": "WordLevel", "vocab": {}, "unk_token": ""}
    whole = HFTokenizer.from_str(json.dumps({"version": "1.0", "normalizer": record, "model": model}))
    normalizer: Normalizer | None = whole.normalizer
    return normalizer
