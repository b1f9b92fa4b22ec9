"""One JSON document that holds a list of objects, each a row; it is read as it comes, never as a whole."""

from __future__ import annotations

import codecs
import json
import re
from collections.abc import Iterator
from functools import partial
from typing import IO, Any

from textprep.datasets.formats.jsonl import STRICT, explain
from textprep.datasets.rows import EXCERPT, Record, Rejected, Rows
from textprep.datasets.sources.encodings import LONGEST_MARK, checked_encoding, encoding_of, problem_of
from textprep.datasets.sources.paths import Paths, Records, read_paths
from textprep.datasets.sources.source import Source
from textprep.errors import DatasetError
from textprep.storage.contents import JSON_LINES, refusal

CHUNK = 2**18  # bytes read at a time
LONGEST_ROW = 64 * 2**20  # characters
LONGEST_KEY = 2**20
KEYS_SHOWN = 20
WHITE = " \t\n\r"
_SPACE = re.compile(rf"[{WHITE}]*")
_KEY = re.compile(rf'("[^"\\]*(?:\\.[^"\\]*)*")[{WHITE}]*:', re.DOTALL)
_BEHIND_A_ROW = re.compile(rf"[{WHITE}]*[,\]]")
_BEGINS_ROWS = re.compile(rf"\[[{WHITE}]*[\{{\]]")
_MARK, _MARK_IN_STRING = re.compile(r'["\[\]{},]'), re.compile(r'["\\]')
_UNDECODED = re.compile("[\udc80-\udcff]")  # what stands for a byte that is not of the encoding (PEP 383)


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
        key: of the list, where the document is an object.
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
        document = _Document(stream, source.name, encoding)
        _go_to_list(document, key)
        yield from _rows(document)
        if key is None and document.next():
            raise document.broken("Extra data")


class _Document:
    """The text of a document as far as it is in hand, from a place in it on.

    Attributes:
        text, at: what is in hand, and the place in it.
        line, column: of that place in the file, from 1.
        undecoded: whether a byte in hand is not of the encoding; a mark of PEP 383 stands for it.
    """

    def __init__(self, stream: IO[bytes], name: str, encoding: str) -> None:
        beginning = stream.read(LONGEST_MARK)
        if not beginning:
            raise DatasetError(f"{name}: the file is empty")
        form = encoding_of(encoding, beginning)
        marking = "surrogateescape" if form.unit == 1 else "strict"
        self.name, self.encoding, self._stream = name, form.name, stream
        self._decoder = codecs.getincrementaldecoder(form.name)(marking)
        self.text, self.at, self.line, self.column = "", 0, 1, 1
        self.undecoded, self._fed = False, len(form.byte_order_mark)
        self._feed(beginning[self._fed :])
        self.more()

    def more(self) -> bool:
        """Read a chunk more, and let go of what is done with; whether there was one."""
        chunk = self._stream.read(CHUNK)
        self._feed(chunk)
        return bool(chunk)

    def _feed(self, chunk: bytes) -> None:
        self._fed += len(chunk)
        try:
            self.text = self.text[self.at :] + self._decoder.decode(chunk, not chunk)
        except UnicodeDecodeError as error:
            reason = problem_of(error, self.encoding, "file", self._fed - len(error.object))
            raise DatasetError(f"{self.name}: {reason}", file=self.name, option="encoding") from error
        self.at, self.undecoded = 0, not self.text.isascii() and bool(_UNDECODED.search(self.text))

    def take(self, end: int) -> str:
        """What is in hand up to ``end``, which is done with then."""
        taken = self.text[self.at : end]
        lines = taken.count("\n")
        self.column = len(taken) - taken.rfind("\n") if lines else self.column + len(taken)
        self.line, self.at = self.line + lines, end
        return taken

    def next(self) -> str:
        """The next character that is no white space, which is gone to; none at the end."""
        while True:
            found = _SPACE.match(self.text, self.at)
            self.take(found.end() if found else self.at)
            if self.at < len(self.text) or not self.more():
                return self.text[self.at : self.at + 1]

    def key(self) -> str:
        """The next key, which is gone behind with its colon."""
        while not (found := _KEY.match(self.text, self.at)):
            if len(self.text) - self.at > LONGEST_KEY or not self.more():
                raise self.broken("Expecting a key in double quotes and a colon")
        self.take(found.end())
        try:
            return str(json.loads(found[1], strict=False))
        except ValueError as error:
            raise self.broken("the key before this cannot be read") from error

    def object(self) -> dict[str, Any] | None:
        """The next value, gone behind, if it is in hand as a whole and a good row."""
        if self.undecoded:
            return None
        try:
            fields, end = STRICT.raw_decode(self.text, self.at)
        except (ValueError, RecursionError):
            return None
        if not isinstance(fields, dict) or not _BEHIND_A_ROW.match(self.text, end):
            return None
        self.take(end)
        return fields

    def value(self) -> Iterator[str]:
        """The next value piece by piece, told by brackets and quotes alone; it is gone behind.

        Raises:
            DatasetError: the document ends within it.
        """
        depth, in_string, place = 0, False, self.at
        while True:
            found = (_MARK_IN_STRING if in_string else _MARK).search(self.text, place)
            mark = found[0] if found else ""
            place = found.end() if found else max(place, len(self.text))
            if found is None:
                place -= len(self.text)  # 1 behind a backslash at the end
                yield self.take(len(self.text))
                if not self.more():
                    if depth or in_string:
                        raise self.broken("the file ends within a value")
                    return
            elif mark == '"':
                in_string = not in_string
            elif mark == "\\":
                place += 1
            elif depth == 0 and mark in ",]}":
                yield self.take(place - 1)
                return
            else:
                depth += (mark in "[{") - (mark in "]}")

    def broken(self, problem: str) -> DatasetError:
        """The error of a document whose rows cannot be told apart."""
        where = f"{self.name}, line {self.line}, column {self.column}"
        return DatasetError(f"{where}: broken JSON: {problem}", file=self.name, line=self.line)


def _go_to_list(document: _Document, key: str | None) -> None:
    """Go behind the bracket that opens the list of rows."""
    first = document.next()
    if first == "[" and key is None:
        document.take(document.at + 1)
        return
    if first != "{":
        raise _no_document(document, key)
    document.take(document.at + 1)
    lists, others = [], []
    while document.next() not in ("}", ""):
        name, mark = document.key(), document.next()
        if name == key and mark == "[":
            document.take(document.at + 1)
            return
        if name == key and mark == "{":
            raise _object_under(document, name)
        (lists if _BEGINS_ROWS.match(document.text, document.at) else others).append(name)
        del others[KEYS_SHOWN:]
        for _ in document.value():
            pass
        if document.next() == ",":
            document.take(document.at + 1)
    document.take(document.at + 1)
    raise _no_list(document, key, lists, others)


def _no_document(document: _Document, key: str | None) -> DatasetError:
    beginning = document.text[document.at :][:20]
    if problem := _problem(document, beginning[:1]):
        return DatasetError(f"{document.name}: {problem}", file=document.name, option="encoding")
    if beginning.startswith("["):
        return DatasetError(
            f"{document.name}: the document is not an object with a list under {key!r}, but a list",
            file=document.name, option="key", value=None, hint="leave key= out",
        )  # fmt: skip
    problem = f"the document is not a list of objects: it begins with {beginning!r}"
    hint = "a file with a row a line is read with the data set 'csv', 'tsv', 'jsonl' or 'text'"
    return DatasetError(f"{document.name}: {problem}", file=document.name, hint=hint)


def _object_under(document: _Document, key: str) -> DatasetError:
    call = f"""load_dataset("memory", rows=json.load(open({document.name!r}))[{key!r}][…], …)"""
    return DatasetError(
        f"{document.name}: what is under {key!r} is an object, not a list of objects",
        file=document.name, line=document.line, option="key", hint=f"hand over the rows in it: {call}",
    )  # fmt: skip


def _no_list(document: _Document, key: str | None, lists: list[str], others: list[str]) -> DatasetError:
    if document.next() == "{":
        return refusal(JSON_LINES, document.name, DatasetError)
    known = ", ".join([*lists, *others][:KEYS_SHOWN]) or "none"
    problem = f"there is no list under {key!r}; there are: {known}"
    if key is None:
        problem = f"the document is not a list of objects but an object with the keys: {known}"
    hint = None if key else "if it is a row itself, read the file with the data set 'jsonl'"
    if lists:
        hint = f"name the key of the list with key={lists[0]!r}"
    value = lists[0] if lists else ...
    return DatasetError(
        f"{document.name}: {problem}", file=document.name, option="key", value=value, hint=hint
    )


def _rows(document: _Document) -> Iterator[Record | Rejected]:
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


def _row(document: _Document) -> Record | Rejected:
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
    problem = _problem(document, text)
    try:
        if size > LONGEST_ROW:
            raise ValueError(f"the row has {size:,} characters, over {LONGEST_ROW:,}")
        fields = {} if problem else STRICT.decode(text)
        if not isinstance(fields, dict):
            raise ValueError(f"a row is a JSON object, not {type(fields).__name__}")
    except (ValueError, RecursionError) as error:
        return Rejected(document.name, line, None, explain(error), text[:EXCERPT])
    if problem:
        return Rejected(document.name, line, None, problem, text[:EXCERPT], option="encoding")
    return Record(fields, document.name, line)


def _problem(document: _Document, text: str) -> str | None:
    """What is wrong with the bytes that ``text`` was."""
    try:
        if _UNDECODED.search(text):
            text.encode(document.encoding, "surrogateescape").decode(document.encoding)
    except UnicodeDecodeError as error:
        return problem_of(error, document.encoding, "row")
    return None
