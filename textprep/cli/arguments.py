"""Arguments that several commands share."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
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
Beside = Annotated[
    list[str],
    typer.Option(
        "--extra",
        metavar="NAME=VALUE",
        help="The value of an extra column, such as year=1994, where the run has any; repeatable.",
    ),
]
Second = Annotated[
    list[str],
    typer.Option(
        "--pair",
        metavar="TEXT",
        help="The second text, where the run compares two; of several texts, once for each.",
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


TextEncoding = Annotated[
    str | None,
    typer.Option(
        metavar="NAME",
        help="The encoding of texts given here, on standard input or in a file, such as cp1252; that of the "
        "terminal or of the training data if not given.",
    ),
]


def standard_input(encoding: str | None = None) -> str:
    """What is typed or piped in.

    Raises:
        TextprepError: it is not text of that encoding, or of the one that Python expects there.
    """
    binary = getattr(sys.stdin, "buffer", None)
    if binary is None:  # somebody has put a stream of text in its place
        return sys.stdin.read()
    text = _decoded(binary.read(), encoding or sys.stdin.encoding, "standard input")
    return text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")


def typed(texts: Sequence[str], encoding: str | None = None) -> list[str]:
    """Texts of a command line, which Python has decoded however their bytes were.

    Raises:
        TextprepError: one is not text of that encoding, or of the system's.
    """
    name = encoding or sys.getfilesystemencoding()
    return [_decoded(os.fsencode(text), name, f"text {number}") for number, text in enumerate(texts, 1)]


def _decoded(content: bytes, encoding: str, where: str) -> str:
    try:
        return content.decode(encoding)
    except LookupError as error:
        raise TextprepError(f"no encoding is called {encoding!r}: try utf-8, utf-16 or cp1252") from error
    except UnicodeDecodeError as error:
        before, byte = content[: error.start], content[error.start]
        line = f", line {before.count(10) + 1}" if b"\n" in content.rstrip() else ""
        place = len(before) - before.rfind(b"\n") - 1
        raise TextprepError(
            f"{where}{line}: byte {byte:#04x} (number {place} of the line, from 0) is not {error.encoding}; "
            "name the right encoding with --encoding"
        ) from error
