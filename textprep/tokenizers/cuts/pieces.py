"""The ids of many pieces of texts at once, by a tokenizer of the package ``tokenizers``."""

from __future__ import annotations

import json
import re
from functools import cached_property

import numpy as np
import numpy.typing as npt
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

    Of those that are ASCII each distinct word goes to the model; the others go to the whole tokenizer, many
    in one string, and only what may be the beginning of a text by itself.

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
        if self._words is None:
            return self._encode_whole(pieces)
        known, rows = self._words.encode(pieces)
        return interleaved(known, rows, self._encode_whole(pieces.filter(pa.array(~known))))

    def _encode_whole(self, pieces: pa.LargeStringArray) -> Ragged:
        first, rest = self._loaded()
        inside = pc.match_substring_regex(pieces, f"^[{re.escape(f' {self.cuts.marks}')}]")
        inside = pc.and_not(inside, pc.match_substring(pieces, rest.end))
        others = pieces.filter(pc.invert(inside)).to_pylist()
        alone = first.encode_batch_fast(others, add_special_tokens=False)
        both = interleaved(
            inside.to_numpy(zero_copy_only=False),
            rest.encode(pieces.filter(inside)),
            Ragged.from_rows([encoding.ids for encoding in alone]),
        )
        return Ragged(self._ids_of_backend(both.values), both.offsets)

    def _loaded(self) -> tuple[HFTokenizer, Joined]:
        if self._tokenizers is None:
            self._tokenizers = _without_prefix(self.backend), Joined(_without_prefix(self.backend))
        return self._tokenizers

    def _ids_of_backend(self, ids: npt.NDArray[np.integer]) -> npt.NDArray[np.integer]:
        """``ids`` with those of added tokens as the backend has them."""
        added = self._added
        if not added:
            return ids
        numbers = np.arange(max([*added, int(ids.max(initial=0))]) + 1)
        numbers[[*added]] = [*added.values()]
        return np.take(numbers, ids)

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
