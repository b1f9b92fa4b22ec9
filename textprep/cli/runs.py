"""``textprep evaluate``, ``predict`` and ``neighbours``: what a saved run knows, and how well."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from io import StringIO
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from textprep.cli.arguments import (
    AsJson,
    Beside,
    Overrides,
    RunPath,
    Second,
    TextEncoding,
    standard_input,
    typed,
)
from textprep.cli.loading import told as told_notes
from textprep.cli.output import print_json, say

if TYPE_CHECKING:
    from textprep.datasets.corpus import Corpus
    from textprep.records import Scores
    from textprep.training.runs.run import Run

DataFile = Annotated[
    str | None,
    typer.Option(
        "--data",
        metavar="FILE",
        help="A data file (.csv, .jsonl, .parquet … also in .gz or .zip), one folder per class, a URL; read "
        "as the training data was.",
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

Labels = Annotated[
    str | None,
    typer.Option(
        metavar="LABEL=CLASS,…",
        help="Which class of the run a label of the file means, such as neg=negative,pos=positive.",
    ),
]


def evaluate(
    run: RunPath,
    data: DataFile = None,
    text: TextColumn = None,
    label: LabelColumn = None,
    labels: Labels = None,
    encoding: TextEncoding = None,
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
    overrides: Overrides = [],  # noqa: B006 - typer reads the default, which never changes
    as_json: AsJson = False,
) -> None:
    """Score a saved run on a labelled file, or print its scores on the held-out split.

    Labels are the class names of the run, or their numbers (0, 1, …) where no class is called so. The file
    is read as the training data was (columns, delimiter, encoding and all else that its format has too);
    --set dataset.KEY=VALUE changes that. Rows whose texts were among the training texts are counted, and
    the others scored by themselves as well.

    With --min-recall or --min-precision a threshold is chosen on the validation split, stored with the run,
    and used by 'evaluate' and 'predict' from then on; what it costs on the held-out split is printed.
    """
    from textprep.report.class_scores import threshold_table
    from textprep.report.scores import optimistic
    from textprep.training.runs.run import Run

    loaded = _decided(Run.load(run), run, min_recall, min_precision, class_name, reset)
    scores: Scores
    if data is None:
        scored_on, scores = f"the held-out split {loaded.metrics['held_out']!r}", loaded.held_out_scores()
    else:
        given = {"text": text, "label": label, "labels": labels, "encoding": encoding}
        scored_on, scores = data, loaded.evaluate(_read(loaded, data, given, overrides)["train"])
    if as_json:
        print_json({"data": scored_on, **scores})
        return
    stopped = " (its training was stopped by Ctrl-C)" if loaded.metrics.get("interrupted") else ""
    note = "" if data else optimistic(loaded.metrics["held_out"])
    print(f"scores of {run}{stopped} on {scored_on}{note}:\n")
    print(loaded.objective.summary(scores))
    if "threshold" in scores:
        print(f"\n{threshold_table(scores['threshold'])}")


def _decided(
    run: Run, path: Path, min_recall: float | None, min_precision: float | None, class_name: str | None,
    reset: bool,
) -> Run:  # fmt: skip
    """The run with the threshold that is asked for, which is stored."""
    from textprep.errors import RunError

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
    least = {"min_recall": min_recall, "min_precision": min_precision}
    return run.with_threshold(run.objective.threshold(rows, class_name, **least), path)


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

    found = neighbours_of(Run.load(run), typed([word])[0], top)
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
    pair: Second = [],  # noqa: B006 - typer reads the default, which never changes
    data: DataFile = None,
    text: TextColumn = None,
    encoding: TextEncoding = None,
    extra: Beside = [],  # noqa: B006
    overrides: Overrides = [],  # noqa: B006
    as_json: AsJson = False,
) -> None:
    """Print the class (or classes, number, spans) of texts given here, on standard input, or in a file.

    A file is read as the training data was (columns, delimiter, encoding and all else that its format has
    too); --set dataset.KEY=VALUE changes that. A run with extra columns takes them from the file, or, for
    texts given here, from --extra NAME=VALUE. A run that compares two texts takes the second from the file,
    or from --pair TEXT, once for each text; with '--pair -' from standard input, one per line.
    """
    if texts and data:
        raise typer.BadParameter("give texts or --data, not both")
    if (extra or pair) and data:
        option = "--extra" if extra else "--pair"
        raise typer.BadParameter(f"give {option} or --data, not both: a file has its own columns")
    from textprep.tables import printable
    from textprep.training.runs.extra_inputs import parsed_extra
    from textprep.training.runs.run import Run

    loaded = Run.load(run)
    if data is not None:
        given = {"text": text, "encoding": encoding}
        corpus = _read(loaded, data, given, overrides, labelled=False)
        predictions = loaded.predict(corpus["train"])
    elif not texts and loaded.model.features is not None:
        raise typer.BadParameter("the run reads sequences of numbers: give a file of them, --data FILE")
    else:
        given_texts = typed(texts, encoding) if texts and texts != ["-"] else _lines(encoding)
        beside = parsed_extra(loaded.extra, extra, len(given_texts))
        second = _second_texts(pair, encoding, reads_texts=not texts or texts == ["-"])
        predictions = loaded.predict(given_texts, beside, pair=second)
    if as_json:
        print_json([_as_json(prediction) for prediction in predictions])
        return
    if loaded.threshold:
        say(loaded.objective.rule_words(loaded.threshold))
    for prediction, line in zip(predictions, loaded.objective.lines(predictions), strict=True):
        texts = [text for text in (prediction.text, _second(prediction)) if text is not None]
        print(f"{line}  {'  |  '.join(printable(' '.join(text.split()))[:100] for text in texts)}")


def _second_texts(given: list[str], encoding: str | None, *, reads_texts: bool) -> list[str] | None:
    """Those of --pair, or, for '-', the lines of standard input, which has one use only."""
    if given != ["-"]:
        return typed(given, encoding) if given else None
    if reads_texts:
        raise typer.BadParameter(
            "standard input gives the first texts or the second ones, not both: give one of them as "
            "arguments, or both in a file: --data FILE"
        )
    return _lines(encoding)


def _second(prediction: Any) -> str | None:
    """The second text of a prediction, if it has one."""
    return getattr(prediction, "pair", None)


def _as_json(prediction: Any) -> dict[str, Any]:
    """Its fields, ``pair`` only where there are two texts."""
    fields = vars(prediction)
    return fields if _second(prediction) is not None else {k: v for k, v in fields.items() if k != "pair"}


def _lines(encoding: str | None) -> list[str]:
    """Every line of standard input, blank ones too, so that a line in is a line out."""
    if sys.stdin.isatty():
        say("a text a line, then Ctrl-D:")
    return [line.rstrip("\r\n") for line in StringIO(standard_input(encoding))]


def _read(
    run: Run, data: str, given: dict[str, str | None], overrides: Sequence[str], *, labelled: bool = True
) -> Corpus:
    """All rows of ``data``, read as the run's data was, or as the person says."""
    from textprep.config.experiment import parse_config
    from textprep.training.runs.new_data import read_all, reading_of

    told, notes = reading_of(run, data)
    own = {option: value for option, value in given.items() if value is not None}
    config = parse_config({"dataset": {**told, **own}}, overrides)
    if config.dataset.options().get("encoding") == told.get("encoding"):
        for note in notes:
            say(f"note: {note}")
    corpus = told_notes(read_all(run, config.dataset.name, config.dataset.options(), labelled=labelled))
    if corpus.rejected:
        say(f"{len(corpus.rejected):,} rows left out, the first: {corpus.rejected[0]}")
    return corpus
