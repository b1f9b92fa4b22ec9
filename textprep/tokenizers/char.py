"""Characters."""

from __future__ import annotations

from collections.abc import Mapping

from pydantic import Field

from textprep.tokenizers.base import Tokenizer
from textprep.vocabulary import Vocabulary


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

    def join(self, tokens: list[str]) -> str:
        """The tokens without anything between them."""
        return "".join(tokens)

    def build_vocabulary(self, counts: Mapping[str, int]) -> Vocabulary:
        """By frequency, within ``min_freq`` and ``max_size``."""
        return Vocabulary.from_counts(
            counts, min_freq=self.min_freq, max_size=self.max_size, specials=self.specials
        )
