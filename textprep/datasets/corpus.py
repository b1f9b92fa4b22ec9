"""`Corpus`: a mapping of split names to `Split`; a split is an Arrow table of texts, labels and row ids."""

from __future__ import annotations

import operator
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from textprep.datasets.rows import Rejected
from textprep.datasets.spill import taken
from textprep.errors import DatasetError, UnknownNameError

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt
    import pyarrow as pa

MOST_CLASSES_SHOWN = 6


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
        """(rows,) int64 class ids; ``None`` when unlabelled."""
        return self.table["label"].to_numpy() if "label" in self.table.column_names else None

    def multi_hot(self) -> npt.NDArray[np.bool_]:
        """(rows, classes) bool: which of its several labels each row has.

        Raises:
            DatasetError: the rows have no several labels.
        """
        import numpy as np

        if "labels" not in self.table.column_names:
            raise DatasetError("the rows have one label each, or none: load them with multi_label=")
        hot = np.zeros((len(self), len(self.class_names)), dtype=bool)
        lists = self.table["labels"].combine_chunks()
        rows = np.repeat(np.arange(len(self)), lists.value_lengths().to_numpy())
        hot[rows, lists.flatten().to_numpy()] = True
        return hot

    @property
    def row_ids(self) -> npt.NDArray[np.int64]:
        """(rows,) int64 positions in the source, over all rows read."""
        return self.table["row_id"].to_numpy()  # type: ignore[no-any-return]

    def __len__(self) -> int:
        return int(self.table.num_rows)

    def __iter__(self) -> Iterator[dict[str, Any]]:
        for batch in self.table.to_batches(max_chunksize=1024):
            yield from batch.to_pylist()

    def __getitem__(self, index: int) -> dict[str, Any]:
        """Row ``index`` as a dict; counted from the end when negative."""
        position = operator.index(index)
        if not -len(self) <= position < len(self):
            raise IndexError(f"there is no row {position}: the split has {len(self)} rows")
        row: dict[str, Any] = self.table.slice(position % len(self), 1).to_pylist()[0]
        return row

    def select(self, indices: Iterable[int]) -> Split:
        """A split of the rows at ``indices``, in their order."""
        import numpy as np

        positions = np.array(list(indices), dtype=np.int64)
        return Split(taken(self.table, positions), self.class_names)

    def class_counts(self) -> dict[str, int]:
        """Class name → rows that have it; empty when unlabelled."""
        import numpy as np

        labels = self.labels
        if "labels" in self.table.column_names:
            labels = self.table["labels"].combine_chunks().flatten().to_numpy()
        if labels is None:
            return {}
        counts = np.bincount(labels, minlength=len(self.class_names))
        return dict(zip(self.class_names, counts.tolist(), strict=True))

    def __repr__(self) -> str:
        return f"<Split: {self._contents()}>"

    def _contents(self) -> str:
        counts = self.class_counts()
        if not counts:
            return f"{len(self):,} rows, unlabelled"
        shown = [f"{name} {count:,}" for name, count in counts.items()][:MOST_CLASSES_SHOWN]
        more = f" and {len(counts) - len(shown)} more classes" if len(counts) > len(shown) else ""
        return f"{len(self):,} rows: {', '.join(shown)}{more}"


class Corpus(Mapping[str, Split]):
    """Labelled texts in splits: ``corpus["train"]``.

    Attributes:
        class_names: the name of each class id, ids dense from 0; empty when unlabelled.
        rejected: the rows that were left out, each with file, line, byte, column, reason and raw.
        name: of the dataset it came from.
        rows_read: how many rows the source had: those of all splits and those that were left out.
        quarantine: the folder in which the rows that were left out are kept, if they are.
        notes: what people should know about how it was read, such as which columns were guessed.

    Raises:
        DatasetError: there are no rows at all, or a split's name or classes do not fit.
    """

    def __init__(
        self,
        splits: Mapping[str, Split],
        class_names: Sequence[str] = (),
        *,
        rejected: Sequence[Rejected] = (),
        name: str = "",
        rows_read: int | None = None,
        quarantine: Path | None = None,
        notes: Sequence[str] = (),
    ) -> None:
        self._splits = dict(splits)
        self.class_names = tuple(class_names)
        self.rejected = tuple(rejected)
        self.name = name
        kept = sum(map(len, self._splits.values()))
        self.rows_read = kept + len(self.rejected) if rows_read is None else rows_read
        self.quarantine = quarantine
        self.notes = tuple(notes)
        for split_name, split in self._splits.items():
            _check_split(split_name, split, self.class_names)
        if not any(map(len, self._splits.values())):
            raise DatasetError(f"the data set {name!r} holds no rows")

    @classmethod
    def from_hf(cls, data: Any, *, text: str = "text", label: str | None = "label") -> Corpus:
        """A ``datasets.Dataset``, which becomes ``"train"``, or a ``datasets.DatasetDict`` as a corpus.

        What is memory-mapped stays so: its texts become no Python objects and are not copied.

        Args:
            data: the rows.
            text: the column that holds the texts.
            label: the column that holds the labels, where there is one; ``None`` for unlabelled rows.

        Raises:
            DatasetError: it is something else, or a row cannot be used.
        """
        from textprep.datasets.in_hand import corpus_from_hf

        return corpus_from_hf(data, text, label)

    def with_splits(self, splits: Mapping[str, Split]) -> Corpus:
        """The same corpus, its rows divided into other splits; what was left out stays on record."""
        kept = {name: getattr(self, name) for name in ("rejected", "name", "quarantine", "notes")}
        return Corpus(splits, self.class_names, **kept)

    def divide(
        self,
        splits: Mapping[str, float],
        seed: int = 0,
        *,
        group: str | None = None,
        time: str | None = None,
        near_duplicates: float | None = None,
    ) -> Corpus:
        """The corpus with its ``"train"`` divided; further splits stay as they are.

        >>> from textprep.datasets import as_corpus
        >>> rows = [{"text": f"text {i}", "author": i // 10} for i in range(50)]
        >>> corpus = as_corpus({"train": rows}).divide({"train": 0.8, "test": 0.2}, group="author")
        >>> len(corpus["train"]), {row["author"] for row in corpus["test"]}
        (40, {2})

        Args:
            splits: split name → fraction, one of them for ``"train"``.
            seed, group, time, near_duplicates: as of `textprep.load_dataset`.

        Raises:
            DatasetError: an option cannot be used, a row lacks a group or a time, or a split would be empty.
        """
        from textprep.datasets.splits.division import divide_corpus

        return divide_corpus(self, splits, seed, group=group, time=time, near_duplicates=near_duplicates)

    def folds(
        self,
        count: int,
        seed: int = 0,
        *,
        held_out: str = "test",
        group: str | None = None,
        near_duplicates: float | None = None,
    ) -> Iterator[Corpus]:
        """Cross-validation: ``count`` corpora, in each of which another part of ``"train"`` is held out.

        Stratified, and every row is held out once. Further splits are in each of them as they are.

        >>> from textprep.datasets import as_corpus
        >>> corpus = as_corpus({"train": [(f"text {i}", i % 2) for i in range(10)]})
        >>> [fold["test"].row_ids.tolist() for fold in corpus.folds(5)]
        [[0, 9], [3, 4], [2, 5], [6, 7], [1, 8]]

        Args:
            count: how many folds, 2 or more.
            held_out: what the part that is held out is called.
            seed, group, near_duplicates: as of `textprep.load_dataset`.

        Raises:
            DatasetError: an option cannot be used, the corpus has a split of that name already, or there are
                too few rows.
        """
        from textprep.datasets.splits.division import folds_of

        return folds_of(self, count, seed, held_out=held_out, group=group, near_duplicates=near_duplicates)

    @property
    def num_classes(self) -> int:
        """How many classes there are; 0 when unlabelled."""
        return len(self.class_names)

    def __getitem__(self, name: str) -> Split:
        if name not in self._splits:
            raise UnknownNameError(f"there is no split {name!r}; there are: {', '.join(self._splits)}")
        return self._splits[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._splits)

    def __len__(self) -> int:
        return len(self._splits)

    def summary(self) -> str:
        """For people: a line a split with its rows and class counts; what was left out; notes."""
        width = max(map(len, self._splits))
        lines = [f"{name:{width}}  {split._contents()}" for name, split in self._splits.items()]
        if self.rejected:
            lines += [self._account(), f"the first of them: {self.rejected[0]}"]
        return "\n".join([*lines, *self.notes])

    def _account(self) -> str:
        """Every row that was read, and where it went."""
        left_out = f"{len(self.rejected):,} skipped"
        if self.quarantine:
            left_out = f"{len(self.rejected):,} quarantined in {self.quarantine}"
        return f"{self.rows_read:,} rows read = {self.rows_read - len(self.rejected):,} kept + {left_out}"

    def __repr__(self) -> str:
        return f"<Corpus {self.name!r}>\n{self.summary()}"


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


def _check_split(name: object, split: object, class_names: tuple[str, ...]) -> None:
    if not isinstance(name, str) or not re.fullmatch(r"\w+([.-]\w+)*", name):
        raise DatasetError(f"a split cannot be called {name!r}: use letters, digits and _, joined by . or -")
    if not isinstance(split, Split):
        raise DatasetError(
            f"split {name!r} is {type(split).__name__}, not a Split; see textprep.datasets.as_corpus"
        )
    if split.labels is not None and split.class_names != class_names:
        own, whole = ", ".join(split.class_names), ", ".join(class_names)
        raise DatasetError(f"split {name!r} has the classes {own}; the corpus has {whole}")
