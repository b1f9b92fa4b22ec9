"""Scores, confusion matrix and epochs as tables; they take what `metrics.json` of a run holds."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from textprep.report.tables import shorten, table

MATRIX_CLASSES = 8
CONFUSIONS = 20


def scores_report(metrics: Mapping[str, Any]) -> str:
    """The scores of each class, the accuracy, and where the model goes wrong."""
    return f"{scores_table(metrics)}\n\n{confusion_table(metrics)}"


def scores_table(metrics: Mapping[str, Any]) -> str:
    """Precision, recall, F1 and support of each class, their means, and the accuracy.

    Args:
        metrics: what `textprep.training.metrics.classification_metrics` returns.
    """
    columns = ("precision", "recall", "f1")
    rows = [
        [name, *(f"{scores[column]:.4f}" for column in columns), scores["support"]]
        for name, scores in metrics["per_class"].items()
    ]
    rows.append(["(mean)", *(f"{metrics['macro'][column]:.4f}" for column in columns), metrics["rows"]])
    return f"{table(['class', *columns, 'rows'], rows)}\n\naccuracy {metrics['accuracy']:.2%}"


def confusion_table(metrics: Mapping[str, Any]) -> str:
    """How often each true class (rows) was given each class (columns).

    With more than eight classes, which would not fit a line, the most frequent confusions instead.

    >>> print(confusion_table({"class_names": ["bad", "good"], "confusion_matrix": [[9, 1], [2, 8]]}))
    true \\ predicted  bad  good
    ----------------  ---  ----
    bad                 9     1
    good                2     8
    """
    names, matrix = metrics["class_names"], metrics["confusion_matrix"]
    if len(names) > MATRIX_CLASSES:
        return _confusions(names, matrix)
    rows = [[name, *counts] for name, counts in zip(names, matrix, strict=True)]
    return table(["true \\ predicted", *(shorten(name, 12) for name in names)], rows)


def _confusions(names: list[str], matrix: list[list[int]]) -> str:
    wrong = [
        (count, names[true], names[predicted])
        for true, counts in enumerate(matrix)
        for predicted, count in enumerate(counts)
        if count and true != predicted
    ]
    wrong.sort(key=lambda confusion: -confusion[0])
    rows = [[true, predicted, count] for count, true, predicted in wrong[:CONFUSIONS]]
    left_out = len(wrong) - len(rows)
    note = f"\n… and {left_out} rarer pairs of classes" if left_out else ""
    return table(["true", "predicted", "rows"], rows) + note


def epochs_table(history: Mapping[str, Any]) -> str:
    """Loss and accuracy of each epoch; the one whose weights were kept is marked.

    Args:
        history: what `textprep.training.history.History.to_json` returns.
    """
    header = ["epoch", "train loss", "accuracy", "validation loss", "accuracy", "seconds", ""]
    rows = [
        [
            epoch["epoch"],
            _number(epoch["train_loss"], ".4f"),
            _number(epoch["train_accuracy"], ".2%"),
            _number(epoch["validation_loss"], ".4f"),
            _number(epoch["validation_accuracy"], ".2%"),
            _number(epoch["seconds"], ".1f"),
            "best" if epoch["epoch"] == history["best_epoch"] else "",
        ]
        for epoch in history["epochs"]
    ]
    return table(header, rows) + ("\n(interrupted)" if history["interrupted"] else "")


def _number(value: float | None, form: str) -> str:
    return "-" if value is None else format(value, form)
