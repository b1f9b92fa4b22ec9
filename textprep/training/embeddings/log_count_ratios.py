"""Which class each token speaks for: naive-Bayes log-count ratios of the training split.

Shapes are written with V tokens, C classes, R rows.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from textprep.prepared.split import PreparedSplit

Floats = npt.NDArray[np.float64]
Hot = npt.NDArray[np.int64]
ROWS_AT_ONCE = 4096


def log_count_ratios(split: PreparedSplit, hot: Hot, tokens: int, *, shrinkage: float = 0) -> Floats:
    """How much likelier each token is in the texts of a class than in all others, (V, C), as a logarithm.

    After Wang and Manning, "Baselines and bigrams: simple, good sentiment and topic classification" (ACL
    2012, https://aclanthology.org/P12-2018): with f(t) the number of a class's texts that have token t, and
    g(t) that of the others, the ratio is log((f + 1) / Σ(f + 1)) - log((g + 1) / Σ(g + 1)). A token that no
    text has is at 0, and in neither sum: a pretrained vocabulary may have any number of those.

    Args:
        split: the training split.
        hot: (R, C) whether each of its rows has each class, 0 or 1; below 0 where it has no label.
        tokens: V.
        shrinkage: a ratio that n texts speak for is multiplied by n / (n + shrinkage): what few have is
            chance.
    """
    counts, texts = _texts_with(split, hot, tokens)  # (V, C), (V, 1)
    there = texts > 0
    ratios = _log_share(counts, there) - _log_share(texts - counts, there)
    ratios *= texts / np.maximum(texts + shrinkage, 1)
    return ratios


def _log_share(counts: Floats, there: npt.NDArray[np.bool_]) -> Floats:
    smoothed = counts + 1
    shares: Floats = np.log(smoothed / smoothed.sum(axis=0, where=there, initial=1e-9))
    return shares


def _texts_with(split: PreparedSplit, hot: Hot, tokens: int) -> tuple[Floats, Floats]:
    """(V, C): how many texts of each class have each token; (V, 1): how many labelled texts have it."""
    groups = np.column_stack([hot > 0, (hot >= 0).all(axis=1)])  # (R, C + 1)
    counts = np.zeros((groups.shape[1], tokens))
    for start in range(0, len(split), ROWS_AT_ONCE):
        here = groups[start : start + ROWS_AT_ONCE]
        distinct = [np.unique(split.ids(start + row)).astype(np.int64) for row in range(len(here))]
        for group, mine in enumerate(here.T):
            if mine.any():
                chosen = np.concatenate([distinct[row] for row in np.flatnonzero(mine)])
                counts[group] += np.bincount(chosen, minlength=tokens)
    return counts[:-1].T, counts[-1:].T
