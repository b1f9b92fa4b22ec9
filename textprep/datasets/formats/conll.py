"""CoNLL: a word a line with its tag, in columns; a blank line between sentences, each of which is a row."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import partial
from pathlib import PurePath
from typing import Any, NamedTuple

from textprep.datasets.rows import Record, Rejected, Rows, note
from textprep.datasets.sources.encodings import checked_encoding
from textprep.datasets.sources.paths import Paths, Records, read_paths
from textprep.datasets.sources.source import Source
from textprep.datasets.sources.window import Window, opened
from textprep.errors import DatasetError

DOCUMENT = "-DOCSTART-"
LONGEST_SENTENCE = 100_000  # words
_FIELDS = re.compile(r"[^ \t\n\r\f\v]+").findall


class Form(NamedTuple):
    """How lines are read: the columns of words and tags, what is between columns, what is passed over."""

    words: int
    tags: int | None
    delimiter: str | None = None
    comments: bool = False
    numbered: bool = False

    def columns(self, line: str) -> list[str]:
        """The fields of a line; white space beyond ASCII belongs to words, as in ``12\\xa0000``."""
        return _FIELDS(line) if self.delimiter is None else line.rstrip("\r\n").split(self.delimiter)

    def check(self, width: int, where: str) -> None:
        """Raise `DatasetError` if lines of ``width`` columns lack one of these, or both are one."""
        for option, column in (("words", self.words), ("tags", self.tags)):
            if column is not None and not -width <= column < width:
                raise DatasetError(
                    f"{where}: there is no column {option}={column}: the line has {width}", option=option
                )
        if self.tags is not None and self.tags % width == self.words % width:
            same = f"words={self.words} and tags={self.tags} are the same column of {width}"
            raise DatasetError(f"{where}: {same}; tags=None reads words alone", option="tags", value=None)


def read_conll(
    path: Paths, *, words: int = 0, tags: int | None = -1, comments: bool = False, encoding: str = "utf-8"
) -> Rows | dict[str, Rows]:
    """Files with a word a line and its tag, in columns divided by white space, as of the CoNLL shared tasks.

    A blank line ends a sentence, which is a row: ``tokens``, ``tags`` and ``document_id``, by which
    ``group="document_id"`` keeps documents whole. A line with ``-DOCSTART-`` begins one, and is no word.

    >>> import tempfile, textprep as tp
    >>> from pathlib import Path
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     file = Path(folder, "news.conll")
    ...     _ = file.write_text("Ada B-PER\\nspoke O\\n\\nRome B-LOC\\n")
    ...     corpus = tp.load_dataset("conll", path=file, splits=None)
    >>> corpus["train"].text.to_pylist(), corpus.class_names
    (['Ada spoke', 'Rome'], ('LOC', 'PER'))

    Args:
        path: a file, a glob, a URL, a list of these, or a mapping of split names to them; compressed where
            a name ends in .gz, .bz2, .xz, .zst or .lz4.
        words: the column of the words, from 0; -1 is the last one.
        tags: the column of the tags; ``None`` where words have none.
        comments: whether lines that begin with ``#`` are passed over.
        encoding: of the files; a byte-order mark is accepted.

    Raises:
        DatasetError: a file is missing, empty or unreadable, or an option cannot be used. A sentence with a
            line of another number of columns, or of bytes of another encoding, is a bad row.
    """
    return _rows(path, Form(words, tags, comments=comments), encoding)


def read_conllu(
    path: Paths, *, words: int = 1, tags: int | None = 3, encoding: str = "utf-8"
) -> Rows | dict[str, Rows]:
    """Files in CoNLL-U, as of Universal Dependencies: ten columns divided by tabs; words with their UPOS.

    Comments are passed over, and so are ranges of words (``1-2``) and empty ones (``1.1``).

    >>> import tempfile, textprep as tp
    >>> from pathlib import Path
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     file = Path(folder, "news.conllu")
    ...     _ = file.write_text("# text = No!\\n1\\tNo\\tno\\tINTJ\\n2\\t!\\t!\\tPUNCT\\n")
    ...     tp.load_dataset("conllu", path=file, splits=None).class_names
    ('INTJ', 'PUNCT')

    Args:
        path, encoding: as of ``conll``.
        words: the column of the words, from 0.
        tags: the column of the tags: 3 is UPOS, 4 XPOS; ``None`` where words have none.

    Raises:
        DatasetError: as of ``conll``.
    """
    return _rows(path, Form(words, tags, "\t", comments=True, numbered=True), encoding)


def _rows(path: Paths, form: Form, encoding: str) -> Rows | dict[str, Rows]:
    for option, column in (("words", form.words), ("tags", form.tags)):
        if column is not None and (isinstance(column, bool) or not isinstance(column, int)):
            raise DatasetError(
                f"{option}= is the number of a column, from 0, not {column!r:.40}", option=option
            )
    read = read_paths(path, partial(_read, form=form, encoding=checked_encoding(encoding)))
    for rows in read.values() if isinstance(read, dict) else [read]:
        rows.target = "tags"
    return read


class _Sentence:
    """The lines of a row, as far as they are read."""

    def __init__(self, window: Window) -> None:
        self.name, self.header = window.name, window.header
        self.line, self.byte = window.line, window.byte
        self.raws: list[bytes] = []
        self.words: list[str] = []
        self.tags: list[str] = []
        self.lines: list[int] = []
        self.bad: Rejected | None = None

    def reject(self, line: int, reason: str, **advice: Any) -> None:
        """Keep the first thing that is wrong with it."""
        self.bad = self.bad or Rejected(self.name, line, None, reason, None, **advice)

    def rows(self, document: str, form: Form) -> Records:
        """The row that it is, if there are words in it."""
        source = b"".join(self.raws)
        if self.bad:
            raw = source.decode("utf-8", "replace")
            yield self.bad._replace(raw=raw, byte=self.byte, source=source, header=self.header)
        elif self.words:
            tagged = {"tags": self.tags, "document_id": document} if form.tags is not None else {}
            fields = {"tokens": self.words, **tagged}
            yield Record(fields, self.name, self.line, self.byte, source, self.header, self.lines)


def _read(source: Source, form: Form, encoding: str) -> Records:
    with opened(source, encoding) as window:
        documents, name = 0, PurePath(source.name).name
        width: int | None = None
        sentence = _Sentence(window)
        for raw in window.lines(lone_returns=False):
            text, problem = window.decode(raw)
            line = window.line
            window.advance(len(raw), 1)
            sentence.raws.append(raw)
            fields = form.columns(text) if text.strip() else []
            if fields and fields[0].startswith(DOCUMENT):
                documents, fields = documents + 1, []
            if fields and form.comments and text.startswith("#"):
                documents += text.startswith("# newdoc")
            elif problem:
                sentence.reject(line, problem.reason, option=problem.option, value=problem.value)
            elif not fields:
                yield from sentence.rows(f"{name}:{documents}", form)
                sentence = _Sentence(window)
            else:
                if width is None:
                    width = len(fields)
                    form.check(width, f"{source.name}, line {line}")
                    yield from _note(name, width, form)
                _add(sentence, fields, line, width, form)
        yield from sentence.rows(f"{name}:{documents}", form)


def _add(sentence: _Sentence, fields: Sequence[str], line: int, width: int, form: Form) -> None:
    """Add the word of a line to a sentence."""
    if len(fields) != width:
        is_comment = fields[0].startswith("#")
        option = {"option": "comments", "value": True, "hint": "comments=True passes over comments"}
        reason = f"the line has {len(fields)} columns, those before have {width}"
        sentence.reject(line, reason, **(option if is_comment else {}))
        return
    if form.numbered and not fields[0].isdigit():
        return
    sentence.words.append(fields[form.words])
    sentence.lines.append(line)
    if form.tags is not None:
        sentence.tags.append(fields[form.tags])
    if len(sentence.lines) > LONGEST_SENTENCE:
        raise DatasetError(
            f"{sentence.name}, from line {sentence.line}: no blank line within {LONGEST_SENTENCE:,} words: "
            "a blank line ends a sentence",
            file=sentence.name,
            line=sentence.line,
        )


def _note(name: str, width: int, form: Form) -> Records:
    """What is not read of lines with so many columns."""
    read = 1 if form.tags is None else 2
    if width > read and not form.numbered:
        yield note(f"{name}: {read} of {width} columns are read: words={form.words}, tags={form.tags}")
