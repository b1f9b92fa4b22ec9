"""Words and punctuation marks, or whatever a pattern finds."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import TYPE_CHECKING, Annotated

import regex
from pydantic import AfterValidator, Field, PrivateAttr

from textprep.errors import TokenizerError
from textprep.tokenizers.base import Scope, Tokenizer
from textprep.vocabulary import Vocabulary

if TYPE_CHECKING:
    import pyarrow as pa

    from textprep.ragged import Ragged

DEFAULT_PATTERN = r"\w+|[^\w\s]"


_SEPARATORS = dict.fromkeys(range(0x1C, 0x20), " ")  # white space to str.split(), not to the pattern's \s
_compiled = lru_cache(maxsize=64)(regex.compile)


def _check_pattern(pattern: str) -> str:
    try:
        _compiled(pattern)
    except (regex.error, RecursionError) as error:  # the latter where it is nested too deep
        raise ValueError(f"not a regular expression: {error}") from error
    return pattern


class WordTokenizer(Tokenizer):
    r"""Each match of a pattern is a token: by default runs of word characters, and each other character.

    >>> words = WordTokenizer().fit(["a film, a good film"])
    >>> words.tokenize("A film!")
    ['A', 'film', '!']
    >>> words.encode("a film!")
    [2, 3, 1]
    >>> words.decode([2, 3, 1])
    'a film <unk>'

    Attributes:
        pattern: a regular expression of the package ``regex``. What it does not match is left out.
        timeout: seconds of processor time that one text may take with a pattern of one's own, some of which
            take exponential time on some texts.
        min_freq: tokens seen less often in training become ``<unk>``.
        max_size: the largest size of the vocabulary, specials included.
    """

    name = "word"
    libraries = ("regex",)

    pattern: Annotated[str, AfterValidator(_check_pattern)] = DEFAULT_PATTERN
    min_freq: int = Field(1, ge=1)
    max_size: int | None = Field(None, ge=2)
    timeout: float = Field(5.0, gt=0, allow_inf_nan=False)
    _spelled: tuple[Vocabulary, pa.LargeBinaryArray] | None = PrivateAttr(None)

    @property
    def scope(self) -> Scope:  # type: ignore[override]  # a class variable in the base
        """``"word"`` for the default pattern; any other may look across white space."""
        return "word" if self.pattern == DEFAULT_PATTERN else "document"

    @property
    def has_kernel(self) -> bool:
        """For the default pattern."""
        return super().has_kernel and self.scope == "word"

    def split(self, text: str) -> list[str]:
        """Every match that is not empty.

        Raises:
            TokenizerError: a pattern of one's own took longer than ``timeout``.
        """
        if self.scope == "word":
            # str.split() takes U+001C to U+001F as white space, the pattern's \s does not.
            matches = _compiled(self.pattern).finditer(" ".join(text.split()))
            return [match.group() for match in matches]
        try:
            matches = _compiled(self.pattern).finditer(text, timeout=self.timeout)
            return [match.group() for match in matches if match.group()]
        except TimeoutError as error:
            raise TokenizerError(
                f"pattern {self.pattern!r} took more than {self.timeout:g} s on a text of {len(text)} "
                f"characters that begins {text[:40]!r}: simplify the pattern or raise timeout"
            ) from error

    def split_spans(self, text: str) -> list[tuple[int, int]]:
        """Where the matches are."""
        if self.scope == "word":
            text = text.translate(_SEPARATORS)
        return [match.span() for match in _compiled(self.pattern).finditer(text) if match.group()]

    def encode_column(self, texts: pa.LargeStringArray) -> Ragged:
        """The ids of many texts; with the default pattern all tokens are looked up at once."""
        if self.scope != "word":
            return super().encode_column(texts)
        from textprep.tokenizers.columns import encode_apart

        return encode_apart(self, texts, self._encode_ordinary)

    def _encode_ordinary(self, texts: pa.LargeStringArray) -> Ragged:
        import pyarrow.compute as pc

        from textprep.ragged import Ragged
        from textprep.tokenizers.cutting import cut_words

        pieces, offsets = cut_words(texts)
        places = pc.index_in(pieces, value_set=self._spelled_tokens())
        return Ragged(places.fill_null(Vocabulary.unk_id).to_numpy(), offsets)

    def _spelled_tokens(self) -> pa.LargeBinaryArray:
        """All tokens as pieces are spelled; no piece is ``<pad>``, which is two marks and a word."""
        if self._spelled is None or self._spelled[0] is not self.vocabulary:
            from textprep.tokenizers.cutting import spelled

            self._spelled = self.vocabulary, spelled(self.vocabulary.tokens)
        return self._spelled[1]

    def _count(self, pieces: Iterable[tuple[str, int]]) -> Counter[str]:
        if self.scope != "word":
            return super()._count(pieces)
        from textprep.tokenizers.cutting import count_pieces, cut_words

        specials: Counter[str] = Counter()
        return count_pieces(self.ordinary_parts(pieces, specials), cut_words) + specials

    def build_vocabulary(self, counts: Mapping[str, int]) -> Vocabulary:
        """By frequency, within ``min_freq`` and ``max_size``."""
        return Vocabulary.from_counts(
            counts, min_freq=self.min_freq, max_size=self.max_size, specials=self.specials
        )
