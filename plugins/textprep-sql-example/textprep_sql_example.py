"""A data set that is a query: the reviews of a shop, in two tables of a SQLite database.

A plugin for your own database looks like this one: a query that joins what belongs together, a fixed order,
parameters that are bound (never put into the text of the query), and a connection that can only read.
"""

from __future__ import annotations

import random
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import textprep as tp

QUERY = """
    SELECT reviews.text AS text, reviews.verdict AS label, products.name AS product, reviews.stars AS stars
    FROM reviews JOIN products ON products.id = reviews.product
    WHERE reviews.stars BETWEEN :fewest AND :most
    ORDER BY reviews.id
"""
PRODUCTS = ("kettle", "lamp", "chair", "radio")
WORDS = {"good": ("sturdy", "lovely", "quick"), "bad": ("flimsy", "noisy", "late")}


@tp.dataset(
    name="sql-example",
    license="CC0-1.0",
    citation="Made up by the plugin textprep-sql-example",
    class_names=("bad", "good"),
    rows=200,
)
def sql_example(
    *, database: str | None = None, fewest: int = 1, most: int = 5
) -> Iterator[dict[str, str | int]]:
    """Reviews of a shop, each good or bad, read from a SQL table with the columns ``product`` and ``stars``.

    Args:
        database: a SQLite file as `make_database` writes it; one of 200 reviews in memory if not given.
        fewest: leave out reviews with fewer stars.
        most: leave out reviews with more stars.

    Raises:
        TextprepError: the file is not there, or is no such database.
    """
    with closing(_opened(database)) as connection:
        connection.row_factory = sqlite3.Row
        try:
            for row in connection.execute(QUERY, {"fewest": fewest, "most": most}):
                yield dict(row)
        except sqlite3.DatabaseError as error:
            raise tp.TextprepError(f"{database or 'the database'}: cannot be read: {error}") from error


def make_database(connection: sqlite3.Connection, reviews: int = 200) -> None:
    """Fill an empty database with tables of products and reviews; always the same."""
    generator = random.Random(0)  # noqa: S311
    connection.executescript(
        "CREATE TABLE products (id INTEGER PRIMARY KEY, name TEXT NOT NULL);"
        "CREATE TABLE reviews (id INTEGER PRIMARY KEY, product INTEGER NOT NULL REFERENCES products,"
        " text TEXT NOT NULL, stars INTEGER NOT NULL, verdict TEXT NOT NULL);"
    )
    connection.executemany("INSERT INTO products VALUES (?, ?)", enumerate(PRODUCTS))
    connection.executemany(
        "INSERT INTO reviews VALUES (?, ?, ?, ?, ?)", (_review(generator, i) for i in range(reviews))
    )
    connection.commit()


def _review(generator: random.Random, number: int) -> tuple[int, int, str, int, str]:
    verdict = ("bad", "good")[number % 2]
    product = generator.randrange(len(PRODUCTS))
    stars = generator.choice((4, 5) if verdict == "good" else (1, 2))
    text = f"Order {number}: a {generator.choice(WORDS[verdict])} {PRODUCTS[product]}."
    return number, product, text, stars, verdict


def _opened(database: str | None) -> sqlite3.Connection:
    """A connection that can only read."""
    if database is None:
        connection = sqlite3.connect(":memory:")
        make_database(connection)
        connection.execute("PRAGMA query_only = ON")
        return connection
    path = Path(database)
    if not path.is_file():
        raise tp.TextprepError(f"{path}: there is no such database")
    return sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True)


@tp.hookimpl
def textprep_datasets() -> dict[str, Callable[..., Iterator[dict[str, str | int]]]]:
    """The data set ``sql-example``."""
    return {"sql-example": sql_example}
