"""What the report of a run shows, collected from the run, its data and its log; and the report written.

Shapes are written with R rows of the held-out split, C classes.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.compute as pc

from textprep.datasets.corpus import Corpus
from textprep.datasets.split import Split
from textprep.errors import RunError
from textprep.explanation import Explanation
from textprep.files import write_text
from textprep.preparation.store import PreparedDataset, PreparedSplit
from textprep.report.decisions import mistakes, rows_to_show
from textprep.report.findings import Findings, HeldOut, Ints, Read, Reading
from textprep.report.plan import length_histogram
from textprep.report.run_page import MOST_MISTAKES, run_page
from textprep.training.runs.insight import read_rows
from textprep.training.runs.loaders import scoring_loader, training_loader
from textprep.training.runs.log import LOG, read_log
from textprep.training.runs.run import Run
from textprep.training.scoring.predictions import Predictions

REPORT = "report.html"
EXAMPLES = 3
CANDIDATES = 20
EXAMPLE_CHARACTERS = 600
LIKED_CHARACTERS = 160  # of an example: long enough for the steps to have work, short enough to be read
READ_WORDS = (4, 26)  # texts of so many tokens are chosen, where there are any: each word can be seen then
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
    longest = run.config.loader.max_length
    configuration = run.config.model_dump(mode="json", include=set(SECTIONS))
    return Findings(
        title=title,
        class_names=run.class_names,
        configuration={
            **{section: configuration[section] for section in SECTIONS if section != "model"},
            "model": {"name": run.config.model.name, **run.model.options()},
        },
        splits=[_split(name, corpus[name], split, run) for name, split in data.items()],
        lengths=length_histogram(data["train"].lengths, longest),
        vocabulary=len(run.pipeline.vocabulary),
        examples=_examples(run, corpus["train"]),
        metrics=run.metrics,
        log=read_log(path / LOG),
        held_out=_held_out(run, corpus) if run.metrics["held_out"] and not run.multi_label else None,
    )


def _split(name: str, texts: Split, split: PreparedSplit, run: Run) -> dict[str, Any]:
    stats = (training_loader if name == "train" else scoring_loader)(split, run.config).stats
    longest = run.config.loader.max_length or math.inf
    return {
        "name": name,
        "rows": len(split),
        "classes": texts.class_counts(),
        "tokens": int(split.lengths.sum()),
        "longest": int(split.lengths.max(initial=0)),
        "unknown": split.unknown_rate(),
        "truncated": float((split.lengths > longest).mean()) if len(split) else 0.0,
        "padding": stats.padding_share,
    }


def _examples(run: Run, split: Split) -> list[tuple[str, Explanation]]:
    """A text of each of the first classes, of a length that can be read, on which the steps have work."""
    size = pc.utf8_length(split.text).to_numpy()
    chosen = []
    hot = split.multi_hot() if split.multi_label else None
    for index, name in enumerate(run.class_names[:EXAMPLES]):
        here = split.labels == index if hot is None else hot[:, index]
        rows = np.flatnonzero(here & (size > 0))
        liked = rows[np.argsort(np.abs(size[rows] - LIKED_CHARACTERS), kind="stable")][:CANDIDATES]
        ways = [_explained(run, text[:EXAMPLE_CHARACTERS]) for text in _texts(split, liked)]
        if ways:
            chosen.append((name, max(ways, key=_telling)))
    return chosen


def _telling(explanation: Explanation) -> tuple[int, int]:
    """How many steps have work with a text, and how much."""
    return sum(bool(step.edits) for step in explanation.steps), sum(len(s.edits) for s in explanation.steps)


def _explained(run: Run, text: str) -> Explanation:
    """The way of a text to its row, without padding."""
    loader = run.config.loader
    explanation = run.pipeline.explain(text, max_length=loader.max_length, truncation=loader.truncation)
    row, real = explanation.row, len(explanation.row.tokens)
    return replace(explanation, row=replace(row, ids=row.ids[:real], mask=row.mask[:real]))


def _held_out(run: Run, corpus: Corpus) -> HeldOut:
    name = run.metrics["held_out"]
    rows = run.predictions[name]
    labelled = np.flatnonzero(rows.labels >= 0)
    rows = Predictions(rows.row_ids[labelled], rows.labels[labelled], rows.probabilities[labelled])
    places = _places(corpus[name], rows)
    chosen = _chosen(run, rows, corpus[name], places)
    wrong = mistakes(rows.labels, rows.probabilities, MOST_MISTAKES)
    shown = np.unique(np.concatenate([rows_to_show(rows.labels, rows.probabilities), wrong]))
    return HeldOut(
        name=name,
        labels=rows.labels,
        probabilities=rows.probabilities,
        curves=run.curves,
        threshold=run.threshold.to_json() if run.threshold else None,
        texts=dict(zip(shown.tolist(), _texts(corpus[name], places[shown]), strict=True)),
        read=_read(run, rows, chosen, _texts(corpus[name], places[[row for _, row in chosen]])),
    )


def _places(split: Split, rows: Predictions) -> Ints:
    """Where in the split the rows are that were predicted.

    Raises:
        RunError: they are not there, or have other labels.
    """
    order = np.argsort(split.row_ids)
    found = np.searchsorted(split.row_ids, rows.row_ids, sorter=order)
    places: Ints = order[np.minimum(found, len(order) - 1)]
    if split.labels is None or not (
        np.array_equal(split.row_ids[places], rows.row_ids)
        and np.array_equal(split.labels[places], rows.labels)
    ):
        raise RunError("the data have changed since the run was trained: their texts are not those it scored")
    return places


def _texts(split: Split, places: Ints) -> list[str]:
    texts: list[str] = split.text.take(places).to_pylist()
    return texts


def _chosen(run: Run, rows: Predictions, split: Split, places: Ints) -> list[tuple[str, int]]:
    """Rows that are worth a look, and why: the surest that are right or wrong, the least sure; two each."""
    named, certain = rows.probabilities.argmax(axis=1), rows.probabilities.max(axis=1)
    readable = _readable(run, split, places)
    picked: dict[int, str] = {}
    for title, candidates, order in (
        ("Right, and surest", named == rows.labels, -certain),
        ("Wrong, and surest", named != rows.labels, -certain),
        ("Least sure", np.ones(len(named), bool), certain),
    ):
        rows_there = np.flatnonzero(candidates & readable)
        in_order = rows_there[np.argsort(order[rows_there], kind="stable")]
        for row in _of_two_classes(in_order, named)[:2]:
            picked.setdefault(row, title)
    return [(title, row) for row, title in picked.items()]


def _readable(run: Run, split: Split, places: Ints) -> Any:
    """(R,) bool: texts with few words; all texts with any, where there are hardly any of those."""
    words = pc.count_substring_regex(split.text, r"\S+").to_numpy()[places]
    low, high = READ_WORDS
    few, some = (words >= low) & (words <= high), words > 0
    if few.sum() >= 2 * len(run.class_names):
        return few
    return some if some.any() else ~some


def _of_two_classes(rows: Ints, named: Ints) -> list[int]:
    """``rows``, the first that is given another class than the very first moved to the second place."""
    found = rows.tolist()
    other = next((row for row in found if named[row] != named[found[0]]), None)
    return found if other is None else [found[0], other]


def _read(
    run: Run, rows: Predictions, chosen: Sequence[tuple[str, int]], texts: Sequence[str]
) -> tuple[list[Read], Reading]:
    read = [
        Read(title, run.class_names[rows.labels[row]], _explained(run, text))
        for (title, row), text in zip(chosen, texts, strict=True)
    ]
    return read, read_rows(run.model, [each.explanation.row.ids for each in read])
