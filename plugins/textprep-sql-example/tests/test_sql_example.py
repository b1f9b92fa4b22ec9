from __future__ import annotations

import sqlite3
from contextlib import closing

import pytest
from textprep_sql_example import _opened, make_database

import textprep as tp
from textprep.testing import check_dataset, checks_of


@pytest.fixture
def database(tmp_path):
    with closing(sqlite3.connect(tmp_path / "shop.db")) as connection:
        make_database(connection, reviews=60)
    return str(tmp_path / "shop.db")


@pytest.mark.parametrize("check", checks_of("textprep-sql-example"), ids=str)
def test_conformance(check):
    check()


def test_a_file_gives_its_rows_joined_and_in_order(database):
    rows = tp.load_dataset("sql-example", database=database, splits=None)["train"]
    assert [row["row_id"] for row in rows] == list(range(60))
    assert rows.class_counts() == {"bad": 30, "good": 30}
    assert all(row["product"] in row["text"] for row in rows)
    check_dataset("sql-example", database=database)


def test_parameters_are_bound(database):
    some = tp.load_dataset("sql-example", database=database, fewest=5, splits=None)["train"]
    assert {row["stars"] for row in some} == {5}
    with pytest.raises(tp.TextprepError, match="holds no rows"):
        tp.load_dataset("sql-example", database=database, fewest="1 OR 1=1")


@pytest.mark.parametrize("where", ["file", "memory"])
def test_the_connection_can_only_read(database, where):
    opened = closing(_opened(database if where == "file" else None))
    with opened as connection, pytest.raises(sqlite3.OperationalError, match="readonly"):
        connection.execute("DELETE FROM reviews")


def test_what_is_no_such_database(tmp_path):
    with pytest.raises(tp.TextprepError, match=r"nowhere\.db: there is no such database"):
        tp.load_dataset("sql-example", database=str(tmp_path / "nowhere.db"))
    (tmp_path / "odd.db").write_text("no database at all, but long enough to be looked at as one")
    with pytest.raises(tp.TextprepError, match=r"odd\.db: cannot be read: file is not a database"):
        tp.load_dataset("sql-example", database=str(tmp_path / "odd.db"))
