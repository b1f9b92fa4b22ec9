"""Which rows go into which batch: a pure function of lengths, options, seed and epoch.

Shuffled by length, all rows are put in random order first and cut into windows of `WINDOW` batches; each
window is sorted by length and cut into batches, and the batches of all windows are put in random order.
So a row shares its batch with rows of nearly its length, drawn at random from a window of 6,400 rows (at
batches of 64). Where there are fewer than four times `WINDOW` batches, a window holds a quarter of them: who
shares a batch with whom changes from epoch to epoch in small data too.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Rows = npt.NDArray[np.int64]

WINDOW = 100


def plan_batches(
    lengths: npt.ArrayLike,
    *,
    batch_size: int,
    shuffle: bool,
    by_length: bool,
    seed: int = 0,
    epoch: int = 0,
    drop_last: bool = False,
) -> list[Rows]:
    """The rows of every batch of one epoch, in order.

    Random order comes from raw words of PCG64 and a stable sort, so it is the same on every machine and
    in every NumPy version.

    >>> [rows.tolist() for rows in plan_batches([3, 9, 1, 8, 2], batch_size=2, shuffle=False, by_length=True)]
    [[1, 3], [0, 4], [2]]

    Args:
        lengths: (N,) tokens of each row, as they will be padded.
        batch_size: rows in a batch; the rest makes one smaller batch.
        shuffle: random order, another one in each epoch; without it, order is kept.
        by_length: rows of similar length share a batch. Without ``shuffle`` the longest come first, so that
            a batch that does not fit into memory fails at once and not at the end.
        seed: of the random order; not negative.
        epoch: which epoch is planned, from 0.
        drop_last: leave out the N modulo ``batch_size`` rows that fill no batch: the last ones of the
            given or of the random order, before any sorting, so that no length is favoured.

    Returns:
        (batch size,) int64 arrays of row numbers; every row is in exactly one, but for ``drop_last``.
    """
    lengths = np.asarray(lengths, dtype=np.int64)
    words = np.random.PCG64(np.random.SeedSequence([seed, epoch]))
    rows = _permutation(words, len(lengths)) if shuffle else np.arange(len(lengths))
    if drop_last:
        rows = rows[: len(rows) - len(rows) % batch_size]
    if by_length:
        rows = _sorted_in_windows(rows, lengths, batch_size) if shuffle else _longest_first(rows, lengths)
    batches = [rows[start : start + batch_size] for start in range(0, len(rows), batch_size)]
    if by_length and shuffle:
        batches = [batches[number] for number in _permutation(words, len(batches))]
    return batches


def _permutation(words: np.random.PCG64, size: int) -> Rows:
    return np.argsort(words.random_raw(size), kind="stable").astype(np.int64)


def _sorted_in_windows(rows: Rows, lengths: Rows, batch_size: int) -> Rows:
    """Windows hold whole batches, so only the very last batch can be a smaller one."""
    window = batch_size * max(1, min(WINDOW, len(rows) // batch_size // 4))
    return rows[np.lexsort((lengths[rows], np.arange(len(rows)) // window))]


def _longest_first(rows: Rows, lengths: Rows) -> Rows:
    return rows[np.argsort(-lengths[rows], kind="stable")]
