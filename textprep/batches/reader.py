"""Rows copied out of a split into rectangles, a batch at a time."""

from __future__ import annotations

from collections.abc import Mapping
from operator import index
from typing import Any, Protocol, SupportsIndex

import numpy as np
import numpy.typing as npt

from textprep.batches.layout import Layout
from textprep.batches.permutation import Rows
from textprep.errors import DatasetError, LoaderError
from textprep.ragged import Ragged
from textprep.targets import ClassTarget, Target
from textprep.tokenizers.template import Template

Ids = npt.NDArray[np.integer]
ANY_CLASS = ClassTarget()


class EncodedRows(Protocol):
    """The rows that a loader reads: a `PreparedSplit`, texts encoded in memory, or your own.

    They may have more: ``fingerprint`` and ``name``, by which a saved state knows its data;
    ``check_files()``, which is called at the beginning of each pass; and columns for ``loader(columns=[…])``:
    ``extra_names``, and ``extra(name)``, which gives (N,) or (N, K), int64 of categories (0 where there is
    none, 1 where training saw no such, then 2, 3 …), float32 of numbers. It is asked often: keep them.
    """

    @property
    def lengths(self) -> Rows:
        """(N,) int64, the number of tokens of each row."""

    @property
    def target(self) -> Target | None:
        """Of which kind ``labels`` are; ``None``: a class each, or -100."""

    @property
    def labels(self) -> npt.NDArray[Any]:
        """(N, …), as the target's `array` makes it: (N,) int64 of a class."""

    @property
    def row_ids(self) -> Rows:
        """(N,) int64, the ids of the rows."""

    def __len__(self) -> int: ...

    def ids(self, row: SupportsIndex, /) -> Ids:
        """The ids of ``row``, (length,)."""


class EncodedTexts:
    """Rows of ids in memory, without labels.

    >>> EncodedTexts(Ragged.from_rows([[5], [2, 4]])).lengths.tolist()
    [1, 2]

    Args:
        ragged: the ids, of pairs those of the first texts.
        extra: further columns, as `EncodedRows` describes them.
        pair: the ids of the second texts.
        template: how a row is laid out.

    Attributes:
        lengths: (N,) int64, the number of tokens of each row.
        pair: ``lengths`` and ``ids(row)`` of the second texts; ``None`` where rows have one text.
        target: ``None``.
        labels: (N,) int64, -100 everywhere: there are no labels.
        row_ids: (N,) int64, 0, 1, 2 …
    """

    target: Target | None = None

    def __init__(
        self,
        ragged: Ragged,
        extra: Mapping[str, npt.NDArray[Any]] | None = None,
        *,
        pair: Ragged | None = None,
        template: Template = Template(),  # noqa: B008 - it is frozen
    ) -> None:
        self._ragged = ragged
        self.template = template
        self.pair: EncodedTexts | None = None if pair is None else EncodedTexts(pair, template=template)
        self._extra = dict(extra or {})
        self.lengths: npt.NDArray[np.int64] = np.diff(ragged.offsets)
        self.row_ids = np.arange(len(self.lengths), dtype=np.int64)
        self.labels = np.full(len(self.lengths), -100, dtype=np.int64)

    @property
    def extra_names(self) -> tuple[str, ...]:
        """The names of the further columns."""
        return tuple(self._extra)

    def extra(self, name: str) -> npt.NDArray[Any]:
        """A further column, (N,) or (N, K)."""
        return self._extra[name]

    def __len__(self) -> int:
        return len(self.lengths)

    def ids(self, row: SupportsIndex) -> npt.NDArray[np.integer]:
        """The ids of ``row``, (length,)."""
        number = index(row)
        offsets = self._ragged.offsets
        return self._ragged.values[offsets[number] : offsets[number + 1]]


def target_of_rows(split: EncodedRows) -> Target:
    """Of which kind the labels of ``split`` are; a class where it does not say.

    Raises:
        LoaderError: they cannot be of that kind.
    """
    target: Target = getattr(split, "target", None) or ANY_CLASS
    try:
        target.check_array(split.labels, len(split))
    except DatasetError as error:
        raise LoaderError(error.message, option=error.option, hint=error.hint) from error
    return target


class Reader:
    """Fills rectangles with the rows of a split.

    Args:
        split: the rows.
        layout: what is kept of each, and where the padding is.
    """

    def __init__(self, split: EncodedRows, layout: Layout) -> None:
        self.layout = layout
        self._split = split
        self._lengths = split.lengths
        self._head, self._tail = layout.edges((layout.max_length or 0) - layout.specials)

    def rectangle(self, rows: Rows) -> npt.NDArray[np.int64]:
        """``rows`` as the layout wants them: (B, T) int64, 0 where there is padding.

        Raises:
            LoaderError: a row does not have as many ids as the split's lengths say.
        """
        layout, whole = self.layout, self._lengths[rows]
        served = layout.lengths(whole)
        width = layout.widths(int(served.max(initial=0)))
        out = np.zeros((len(rows), width), dtype=np.int64)
        begins = width - served if layout.padding_side == "left" else np.zeros_like(served)
        if layout.start_id is not None:
            out[np.arange(len(rows)), begins] = layout.start_id
        if layout.end_id is not None:
            out[np.arange(len(rows)), begins + served - 1] = layout.end_id
        begins += layout.start_id is not None
        kept = served - layout.specials
        places = zip(rows.tolist(), begins.tolist(), whole.tolist(), kept.tolist(), strict=True)
        for line, (row, begin, length, room) in zip(out, places, strict=True):
            ids = self._split.ids(row)
            if len(ids) != length:
                raise _other_length(row, len(ids), length)
            line[begin : begin + room] = ids if room == length else self._cut(ids)
        return out

    def _cut(self, ids: Ids) -> Ids:
        """What is kept of a row that is too long."""
        head, tail = ids[: self._head], ids[len(ids) - self._tail :]
        return np.concatenate((head, tail)) if self._head and self._tail else head if self._head else tail


def _other_length(row: int, found: int, expected: int) -> LoaderError:
    return LoaderError(
        f"row {row} of the split has {found:,} ids, where its lengths say {expected:,}",
        hint="prepare it again",
    )


def token_mask(lengths: Rows, width: int, padding_side: str) -> npt.NDArray[np.bool_]:
    """(B, width) bool, True on the tokens of each row.

    >>> token_mask(np.array([2, 1]), 3, "right").astype(int).tolist()
    [[1, 1, 0], [1, 0, 0]]
    """
    columns = np.arange(width) if padding_side == "right" else np.arange(width)[::-1]
    return columns < lengths[:, None]
