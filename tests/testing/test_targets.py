"""The kit names the rule that a kind of target breaks, in one line."""

from __future__ import annotations

import json

import numpy as np
import pyarrow as pa
import pytest

import textprep as tp
from textprep.targets import BadValueError
from textprep.testing import check_target

OWN = f"{__name__}:Nothing"


class Nothing:
    """Trains nothing."""


class Good(tp.NumberTarget):
    """Numbers from 0 on."""

    name = "good"
    objective = OWN

    def check(self, columns, values):
        numbers = super().check(columns, values)
        if min(numbers) < 0:
            raise BadValueError(columns[0], "a number is negative: counts start at 0")
        return numbers

    check_columns = tp.Target.check_columns


def test_a_kind_that_conforms(monkeypatch):
    check_target(Good)
    check_target(Good())
    check_target(Good, columns=["a", "b"], examples=[(1, "2.5")])


class Lenient(Good):
    def check(self, columns, values):
        return None if values[0] is None else (float(values[0] or 0),)


class Raises(Good):
    def check(self, columns, values):
        return (float(values[0]),)


class Elsewhere(Good):
    def check(self, columns, values):
        try:
            return super().check(columns, values)
        except BadValueError as error:
            raise BadValueError("nowhere", error.reason) from error


class Picky(Good):
    def check(self, columns, values):
        raise BadValueError(columns[0], "it is never good enough")


class Disagrees(Good):
    check_columns = tp.NumberTarget.check_columns


class Forgets(tp.ClassTarget):
    objective = OWN

    def settled(self, blocks, columns):
        made, notes = super().settled(blocks, columns)
        object.__setattr__(made, "class_names", (*made.classes, made.classes[0]))
        return made, notes


class Loses(Good):
    def stored(self, blocks):
        return super().stored(blocks).slice(1)


class Shape(Good):
    def array(self, column, rows):
        made = super().array(column, rows)
        return made if column is None else made.reshape(-1, 1)


class Whole(Good):
    def array(self, column, rows):
        return np.full(rows, np.nan) if column is None else np.arange(rows, dtype=float)


class Batch(Good):
    def batch(self, labels):
        return labels[:1]


class Missing(Good):
    missing = -1.0


class Drawn(Good):
    def drawn_in(self, labels):
        return labels[:1]


class Filled(Good):
    def array(self, column, rows):
        return np.zeros(rows) if column is None else super().array(column, rows)


class Unlabelled(Good):
    def labelled(self, labels):
        return np.zeros(len(labels), bool)


class Strata(Good):
    def strata(self, column):
        return [1, "a", *[0] * (len(column) - 2)]


class Few(Good):
    def strata(self, column):
        return [0]


class Silent(Good):
    def describe(self, column):
        return ""


class Untrained(Good):
    objective = "nowhere:Nothing"


BROKEN = {
    Lenient: "check() gives None: raise BadValueError, or give what the value means",
    Raises: "check() raised TypeError: ",
    Elsewhere: "it blames the column 'nowhere'",
    Picky: "it takes 0 of the values that the kit tries: give good ones as examples=[…]",
    Disagrees: "check_columns() says [",
    Forgets: "class_names= has ",
    Loses: "rows it stores ",
    Shape: "let them differ in the number of rows only",
    Whole: "give each row by itself",
    Batch: "batch() makes 1 rows of 2: make as many",
    Filled: "labelled() says True of array(None, 3): fill it with a value that no row has",
    Missing: "a batch of rows without a target holds [nan, nan, nan]: let missing say what is in it",
    Drawn: "drawn_in() gives 1 of",
    Unlabelled: "labelled() says False of a row that is stored",
    Strata: "TypeError: '<' not supported",
    Few: "strata() gives 1 of ",
    Silent: "describe() says nothing of a column",
    Untrained: "its objective 'nowhere:Nothing' cannot be imported",
}


@pytest.mark.parametrize("kind", BROKEN, ids=lambda kind: kind.__name__)
def test_what_is_broken_is_said_in_one_line(kind):
    with pytest.raises(AssertionError) as caught:
        check_target(kind)
    message = str(caught.value)
    assert message.startswith(f"{kind.__name__} ({kind.name!r}): ")
    assert BROKEN[kind] in message
    assert "\n" not in message


def test_an_example_that_is_refused():
    with pytest.raises(AssertionError, match=r"it refuses the example \('many',\): take it, or leave it out"):
        check_target(Good, examples=["many"])


PLUGIN = """
import pyarrow as pa
import textprep as tp

class Nothing:
    "Trains nothing."

class Level(tp.ClassTarget):
    "One of several classes in an order."
    name = "level"
    objective = "textprep_toy:Nothing"

@tp.hookimpl
def textprep_targets():
    return {"level": Level}
"""


@pytest.mark.slow
def test_check_plugin_checks_what_a_plugin_brings(install_plugin, run_python):
    site = install_plugin("textprep-toy", PLUGIN)
    done = run_python("-W", "ignore", "-m", "textprep", "check-plugin", "textprep-toy", "--json", site=site)
    assert done.returncode == 0, done.stdout + done.stderr
    rules = [check["rule"] for check in json.loads(done.stdout) if check["component"] == "Level ('level')"]
    assert len(rules) == 10
    assert "level" in run_python("-m", "textprep", "list", "targets", site=site).stdout
    site = install_plugin("textprep-toy", PLUGIN.replace("textprep_toy:Nothing", "textprep_toy:Something"))
    done = run_python("-W", "ignore", "-m", "textprep", "check-plugin", "textprep-toy", site=site)
    assert done.returncode == 1
    assert "FAILED  Level ('level'): its objective can be imported: " in done.stdout


def test_rows_that_are_stored_as_text_come_back():
    """A kind need not store numbers."""

    class Word(tp.Target):
        """A word."""

        name = "word"
        missing = 0
        objective = OWN

        def check(self, columns, values):
            if not isinstance(values[0], str) or not values[0].isalpha():
                raise BadValueError(columns[0], "it is not a word")
            return values[0]

        def gathered(self, checked):
            return list(checked)

        def settled(self, blocks, columns):
            return self, []

        def stored(self, blocks):
            return pa.chunked_array([pa.array([word for block in blocks for word in block], pa.string())])

        def array(self, column, rows):
            lengths = [0] * rows if column is None else [len(word) for word in column.to_pylist()]
            return np.array(lengths, np.int64)

        def labelled(self, labels):
            return labels > 0

        def describe(self, column):
            return f"{len(column.unique())} different words"

    check_target(Word)
