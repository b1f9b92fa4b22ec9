"""`Scaler`: what a pipeline is for texts, for sequences of numbers."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
from typing_extensions import Self

from textprep._version import __version__
from textprep.errors import PipelineError
from textprep.ragged import Ragged, numbers
from textprep.storage.files import local_path, read_json, write_text

if TYPE_CHECKING:
    import pyarrow as pa

FORMAT = "textprep.scaler"
FORMAT_VERSION = 1
Floats = npt.NDArray[np.float32]


class Scaler:
    """Numbers of sequences, standardized: less their mean, over their deviation, in the training split.

    A feature that never changes becomes 0.

    >>> scaler = Scaler().fit([np.array([[1.0, 5.0], [3.0, 5.0]])])
    >>> scaler.encode([[5.0, 5.0]]).tolist(), scaler.decode([[3.0, 0.0]]).tolist()
    ([[3.0, 0.0]], [[5.0, 5.0]])

    Attributes:
        names: what the F numbers of a step are called.
        mean, deviation: (F,) float64, of each; ``None`` before `fit`.
        is_fitted: whether they are known.
    """

    name = "standard"
    version = 1
    steps: tuple[Any, ...] = ()

    def __init__(self, names: Sequence[str] = ()) -> None:
        self.names = tuple(names)
        self.mean: npt.NDArray[np.float64] | None = None
        self.deviation: npt.NDArray[np.float64] | None = None

    @property
    def is_fitted(self) -> bool:
        """Whether mean and deviation are known."""
        return self.mean is not None

    @property
    def features(self) -> int:
        """F, how many numbers a step has.

        Raises:
            PipelineError: the scaler is not fitted yet.
        """
        return len(self._fitted()[0])

    def fit(self, sequences: Any, *, workers: int | None = None) -> Self:
        """Learn mean and deviation of each number: give it the training split only.

        Args:
            sequences: a split of sequences, a column of them, or arrays (T, F).
            workers: is not needed.

        Raises:
            PipelineError: there is no step to learn from, or something else than sequences.
        """
        first, rest = _peeked(arrays_of(sequences))
        count = sum(len(array) for array in rest())
        if not count:
            raise PipelineError("there is no step to learn mean and deviation from")
        width = first.shape[1]
        mean = _exact(array.sum(axis=0, dtype=np.float64) for array in rest()) / count
        squares = _exact(((array - mean) ** 2).sum(axis=0) for array in rest())
        deviation = np.sqrt(squares / count)
        is_flat = deviation <= 1e-6 * np.maximum(np.abs(mean), np.finfo(np.float32).tiny)
        self.mean, self.deviation = mean, np.where(is_flat, 1.0, deviation)
        names = getattr(sequences, "feature_names", self.names)
        self.names = tuple(names) if len(names) == width else tuple(f"x{place}" for place in range(width))
        return self

    def encode(self, sequence: npt.ArrayLike) -> Floats:
        """A sequence (T, F), or (T,) of one number a step, standardized: (T, F) float32.

        Raises:
            PipelineError: it has another shape, or the scaler is not fitted.
        """
        return self._standardized(_as_sequence(sequence, 0))

    def decode(self, sequence: npt.ArrayLike) -> Floats:
        """Standardized numbers (T, F) in their own unit again."""
        mean, deviation = self._fitted()
        return np.asarray(np.asarray(sequence, np.float64) * deviation + mean, np.float32)

    def encode_batch(self, sequences: Any) -> Ragged:
        """All sequences, standardized: ``values`` (S, F) float32 and ``offsets`` (N + 1,).

        Raises:
            PipelineError: one has another shape; names it.
        """
        found = [self._standardized(array, row) for row, array in enumerate(arrays_of(sequences))]
        offsets = np.concatenate([[0], np.cumsum([len(array) for array in found], dtype=np.int64)])
        empty = np.zeros((0, self.features), np.float32)
        return Ragged(np.concatenate([empty, *found]), offsets.astype(np.int64))

    def encoder(self, *, workers: int | None = None) -> ScalerEncoder:
        """What encodes many columns, as `Pipeline.encoder` does."""
        self._fitted()
        return ScalerEncoder(self)

    def _standardized(self, array: npt.NDArray[Any], row: int = 0) -> Floats:
        mean, deviation = self._fitted()
        if not len(array):
            return np.zeros((0, len(mean)), np.float32)
        if array.shape[1] != len(mean):
            names = ", ".join(self.names)
            raise PipelineError(
                f"sequence {row} has {array.shape[1]} numbers a step; the scaler has {len(mean)}: {names}",
                hint="give the same ones, in the same order",
            )
        return np.asarray((array.astype(np.float64) - mean) / deviation, np.float32)

    def _fitted(self) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
        if self.mean is None or self.deviation is None:
            raise PipelineError(
                "the scaler is not fitted", hint="scaler.fit(corpus['train']) learns the mean"
            )
        return self.mean, self.deviation

    # As a pipeline has it

    def with_specials(self, specials: Iterable[str]) -> Scaler:
        """The scaler: sequences of numbers have no special tokens."""
        return self

    def adopt(self, fitted: Scaler) -> None:
        """Take over what another scaler has learned."""
        self.names, self.mean, self.deviation = fitted.names, fitted.mean, fitted.deviation

    def description(self) -> dict[str, Any]:
        """What decides what it gives, apart from what it learned, as JSON values."""
        return {"scaler": {"name": self.name, "version": self.version}}

    def learned(self) -> list[Any]:
        """What it learned, as JSON values."""
        mean, deviation = self._fitted()
        return [list(self.names), mean.tolist(), deviation.tolist()]

    def to_json(self) -> dict[str, Any]:
        """The fitted scaler as JSON values.

        Raises:
            PipelineError: it is not fitted.
        """
        names, mean, deviation = self.learned()
        return {
            "format": FORMAT, "format_version": FORMAT_VERSION, "textprep_version": __version__,
            **self.description(), "names": names, "mean": mean, "deviation": deviation,
        }  # fmt: skip

    @classmethod
    def from_json(cls, record: Any, *, source: str = "the scaler") -> Scaler:
        """The scaler of which `to_json` made ``record``.

        Raises:
            PipelineError: it is none.
        """
        if is_scaler(record) and record.get("format_version") == FORMAT_VERSION:
            with suppress(KeyError, TypeError, ValueError):
                scaler = cls(record["names"])
                scaler.mean, scaler.deviation = (
                    np.array(record[name], np.float64) for name in ("mean", "deviation")
                )
                if len(scaler.names) == len(scaler.mean) == len(scaler.deviation):
                    return scaler
        raise PipelineError(f"{source} is no scaler that this textprep reads: it is damaged, or newer")

    def save(self, path: str | Path) -> None:
        """Write it to a file.

        Raises:
            PipelineError: it is not fitted, or the file cannot be written.
        """
        text = json.dumps(self.to_json(), indent=1, ensure_ascii=False) + "\n"
        write_text(local_path(path, PipelineError), text, PipelineError)

    @classmethod
    def load(cls, path: str | Path) -> Scaler:
        """The scaler that was saved in a file.

        Raises:
            PipelineError: there is none.
        """
        file = local_path(path, PipelineError)
        return cls.from_json(read_json(file, PipelineError), source=str(file))

    def __repr__(self) -> str:
        return f"Scaler({', '.join(self.names)})" if self.is_fitted else "Scaler(not fitted)"


class ScalerEncoder:
    """Encodes column after column; `Scaler.encoder` makes it.

    Attributes:
        stages: seconds spent in each stage: none are measured.
    """

    def __init__(self, scaler: Scaler) -> None:
        self._scaler = scaler
        self.stages: dict[str, float] = {}

    def encode_many(self, columns: Iterable[pa.ChunkedArray]) -> Iterator[Ragged]:
        """The sequences of each column, standardized."""
        return map(self._scaler.encode_batch, columns)


def is_scaler(record: Any) -> bool:
    """Whether a record of JSON is a saved scaler."""
    return isinstance(record, dict) and record.get("format") == FORMAT


def arrays_of(sequences: Any) -> Iterator[npt.NDArray[Any]]:
    """(T, F) of each sequence of a split, of a column, or of a list of arrays.

    Raises:
        PipelineError: there is something else; names the row.
    """
    column = getattr(sequences, "sequence", sequences)
    if hasattr(column, "chunks"):
        for chunk in column.chunks:
            values, offsets = numbers(chunk.values), numbers(chunk.offsets)
            yield from (values[start:stop] for start, stop in pairwise(offsets))
        return
    for row, sequence in enumerate(column):
        yield _as_sequence(sequence, row)


def _as_sequence(sequence: Any, row: int) -> npt.NDArray[Any]:
    with suppress(ValueError, TypeError):
        array = np.asarray(sequence)
        if array.dtype.kind in "iufb" and array.ndim in (1, 2) and np.isfinite(array).all():
            return array.reshape(len(array), -1) if array.size else np.zeros((0, 0))
    raise PipelineError(
        f"sequence {row} is {type(sequence).__name__} {sequence!r:.40}, not finite numbers of shape (steps, "
        "numbers)"
    )


def _peeked(arrays: Iterator[npt.NDArray[Any]]) -> tuple[npt.NDArray[Any], Any]:
    """The first array that has a step, and all of those that do, as often as one asks."""
    there = [array for array in arrays if array.size]
    return (there[0] if there else np.zeros((0, 0))), lambda: iter(there)


def _exact(rows: Iterable[npt.NDArray[np.float64]]) -> npt.NDArray[np.float64]:
    """The sum of (F,) rows, exact, so that no order of adding shows."""
    stacked = np.stack(list(rows))
    return np.array([math.fsum(column) for column in stacked.T.tolist()])
