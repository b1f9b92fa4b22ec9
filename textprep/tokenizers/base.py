"""What a tokenizer is: ``str`` → tokens, with a vocabulary once it is fitted."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal, cast

from pydantic import AfterValidator, BaseModel, ConfigDict, PrivateAttr, ValidationError
from typing_extensions import Self

from textprep.errors import TokenizerError, cause
from textprep.options import explain_validation, plain_options
from textprep.template import Template
from textprep.vocabulary import ENDS, OF_LAYOUT, SEP, Vocabulary, check_specials

if TYPE_CHECKING:
    import pyarrow as pa

    from textprep.ragged import Ragged
    from textprep.tokenizers.cuts.proof import Cuts

Scope = Literal["word", "document"]
Specials = Annotated[tuple[str, ...], AfterValidator(check_specials)]

_SURROGATE = re.compile("[\ud800-\udfff]")


class Tokenizer(BaseModel):
    """Base of every tokenizer: ``str`` → tokens → ids.

    A subclass sets ``name`` and ``version``, declares its options as fields, and defines `split`. What it
    learns lives in private attributes, which `fit` replaces and never changes: so ``model_copy()`` shares
    them, and options stay as they were given.

    ``scope`` says how far a token may reach. ``"word"`` promises that the tokens of a text are those of its
    words in order (words being what ``str.split()`` gives); ``"document"`` promises nothing.

    >>> class Lines(Tokenizer):
    ...     name = "lines"
    ...     def split(self, text: str) -> list[str]:
    ...         return text.splitlines()
    >>> lines = Lines().fit(["to be\\nor not to be"])
    >>> lines.encode("to be\\nto be\\nor what")
    [3, 3, 1]

    Attributes:
        head: what the first token of each word begins with, besides the word.
        specials: tokens that are found whole wherever a text spells them (a step may have put them there);
            they get the ids after ``<unk>``. Only ``<sep>`` and ``<end>``, which go between texts, are not:
            like ``<pad>`` and ``<unk>``, they are ordinary text where a text spells them.

    Raises:
        TokenizerError: an option is unknown or has a value that it cannot have.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: ClassVar[str]
    version: ClassVar[int | str] = 1
    scope: ClassVar[Scope] = "document"
    libraries: ClassVar[tuple[str, ...]] = ()
    head: ClassVar[str] = ""

    specials: Specials = ()
    _vocabulary: Vocabulary | None = PrivateAttr(None)

    def __init__(self, /, *unnamed: object, **options: Any) -> None:
        if unnamed:
            names = ", ".join(f"{name}=" for name in type(self).model_fields)
            raise TokenizerError(
                f"{type(self).__name__} takes its options by name, and {unnamed[0]!r:.60} has none; "
                f"there are: {names}"
            )
        try:
            super().__init__(**options)
        except ValidationError as error:
            raise TokenizerError(
                f"tokenizer {self.name!r}: {explain_validation(error, type(self).model_fields)}"
            ) from error

    def __init_subclass__(cls, **options: Any) -> None:
        """Do not inherit what describes the work for one text, or does it for many, past a redefinition.

        Otherwise a subclass with its own ``split`` would give other ids for columns than for one text.
        """
        super().__init_subclass__(**options)
        if not {"split", "cut_specials", "tokenize", "encode"}.isdisjoint(vars(cls)):
            for name in ("encode_column", "cuts", "encode_pieces", "_count", "token_spans", "split_spans"):
                if name not in vars(cls):
                    setattr(cls, name, vars(Tokenizer)[name])

    def split(self, text: str) -> list[str]:
        """The tokens of a text that holds no special and no lone surrogate."""
        raise TokenizerError(f"tokenizer {self.name!r} does not define split(self, text)")

    def join(self, tokens: list[str]) -> str:
        """A text of ``tokens``, for people to read."""
        return " ".join(tokens)

    def build_vocabulary(self, counts: Mapping[str, int]) -> Vocabulary:
        """The vocabulary for the tokens that `fit` counted."""
        return Vocabulary.from_counts(counts, specials=self.specials)

    def fit(self, texts: Iterable[str]) -> Self:
        """Learn from ``texts``, which are read once, and return this tokenizer.

        Raises:
            TokenizerError: there is no text, no token in them, or something else than a text.
        """
        texts = checked_texts(texts)
        if self.scope == "word":
            return self.fit_words(count_words(texts).items())
        self._vocabulary = self.build_vocabulary(self.count_tokens((text, 1) for text in texts))
        return self

    def fit_words(self, words: Iterable[tuple[str, int]]) -> Self:
        """Learn what `fit` learns from texts in which words occur so many times.

        Only for the scope ``"word"``: the engine counts words far faster than it can join texts.

        Args:
            words: ``(word, times)``, read once; a word may come several times.

        Raises:
            TokenizerError: there is no token in them.
        """
        self._vocabulary = self.build_vocabulary(self.count_tokens(words))
        return self

    def count_tokens(self, pieces: Iterable[tuple[str, int]]) -> Counter[str]:
        """Count the tokens of texts or words that occur so many times each.

        Raises:
            TokenizerError: there are none.
        """
        counts = self._count(pieces)
        if not counts:
            raise TokenizerError(f"tokenizer {self.name!r} cannot be fitted: the texts hold no token")
        return counts

    def _count(self, pieces: Iterable[tuple[str, int]]) -> Counter[str]:
        counts: Counter[str] = Counter()
        for row, (piece, times) in enumerate(pieces):
            try:
                tokens = self.tokenize(piece)
            except Exception as error:  # whatever somebody's split() raises
                where = f"the word {piece!r:.60}" if self.scope == "word" else f"row {row}"
                raise TokenizerError(f"tokenizer {self.name!r} failed on {where}: {cause(error)}") from error
            for token in tokens:
                counts[token] += times
        return counts

    def without_specials(
        self, pieces: Iterable[tuple[str, int]], specials: Counter[str]
    ) -> Iterator[tuple[str, int]]:
        """What texts or words that occur so many times each hold besides specials, which are counted."""
        for piece, times in pieces:
            for text, is_special in self.cut_specials(piece):
                if is_special:
                    specials[text] += times
                else:
                    yield text, times

    @property
    def template(self) -> Template:
        """How a row is laid out: a text as it is, two with ``<sep>`` between them where that is a special.

        Where ``<end>`` is one, it ends a text that others follow.

        Raises:
            TokenizerError: the tokenizer is not fitted.
        """
        separator = self.vocabulary[SEP] if SEP in self.specials else None
        return Template.plain(self.vocabulary.pad_id, separator, self._end_id(self.specials))

    def _end_id(self, specials: Collection[str]) -> int | None:
        """The id of the one among ``specials`` that ends a text."""
        return next((self.vocabulary[token] for token in ENDS if token in specials), None)

    def for_pairs(self) -> Self:
        """This tokenizer, or, where it is not fitted, a copy that can lay out two texts in one row.

        >>> from textprep import WordTokenizer
        >>> WordTokenizer().for_pairs().specials
        ('<sep>',)
        """
        return self.with_specials([SEP])

    def with_specials(self, specials: Iterable[str]) -> Self:
        """This tokenizer, or, where it is not fitted, a copy that has these specials, too.

        >>> from textprep import WordTokenizer
        >>> WordTokenizer(specials=["<end>"]).with_specials(["<sep>", "<end>"]).specials
        ('<end>', '<sep>')
        """
        missing = tuple(token for token in specials if token not in self.specials)
        if self.is_fitted or not missing:
            return self
        return self.model_copy(update={"specials": (*self.specials, *missing)})

    @property
    def is_fitted(self) -> bool:
        """Whether there is a vocabulary."""
        return self._vocabulary is not None

    @property
    def vocabulary(self) -> Vocabulary:
        """Token ↔ id.

        Raises:
            TokenizerError: the tokenizer is not fitted.
        """
        self.check_fitted()
        return cast("Vocabulary", self._vocabulary)

    def check_fitted(self) -> None:
        """Raise a `TokenizerError` if the tokenizer is not fitted."""
        if not self.is_fitted:
            raise TokenizerError(f"tokenizer {self.name!r} is not fitted: call fit(texts) first")

    def tokenize(self, text: str) -> list[str]:
        """The tokens of ``text``; a lone surrogate in it counts as U+FFFD."""
        tokens = []
        for part, is_special in self.cut_specials(text):
            tokens += [part] if is_special else self.split(part)
        return tokens

    def token_spans(self, text: str) -> list[tuple[int, int]] | None:
        """Where each of ``tokenize(text)`` lies in ``text``, start and stop; None if `split_spans` is.

        Only `textprep.Pipeline.explain` asks.
        """
        spans: list[tuple[int, int]] = []
        done = 0
        for part, is_special in self.cut_specials(text):
            inner = [(0, len(part))] if is_special else self.split_spans(part)
            if inner is None:
                return None
            spans += ((done + start, done + stop) for start, stop in inner)
            done += len(part)
        return spans

    def spans_of_pieces(self, pieces: Sequence[str]) -> list[list[tuple[int, int]]]:
        """`token_spans` of each of many pieces of texts; of a tokenizer that has `cuts`."""
        raise NotImplementedError

    def split_spans(self, text: str) -> list[tuple[int, int]] | None:
        """Where each of ``split(text)`` lies in ``text``; None, the default, leaves it to a comparison."""
        return None

    def readable(self, token: str) -> str:
        """A token as people read it, where the vocabulary spells it otherwise; only explanations ask."""
        return token

    @property
    def found_specials(self) -> tuple[str, ...]:
        """Those of `specials` that are found in texts: all but ``<sep>`` and ``<end>``."""
        return tuple(special for special in self.specials if special not in OF_LAYOUT)

    def cut_specials(self, text: str) -> list[tuple[str, bool]]:
        """``text`` in parts, each with whether it is a special; for a lone surrogate there is U+FFFD."""
        text = replace_surrogates(text)
        if not self.specials or not (found := self.found_specials):
            return [(text, False)]
        return [(part, i % 2 == 1) for i, part in enumerate(_special_pattern(found).split(text))]

    def encode(self, text: str) -> list[int]:
        """The ids of the tokens of ``text``; what the vocabulary does not know is 1, ``<unk>``."""
        return self.vocabulary.encode(self.tokenize(text))

    def encode_column(self, texts: pa.LargeStringArray) -> Ragged:
        """The ids of many texts, exactly those of `encode`; override it where a column at once is faster.

        Args:
            texts: (rows,) large_string without nulls.

        Returns:
            (rows) ragged, of any integer type.
        """
        from textprep.ragged import Ragged

        return Ragged.from_rows([self.encode(text) for text in texts.to_pylist()])

    @property
    def cuts(self) -> Cuts | None:
        """Whether texts may be cut into pieces whose ids are theirs, and why; None: nothing is known.

        It is asked only of a fitted tokenizer with the scope ``"document"``.
        """
        return None

    def encode_pieces(self, pieces: pa.LargeStringArray) -> Ragged:
        """The ids of pieces of texts that were cut as `cuts` allows; they have its prefix already.

        Args:
            pieces: (pieces,) large_string without nulls.

        Returns:
            (pieces) ragged, of any integer type.
        """
        return self.encode_column(pieces)

    @property
    def has_kernel(self) -> bool:
        """Whether `encode_column` is more than a loop over the texts."""
        return type(self).encode_column is not Tokenizer.encode_column

    def decode(self, ids: Iterable[int]) -> str:
        """A text of the tokens of ``ids``, without padding.

        Raises:
            TokenizerError: an id is out of range; the message names it.
        """
        vocabulary = self.vocabulary
        return self.join(vocabulary.decode(i for i in ids if i != vocabulary.pad_id))

    def options(self) -> dict[str, Any]:
        """The options as plain JSON values."""
        return plain_options(self)

    def state(self) -> dict[str, Any]:
        """What training learned besides the vocabulary, as plain JSON values."""
        return {}

    def restore(self, vocabulary: Vocabulary, state: Mapping[str, Any]) -> Self:
        """Take over what another tokenizer with the same options has learned, and return this one.

        Raises:
            TokenizerError: the two were not learned with these options, or do not fit together.
        """
        if vocabulary.specials != self.specials:
            raise TokenizerError(
                f"tokenizer {self.name!r} has the specials {self.specials}, "
                f"the vocabulary has {vocabulary.specials}"
            )
        self._vocabulary = vocabulary
        return self


def checked_texts(texts: Iterable[str]) -> Iterator[str]:
    """``texts``, each looked at on its way.

    Raises:
        TokenizerError: there is none, or one is not a ``str``; the message names its row.
    """
    if isinstance(texts, str):
        raise TokenizerError("fit takes many texts, not one: give it a list of texts")
    row = -1
    for row, text in enumerate(texts):
        if not isinstance(text, str):
            raise TokenizerError(
                f"cannot fit on row {row}: it is {type(text).__name__}, not a text: {text!r:.60}"
            )
        yield text
    if row < 0:
        raise TokenizerError("cannot fit on no texts at all")


def count_words(texts: Iterable[str]) -> Counter[str]:
    """How often each word occurs."""
    counts: Counter[str] = Counter()
    for text in texts:
        counts.update(text.split())
    return counts


def replace_surrogates(text: str) -> str:
    """``text`` with U+FFFD for each lone surrogate, which UTF-8, and so Arrow and JSON files, cannot hold."""
    return text if text.isascii() else _SURROGATE.sub("\ufffd", text)


@lru_cache(maxsize=64)
def _special_pattern(specials: tuple[str, ...]) -> re.Pattern[str]:
    longest_first = sorted(specials, key=lambda special: (-len(special), special))
    return re.compile(f"({'|'.join(map(re.escape, longest_first))})")
