"""`Split`: an Arrow table of texts, labels and row ids."""

from __future__ import annotations

import operator
import re
from collections.abc import Hashable, Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, overload

from textprep.datasets.spill import taken
from textprep.errors import DatasetError

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt
    import pandas as pd
    import pyarrow as pa

MOST_CLASSES_SHOWN = 6
TEXTS_AT_ONCE = 1024


class Texts(Sequence[str]):
    """A column of texts as a sequence that does not hold them: they are Python strings while looked at.

    >>> import pyarrow as pa
    >>> texts = Texts(pa.chunked_array([["a", "b"], ["c"]]))
    >>> list(texts), texts[2], len(texts)
    (['a', 'b', 'c'], 'c', 3)
    """

    def __init__(self, column: pa.ChunkedArray) -> None:
        self.column = column

    def __len__(self) -> int:
        return len(self.column)

    def __iter__(self) -> Iterator[str]:
        for chunk in self.column.chunks:
            for start in range(0, len(chunk), TEXTS_AT_ONCE):
                yield from chunk.slice(start, TEXTS_AT_ONCE).to_pylist()

    @overload
    def __getitem__(self, place: int) -> str: ...
    @overload
    def __getitem__(self, place: slice) -> Texts: ...
    def __getitem__(self, place: int | slice) -> str | Texts:
        found = self.column[place]
        return Texts(found) if isinstance(place, slice) else str(found.as_py())


class Split:
    """The rows of one split.

    Attributes:
        table: ``text`` (large_string), ``label`` (int64 class ids; absent when unlabelled), ``row_id``
            (int64), then any further columns. ``labels`` (large lists of int64) where a row may have several;
            ``pair`` (large_string) where the text has a second one.
        class_names: the name of each class id.

    Raises:
        DatasetError: the table has not these columns, or a label is no id of a class.
    """

    def __init__(self, table: pa.Table, class_names: Sequence[str] = ()) -> None:
        self.table = table
        self.class_names = tuple(class_names)
        _check_table(table, len(self.class_names))

    @property
    def text(self) -> pa.ChunkedArray:
        """The texts: large_string, no nulls."""
        return self.table["text"]

    @property
    def labels(self) -> npt.NDArray[np.int64] | None:
        """(rows,) int64 class ids; ``None`` when unlabelled, or where rows have several (`multi_hot`)."""
        from textprep.ragged import numbers

        return numbers(self.table["label"]) if "label" in self.table.column_names else None

    @property
    def multi_label(self) -> bool:
        """Whether a row may have several labels."""
        return "labels" in self.table.column_names

    def multi_hot(self) -> npt.NDArray[np.bool_]:
        """(rows, classes) bool: which of its several labels each row has.

        Raises:
            DatasetError: the rows have no several labels.
        """
        import numpy as np

        if not self.multi_label:
            raise DatasetError(
                "the rows have one label each, or none",
                option="multi_label",
                hint="load them with multi_label=",
            )
        hot = np.zeros((len(self), len(self.class_names)), dtype=bool)
        lists = self.table["labels"].combine_chunks()
        rows = np.repeat(np.arange(len(self)), lists.value_lengths().to_numpy())
        hot[rows, lists.flatten().to_numpy()] = True
        return hot

    def strata(self) -> list[Hashable]:
        """Of each row its class id, the sorted ids where it may have several, ``None`` where it has none."""
        if self.multi_label:
            return [tuple(sorted(labels)) for labels in self.table["labels"].to_pylist()]
        labels = self.labels
        return [None] * len(self) if labels is None else labels.tolist()

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
        return Split(taken(self.table, positions), self.class_names)

    def rows(self, start: int, stop: int) -> Split:
        """The rows from ``start`` to before ``stop``, nothing copied."""
        return Split(self.table.slice(start, stop - start), self.class_names)

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
        import pandas as pd

        frame = self.table.to_pandas()
        if "label" in frame:
            frame["label"] = pd.Categorical.from_codes(frame["label"], list(self.class_names))
        if "labels" in frame:
            frame["labels"] = [[self.class_names[label] for label in labels] for labels in frame["labels"]]
        return frame

    def class_counts(self) -> dict[str, int]:
        """Class name → rows that have it; empty when unlabelled."""
        import numpy as np

        labels = self.labels
        if self.multi_label:
            labels = self.table["labels"].combine_chunks().flatten().to_numpy()
        if labels is None:
            return {}
        counts = np.bincount(labels, minlength=len(self.class_names))
        return dict(zip(self.class_names, counts.tolist(), strict=True))

    def __repr__(self) -> str:
        return f"<Split: {self.contents()}>"

    def contents(self) -> str:
        """For people: how many rows, and of which classes."""
        counts = self.class_counts()
        if not counts:
            return f"{len(self):,} rows, unlabelled"
        shown = [f"{name} {count:,}" for name, count in counts.items()][:MOST_CLASSES_SHOWN]
        more = f" and {len(counts) - len(shown)} more classes" if len(counts) > len(shown) else ""
        return f"{len(self):,} rows: {', '.join(shown)}{more}"


def _check_table(table: pa.Table, num_classes: int) -> None:
    import pyarrow as pa
    import pyarrow.compute as pc

    types = {"text": pa.large_string(), "label": pa.int64(), "row_id": pa.int64(), "pair": pa.large_string()}
    for name, wanted in types.items():
        if name not in table.column_names:
            if name in ("text", "row_id"):
                raise DatasetError(f"a split's table needs a column {name!r} of {wanted}")
        elif table.schema.field(name).type != wanted or table[name].null_count:
            held = f"{table.schema.field(name).type} with {table[name].null_count} nulls"
            raise DatasetError(f"the column {name!r} of a split is {wanted} without nulls, not {held}")
    if "label" in table.column_names and table.num_rows:
        lowest, highest = pc.min_max(table["label"]).as_py().values()
        if lowest < 0 or highest >= num_classes:
            raise DatasetError(
                f"labels run from {lowest} to {highest}, but there are {num_classes} class names"
            )
    if "labels" in table.column_names and table.schema.field("labels").type != pa.large_list(pa.int64()):
        raise DatasetError(f"the column 'labels' of a split is lists of int64, not {table['labels'].type}")


def check_split(name: object, split: object, class_names: tuple[str, ...]) -> None:
    """Raise `DatasetError` if it is no split of a corpus with these classes, or cannot be called so."""
    if not isinstance(name, str) or not re.fullmatch(r"\w+([.-]\w+)*", name):
        raise DatasetError(f"a split cannot be called {name!r}: use letters, digits and _, joined by . or -")
    if not isinstance(split, Split):
        raise DatasetError(
            f"split {name!r} is {type(split).__name__}, not a Split; see textprep.datasets.as_corpus"
        )
    if split.labels is not None and split.class_names != class_names:
        own, whole = ", ".join(split.class_names), ", ".join(class_names)
        raise DatasetError(f"split {name!r} has the classes {own}; the corpus has {whole}")
