"""What the report of a run shows, collected from the run, its data and its log; and the report written.

Shapes are written with R rows of the held-out split.
"""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from textprep.datasets.corpus import Corpus
from textprep.datasets.split import Split
from textprep.errors import RunError
from textprep.explanation import Explanation
from textprep.prepared.dataset import PreparedDataset
from textprep.prepared.split import PreparedSplit
from textprep.report.findings import Findings, SplitFacts
from textprep.report.plan import length_histogram
from textprep.report.run_page import run_page
from textprep.report.sections import Page
from textprep.storage.files import write_text
from textprep.training.build_model import model_name
from textprep.training.rows import rows_of
from textprep.training.runs.given import given_to
from textprep.training.runs.loaders import scoring_loader, training_loader
from textprep.training.runs.log import LOG, read_log
from textprep.training.runs.readings import way_of
from textprep.training.runs.run import Run
from textprep.training.scoring.predictions import Predictions

Ints = npt.NDArray[np.int64]
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
    longest, objective, name = run.config.loader.max_length, run.objective, run.metrics["held_out"]
    held_out = _held_out(run, corpus[name], run.predictions[name]) if name else None
    shown = given_to(run).shown(run, corpus["train"], held_out)
    page = _page(run, held_out) if held_out else Page()
    configuration = run.config.model_dump(mode="json", include=set(SECTIONS))
    return Findings(
        title=title,
        names=run.class_names,
        configuration={
            **{section: configuration[section] for section in SECTIONS if section != "model"},
            "model": {"name": model_name(run.model), **run.model.options()},
        },
        splits=[_split(split_name, corpus[split_name], split, run) for split_name, split in data.items()],
        lengths=length_histogram(_lengths(data["train"]), longest),
        vocabulary=rows_of(run.model).vocabulary(run),
        examples=shown.examples,
        unit=data["train"].unit,
        metrics=run.metrics,
        headline=objective.headline(run.metrics) if name else ("", ""),
        measures=[(measure.name, measure.title, measure.form) for measure in objective.measures],
        log=read_log(path / LOG),
        page=page._replace(sections=(*page.sections, *shown.sections)),
        read=shown.read,
    )


def _split(name: str, texts: Split, split: PreparedSplit, run: Run) -> SplitFacts:
    stats = (training_loader if name == "train" else scoring_loader)(split, run.config).stats
    longest, lengths = run.config.loader.max_length or math.inf, _lengths(split)
    return SplitFacts(
        name=name,
        rows=len(split),
        figures=texts.target.figures(column) if texts.target and (column := texts.target_column) else {},
        tokens=split.tokens,
        longest=int(lengths.max(initial=0)),
        unknown=split.oov_rate(),
        truncated=float((lengths > longest).mean()) if len(split) else 0.0,
        padding=stats.padding_share,
    )


def _lengths(split: PreparedSplit) -> Ints:
    """(N,) the tokens of each row, special ones included, before truncation."""
    texts = split.lengths if split.pair is None else split.lengths + split.pair.lengths
    return texts + split.template.specials(pair=split.pair is not None)


def examples_of(run: Run, split: Split) -> list[tuple[str, Explanation]]:
    """A text of each of the first kinds, of a length that can be read, on which the steps have work."""
    size = np.sum([pc.utf8_length(texts).to_numpy() for texts in split.texts], axis=0)
    chosen = []
    for name, here in run.objective.examples(split)[:EXAMPLES]:
        rows = np.flatnonzero(here & (size > 0))
        liked = rows[np.argsort(np.abs(size[rows] - LIKED_CHARACTERS), kind="stable")][:CANDIDATES]
        ways = [
            way_of(run, *(text[:EXAMPLE_CHARACTERS] for text in texts)) for texts in _row_texts(split, liked)
        ]
        if ways:
            chosen.append((name, max(ways, key=_telling)))
    return chosen


def _telling(explanation: Explanation) -> tuple[int, int]:
    """How many steps have work with a row, and how much."""
    edits = [len(step.edits) for way in explanation.texts for step in way.steps]
    return sum(map(bool, edits)), sum(edits)


def _held_out(run: Run, split: Split, predicted: Predictions) -> tuple[Predictions, Split, Ints]:
    """The rows with a target, the split that they are of, and their places in it.

    Raises:
        RunError: they are not there, or have other labels.
    """
    rows = run.objective.known(predicted)
    order = np.argsort(split.row_ids)
    found = np.searchsorted(split.row_ids, rows.row_ids, sorter=order)
    places: Ints = order[np.minimum(found, len(order) - 1)]
    same = np.array_equal(split.row_ids[places], rows.row_ids)
    if not (same and run.objective.are_of(rows, split, places)):
        raise RunError("the data have changed since the run was trained: their texts are not those it scored")
    return rows, split, places


def _page(run: Run, held_out: tuple[Predictions, Split, Ints]) -> Page:
    rows, split, places = held_out
    return run.objective.page(
        rows,
        run.metrics,
        run.curves or {},
        run.threshold,
        lambda wanted: _row_texts(split, places[wanted]),
        **given_to(run).page_places(run),
    )


def _row_texts(split: Split, places: Ints) -> list[tuple[str, ...]]:
    """The text, or both texts, of some rows."""
    return split.input.shown(split.table.take(pa.array(places)))
