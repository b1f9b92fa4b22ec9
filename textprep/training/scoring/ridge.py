"""Ridge regression on TF-IDF: what a plain linear model of the words reaches, learned from the same rows.

Shapes are written with N texts, V tokens, T terms (a text and one of its distinct tokens), S steps.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from textprep.prepared.dataset import PreparedDataset
from textprep.prepared.split import PreparedSplit
from textprep.training.scoring.step_ridge import step_ridge_predictions
from textprep.training.terms import ROWS_AT_ONCE, as_texts, sums, terms

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
STRENGTHS = tuple(float(value) for value in 10.0 ** np.arange(-2, 2.01, 0.25))
STRENGTH = 1.0  # where no validation split chooses one
STEPS = 60
MOST_IDS = 20_000_000  # of training texts: more change little, and cost time and memory


class Matrix(NamedTuple):
    """(N, V), of which only what is not 0 is held: term by term, its text, its token and its value."""

    texts: Ints
    tokens: Ints
    values: Floats
    shape: tuple[int, int]

    def times(self, weights: Floats) -> Floats:
        """(N,) of (V,)."""
        return sums(self.texts, self.values * weights[self.tokens], self.shape[0])

    def back(self, texts: Floats) -> Floats:
        """(V,) of (N,): the product with the transposed matrix."""
        return sums(self.tokens, self.values * texts[self.texts], self.shape[1])


def ridge_predictions(data: PreparedDataset, held_out: str) -> Floats:
    """What ridge regression says of each row of the split ``held_out``, (N,) or (N, K), as the labels are.

    It is learned from "train"; how strongly weights are held down is chosen on "validation", from
    `STRENGTHS`, for each of several numbers by itself. Terms have the weight (1 + log count) · (1 + log((1 +
    texts) / (1 + texts with it))), and the vector of a text the length 1. Of many training texts a part is
    taken, evenly, as ids fit into `MOST_IDS`. Of pairs both texts are read, a word of the second as another
    than of the first.

    Of sequences of numbers it reads other things, see `step_ridge_predictions`.

    Args:
        data: the splits as ids, with numbers as labels.
        held_out: the name of the split.

    Raises:
        UnknownNameError: there is no such split.
    """
    if data.features is not None:
        return step_ridge_predictions(data, held_out)
    vocabulary, pairs = data.pipeline.vocabulary, data["train"].pair is not None
    size = len(vocabulary)
    train = as_texts(data["train"], apart=size)
    rows = _labelled_rows(train)
    inverse = inverse_frequencies(train, rows, 2 * size if pairs else size)
    for wordless in {vocabulary.pad_id, vocabulary.unk_id} - {None}:
        inverse[wordless::size] = 0
    matrix = tf_idf(train, rows, inverse)
    has_chooser = "validation" in data and held_out != "validation"
    chooser = as_texts(data["validation"], apart=size) if has_chooser else None
    chosen = []
    for column, numbers in enumerate(_columns(train)[rows].T):
        weights, constants = ridge(matrix, numbers, STRENGTHS)
        place = _best(chooser, column, inverse, weights, constants)
        chosen.append((weights[place], constants[place]))
    split = as_texts(data[held_out], apart=size)
    weights, constants = (np.stack(each) for each in zip(*chosen, strict=True))
    said = predicted(split, np.arange(len(split)), inverse, weights, constants)
    return said.reshape(np.shape(split.labels))


def predicted(
    split: PreparedSplit, rows: Ints, inverse: Floats, weights: Floats, constants: Floats
) -> Floats:
    """(rows, M) what M linear models say of rows, of weights (M, V) and constants (M,)."""
    said = [np.zeros((0, len(weights)))]
    for start in range(0, len(rows), ROWS_AT_ONCE):
        matrix = tf_idf(split, rows[start : start + ROWS_AT_ONCE], inverse)
        said.append(np.stack([matrix.times(each) for each in weights], axis=1) + constants)
    return np.concatenate(said)


def ridge(matrix: Matrix, numbers: Floats, strengths: tuple[float, ...]) -> tuple[Floats, Floats]:
    """Weights (strengths, V) and constants (strengths,) that minimise |Xw + c - y|² + strength · |w|².

    All strengths share a Krylov space, which `STEPS` steps of Golub and Kahan's bidiagonalization span
    ("Calculating the singular values and pseudo-inverse of a matrix", 1965), as conjugate gradients on the
    normal equations would: in it, each is a least-squares problem of a few unknowns.

    >>> one = Matrix(np.array([0, 1]), np.array([0, 0]), np.array([1.0, 3.0]), (2, 1))
    >>> weights, constants = ridge(one, np.array([1.0, 2.0]), (0.0, 2.0))
    >>> weights.round(3).tolist(), constants.round(3).tolist()
    ([[0.5], [0.25]], [0.5, 1.0])
    """
    middle, mean = matrix.back(np.ones(len(numbers))) / len(numbers), float(numbers.mean())
    basis, small, size = _bidiagonal(matrix, middle, numbers - mean)
    found = []
    for strength in strengths:
        equations = np.vstack([small, np.sqrt(strength) * np.eye(len(basis))])
        right = np.zeros(len(equations))
        right[0] = size
        found.append(np.linalg.lstsq(equations, right, rcond=None)[0] @ basis)
    weights = np.stack(found)
    return weights, mean - weights @ middle


def _bidiagonal(matrix: Matrix, middle: Floats, numbers: Floats) -> tuple[Floats, Floats, float]:
    """Vectors (S, V), (S + 1, S) what the matrix does between them, and the length of ``numbers``.

    The matrix is that of which each column's mean, ``middle``, was taken away.
    """
    size = float(np.linalg.norm(numbers))
    left = numbers / (size or 1.0)
    lengths: list[tuple[float, float]] = []
    basis: list[Floats] = []
    ahead, length = matrix.back(left) - middle * left.sum(), 0.0
    for _ in range(min(STEPS, *matrix.shape)):
        for before in basis:  # what rounding has left of them
            ahead = ahead - before * (before @ ahead)
        along = float(np.linalg.norm(ahead))
        if along <= 1e-10 * (lengths[0][0] if lengths else 0.0):  # the numbers' size is not in it
            break
        basis.append(ahead / along)
        across = matrix.times(basis[-1]) - middle @ basis[-1] - along * left
        length = float(np.linalg.norm(across))
        lengths.append((along, length))
        left = across / (length or 1.0)
        ahead = matrix.back(left) - middle * left.sum() - length * basis[-1]
    small = np.zeros((len(basis) + 1, len(basis)))
    for place, (along, length) in enumerate(lengths):
        small[place, place], small[place + 1, place] = along, length
    return np.array(basis).reshape(-1, matrix.shape[1]), small, size


def inverse_frequencies(split: PreparedSplit, rows: Ints, vocabulary: int) -> Floats:
    """(V,) how much each token counts: the fewer texts have it, the more."""
    texts = np.zeros(vocabulary)
    for _, found in terms(split, rows):
        texts += np.bincount(found.tokens, minlength=vocabulary)
    inverse: Floats = 1 + np.log((1 + len(rows)) / (1 + texts))
    return inverse


def tf_idf(split: PreparedSplit, rows: Ints, inverse: Floats) -> Matrix:
    """(N, V) the rows' vectors, each of length 1, but for texts of which no token is known."""
    parts, start = [], 0
    for here, found in terms(split, rows):
        values = (1 + np.log(found.counts)) * inverse[found.tokens]
        lengths = np.sqrt(sums(found.texts, values**2, len(here)))[found.texts]
        parts.append((found.texts + start, found.tokens, values / np.where(lengths == 0, 1, lengths)))
        start += len(here)
    nothing = (np.zeros(0, np.int64), np.zeros(0, np.int64), np.zeros(0))
    texts, tokens, numbers = (np.concatenate(each) for each in zip(nothing, *parts, strict=True))
    return Matrix(texts, tokens, numbers, (len(rows), len(inverse)))


def _columns(split: PreparedSplit) -> Floats:
    """(N, K) the labels."""
    labels = np.asarray(split.labels, np.float64)
    return labels if labels.ndim == 2 else labels[:, None]  # one number a row, or K


def _labelled_rows(split: PreparedSplit) -> Ints:
    """The rows with labels, or evenly so many of them as have `MOST_IDS` ids."""
    rows = np.flatnonzero(np.isfinite(_columns(split)).all(axis=1))
    every = -(-int(split.lengths[rows].sum()) // MOST_IDS)
    return rows[:: max(1, every)]


def _best(
    chooser: PreparedSplit | None, column: int, inverse: Floats, weights: Floats, constants: Floats
) -> int:
    """The strength whose squared error is least on ``chooser``; `STRENGTH` where that is of no use."""
    rows = _labelled_rows(chooser) if chooser is not None else np.zeros(0, np.int64)
    if chooser is None or not len(rows):
        return STRENGTHS.index(STRENGTH)
    error = predicted(chooser, rows, inverse, weights, constants) - _columns(chooser)[rows, column, None]
    return int(np.argmin((error**2).sum(axis=0)))
