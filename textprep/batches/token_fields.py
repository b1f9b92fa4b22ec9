"""Fields of a batch with a value for each token: labels, which token of its text each one is, and the like.

They are laid out as the ids are, by the same `Rectangle`: truncated alike, and filled with one number where
ids have special tokens and padding.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from operator import index
from typing import SupportsIndex

import numpy as np

from textprep.batches.layout import Layout
from textprep.batches.permutation import Rows
from textprep.batches.reader import NO_LABEL, EncodedRows, Ids, Texts, target_of_rows
from textprep.batches.rectangle import Rectangle
from textprep.errors import LoaderError
from textprep.template import Part

LABELS, TOKEN_INDEX = "labels", "token_index"
NO_TOKEN = -1  # special tokens and padding are tokens of no text


class TokenIndex:
    """The numbers of the tokens of each row, 0, 1, 2 …, as `Texts`.

    >>> TokenIndex(np.array([2, 3])).ids(1).tolist()
    [0, 1, 2]

    Args:
        lengths: (N,) int64, the number of tokens of each row.
    """

    def __init__(self, lengths: Rows) -> None:
        self.lengths = lengths

    def ids(self, row: SupportsIndex) -> Ids:
        """0, 1, 2 … for each token of ``row``."""
        return np.arange(self.lengths[index(row)])


def own_token_fields(split: EncodedRows) -> Mapping[str, Texts]:
    """The fields with a number for each token that the rows bring along."""
    found: Mapping[str, Texts] = getattr(split, "token_fields", {})
    return found


def token_rectangles(split: EncodedRows, parts: Sequence[Part], layout: Layout) -> dict[str, Rectangle]:
    """The rectangle of each field with a value for each token, of rows of one text.

    Args:
        split: the rows.
        parts: what a row of ids is made of.
        layout: how rows are laid out.
    """
    of_tokens = {TOKEN_INDEX: TokenIndex(split.lengths), **own_token_fields(split)}
    fields = {name: _filled(texts, parts, layout, NO_TOKEN) for name, texts in of_tokens.items()}
    if target_of_rows(split).per_token:
        fields[LABELS] = _filled(split.labels, parts, layout, NO_LABEL)
    return fields


def check_one_text(split: EncodedRows, has_pair: bool) -> None:
    """Check that rows whose target is per token have one text.

    Raises:
        LoaderError: they have two.
    """
    target = target_of_rows(split)
    if has_pair and target.per_token:
        raise LoaderError(
            f"the target {target.name!r} has a label for each token of one text, and the rows have two",
            option="pair",
            hint="read the rows without pair=",
        )


def _filled(texts: Texts, parts: Sequence[Part], layout: Layout, fill: int) -> Rectangle:
    alike = [replace(part, ids=(fill,) * len(part.ids)) for part in parts]
    return Rectangle((texts,), alike, layout, fill)
