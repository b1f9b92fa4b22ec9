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
import signal
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from itertools import count
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
CLAIM = ".training"  # in the folder while a run is being made


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

        Ctrl-C waits until it is written.

        Raises:
            RunError: the folder cannot be written.
        """
        with _ctrl_c_waits():
            self._write(path)

    def _write(self, path: Path) -> None:
        self.pipeline.save(path / "pipeline.json")
        _write_json(path / "config.json", self.config.model_dump(mode="json"))
        write_bytes(path / "model.safetensors", safetensors.torch.save(self.model.state_dict()), RunError)
        _write_json(path / "metrics.json", self.metrics)
        files = ["config.json", "pipeline.json", "model.safetensors", "metrics.json"]
        record = {
            "format": FORMAT,
            "format_version": FORMAT_VERSION,
            "textprep_version": __version__,
            "class_names": list(self.class_names),
            "model": self.model.options(),
            "checksums": {file: _checksum(path / file) for file in files},
        }
        _write_json(path / MANIFEST, {**record, "checksum": _digest(record)})

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


@contextmanager
def _ctrl_c_waits() -> Iterator[None]:
    """Ctrl-C in here is heard at the end; only the main thread ever hears one."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    heard: list[int] = []
    before = signal.signal(signal.SIGINT, lambda number, _: heard.append(number))
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
    if heard:
        raise KeyboardInterrupt


@contextmanager
def claimed_run_directory(wanted: Path | None, name: str) -> Iterator[Path]:
    """``wanted``, or the first of ``runs/name-1``, ``runs/name-2`` … that is free, claimed for one run.

    Where no run was saved in it, a folder that was made here is removed again.

    Raises:
        RunError: ``wanted`` already holds something, or cannot be made.
    """
    try:
        path, made = _first_free(Path("runs"), name) if wanted is None else _claim(wanted)
    except OSError as error:
        raise RunError(f"cannot make the run directory {error.filename}: {error.strerror}") from error
    try:
        yield path
    finally:
        with suppress(OSError):
            (path / CLAIM).unlink()
            if made and not any(path.iterdir()):
                path.rmdir()


def _claim(path: Path) -> tuple[Path, bool]:
    """The folder, and whether it was made here; of two processes that want it only one gets it."""
    made = not path.exists()
    path.mkdir(parents=True, exist_ok=True)
    try:
        if any(path.iterdir()):
            raise FileExistsError
        (path / CLAIM).touch(exist_ok=False)
    except FileExistsError as error:
        raise RunError(f"{path} is not empty: name another folder with --run, or remove it first") from error
    return path, made


def _first_free(parent: Path, name: str) -> tuple[Path, bool]:
    numbers = count(1)
    while True:
        path = parent / f"{name}-{next(numbers)}"
        if not path.exists():
            with suppress(RunError):  # another process was quicker
                return _claim(path)


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
    if manifest.pop("checksum", None) != _digest(manifest):
        raise RunError(f"{path / MANIFEST} is damaged (its checksum differs): train again")
    for file, checksum in manifest["checksums"].items():
        if _checksum(path / file) != checksum:
            raise RunError(f"{path / file} is damaged (its checksum differs from {MANIFEST}): train again")
    return manifest


def _digest(record: dict[str, Any]) -> str:
    return _blake2b(json.dumps(record, sort_keys=True).encode())


def _blake2b(content: bytes) -> str:
    return hashlib.blake2b(content, digest_size=16).hexdigest()


def _checksum(path: Path) -> str:
    try:
        return _blake2b(path.read_bytes())
    except OSError as error:
        raise RunError(
            f"{path} cannot be read ({error.strerror}): the run is damaged, train again"
        ) from error


def _write_json(path: Path, record: Any) -> None:
    write_text(path, json.dumps(record, ensure_ascii=False, indent=2) + "\n", RunError)
