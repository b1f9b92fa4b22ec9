"""Dividing rows into splits: by seed, by class, and never one text into two splits.

Every text gets a rank from a hash (BLAKE2b, RFC 7693) of the seed and the text itself, so the order is the
same on every machine and with every version of Python and NumPy, and identical texts are neighbours in it.
Each class is dealt out along that order: the same texts in another order of rows get the same splits.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Mapping, Sequence
from fractions import Fraction

from textprep.datasets.corpus import Corpus
from textprep.errors import DatasetError


def checked_fractions(splits: Mapping[str, float]) -> dict[str, Fraction]:
    """The fractions as exact numbers that sum to 1.

    >>> checked_fractions({"train": 0.9, "test": 0.1})
    {'train': Fraction(9, 10), 'test': Fraction(1, 10)}

    Raises:
        DatasetError: one is not above 0, they do not sum to 1, or none is for ``"train"``.
    """
    if not isinstance(splits, Mapping) or "train" not in splits:
        raise DatasetError(
            f'splits= maps names to fractions, one of them for "train", as in {{"train": 0.9, "test": 0.1}}; '
            f'None keeps all rows in "train"; given: {splits!r}'
        )
    for name, fraction in splits.items():
        if isinstance(fraction, bool) or not isinstance(fraction, (int, float)) or not 0 < fraction <= 1:
            raise DatasetError(
                f"splits=: the fraction of {name!r} is {fraction!r}; it must be above 0, at most 1"
            )
    if abs(sum(splits.values()) - 1) > 1e-6:
        names = ", ".join(map(str, splits))
        raise DatasetError(f"splits=: the fractions of {names} sum to {sum(splits.values()):g}, not to 1")
    exact = {name: Fraction(fraction).limit_denominator(10**6) for name, fraction in splits.items()}
    return {name: fraction / sum(exact.values()) for name, fraction in exact.items()}


def check_seed(seed: object) -> None:
    """Raise `DatasetError` unless ``seed`` can seed a division."""
    if isinstance(seed, bool) or not isinstance(seed, int) or abs(seed) >= 2**64:
        raise DatasetError(f"seed= is a whole number below 2**64, not {seed!r:.60}")


def divide(
    texts: Sequence[str], labels: Sequence[int] | None, splits: Mapping[str, float], seed: int
) -> dict[str, list[int]]:
    """The positions of the rows of each split, ascending.

    Of each class a split gets its fraction, to within one row, as long as no text occurs twice. Identical
    texts go together, to where the first of them falls (and with the class of the first, should their labels
    differ); a split can then be off by as many rows as the largest such group has.

    >>> divide(["a", "b", "c", "d", "a", "b"], [0, 0, 0, 1, 0, 0], {"train": 0.5, "test": 0.5}, seed=0)
    {'train': [0, 1, 4, 5], 'test': [2, 3]}

    Raises:
        DatasetError: the fractions cannot be used, the seed is no whole number, or a split would be empty.
    """
    fractions = checked_fractions(splits)
    check_seed(seed)
    divided: dict[str, list[int]] = {name: [] for name in fractions}
    owed = dict.fromkeys(fractions, Fraction(0))
    for groups in _strata(texts, labels, seed):
        quotas = _quotas(sum(map(len, groups)), fractions, owed)
        for name, members in _deal(groups, quotas):
            divided[name] += members
    empty = [name for name, rows in divided.items() if not rows]
    if empty:
        raise DatasetError(
            f"{len(texts)} rows with {len(set(texts))} distinct texts are too few to divide: "
            f'split {empty[0]!r} would be empty; splits=None keeps all rows in "train"'
        )
    return {name: sorted(rows) for name, rows in divided.items()}


def divide_corpus(corpus: Corpus, splits: Mapping[str, float], seed: int) -> Corpus:
    """The corpus with its ``"train"`` divided as by `divide`; further splits stay as they are."""
    train = corpus["train"]
    labels = None if train.labels is None else train.labels.tolist()
    rows = divide(train.text.to_pylist(), labels, splits, seed)
    divided = {name: train.select(indices) for name, indices in rows.items()}
    kept = {name: split for name, split in corpus.items() if name not in divided}
    return corpus.with_splits({**divided, **kept})


def hold_out(corpus: Corpus, name: str, fraction: float, seed: int = 0) -> Corpus:
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
    return divide_corpus(corpus, {"train": 1 - fraction, name: fraction}, seed)


def _strata(texts: Sequence[str], labels: Sequence[int] | None, seed: int) -> list[list[list[int]]]:
    """For each class in turn its groups of identical texts, in the order of their hashes."""
    key = str(seed).encode()
    groups: dict[bytes, list[int]] = defaultdict(list)
    for row, text in enumerate(texts):
        groups[hashlib.blake2b(text.encode(), key=key, digest_size=16).digest()].append(row)
    strata: dict[int, list[list[int]]] = defaultdict(list)
    for digest in sorted(groups):
        rows = groups[digest]
        strata[0 if labels is None else labels[rows[0]]].append(rows)
    return [strata[label] for label in sorted(strata)]


def _quotas(rows: int, fractions: dict[str, Fraction], owed: dict[str, Fraction]) -> dict[str, int]:
    """How many rows of one class each split gets; ``owed`` carries what rounding took over to the next class.

    Without the carry, a fraction of many small classes would round to nothing in every one of them.
    """
    quotas = {name: int(rows * fraction) for name, fraction in fractions.items()}
    for name, fraction in fractions.items():
        owed[name] += rows * fraction - quotas[name]
    left_over = rows - sum(quotas.values())
    for name in sorted(owed, key=lambda name: -owed[name])[:left_over]:
        quotas[name] += 1
        owed[name] -= 1
    return quotas


def _deal(groups: list[list[int]], quotas: dict[str, int]) -> list[tuple[str, list[int]]]:
    """Whole groups, each to the split into whose quota its first row falls."""
    dealt, names, position, end = [], iter(quotas), 0, 0
    name = ""
    for group in groups:
        while position >= end:
            name = next(names)
            end += quotas[name]
        dealt.append((name, group))
        position += len(group)
    return dealt
