"""Rows as a batch has them: what is kept of each, how long it is then, and the rectangles of a batch."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from functools import cached_property
from typing import Any

import numpy as np

from textprep.batches.layout import Layout
from textprep.batches.options import Pair, checked_pair
from textprep.batches.permutation import Rows
from textprep.batches.reader import EncodedRows, Texts, second_texts, template_of
from textprep.batches.rectangle import Arrays, Rectangle
from textprep.batches.token_fields import (
    LABELS,
    TOKEN_INDEX,
    check_one_text,
    own_token_fields,
    token_rectangles,
)
from textprep.errors import LoaderError
from textprep.template import Part, Template
from textprep.truncation import kept_lengths

# what a saved state means that does not have these options: the first ones are older than they are
USUAL: Mapping[str, Any] = {
    "special_tokens": True,
    "pair_truncation": "longest_first",
    "pair": "together",
    "template": Template().to_json(),
}
Content = tuple[tuple[Texts, ...], tuple[Part, ...]]


class ServedRows:
    """The rows of a split, laid out by its template and a layout.

    Args:
        split: the rows.
        layout: how they are laid out.
        pair: whether two texts are one row, or two: one of each rectangle.
        max_tokens: the most tokens of a batch: no row exceeds them.

    Attributes:
        rectangles: those of a batch, by what the names of their fields begin with.
        lengths: (N,) int64, the tokens served of each row; of two texts apart, those of both.
        layout: ``layout`` within ``max_tokens``.

    Raises:
        LoaderError: rows cannot be laid out so.
    """

    def __init__(
        self, split: EncodedRows, layout: Layout, *, pair: Pair = "together", max_tokens: int | None = None
    ) -> None:
        self._template, self._pair = template_of(split), checked_pair(pair)
        template = layout.applied(self._template)
        contents = _contents(split, template, layout, pair)
        check_one_text(split, second_texts(split) is not None)
        self._split, self._parts = split, template.single
        self.layout = _within(max_tokens, layout, contents)
        most = _most_of_each(max_tokens, self.layout, contents)
        self.rectangles = {
            prefix: Rectangle(texts, parts, self.layout, template.pad_id, most.get(prefix))
            for prefix, (texts, parts) in contents.items()
        }
        first, *rest = (rectangle.lengths for rectangle in self.rectangles.values())
        self.lengths = first + rest[0] if rest else first

    def widths(self, rows: Rows) -> Rows:
        """(rows, rectangles), how wide those of a batch are, if its longest row is that one."""
        each = (self.layout.widths(rectangle.lengths[rows]) for rectangle in self.rectangles.values())
        return np.stack(list(each), axis=1)

    def arrays(self, rows: Rows, names: Collection[str]) -> Arrays:
        """The fields among ``names`` that are made of ids, for ``rows`` (B,); for one of padding, if none."""
        arrays = {
            prefix + name: array
            for prefix, rectangle in self.rectangles.items()
            for name, array in rectangle.arrays(rows, own_names(prefix, names)).items()
        }
        wanted = {LABELS, TOKEN_INDEX, *own_token_fields(self._split)} & set(names)
        per_token = self._per_token if wanted else {}
        for name in per_token.keys() & wanted:
            arrays[name] = per_token[name].arrays(rows, ("input_ids",))["input_ids"]
        return arrays

    @cached_property
    def _per_token(self) -> dict[str, Rectangle]:
        """Those of the fields with a value for each token."""
        is_single = second_texts(self._split) is None
        return token_rectangles(self._split, self._parts, self.layout) if is_single else {}

    def tokens(self) -> tuple[Rows, Rows]:
        """(N,) int64, the tokens of each row without special ones: before truncation, and after."""
        (whole, kept), *rest = (rectangle.tokens() for rectangle in self.rectangles.values())
        return (whole + rest[0][0], kept + rest[0][1]) if rest else (whole, kept)

    @property
    def decisive(self) -> dict[str, Any]:
        """All that decides the contents of batches, as JSON values."""
        options = {**self.layout.model_dump(), "pair": self._pair, "template": self._template.to_json()}
        return {name: value for name, value in options.items() if name not in USUAL or value != USUAL[name]}


def own_names(prefix: str, names: Collection[str]) -> set[str]:
    """The names that begin with ``prefix``, without it."""
    return {name.removeprefix(prefix) for name in names if name.startswith(prefix)}


def _contents(split: EncodedRows, template: Template, layout: Layout, pair: Pair) -> dict[str, Content]:
    """The texts of each rectangle, and the parts of its rows."""
    second = second_texts(split)
    if pair == "apart":
        if second is None:
            raise LoaderError(
                "pair='apart' needs rows of two texts, and these have one", option="pair", hint="leave it out"
            )
        _check_apart(layout)
        return {"": ((split,), template.single), "pair_": ((second,), template.single)}
    if second is None:
        return {"": ((split,), template.single)}
    if template.pair is None:
        raise LoaderError(
            "rows of two texts cannot be laid out as one: the tokenizer they were prepared with has no "
            "special token to put between the texts",
            option="pair",
            value="apart",
            hint="prepare them with one that is not fitted, or was fitted with specials=['<sep>']; or serve "
            "the two texts separately: pair='apart'",
        )
    return {"": ((split, second), template.pair)}


def _check_apart(layout: Layout) -> None:
    if layout.pair_truncation != "longest_first":
        raise LoaderError(
            "pair_truncation has no effect with pair='apart', where each text is cut by itself",
            option="pair_truncation",
            value="longest_first",
            hint="leave it out",
        )


def _within(max_tokens: int | None, layout: Layout, contents: Mapping[str, Content]) -> Layout:
    """Limit ``layout`` so that no row exceeds ``max_tokens``.

    Raises:
        LoaderError: the layout is wider in any case; or there is a longer row and that is an error.
    """
    if max_tokens is None:
        if layout.too_long != "truncate":
            raise LoaderError(
                "too_long says what becomes of rows of more than max_tokens, which is not given",
                option="max_tokens",
                hint="give max_tokens, too",
            )
        return layout
    least = sum(layout.widths(1 + _specials(parts)) for _, parts in contents.values())
    if least > max_tokens:
        raise LoaderError(
            f"max_tokens={max_tokens} is less than one row",
            option="max_tokens",
            hint=f"a batch is at least {least} tokens wide",
        )
    if layout.too_long == "error":
        _check_all_fit(max_tokens, layout, contents)
    if len(contents) > 1:
        return layout  # how long one text may be depends on the other
    multiple = layout.pad_to_multiple_of or 1
    longest = max_tokens // multiple * multiple
    return layout.model_copy(update={"max_length": min(layout.max_length or longest, longest)})


def _most_of_each(max_tokens: int | None, layout: Layout, contents: Mapping[str, Content]) -> dict[str, Rows]:
    """(N,) the most tokens of each row in each of two rectangles, so that both are within ``max_tokens``.

    The longer one is cut first, by whole multiples of the layout.
    """
    if max_tokens is None or len(contents) == 1 or layout.padding == "max_length":
        return {}
    multiple = layout.pad_to_multiple_of or 1
    one, other = (_widths_alone(layout, *content) // multiple for content in contents.values())
    first, second = kept_lengths(one, other, max_tokens // multiple)
    return dict(zip(contents, (first * multiple, second * multiple), strict=True))


def _widths_alone(layout: Layout, texts: tuple[Texts, ...], parts: tuple[Part, ...]) -> Rows:
    """(N,) how wide a rectangle of each row alone is."""
    served = _whole(texts) + _specials(parts)
    return layout.widths(served if layout.max_length is None else np.minimum(served, layout.max_length))


def _check_all_fit(max_tokens: int, layout: Layout, contents: Mapping[str, Content]) -> None:
    """Whether each row is within ``max_tokens``."""
    width = np.add.reduce([_widths_alone(layout, *content) for content in contents.values()])
    over = np.flatnonzero(width > max_tokens)
    if len(over):
        raise LoaderError(
            f"{len(over):,} rows alone are more than max_tokens={max_tokens}, the first is row {over[0]} "
            f"with {width[over[0]]:,} tokens",
            option="too_long",
            value="truncate",
            hint="truncate them (too_long='truncate', max_length) or give more",
        )


def _specials(parts: tuple[Part, ...]) -> int:
    return sum(len(part.ids) for part in parts)


def _whole(texts: tuple[Texts, ...]) -> Rows:
    """(N,) the tokens of all texts of a row."""
    return sum((text.lengths for text in texts[1:]), start=texts[0].lengths)
