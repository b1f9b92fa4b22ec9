"""Errors that advise Python say what to type."""

from __future__ import annotations

import shlex

import pytest

from textprep.cli.advice import as_typed
from textprep.errors import ConfigError, DatasetError, LoaderError


@pytest.mark.parametrize(
    ("kind", "fields", "typed"),
    [
        (DatasetError, {"option": "splits", "value": None}, "dataset.splits=none"),
        (DatasetError, {"option": "encoding"}, "dataset.encoding=…"),
        (DatasetError, {"option": "on_error", "value": "skip"}, "dataset.on_error=skip"),
        (DatasetError, {"option": "target", "value": "number"}, "dataset.target=number"),
        (DatasetError, {"option": "delimiter", "value": ";"}, "'dataset.delimiter=\";\"'"),
        (DatasetError, {"option": "delimiter", "value": "\t"}, "'dataset.delimiter=\"\\t\"'"),
        (LoaderError, {"option": "max_length", "value": 8}, "loader.max_length=8"),
    ],
)
def test_an_option_that_helps_is_said_as_it_is_typed(kind, fields, typed):
    said = as_typed(kind("a.csv, line 2", hint="help", **fields))
    assert said == f"a.csv, line 2; help (in a command --set {typed})"


@pytest.mark.parametrize("kind", [DatasetError, ConfigError])
def test_what_a_message_happens_to_hold_is_no_advice(kind):
    assert as_typed(kind("data/label=5/x.csv is empty")) == "data/label=5/x.csv is empty"


@pytest.mark.parametrize(
    ("content", "advice"),
    [
        (b"text,label\na,b\n", "--set dataset.splits=none"),
        (b"text,label\ncaf\xe9,b\n", "--set dataset.encoding=cp1252"),
        (b"text,label\na\n", "--set dataset.on_error=skip"),
    ],
)
def test_the_advice_of_a_command_helps(content, advice, textprep, tmp_path):
    (tmp_path / "few.csv").write_bytes(content)
    done = textprep("prepare", "few.csv")
    assert done.code == 1
    assert f"(in a command {advice})\n" in done.err
    if "none" in advice:
        assert textprep("prepare", "few.csv", *advice.split()).code == 0


def test_a_missing_column_is_no_reason_to_leave_every_row_out(textprep, tmp_path):
    (tmp_path / "odd.csv").write_text("words,label\na,b\n")
    err = textprep("prepare", "odd.csv").err
    assert (err.count("--set dataset.text="), err.count("on_error")) == (1, 0)


def test_other_errors_stay_as_they_are(textprep):
    done = textprep("train", "movie-reviews", "--set", "training.epoch=1")
    assert done.err.endswith("\n")
    assert "in a command" not in done.err


def test_the_advice_for_another_delimiter_works_as_it_is_typed(textprep, tmp_path) -> None:
    (tmp_path / "a.csv").write_text(
        "text\tlabel\n" + "".join(f"film {i}\t{'ab'[i % 2]}\n" for i in range(40))
    )
    done = textprep("check", "a.csv")
    assert done.code == 1
    assert "nothing is wrong" not in done.out
    _, typed = shlex.split(done.err.split("in a command ")[1].rstrip().removesuffix(")"))
    assert textprep("check", "a.csv", "--set", typed).code == 0
