"""Rows of a database: SQLite without any package more, others through SQLAlchemy; read only."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, closing
from functools import partial
from typing import Any
from urllib.parse import parse_qsl, quote, unquote, urlsplit

from textprep.datasets.rows import Record, Rejected, Rows
from textprep.datasets.sources.source import local_source
from textprep.datasets.sources.urls import shown
from textprep.errors import DatasetError
from textprep.storage.files import local_path

AT_ONCE = 1000  # rows fetched at a time
READS = re.compile(r"(?:\s|--[^\n]*\n|/\*.*?\*/)*(select|with|values)\b", re.IGNORECASE | re.DOTALL)


def read_sql(
    url: str,
    *,
    query: str | None = None,
    table: str | None = None,
    parameters: Mapping[str, Any] | None = None,
) -> Rows:
    """Rows that a query gives, or those of a table.

    The database is opened to read only. What a query is to be filled with is bound, never pasted into it.
    A password in the URL is shown in no message and kept in no manifest.

    >>> import sqlite3, tempfile, textprep as tp
    >>> from pathlib import Path
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     file = Path(folder, "reviews.db")
    ...     connection = sqlite3.connect(file)
    ...     _ = connection.execute("create table reviews (text, label, year)")
    ...     _ = connection.execute("insert into reviews values ('Dull.', 'neg', 2003)")
    ...     connection.commit()
    ...     connection.close()
    ...     query = "select text, label from reviews where year > :since"
    ...     what = {"url": f"sqlite:///{file}", "query": query, "parameters": {"since": 2000}}
    ...     corpus = tp.load_dataset("sql", **what, splits=None)
    >>> corpus["train"][0]
    {'text': 'Dull.', 'label': 0, 'row_id': 0}

    Args:
        url: ``sqlite:///reviews.db``, or any other URL of SQLAlchemy (``pip install 'textprep-nlp[sql]'``).
        query: one SELECT; order it, so that rows come in the same order each time.
        table: a table to read whole, in place of a query.
        parameters: values for the ``:names`` in the query.

    Raises:
        DatasetError: the URL, the query or the table cannot be used, or the database fails.
    """
    if not isinstance(url, str) or "://" not in url:
        raise DatasetError("url= is that of a database, such as sqlite:///reviews.db", option="url")
    if (query is None) == (table is None):
        raise DatasetError("sql: give query= or table=, one of them", option="query")
    if query is not None and not READS.match(query):
        raise DatasetError("query= is one SELECT; nothing else is run", option="query")
    read = _sqlite_rows if re.match(r"sqlite(\+pysqlite)?:", url) else _other_rows
    return Rows(partial(_records, read, url, query, table, dict(parameters or {})))


def _records(read: Any, url: str, *what: Any) -> Iterator[Record | Rejected]:
    """The rows, numbered from 1; errors of the database without its password."""
    try:
        for number, fields in enumerate(read(url, *what), start=1):
            broken = next((name for name, value in fields.items() if isinstance(value, _Undecodable)), None)
            if broken is None:
                yield Record(fields, shown(url), number)
            else:
                reason = f"the text is not UTF-8: {bytes(fields[broken])!r:.40}"
                yield Rejected(shown(url), number, broken, reason, fields)
    except DatasetError:
        raise
    except Exception as error:  # whatever a driver raises
        raise DatasetError(f"{shown(url)}: {_discreet(error, url)}") from None


def _discreet(error: Exception, url: str) -> str:
    """The first line of an error, the password taken out should a driver quote it."""
    line = shown(str(error).strip().partition("\n")[0]) or type(error).__name__
    for secret in _secrets(url):
        line = line.replace(secret, "***")
    missing = isinstance(error, ModuleNotFoundError) and error.name
    return f"{line}: pip install {missing}, the database's driver" if missing else line


def _secrets(url: str) -> list[str]:
    """What must not be shown of a URL, the longest first: the password, and the values of its options."""
    parts = urlsplit(url)
    password = parts.password or ""
    values = [value for name, value in parse_qsl(parts.query) if re.search("pass|pwd|secret|token|key", name)]
    return sorted(filter(None, {password, unquote(password), *values}), key=len, reverse=True)


class _Undecodable(bytes):
    """A text of a database that is not UTF-8."""


def _text_of(content: bytes) -> str | _Undecodable:
    try:
        return content.decode()
    except UnicodeDecodeError:
        return _Undecodable(content)


def _sqlite_rows(
    url: str, query: str | None, table: str | None, parameters: dict[str, Any]
) -> Iterator[dict[str, Any]]:
    path = local_path(unquote(url.partition("://")[2].partition("?")[0].removeprefix("/")), DatasetError)
    if not path.is_file():
        raise DatasetError(f"{shown(url)}: there is no such file (an absolute path takes four slashes)")
    with local_source(path).open("sql"):
        pass  # it is a database, not something else
    with closing(sqlite3.connect(f"file:{quote(str(path.absolute()))}?mode=ro", uri=True)) as connection:
        connection.execute("pragma query_only = on")
        connection.text_factory = _text_of
        doubled = str(table).replace('"', '""')
        cursor = connection.execute(query or f'select * from "{doubled}"', parameters)  # noqa: S608 - quoted
        names = _checked_names([column[0] for column in cursor.description], url)
        while rows := cursor.fetchmany(AT_ONCE):
            yield from (dict(zip(names, row, strict=True)) for row in rows)


def _other_rows(
    url: str, query: str | None, table: str | None, parameters: dict[str, Any]
) -> Iterator[dict[str, Any]]:
    try:
        import sqlalchemy
    except ImportError as error:
        raise DatasetError(
            f"{shown(url)}: needs a package more: pip install 'textprep-nlp[sql]', and the database's driver"
        ) from error
    engine = sqlalchemy.create_engine(url)
    options: dict[str, Any] = {"stream_results": True, "yield_per": AT_ONCE}
    if engine.dialect.name == "postgresql":
        options["postgresql_readonly"] = True
    whole = sqlalchemy.select(sqlalchemy.text("*")).select_from(sqlalchemy.table(str(table)))
    with ExitStack() as stack:
        stack.callback(engine.dispose)
        connection = stack.enter_context(engine.connect())  # never committed
        if engine.dialect.name in ("mysql", "mariadb"):
            connection.execute(sqlalchemy.text("set session transaction read only"))
        chosen = connection.execution_options(**options)
        result = chosen.execute(sqlalchemy.text(query) if query else whole, parameters)
        names = _checked_names(list(result.keys()), url)
        for row in result:
            yield dict(zip(names, row, strict=True))


def _checked_names(names: list[str], url: str) -> list[str]:
    twice = [name for name in names if names.count(name) > 1]
    if twice:
        raise DatasetError(f"{shown(url)}: two columns are called {twice[0]!r}: rename one with AS")
    return names
