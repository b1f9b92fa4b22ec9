"""The folder of a run: claimed by one process while it trains, whole or refused when it is read.

config.json               the configuration that the run was trained with; there from the first step on
log.jsonl                 a record of every tenth step and of every epoch
checkpoint.safetensors    while it trains, and after Ctrl-C: what `textprep resume` goes on from
pipeline.json             steps, tokenizer and vocabulary
model.safetensors         the weights
metrics.json              loss and accuracy of every epoch, scores on the held-out split
predictions.safetensors   row ids, labels and probabilities of every text of the validation and test splits
curves.json               points of the ROC, precision-recall and calibration curves of the held-out split
unfinished.json           of a folder of several runs: what was asked for, while some of it is not done
data.json                 how the training data were read, and the label that most of them have
texts.safetensors         a hash of every training text, to know them again
report.html               all of that as one page, which `textprep report` makes again; nothing reads it
threshold.json            the threshold that `textprep evaluate --min-recall` chose, or null
run.json                  class names, sizes of the model, a checksum of every file above that; written last
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from itertools import count
from pathlib import Path
from typing import Any

from filelock import FileLock

from textprep._version import __version__
from textprep.errors import RunError, Stopped
from textprep.storage.files import digest_of, read_json, write_text
from textprep.storage.locks import try_lock
from textprep.visible import command

FORMAT = "textprep.run"
FORMAT_VERSION = 2
MANIFEST = "run.json"
CLAIM = ".training"  # locked while a run is being made
CONFIG = "config.json"
CHECKPOINT = "checkpoint.safetensors"
UNFINISHED = "unfinished.json"
_NUMBERS = re.compile(r"\[\n([-+.\deE,\s]+)\]")  # within a string of JSON no line ever breaks


def write_manifest(path: Path, files: list[str], record: dict[str, Any]) -> None:
    """Write ``record`` and the checksums of ``files`` to the manifest of the run ``path``."""
    whole = {
        "format": FORMAT,
        "format_version": FORMAT_VERSION,
        "textprep_version": __version__,
        **record,
        "checksums": {file: _checksum(path / file) for file in files},
    }
    write_record(path / MANIFEST, {**whole, "checksum": _digest(whole)})


def read_manifest(path: Path) -> dict[str, Any]:
    """The manifest of the run ``path``, every file of which is as it was written.

    Raises:
        RunError: there is no run, training ended before it was saved, or a file is damaged.
    """
    if not path.is_dir():
        raise RunError(f"there is no run directory {path}: 'textprep train' makes one")
    if not (path / MANIFEST).exists():
        what = "'textprep resume' goes on with it" if can_go_on(path) else "train again"
        raise RunError(
            f"{path} holds no finished run ({MANIFEST} is missing): {what}, or name another folder"
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


def can_go_on(path: Path) -> bool:
    """Whether the folder holds a training, or several, that `textprep resume` brings to its end."""
    begun, saved = (path / CONFIG).exists(), (path / MANIFEST).exists()
    return (path / UNFINISHED).exists() or (begun and (not saved or (path / CHECKPOINT).exists()))


def write_record(path: Path, record: Any) -> None:
    """``record`` as a JSON file for people and programs, each list of numbers in one line."""
    written = json.dumps(record, ensure_ascii=False, indent=2)
    write_text(path, _NUMBERS.sub(lambda found: f"[{' '.join(found[1].split())}]", written) + "\n", RunError)


@contextmanager
def making_folders() -> Iterator[None]:
    """A folder that cannot be made in here is a `RunError` that names it."""
    try:
        yield
    except OSError as error:
        raise RunError(f"cannot make the run directory {error.filename}: {error.strerror}") from error


@contextmanager
def claimed_run_directory(wanted: Path | None, name: str, *, resume: bool = False) -> Iterator[Path]:
    """``wanted``, or the first of ``runs/name-1``, ``runs/name-2`` … that is free, claimed for one run.

    Where nothing was saved in it, a folder that was made here is removed again.

    Args:
        wanted: the folder.
        name: of the run, where no folder is wanted.
        resume: go on in a folder that already holds something.

    Raises:
        RunError: ``wanted`` already holds something, another process trains in it, or it cannot be made.
        Stopped: Ctrl-C, where the training can go on later.
    """
    with making_folders():
        made = wanted is None or not wanted.exists()
        path, lock = _first_free(Path("runs"), name) if wanted is None else (wanted, _claim(wanted, resume))
    try:
        yield path
    except KeyboardInterrupt as interrupt:
        if can_go_on(path):
            raise Stopped(command("textprep", "resume", path)) from interrupt
        raise
    finally:
        lock.release()
        with suppress(OSError):
            (path / CLAIM).unlink(missing_ok=True)
            if made and not any(path.iterdir()):
                path.rmdir()


def _claim(path: Path, resume: bool = False) -> FileLock:
    """A lock on the folder, made if need be; it is released by the system where its holder is killed."""
    path.mkdir(parents=True, exist_ok=True)
    if not resume and any(file.name != CLAIM for file in path.iterdir()):
        again = f"; to go on with it: {command('textprep', 'resume', path)}" if can_go_on(path) else ""
        first = "" if again else "remove it first, or "
        raise RunError(f"{path} is not empty: {first}name another folder with --run{again}")
    lock = try_lock(path / CLAIM)
    if lock is None:
        raise RunError(f"another process is training in {path}: name another folder, or wait")
    for half_written in path.glob(f".{CHECKPOINT}.*"):  # by one that was killed
        half_written.unlink()
    return lock


def _first_free(parent: Path, name: str) -> tuple[Path, FileLock]:
    numbers = count(1)
    while True:
        path = parent / f"{name}-{next(numbers)}"
        if not path.exists():
            with suppress(RunError):  # another process was quicker
                return path, _claim(path)


def _digest(record: dict[str, Any]) -> str:
    return digest_of(json.dumps(record, sort_keys=True).encode())


def _checksum(path: Path) -> str:
    try:
        return digest_of(path.read_bytes())
    except OSError as error:
        raise RunError(
            f"{path} cannot be read ({error.strerror}): the run is damaged, train again"
        ) from error
