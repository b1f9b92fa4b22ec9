"""``textprep evaluate`` and ``textprep predict``: a saved run on texts that it has never seen."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from textprep.cli.arguments import AsJson, RunPath

if TYPE_CHECKING:
    from textprep.datasets.corpus import Corpus
    from textprep.training.run import Run

DataFile = Annotated[
    Path | None,
    typer.Option(
        "--data", help="A data file (.csv, .tsv, .jsonl, .parquet) or a folder with one folder a class."
    ),
]
TextColumn = Annotated[
    str | None,
    typer.Option("--text", help="The column that holds the text; the one of the training data if not given."),
]
LabelColumn = Annotated[
    str | None,
    typer.Option(
        "--label", help="The column that holds the label; the one of the training data if not given."
    ),
]


def evaluate(
    run: RunPath,
    data: DataFile = None,
    text: TextColumn = None,
    label: LabelColumn = None,
    as_json: AsJson = False,
) -> None:
    """Score a saved run on a labelled file, or print its scores on the held-out split.

    Labels are the class names of the run, or their numbers (0, 1, …) where no class is called so.
    """
    from textprep.errors import RunError
    from textprep.report.scores import scores_report
    from textprep.training.run import Run

    loaded = Run.load(run)
    if data is None:
        if not loaded.metrics.get("held_out"):
            raise RunError(f"{run} was stopped before it was scored: give a labelled file with --data")
        metrics: dict[str, Any] = {"data": f"held-out split {loaded.metrics['held_out']!r}", **loaded.metrics}
    else:
        split = _read(loaded, data, text, _column(loaded, "label", label))["train"]
        metrics = {"data": str(data), **loaded.evaluate(split)}
    if as_json:
        print(json.dumps(metrics, indent=2, ensure_ascii=False))
        return
    print(f"scores on {metrics['data']}:\n")
    print(scores_report(metrics))


def predict(
    run: RunPath,
    texts: Annotated[
        list[str] | None,
        typer.Argument(metavar="TEXT...", help="Texts; none or '-': a text a line from standard input."),
    ] = None,
    data: DataFile = None,
    text: TextColumn = None,
    as_json: AsJson = False,
) -> None:
    """Print the class of texts given here, on standard input, or in a file."""
    from textprep.training.run import Run

    loaded = Run.load(run)
    predictions = loaded.predict(_texts(loaded, texts or ["-"], data, text))
    if as_json:
        print(json.dumps([vars(prediction) for prediction in predictions], indent=2, ensure_ascii=False))
        return
    margin = max(len(name) for name in loaded.class_names)
    for prediction in predictions:
        probability = prediction.probabilities[prediction.label]
        print(f"{prediction.label:<{margin}}  {probability:6.1%}  {' '.join(prediction.text.split())[:100]}")


def _texts(run: Run, texts: list[str], data: Path | None, text: str | None) -> list[str]:
    if data is not None:
        read: list[str] = _read(run, data, text, None)["train"].text.to_pylist()
        return read
    if texts == ["-"]:
        return [line.rstrip("\n") for line in sys.stdin if line.strip()]
    return texts


def _column(run: Run, kind: str, given: str | None) -> str:
    """The column ``given``, or the one that the run was trained on."""
    return given or str(run.config.dataset.options().get(kind, kind))


def _read(run: Run, data: Path, text: str | None, label: str | None) -> Corpus:
    """All rows of ``data`` as one split, labels in the order of the run's classes."""
    from textprep.datasets.loading import load_dataset
    from textprep.errors import DatasetError
    from textprep.training.config import dataset_of

    options = dataset_of(str(data))
    if "path" not in options:
        raise DatasetError(f"{data} is neither a folder nor a .csv, .tsv, .jsonl or .parquet file")
    return load_dataset(
        **options,
        text=_column(run, "text", text),
        label=label,
        class_names=run.class_names if label else None,
        splits=None,
    )
