"""Words and punctuation marks, or whatever a pattern finds."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from typing import TYPE_CHECKING, Annotated, Literal

import regex
from pydantic import AfterValidator, Field, PrivateAttr, model_validator
from typing_extensions import Self

from textprep.errors import TokenizerError
from textprep.letters import UNUSUAL_ALONE, UNUSUAL_PAIRS, WORDS, visible_places, without_invisible
from textprep.tokenizers.base import Scope, Tokenizer
from textprep.tokenizers.boundaries import check_installed, without_spaces, words_of
from textprep.vocabulary import UNK_ID, Vocabulary

if TYPE_CHECKING:
    import pyarrow as pa

    from textprep.ragged import Ragged

_compiled = lru_cache(maxsize=64)(regex.compile)
_log = logging.getLogger(__name__)


def _check_pattern(pattern: str | None) -> str | None:
    try:
        if pattern is not None:
            _compiled(pattern)
    except (regex.error, RecursionError) as error:  # the latter where it is nested too deep
        raise ValueError(f"not a regular expression: {error}") from error
    return pattern


class WordTokenizer(Tokenizer):
    r"""Runs of letters, digits and ``_`` are tokens, and so is each other character but white space.

    >>> words = WordTokenizer().fit(["a film, a good film"])
    >>> words.tokenize("A film!")
    ['A', 'film', '!']
    >>> words.encode("a film!")
    [2, 3, 1]
    >>> words.decode([2, 3, 1])
    'a film <unk>'

    Letters that look like punctuation belong to their word, as ``ʻ``, ``՞`` and the marks in ``п'ять``,
    ``ד״ר`` and ``col·lega`` do, but ``don't`` is three tokens. What nobody sees is left out (soft hyphens,
    zero-width spaces, selectors, marks of direction); joiners stay where they shape letters or emoji.

    Languages without spaces (Chinese, Japanese, Thai, Lao, Khmer, Burmese …) need ``boundaries="unicode"``:
    `Unicode's word boundaries <https://unicode.org/reports/tr29>`_ with the dictionaries of ICU, which the
    extra ``words`` brings. ``don't``, Breton ``c'hoar`` and ``3.14`` are one token there, and so is an emoji
    with all its parts.

    Attributes:
        boundaries: ``"plain"`` or ``"unicode"``.
        elision: whether, with ``"unicode"``, ``l'homme`` and ``dell'arte`` are two tokens (French, Italian,
            Catalan): ``l'`` and ``homme``.
        pattern: a regular expression of the package ``regex``, each match of which is a token, in place of
            all that; what it does not match is left out.
        timeout: seconds of processor time that one text may take with a pattern of one's own, some of which
            take exponential time on some texts.
        min_freq: tokens seen less often in training become ``<unk>``.
        max_size: the largest size of the vocabulary, specials included.
    """

    name = "word"
    version = 2

    boundaries: Literal["plain", "unicode"] = "plain"
    elision: bool = False
    pattern: Annotated[str | None, AfterValidator(_check_pattern)] = None
    min_freq: int = Field(1, ge=1)
    max_size: int | None = Field(None, ge=2)
    timeout: float = Field(5.0, gt=0, allow_inf_nan=False)
    _spelled: tuple[Vocabulary, pa.LargeBinaryArray] | None = PrivateAttr(None)

    @model_validator(mode="after")
    def _check(self) -> Self:
        if self.pattern is not None and self.boundaries == "unicode":
            raise ValueError("a pattern cuts texts itself: give pattern= or boundaries='unicode', not both")
        if self.elision and self.boundaries != "unicode":
            raise ValueError("elision=True needs boundaries='unicode'; else apostrophes are tokens anyway")
        if self.boundaries == "unicode":
            check_installed()
        return self

    @property
    def libraries(self) -> tuple[str, ...]:  # type: ignore[override]  # a class variable in the base
        """``icu4py`` is only needed for ``boundaries="unicode"``."""
        return ("icu4py", "regex") if self.boundaries == "unicode" else ("regex",)

    @property
    def scope(self) -> Scope:  # type: ignore[override]  # a class variable in the base
        """``"word"``, but a pattern may look across white space."""
        return "word" if self.pattern is None else "document"

    @property
    def has_kernel(self) -> bool:
        """For plain boundaries."""
        return super().has_kernel and self.pattern is None and self.boundaries == "plain"

    def split(self, text: str) -> list[str]:
        """The tokens, none of them empty.

        Raises:
            TokenizerError: a pattern of one's own took longer than ``timeout``.
        """
        if self.pattern is None and not text.isascii():
            text = without_invisible(text)
        return [text[start:stop] for start, stop in self._found(text)]

    def split_spans(self, text: str) -> list[tuple[int, int]]:
        """Where the tokens are; characters that nobody sees may lie within."""
        if self.pattern is not None or text.isascii():
            return list(self._found(text))
        places = visible_places(text)
        return [(places[start], places[stop - 1] + 1) for start, stop in self._found(without_invisible(text))]

    def _found(self, text: str) -> Iterator[tuple[int, int]]:
        """Where the tokens are in a text without invisible characters."""
        if self.boundaries == "unicode":
            return words_of(text, self.elision)
        if self.pattern is None:
            return (match.span() for match in _compiled(WORDS).finditer(text))
        return self._matches(self.pattern, text)

    def _matches(self, pattern: str, text: str) -> Iterator[tuple[int, int]]:
        try:
            for match in _compiled(pattern).finditer(text, timeout=self.timeout):
                if match.group():
                    yield match.span()
        except TimeoutError as error:
            raise TokenizerError(
                f"pattern {pattern!r} took more than {self.timeout:g} s on a text of {len(text)} "
                f"characters that begins {text[:40]!r}: simplify the pattern or raise timeout"
            ) from error

    def encode_column(self, texts: pa.LargeStringArray) -> Ragged:
        """The ids of many texts; with plain boundaries all tokens are looked up at once."""
        if not self.has_kernel:
            return super().encode_column(texts)
        from textprep.tokenizers.columns import encode_apart, unusual

        return encode_apart(self, texts, self._encode_ordinary, unusual(texts))

    def _encode_ordinary(self, texts: pa.LargeStringArray) -> Ragged:
        import pyarrow.compute as pc

        from textprep.ragged import Ragged
        from textprep.tokenizers.cutting import cut_words

        pieces, offsets = cut_words(texts)
        places = pc.index_in(pieces, value_set=self._spelled_tokens())
        return Ragged(places.fill_null(UNK_ID).to_numpy(), offsets)

    def _spelled_tokens(self) -> pa.LargeBinaryArray:
        """All tokens as pieces are spelled; no piece is ``<pad>``, which is two marks and a word."""
        if self._spelled is None or self._spelled[0] is not self.vocabulary:
            from textprep.tokenizers.cutting import spelled

            self._spelled = self.vocabulary, spelled(self.vocabulary.tokens)
        return self._spelled[1]

    def _count(self, pieces: Iterable[tuple[str, int]]) -> Counter[str]:
        if not self.has_kernel:
            return super()._count(pieces)
        from textprep.tokenizers.cutting import count_pieces, cut_words

        apart: Counter[str] = Counter()
        return count_pieces(self._ordinary(pieces, apart), cut_words) + apart

    def _ordinary(self, pieces: Iterable[tuple[str, int]], apart: Counter[str]) -> Iterator[tuple[str, int]]:
        """The pieces that the kernel cuts; the tokens of the others are counted into ``apart``."""
        unusual = _compiled(f"{UNUSUAL_ALONE}|{UNUSUAL_PAIRS}")
        for piece, times in self.without_specials(pieces, apart):
            if piece.isascii() or not unusual.search(piece):
                yield piece, times
            else:
                for token in self.split(piece):
                    apart[token] += times

    def build_vocabulary(self, counts: Mapping[str, int]) -> Vocabulary:
        """By frequency, within ``min_freq`` and ``max_size``; says so where tokens are whole phrases."""
        if self.has_kernel and (problem := without_spaces(counts)):
            _log.warning("tokenizer 'word': %s", problem)
        return Vocabulary.from_counts(
            counts, min_freq=self.min_freq, max_size=self.max_size, specials=self.specials
        )
