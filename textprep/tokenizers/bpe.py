"""Byte-pair encoding over characters."""

from __future__ import annotations

import logging
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import islice
from typing import Any

import numpy as np
import pyarrow as pa
import regex
from pydantic import Field, PrivateAttr, model_validator
from typing_extensions import Self

from textprep.errors import TokenizerError
from textprep.ragged import Ragged
from textprep.tokenizers.base import Tokenizer
from textprep.tokenizers.columns import encode_apart
from textprep.tokenizers.cutting import Runs, count_pieces, cut_headed
from textprep.tokenizers.graphemes import Graphemes, graphemes_of
from textprep.tokenizers.learning import Merge, learn_merges
from textprep.tokenizers.merges import BulkMerger, PieceModel, frequent_characters, sample_counts
from textprep.vocabulary import PAD, UNK, Vocabulary

HEAD = "▁"  # stands before each word, where the white space was
# A run of word characters, or of others, with or without a head; bounded, so that no text is slow to merge.
_LONGEST = 64
_BATCH = 1 << 17
_PIECE = regex.compile(rf"{HEAD}?(?:\w{{1,{_LONGEST}}}|[^\w{HEAD}]{{1,{_LONGEST}}})|{HEAD}")
_WORD = re.compile(r"\S+")  # the words of str.split()
_log = logging.getLogger(__name__)


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
        whole_graphemes: whether no token begins or ends inside of what a reader takes for one character, such
            as a letter with its vowel sign or an emoji with its skin tone; one that training never saw is
            ``<unk>`` as a whole.
        max_training_pieces: merges are learned from at most about so many pieces (runs of word characters or
            of others; the default is some 100 MB of English); of a larger corpus a sample is taken, and a
            line in the log says so. The alphabet and all counts are those of the whole corpus.
        seed: of that sample.
    """

    name = "bpe"
    scope = "word"
    libraries = ("regex", "tokenizers")
    head = HEAD

    vocab_size: int = Field(16_000, ge=3)
    min_freq: int = Field(2, ge=1)
    whole_graphemes: bool = False
    max_training_pieces: int = Field(20_000_000, ge=1)
    seed: int = 0
    _model: PieceModel | None = PrivateAttr(None)
    _merger: BulkMerger | None = PrivateAttr(None)
    _spelled: list[str] = PrivateAttr(default_factory=list)
    _graphemes: Graphemes | None = PrivateAttr(None)

    @model_validator(mode="after")
    def _has_room(self) -> Self:
        if self.vocab_size <= 2 + len(self.specials):
            raise ValueError(
                f"vocab_size={self.vocab_size} holds <pad>, <unk> and the specials, but no token"
            )
        return self

    def fit_words(self, words: Iterable[tuple[str, int]]) -> Self:
        """Learn the merges and the vocabulary from words that occur so many times each.

        Raises:
            TokenizerError: there is no token in them.
        """
        specials: Counter[str] = Counter()
        ordinary: Iterable[tuple[str, int]] = self.without_specials(words, specials)
        show: Callable[[str], str] = str
        if self.whole_graphemes:
            kept = list(ordinary)
            graphemes = Graphemes.of(kept)
            ordinary, show = ((graphemes.hide(word), times) for word, times in kept), graphemes.show
        pieces = count_pieces(ordinary, _cut_column)
        room = self.vocab_size - 2 - len(self.specials)
        alphabet = frequent_characters(pieces, room)
        merges = learn_merges(self._sample(pieces), room, self.min_freq)
        tokens = dict.fromkeys([*alphabet, *(left + right for left, right in merges)])
        counts = specials + Counter(
            {show(token): times for token, times in _count_tokens(pieces, tokens, merges).items()}
        )
        if not counts:
            self.count_tokens(())  # says so
        by_frequency = sorted(map(show, tokens), key=lambda token: (-counts[token], token))
        self._vocabulary = Vocabulary.of_tokens(by_frequency, counts, self.specials)
        self._use([(show(left), show(right)) for left, right in merges])
        return self

    def _use(self, merges: list[Merge], spelled: list[str] | None = None) -> None:
        tokens = self.vocabulary.tokens[2:]
        self._spelled = spelled or list(map(" ".join, merges))
        self._merger = self._graphemes = None
        if self.whole_graphemes:
            self._graphemes = Graphemes.of((token, 1) for token in tokens)
            hide = self._graphemes.hide
            tokens, merges = tuple(map(hide, tokens)), [(hide(left), hide(right)) for left, right in merges]
        self._model = PieceModel(tokens, merges)

    def _sample(self, pieces: Counter[str]) -> Mapping[str, int]:
        total = sum(pieces.values())
        if total <= self.max_training_pieces:
            return pieces
        _log.warning(
            "tokenizer 'bpe' learns its merges from a sample of %s of %s pieces (seed %s); its counts are of "
            "all; raise max_training_pieces to learn from more",
            *(f"{number:,}" for number in (self.max_training_pieces, total, self.seed)),
        )
        return sample_counts(pieces, self.max_training_pieces, self.seed)

    def encode_column(self, texts: pa.LargeStringArray) -> Ragged:
        """The ids of many texts; each distinct piece is merged once."""
        return encode_apart(self, texts, self._encode_ordinary)

    def _encode_ordinary(self, texts: pa.LargeStringArray) -> Ragged:
        if self._merger is None:
            self._merger = BulkMerger(self._learned().tokens, self._learned().merges)
        merger = self._merger
        pieces = _cut_column(self._graphemes.hide_column(texts) if self._graphemes else texts).numbered()
        return merger.encode(pieces.distinct).gather(pieces.numbers)

    def split(self, text: str) -> list[str]:
        """The merged tokens; a character outside the vocabulary stays as it is."""
        return [token for word in text.split() for token in self._tokens_of(word)]

    def _tokens_of(self, word: str) -> Iterable[str]:
        hidden = self._graphemes.hide(word) if self._graphemes else word
        tokens = [token for piece in cut(hidden) for token in self._learned().tokenize(piece)]
        if hidden == word:
            return tokens
        read = iter([HEAD, *graphemes_of(word)])
        return ["".join(islice(read, len(token))) for token in tokens]

    def split_spans(self, text: str) -> list[tuple[int, int]]:
        """Where the tokens are; a ``▁`` by itself is the white space before its word."""
        spans: list[tuple[int, int]] = []
        done = 0
        for word in _WORD.finditer(text):
            spans += self._word_spans(word.group(), done, word.start())
            done = word.end()
        return spans

    def _word_spans(self, word: str, space: int, start: int) -> Iterator[tuple[int, int]]:
        """The spans of a word at ``start``, after white space from ``space`` on."""
        place = start - len(HEAD)
        for token in self._tokens_of(word):
            stop = place + len(token)
            yield max(place, start) if stop > start else space, max(stop, start)
            place = stop

    def _learned(self) -> PieceModel:
        if self._model is None:
            raise TokenizerError(f"tokenizer {self.name!r} is not fitted: call fit(texts) first")
        return self._model

    def join(self, tokens: list[str]) -> str:
        """The tokens with a space for each ``▁``, and one before each special."""
        spaced = (f" {token}" if token in self.specials else token for token in tokens)
        return "".join(spaced).replace(HEAD, " ").removeprefix(" ")

    def state(self) -> dict[str, Any]:
        """``{"merges": ["l o", "lo w", ...]}`` in the order they were learned."""
        return {"merges": self._spelled.copy()} if self._model else {}

    def restore(self, vocabulary: Vocabulary, state: Mapping[str, Any]) -> Self:
        """Take over a vocabulary and its merges, and return this tokenizer.

        Raises:
            TokenizerError: they do not fit together, or not with the options.
        """
        try:
            spelled = list(state["merges"])
            merges = [_parse_merge(merge, vocabulary) for merge in spelled]
        except (AttributeError, KeyError, TypeError) as error:
            raise TokenizerError("the state of tokenizer 'bpe' has no list of 'merges'") from error
        super().restore(vocabulary, state)
        self._use(merges, spelled)
        return self


def cut(text: str) -> list[str]:
    """The pieces of each word of ``text``; put together they are the words, each with ``▁`` before it.

    >>> cut("It's so-so...")
    ['▁It', "'", 's', '▁so', '-', 'so', '...']
    """
    return [piece for word in text.split() for piece in _PIECE.findall(HEAD + word)]


def _cut_column(texts: pa.LargeStringArray) -> Runs:
    """`cut` for many texts."""
    return cut_headed(texts, HEAD, _LONGEST)


def _count_tokens(pieces: Counter[str], tokens: Iterable[str], merges: list[Merge]) -> Counter[str]:
    """How often each token occurs in the pieces; what is no token counts as ``<unk>``."""
    tokens = tuple(tokens)
    merger = BulkMerger(tokens, merges)
    counts = np.zeros(len(tokens) + 2, dtype=np.int64)
    items = iter(pieces.items())
    while batch := dict(islice(items, _BATCH)):
        spelled = [piece.encode("utf-32-le") for piece in batch]
        rows = merger.encode(pa.array(spelled, pa.large_binary()))
        np.add.at(counts, rows.values, np.repeat(list(batch.values()), np.diff(rows.offsets)))
    return Counter({token: n for token, n in zip((PAD, UNK, *tokens), counts.tolist(), strict=True) if n})


def _parse_merge(merge: str, vocabulary: Vocabulary) -> Merge:
    left, _, right = merge.partition(" ")
    for token in (left, right, left + right):
        if token not in vocabulary:
            raise TokenizerError(f"the merge {merge!r} needs the token {token!r}, which the vocabulary lacks")
    return left, right
