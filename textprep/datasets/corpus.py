"""`Corpus`: a mapping of split names to `Split`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from textprep.datasets.rows import Rejected
from textprep.datasets.split import Split, check_pairs, check_split
from textprep.datasets.splits.assignment import divided
from textprep.datasets.splits.options import Division
from textprep.errors import DatasetError, UnknownNameError
from textprep.extra.kinds import Extra
from textprep.targets import Target

if TYPE_CHECKING:
    import pyarrow as pa

    from textprep.datasets.splits.options import Masks, Numbers


class Corpus(Mapping[str, Split]):
    """Texts in splits, with what a model is to learn from them: ``corpus["train"]``.

    Attributes:
        target: the kind of label; ``None`` when unlabelled.
        rejected: the rows that were left out, each with file, line, byte, column, reason and raw.
        name: of the dataset it came from.
        rows_read: how many rows the source had: those of all splits and those that were left out.
        quarantine: the folder in which the rows that were left out are kept, if they are.
        extra: columns that a model may read with the text, for ``loader(columns=…)``: name → `Extra`.
        features: what the numbers of a step are called, where rows are sequences; else none.
        notes: what people should know about how it was read, such as which columns were guessed.
        reading: the data set's name and how it was read: every option that says how rather than what, those
            that were guessed included, as JSON values.

    Raises:
        DatasetError: there are no rows at all, or a split's name or target does not fit.
    """

    def __init__(
        self,
        splits: Mapping[str, Split],
        target: Target | None = None,
        *,
        rejected: Sequence[Rejected] = (),
        name: str = "",
        rows_read: int | None = None,
        quarantine: Path | None = None,
        notes: Sequence[str] = (),
        reading: Mapping[str, Any] | None = None,
        extra: Mapping[str, Extra] | None = None,
        features: Sequence[str] = (),
    ) -> None:
        self._splits = dict(splits)
        self.target = target
        self.rejected = tuple(rejected)
        self.name = name
        kept = sum(map(len, self._splits.values())) + len(self.rejected)
        self.rows_read = kept if rows_read is None else rows_read
        self.quarantine = quarantine
        self.notes = tuple(notes)
        self.reading = dict(reading or {})
        self.extra = dict(extra or {})
        self.features = tuple(features)
        for split, rows in self._splits.items():
            check_split(split, rows, target)
        check_pairs(self._splits)
        if not any(map(len, self._splits.values())):
            raise DatasetError(f"the data set {name!r} holds no rows")

    def with_splits(self, splits: Mapping[str, Split]) -> Corpus:
        """The same corpus, its rows divided into other splits; what was left out stays on record."""
        names = ("rejected", "name", "quarantine", "notes", "reading", "extra", "features")
        return Corpus(splits, self.target, **{name: getattr(self, name) for name in names})

    def with_extra(self, extra: Mapping[str, Extra]) -> Corpus:
        """The same rows with other extra columns, whose values are of the given kinds.

        Raises:
            DatasetError: a split has no such column.
        """
        for split, rows in self.items():
            for name in extra.keys() - {*rows.table.column_names}:
                there = ", ".join(rows.table.column_names)
                raise DatasetError(f"split {split!r} has no column {name!r}; there are: {there}")
        corpus = self.with_splits(self)
        corpus.extra, corpus.rows_read = dict(extra), self.rows_read
        return corpus

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
            DatasetError: an option cannot be used, the corpus has a split of such a name already, a row lacks
                a time, or a split would be empty.
        """
        options = {"group": group, "time": time, "near_duplicates": near_duplicates, "seed": seed}
        return self.assigned(Division.of(splits=splits, **options))

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
        if isinstance(count, bool) or not isinstance(count, int) or count < 2:
            raise DatasetError(f"folds: their number is 2 or more, not {count!r:.60}")
        division = Division.of(fold=f"1/{count}", seed=seed, group=group, near_duplicates=near_duplicates)
        hint = "load the data set with splits=None, or give another name with held_out="
        numbers, notes = self._numbers(division, hint, held_out)
        each = ({"train": numbers != fold, held_out: numbers == fold} for fold in range(count))
        return (self._picked(masks, notes) for masks in each)

    def assigned(self, division: Division) -> Corpus:
        """The corpus with its ``"train"`` in the splits, or the fold, that ``division`` asks for.

        Raises:
            DatasetError: as of `divide` and `folds`.
        """
        if division.fold is None and division.splits is None:
            return self
        hint = "give another name" if division.fold is None else "load the data set with splits=None"
        numbers, notes = self._numbers(division, hint)
        return self._picked(division.masks(numbers), notes)

    def as_given(self, division: Division) -> Corpus:
        """The corpus, which came in splits, as it is.

        Raises:
            DatasetError: ``division`` asks for another one.
        """
        if option := division.exclusive:
            given = ", ".join(self)
            raise DatasetError(
                f"{self.name!r} comes in the splits {given}: there is nothing to divide by {option}=",
                option=option,
                value=None,
                hint="leave it out ('textprep check' looks for leaks between given splits)",
            )
        return self

    def _numbers(self, division: Division, hint: str, held_out: str = "test") -> tuple[Numbers, list[str]]:
        """(rows of ``"train"``,) the number of the split or fold that each comes into, and notes on them."""
        for name in (held_out,) if division.fold else division.splits or ():
            if name != "train":
                self._check_free(name, hint)
        if "train" not in self:
            raise DatasetError(f'there is no split "train" to divide; there are: {", ".join(self)}')
        train = self["train"]
        first, *second = train.compared
        return divided(division, train.table, first, train.strata(), *second)

    def _picked(self, masks: Masks, notes: Sequence[str]) -> Corpus:
        """The rows of ``"train"`` that each mask picks; further splits as they are."""
        picked = {name: self["train"].select(mask.nonzero()[0]) for name, mask in masks.items()}
        corpus = self.with_splits(picked | {name: self[name] for name in self if name != "train"})
        corpus.notes = (*self.notes, *notes)
        return corpus

    def _check_free(self, name: str, hint: str) -> None:
        if name in self:
            raise DatasetError(f"there is a split {name!r} already", hint=hint)

    @property
    def has_pairs(self) -> bool:
        """Whether rows have a second text, ``pair``; those of all splits have one, or none has."""
        return any(split.pair is not None for split in self.values())

    @property
    def specials(self) -> tuple[str, ...]:
        """The special tokens that a tokenizer of textprep's own needs to lay out the rows."""
        return tuple(dict.fromkeys(token for split in self.values() for token in split.specials))

    @property
    def class_names(self) -> tuple[str, ...]:
        """The name of each class id, ids dense from 0; empty where there are no classes."""
        return self.target.classes if self.target else ()

    @property
    def num_classes(self) -> int:
        """How many classes there are."""
        return len(self.class_names)

    def target_columns(self) -> dict[str, pa.ChunkedArray]:
        """Split name → what its target stores, of those that are labelled."""
        columns = {name: split.target_column for name, split in self.items()}
        return {name: column for name, column in columns.items() if column is not None}

    def __getitem__(self, name: str) -> Split:
        if name not in self._splits:
            raise UnknownNameError(f"there is no split {name!r}; there are: {', '.join(self._splits)}")
        return self._splits[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._splits)

    def __len__(self) -> int:
        return len(self._splits)

    def summary(self) -> str:
        """For people: what `contents` says, and notes."""
        return "\n".join([self.contents(), *self.notes])

    def contents(self) -> str:
        """For people: a line a split with its rows and what they hold; what was left out."""
        width = max(map(len, self))
        lines = [f"{name:{width}}  {split.contents()}" for name, split in self.items()]
        if self.rejected:
            where = f"quarantined in {self.quarantine}" if self.quarantine else "skipped"
            kept, left_out = self.rows_read - len(self.rejected), f"{len(self.rejected):,} {where}"
            lines.append(f"{self.rows_read:,} rows read = {kept:,} kept + {left_out}")
            lines.append(f"the first of them: {self.rejected[0]}")
        return "\n".join(lines)

    def __repr__(self) -> str:
        return f"<Corpus {self.name!r}>\n{self.summary()}"


def hold_out(corpus: Corpus, name: str, fraction: float, seed: int = 0, **options: Any) -> Corpus:
    """A corpus in which split ``name`` is taken from ``"train"``: seeded, stratified, as by `load_dataset`.

    >>> from textprep.datasets import as_corpus
    >>> corpus = as_corpus({"train": [f"text {i}" for i in range(10)]})
    >>> len(hold_out(corpus, "validation", 0.2)["validation"])
    2

    Args:
        corpus: that has no such split.
        name: of the split.
        fraction: how much of ``"train"`` it gets, between 0 and 1.
        seed: another one holds out other rows.
        **options: ``group``, ``time`` and ``near_duplicates``, as of `Corpus.divide`.

    Raises:
        DatasetError: the split is there already, there is no ``"train"``, or the fraction cannot be used.
    """
    corpus._check_free(name, "give another name")
    if not 0 < fraction < 1:
        raise DatasetError(f"the fraction to hold out lies between 0 and 1, not at {fraction!r}")
    try:
        return corpus.divide({"train": 1 - fraction, name: fraction}, seed, **options)
    except DatasetError as error:
        if error.option != "splits":
            raise
        value = f'\'{{train="FILE", {name}="FILE"}}\''
        files = f'{{"train": FILE, "{name}": FILE}}'
        hint = f"add rows that differ, or give each split a file of its own with path={files}"
        raise DatasetError(error.message, option="path", value=value, hint=hint) from error
