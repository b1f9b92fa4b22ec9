"""Byte-pair encoding over characters, trained with the package ``tokenizers``."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from itertools import groupby
from typing import Any

import regex
from pydantic import Field, PrivateAttr, model_validator
from tokenizers import Tokenizer as HFTokenizer
from tokenizers import models, pre_tokenizers, trainers
from typing_extensions import Self

from textprep.errors import TokenizerError
from textprep.tokenizers.base import Tokenizer, checked_texts, count_words
from textprep.vocabulary import Vocabulary

HEAD = "▁"  # stands before each word, where the white space was
# A run of word characters, or of others, with or without a head; bounded, so that no text is slow to merge.
_PIECE = regex.compile(rf"{HEAD}?(?:\w{{1,64}}|[^\w{HEAD}]{{1,64}})|{HEAD}")
_CACHED_PIECES = 1 << 16

Merge = tuple[str, str]


class BPETokenizer(Tokenizer):
    """Byte-pair encoding: a frequent word becomes one token, a rare one several, down to its characters.

    Each word gets a ``▁`` before it and is cut into runs of word characters and of punctuation; merges
    happen within those. A character that training never saw is ``<unk>``, each by itself. After
    Sennrich et al. 2016, `Neural Machine Translation of Rare Words with Subword Units
    <https://aclanthology.org/P16-1162>`_. The result does not depend on hash seeds or threads.

    >>> bpe = BPETokenizer(vocab_size=14).fit(["low lower lowest"] * 5)
    >>> bpe.tokenize("low lows")
    ['▁low', '▁low', 's']
    >>> bpe.decode(bpe.encode("low lows"))
    'low lows'

    Attributes:
        vocab_size: the largest size of the vocabulary, specials included. Where it has no room for every
            character, the rarest become ``<unk>``.
        min_freq: a pair seen less often is not merged.
    """

    name = "bpe"
    scope = "word"

    vocab_size: int = Field(16_000, ge=3)
    min_freq: int = Field(2, ge=1)
    _model: PieceModel | None = PrivateAttr(None)

    @model_validator(mode="after")
    def _has_room(self) -> Self:
        if self.vocab_size <= 2 + len(self.specials):
            raise ValueError(
                f"vocab_size={self.vocab_size} holds <pad>, <unk> and the specials, but no token"
            )
        return self

    def fit(self, texts: Iterable[str]) -> Self:
        """Learn the merges and the vocabulary from ``texts``, which are read once.

        Raises:
            TokenizerError: there is no text, no token in them, or something else than a text.
        """
        words = count_words(checked_texts(texts))
        room = self.vocab_size - 2 - len(self.specials)
        pieces = self._count_pieces(words)
        alphabet = _frequent_characters(pieces, room)
        merges = _learn_merges(pieces, room, self.min_freq)
        tokens = dict.fromkeys([*alphabet, *(left + right for left, right in merges)])
        self._model = PieceModel(tokens, merges)
        counts = self.count_tokens(words.items())
        by_frequency = sorted(tokens, key=lambda token: (-counts[token], token))
        self._vocabulary = Vocabulary.of_tokens(by_frequency, counts, self.specials)
        return self

    def _count_pieces(self, words: Mapping[str, int]) -> Counter[str]:
        pieces: Counter[str] = Counter()
        for word, times in words.items():
            for part in self.parts(word)[::2]:
                for piece in cut(part):
                    pieces[piece] += times
        return pieces

    def split(self, text: str) -> list[str]:
        """The merged tokens; a character outside the vocabulary stays as it is."""
        model = self._model
        if model is None:
            raise TokenizerError(f"tokenizer {self.name!r} is not fitted: call fit(texts) first")
        return [token for piece in cut(text) for token in model.tokenize(piece)]

    def join(self, tokens: list[str]) -> str:
        """The tokens with a space for each ``▁``, and one before each special."""
        spaced = (f" {token}" if token in self.specials else token for token in tokens)
        return "".join(spaced).replace(HEAD, " ").removeprefix(" ")

    def state(self) -> dict[str, Any]:
        """``{"merges": ["l o", "lo w", ...]}`` in the order they were learned."""
        return {"merges": [" ".join(merge) for merge in self._model.merges]} if self._model else {}

    def restore(self, vocabulary: Vocabulary, state: Mapping[str, Any]) -> Self:
        """Take over a vocabulary and its merges, and return this tokenizer.

        Raises:
            TokenizerError: they do not fit together, or not with the options.
        """
        try:
            merges = [_parse_merge(merge, vocabulary) for merge in state["merges"]]
        except (AttributeError, KeyError, TypeError) as error:
            raise TokenizerError("the state of tokenizer 'bpe' has no list of 'merges'") from error
        super().restore(vocabulary, state)
        self._model = PieceModel(vocabulary.tokens[2:], merges)
        return self


class PieceModel:
    """Merges the characters of pieces into tokens.

    Args:
        tokens: every token there is; those of one character are the alphabet.
        merges: pairs of tokens, the first learned first.
    """

    def __init__(self, tokens: Iterable[str], merges: list[Merge]) -> None:
        ids = {token: i for i, token in enumerate(tokens)}
        self.merges = merges
        self.alphabet = frozenset(token for token in ids if len(token) == 1)
        self._bpe = models.BPE(ids, merges)
        self._cache: dict[str, list[str]] = {}

    def tokenize(self, piece: str) -> list[str]:
        """The tokens of a piece; a character outside the alphabet is one by itself."""
        tokens = self._cache.get(piece)
        if tokens is None:
            if len(self._cache) >= _CACHED_PIECES:
                self._cache.clear()
            tokens = self._cache[piece] = self._merge(piece)
        return tokens

    def _merge(self, piece: str) -> list[str]:
        if self.alphabet.issuperset(piece):  # nearly always
            return [token.value for token in self._bpe.tokenize(piece)]
        tokens: list[str] = []
        for known, run in groupby(piece, self.alphabet.__contains__):
            characters = "".join(run)
            tokens += self._merge(characters) if known else characters
        return tokens


def cut(text: str) -> list[str]:
    """The pieces of each word of ``text``; put together they are the words, each with ``▁`` before it.

    >>> cut("It's so-so...")
    ['▁It', "'", 's', '▁so', '-', 'so', '...']
    """
    return [piece for word in text.split() for piece in _PIECE.findall(HEAD + word)]


def _frequent_characters(pieces: Mapping[str, int], size: int) -> list[str]:
    counts: Counter[str] = Counter()
    for piece, times in pieces.items():
        for character in piece:
            counts[character] += times
    return sorted(counts, key=lambda character: (-counts[character], character))[:size]


def _learn_merges(pieces: Mapping[str, int], size: int, min_freq: int) -> list[Merge]:
    """The merges, at most as many as make ``size`` tokens together with all characters.

    The trainer is not asked to choose an alphabet, as it breaks ties there by hash order: `fit` has done so,
    and where a character was left out there is no room for merges.
    """
    model = HFTokenizer(models.BPE())
    model.pre_tokenizer = pre_tokenizers.Split("\n", "removed")
    trainer = trainers.BpeTrainer(vocab_size=size, min_frequency=min_freq, show_progress=False)
    model.train_from_iterator(_training_lines(pieces), trainer)
    return [(left, right) for left, right in json.loads(model.to_str())["model"]["merges"]]


def _training_lines(pieces: Mapping[str, int]) -> Iterator[str]:
    """Each piece as often as it occurs, since the trainer takes no counts."""
    for piece, times in pieces.items():
        for start in range(0, times, 1000):
            yield f"{piece}\n" * min(1000, times - start)


def _parse_merge(merge: str, vocabulary: Vocabulary) -> Merge:
    left, _, right = merge.partition(" ")
    for token in (left, right, left + right):
        if token not in vocabulary:
            raise TokenizerError(f"the merge {merge!r} needs the token {token!r}, which the vocabulary lacks")
    return left, right
