"""Which class each token speaks for: naive-Bayes log-count ratios of the training split.

Shapes are written with V tokens, C classes, K columns of ratios, R rows.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from textprep.prepared.split import PreparedSplit

Floats = npt.NDArray[np.float64]
ROWS_AT_ONCE = 4096


def log_count_ratios(split: PreparedSplit, tokens: int, classes: int, *, doubt: float = 0) -> Floats:
    """How much likelier each token is in the texts of a class than in all others, (V, K), as a logarithm.

    After Wang and Manning, "Baselines and bigrams: simple, good sentiment and topic classification" (ACL
    2012, https://aclanthology.org/P12-2018): with f(t) the number of a class's texts that have token t, and
    g(t) that of the others, the ratio is log((f + 1) / Σ(f + 1)) - log((g + 1) / Σ(g + 1)). A token that no
    text has is at 0.

    Args:
        split: the training split.
        tokens: V.
        classes: C.
        doubt: a ratio that n texts tell of is multiplied by n / (n + doubt): what few texts have is chance.

    Returns:
        (V, K): K is 1 for two classes, the second against the first, and C for more, or where texts may have
        several, each against the rest.
    """
    counts, texts = _texts_with(split, tokens, classes)  # (V, C), (V, 1)
    ratios = _log_share(counts) - _log_share(texts - counts)
    ratios *= texts / np.maximum(texts + doubt, 1)
    return ratios[:, 1:] if classes == 2 and split.labels.ndim == 1 else ratios


def _log_share(counts: Floats) -> Floats:
    smoothed = counts + 1
    shares: Floats = np.log(smoothed / smoothed.sum(axis=0))
    return shares


def _texts_with(split: PreparedSplit, tokens: int, classes: int) -> tuple[Floats, Floats]:
    """(V, C): how many texts of each class have each token; (V, 1): how many labelled texts have it."""
    counts = np.zeros((classes + 1, tokens))
    groups = _groups(np.asarray(split.labels), classes)
    for start in range(0, len(split), ROWS_AT_ONCE):
        here = groups[start : start + ROWS_AT_ONCE]
        distinct = [np.unique(split.ids(start + row)).astype(np.int64) for row in range(len(here))]
        for group, mine in enumerate(here.T):
            if mine.any():
                chosen = np.concatenate([distinct[row] for row in np.flatnonzero(mine)])
                counts[group] += np.bincount(chosen, minlength=tokens)
    return counts[:-1].T, counts[-1:].T


def _groups(labels: npt.NDArray[np.int64], classes: int) -> npt.NDArray[np.bool_]:
    """(R, C + 1): the classes that each of R rows has, and last whether it is labelled."""
    if labels.ndim == 2:
        return np.column_stack([labels > 0, (labels >= 0).all(axis=1)])
    return np.column_stack([labels[:, None] == np.arange(classes), labels >= 0])
