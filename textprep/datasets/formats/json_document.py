"""One JSON document that holds a list of objects, each a row."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from functools import partial
from typing import Any, NamedTuple

from textprep.datasets.formats.jsonl import STRICT, explain
from textprep.datasets.rows import Record, Rejected, Rows
from textprep.datasets.sources.encodings import checked_encoding, problem_of, whole_text
from textprep.datasets.sources.paths import Paths, Records, read_paths
from textprep.datasets.sources.source import Source
from textprep.errors import DatasetError

_SPACE = re.compile(r"[ \t\n\r]*")
_STRICT = json.JSONDecoder(**STRICT)
_LENIENT = json.JSONDecoder(parse_int=str)
SHOWN = 200  # characters of a bad row


def read_json(path: Paths, *, key: str | None = None, encoding: str = "utf-8") -> Rows | dict[str, Rows]:
    """Files that are one JSON document (RFC 8259): a list of objects, or an object with such a list in it.

    A document is read as a whole, and may hold another one's worth of memory; for more, write a row a line
    and use ``jsonl``.

    >>> import tempfile, textprep as tp
    >>> from pathlib import Path
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     file = Path(folder, "reviews.json")
    ...     _ = file.write_text('{"reviews": [{"text": "Great.", "label": 1}]}')
    ...     tp.load_dataset("json", path=file, key="reviews", splits=None)["train"][0]
    {'text': 'Great.', 'label': 0, 'row_id': 0}

    Args:
        path: a file, a glob, a URL, a list of these, or a mapping of split names to them.
        key: of the list, where the document is an object.
        encoding: of the files; a byte-order mark is accepted.

    Raises:
        DatasetError: a file is missing, empty, of another encoding, no such document, or broken JSON, from
            which no row can be told apart; names line and column. A row that is no object, holds a key
            twice, or NaN or Infinity is a bad row, with the line on which it begins.
    """
    return read_paths(path, partial(read_json_file, key=key, encoding=checked_encoding(encoding)))


def read_json_file(source: Source, *, key: str | None = None, encoding: str = "utf-8") -> Records:
    """One file."""
    with source.open() as stream:
        content = stream.read()
    if not content:
        raise DatasetError(f"{source.name}: the file is empty")
    try:
        text = whole_text(content, encoding)
    except UnicodeDecodeError as error:
        raise DatasetError(
            f"{source.name}: {problem_of(error, encoding, 'file')}", file=source.name, option="encoding"
        ) from error
    try:
        yield from _rows(_Document(text, source.name), key)
    except json.JSONDecodeError as error:
        where = f"{source.name}, line {error.lineno}, column {error.colno}"
        raise DatasetError(f"{where}: broken JSON: {error.msg}") from error
    except RecursionError as error:
        raise DatasetError(f"{source.name}: the JSON is nested too deep") from error


class _Document(NamedTuple):
    """The text of a document."""

    text: str
    name: str

    def skip(self, at: int) -> int:
        """The place of the next character that is no white space."""
        found = _SPACE.match(self.text, at)
        return found.end() if found else at

    def expect(self, character: str, at: int) -> int:
        """The place behind ``character``, which must be there."""
        at = self.skip(at)
        if not self.text.startswith(character, at):
            raise json.JSONDecodeError(f"Expecting {character!r}", self.text, at)
        return at + 1

    def follows(self, character: str, at: int) -> bool:
        """Whether ``character`` is next."""
        return self.text.startswith(character, self.skip(at))


def _rows(document: _Document, key: str | None) -> Iterator[Record | Rejected]:
    end = yield from _elements(document, _list_at(document, key))
    if key is None and document.skip(end) != len(document.text):
        raise json.JSONDecodeError("Extra data", document.text, document.skip(end))


def _list_at(document: _Document, key: str | None) -> int:
    """Where the list of rows begins."""
    if document.follows("[", 0) and key is None:
        return document.skip(0)
    if not document.follows("{", 0) or key is None:
        wanted = "a list of objects" if key is None else f"an object with a list under {key!r}"
        advice = "; name the key of the list with key=" if document.follows("{", 0) else ""
        raise DatasetError(f"{document.name}: the document is not {wanted}{advice}")
    at, known = document.expect("{", 0), []
    while not document.follows("}", at):
        found, at = _LENIENT.raw_decode(document.text, document.skip(at))
        at = document.skip(document.expect(":", at))
        if found == key and document.follows("[", at):
            return at
        known.append(str(found))
        at = _LENIENT.raw_decode(document.text, at)[1]
        at = document.expect(",", at) if not document.follows("}", at) else at
    raise DatasetError(
        f"{document.name}: there is no list under {key!r}; there are: {', '.join(known) or 'none'}"
    )


def _elements(document: _Document, start: int) -> Any:
    """The elements of the list that begins at ``start``; returns where it ends."""
    at, line, counted = document.expect("[", start), 1, 0
    while not document.follows("]", at):
        at = document.skip(at)
        line, counted = line + document.text.count("\n", counted, at), at
        end = _LENIENT.raw_decode(document.text, at)[1]
        yield _row(document, at, end, line)
        at = end if document.follows("]", end) else document.expect(",", end)
        if at > end and document.follows("]", at):
            raise json.JSONDecodeError("Expecting value", document.text, document.skip(at))
    return document.expect("]", at)


def _row(document: _Document, start: int, end: int, line: int) -> Record | Rejected:
    try:
        fields = _STRICT.raw_decode(document.text, start)[0]
        if not isinstance(fields, dict):
            raise ValueError(f"a row is a JSON object, not {type(fields).__name__}")
        return Record(fields, document.name, line)
    except (ValueError, RecursionError) as error:
        return Rejected(
            document.name, line, None, explain(error), document.text[start : min(end, start + SHOWN)]
        )
