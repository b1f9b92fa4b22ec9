"""What was computed once for a key is not computed again."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import pairwise

import numpy as np
import pyarrow as pa

MAX_KEYS = 125_000
MAX_BYTES = 32 * 2**20
FEW = 16

Compute = Callable[[pa.Array], pa.Array]


class Memo:
    """The values of keys, remembered in Arrow arrays.

    Known and given keys are numbered by one `dictionary_encode`, which makes no Python object of a key and
    holds no GIL. When more is known than the limits allow, only what has just been asked for stays known, if
    that is within them, or else nothing: results never depend on the limits, and memory does not grow with
    the data. What is known is replaced and never changed, so that threads may share a memo; at worst they
    compute a value twice.

    >>> import pyarrow.compute as pc
    >>> words = pa.array(["a", "film", "a"], pa.large_string())
    >>> Memo().look_up([words], pc.utf8_length)[0].to_pylist()
    [1, 4, 1]

    Args:
        max_keys: how many keys are remembered at most, between calls.
        max_bytes: how many bytes their keys and values may take.
    """

    def __init__(self, *, max_keys: int = MAX_KEYS, max_bytes: int = MAX_BYTES) -> None:
        self.max_keys = max_keys
        self.max_bytes = max_bytes
        self._known: tuple[pa.Array, pa.Array] | None = None

    def look_up(self, columns: Sequence[pa.Array], compute: Compute) -> list[pa.Array]:
        """The values of some columns of keys, in which a key may come several times.

        Args:
            columns: arrays of one type, at least one.
            compute: gives the values of new keys, none of which comes twice.
        """
        known = self._known
        if known is not None and FEW * sum(map(len, columns)) < len(known[0]):
            # to go through all that is known would cost more than to compute so few
            numbers, _, values = _look_up(columns, None, compute)
        else:
            numbers, keys, values = _look_up(columns, known, compute)
            self._remember(keys, values, numbers)
        ends = np.cumsum([0, *map(len, columns)]).tolist()
        return [values.take(numbers[start:stop]) for start, stop in pairwise(ends)]

    def _remember(self, keys: pa.Array, values: pa.Array, numbers: pa.Int32Array) -> None:
        if not self._fits(keys, values):
            asked = pa.array(np.bincount(numbers, minlength=len(keys)) > 0)
            keys, values = keys.filter(asked), values.filter(asked)
        self._known = (keys, values) if self._fits(keys, values) else None

    def _fits(self, keys: pa.Array, values: pa.Array) -> bool:
        return len(keys) <= self.max_keys and keys.nbytes + values.nbytes <= self.max_bytes


def _look_up(
    columns: Sequence[pa.Array], known: tuple[pa.Array, pa.Array] | None, compute: Compute
) -> tuple[pa.Int32Array, pa.Array, pa.Array]:
    """The number of each key of all ``columns``, and the distinct keys and their values by number."""
    keys, values = known or (columns[0][:0], None)
    numbered = pa.concat_arrays([keys, *columns]).dictionary_encode()
    new = numbered.dictionary[len(keys) :]
    if len(new) or values is None:
        computed = compute(new)
        values = computed if values is None else pa.concat_arrays([values, computed])
    return numbered.indices[len(keys) :], numbered.dictionary, values
