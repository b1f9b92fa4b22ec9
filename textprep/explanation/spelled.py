"""Where the tokens of words are that spell them: their lengths say it, for many words at once.

word      "lowest"            tokens   ▁low  est     what is put before each word, the head, left out
spans     (0, 3) (3, 6)       by the lengths 4 - 1 and 3
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from textprep.encoding.engine import clean_array
from textprep.ragged import Ragged, large_offsets, numbers
from textprep.steps.base import Step
from textprep.tokenizers.base import Tokenizer

_NOTHING = pa.scalar("", pa.large_string())


class SpelledWords:
    """Finds the tokens of words that steps leave as they are, and that their tokens spell.

    Args:
        steps: of the scope ``"word"``.
        tokenizer: fitted, of that scope, too.
    """

    def __init__(self, steps: Sequence[Step], tokenizer: Tokenizer) -> None:
        self._steps, self._tokenizer = steps, tokenizer
        vocabulary = tokenizer.vocabulary
        spelled = ["" if number == vocabulary.unk_id else token for number, token in enumerate(vocabulary)]
        self._tokens = pa.array(spelled, pa.large_string())

    def spans(self, words: pa.LargeStringArray) -> tuple[npt.NDArray[np.bool_], Ragged]:
        """Which words these are; and of each of them start and stop of each token, one after the other.

        Args:
            words: (words,) without white space around them.
        """
        try:
            cleaned = clean_array(self._steps, words)
            ids = self._tokenizer.encode_column(cleaned)
        except Exception:  # whatever somebody's step raises: to trace each word says on which
            return np.zeros(len(words), bool), Ragged.from_rows([])
        tokens = self._tokens.take(pa.array(ids.values))
        is_spelled = self._spelled(words, cleaned, tokens, ids.offsets)
        return is_spelled, self._ends(tokens, ids.offsets, is_spelled)

    def _spelled(
        self,
        words: pa.LargeStringArray,
        cleaned: pa.LargeStringArray,
        tokens: pa.LargeStringArray,
        offsets: npt.NDArray[np.int64],
    ) -> npt.NDArray[np.bool_]:
        """Which words are as they were, and what their tokens spell, behind a head."""
        ends = pa.py_buffer(np.ascontiguousarray(large_offsets(tokens)[offsets]))
        joined = pa.LargeStringArray.from_buffers(len(words), ends, tokens.buffers()[2])
        head = pa.scalar(self._tokenizer.head, pa.large_string())
        expected = pc.binary_join_element_wise(head, words, _NOTHING)
        both = pc.and_(pc.equal(words, cleaned), pc.equal(joined, expected))
        is_spelled: npt.NDArray[np.bool_] = numbers(both.cast(pa.uint8())) > 0
        return is_spelled

    def _ends(
        self,
        tokens: pa.LargeStringArray,
        offsets: npt.NDArray[np.int64],
        chosen: npt.NDArray[np.bool_],
    ) -> Ragged:
        """Start and stop of each token of the ``chosen`` words."""
        counts = np.diff(offsets)
        ends = np.concatenate([[0], np.cumsum(numbers(pc.utf8_length(tokens)), dtype=np.int64)])
        begins = np.repeat(ends[offsets[:-1]] + len(self._tokenizer.head), counts)
        pairs = np.stack([ends[:-1] - begins, ends[1:] - begins], axis=1)[np.repeat(chosen, counts)]
        lengths = np.concatenate([[0], np.cumsum(counts[chosen])])
        return Ragged(np.maximum(pairs, 0).reshape(-1), 2 * lengths)
