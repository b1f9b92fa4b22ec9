"""What a person gives to say how rows are divided: fractions, a seed, one fold of several."""

from __future__ import annotations

import re
from collections.abc import Mapping
from fractions import Fraction

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
    if isinstance(seed, bool) or not isinstance(seed, int) or not 0 <= seed < 2**64:
        raise DatasetError(f"seed= is a whole number from 0 to 2**64 - 1, not {seed!r:.60}")


def checked_fold(fold: object) -> tuple[int, int]:
    """The number of a fold, from 1, and of how many it is one.

    >>> checked_fold("2/5")
    (2, 5)

    Raises:
        DatasetError: it is not of that form, or there is no such fold.
    """
    written = re.fullmatch(r"([1-9]\d{0,8})/([1-9]\d{0,8})", fold) if isinstance(fold, str) else None
    if not written or not int(written[1]) <= int(written[2]) or int(written[2]) < 2:
        raise DatasetError(f'fold= is one of several, such as "1/5" to "5/5", not {fold!r:.60}')
    return int(written[1]), int(written[2])
