"""What a run knows of its training data: how it was read, what a guess needs, which texts were in it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import safetensors.numpy
from safetensors import SafetensorError

from textprep.errors import RunError
from textprep.storage.files import read_json, write_bytes
from textprep.targets.earlier import as_now
from textprep.training.directory import write_record
from textprep.training.targets.base import Objective

DATA, TEXTS = "data.json", "texts.safetensors"
Hashes = npt.NDArray[np.uint64]


@dataclass(frozen=True)
class TrainingData:
    """What is known of the rows that a run was trained on; a run of an older version knows nothing.

    Attributes:
        reading: how they were read, see `textprep.datasets.corpus.Corpus`.
        baseline: what a guess needs, such as the commonest class; see `Objective.baseline`.
        hashes: of their texts, ascending: 8 bytes for each that differs.
    """

    reading: dict[str, Any] = field(default_factory=dict)
    baseline: Any = None
    hashes: Hashes = field(default_factory=lambda: np.zeros(0, np.uint64))

    @classmethod
    def of(cls, corpus: Any, objective: Objective) -> TrainingData:
        """What is to be kept of a `textprep.Corpus`.

        >>> from textprep.datasets import as_corpus
        >>> corpus = as_corpus({"train": [("Great.", "good"), ("Dull.", "bad"), ("A joy.", "good")]})
        >>> from textprep.training.targets import objective_of
        >>> known = TrainingData.of(corpus, objective_of(corpus.target))
        >>> known.baseline, known.saw(["great", "new"]).tolist()
        (['good'], [True, False])
        """
        train = corpus["train"]
        return cls(corpus.reading, objective.baseline(train), np.unique(_hashes(*train.compared)))

    def saw(self, *columns: Iterable[str]) -> npt.NDArray[np.bool_]:
        """(N,) whether each text was among them, but for case, punctuation, markup and white space.

        Of pairs, given as two columns, whether both texts were in one row.
        """
        return np.isin(_hashes(*columns), self.hashes)

    def save(self, path: Path) -> None:
        """Write both files into the folder ``path``."""
        write_record(path / DATA, {"reading": self.reading, "baseline": self.baseline})
        write_bytes(path / TEXTS, safetensors.numpy.save({"hashes": self.hashes}), RunError)

    @classmethod
    def load(cls, path: Path) -> TrainingData:
        """What was saved in ``path``.

        Raises:
            RunError: a file cannot be read.
        """
        record = read_json(path / DATA, RunError)
        try:
            hashes = safetensors.numpy.load((path / TEXTS).read_bytes())["hashes"]
            baseline = record["baseline"] if "baseline" in record else record["commonest"]  # as it was called
            return cls(as_now(record["reading"]), baseline, hashes)
        except (OSError, SafetensorError, KeyError, TypeError, AttributeError) as error:
            raise RunError(f"{path / TEXTS} cannot be read ({error}): the run is damaged") from error


def _hashes(*columns: Iterable[str]) -> Hashes:
    from textprep.datasets.splits.identity import row_digests

    digests = b"".join(digest[:8] for digest in row_digests(*columns))
    return np.frombuffer(digests, dtype="<u8").astype(np.uint64)
