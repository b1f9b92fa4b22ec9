"""Scores as tables: every figure of the JSON is there, in 80 columns."""

from __future__ import annotations

import re

import numpy as np
import pytest

from tests.report.runs import objective
from textprep.report import class_summary, confusion_table, epochs_table, scores_table, seeds_table
from textprep.tables import display_width
from textprep.training.loop.history import Epoch, History
from textprep.training.scoring.metrics import classification_metrics
from textprep.training.scoring.predictions import Predictions


def test_scores_of_two_classes():
    metrics = classification_metrics([0, 0, 1, 1], [0, 1, 1, 1], ["bad", "good"])
    assert "accuracy 75.00% (95 % interval: " in scores_table(metrics)
    del metrics["intervals"]
    assert scores_table(metrics) == (
        "class   precision  recall      f1  rows\n"
        "------  ---------  ------  ------  ----\n"
        "bad        1.0000  0.5000  0.6667     2\n"
        "good       0.6667  1.0000  0.8000     2\n"
        "(mean)     0.8333  0.7500  0.7333     4\n"
        "\n"
        "accuracy 75.00%"
    )


def test_the_report_has_scores_and_confusions():
    metrics = classification_metrics([0, 0, 1, 1], [0, 1, 1, 1], ["bad", "good"])
    assert class_summary(metrics) == f"{scores_table(metrics)}\n\n{confusion_table(metrics)}"


def test_long_and_wide_class_names_stay_within_80_columns():
    names = [f"a class with a rather long name, the number {index} of them" for index in range(7)] + [
        "映画" * 30
    ]
    metrics = classification_metrics(list(range(8)), [0] * 8, names)
    for text in (scores_table(metrics), confusion_table(metrics)):
        assert max(map(display_width, text.splitlines())) <= 80
    assert len(confusion_table(metrics).splitlines()) == 10


def test_many_classes_are_shown_by_their_most_frequent_confusions():
    names = [f"class {index}" for index in range(9)]
    metrics = classification_metrics([0, 0, 0, 1, 1, 2], [4, 4, 4, 1, 3, 8], names)
    assert confusion_table(metrics) == (
        "true     predicted  rows\n"
        "-------  ---------  ----\n"
        "class 0  class 4       3\n"
        "class 1  class 3       1\n"
        "class 2  class 8       1"
    )


def test_confusions_left_out_are_counted():
    names = [f"class {index}" for index in range(30)]
    text = confusion_table(classification_metrics(list(range(30)), [*range(1, 30), 0], names))
    assert text.endswith("… and 10 rarer pairs of classes")


def test_epochs_mark_the_weights_that_were_kept():
    history = History(
        [
            Epoch(1, {"loss": 0.5, "accuracy": 0.75}, {"loss": 0.4, "accuracy": 0.8}, 61.26),
            Epoch(2, {"loss": 0.3, "accuracy": 0.9}, {"loss": 0.45, "accuracy": 0.79}, 60.0),
        ],
        best_epoch=1,
    )
    lines = epochs_table(history.to_json()).splitlines()
    assert lines[2].split() == ["1", "0.5000", "75.00%", "0.4000", "80.00%", "61.3", "best"]
    assert lines[3].split() == ["2", "0.3000", "90.00%", "0.4500", "79.00%", "60.0"]


def test_epochs_without_validation_and_an_interrupt():
    text = epochs_table(
        History([Epoch(1, {"loss": 0.5, "accuracy": 0.75}, None, 2.0)], None, interrupted=True).to_json()
    )
    assert text.splitlines()[2].split() == ["1", "0.5000", "75.00%", "-", "-", "2.0"]
    assert text.endswith("(interrupted)")


def test_epochs_by_any_measure():
    history = History([Epoch(1, {"loss": 0.5, "mae": 1.25}, {"loss": 0.4, "mae": 1.5}, 2.0)], best_epoch=1)
    text = epochs_table(history.to_json(), "mae", ".3f")
    assert text.splitlines()[2].split() == ["1", "0.5000", "1.250", "0.4000", "1.500", "2.0", "best"]


def spread(*values: float) -> dict[str, object]:
    return {"mean": sum(values) / len(values), "std": 0.25, "values": list(values)}


def test_seeds_are_shown_by_the_measures_of_their_target():
    summary = {
        "seeds": [3, 4], "held_out": "test", "baseline": {"of": "the training mean", "mae": 2.0},
        "measures": [["mae", "MAE", ".3f"], ["r2", "R\N{SUPERSCRIPT TWO}", ".2f"]],
        "mae": spread(1.0, 2.0), "r2": spread(0.5, 0.7), "seconds": spread(9.0, 11.0),
    }  # fmt: skip
    header, _, *rows, guess = seeds_table(summary).splitlines()
    assert header.split() == ["on", "'test'", "MAE", "R\N{SUPERSCRIPT TWO}", "seconds"]
    assert [row.split() for row in rows] == [
        ["seed", "3", "1.000", "0.50", "9.0"],
        ["seed", "4", "2.000", "0.70", "11.0"],
        ["mean", "1.500", "0.60", "10.0"],
        ["spread", "0.250", "0.25", "0.2"],
    ]
    assert guess == "always guessing the training mean gives MAE 2.000"
    assert seeds_table({"seeds": [3], "runs": []}) == "no seed has come to its end"


def test_accuracy_has_what_guessing_gives_beside_it_and_says_what_is_missing():
    """Whoever always says the largest class is right as often as it is there."""
    labels = np.array([0] * 98 + [1] * 2)
    shares = np.tile(np.array([0.7, 0.2, 0.1], np.float32), (100, 1))
    said = Predictions(np.arange(100), labels, shares)
    asked = objective(("ham", "spam", "other"))
    scores = asked.scores(said, baseline=["ham"])
    assert scores["baseline"] == {"label": "ham", "accuracy": 0.98}
    assert scores["classes_without_rows"] == ["other"]
    shown = scores_table(scores)
    assert "always guessing 'ham', the largest class of training, gives 98.00%: accuracy says little" in shown
    assert "not in the means, for want of rows: other" in shown
    assert re.search(r"^other +- +- +- +0$", shown, re.MULTILINE)
    assert asked.scores(said, baseline=["spam"])["baseline"]["accuracy"] == 0.02
    marks = Predictions(np.arange(3), np.array([[1, 1], [1, 1], [0, 1]]), np.ones((3, 2), np.float32))
    scores = objective(("a", "b"), several=True).scores(marks)
    assert scores["baseline"] == {"label": ["a", "b"], "accuracy": pytest.approx(2 / 3)}
    assert "always guessing 'a', 'b', as most training texts have it, gives" in scores_table(scores)
