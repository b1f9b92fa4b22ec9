"""Columns of texts in which some hold specials: those take the way of one text at a time."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from textprep.ragged import Ragged
from textprep.tokenizers.base import Tokenizer


def encode_apart(
    tokenizer: Tokenizer,
    texts: pa.LargeStringArray,
    encode_ordinary: Callable[[pa.LargeStringArray], Ragged],
) -> Ragged:
    """The ids of ``texts``: of those with a special by ``tokenizer.encode``, of all others at once."""
    held = [
        pc.match_substring(texts, special).to_numpy(zero_copy_only=False) for special in tokenizer.specials
    ]
    special = np.any(held, axis=0) if held else np.zeros(len(texts), dtype=np.bool_)
    if not special.any():
        return encode_ordinary(texts)
    apart = Ragged.from_rows([tokenizer.encode(text) for text in texts.filter(pa.array(special)).to_pylist()])
    ordinary = encode_ordinary(texts.filter(pa.array(~special)))
    places = np.empty(len(texts), dtype=np.int64)
    places[special] = np.arange(special.sum())
    places[~special] = special.sum() + np.arange((~special).sum())
    return Ragged.join([apart, ordinary]).gather(Ragged(places, np.arange(len(texts) + 1)))
