"""Token ↔ id, with counts."""

from __future__ import annotations

import operator
import struct
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from itertools import islice
from types import MappingProxyType
from typing import Any

from textprep.errors import TokenizerError
from textprep.storage.files import digest_of

PAD = "<pad>"
UNK = "<unk>"


class Vocabulary:
    """Token ↔ id: ``<pad>`` is 0 and ``<unk>`` is 1, always; extra specials follow, then all other tokens.

    It never changes once it is made. A text that happens to spell ``<pad>`` is an ordinary text: it is
    encoded as ``<unk>``, never as padding.

    >>> vocabulary = Vocabulary.from_counts({"film": 9, "good": 4, "odd": 1}, min_freq=2)
    >>> vocabulary.tokens
    ('<pad>', '<unk>', 'film', 'good')
    >>> vocabulary.encode(["good", "odd", "film"])
    [3, 1, 2]
    >>> vocabulary.counts["<unk>"], vocabulary.oov_rate(["good", "odd"])
    (1, 0.5)

    Args:
        counts: token → how often fitting saw it, in the order of the ids.
        specials: the extra specials, which ``counts`` holds right after ``<pad>`` and ``<unk>``.

    Attributes:
        tokens: every token, in the order of the ids.
        counts: token → how often fitting saw it; what fell out of the vocabulary is counted on ``<unk>``.
        specials: the extra specials.

    Raises:
        TokenizerError: ``counts`` does not begin with ``<pad>``, ``<unk>`` and the specials, or holds
            something else than counts.
    """

    PAD = PAD
    UNK = UNK
    pad_id = 0
    unk_id = 1

    def __init__(self, counts: Mapping[str, int], specials: Sequence[str] = ()) -> None:
        self.specials = check_specials(specials)
        self.tokens: tuple[str, ...] = tuple(counts)
        head = (PAD, UNK, *self.specials)
        if self.tokens[: len(head)] != head:
            raise TokenizerError(f"a vocabulary begins with {head}, this one with {self.tokens[: len(head)]}")
        for token, count in counts.items():
            if not isinstance(token, str) or not isinstance(count, int) or not 0 <= count < 2**63:
                raise TokenizerError(f"a vocabulary maps tokens to counts, not {token!r} to {count!r}")
        self.counts: Mapping[str, int] = MappingProxyType(dict(counts))
        # <pad> is left out, so that no text is ever encoded as padding.
        self._ids = {token: i for i, token in enumerate(self.tokens) if i != self.pad_id}

    @classmethod
    def from_counts(
        cls,
        counts: Mapping[str, int],
        *,
        min_freq: int = 1,
        max_size: int | None = None,
        specials: Sequence[str] = (),
    ) -> Vocabulary:
        """The most frequent tokens first; ties by token, so that two machines agree.

        Args:
            counts: token → count, in any order.
            min_freq: tokens seen less often fall out.
            max_size: the largest number of tokens, ``<pad>``, ``<unk>`` and specials included.
            specials: tokens that are kept whatever their count.

        Raises:
            TokenizerError: the specials cannot be used, or ``max_size`` has no room for them.
        """
        heads = 2 + len(check_specials(specials))
        if max_size is not None and max_size < heads:
            raise TokenizerError(f"max_size={max_size} has no room for <pad>, <unk> and {heads - 2} specials")
        by_frequency = sorted(counts, key=lambda token: (-counts[token], token))
        frequent = (t for t in by_frequency if counts[t] >= min_freq and t not in (PAD, UNK, *specials))
        return cls.of_tokens(
            islice(frequent, None if max_size is None else max_size - heads), counts, specials
        )

    @classmethod
    def of_tokens(
        cls, tokens: Iterable[str], counts: Mapping[str, int], specials: Sequence[str] = ()
    ) -> Vocabulary:
        """Exactly ``tokens``, in their order, after the specials; the rest of ``counts`` goes to ``<unk>``.

        >>> Vocabulary.of_tokens(["b", "a"], {"a": 3, "c": 2}).counts
        mappingproxy({'<pad>': 0, '<unk>': 2, 'b': 0, 'a': 3})
        """
        kept = {t: counts.get(t, 0) for t in (*specials, *tokens) if t not in (PAD, UNK)}
        return cls({PAD: 0, UNK: sum(counts.values()) - sum(kept.values()), **kept}, specials)

    @cached_property
    def digest(self) -> str:
        """BLAKE2b (128 bits, hexadecimal) of specials, tokens and counts: the same for equal vocabularies."""
        contents: list[bytes] = []
        for texts in (self.specials, self.tokens):  # where each ends comes first, so no two are mistaken
            contents += (
                _int64([len(texts), *map(len, texts)]),
                "".join(texts).encode("utf-8", "surrogatepass"),
            )
        return digest_of(*contents, _int64(self.counts.values()))

    def __len__(self) -> int:
        return len(self.tokens)

    def __iter__(self) -> Iterator[str]:
        return iter(self.tokens)

    def __contains__(self, token: object) -> bool:
        return token == PAD or token in self._ids

    def __getitem__(self, token: str) -> int:
        if not isinstance(token, str):
            raise TokenizerError(f"a token is a text, not {token!r:.60}: decode takes ids")
        return self.pad_id if token == PAD else self._ids.get(token, self.unk_id)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Vocabulary):
            return NotImplemented
        mine, theirs = (tuple(vocabulary.counts.items()) for vocabulary in (self, other))
        return (self.specials, mine) == (other.specials, theirs)

    def __hash__(self) -> int:
        return hash((self.specials, self.tokens))

    def __repr__(self) -> str:
        return f"<Vocabulary of {len(self)} tokens>"

    def __reduce__(self) -> tuple[Any, ...]:
        return Vocabulary, (dict(self.counts), self.specials)

    def encode(self, tokens: Iterable[str]) -> list[int]:
        """The id of each token of a text; an unknown token, and one that spells ``<pad>``, is ``<unk>``.

        Raises:
            TokenizerError: ``tokens`` is a string, whose characters would be taken for tokens.
        """
        if isinstance(tokens, str):
            raise TokenizerError(f"tokens are a list, not {tokens!r:.60}: pipeline.encode takes a text")
        get = self._ids.get
        return [get(token, 1) for token in tokens]

    def decode(self, ids: Iterable[int]) -> list[str]:
        """The token of each id.

        Raises:
            TokenizerError: an id is out of range; the message names it.
        """
        return [self._token(operator.index(i)) for i in ids]

    def _token(self, i: int) -> str:
        if not 0 <= i < len(self.tokens):
            raise TokenizerError(
                f"id {i} is not in the vocabulary, which has ids 0 to {len(self) - 1}: "
                "was it encoded with another pipeline?"
            )
        return self.tokens[i]

    def oov_rate(self, tokens: Iterable[str]) -> float:
        """The share of ``tokens`` that are ``<unk>``, from 0 to 1; 0 where there are none."""
        ids = self.encode(tokens)
        return ids.count(self.unk_id) / len(ids) if ids else 0.0

    def to_json(self) -> dict[str, Any]:
        """``{"specials": [...], "tokens": {"<pad>": 0, "<unk>": 12, "the": 1234, ...}}``, in id order."""
        return {"specials": list(self.specials), "tokens": dict(self.counts)}

    @classmethod
    def from_json(cls, record: Mapping[str, Any]) -> Vocabulary:
        """The vocabulary of which `to_json` made ``record``.

        Raises:
            TokenizerError: ``record`` is not such a record.
        """
        try:
            tokens, specials = dict(record["tokens"]), tuple(record["specials"])
        except (KeyError, TypeError, ValueError) as error:
            raise TokenizerError(f"not a vocabulary: {error!r}; it needs 'specials' and 'tokens'") from error
        return cls(tokens, specials)


def check_specials(specials: Iterable[str]) -> tuple[str, ...]:
    """``specials`` as a tuple.

    Raises:
        TokenizerError: one is empty, holds white space, repeats, or is ``<pad>`` or ``<unk>``.
    """
    checked: list[str] = []
    for special in specials:
        if not isinstance(special, str) or special.split() != [special]:
            raise TokenizerError(f"the special {special!r} is not a text without white space")
        if special in (PAD, UNK, *checked):
            raise TokenizerError(
                f"the special {special!r} is there already: name it once, without {PAD} and {UNK}"
            )
        checked.append(special)
    return tuple(checked)


def _int64(numbers: Collection[int]) -> bytes:
    """Little-endian, as `json` would take four times as long for a large vocabulary."""
    return struct.pack(f"<{len(numbers)}q", *numbers)
