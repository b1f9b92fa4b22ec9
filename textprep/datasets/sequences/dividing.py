"""Which recording, or which part of one, comes into which split."""

from __future__ import annotations

from fractions import Fraction

import numpy as np

from textprep.datasets.corpus import Corpus
from textprep.datasets.sequences.cutting import RECORDING, cut, flat
from textprep.datasets.split import Split
from textprep.datasets.splits.options import Division
from textprep.errors import DatasetError


def divided_recordings(corpus: Corpus, division: Division) -> Corpus:
    """The corpus in splits: whole recordings where there are enough of them, else parts of each in time.

    A part in time is what nothing that overlaps it, and nothing later, was learned from.

    Raises:
        DatasetError: an option cannot be used, or there are too few recordings.
    """
    shares = division.splits
    alone = division.fold is None and division.group is None and shares is not None
    if not alone or len(corpus["train"]) >= len(shares or ()):
        return corpus.assigned(division)
    return _in_time(corpus, division.fractions)


def held_together(corpus: Corpus) -> dict[str, str | None]:
    """The options of `hold_out` by which parts of one recording stay in one split, of sequences."""
    if not corpus.features:
        return {}
    return {"time": None, "group": RECORDING if RECORDING in corpus["train"].table.column_names else None}


def _in_time(corpus: Corpus, fractions: dict[str, Fraction]) -> Corpus:
    table = corpus["train"].table
    _, offsets = flat(table, "sequence")
    lengths = np.diff(offsets)
    rows, first = np.arange(len(lengths)), 0
    splits, below = {}, Fraction(0)
    for name, share in fractions.items():
        starts, stops = (_places(lengths, part) for part in (below, below + share))
        if not (stops > starts).any():
            raise DatasetError(
                f"a recording of {int(lengths.max(initial=0)):,} steps is too short to be divided in time: "
                f"split {name!r} would be empty", option="splits", value=None,
                hint='sequence= names the column that says which recording a step is of; splits=None keeps '
                'all in "train"',
            )  # fmt: skip
        splits[name] = Split(cut(table, rows, starts, stops, first), corpus.target)
        below, first = below + share, first + len(rows)
    parts = ", ".join(f"{name} {float(share):.0%}" for name, share in fractions.items())
    said = "one recording is" if len(rows) == 1 else f"{len(rows)} recordings are"
    found = corpus.with_splits({**splits, **{name: corpus[name] for name in corpus if name != "train"}})
    found.notes = (*corpus.notes, f"{said} divided in time: {parts}")
    return found


def _places(lengths: np.ndarray, share: Fraction) -> np.ndarray:
    return np.array([int(length * share) for length in lengths.tolist()], np.int64)
