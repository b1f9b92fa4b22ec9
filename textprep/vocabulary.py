"""Token ↔ id, with counts."""

from __future__ import annotations

import json
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
SEP = "<sep>"  # the special between the two texts of a pair
END = "<end>"  # the special behind each of several texts that are joined
OF_LAYOUT = frozenset((SEP, END))  # what lays rows out, and is in no text
ENDS = (  # what others call it
    END, "<|endoftext|>", "</s>", "<eos>", "[EOS]", "<|end_of_text|>", "<|eos|>", "<EOT>",
    "<\uff5cend\u2581of\u2581sentence\uff5c>", "[SEP]",
)  # fmt: skip
PAD_ID, UNK_ID = 0, 1  # in vocabularies of our own


class Vocabulary:
    """Token ↔ id. In a vocabulary of our own ``<pad>`` is 0, ``<unk>`` 1; specials follow, then other tokens.

    A `pretrained` one keeps the ids that it came with: it says itself what its ``pad_id`` and ``unk_id`` are.
    No vocabulary changes once it is made. A text that happens to spell padding, or the ``<sep>`` or
    ``<end>`` between texts, is an ordinary text: such a token is encoded as unknown, never as that special.

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
        pad_id: the id of padding; ``None`` where a pretrained vocabulary has none.
        unk_id: the id of unknown tokens; ``None`` where a pretrained vocabulary has none.
        is_pretrained: whether its ids were given.

    Raises:
        TokenizerError: ``counts`` does not begin with ``<pad>``, ``<unk>`` and the specials, or holds
            something else than counts.
    """

    PAD = PAD
    UNK = UNK

    tokens: tuple[str, ...]
    counts: Mapping[str, int]
    specials: tuple[str, ...]
    pad_id: int | None
    unk_id: int | None

    def __init__(self, counts: Mapping[str, int], specials: Sequence[str] = ()) -> None:
        self.specials = check_specials(specials)
        head = (PAD, UNK, *self.specials)
        found = tuple(islice(counts, len(head)))
        if found != head:
            raise TokenizerError(f"a vocabulary begins with {head}, this one with {found}")
        self.is_pretrained = False
        self._set(counts, pad_id=PAD_ID, unk_id=UNK_ID)

    def _set(
        self, counts: Mapping[str, int], *, pad_id: int | None, unk_id: int | None, unused: Sequence[int] = ()
    ) -> None:
        for token, count in counts.items():
            if not isinstance(token, str) or not isinstance(count, int) or not 0 <= count < 2**63:
                raise TokenizerError(f"a vocabulary maps tokens to counts, not {token!r} to {count!r}")
        self.tokens = tuple(counts)
        self.counts = MappingProxyType(dict(counts))
        self.pad_id, self.unk_id, self.unused = pad_id, unk_id, tuple(unused)
        left_out = set(unused)
        ids = {token: i for i, token in enumerate(self.tokens) if i not in left_out}
        # What lays rows out is apart, so that no text is ever encoded as that.
        of_layout = [*([] if pad_id is None else [self.tokens[pad_id]]), *(OF_LAYOUT & {*self.specials})]
        self._layout = {token: ids.pop(token) for token in of_layout}
        self._ids = ids

    @classmethod
    def pretrained(
        cls,
        ids: Mapping[str, int],
        counts: Mapping[str, int] = MappingProxyType({}),
        *,
        pad: str | None = None,
        unk: str | None = None,
    ) -> Vocabulary:
        """The vocabulary of a pretrained tokenizer, with the ids that it has.

        >>> bert = Vocabulary.pretrained({"film": 3, "[PAD]": 0, "[UNK]": 1}, pad="[PAD]", unk="[UNK]")
        >>> bert.tokens, bert.encode(["film", "fell", "[PAD]"]), (bert.pad_id, bert.unk_id)
        (('[PAD]', '[UNK]', '<unused 2>', 'film'), [3, 1, 1], (0, 1))

        Args:
            ids: token → id. An id that no token has is called ``<unused 2>``, and no text gets it.
            counts: token → how often fitting saw it; what is not in ``ids`` is counted on ``unk``.
            pad: which token is padding, if one is.
            unk: which token stands for unknown ones, if one does.

        Raises:
            TokenizerError: there are no ids, one is negative, or ``pad`` or ``unk`` has none.
        """
        if missing := [token for token in (pad, unk) if token is not None and token not in ids]:
            raise TokenizerError(f"pad and unk are tokens of the vocabulary, and it has no {missing[0]!r}")
        if not ids or min(ids.values()) < 0:
            raise TokenizerError("a pretrained vocabulary maps each token to an id of at least 0")
        of_ids = {ids[token]: token for token in reversed(list(ids))}  # the first of two of the same id
        names = [of_ids[i] if i in of_ids else _unused(i, ids) for i in range(max(of_ids) + 1)]
        kept = {token: counts.get(token, 0) for token in names}
        if unk is not None:
            kept[of_ids[ids[unk]]] += sum(counts.values()) - sum(kept.values())
        self = cls.__new__(cls)
        self.specials, self.is_pretrained = (), True
        unused = [i for i in range(len(names)) if i not in of_ids]
        self._set(
            kept,
            pad_id=None if pad is None else ids[pad],
            unk_id=None if unk is None else ids[unk],
            unused=unused,
        )
        return self

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
        kept |= dict.fromkeys(OF_LAYOUT & {*specials}, 0)  # a text that spells it holds an unknown token
        return cls({PAD: 0, UNK: sum(counts.values()) - sum(kept.values()), **kept}, specials)

    @cached_property
    def digest(self) -> str:
        """BLAKE2b (128 bits, hexadecimal) of all that it is: the same for equal vocabularies."""
        contents: list[bytes] = []
        for texts in (self.specials, self.tokens):  # where each ends comes first, so no two are mistaken
            contents += (
                _int64([len(texts), *map(len, texts)]),
                "".join(texts).encode("utf-8", "surrogatepass"),
            )
        given = [json.dumps(self._given()).encode("ascii")] if self.is_pretrained else []
        return digest_of(*contents, _int64(self.counts.values()), *given)

    def _given(self) -> dict[str, Any]:
        """What a pretrained vocabulary says about its ids."""
        return {"pad_id": self.pad_id, "unk_id": self.unk_id, "unused": list(self.unused)}

    def __len__(self) -> int:
        return len(self.tokens)

    def __iter__(self) -> Iterator[str]:
        return iter(self.tokens)

    def __contains__(self, token: object) -> bool:
        return token in self._ids or token in self._layout

    def __getitem__(self, token: str) -> int:
        if not isinstance(token, str):
            raise TokenizerError(f"a token is a text, not {token!r:.60}: decode takes ids")
        return self._layout[token] if token in self._layout else self.encode([token])[0]

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Vocabulary):
            return NotImplemented
        return self.digest == other.digest

    def __hash__(self) -> int:
        return hash(self.digest)

    def __repr__(self) -> str:
        return f"<Vocabulary of {len(self)} tokens>"

    def __reduce__(self) -> tuple[Any, ...]:
        return Vocabulary.from_json, (self.to_json(),)

    def encode(self, tokens: Iterable[str]) -> list[int]:
        """The id of each token of a text; unknown ones, and those that spell `OF_LAYOUT`, get ``unk_id``.

        Raises:
            TokenizerError: ``tokens`` is a string, whose characters would be taken for tokens; or a token is
                unknown and the vocabulary has no ``unk_id``.
        """
        if isinstance(tokens, str):
            raise TokenizerError(f"tokens are a list, not {tokens!r:.60}: pipeline.encode takes a text")
        if self.unk_id is None:
            return [self._known(token) for token in tokens]
        get, unknown = self._ids.get, self.unk_id
        return [get(token, unknown) for token in tokens]

    def _known(self, token: str) -> int:
        if token not in self._ids:
            raise TokenizerError(f"the vocabulary has no token {token!r:.60}, and no id for unknown tokens")
        return self._ids[token]

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
        """The share of ``tokens`` that are unknown, from 0 to 1; 0 where there are none."""
        ids = self.encode(tokens)
        return ids.count(self.unk_id) / len(ids) if ids and self.unk_id is not None else 0.0

    def to_json(self) -> dict[str, Any]:
        """``{"specials": [...], "tokens": {"<pad>": 0, "<unk>": 12, "the": 1234, ...}}``, in id order.

        A pretrained one has a list of ``tokens``, ``counts`` of those that fitting saw, ``pad_id``,
        ``unk_id`` and ``unused``, the ids that no token has.
        """
        if not self.is_pretrained:
            return {"specials": list(self.specials), "tokens": dict(self.counts)}
        counts = {token: count for token, count in self.counts.items() if count}
        return {"specials": [], "tokens": list(self.tokens), "counts": counts} | self._given()

    @classmethod
    def from_json(cls, record: Mapping[str, Any]) -> Vocabulary:
        """The vocabulary of which `to_json` made ``record``.

        Raises:
            TokenizerError: ``record`` is not such a record.
        """
        try:
            if "pad_id" in record:
                return cls._restored(list(record["tokens"]), dict(record["counts"]), record)
            tokens, specials = dict(record["tokens"]), tuple(record["specials"])
        except (KeyError, TypeError, ValueError, IndexError) as error:
            raise TokenizerError(f"not a vocabulary: {error!r}; it needs 'specials' and 'tokens'") from error
        return cls(tokens, specials)

    @classmethod
    def _restored(
        cls, tokens: Sequence[str], counts: Mapping[str, int], record: Mapping[str, Any]
    ) -> Vocabulary:
        """A pretrained one; ``record`` has what `_given` gave."""
        unused = set(record["unused"])
        pad, unk = (None if record[key] is None else tokens[record[key]] for key in ("pad_id", "unk_id"))
        ids = {token: i for i, token in enumerate(tokens) if i not in unused}
        return cls.pretrained(ids, counts, pad=pad, unk=unk)


def _unused(i: int, tokens: Collection[str]) -> str:
    """A name for an id that no token has, and which no token has either."""
    name = f"<unused {i}>"
    while name in tokens:
        name = f"<{name}>"
    return name


def check_specials(specials: Iterable[str]) -> tuple[str, ...]:
    """``specials`` as a tuple.

    Raises:
        TokenizerError: one is empty, holds white space, repeats, or is ``<pad>`` or ``<unk>``.
    """
    checked: list[str] = []
    for special in specials:
        if not isinstance(special, str) or special.split() != [special]:
            raise TokenizerError(f"the special {special!r} is not a text without white space")
        if special in checked:
            raise TokenizerError(f"the special {special!r} is there already: name it once")
        if special in (PAD, UNK):
            raise TokenizerError(
                f"the special {special!r} is not one that texts hold: a tokenizer brings its own padding and "
                "unknown token, under whatever names; leave it out"
            )
        checked.append(special)
    return tuple(checked)


def _int64(numbers: Collection[int]) -> bytes:
    """Little-endian, as `json` would take four times as long for a large vocabulary."""
    return struct.pack(f"<{len(numbers)}q", *numbers)
