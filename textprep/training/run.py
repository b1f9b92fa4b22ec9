"""A run directory: everything that prediction needs, and how the run went.

config.json         the configuration that the run was trained with
pipeline.json       steps, tokenizer and vocabulary
model.safetensors   the weights
metrics.json        loss and accuracy of every epoch, scores on the held-out split
run.json            class names, sizes of the model, a checksum of every file above; written last
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import safetensors.torch
import torch
from safetensors import SafetensorError

from textprep._version import __version__
from textprep.batches.loader import BatchLoader
from textprep.datasets.corpus import Split
from textprep.encoding.columns import Texts
from textprep.errors import RunError
from textprep.files import read_json, write_bytes, write_text
from textprep.models import GRUAttentionClassifier
from textprep.pipeline import Pipeline
from textprep.preparation.memory import encode_in_memory
from textprep.training.config import Config
from textprep.training.metrics import classification_metrics
from textprep.training.trainer import predict_logits

FORMAT = "textprep.run"
FORMAT_VERSION = 1
MANIFEST = "run.json"


@dataclass(frozen=True)
class Prediction:
    """The class that the model chose for a text, and the probability of every class."""

    text: str
    label: str
    probabilities: dict[str, float]


@dataclass(frozen=True)
class Run:
    """A trained classifier with the pipeline that it reads text through.

    Attributes:
        config: what it was trained with.
        class_names: in the order of the model's logits.
        metrics: epochs, and scores on the held-out split.
    """

    config: Config
    pipeline: Pipeline
    model: GRUAttentionClassifier
    class_names: tuple[str, ...]
    metrics: dict[str, Any]

    def save(self, path: Path) -> None:
        """Write the run directory; the manifest comes last, so that a half-written run is never read.

        Raises:
            RunError: the folder cannot be written.
        """
        self.pipeline.save(path / "pipeline.json")
        _write_json(path / "config.json", self.config.model_dump(mode="json"))
        write_bytes(path / "model.safetensors", safetensors.torch.save(self.model.state_dict()), RunError)
        _write_json(path / "metrics.json", self.metrics)
        files = ["config.json", "pipeline.json", "model.safetensors", "metrics.json"]
        manifest = {
            "format": FORMAT,
            "format_version": FORMAT_VERSION,
            "textprep_version": __version__,
            "class_names": list(self.class_names),
            "model": self.model.options(),
            "checksums": {file: _checksum(path / file) for file in files},
        }
        _write_json(path / MANIFEST, manifest)

    @classmethod
    def load(cls, path: str | Path) -> Run:
        """The run that was saved in ``path``.

        Raises:
            RunError: there is no run, training ended before it was saved, or a file is damaged.
            PipelineError: a step of its pipeline is not installed here.
        """
        path = Path(path)
        manifest = _read_manifest(path)
        model = GRUAttentionClassifier(**manifest["model"])
        try:
            model.load_state_dict(safetensors.torch.load((path / "model.safetensors").read_bytes()))
        except (OSError, SafetensorError, RuntimeError) as error:
            raise RunError(
                f"{path / 'model.safetensors'} does not fit the run ({error}): train again"
            ) from error
        return cls(
            config=Config(**read_json(path / "config.json", RunError)),
            pipeline=Pipeline.load(path / "pipeline.json"),
            model=model.eval(),
            class_names=tuple(manifest["class_names"]),
            metrics=read_json(path / "metrics.json", RunError),
        )

    def logits(self, texts: Texts) -> npt.NDArray[np.float32]:
        """(N, C) scores of every class, in the order of ``texts``."""
        split = encode_in_memory(self.pipeline, texts)
        loader = BatchLoader(split, **self.config.loader.model_dump(), by_length=True)
        logits, _, row_ids = predict_logits(self.model, loader)
        return logits[np.argsort(row_ids)]

    def predict(self, texts: Sequence[str]) -> list[Prediction]:
        """The most probable class of every text."""
        if not texts:
            return []
        probabilities = torch.softmax(torch.from_numpy(self.logits(texts)), dim=1).tolist()
        return [self._prediction(text, row) for text, row in zip(texts, probabilities, strict=True)]

    def _prediction(self, text: str, probabilities: list[float]) -> Prediction:
        shares = dict(zip(self.class_names, probabilities, strict=True))
        return Prediction(text, max(shares, key=shares.__getitem__), shares)

    def evaluate(self, split: Split) -> dict[str, Any]:
        """Scores of the predictions for a labelled split, whose classes are the run's.

        Raises:
            RunError: the split has no labels, or other classes.
        """
        if split.labels is None or split.class_names != self.class_names:
            raise RunError(f"a split to evaluate on has labels of the classes {', '.join(self.class_names)}")
        return classification_metrics(split.labels, self.logits(split.text).argmax(axis=1), self.class_names)


def new_run_directory(wanted: Path | None, name: str) -> Path:
    """Make and return ``wanted``, or the first of ``runs/name-1``, ``runs/name-2`` … that is free.

    Raises:
        RunError: ``wanted`` already holds something, or cannot be made.
    """
    try:
        if wanted is None:
            return _first_free(Path("runs"), name)
        wanted.mkdir(parents=True, exist_ok=True)
        if any(wanted.iterdir()):
            raise RunError(f"{wanted} is not empty: name another folder with --run, or remove it first")
        return wanted
    except OSError as error:
        raise RunError(f"cannot make the run directory {error.filename}: {error.strerror}") from error


def _first_free(parent: Path, name: str) -> Path:
    parent.mkdir(parents=True, exist_ok=True)
    number = 1
    while True:
        try:
            (parent / f"{name}-{number}").mkdir()
        except FileExistsError:
            number += 1
        else:
            return parent / f"{name}-{number}"


def _read_manifest(path: Path) -> dict[str, Any]:
    if not path.is_dir():
        raise RunError(f"there is no run directory {path}: 'textprep train' makes one")
    if not (path / MANIFEST).exists():
        raise RunError(
            f"{path} holds no finished run ({MANIFEST} is missing): train again, or name another folder"
        )
    manifest = read_json(path / MANIFEST, RunError)
    if not isinstance(manifest, dict) or manifest.get("format") != FORMAT:
        raise RunError(f"{path / MANIFEST} does not describe a textprep run: it is damaged, train again")
    if manifest.get("format_version") != FORMAT_VERSION:
        raise RunError(f"{path} was written by textprep {manifest.get('textprep_version')}: use that version")
    if not {"checksums", "model", "class_names"} <= manifest.keys():
        raise RunError(f"{path / MANIFEST} is damaged (keys are missing): train again")
    for file, checksum in manifest["checksums"].items():
        if _checksum(path / file) != checksum:
            raise RunError(f"{path / file} is damaged (its checksum differs from {MANIFEST}): train again")
    return manifest


def _checksum(path: Path) -> str:
    try:
        return hashlib.blake2b(path.read_bytes(), digest_size=16).hexdigest()
    except OSError as error:
        raise RunError(
            f"{path} cannot be read ({error.strerror}): the run is damaged, train again"
        ) from error


def _write_json(path: Path, record: Any) -> None:
    write_text(path, json.dumps(record, ensure_ascii=False, indent=2) + "\n", RunError)
