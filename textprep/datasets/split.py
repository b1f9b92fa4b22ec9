"""`Split`: an Arrow table of texts or sequences, targets and row ids."""

from __future__ import annotations

import operator
import re
from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from textprep.datasets.spill import taken
from textprep.errors import DatasetError
from textprep.inputs import TextInput, Texts, check_column, features_of, input_of
from textprep.targets import Target
from textprep.vocabulary import SEP

__all__ = ["Split", "Texts", "check_pairs", "check_split"]

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt
    import pandas as pd
    import pyarrow as pa


class Split:
    """The rows of one split.

    Attributes:
        table: ``text`` (large_string), or ``sequence`` (large_list of fixed_size_list of float32) and
            ``name``; ``row_id`` (int64); ``pair`` (large_string) where a text has a second one; what the
            target stores (``label`` or ``labels``; absent when unlabelled), and any further columns.
        target: what a model is to learn from a row; ``None`` when nothing is.

    Raises:
        DatasetError: the table has not these columns, or a value of the target means nothing.
    """

    def __init__(self, table: pa.Table, target: Target | None = None) -> None:
        self.table = table
        self.target = target
        _check_table(table)
        column = self.target_column
        if target is not None and column is not None:
            target.check_stored(column)

    @property
    def text(self) -> pa.ChunkedArray:
        """The texts: large_string, no nulls.

        Raises:
            DatasetError: the rows are sequences of numbers.
        """
        if "text" not in self.table.column_names:
            raise DatasetError("the rows are sequences of numbers, and have no texts: read split.sequence")
        return self.table["text"]

    @property
    def sequence(self) -> pa.ChunkedArray:
        """The sequences of numbers: large_list of fixed_size_list of float32, no nulls.

        Raises:
            DatasetError: the rows are texts.
        """
        if self.features is None:
            raise DatasetError("the rows are texts, and have no sequences of numbers: read split.text")
        return self.table["sequence"]

    @property
    def features(self) -> int | None:
        """How many numbers a step of a sequence has; ``None`` where rows are texts."""
        column = self.table.schema.field(self.input.column)
        return features_of(column.type)

    @property
    def input(self) -> TextInput:
        """The kind of input that the rows are."""
        return input_of(self.table)

    @property
    def inputs(self) -> tuple[pa.ChunkedArray, ...]:
        """What is learned from and stored: the texts, of pairs both, or the sequences."""
        return self.input.columns(self.table)

    @property
    def compared(self) -> tuple[Sequence[str], ...]:
        """By what two rows are told to be the same: their texts, or a digest of their numbers."""
        return self.input.compared(self.table)

    @property
    def pair(self) -> pa.ChunkedArray | None:
        """The second text of each row: large_string, no nulls; ``None`` where rows have one text."""
        return self.table["pair"] if "pair" in self.table.column_names else None

    @property
    def texts(self) -> tuple[pa.ChunkedArray, ...]:
        """`text`, and `pair` where rows have a second text."""
        return (self.text,) if self.pair is None else (self.text, self.pair)

    @property
    def target_column(self) -> pa.ChunkedArray | None:
        """The column that the target stores; ``None`` when unlabelled."""
        column = None if self.target is None else self.target.column
        return None if column is None or column not in self.table.column_names else self.table[column]

    @property
    def has_target(self) -> bool:
        """Whether there is something to learn from the rows: they are labelled, or their texts are enough."""
        return self.target_column is not None or (self.target is not None and self.target.from_text)

    @property
    def specials(self) -> tuple[str, ...]:
        """The special tokens that a tokenizer of textprep's own needs to lay out the rows."""
        return ((SEP,) if self.pair is not None else ()) + (self.target.specials if self.target else ())

    @property
    def labels(self) -> npt.NDArray[Any] | None:
        """The labels as an array; ``None`` when unlabelled.

        (rows,) int64 class ids; (rows, classes) int8 of 0 and 1 where a row may have several; (rows,) or
        (rows, columns) float64 of numbers.
        """
        column, target = self.target_column, self.target
        return None if column is None or target is None else target.array(column, len(self))

    @property
    def class_names(self) -> tuple[str, ...]:
        """The name of each class id; none where there are no classes."""
        return self.target.classes if self.target else ()

    def strata(self) -> list[Hashable]:
        """What rows are stratified by, such as their class; ``None`` if by nothing."""
        column, target = self.target_column, self.target
        return [None] * len(self) if column is None or target is None else target.strata(column)

    @property
    def row_ids(self) -> npt.NDArray[np.int64]:
        """(rows,) int64 positions in the source, over all rows read."""
        from textprep.ragged import numbers

        return numbers(self.table["row_id"])

    def __len__(self) -> int:
        return int(self.table.num_rows)

    def __iter__(self) -> Iterator[dict[str, Any]]:
        for batch in self.table.to_batches(max_chunksize=1024):
            yield from batch.to_pylist()

    def __getitem__(self, index: int) -> dict[str, Any]:
        """Row ``index`` as a dict; counted from the end when negative.

        Raises:
            TypeError: ``index`` is no whole number; says how to have several rows, or a column.
            IndexError: there are not so many rows.
        """
        if isinstance(index, (slice, str)):
            several, column = "several are split.rows(start, stop)", f"a column is split.table[{index!r}]"
            instead = column if isinstance(index, str) else several
            raise TypeError(f"a split gives one row by its number: {instead}")
        position = operator.index(index)
        if not -len(self) <= position < len(self):
            raise IndexError(f"there is no row {position}: the split has {len(self)} rows")
        row: dict[str, Any] = self.table.slice(position % len(self), 1).to_pylist()[0]
        return row

    def select(self, indices: Iterable[int]) -> Split:
        """A split of the rows at ``indices``, in their order."""
        import numpy as np

        positions = np.asarray(indices if isinstance(indices, np.ndarray) else list(indices), np.int64)
        return Split(taken(self.table, positions), self.target)

    def rows(self, start: int, stop: int) -> Split:
        """The rows from ``start`` to before ``stop``, nothing copied."""
        return Split(self.table.slice(start, stop - start), self.target)

    def head(self, count: int = 5) -> pd.DataFrame:
        """The first rows, as `to_pandas` gives them."""
        return self.rows(0, count).to_pandas()

    def to_pandas(self) -> pd.DataFrame:
        """All rows and columns as a ``pandas.DataFrame``, copied.

        ``label`` is categorical, of the class names in the order of their ids (``.cat.codes``); ``labels``,
        where a row may have several, are lists of names. `tp.load_dataset("memory", rows=…)` takes it back.

        >>> from textprep.datasets import as_corpus
        >>> as_corpus({"train": [("Great.", "good"), ("Dull.", "bad")]})["train"].to_pandas()
             text label  row_id
        0  Great.  good       0
        1   Dull.   bad       1
        """
        frame = self.table.to_pandas()
        if self.target is not None and self.target_column is not None:
            frame[self.target.column] = self.target.pandas(frame[self.target.column])
        return frame

    def class_counts(self) -> dict[str, int]:
        """Class name → rows that have it; empty where there are no classes."""
        column = self.target_column
        return {} if column is None or self.target is None else self.target.counts(column)

    def __repr__(self) -> str:
        return f"<Split: {self.contents()}>"

    def contents(self) -> str:
        """For people: how many rows, and of which classes, or what numbers."""
        column = self.target_column
        if self.target is not None and self.target.from_text:
            return f"{len(self):,} rows"
        if column is None or self.target is None:
            return f"{len(self):,} rows, unlabelled"
        said = self.target.describe(column)
        return f"{len(self):,} rows: {said}" if said else f"{len(self):,} rows"


def _check_table(table: pa.Table) -> None:
    import pyarrow as pa

    check_column(table, "row_id", pa.int64())
    input_of(table).check(table)


def check_pairs(splits: Mapping[str, Split]) -> None:
    """Raise `DatasetError` if the rows of some splits have a second text, and those of others have none."""
    single = [name for name, split in splits.items() if split.pair is None]
    if single and len(single) < len(splits):
        pairs = next(name for name in splits if name not in single)
        raise DatasetError(
            f"split {single[0]!r} has no second texts, and split {pairs!r} has",
            option="pair",
            hint="load both with the same pair=",
        )


def check_split(name: object, split: object, target: Target | None) -> None:
    """Raise `DatasetError` if it is no split of a corpus with this target, or cannot be called so."""
    if not isinstance(name, str) or not re.fullmatch(r"\w+([.-]\w+)*", name):
        raise DatasetError(f"a split cannot be called {name!r}: use letters, digits and _, joined by . or -")
    if not isinstance(split, Split):
        raise DatasetError(
            f"split {name!r} is {type(split).__name__}, not a Split; see textprep.datasets.as_corpus"
        )
    if split.target_column is None or split.target == target:
        return
    if split.target is not None and target is not None and split.target.name == target.name:
        own, whole = ", ".join(split.target.classes), ", ".join(target.classes)
        raise DatasetError(f"split {name!r} has the classes {own}; the corpus has {whole}")
    own, whole = (repr(kind.name) if kind else "none" for kind in (split.target, target))
    raise DatasetError(
        f"split {name!r} has the target {own}; the corpus has {whole}: load them in the same way"
    )
