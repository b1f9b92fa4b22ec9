"""Units of rows that stay together → splits: by class and hash, or by time."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from fractions import Fraction
from typing import TypeAlias

Unit: TypeAlias = "list[int]"
Dealt: TypeAlias = "dict[str, list[int]]"


def deal_by_class(units: Sequence[Unit], labels: Sequence[int], fractions: dict[str, Fraction]) -> Dealt:
    """Units of several rows first, each to the split that lacks most of its classes; then single rows.

    Single rows fill each class up to its fraction, exactly, in the order of ``units``.
    """
    dealt: Dealt = {name: [] for name in fractions}
    totals = Counter(labels[row] for unit in units for row in unit)
    needs = {
        name: {label: rows * fraction for label, rows in totals.items()}
        for name, fraction in fractions.items()
    }
    for unit in units:
        if len(unit) > 1:
            name = _neediest(Counter(labels[row] for row in unit), totals, needs, fractions)
            dealt[name] += unit
            for row in unit:
                needs[name][labels[row]] -= 1
    _fill_up(dealt, [unit for unit in units if len(unit) == 1], labels, needs)
    return dealt


def _neediest(
    unit: Counter[int],
    totals: Counter[int],
    needs: dict[str, dict[int, Fraction]],
    fractions: dict[str, Fraction],
) -> str:
    """The split that lacks the largest part of what it is to get, over the classes of the unit."""

    def lack(name: str) -> float:
        return sum(
            rows * float(needs[name][label]) / float(totals[label] * fractions[name])
            for label, rows in unit.items()
        )

    return max(fractions, key=lack)


def _fill_up(
    dealt: Dealt, singles: Sequence[Unit], labels: Sequence[int], needs: dict[str, dict[int, Fraction]]
) -> None:
    strata: dict[int, list[Unit]] = defaultdict(list)
    for unit in singles:
        strata[labels[unit[0]]].append(unit)
    owed = dict.fromkeys(dealt, Fraction(0))
    for label in sorted(strata):
        lacking = {name: max(needs[name][label], Fraction(0)) for name in dealt}
        whole = sum(lacking.values())
        quotas = quotas_of(len(strata[label]), {name: lack / whole for name, lack in lacking.items()}, owed)
        _deal(dealt, strata[label], quotas)


def deal_by_time(units: Sequence[Unit], times: Sequence[float], fractions: dict[str, Fraction]) -> Dealt:
    """The oldest rows to the first split, the newest to the last; rows of one time stay together.

    A unit has the time of its oldest row.
    """
    dealt: Dealt = {name: [] for name in fractions}
    at: dict[float, Unit] = defaultdict(list)
    for unit in units:
        at[min(times[row] for row in unit)] += unit
    quotas = quotas_of(len(times), fractions, dict.fromkeys(fractions, Fraction(0)))
    _deal(dealt, [at[time] for time in sorted(at)], quotas)
    return dealt


def quotas_of(rows: int, fractions: dict[str, Fraction], owed: dict[str, Fraction]) -> dict[str, int]:
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


def _deal(dealt: Dealt, units: Sequence[Unit], quotas: dict[str, int]) -> None:
    """Whole units, each to the split into whose quota its first row falls."""
    names, position, end, name = iter(quotas), 0, 0, ""
    for unit in units:
        while position >= end:
            name = next(names)
            end += quotas[name]
        dealt[name] += unit
        position += len(unit)
