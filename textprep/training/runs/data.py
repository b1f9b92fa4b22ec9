"""What a run knows of its training data: how it was read, its commonest label, which texts were in it."""

from __future__ import annotations

from collections import Counter
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
from textprep.training.runs.directory import write_record

DATA, TEXTS = "data.json", "texts.safetensors"
Hashes = npt.NDArray[np.uint64]


@dataclass(frozen=True)
class TrainingData:
    """What is known of the rows that a run was trained on; a run of an older version knows nothing.

    Attributes:
        reading: how they were read, see `textprep.datasets.corpus.Corpus`.
        commonest: the names of the label, or of the labels together, that most of them have.
        hashes: of their texts, ascending: 8 bytes for each that differs.
    """

    reading: dict[str, Any] = field(default_factory=dict)
    commonest: tuple[str, ...] | None = None
    hashes: Hashes = field(default_factory=lambda: np.zeros(0, np.uint64))

    @classmethod
    def of(cls, corpus: Any) -> TrainingData:
        """What is to be kept of a `textprep.Corpus`.

        >>> from textprep.datasets import as_corpus
        >>> corpus = as_corpus({"train": [("Great.", "good"), ("Dull.", "bad"), ("A joy.", "good")]})
        >>> TrainingData.of(corpus).commonest, TrainingData.of(corpus).saw(["great", "new"]).tolist()
        (('good',), [True, False])
        """
        from textprep.datasets.split import Texts

        train = corpus["train"]
        strata = Counter(label for label in train.strata() if label is not None)
        most = min(strata, key=lambda label: (-strata[label], label)) if strata else ()
        places = most if isinstance(most, tuple) else (most,)
        names = tuple(corpus.class_names[place] for place in places)
        return cls(corpus.reading, names if strata else None, np.unique(_hashes(Texts(train.text))))

    def saw(self, texts: Iterable[str]) -> npt.NDArray[np.bool_]:
        """(N,) whether each text was among them, but for case, punctuation, markup and white space."""
        return np.isin(_hashes(texts), self.hashes)

    def save(self, path: Path) -> None:
        """Write both files into the folder ``path``."""
        write_record(path / DATA, {"reading": self.reading, "commonest": self.commonest})
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
            commonest = record["commonest"]
            return cls(as_now(record["reading"]), None if commonest is None else tuple(commonest), hashes)
        except (OSError, SafetensorError, KeyError, TypeError, AttributeError) as error:
            raise RunError(f"{path / TEXTS} cannot be read ({error}): the run is damaged") from error


def _hashes(texts: Iterable[str]) -> Hashes:
    from textprep.datasets.splits.identity import identity_digest

    return np.frombuffer(b"".join(identity_digest(text)[:8] for text in texts), dtype="<u8").astype(np.uint64)
