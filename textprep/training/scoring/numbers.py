"""Scores of predicted numbers over a whole split, each with how far chance could move it.

Shapes are written with N rows, K numbers a row, S sums.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from textprep.errors import DatasetError

Floats = npt.NDArray[np.float64]
SCORES = ("mae", "rmse", "r2", "pearson", "spearman")
DRAWS, LEVEL = 1000, 0.95
MOST_DRAWN = 2_000_000  # rows at once, of several samples: bounds memory
_NOTHING = 1e-12  # of the variance of all rows: a sample with less is constant but for rounding


def number_scores(
    labels: npt.ArrayLike, predictions: npt.ArrayLike, names: Sequence[str] = (), *, seed: int = 0
) -> dict[str, Any]:
    """Errors, R² and correlations with their 95 % intervals, as plain JSON values.

    The intervals are those of the percentile bootstrap (Efron and Tibshirani, "An introduction to the
    bootstrap", 1993, chapter 13) over a thousand samples. In these a row keeps the rank that it has among all
    rows, so that Spearman's correlation needs no sorting of each. What cannot be said is None: R² where all
    labels are the same, a correlation where labels or predictions are. Rows with a NaN label are left out.

    Args:
        labels: (N,) or (N, K) the true numbers.
        predictions: of the same shape.
        names: of the K columns, where there are several.
        seed: of the samples.

    Returns:
        ``rows``; ``mae``, ``rmse``, ``r2``, ``pearson`` and ``spearman``; ``intervals``: ``level``, and for
        each score low and high. With ``names``, scores are means over the columns for which they are known,
        and there is ``per_column`` (name → scores), in ``intervals`` too.

    Raises:
        DatasetError: the shapes do not fit, or no row has a label.

    >>> scores = number_scores([1, 2, 3, 4], [1.5, 2, 3, 3.5])
    >>> scores["mae"], scores["r2"], round(scores["pearson"], 4), scores["spearman"]
    (0.25, 0.9, 0.9899, 1.0)
    >>> number_scores([1, 1], [1, 2])["r2"] is None
    True
    """
    sums = _Sums.of(*_scored(labels, predictions, names))
    parts = [sums.scores(drawn) for drawn in _drawn(sums.rows, seed)]
    samples = {name: np.concatenate([part[name] for part in parts]) for name in SCORES}
    found = {"level": LEVEL, **_intervals({name: _mean(samples[name]) for name in SCORES})}
    if names:
        found["per_column"] = {
            column: _intervals({name: samples[name][:, place] for name in SCORES})
            for place, column in enumerate(names)
        }
    return {**_point(sums, names), "intervals": found}


def point_scores(
    labels: npt.ArrayLike, predictions: npt.ArrayLike, names: Sequence[str] = ()
) -> dict[str, Any]:
    """What `number_scores` gives, without the intervals, which are what takes time.

    >>> point_scores([[1, 5], [2, 5]], [[1, 4], [2, 4]], ["stars", "year"])["per_column"]["year"]["mae"]
    1.0
    """
    return _point(_Sums.of(*_scored(labels, predictions, names)), names)


def mean_interval(values: Floats) -> dict[str, Any]:
    """The mean of (N,) values and its 95 % interval, by their standard error.

    >>> mean_interval(np.array([1.0, 1.0, 1.0]))
    {'value': 1.0, 'interval': [1.0, 1.0]}
    """
    error = 1.96 * float(values.std()) / math.sqrt(len(values))
    mean = float(values.mean())
    return {"value": mean, "interval": [mean - error, mean + error]}


def ranks(values: Floats) -> Floats:
    """(N,) the place of each value among all, from 1; of equal ones the mean of their places.

    >>> ranks(np.array([3.0, 1.0, 3.0])).tolist()
    [2.5, 1.0, 2.5]
    """
    _, places, counts = np.unique(values, return_inverse=True, return_counts=True)
    mean: Floats = np.cumsum(counts) - (counts - 1) / 2
    return mean[places.reshape(-1)]


def _scored(labels: npt.ArrayLike, predictions: npt.ArrayLike, names: Sequence[str]) -> tuple[Floats, Floats]:
    """(N, K) both, the rows with labels."""
    true, said = np.asarray(labels, np.float64), np.asarray(predictions, np.float64)
    if true.shape != said.shape or true.shape[1:] != ((len(names),) if names else ()):
        wanted = f"{len(names)} of each a row" if names else "one of each a row"
        raise DatasetError(f"there are labels {true.shape} and predictions {said.shape}: give {wanted}")
    true, said = (each.reshape(len(each), len(names) or 1) for each in (true, said))
    labelled = np.isfinite(true).all(axis=1)
    if not labelled.any():
        raise DatasetError("there is no labelled row to score")
    return true[labelled], said[labelled]


class _Sums(NamedTuple):
    """What scores need of each row, so that they follow from sums over rows.

    Attributes:
        rows: (N, S, K).
        size: (K,) what labels and predictions were divided by.
        deviation: (K,) of the divided labels.
    """

    rows: Floats
    size: Floats
    deviation: Floats

    @classmethod
    def of(cls, true: Floats, said: Floats) -> _Sums:
        """Those of numbers (N, K)."""
        size = _size(true, said)
        true, said = true / size, said / size
        error, y, p, r, s = said - true, _standard(true), _standard(said), _ranked(true), _ranked(said)
        columns = [np.abs(error), error**2, y, y * y, p, p * p, y * p, r, r * r, s, s * s, r * s]
        return cls(np.stack(columns, axis=1), size, true.std(axis=0))

    def scores(self, sums: Floats) -> dict[str, Floats]:
        """(…, K) each, of sums (…, S, K) over N rows; NaN where it cannot be said."""
        absolute, squared, y, yy, p, pp, yp, r, rr, s, ss, rs = np.moveaxis(sums / len(self.rows), -2, 0)
        return {
            "mae": absolute * self.size,
            "rmse": np.sqrt(squared) * self.size,
            "r2": 1 - squared / (_some(yy - y * y) * self.deviation**2),
            "pearson": _correlation(y, yy, p, pp, yp),
            "spearman": _correlation(r, rr, s, ss, rs),
        }


def _point(sums: _Sums, names: Sequence[str]) -> dict[str, Any]:
    found = sums.scores(sums.rows.sum(axis=0))
    scores: dict[str, Any] = {
        "rows": len(sums.rows),
        **_values({name: _mean(found[name]) for name in SCORES}),
    }
    if names:
        scores["per_column"] = {
            column: _values({name: found[name][place] for name in SCORES})
            for place, column in enumerate(names)
        }
    return scores


def _size(true: Floats, said: Floats) -> Floats:
    """(K,) a power of two, divided by which no number is too large, nor all too small, to be squared."""
    largest = np.maximum(np.abs(true), np.abs(said)).max(axis=0)
    size: Floats = np.ldexp(1.0, np.clip(np.frexp(largest)[1], -1000, 1000))
    return size


def _standard(values: Floats) -> Floats:
    """Mean 0 and deviation 1 a column, so that sums of squares lose no digits; 0 where all are the same."""
    same = np.ptp(values, axis=0) == 0
    return np.where(same, 0.0, (values - values.mean(axis=0)) / np.where(same, 1.0, values.std(axis=0)))


def _ranked(values: Floats) -> Floats:
    return _standard(np.stack([ranks(column) for column in values.T], axis=1))


def _correlation(x: Floats, xx: Floats, y: Floats, yy: Floats, xy: Floats) -> Floats:
    shared: Floats = (xy - x * y) / np.sqrt(_some(xx - x * x) * _some(yy - y * y))
    return np.clip(shared, -1, 1)


def _some(variance: Floats) -> Floats:
    """NaN where there is none."""
    return np.where(variance > _NOTHING, variance, np.nan)


def _drawn(rows: Floats, seed: int) -> Iterator[Floats]:
    """The sums of ``rows`` (N, S, K) in each bootstrap sample, (some samples, S, K) at a time."""
    count, sums, numbers = rows.shape
    generator = np.random.Generator(np.random.PCG64(seed))
    at_once = max(1, min(DRAWS, MOST_DRAWN // count))
    flat = rows.reshape(count, -1)
    for start in range(0, DRAWS, at_once):
        samples = min(at_once, DRAWS - start)
        times = np.empty((samples, count))
        for sample in times:
            sample[:] = np.bincount(generator.integers(0, count, count), minlength=count)
        yield (times @ flat).reshape(samples, sums, numbers)


def _mean(columns: Floats) -> Floats:
    """(…,) of (…, K): the mean of those that are known."""
    known = np.isfinite(columns)
    count = known.sum(axis=-1)
    mean: Floats = np.where(known, columns, 0).sum(axis=-1) / np.where(count > 0, count, np.nan)
    return mean


def _values(scores: Mapping[str, Any]) -> dict[str, Any]:
    return {name: _json(float(value)) for name, value in scores.items()}


def _json(value: float) -> float | None:
    return value if math.isfinite(value) else None


def _intervals(samples: Mapping[str, Floats]) -> dict[str, Any]:
    """Score → low and high, of the samples that have it; None where none has."""
    tail = (1 - LEVEL) / 2
    found: dict[str, Any] = {}
    for name, values in samples.items():
        known = values[np.isfinite(values)]
        found[name] = np.quantile(known, [tail, 1 - tail]).tolist() if len(known) else None
    return found
