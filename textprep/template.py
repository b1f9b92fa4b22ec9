"""How rows are laid out: the special tokens around one text, and around and between two."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any


@dataclass(frozen=True)
class Part:
    """A text of a row, or special tokens.

    Attributes:
        type_id: the ``token_type_ids`` of its tokens.
        text: 0 for the first text, 1 for the second; ``None`` for special tokens.
        ids: of the special tokens.
    """

    type_id: int = 0
    text: int | None = None
    ids: tuple[int, ...] = ()


FIRST, SECOND = Part(text=0), Part(text=1, type_id=1)


@dataclass(frozen=True)
class Template:
    """How the ids of one text, or of two, become a row.

    >>> bert = Template(
    ...     single=(Part(ids=(101,)), FIRST, Part(ids=(102,))),
    ...     pair=(Part(ids=(101,)), FIRST, Part(ids=(102,)), SECOND, Part(1, ids=(102,))),
    ... )
    >>> bert.specials(pair=False), bert.specials(pair=True), bert.row([7, 8], [9])
    (2, 3, ([101, 7, 8, 102, 9, 102], [0, 0, 0, 0, 1, 1]))

    Attributes:
        pad_id: the id that fills a row up; 0 where the vocabulary has no padding, which the attention mask
            tells from a token.
        single: the parts of a row of one text, which comes in it once.
        pair: the parts of a row of two texts, each of which comes in it once; ``None`` where nothing
            separates them.
        end_id: the id of the token that ends a text where several are joined, if no special token stands
            behind the text of a row; see `ending`.
    """

    pad_id: int = 0
    single: tuple[Part, ...] = (FIRST,)
    pair: tuple[Part, ...] | None = None
    end_id: int | None = None

    @classmethod
    def plain(
        cls, pad_id: int | None = 0, separator: int | None = None, end_id: int | None = None
    ) -> Template:
        """A text as it is; and two with a ``separator`` between them, if there is one.

        >>> Template.plain(separator=2).row([5], [6, 7])
        ([5, 2, 6, 7], [0, 0, 1, 1])
        """
        pair = None if separator is None else (FIRST, Part(ids=(separator,)), SECOND)
        return cls(pad_id or 0, pair=pair, end_id=end_id)

    @property
    def ending(self) -> int | None:
        """The id of the token that ends a text where several are joined; ``None`` where there is none.

        >>> Template(single=(Part(ids=(101,)), FIRST, Part(ids=(102,)))).ending, Template(end_id=2).ending
        (102, 2)
        """
        last = self.single[-1]
        return self.end_id if self.end_id is not None or last.text is not None else last.ids[-1]

    def bare(self) -> Template:
        """The same without special tokens; what ends a text stays known."""
        single = tuple(part for part in self.single if part.text is not None)
        pair = None if self.pair is None else tuple(part for part in self.pair if part.text is not None)
        return replace(self, single=single, pair=pair, end_id=self.ending)

    def parts(self, *, pair: bool) -> tuple[Part, ...]:
        """Those of a row of one text, or of a ``pair``; none of a pair where nothing separates two texts."""
        return (self.pair or ()) if pair else self.single

    def specials(self, *, pair: bool) -> int:
        """How many special tokens a row has."""
        return sum(len(part.ids) for part in self.parts(pair=pair))

    def row(self, first: Sequence[int], second: Sequence[int] | None = None) -> tuple[list[int], list[int]]:
        """The ids of a row and their ``token_type_ids``, nothing truncated or padded."""
        texts = (first, second or ())
        parts = self.parts(pair=second is not None)
        each = [part.ids if part.text is None else texts[part.text] for part in parts]
        ids = [i for ids in each for i in ids]
        return ids, [part.type_id for part, ids in zip(parts, each, strict=True) for _ in ids]

    def to_json(self) -> dict[str, Any]:
        """The template as JSON values; a text is its number, special tokens are a list of ids."""
        written = {"pad_id": self.pad_id, "single": _written(self.single)}
        written |= {"pair": None if self.pair is None else _written(self.pair)}
        return written if self.end_id is None else written | {"end_id": self.end_id}

    @classmethod
    def from_json(cls, record: Mapping[str, Any]) -> Template:
        """The template of which `to_json` made ``record``.

        >>> Template.from_json(Template.plain(separator=2).to_json()) == Template.plain(separator=2)
        True
        """
        pair = None if record["pair"] is None else _read(record["pair"])
        return cls(record["pad_id"], _read(record["single"]), pair, record.get("end_id"))


def _written(parts: Sequence[Part]) -> list[list[Any]]:
    return [[part.type_id, list(part.ids) if part.text is None else part.text] for part in parts]


def _read(parts: Sequence[Sequence[Any]]) -> tuple[Part, ...]:
    return tuple(
        Part(type_id, ids=tuple(of)) if isinstance(of, list) else Part(type_id, text=of)
        for type_id, of in parts
    )
