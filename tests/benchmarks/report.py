"""What was measured, as a table for people and as JSON."""

from __future__ import annotations

import os
import platform
from collections.abc import Mapping, Sequence
from importlib.metadata import version
from statistics import median
from typing import Any, NamedTuple

import textprep as tp
from textprep.tables import table

PACKAGES = ("pyarrow", "numpy", "tokenizers", "datasets", "selectolax")
HEADER = ("work", "against", "textprep", "peer", "unit", "ratio", "at least", "aim", "reached")
WIDTH = 250


class Measurement(NamedTuple):
    """A row of the table.

    Attributes:
        name: of the row, as ``--only`` takes it.
        work: what is done.
        against: who else does it.
        ours: what each run took, in ``unit``.
        peer: the same of the other side.
        unit: ``"s"``, ``"s/MB"`` or ``"MB"``.
        least: the ratio that must be reached; ``None`` where none is asked.
        aim: what is hoped for, for people.
        ratio_of: ``"peer/ours"``, where more is better, or ``"ours/peer"``, where less is.
    """

    name: str
    work: str
    against: str
    ours: list[float]
    peer: list[float]
    unit: str = "s"
    least: float | None = None
    aim: str = ""
    ratio_of: str = "peer/ours"

    @property
    def ratio(self) -> float:
        """Of the medians."""
        ours, peer = median(self.ours), median(self.peer)
        return peer / ours if self.ratio_of == "peer/ours" else ours / peer

    @property
    def is_reached(self) -> bool | None:
        """Whether ``ratio`` is what it must be; ``None`` where nothing is asked."""
        if self.least is None:
            return None
        return self.ratio >= self.least if self.ratio_of == "peer/ours" else self.ratio <= self.least


def as_text(measured: Sequence[Measurement], notes: Sequence[str], stages: Mapping[str, float]) -> str:
    """The table, the notes, the stages and the versions."""
    parts = [table(HEADER, [_cells(row) for row in measured], width=WIDTH), ""]
    parts += [
        "median (least to most); wherever two sides made ids, all of them were compared and are equal",
        *notes,
    ]
    if stages:
        lines = [[name, f"{seconds:.3f}"] for name, seconds in stages.items()]
        parts += ["", table(["stage of one tp.prepare, the row bpe", "seconds, threads added up"], lines)]
    parts += ["", ", ".join(f"{name} {value}" for name, value in versions().items())]
    return "\n".join(parts)


def as_json(
    measured: Sequence[Measurement], notes: Sequence[str], stages: Mapping[str, float]
) -> dict[str, Any]:
    """The same as JSON values."""
    rows = [row._asdict() | {"ratio": row.ratio, "is_reached": row.is_reached} for row in measured]
    return {"versions": versions(), "rows": rows, "notes": list(notes), "stages": dict(stages)}


def versions() -> dict[str, Any]:
    """Of everything that has a part in the figures, and the number of cores to use."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    return {
        "textprep": tp.__version__,
        "python": platform.python_version(),
        **{package: version(package) for package in PACKAGES},
        "system": f"{platform.system()} {platform.machine()}",
        "cores": cores,
    }


def _cells(row: Measurement) -> list[str]:
    sign = ">=" if row.ratio_of == "peer/ours" else "<="
    least = "" if row.least is None else f"{sign} {row.least:g}x"
    reached = {None: "", True: "yes", False: "no"}[row.is_reached]
    ours, peer = _range(row.ours), _range(row.peer)
    return [row.work, row.against, ours, peer, row.unit, f"{row.ratio:.2f}x", least, row.aim, reached]


def _range(values: Sequence[float]) -> str:
    middle, least, most = (_short(value) for value in (median(values), min(values), max(values)))
    return f"{middle} ({least} to {most})" if len(values) > 1 else middle


def _short(value: float) -> str:
    return f"{value:.0f}" if value >= 100 else f"{value:.3g}"
