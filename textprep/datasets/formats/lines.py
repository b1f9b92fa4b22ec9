"""Plain text: one row per line."""

from __future__ import annotations

from functools import partial

from textprep.datasets.rows import Record, Rejected, Rows
from textprep.datasets.sources.encodings import checked_encoding
from textprep.datasets.sources.paths import Paths, Records, read_paths
from textprep.datasets.sources.source import Source
from textprep.datasets.sources.window import opened
from textprep.storage.contents import TEXTS


def read_text(path: Paths, *, encoding: str = "utf-8") -> Rows | dict[str, Rows]:
    """Files of plain text, one row per line, unlabelled; a blank line is an empty text.

    >>> import tempfile, textprep as tp
    >>> from pathlib import Path
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     file = Path(folder, "reviews.txt")
    ...     _ = file.write_text("Great.\\nDull.\\n")
    ...     tp.load_dataset("text", path=file, splits=None)["train"][1]
    {'text': 'Dull.', 'row_id': 1}

    Args:
        path: a file, a glob, a URL, a list of these, or a mapping of split names to them; compressed where
            a name ends in .gz, .bz2, .xz, .zst or .lz4.
        encoding: of the files; a byte-order mark is accepted.

    Raises:
        DatasetError: a file is missing, empty or unreadable. A line with a NUL or bytes of another encoding
            is a bad row.
    """
    return read_paths(path, partial(_read, encoding=checked_encoding(encoding)))


def _read(source: Source, encoding: str) -> Records:
    with opened(source, encoding, *TEXTS) as window:
        for raw in window.lines(lone_returns=False):
            text, problem = window.decode(raw)
            line = text.removesuffix("\n").removesuffix("\r")
            number, byte = window.line, window.byte
            window.advance(len(raw), 1)
            if problem:
                yield Rejected(
                    source.name, number, None, problem.reason, line,
                    byte=byte, source=raw, header=window.header, option=problem.option, value=problem.value,
                )  # fmt: skip
            else:
                yield Record({"text": line}, source.name, number, byte, raw, window.header)
