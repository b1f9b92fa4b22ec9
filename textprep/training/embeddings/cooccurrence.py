"""Word vectors learned from the training split itself: words that are used alike get vectors that are alike.

Shapes are written with N ids, V tokens, E features, P pairs of tokens that occur together.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

Integers = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
SPARE = 20  # directions that the randomised decomposition looks at beyond those that are kept
ITERATIONS = 3


class Pairs(NamedTuple):
    """Tokens that occur near each other, each two of them once.

    Attributes:
        first: (P,) int64, the smaller id.
        second: (P,) int64, the larger one, or the same.
        weights: (P,) float64, how often, each time divided by the distance.
    """

    first: Integers
    second: Integers
    weights: Floats


def cooccurrence_vectors(
    ids: Integers,
    offsets: Integers,
    tokens: int,
    features: int,
    *,
    without: Sequence[int] = (0, 1),
    window: int = 5,
    seed: int = 0,
) -> npt.NDArray[np.float32]:
    """A vector for each token from the company that it keeps: (V, features), zeros for one that keeps none.

    The positive pointwise mutual information of each two tokens, with the context's share raised to 0.75,
    and its first singular vectors times the square roots of their values: Levy, Goldberg and Dagan,
    "Improving distributional similarity with lessons learned from word embeddings" (TACL 2015,
    https://aclanthology.org/Q15-1016). The decomposition is a randomised one (Halko, Martinsson and Tropp
    2011, https://arxiv.org/abs/0909.4061).

    Args:
        ids: (N,) the texts' ids, one text after the other.
        offsets: (texts + 1,) where each text begins and ends.
        tokens: V.
        features: of a vector; where there are fewer tokens than that, the last ones are zeros.
        without: the tokens that keep no company: padding and unknown ones.
        window: how many places two tokens may be apart.
        seed: of the randomised decomposition.

    Returns:
        (V, features) float32, scaled to a mean square of 1 over the tokens that have company.

    >>> ids = np.tile([2, 3, 9, 4, 3, 9, 2, 5, 8, 4, 5, 8], 50)  # 2 and 4 stand in the same places
    >>> vectors = cooccurrence_vectors(ids, np.arange(0, 601, 6), tokens=10, features=4)
    >>> vectors.shape, bool(vectors[:2].any()), bool(vectors[2] @ vectors[4] > vectors[2] @ vectors[3])
    ((10, 4), False, True)
    """
    vectors = np.zeros((tokens, features), dtype=np.float32)
    keeps = np.ones(tokens, dtype=bool)
    keeps[list(without)] = False
    information = _information(_pairs(ids, offsets, keeps, window), tokens)
    if not information.values().numel():
        return vectors
    found = _first_singular_vectors(information, features, seed)
    vectors[:, : found.shape[1]] = found
    company = np.bincount(information.indices()[0].numpy(), minlength=tokens) > 0
    vectors[~company] = 0  # not quite, for what the decomposition rounds
    vectors[company] /= np.sqrt(np.mean(vectors[company] ** 2))
    return vectors


def _pairs(ids: Integers, offsets: Integers, keeps: npt.NDArray[np.bool_], window: int) -> Pairs:
    """Every two tokens of a text that are at most ``window`` apart, of those (V,) that keep company."""
    tokens, keep = len(keeps), keeps[ids]
    text = np.repeat(np.arange(len(offsets) - 1, dtype=np.int32), np.diff(offsets))  # (N,)
    keys, weights = [], []
    for distance in range(1, window + 1):
        one, other = ids[:-distance], ids[distance:]
        near = (text[:-distance] == text[distance:]) & keep[:-distance] & keep[distance:]
        one, other = one[near], other[near]
        found, counts = np.unique(
            np.minimum(one, other) * tokens + np.maximum(one, other), return_counts=True
        )
        keys.append(found)
        weights.append(counts / distance)
    return _summed(np.concatenate(keys), np.concatenate(weights), tokens)


def _summed(keys: Integers, weights: Floats, tokens: int) -> Pairs:
    """Each key once, with the sum of its weights."""
    order = np.argsort(keys, kind="stable")  # the runs of each distance are sorted: this merges them
    keys = keys[order]
    starts = np.flatnonzero(np.diff(keys, prepend=-1))
    first, second = np.divmod(keys[starts], tokens)
    return Pairs(first, second, np.add.reduceat(weights[order], starts) if len(starts) else weights)


def _information(pairs: Pairs, tokens: int) -> Tensor:
    """(V, V) sparse: pointwise mutual information, log(share of pair / (share · share)), where positive."""
    both = np.stack([np.r_[pairs.first, pairs.second], np.r_[pairs.second, pairs.first]])  # (2, 2P)
    counts = _sparse(both, np.r_[pairs.weights, pairs.weights], tokens)
    (rows, columns), weights = counts.indices().numpy(), counts.values().numpy()
    alone = np.bincount(rows, weights, minlength=tokens)  # (V,)
    context = alone**0.75
    with np.errstate(divide="ignore", invalid="ignore"):  # a token without company is in no pair
        expected = np.log(alone / alone.sum())[rows] + np.log(context / context.sum())[columns]
    information = np.log(weights / weights.sum()) - expected
    positive = information > 0
    return _sparse(np.stack([rows, columns])[:, positive], information[positive], tokens).float()


def _sparse(places: Integers, values: Floats, tokens: int) -> Tensor:
    """(V, V) float64 of ``values`` (P,) at ``places`` (2, P), those at the same place added up."""
    made = torch.sparse_coo_tensor(
        torch.from_numpy(places), torch.from_numpy(values), (tokens, tokens), check_invariants=False
    )
    return made.coalesce()


def _first_singular_vectors(matrix: Tensor, features: int, seed: int) -> npt.NDArray[np.float32]:
    """(V, features): singular vectors times the square roots of the singular values."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        left, values, _ = torch.svd_lowrank(matrix, q=min(features + SPARE, len(matrix)), niter=ITERATIONS)
    vectors: npt.NDArray[np.float32] = (left * values.sqrt())[:, :features].numpy()
    return vectors
