"""Texts → the split number of each row: by seed, class, group or time, and never one text in two splits.

Rows that must stay together make a *unit*: those of the same text, or of the same two texts where rows are
pairs (`textprep.datasets.splits.identity`), or group, and those that are nearly the same, if so wished. Every
unit gets a rank from a hash (BLAKE2b, RFC 7693) of the seed and its texts, so the order is the same on every
machine and with every version of Python and NumPy: the same texts in another order of rows get the same
splits.
"""

from __future__ import annotations

import hashlib
from collections import Counter, defaultdict
from collections.abc import Hashable, Iterator, Mapping, Sequence
from fractions import Fraction
from typing import TYPE_CHECKING, Any, TypeAlias

from textprep.datasets.splits.identity import DisjointSets, row_digests
from textprep.datasets.splits.near import join_near
from textprep.datasets.splits.options import Division
from textprep.datasets.splits.times import groups_of, instants, values_of
from textprep.errors import DatasetError

if TYPE_CHECKING:
    import pyarrow as pa

    from textprep.datasets.splits.options import Numbers

Unit: TypeAlias = "list[int]"
Placed: TypeAlias = "Iterator[tuple[Unit, int]]"
"""Units, each with the number of the split that it comes into."""


def divided(
    division: Division,
    table: pa.Table,
    texts: Sequence[str],
    strata: Sequence[Hashable],
    pair: Sequence[str] | None = None,
) -> tuple[Numbers, list[str]]:
    """The number of the split or fold that each row of a table comes into, and notes on that.

    Raises:
        DatasetError: a column is missing or cannot be used, or a split would be empty.
    """
    notes: list[str] = []
    groups = times = None
    if division.group is not None:
        groups, notes = groups_of(division.group, table)
    if division.time is not None:
        times = instants(division.time, values_of(table, "time", division.time))
    try:
        numbers = assign(
            texts, division.fractions, division.seed, strata=strata, groups=groups, times=times,
            near_duplicates=division.near_duplicates, pair=pair,
        )  # fmt: skip
    except DatasetError as error:
        if division.fold is None:
            raise
        raise DatasetError(error.message, option="fold", hint="ask for fewer folds") from error
    return numbers, notes


def assign(
    texts: Sequence[str],
    fractions: Mapping[str, Fraction],
    seed: int,
    *,
    strata: Sequence[Any] | None = None,
    groups: Sequence[Hashable] | None = None,
    times: Sequence[float] | None = None,
    near_duplicates: float | None = None,
    pair: Sequence[str] | None = None,
) -> Numbers:
    """The number of the split that each row comes into.

    Of each stratum a split gets its fraction, to within one row, as long as no rows have to stay together.
    Those that have to go where most of their strata is lacking; a split can then be off by as many rows as
    the largest such unit has. By time, strata play no part.

    >>> halves = {"train": Fraction(1, 2), "test": Fraction(1, 2)}
    >>> assign(["a", "b", "c", "d", "A.", "b"], halves, seed=0, strata=[0, 0, 0, 1, 0, 0])
    array([0, 1, 0, 1, 0, 1], dtype=int8)

    Args:
        texts: of each row; gone through once, and once more for near duplicates.
        fractions: split name → share of the rows; together 1.
        seed: another one gives other splits.
        strata: the class of each row; sortable.
        groups: of each row; rows of one group stay together.
        times: of each row; the oldest rows go to the first split, the newest to the last.
        near_duplicates: texts that overlap by so much stay together.
        pair: the second text of each row: rows stay together where both of their texts are the same, or
            nearly so; two that share one of them may come into two splits (a ``group`` keeps those together).

    Returns:
        (rows,) int8, or a wider type where there are more splits than it holds.

    Raises:
        DatasetError: a split would be empty.
    """
    import numpy as np

    shares = list(fractions.values())
    numbers = np.zeros(len(texts), np.min_scalar_type(-len(shares)))
    units = _units(texts, pair, seed, groups, near_duplicates)
    placed = (
        list(_by_time(units, times, shares))
        if times is not None
        else _none_empty(list(_by_stratum(units, strata or [0] * len(texts), shares)), len(shares))
    )
    for unit, number in placed:
        numbers[unit] = number
    filled = {number for _, number in placed}
    for number, name in enumerate(fractions):
        if number not in filled:
            raise _too_few(name, len(texts), len(units), times, groups)
    return numbers


def _units(
    texts: Sequence[str],
    pair: Sequence[str] | None,
    seed: int,
    groups: Sequence[Hashable] | None,
    near_duplicates: float | None,
) -> list[Unit]:
    """Rows that stay together, ranked by the smallest hash of their texts."""
    columns = [texts] if pair is None else [texts, pair]
    ranks = [b"".join(_rank(text, seed) for text in of_row) for of_row in zip(*columns, strict=True)]
    digests = list(row_digests(*columns))
    sets = DisjointSets(len(digests))
    sets.join_equal(digests)
    if groups is not None:
        sets.join_equal(groups)
    if near_duplicates is not None:
        join_near(sets, texts, digests, near_duplicates, pair)
    return sorted(sets.members(), key=lambda rows: min(ranks[row] for row in rows))


def _rank(text: str, seed: int) -> bytes:
    return hashlib.blake2b(text.encode(), key=str(seed).encode(), digest_size=16).digest()


def _by_stratum(units: Sequence[Unit], strata: Sequence[Any], shares: Sequence[Fraction]) -> Placed:
    """Units of several rows first, each to the split that lacks most of its strata; then single rows.

    Single rows fill each stratum up to its fraction, exactly, in the order of ``units``.
    """
    totals = Counter(strata[row] for unit in units for row in unit)
    needs = [{stratum: rows * share for stratum, rows in totals.items()} for share in shares]

    def neediest(unit: Counter[Any]) -> int:
        """The split that lacks the largest part of what it is to get, over the strata of the unit."""

        def lack(number: int) -> float:
            return sum(
                rows * float(needs[number][stratum]) / float(totals[stratum] * shares[number])
                for stratum, rows in unit.items()
            )

        return max(range(len(shares)), key=lack)

    singles: dict[Any, list[Unit]] = defaultdict(list)
    for unit in units:
        if len(unit) == 1:
            singles[strata[unit[0]]].append(unit)
            continue
        held = Counter(strata[row] for row in unit)
        number = neediest(held)
        for stratum, rows in held.items():
            needs[number][stratum] -= rows
        yield unit, number
    owed = [Fraction(0)] * len(shares)
    for stratum in sorted(singles):
        lacking = [max(need[stratum], Fraction(0)) for need in needs]
        rest = [lack / sum(lacking) for lack in lacking]
        yield from _filled(singles[stratum], _quotas(len(singles[stratum]), rest, owed))


def _none_empty(placed: list[tuple[Unit, int]], splits: int) -> list[tuple[Unit, int]]:
    """The units, so that a split without any has one of the split that has most, where there are enough."""
    for number in range(splits if len(placed) >= splits else 0):
        held = Counter(split for _, split in placed)
        if number not in held:
            fullest = held.most_common(1)[0][0]
            last = max(at for at, (_, split) in enumerate(placed) if split == fullest)
            placed[last] = (placed[last][0], number)
    return placed


def _by_time(units: Sequence[Unit], times: Sequence[float], shares: Sequence[Fraction]) -> Placed:
    """The oldest rows to the first split, the newest to the last; rows of one time stay together.

    A unit has the time of its oldest row.
    """
    at: dict[float, Unit] = defaultdict(list)
    for unit in units:
        at[min(times[row] for row in unit)] += unit
    quotas = _quotas(len(times), shares, [Fraction(0)] * len(shares))
    return _filled([at[time] for time in sorted(at)], quotas)


def _quotas(rows: int, shares: Sequence[Fraction], owed: list[Fraction]) -> list[int]:
    """How many of some rows each split gets; ``owed`` carries what rounding took over to the next stratum.

    Without the carry, a fraction of many small strata would round to nothing in every one of them.
    """
    quotas = [int(rows * share) for share in shares]
    for number, share in enumerate(shares):
        owed[number] += rows * share - quotas[number]
    for number in sorted(range(len(shares)), key=lambda number: -owed[number])[: rows - sum(quotas)]:
        quotas[number] += 1
        owed[number] -= 1
    return quotas


def _filled(units: Sequence[Unit], quotas: Sequence[int]) -> Placed:
    """Whole units, each to the split into whose quota its first row falls."""
    number, position, end = 0, 0, quotas[0]
    for unit in units:
        while position >= end:
            number += 1
            end += quotas[number]
        yield unit, number
        position += len(unit)


def _too_few(
    name: str, rows: int, units: int, times: Sequence[float] | None, groups: Sequence[Hashable] | None
) -> DatasetError:
    distinct = units if times is None else len(set(times))
    one = "time" if times is not None else "text" if groups is None else "text and group"
    alone = "" if distinct > 1 else f", to look at; training takes a second {one}, or a file for each split"
    return DatasetError(
        f"{rows} rows with {distinct} distinct {one}s are too few to divide: split {name!r} would be empty",
        option="splits",
        value=None,
        hint=f'splits=None keeps all rows in "train"{alone}',
    )
