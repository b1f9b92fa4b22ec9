"""One JSON document that holds a list of objects, each a row; it is read as it comes, never as a whole."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import partial

from textprep.datasets.formats.json_text import WHITE, Document
from textprep.datasets.formats.jsonl import STRICT, explain
from textprep.datasets.rows import EXCERPT, Record, Rejected, Rows
from textprep.datasets.sources.encodings import checked_encoding
from textprep.datasets.sources.paths import Paths, Records, read_paths
from textprep.datasets.sources.source import Source
from textprep.errors import DatasetError
from textprep.storage.contents import JSON_LINES, refusal

LONGEST_ROW = 64 * 2**20  # characters
KEYS_SHOWN = 20
_BEGINS_ROWS = re.compile(rf"\[[{WHITE}]*[\{{\]]")


def read_json(path: Paths, *, key: str | None = None, encoding: str = "utf-8") -> Rows | dict[str, Rows]:
    """Files that are one JSON document (RFC 8259): a list of objects, or an object with such a list in it.

    >>> import tempfile, textprep as tp
    >>> from pathlib import Path
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     file = Path(folder, "reviews.json")
    ...     _ = file.write_text('{"reviews": [{"text": "Great.", "label": 1}]}')
    ...     tp.load_dataset("json", path=file, key="reviews", splits=None)["train"][0]
    {'text': 'Great.', 'label': 0, 'row_id': 0}

    Args:
        path: a file, a glob, a URL, a list of these, or a mapping of split names to them.
        key: of the list, where the document is an object; ``"data.rows"`` is that under ``rows`` in what is
            under ``data``.
        encoding: of the files; a byte-order mark is accepted.

    Raises:
        DatasetError: a file is missing, empty, no such document, or its brackets and quotes do not match, so
            that no row can be told apart; names line and column. A row that is no object, is broken within
            its brackets, holds a key twice, NaN, Infinity or bytes of another encoding is a bad row, with
            the line on which it begins.
    """
    return read_paths(path, partial(read_json_file, key=key, encoding=checked_encoding(encoding)))


def read_json_file(source: Source, *, key: str | None = None, encoding: str = "utf-8") -> Records:
    """One file."""
    with source.open("json", "jsonl") as stream:
        document = Document(stream, source.name, encoding)
        _go_to_list(document, key)
        yield from _rows(document)
        if key is None and document.next():
            raise document.broken("Extra data")


def _go_to_list(document: Document, key: str | None, above: str = "") -> None:
    """Go behind the bracket that opens the list of rows; ``above`` are the keys that led here."""
    first = document.next()
    if first == "[" and key is None:
        document.take(document.at + 1)
        return None
    if first != "{":
        raise _no_document(document, key)
    document.take(document.at + 1)
    begins = document.line
    lists: list[str] = []
    others: list[str] = []
    objects: list[str] = []
    while document.next() not in ("}", ""):
        name, mark = document.key(), document.next()
        if name == key and mark == "[":
            document.take(document.at + 1)
            return None
        if name == key and mark == "{":
            raise _object_under(document, above + name)
        if mark == "{" and key is not None and key.startswith(f"{name}."):
            return _go_to_list(document, key.removeprefix(f"{name}."), f"{above}{name}.")
        objects += [name] * (mark == "{")
        (lists if _BEGINS_ROWS.match(document.text, document.at) else others).append(name)
        del others[KEYS_SHOWN:], objects[2:]
        for _ in document.value():
            pass
        if document.next() == ",":
            document.take(document.at + 1)
    document.take(document.at + 1)
    if document.next() == "{":
        raise _no_document_but_lines(document, several=document.line > begins + 1)
    lists, others, objects = ([above + each for each in found] for found in (lists, others, objects))
    raise _no_list(document, key and above + key, lists, others, objects)


def _no_document(document: Document, key: str | None) -> DatasetError:
    beginning = document.text[document.at :][:20]
    if document.problem(beginning[:1]) and (problem := document.problem(document.text[document.at :])):
        said = f"{document.name}: {problem.reason}"
        return DatasetError(said, file=document.name, option=problem.option, value=problem.value)
    if beginning.startswith("["):
        return DatasetError(
            f"{document.name}: the document is not an object with a list under {key!r}, but a list",
            file=document.name, option="key", value=None, hint="leave key= out",
        )  # fmt: skip
    said = f"the document is not a list of objects: it begins with {beginning!r}"
    hint = "a file with a row a line is read with the data set 'csv', 'tsv', 'jsonl' or 'text'"
    return DatasetError(f"{document.name}: {said}", file=document.name, hint=hint)


def _object_under(document: Document, key: str) -> DatasetError:
    return DatasetError(
        f"{document.name}: what is under {key!r} is an object, not a list of objects",
        file=document.name, line=document.line, option="key", hint=f"name a list in it with key='{key}.…'",
    )  # fmt: skip


def _no_document_but_lines(document: Document, *, several: bool) -> DatasetError:
    """The error that objects stand one after the other."""
    if not several:
        return refusal(JSON_LINES, document.name, DatasetError)
    return DatasetError(
        f"{document.name}: this is not one document: objects stand one after the other, each over lines",
        file=document.name,
        hint=f"write one a line, as in jq -c . {document.name}, and read them with the data set 'jsonl'",
    )


def _no_list(
    document: Document, key: str | None, lists: list[str], others: list[str], objects: list[str]
) -> DatasetError:
    known = ", ".join([*lists, *others][:KEYS_SHOWN]) or "none"
    problem = f"there is no list under {key!r}; there are: {known}"
    if key is None:
        problem = f"the document is not a list of objects but an object with the keys: {known}"
    orient = ', orient="index"' if objects else ""
    hint = None
    if lists:
        hint = f"name the key of the list with key={lists[0]!r}"
    elif len(objects) == 1:
        hint = f"name a list in what is under {objects[0]!r} with key='{objects[0]}.…'"
    elif key is None:
        pandas = f"""load_dataset("memory", rows=pandas.read_json("{document.name}"{orient}), …)"""
        hint = f"if that is a table, pandas reads it: {pandas}; if it is a row, the data set 'jsonl' does"
    value = lists[0] if lists else ...
    return DatasetError(
        f"{document.name}: {problem}", file=document.name, option="key", value=value, hint=hint
    )


def _rows(document: Document) -> Iterator[Record | Rejected]:
    """The rows, up to the end of the list; behind each is a comma, or that end."""
    mark = document.next()
    while mark != "]":
        yield _row(document)
        mark = document.next()
        if mark not in (",", "]"):
            raise document.broken("Expecting ',' or ']'")
        if mark == ",":
            document.take(document.at + 1)
    document.take(document.at + 1)


def _row(document: Document) -> Record | Rejected:
    document.next()
    line, fields = document.line, document.object()
    if fields is not None:
        return Record(fields, document.name, line)
    pieces, size = [], 0
    for piece in document.value():
        size += len(piece)
        pieces.append(piece)
        if size > LONGEST_ROW:
            pieces = ["".join(pieces)[:EXCERPT]]
    text = "".join(pieces).rstrip(WHITE)
    problem = document.problem(text)
    try:
        if size > LONGEST_ROW:
            raise ValueError(f"the row has {size:,} characters, over {LONGEST_ROW:,}")
        fields = {} if problem else STRICT.decode(text)
        if not isinstance(fields, dict):
            raise ValueError(f"a row is a JSON object, not {type(fields).__name__}")
    except (ValueError, RecursionError) as error:
        return Rejected(document.name, line, None, explain(error), text[:EXCERPT])
    if problem:
        reason, option, value = problem
        return Rejected(document.name, line, None, reason, text[:EXCERPT], option=option, value=value)
    return Record(fields, document.name, line)
