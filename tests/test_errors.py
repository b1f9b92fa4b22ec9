"""Errors carry what is wrong in fields; nothing has to be read out of a message."""

import ast
import inspect
import pickle
import re
from pathlib import Path

import pytest

import textprep as tp
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


READERS = (tp.read_archive, tp.read_csv, tp.read_json, tp.read_sql)
OPTIONS = {name for call in (tp.load_dataset, *READERS) for name in inspect.signature(call).parameters} - {
    "name"
}
RAISED = ("DatasetError", "Rejected", "BadValueError")


def raised_without_an_option():
    """Where a message of the data sets' room names an option of theirs that its fields do not."""
    for path in sorted(Path(tp.__path__[0], "datasets").rglob("*.py")):
        for call in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id in RAISED:
                texts = [node.value for node in ast.walk(call) if isinstance(node, ast.Constant)]
                message = "".join(text for text in texts if isinstance(text, str))
                named = OPTIONS & set(re.findall(r"(?<![\w.])(\w+)=", message))
                in_place = call.func.id == "BadValueError" and len(call.args) > 2
                if named and not in_place and not any(keyword.arg == "option" for keyword in call.keywords):
                    yield f"{path.name}, line {call.lineno}: {', '.join(sorted(named))}"


def test_an_option_that_a_message_names_is_in_its_fields():
    assert list(raised_without_an_option()) == []
