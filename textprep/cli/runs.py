"""``textprep evaluate``, ``predict`` and ``neighbours``: what a saved run knows, and how well."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from io import StringIO
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from textprep.cli.arguments import AsJson, Overrides, RunPath, standard_input, typed_path
from textprep.cli.output import print_json, say

if TYPE_CHECKING:
    from textprep.datasets.corpus import Corpus
    from textprep.records import Scores
    from textprep.training.runs.run import Prediction, Run
    from textprep.training.scoring.thresholds import Threshold

DataFile = Annotated[
    Path | None,
    typer.Option(
        "--data",
        parser=typed_path,
        metavar="PATH",
        help="A data file (.csv, .jsonl, .parquet … also in .gz or .zip) or one folder per class.",
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

ABOUT_ROWS = (
    "text", "label", "pair", "join", "multi_label", "threshold", "empty_text", "on_error", "quarantine"
)  # fmt: skip


def evaluate(
    run: RunPath,
    data: DataFile = None,
    text: TextColumn = None,
    label: LabelColumn = None,
    min_recall: Annotated[
        float | None,
        typer.Option(help="Choose the threshold with this recall on the validation split, and keep it."),
    ] = None,
    min_precision: Annotated[
        float | None,
        typer.Option(help="Choose the threshold with this precision on the validation split, and keep it."),
    ] = None,
    class_name: Annotated[
        str | None,
        typer.Option("--class", help="The class that the threshold is for; the last if not given."),
    ] = None,
    reset: Annotated[bool, typer.Option("--reset-threshold", help="Forget the threshold again.")] = False,
    overrides: Overrides = [],  # noqa: B006 - typer reads the default, nobody changes it
    as_json: AsJson = False,
) -> None:
    """Score a saved run on a labelled file, or print its scores on the held-out split.

    Labels are the class names of the run, or their numbers (0, 1, …) where no class is called so. The file
    is read as the training data was (delimiter, encoding, columns); --set dataset.KEY=VALUE changes that.

    With --min-recall or --min-precision a threshold is chosen on the validation split, stored with the run,
    and used by 'evaluate' and 'predict' from then on; what it costs on the held-out split is printed.
    """
    from textprep.report.scores import optimistic, scores_report, threshold_table
    from textprep.training.runs.run import Run

    loaded = _decided(Run.load(run), run, min_recall, min_precision, class_name, reset)
    scores: Scores
    if data is None:
        scored_on, scores = f"the held-out split {loaded.metrics['held_out']!r}", loaded.held_out_scores()
    else:
        options = _options(loaded, data, {"text": text, "label": label}, overrides)
        scored_on, scores = str(data), loaded.evaluate(_read(loaded, options)["train"])
    if as_json:
        print_json({"data": scored_on, **scores})
        return
    stopped = " (its training was stopped by Ctrl-C)" if loaded.metrics.get("interrupted") else ""
    note = "" if data else optimistic(loaded.metrics["held_out"])
    print(f"scores of {run}{stopped} on {scored_on}{note}:\n")
    print(scores_report(scores))
    if "threshold" in scores:
        print(f"\n{threshold_table(scores['threshold'])}")


def _decided(
    run: Run, path: Path, min_recall: float | None, min_precision: float | None, class_name: str | None,
    reset: bool,
) -> Run:  # fmt: skip
    """The run with the threshold that is asked for, which is stored."""
    from textprep.errors import RunError
    from textprep.training.scoring.thresholds import pick_threshold

    chooses = min_recall is not None or min_precision is not None
    if reset and chooses:
        raise typer.BadParameter("give --reset-threshold or what a threshold must reach, not both")
    if class_name is not None and not chooses:
        raise typer.BadParameter(
            "--class says what a threshold is for: give --min-recall or --min-precision too"
        )
    if reset:
        return run.with_threshold(None, path)
    if not chooses:
        return run
    if "validation" not in run.predictions:
        raise RunError(f"{path} was stopped before it was scored: it has nothing to choose a threshold on")
    rows = run.predictions["validation"]
    threshold = pick_threshold(
        rows.labels, rows.probabilities, class_name or run.class_names[-1], run.class_names,
        min_recall=min_recall, min_precision=min_precision,
    )  # fmt: skip
    return run.with_threshold(threshold, path)


def neighbours(
    run: RunPath,
    word: Annotated[str, typer.Argument(metavar="WORD", help="A word of the run's vocabulary.")],
    top: Annotated[int, typer.Option(min=1, help="How many.")] = 10,
    as_json: AsJson = False,
) -> None:
    """Print the words that are nearest to one in the space that the run has learned, by cosine similarity."""
    from textprep.tables import table
    from textprep.training.runs.neighbours import neighbours as neighbours_of
    from textprep.training.runs.run import Run

    found = neighbours_of(Run.load(run), word, top)
    if as_json:
        print_json([{"token": token, "similarity": similarity} for token, similarity in found])
    else:
        rows = [[token, f"{similarity:.4f}"] for token, similarity in found]
        print(table([f"near {word!r}", "cosine"], rows))


def predict(
    run: RunPath,
    texts: Annotated[
        list[str] | None,
        typer.Argument(metavar="TEXT...", help="Texts; none or '-': a text a line from standard input."),
    ] = None,
    data: DataFile = None,
    text: TextColumn = None,
    overrides: Overrides = [],  # noqa: B006 - typer reads the default, nobody changes it
    as_json: AsJson = False,
) -> None:
    """Print the class (or classes) of texts given here, on standard input, or in a file.

    A file is read as the training data was (delimiter, encoding, column); --set dataset.KEY=VALUE changes
    that.
    """
    if texts and data:
        raise typer.BadParameter("give texts or --data, not both")
    from textprep.tables import printable
    from textprep.training.runs.run import Run

    loaded = Run.load(run)
    if data is not None:
        options = _options(loaded, data, {"text": text}, overrides)
        predictions = loaded.predict(_read(loaded, {**options, "label": None})["train"].text.to_pylist())
    else:
        predictions = loaded.predict(_lines() if texts in (None, [], ["-"]) else texts or [])
    if as_json:
        print_json([vars(prediction) for prediction in predictions])
        return
    if loaded.threshold:
        say(_rule(loaded.threshold, "one half" if loaded.multi_label else "the likeliest class"))
    margin = max(len(name) for name in loaded.class_names)
    for prediction in predictions:
        shown = printable(" ".join(prediction.text.split()))[:100]
        print(f"{_choice(prediction, margin)}  {shown}")


def _rule(threshold: Threshold, otherwise: str) -> str:
    """Why a class that is not the likeliest may be given, or one that is may not."""
    return (
        f"a text is {threshold.class_name!r} from a probability of {threshold.value:.2%} on, as 'textprep "
        f"evaluate' has chosen; its --reset-threshold lets {otherwise} decide again"
    )


def _choice(prediction: Prediction, margin: int) -> str:
    """The class, or the classes, each with its probability."""
    if isinstance(prediction.label, str):
        return f"{prediction.label:<{margin}}  {prediction.probabilities[prediction.label]:6.1%}"
    return ", ".join(f"{name} {prediction.probabilities[name]:.1%}" for name in prediction.label) or "(none)"


def _lines() -> list[str]:
    """Every line of standard input, blank ones too, so that a line in is a line out."""
    if sys.stdin.isatty():
        say("a text a line, then Ctrl-D:")
    return [line.rstrip("\r\n") for line in StringIO(standard_input())]


def _options(
    run: Run, data: Path, columns: dict[str, str | None], overrides: Sequence[str]
) -> dict[str, Any]:
    """How to read ``data``: as its name says, as the run's data was read, and as the person says."""
    from textprep.config.experiment import parse_config
    from textprep.datasets.formats import ENDINGS, dataset_of
    from textprep.errors import DatasetError

    trained = {"name": run.config.dataset.name, **run.config.dataset.options()}
    named = dataset_of(str(data))
    if "path" not in named:
        raise DatasetError(f"{data} is neither a folder nor a file whose name ends in {ENDINGS}")
    about_text = {key: value for key, value in trained.items() if key in ABOUT_ROWS}
    about_file = {key: value for key, value in trained.items() if key in ("delimiter", "encoding")}
    same_format = about_file if trained["name"] == named["name"] else {}
    given = {key: value for key, value in columns.items() if value is not None}
    config = parse_config({"dataset": {**about_text, **same_format, **named, **given}}, overrides)
    return {"name": config.dataset.name, **config.dataset.options()}


def _read(run: Run, options: dict[str, Any]) -> Corpus:
    """All rows as one split, labels in the order of the run's classes."""
    from textprep.datasets.loading import load_dataset

    labels = {"class_names": None if options.get("label", "label") is None else run.class_names}
    corpus = load_dataset(**{**options, **labels, "splits": None})
    if corpus.rejected:
        say(f"{len(corpus.rejected):,} rows left out, the first: {corpus.rejected[0]}")
    return corpus
