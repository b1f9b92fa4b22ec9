"""Errors carry what is wrong in fields; nothing has to be read out of a message."""

import pickle

import pytest

from textprep import errors

KINDS = [
    kind
    for kind in vars(errors).values()
    if isinstance(kind, type) and issubclass(kind, errors.TextprepError)
]


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_an_error_has_its_fields_and_says_its_hint_once(kind):
    error = kind(
        "bad row", file="a.csv", line=7, column="label", option="label", value="y", hint="say label='y'"
    )
    assert (error.file, error.line, error.column, error.option, error.value) == (
        "a.csv",
        7,
        "label",
        "label",
        "y",
    )
    assert str(error) == "bad row; say label='y'"


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_an_error_crosses_processes_with_its_fields(kind):
    error = pickle.loads(pickle.dumps(kind("bad row", option="label", value=None, hint="say label=None")))
    assert (str(error), error.option, error.value) == ("bad row; say label=None", "label", None)
