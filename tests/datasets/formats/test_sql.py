from __future__ import annotations

import sqlite3

import pytest

import textprep as tp
from textprep.datasets.formats import sql
from textprep.errors import DatasetError


@pytest.fixture
def url(tmp_path):
    connection = sqlite3.connect(tmp_path / "r.db")
    connection.execute('create table "odd ""name" (text, label, year)')
    rows = [("a", "x", 1999), ("b'; drop table t; --", "y", 2001), (None, "x", 2002)]
    connection.executemany('insert into "odd ""name" values (?, ?, ?)', rows)
    connection.commit()
    connection.close()
    return f"sqlite:///{tmp_path / 'r.db'}"


def load(url, **options):
    return tp.load_dataset("sql", url=url, splits=None, **options)


def test_values_are_bound_and_bad_rows_are_named(url):
    query = 'select text, label from "odd ""name" where text = :text'
    corpus = load(url, query=query, parameters={"text": "b'; drop table t; --"})
    assert corpus["train"].text.to_pylist() == ["b'; drop table t; --"]
    with pytest.raises(DatasetError, match=r"r\.db, line 3, column 'text': the text is missing"):
        load(url, table='odd "name')


@pytest.mark.parametrize(
    "query",
    [
        "drop table t",
        "insert into t values (1)",
        "pragma query_only = off",
        "attach 'x' as y",
        "; select 1",
        "",
    ],
)
def test_nothing_but_a_select_is_run(url, query):
    with pytest.raises(DatasetError, match="query= is one SELECT"):
        load(url, query=query)


def test_what_begins_like_a_select_cannot_write_either(url):
    for query in (
        'with x as (select 1) insert into "odd ""name" select 1, 2, 3',
        'select 1; delete from "odd ""name"',
    ):
        with pytest.raises(DatasetError, match=r"readonly|one statement"):
            load(url, query=query)
    assert len(load(url, table='odd "name', on_error="skip")["train"]) == 2


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"url": "reviews.db", "table": "t"}, "url= is that of a database"),
        ({"url": "sqlite:///none.db", "table": "t"}, "there is no such file"),
        ({"url": "sqlite:///none.db"}, "give query= or table="),
        ({"table": "none"}, "no such table: none"),
        ({"query": "select 1 as a, 2 as a"}, "two columns are called 'a'"),
        ({"query": "select :x"}, "supply a value"),
    ],
)
def test_what_cannot_be_read(url, options, message):
    with pytest.raises(DatasetError, match=message):
        load(**{"url": url, **options})


def test_a_password_is_never_shown(monkeypatch):
    secret = "postgresql://me:p%40ss@db.example.org/reviews"

    def refuses(*_):
        raise RuntimeError(f"cannot connect as me with p@ss to {secret}\nDETAIL: p@ss")

    monkeypatch.setattr(sql, "_other_rows", refuses)
    with pytest.raises(DatasetError) as caught:
        load(secret, table="t")
    assert "p@ss" not in str(caught.value)
    assert "p%40ss" not in str(caught.value)
    assert "***@db.example.org" in str(caught.value)
    assert caught.value.__cause__ is None


def test_a_missing_package_is_named(monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "sqlalchemy", None)
    with pytest.raises(DatasetError, match=r"pip install 'textprep-nlp\[sql\]'"):
        load("postgresql://db.example.org/reviews", table="t")


def test_a_missing_driver_is_named_and_a_password_among_the_options_is_not(monkeypatch):
    def refuses(*_):
        raise ModuleNotFoundError("No module named 'psycopg', to connect with p@ss", name="psycopg")

    monkeypatch.setattr(sql, "_other_rows", refuses)
    with pytest.raises(DatasetError, match="pip install psycopg, the database's driver") as caught:
        load("postgresql+psycopg://db.example.org/reviews?password=p%40ss", table="t")
    assert "p@ss" not in str(caught.value)
