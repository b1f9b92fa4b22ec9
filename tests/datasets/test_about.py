"""A data set says under which license its texts are, whom to cite, and what it should hold."""

from __future__ import annotations

import json

import pytest

import textprep as tp
from textprep.datasets.about import About, about
from textprep.errors import DatasetError, NameClashError
from textprep.registry import DATASETS

pytestmark = pytest.mark.usefixtures("restored_registries")


def test_a_function_is_registered_and_stays_what_it_was():
    @tp.dataset
    def numbers(*, count: int = 3):
        return [(f"number {i}", i % 2) for i in range(count)]

    assert numbers(count=1) == [("number 0", 0)]
    assert len(tp.load_dataset("numbers", splits=None)["train"]) == 3
    assert DATASETS.owner("numbers") == f"code in module {__name__}"
    assert about(numbers) == About()


def test_what_it_says_of_itself_is_kept_and_shown(capsys, monkeypatch):
    from textprep.cli import main

    @tp.dataset(
        name="letters",
        license="CC0-1.0",
        citation="A. Nobody (2020)",
        homepage="https://example.org",
        class_names=["a", "b"],
        rows={"train": 1000, "test": 2},
    )
    class Letters:
        """Letters."""

    assert DATASETS.get("letters") is Letters
    assert about(Letters).class_names == ("a", "b")
    monkeypatch.setattr("sys.argv", ["textprep", "show", "letters"])
    with pytest.raises(SystemExit):
        main()
    shown = capsys.readouterr().out
    for line in ("license: CC0-1.0", "citation: A. Nobody (2020)", "rows: train 1,000, test 2"):
        assert line in shown
    monkeypatch.setattr("sys.argv", ["textprep", "show", "letters", "--json"])
    with pytest.raises(SystemExit):
        main()
    assert json.loads(capsys.readouterr().out)["about"]["license"] == "CC0-1.0"


def test_a_name_that_is_taken():
    with pytest.raises(
        NameClashError, match=r"'csv' of code in module .* is already registered by textprep "
    ):
        tp.dataset(name="csv")(lambda: [("a", "b")])


@pytest.mark.parametrize(
    ("said", "message"),
    [
        ({"license": None}, "are strings"),
        ({"class_names": [1]}, "are strings"),
        ({"rows": "many"}, "rows= is a number, or maps split names to numbers: 'many'"),
        ({"rows": {"train": -1}}, "rows= is a number"),
    ],
)
def test_what_cannot_be_said(said, message):
    with pytest.raises(DatasetError, match=message):
        tp.dataset(**said)


def test_it_goes_above_a_function():
    with pytest.raises(DatasetError, match="goes above a function or a class, not 7"):
        tp.dataset(7)
