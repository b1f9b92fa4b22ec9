"""The commands, in the order in which people meet them."""

from __future__ import annotations

from typing import Annotated

import typer

from textprep._version import __version__
from textprep.cli import (
    cache,
    catalogue,
    check,
    compare,
    experiment,
    explain,
    generate,
    plan,
    plugin,
    preview,
    runs,
)
from textprep.cli.output import WholeSentences

app = typer.Typer(
    name="textprep",
    cls=WholeSentences,
    help=(
        "Raw text to padded training batches, and a trained classifier to show for it.\n\n"
        "Start with 'textprep list', look at some rows with 'textprep preview movie-reviews', "
        "then 'textprep train movie-reviews'."
    ),
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _print_version(wanted: bool) -> None:
    if wanted:
        print(f"textprep {__version__}")
        raise typer.Exit


@app.callback()
def _options(
    version: Annotated[
        bool,
        typer.Option("--version", callback=_print_version, is_eager=True, help="Print the version and stop."),
    ] = False,
) -> None:
    """Options before the command."""


app.command("list")(catalogue.list_components)
app.command("show")(catalogue.show)
app.command("preview")(preview.preview)
app.command("explain")(explain.explain)
app.command("check")(check.check)
app.command("prepare")(experiment.prepare)
app.command("plan")(plan.plan)
app.command("train")(experiment.train)
app.command("resume")(experiment.resume)
app.command("report")(experiment.report)
app.command("compare")(compare.compare)
app.command("evaluate")(runs.evaluate)
app.command("predict")(runs.predict)
app.command("generate")(generate.generate)
app.command("neighbours")(runs.neighbours)
app.add_typer(cache.cache, name="cache")
app.add_typer(plugin.new, name="new")
app.command("check-plugin")(plugin.check_plugin)
