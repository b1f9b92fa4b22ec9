"""What each token says about a number: the mean label of the training texts that have it.

Shapes are written with V tokens, N texts, K numbers a text.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from textprep.prepared.split import PreparedSplit
from textprep.training.terms import Terms, terms
from textprep.training.terms import sums as add

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]


def token_means(split: PreparedSplit, labels: Floats, tokens: int, *, shrinkage: float = 0) -> Floats:
    """How far the texts with each token are above the mean of all, (V, K), 0 where that is by chance.

    A mean of n texts is multiplied by n / (n + 1 + shrinkage). The columns are then scaled so that the sum
    over the tokens of a text, divided by the square root of its length, is the best guess at its label. The
    scale is the slope of a regression on such sums, where no text has a part in the means of its own tokens:
    with it, words of few texts would seem to say more than they do.

    Args:
        split: the training split.
        labels: (N, K) its labels, of mean 0; a row with NaN is left out.
        tokens: V.
        shrinkage: how many more texts without a message a mean is of.
    """
    rows = np.flatnonzero(np.isfinite(labels).all(axis=1))
    texts, sums = np.full((tokens, 1), 1.0 + shrinkage), np.zeros((tokens, labels.shape[1]))
    for here, found in terms(split, rows):
        texts[:, 0] += np.bincount(found.tokens, minlength=tokens)
        sums += _added(found.tokens, labels[here][found.texts], tokens)
    means: Floats = sums / texts * _scale(split, labels, rows, sums, texts)
    return means


def _scale(split: PreparedSplit, labels: Floats, rows: Ints, sums: Floats, texts: Floats) -> Floats:
    """(K,) the slopes."""
    shared, own = np.zeros(labels.shape[1]), np.zeros(labels.shape[1])
    for here, found in terms(split, rows):
        mine = labels[here]
        guess = _guesses(found, split.lengths[here], mine, sums, texts)
        shared += (guess * mine).sum(axis=0)
        own += (guess * guess).sum(axis=0)
    return np.maximum(shared, 0) / np.where(own > 0, own, 1)


def _guesses(found: Terms, lengths: Ints, mine: Floats, sums: Floats, texts: Floats) -> Floats:
    """(texts, K) what the other texts with its tokens say of each text."""
    means = (sums[found.tokens] - mine[found.texts]) / (texts[found.tokens] - 1)
    total = _added(found.texts, means * found.counts[:, None], len(mine))
    return total / np.sqrt(np.maximum(lengths, 1))[:, None]


def _added(places: Ints, values: Floats, size: int) -> Floats:
    """(size, K): the sums of the lines (…, K) that go to each place."""
    return np.stack([add(places, column, size) for column in values.T], axis=1)
