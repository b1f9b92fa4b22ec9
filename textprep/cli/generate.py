"""``textprep generate``: texts that a language model writes."""

from __future__ import annotations

from typing import Annotated

import typer

from textprep.cli.arguments import AsJson, RunPath, TextEncoding, typed
from textprep.cli.output import print_json


def generate(
    run: RunPath,
    start: Annotated[str, typer.Argument(metavar="TEXT", help="How the text begins; may be left out.")] = "",
    temperature: Annotated[
        float,
        typer.Option(help="Below 1, likely tokens become likelier; 0 always takes the likeliest."),
    ] = 1.0,
    top_k: Annotated[
        int | None, typer.Option(help="Draw among so many likeliest tokens; among all if not given.")
    ] = None,
    seed: Annotated[int, typer.Option(help="Of the draws: the same one writes the same text.")] = 0,
    max_tokens: Annotated[
        int, typer.Option(help="Stop after so many tokens, where the model has not ended the text.")
    ] = 100,
    count: Annotated[
        int, typer.Option("--count", "-n", min=1, help="How many texts, with the seeds that follow.")
    ] = 1,
    encoding: TextEncoding = None,
    as_json: AsJson = False,
) -> None:
    """Print a text that a language model writes, from a beginning on.

    The run is one of 'textprep train … --set dataset.target=next_token'.
    """
    from textprep.training.runs.run import Run

    loaded, (beginning,) = Run.load(run), typed([start], encoding)
    options = {"temperature": temperature, "top_k": top_k, "max_tokens": max_tokens}
    texts = [loaded.generate(beginning, seed=seed + number, **options) for number in range(count)]
    if as_json:
        print_json([{"seed": seed + number, "text": text} for number, text in enumerate(texts)])
        return
    for text in texts:
        print(text)
