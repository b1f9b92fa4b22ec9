"""The row that a batch would hold of a text, or of two: truncated, with special tokens, padded."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from textprep.errors import PipelineError
from textprep.template import Template
from textprep.truncation import (
    PAIR_TRUNCATIONS,
    TRUNCATIONS,
    PairTruncation,
    Truncation,
    edges,
    kept_lengths,
)
from textprep.visible import counted
from textprep.vocabulary import Vocabulary


@dataclass(frozen=True)
class RowToken:
    """One token of a row.

    Attributes:
        name: as people read it.
        id: in the vocabulary.
        type_id: its ``token_type_ids``: 1 in the second text, as a rule.
        text: which text it is of, 0 or 1; ``None`` for special tokens and padding.
        place: its place among the tokens of that text; ``None`` where it is of none.
    """

    name: str
    id: int
    type_id: int = 0
    text: int | None = None
    place: int | None = None


@dataclass(frozen=True)
class Row:
    """The row that a batch would hold.

    Attributes:
        ids: (T) those of ``tokens``, then those of ``padding``.
        mask: (T) True on real tokens.
        type_ids: (T) the ``token_type_ids``; 0 on padding.
        tokens: (real tokens) what was kept of the texts, and special tokens.
        padding: what fills it up.
    """

    ids: tuple[int, ...]
    mask: tuple[bool, ...]
    type_ids: tuple[int, ...]
    tokens: tuple[RowToken, ...]
    padding: RowToken

    @classmethod
    def of(cls, tokens: Sequence[RowToken], padding: RowToken, length: int) -> Row:
        """``tokens``, filled up to ``length``."""
        left = max(0, length - len(tokens))
        every = [*tokens, *[padding] * left]
        return cls(
            ids=tuple(token.id for token in every),
            mask=(*[True] * len(tokens), *[False] * left),
            type_ids=tuple(token.type_id for token in every),
            tokens=tuple(tokens),
            padding=padding,
        )

    def without_padding(self) -> Row:
        """The real tokens alone."""
        return Row.of(self.tokens, self.padding, 0)

    def with_types(self, types: Sequence[int]) -> Row:
        """The same with other ``token_type_ids``, one for each of ``tokens``."""
        tokens = [replace(token, type_id=i) for token, i in zip(self.tokens, types, strict=True)]
        return Row.of(tokens, self.padding, len(self.ids))

    def left_out(self, text: int, tokens: int) -> int:
        """How many of the ``tokens`` of a text did not fit."""
        return tokens - sum(token.text == text for token in self.tokens)


def lay_out(
    template: Template,
    vocabulary: Vocabulary,
    texts: Sequence[Sequence[RowToken]],
    max_length: int | None = None,
    truncation: Truncation = "head",
    pair_truncation: PairTruncation = "longest_first",
) -> Row:
    """The row of one text or two.

    Args:
        template: where special tokens are.
        vocabulary: what these are called.
        texts: the tokens of each.
        max_length: the length of the row, special tokens included; what it takes, at least 1, if not given.
        truncation: what is kept of a longer text: its first tokens, its last, or half of each.
        pair_truncation: which of two texts is truncated.

    Raises:
        PipelineError: there is no way to lay out two texts, or an option cannot be used.
    """
    _check(max_length, truncation, pair_truncation)
    if not template.parts(pair=len(texts) > 1):
        raise PipelineError(
            "the tokenizer has no token that separates two texts, so they make no row",
            hint="fit a pipeline on pairs, or explain each text by itself",
        )
    kept = [
        _truncated(text, length, truncation)
        for text, length in zip(texts, _kept(template, texts, max_length, pair_truncation), strict=True)
    ]
    tokens: list[RowToken] = []
    for part in template.parts(pair=len(texts) > 1):
        if part.text is None:
            names = vocabulary.decode(part.ids)
            found = [RowToken(name, i) for name, i in zip(names, part.ids, strict=True)]
        else:
            found = kept[part.text]
        tokens += [replace(token, type_id=part.type_id) for token in found]
    padding = "padding" if vocabulary.pad_id is None else vocabulary.tokens[vocabulary.pad_id]
    return Row.of(tokens, RowToken(padding, template.pad_id), max_length or max(1, len(tokens)))


def _check(max_length: int | None, truncation: str, pair_truncation: str) -> None:
    if max_length is not None and max_length < 1:
        raise PipelineError(
            f"max_length={max_length!r} cannot be used",
            option="max_length",
            hint="a row has at least 1 token",
        )
    for option, value, known in (
        ("truncation", truncation, TRUNCATIONS),
        ("pair_truncation", pair_truncation, PAIR_TRUNCATIONS),
    ):
        if value not in known:
            raise PipelineError(
                f"{option}={value!r} cannot be used", option=option, hint=f"it is one of {', '.join(known)}"
            )


def _kept(
    template: Template, texts: Sequence[Sequence[RowToken]], max_length: int | None, strategy: PairTruncation
) -> list[int]:
    """How many tokens of each text are kept.

    Raises:
        PipelineError: ``max_length`` has no room for what must be kept.
    """
    lengths = [len(text) for text in texts]
    if max_length is None:
        return lengths
    specials = template.specials(pair=len(texts) > 1)
    room = max_length - specials
    if room < 1:
        raise PipelineError(
            f"max_length={max_length} leaves no room for text: "
            f"a row has {counted(specials, 'special token')}",
            option="max_length",
            hint=f"give an integer of at least {specials + 1}",
        )
    if len(lengths) == 1:
        return [min(lengths[0], room)]
    kept = kept_lengths(lengths[0], lengths[1], room, strategy)
    if strategy != "longest_first":
        cut = ("only_first", "only_second").index(strategy)
        if kept[cut] < min(lengths[cut], 1):
            raise _no_room(strategy, ("second", "first")[cut], lengths[1 - cut], max_length, room)
    return list(kept)


def _no_room(strategy: str, name: str, tokens: int, max_length: int, room: int) -> PipelineError:
    return PipelineError(
        f"pair_truncation={strategy!r}: the {name} text alone has {counted(tokens, 'token')}, and "
        f"max_length={max_length} has room for {room:,}",
        option="pair_truncation",
        value="longest_first",
        hint="truncate the longest first, or give a larger max_length",
    )


def _truncated(text: Sequence[RowToken], kept: int, truncation: Truncation) -> list[RowToken]:
    if kept == len(text):
        return list(text)
    first, last = edges(kept, truncation)
    return [*text[:first], *text[len(text) - last :]]
