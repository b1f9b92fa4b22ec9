"""Dividing rows into splits: by seed, class, group or time, and never one text into two splits.

Rows that may not be parted make a *unit*: those of the same text (`textprep.datasets.splits.identity`) or
group, and those that are nearly the same, if so wished. Every unit gets a rank from a hash (BLAKE2b, RFC
7693) of the seed and its texts, so the order is the same on every machine and with every version of Python
and NumPy: the same texts in another order of rows get the same splits.
"""

from __future__ import annotations

import hashlib
from collections.abc import Hashable, Iterator, Mapping, Sequence
from fractions import Fraction
from typing import Any

from textprep.datasets.corpus import Corpus
from textprep.datasets.split import Split
from textprep.datasets.splits.dealing import Unit, deal_by_class, deal_by_time
from textprep.datasets.splits.fractions import check_seed, checked_fractions
from textprep.datasets.splits.identity import identity
from textprep.datasets.splits.near import join_near
from textprep.datasets.splits.sets import DisjointSets
from textprep.datasets.splits.texts import Texts
from textprep.datasets.splits.times import instants
from textprep.errors import DatasetError, nearest_first


def divide(
    texts: Sequence[str],
    labels: Sequence[int] | None,
    splits: Mapping[str, float],
    seed: int,
    *,
    groups: Sequence[Hashable] | None = None,
    times: Sequence[float] | None = None,
    near_duplicates: float | None = None,
) -> dict[str, list[int]]:
    """The positions of the rows of each split, ascending.

    Of each class a split gets its fraction, to within one row, as long as no rows have to stay together.
    Those that have to go where most of their classes is lacking; a split can then be off by as many rows as
    the largest such unit has. By time, classes play no part.

    >>> divide(["a", "b", "c", "d", "A.", "b"], [0, 0, 0, 1, 0, 0], {"train": 0.5, "test": 0.5}, seed=0)
    {'train': [0, 2, 4], 'test': [1, 3, 5]}

    Raises:
        DatasetError: the fractions cannot be used, the seed is no whole number, or a split would be empty.
    """
    check_seed(seed)
    units = _units(texts, seed, groups, near_duplicates)
    return _dealt(units, labels or [0] * len(texts), times, checked_fractions(splits))


def divided(
    corpus: Corpus,
    fractions: dict[str, Fraction],
    seed: int,
    group: str | None,
    time: str | None,
    near_duplicates: float | None,
) -> Corpus:
    """The corpus with its ``"train"`` divided; further splits stay as they are. See `Corpus.divide`."""
    check_seed(seed)
    train = corpus["train"]
    units = _units(Texts(train.text), seed, group and _column(train, "group", group), near_duplicates)
    times = instants(time, _column(train, "time", time)) if time else None
    rows = _dealt(units, _strata(train), times, fractions)
    divided = {name: train.select(indices) for name, indices in rows.items()}
    kept = {name: split for name, split in corpus.items() if name not in divided and name != "train"}
    return corpus.with_splits({**divided, **kept})


def folds_of(
    corpus: Corpus,
    count: int,
    seed: int,
    group: str | None,
    near_duplicates: float | None,
    held_out: str = "test",
) -> Iterator[Corpus]:
    """See `Corpus.folds`."""
    if isinstance(count, bool) or not isinstance(count, int) or count < 2:
        raise DatasetError(f"folds: their number is 2 or more, not {count!r:.60}")
    if held_out in corpus:
        raise DatasetError(
            f"folds: there is a split {held_out!r} already; load the data set with splits=None, so that "
            "all its rows take part, or give another name with held_out="
        )
    names = [f"fold-{i + 1}" for i in range(count)]
    parts = divided(corpus, dict.fromkeys(names, Fraction(1, count)), seed, group, None, near_duplicates)
    return (_fold(corpus, parts, name, held_out) for name in names)


def hold_out(
    corpus: Corpus,
    name: str,
    fraction: float,
    seed: int = 0,
    *,
    group: str | None = None,
    time: str | None = None,
    near_duplicates: float | None = None,
) -> Corpus:
    """A corpus in which split ``name`` is taken from ``"train"``: seeded, stratified, as by `load_dataset`.

    >>> from textprep.datasets import as_corpus
    >>> corpus = as_corpus({"train": [f"text {i}" for i in range(10)]})
    >>> len(hold_out(corpus, "validation", 0.2)["validation"])
    2

    Raises:
        DatasetError: the split is there already, there is no ``"train"``, or the fraction cannot be used.
    """
    if name in corpus or "train" not in corpus:
        problem = f"split {name!r} is there already" if name in corpus else 'there is no split "train"'
        raise DatasetError(f"nothing to hold out: {problem}; there are: {', '.join(corpus)}")
    if not 0 < fraction < 1:
        raise DatasetError(f"the fraction to hold out lies between 0 and 1, not at {fraction!r}")
    splits = {"train": 1 - fraction, name: fraction}
    return corpus.divide(splits, seed, group=group, time=time, near_duplicates=near_duplicates)


def _units(
    texts: Sequence[str], seed: int, groups: Sequence[Hashable] | None, near_duplicates: float | None
) -> list[Unit]:
    """Rows that stay together, ranked by the smallest hash of their texts."""
    key = str(seed).encode()
    sets, ranks, identities = DisjointSets(len(texts)), [], []
    for text in texts:
        ranks.append(hashlib.blake2b(text.encode(), key=key, digest_size=16).digest())
        identities.append(hashlib.blake2b(identity(text).encode(), digest_size=16).digest())
    sets.join_equal(identities)
    if groups is not None:
        sets.join_equal(groups)
    if near_duplicates is not None:
        firsts = list({name: row for row, name in reversed(list(enumerate(identities)))}.values())
        join_near(sets, texts.__getitem__, sorted(firsts), near_duplicates)
    return sorted(sets.members(), key=lambda rows: min(ranks[row] for row in rows))


def _dealt(
    units: list[Unit], labels: Sequence[int], times: Sequence[float] | None, fractions: dict[str, Fraction]
) -> dict[str, list[int]]:
    dealt = (
        deal_by_class(units, labels, fractions) if times is None else deal_by_time(units, times, fractions)
    )
    empty = [name for name, rows in dealt.items() if not rows]
    if empty:
        rows, parts = len(labels), len(units) if times is None else len(set(times))
        together = "times" if times is not None else "texts" if parts == rows else "texts or groups"
        raise DatasetError(
            f"{rows} rows with {parts} distinct {together} are too few to divide: "
            f'split {empty[0]!r} would be empty; splits=None keeps all rows in "train"'
        )
    return {name: sorted(rows) for name, rows in dealt.items()}


def _strata(split: Split) -> list[int]:
    """The class of each row; where rows may have several, which combination of them it has."""
    if split.labels is not None:
        labels: list[int] = split.labels.tolist()
        return labels
    if "labels" not in split.table.column_names:
        return [0] * len(split)
    several = [tuple(sorted(labels)) for labels in split.table["labels"].to_pylist()]
    numbers = {labels: number for number, labels in enumerate(sorted(set(several)))}
    return [numbers[labels] for labels in several]


def _column(split: Split, option: str, name: str) -> list[Any]:
    """The values of a column, one for each row.

    Raises:
        DatasetError: there is no such column, or a row has no value in it.
    """
    if name not in split.table.column_names:
        known = ", ".join(nearest_first(name, split.table.column_names))
        raise DatasetError(f"{option}={name!r}: there is no such column; there are: {known}")
    values: list[Any] = split.table[name].to_pylist()
    for row_id, value in zip(split.row_ids.tolist(), values, strict=True):
        if value is None or value != value:  # noqa: PLR0124 - NaN
            raise DatasetError(f"{option}={name!r}: row {row_id} has no value: fill it in, or leave it out")
        if not isinstance(value, Hashable):
            raise DatasetError(
                f"{option}={name!r}: row {row_id} has {value!r:.40}: one value a row is needed"
            )
    return values


def _fold(corpus: Corpus, parts: Corpus, name: str, held_out: str) -> Corpus:
    """The corpus with one part held out and the others as ``"train"``, rows in their order."""
    import numpy as np

    train, own = corpus["train"], set(parts[name].row_ids.tolist())
    is_held = np.array([row_id in own for row_id in train.row_ids.tolist()])
    splits = {
        "train": train.select(np.flatnonzero(~is_held)),
        held_out: train.select(np.flatnonzero(is_held)),
    }
    kept = {other: split for other, split in corpus.items() if other != "train"}
    return corpus.with_splits({**splits, **kept})
