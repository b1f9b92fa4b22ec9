"""Arguments that several commands share."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from textprep.errors import TextprepError

Target = Annotated[
    str,
    typer.Argument(
        metavar="TARGET",
        help="A data set ('textprep list datasets'), a data file (.csv, .jsonl, .parquet … also in .gz or "
        ".zip), a folder with one folder per class, or a configuration file (.toml).",
        show_default=False,
    ),
]
Overrides = Annotated[
    list[str],
    typer.Option(
        "--set",
        metavar="KEY=VALUE",
        help="Override one key of the configuration, such as training.epochs=1 or dataset.text=review; "
        "repeatable.",
    ),
]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON instead of text.")]


def typed_path(text: str) -> Path:
    """The file or folder of an argument; ``--run=~/x`` and a quoted ``~`` are not expanded by shells."""
    from textprep.errors import ConfigError
    from textprep.storage.files import local_path

    return local_path(text, ConfigError)


RunPath = Annotated[
    Path,
    typer.Argument(
        parser=typed_path, metavar="RUN", help="The folder of a saved run, such as runs/movie-reviews-1."
    ),
]


def _cache_folder(text: str) -> Path:
    """The folder that a path or a URL names; as a `Path` alone a URL would lose a slash."""
    from textprep.storage.files import cache_folder

    return cache_folder(text)


CacheDir = Annotated[
    Path | None,
    typer.Option(
        parser=_cache_folder,
        metavar="PATH",
        help="Where prepared data is kept; TEXTPREP_CACHE or the platform's cache folder if not given.",
    ),
]


def standard_input() -> str:
    """What is typed or piped in.

    Raises:
        TextprepError: it is not text in the encoding that Python expects there.
    """
    try:
        return sys.stdin.read()
    except UnicodeDecodeError as error:
        problem = f"{error.reason} at byte {error.start}"
        raise TextprepError(
            f"standard input is not {error.encoding} text ({problem}): convert it, or set PYTHONIOENCODING"
        ) from error
