"""What the report of a run shows, collected from the run, its data and its log; and the report written.

Shapes are written with R rows of the held-out split, C classes.
"""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.compute as pc

from textprep.datasets.corpus import Corpus
from textprep.datasets.split import Split
from textprep.errors import RunError
from textprep.explanation import Explanation
from textprep.prepared.dataset import PreparedDataset
from textprep.prepared.split import PreparedSplit
from textprep.records import Curves
from textprep.report.findings import Findings, HeldOut, Ints, SplitFacts
from textprep.report.held_out import MOST_MISTAKES
from textprep.report.plan import length_histogram
from textprep.report.run_page import run_page
from textprep.report.thresholds import mistakes, rows_to_show
from textprep.storage.files import write_text
from textprep.training.runs.loaders import scoring_loader, training_loader
from textprep.training.runs.log import LOG, read_log
from textprep.training.runs.readings import explained, read_some
from textprep.training.runs.run import Run
from textprep.training.scoring.predictions import Predictions

REPORT = "report.html"
EXAMPLES = 3
CANDIDATES = 20
EXAMPLE_CHARACTERS = 600
LIKED_CHARACTERS = 160  # of an example: long enough for the steps to have work, short enough to be read
SECTIONS = ("steps", "tokenizer", "loader", "model", "training")  # a data set's options may hold a password


def write_report(run: Run, title: str, path: Path, corpus: Corpus, data: PreparedDataset) -> Path:
    """Write ``report.html`` into the folder ``path`` of the run.

    Args:
        run: what was trained, with its scores.
        title: what the page calls it.
        path: the folder of the run.
        corpus: what it was trained on, with texts.
        data: the same as ids.

    Raises:
        RunError: the data are not those of the run, or the file cannot be written.
    """
    write_text(path / REPORT, run_page(collect(run, title, path, corpus, data)), RunError)
    return path / REPORT


def collect(run: Run, title: str, path: Path, corpus: Corpus, data: PreparedDataset) -> Findings:
    """Everything that the page of a run shows; the arguments are those of `write_report`."""
    longest, name = run.config.loader.max_length, run.metrics["held_out"]
    configuration = run.config.model_dump(mode="json", include=set(SECTIONS))
    return Findings(
        title=title,
        class_names=run.class_names,
        configuration={
            **{section: configuration[section] for section in SECTIONS if section != "model"},
            "model": {"name": run.config.model.name, **run.model.options()},
        },
        splits=[_split(split_name, corpus[split_name], split, run) for split_name, split in data.items()],
        lengths=length_histogram(data["train"].lengths, longest),
        vocabulary=len(run.pipeline.vocabulary),
        examples=_examples(run, corpus["train"]),
        metrics=run.metrics,
        log=read_log(path / LOG),
        held_out=_held_out(run, corpus, name, run.curves) if name and run.curves else None,
    )


def _split(name: str, texts: Split, split: PreparedSplit, run: Run) -> SplitFacts:
    stats = (training_loader if name == "train" else scoring_loader)(split, run.config).stats
    longest = run.config.loader.max_length or math.inf
    return SplitFacts(
        name=name,
        rows=len(split),
        classes=texts.class_counts(),
        tokens=int(split.lengths.sum()),
        longest=int(split.lengths.max(initial=0)),
        unknown=split.oov_rate(),
        truncated=float((split.lengths > longest).mean()) if len(split) else 0.0,
        padding=stats.padding_share,
    )


def _examples(run: Run, split: Split) -> list[tuple[str, Explanation]]:
    """A text of each of the first classes, of a length that can be read, on which the steps have work."""
    size = pc.utf8_length(split.text).to_numpy()
    chosen = []
    hot = split.labels if _several(split) else None
    for index, name in enumerate(run.class_names[:EXAMPLES]):
        here = split.labels == index if hot is None else hot[:, index]
        rows = np.flatnonzero(here & (size > 0))
        liked = rows[np.argsort(np.abs(size[rows] - LIKED_CHARACTERS), kind="stable")][:CANDIDATES]
        ways = [explained(run, text[:EXAMPLE_CHARACTERS]) for text in _texts(split, liked)]
        if ways:
            chosen.append((name, max(ways, key=_telling)))
    return chosen


def _telling(explanation: Explanation) -> tuple[int, int]:
    """How many steps have work with a text, and how much."""
    return sum(bool(step.edits) for step in explanation.steps), sum(len(s.edits) for s in explanation.steps)


def _held_out(run: Run, corpus: Corpus, name: str, curves: Curves) -> HeldOut:
    rows = run.predictions[name].labelled()
    places = _places(corpus[name], rows)
    shown = _shown(rows)
    return HeldOut(
        name=name,
        labels=rows.labels,
        probabilities=rows.probabilities,
        curves=curves,
        threshold=run.threshold.to_json() if run.threshold else None,
        texts=dict(zip(shown.tolist(), _texts(corpus[name], places[shown]), strict=True)),
        read=read_some(run, rows, corpus[name], places),
    )


def _shown(rows: Predictions) -> Ints:
    """The rows whose beginnings are on the page."""
    wrong = [mistake.row for mistake in mistakes(rows.labels, rows.probabilities, MOST_MISTAKES)]
    held = rows_to_show(rows.labels, rows.probabilities)
    return np.unique(np.concatenate([held, np.array(wrong, np.int64)]))


def _places(split: Split, rows: Predictions) -> Ints:
    """Where in the split the rows are that were predicted.

    Raises:
        RunError: they are not there, or have other labels.
    """
    order = np.argsort(split.row_ids)
    found = np.searchsorted(split.row_ids, rows.row_ids, sorter=order)
    places: Ints = order[np.minimum(found, len(order) - 1)]
    labels = split.labels
    if labels is None or not (
        np.array_equal(split.row_ids[places], rows.row_ids) and np.array_equal(labels[places], rows.labels)
    ):
        raise RunError("the data have changed since the run was trained: their texts are not those it scored")
    return places


def _texts(split: Split, places: Ints) -> list[str]:
    texts: list[str] = split.text.take(places).to_pylist()
    return texts


def _several(data: Any) -> bool:
    return data.target is not None and data.target.name == "classes"
