"""Many texts in one string, for a tokenizer of the package ``tokenizers``."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
from tokenizers import AddedToken
from tokenizers import Tokenizer as HFTokenizer

from textprep.ragged import Ragged

_NO_CHARACTERS = tuple(map(chr, range(0xFDD0, 0xFDF0)))  # and they never will be
_TEXTS_A_STRING = 1 << 7


class Joined:
    """Encodes many texts in one string, each followed by an added token, and many strings in one call.

    At added tokens ``tokenizers`` cuts before it does anything else; ``encode_batch_fast`` holds no GIL.

    >>> from tokenizers import models
    >>> joined = Joined(HFTokenizer(models.WordLevel({"a": 0, "film": 1}, unk_token="a")))
    >>> joined.encode(pa.array(["film", "", "a"], pa.large_string())).rows()
    [[1], [], [0]]

    Args:
        tokenizer: gets one more added token.

    Attributes:
        end: that token, a character that no other one holds.
    """

    def __init__(self, tokenizer: HFTokenizer) -> None:
        tokens = "".join(token.content for token in tokenizer.get_added_tokens_decoder().values())
        self.end = next(c for c in _NO_CHARACTERS if c not in tokens and tokenizer.token_to_id(c) is None)
        tokenizer.add_tokens([AddedToken(self.end, normalized=False)])
        self._tokenizer, self._end_id = tokenizer, tokenizer.token_to_id(self.end)

    def encode(self, texts: pa.LargeStringArray) -> Ragged:
        """The ids of each of ``texts``, none of which holds `end`."""
        strings = [
            self.end.join([*texts[start : start + _TEXTS_A_STRING].to_pylist(), ""])
            for start in range(0, len(texts), _TEXTS_A_STRING)
        ]
        encoded = self._tokenizer.encode_batch_fast(strings, add_special_tokens=False)
        ids = np.concatenate([np.zeros(0, np.int64), *(np.array(one.ids, np.int64) for one in encoded)])
        is_end = ids == self._end_id
        ends = np.flatnonzero(is_end) - np.arange(len(texts))
        return Ragged(ids[~is_end], np.concatenate([[0], ends]))
