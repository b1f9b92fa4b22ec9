"""``textprep explain``: one text on its way to ids, in the terminal or as a page."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NamedTuple

import typer

from textprep.cli.arguments import (
    AsJson,
    Beside,
    Overrides,
    TextEncoding,
    standard_input,
    typed,
    typed_path,
)
from textprep.cli.output import print_json, say
from textprep.cli.preview import FITTED_ON
from textprep.storage.files import is_file

if TYPE_CHECKING:
    from textprep.config.experiment import Config
    from textprep.explanation import Explanation
    from textprep.pipeline import Pipeline
    from textprep.training.runs.insight import TextReading
    from textprep.training.runs.run import Run

ONE_TEXT = {"dataset": {"name": "memory"}, "tokenizer": {"name": "word"}}


class _Source(NamedTuple):
    """A fitted pipeline, the configuration that says how long a row is, and the run that has both, if any."""

    pipeline: Pipeline
    config: Config
    run: Run | None = None


def explain(
    arguments: Annotated[
        list[str],
        typer.Argument(
            metavar="[RUN|DATASET|CONFIG] TEXT",
            help="The text ('-': standard input), and before it, if you like, what to explain it with: "
            "a saved run or pipeline.json, or whatever 'textprep preview' takes.",
            show_default=False,
        ),
    ],
    pair: Annotated[
        str | None,
        typer.Option("--pair", metavar="TEXT", help="The second text, where two make one row."),
    ] = None,
    html: Annotated[
        Path | None,
        typer.Option(
            "--html",
            parser=typed_path,
            metavar="PATH",
            help="Write one self-contained page to this file instead.",
        ),
    ] = None,
    encoding: TextEncoding = None,
    extra: Beside = [],  # noqa: B006 - typer reads the default, which never changes
    overrides: Overrides = [],  # noqa: B006
    as_json: AsJson = False,
) -> None:
    """Show what every step does to a text, and where every token came from; with a run, what it says too.

    With a data set or a configuration, the vocabulary is fitted on the first 2,000 training texts; with a
    text alone, on that text, and the steps are the default ones. The row is as long as loader.max_length.
    A run adds the probabilities of its classes, the words with the most attention, and what the deep model
    and the linear one beside it say for the likeliest class against the next, word by word; on the page also
    every word's attention, head by head, and the shape of every tensor on the way. With --pair the row has
    two texts, as a run that compares two reads them.
    """
    *before, given = arguments
    if len(before) > 1:
        raise typer.BadParameter("give one text, in quotes if it has spaces, and at most one thing before it")
    if not before and (is_file(given) or is_file(Path(given) / "run.json")):
        raise typer.BadParameter(f"{given} is a file or a run: give a text as well")
    (text,) = [standard_input(encoding)] if given == "-" else typed([given], encoding)
    if given == pair == "-":
        raise typer.BadParameter("standard input is one text: give the other as an argument")
    second = None if pair is None else standard_input(encoding) if pair == "-" else typed([pair], encoding)[0]
    texts = [text] if second is None else [text, second]
    pipeline, config, run = (
        _named(before[0], given, overrides, len(texts)) if before else _alone(texts, overrides)
    )
    if extra and not run:
        raise typer.BadParameter("--extra gives the extra columns of a run: name the run before the text")
    said = _read(run, texts, extra, config) if run else None
    explanation = said.explanation if said else _explained(pipeline, texts, config)
    if html:
        from textprep.errors import TextprepError
        from textprep.report.explanation_page import explanation_page
        from textprep.storage.files import write_text

        write_text(html, explanation_page(explanation, said.reading if said else None), TextprepError)
        say(f"wrote {html}: open it in a browser")
    if as_json:
        print_json((said or explanation).to_json())
    elif not html:
        from textprep.explanation.text import explanation_text

        print(explanation_text(explanation, colour=_has_colour()))
        if said:
            from textprep.report.reading import reading_text

            print(f"\n{reading_text(explanation, said.reading)}")


def _explained(pipeline: Pipeline, texts: Sequence[str], config: Config) -> Explanation:
    loader = config.loader
    return pipeline.explain(
        *texts,
        max_length=loader.max_length,
        truncation=loader.truncation,
        pair_truncation=loader.pair_truncation,
    )


def _read(run: Run, texts: Sequence[str], said: Sequence[str], config: Config) -> TextReading:
    """Predict and explain a text, or two, with extra columns."""
    from textprep.training.runs.extra_inputs import parsed_extra

    beside = {name: value for name, (value,) in parsed_extra(run.extra, said, 1).items()}
    return run.explain(*texts, extra=beside, loader=config.loader)


def _named(target: str, text: str, overrides: Sequence[str], texts: int) -> _Source:
    """What ``target`` stands for; where it is nothing, perhaps it was meant to belong to the ``text``."""
    from textprep.errors import ConfigError, DatasetError, UnknownNameError

    try:
        return _source(target, overrides, texts)
    except (ConfigError, DatasetError, UnknownNameError) as error:
        if typed_path(target).exists():
            raise
        raise type(error)(
            f"{target!r} was taken for a run, a data set or a configuration, and {text!r} for the text "
            f"(one with spaces needs quotes): {error}"
        ) from error


def _source(target: str, overrides: Sequence[str], texts: int) -> _Source:
    """The pipeline that ``target`` names, fitted for rows of so many texts."""
    from textprep.cli.loading import loaded
    from textprep.config.experiment import read_config

    path = typed_path(target)
    if is_file(path / "run.json"):
        from textprep.training.runs.run import Run

        run = Run.load(path)
        return _Source(run.pipeline, _saved_config(path / "config.json", overrides), run)
    if path.suffix == ".json":
        from textprep.pipeline import Pipeline

        return _Source(Pipeline.load(path), _saved_config(None, overrides))
    config = read_config(target, overrides)
    corpus = loaded(config.dataset)
    return _Source(_unfitted(config, texts).fit(corpus["train"].rows(0, FITTED_ON)), config)


def _unfitted(config: Config, texts: int) -> Pipeline:
    return config.pipeline() if texts == 1 else config.pipeline().for_pairs()


def _saved_config(path: Path | None, overrides: Sequence[str]) -> Config:
    """The configuration of what was saved: only the row can still be chosen."""
    from textprep.config.experiment import parse_config, read_saved
    from textprep.errors import ConfigError

    for override in overrides:
        if not override.strip().startswith("loader."):
            raise ConfigError(
                f"--set {override!r}: a saved pipeline stays as it is; only loader.… can be set"
            )
    record = read_saved(path).model_dump(mode="json") if path else ONE_TEXT
    return parse_config(record, overrides, source=str(path or ""))


def _alone(texts: Sequence[str], overrides: Sequence[str]) -> _Source:
    from textprep.config.experiment import parse_config

    config = parse_config(ONE_TEXT, overrides)
    say("the vocabulary is that of this text: name a run or a data set before it for another")
    return _Source(_unfitted(config, len(texts)).fit(texts), config)


def _has_colour() -> bool:
    """Whether a person looks at it who has not asked for no colour (https://no-color.org)."""
    return sys.stdout.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"
