"""``.npz`` files of NumPy: arrays of sequences; nothing is unpickled."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping
from typing import Any

import numpy as np

from textprep.datasets.rows import Record, Rows
from textprep.datasets.sources.paths import Paths, Records, read_paths
from textprep.datasets.sources.source import Source
from textprep.errors import DatasetError

INPUTS = ("sequence", "inputs", "X", "x", "data")
LENGTHS = "lengths"
LABELS = ("y", "Y", "label", "labels")


def read_npz(path: Paths) -> Rows | dict[str, Rows]:
    """Sequences in ``.npz`` files: one array of all of them, or an array for each.

    An array (N, T, F) or (N, T) called ``sequence``, ``inputs``, ``X``, ``x`` or ``data`` holds N sequences;
    ``lengths`` (N,), where it is there, says how many steps of each are real. Every other array of N values
    is a column. Without such an array, each array (T, F) or (T,) is a sequence, named by its key; one of a
    value for each of these, called ``y``, ``label`` or ``labels``, holds their labels.

    Args:
        path: a file, a glob, a URL, a list of these, or a mapping of split names to them.

    Raises:
        DatasetError: a file is missing or damaged, holds Python objects, or arrays of other shapes.
    """
    return read_paths(path, read_npz_file)


def read_npz_file(source: Source) -> Records:
    """One file."""
    with source.open("npz", "zip") as stream:
        content = io.BytesIO(stream.read())
    try:
        with np.load(content, allow_pickle=False) as archive:
            arrays = {name: archive[name] for name in archive.files}
    except (ValueError, OSError, EOFError, zipfile.BadZipFile, KeyError) as error:
        what = "it holds Python objects, which could run code" if "pickle" in str(error) else str(error)
        raise DatasetError(
            f"{source.name}: cannot be read: {what}", file=source.name,
            hint="save arrays of numbers and texts with numpy.savez",
        ) from error  # fmt: skip
    for number, row in enumerate(_rows(arrays, source.name)):
        yield Record(row, source.name, number)


def _rows(arrays: Mapping[str, Any], file: str) -> list[dict[str, Any]]:
    together = next((name for name in INPUTS if name in arrays and arrays[name].ndim in (2, 3)), None)
    if together is None or (arrays[together].ndim == 2 and len(arrays) == 1):
        return _named(arrays)
    sequences = arrays[together]
    others = {name: array for name, array in arrays.items() if name != together}
    for name, array in others.items():
        if array.ndim != 1 or len(array) != len(sequences):
            raise DatasetError(
                f"{file}: the array {name!r} of shape {array.shape} does not go with {len(sequences)} "
                f"sequences in {together!r}", file=file, column=name, hint="give each sequence one value",
            )  # fmt: skip
    lengths = others.pop(LENGTHS, None)
    cut = sequences if lengths is None else [s[:n] for s, n in zip(sequences, lengths.tolist(), strict=True)]
    return [
        {"sequence": each, **{_plain_name(name): array[place].item() for name, array in others.items()}}
        for place, each in enumerate(cut)
    ]


def _named(arrays: Mapping[str, Any]) -> list[dict[str, Any]]:
    """An array for each sequence, and perhaps one of their labels."""
    label = next(
        (name for name in LABELS if name in arrays and arrays[name].shape == (len(arrays) - 1,)), None
    )
    rows = [{"sequence": array, "name": name} for name, array in arrays.items() if name != label]
    labels = [] if label is None else arrays[label].tolist()
    return [{**row, "label": each} for row, each in zip(rows, labels, strict=True)] if labels else rows


def _plain_name(name: str) -> str:
    """``label`` for what is usually called ``y`` beside ``X``."""
    return "label" if name in ("y", "Y") else name
