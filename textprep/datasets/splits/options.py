"""The options of `load_dataset` that say how rows are divided, checked before anything is read."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import islice
from typing import NamedTuple

from textprep.datasets.corpus import Corpus
from textprep.datasets.splits.division import folds_of
from textprep.datasets.splits.fractions import check_seed, checked_fold, checked_fractions
from textprep.datasets.splits.near import check_threshold
from textprep.errors import DatasetError

DEFAULT_SPLITS = {"train": 0.8, "validation": 0.1, "test": 0.1}


class Division(NamedTuple):
    """How a corpus is to be divided, as `load_dataset` was told; see there."""

    splits: Mapping[str, float] | None = DEFAULT_SPLITS
    seed: int = 0
    fold: str | None = None
    group: str | None = None
    time: str | None = None
    near_duplicates: float | None = None

    def checked(self) -> Division:
        """This division.

        Raises:
            DatasetError: an option cannot be used, or not with another.
        """
        if self.splits is not None:
            checked_fractions(self.splits)
        check_seed(self.seed)
        if self.near_duplicates is not None:
            check_threshold(self.near_duplicates)
        for option, column in (("group", self.group), ("time", self.time)):
            if column is not None and not isinstance(column, str):
                raise DatasetError(f"{option}= is the name of a column, not {column!r:.60}")
        self._check_fold()
        if self.splits is None and self.fold is None and self._special():
            raise DatasetError(f"splits=None keeps all rows together: leave out {self._special()[0]}=")
        return self

    def of(self, corpus: Corpus) -> Corpus:
        """The corpus, whose rows are all in ``"train"``, divided."""
        group, near = self.group, self.near_duplicates
        if self.fold is not None:
            number, count = checked_fold(self.fold)
            return next(islice(folds_of(corpus, count, self.seed, group, near), number - 1, None))
        if self.splits is None:
            return corpus
        return corpus.divide(self.splits, self.seed, group=group, time=self.time, near_duplicates=near)

    def of_given(self, corpus: Corpus) -> Corpus:
        """A corpus that came in splits, as it is.

        Raises:
            DatasetError: somebody wants it divided otherwise.
        """
        if self._special():
            raise DatasetError(
                f"{corpus.name!r} comes in the splits {', '.join(corpus)}: there is nothing to divide by "
                f"{self._special()[0]}=; leave it out ('textprep check' looks for leaks between given splits)"
            )
        return corpus

    def _special(self) -> list[str]:
        return [
            name for name in ("fold", "group", "time", "near_duplicates") if getattr(self, name) is not None
        ]

    def _check_fold(self) -> None:
        if self.fold is None:
            return
        checked_fold(self.fold)
        if self.time is not None:
            raise DatasetError(
                "fold= and time= exclude each other: a fold mixes past and future; use splits= with time="
            )
        if self.splits != DEFAULT_SPLITS:
            raise DatasetError('fold= and splits= exclude each other: a fold is "test", the rest "train"')
