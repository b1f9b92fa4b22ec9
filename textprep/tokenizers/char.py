"""Characters."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from pydantic import Field

from textprep.tokenizers.base import Tokenizer
from textprep.vocabulary import UNK_ID, Vocabulary

if TYPE_CHECKING:
    import pyarrow as pa

    from textprep.ragged import Ragged


class CharTokenizer(Tokenizer):
    """Each code point is a token, white space included.

    >>> characters = CharTokenizer().fit(["to be"])
    >>> characters.encode("be to")
    [3, 4, 2, 6, 5]
    >>> characters.decode([3, 4, 2, 6, 5])
    'be to'

    Attributes:
        min_freq: characters seen less often in training become ``<unk>``.
        max_size: the largest size of the vocabulary, specials included.
    """

    name = "char"

    min_freq: int = Field(1, ge=1)
    max_size: int | None = Field(None, ge=2)

    def split(self, text: str) -> list[str]:
        """The code points."""
        return list(text)

    def split_spans(self, text: str) -> list[tuple[int, int]]:
        """One character each."""
        return [(i, i + 1) for i in range(len(text))]

    def join(self, tokens: list[str]) -> str:
        """The tokens without anything between them."""
        return "".join(tokens)

    def encode_column(self, texts: pa.LargeStringArray) -> Ragged:
        """The ids of many texts: a look-up in a table of all code points."""
        from textprep.tokenizers.columns import encode_apart

        return encode_apart(self, texts, self._encode_ordinary)

    def _encode_ordinary(self, texts: pa.LargeStringArray) -> Ragged:
        import numpy as np

        from textprep.ragged import Ragged
        from textprep.tokenizers.cutting import CODE_POINTS, code_points

        codes, offsets = code_points(texts)
        ids = np.full(CODE_POINTS, UNK_ID, np.min_scalar_type(len(self.vocabulary) - 1))
        known = [token for token in self.vocabulary.tokens if len(token) == 1]
        ids[np.array(list(map(ord, known)), dtype=np.int64)] = self.vocabulary.encode(known)
        return Ragged(ids[codes], offsets)

    def _count(self, pieces: Iterable[tuple[str, int]]) -> Counter[str]:
        counts: Counter[str] = Counter()
        for text, times in self.without_specials(pieces, counts):
            for character, found in Counter(text).items():
                counts[character] += found * times
        return counts

    def build_vocabulary(self, counts: Mapping[str, int]) -> Vocabulary:
        """By frequency, within ``min_freq`` and ``max_size``."""
        return Vocabulary.from_counts(
            counts, min_freq=self.min_freq, max_size=self.max_size, specials=self.specials
        )
