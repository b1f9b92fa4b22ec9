"""`Corpus`: a mapping of split names to `Split`."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from textprep.datasets.rows import Rejected
from textprep.datasets.split import Split
from textprep.errors import DatasetError, UnknownNameError


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
        if self.multi_label and any(split.labels is not None for split in self._splits.values()):
            raise DatasetError("some splits have one label a row, others several: load them in the same way")
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
        from textprep.datasets.loading import corpus_from_hf

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
        from textprep.datasets.splits import checked_fractions, divided

        return divided(self, checked_fractions(splits), seed, group, time, near_duplicates)

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
        from textprep.datasets.splits import folds_of

        return folds_of(self, count, seed, group, near_duplicates, held_out)

    @property
    def num_classes(self) -> int:
        """How many classes there are; 0 when unlabelled."""
        return len(self.class_names)

    @property
    def multi_label(self) -> bool:
        """Whether a row may have several labels."""
        return any(split.multi_label for split in self._splits.values())

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
        lines = [f"{name:{width}}  {split.contents()}" for name, split in self._splits.items()]
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
