"""Scores of predicted classes as tables; they take what ``metrics.json`` of a run holds."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from textprep.records import SHARES, Baseline, Scores, ThresholdRecord
from textprep.report.seen import seen_line
from textprep.tables import shorten, table

MATRIX_CLASSES = 8
CONFUSIONS = 20
DOMINANT = 0.8  # of the rows in one class: from there on accuracy says little


def class_headline(metrics: Scores) -> tuple[str, str]:
    """The accuracy with its interval."""
    low, high = metrics["intervals"]["accuracy"]
    return "accuracy", f"{metrics['accuracy']:.1%} ({low:.1%} to {high:.1%})"


def class_summary(metrics: Scores) -> str:
    """The scores of each class, the accuracy, and where the model goes wrong."""
    if "confusion_matrix" not in metrics:  # a row may have several classes
        return scores_table(metrics)
    return f"{scores_table(metrics)}\n\n{confusion_table(metrics)}"


def scores_table(metrics: Scores) -> str:
    """Precision, recall, F1 and support of each class, their means, and the accuracy.

    Args:
        metrics: what a function of `textprep.training.scoring.metrics` returns.
    """
    rows = [
        [name, *(f"{scores[share]:.4f}" if scores["support"] else "-" for share in SHARES), scores["support"]]
        for name, scores in metrics["per_class"].items()
    ]
    for means, name in ((metrics.get("macro"), "(mean)"), (metrics.get("micro"), "(of all decisions)")):
        if means:
            rows.append([name, *(f"{means[share]:.4f}" for share in SHARES), metrics["rows"]])
    return f"{table(['class', *SHARES, 'rows'], rows)}\n\n{_summary(metrics)}"


def _summary(metrics: Scores) -> str:
    """Accuracy with its interval and what guessing gives, what the probabilities are worth, and notes."""
    what = "accuracy" if "micro" not in metrics else "rows with all their labels and no other"
    line = f"{what} {metrics['accuracy']:.2%}"
    if "intervals" in metrics:
        low, high = metrics["intervals"]["accuracy"]
        line += f" (95 % interval: {low:.2%} to {high:.2%})"
    areas = {
        "area under ROC": metrics.get("macro_roc_auc"),
        "under precision-recall": metrics.get("macro_average_precision"),
    }
    parts = [f"{words} {area:.4f}" for words, area in areas.items() if area is not None]
    if "calibration_error" in metrics:
        parts.append(f"calibration error {metrics['calibration_error']:.4f}")
    lines = [
        line,
        class_baseline(metrics.get("baseline"), metrics["accuracy"]),
        ", ".join(parts),
        _without_rows(metrics),
        seen_line(metrics, _of_others),
    ]
    return "\n".join(filter(None, lines))


def class_baseline(guess: Baseline | None, accuracy: float) -> str:
    """What guessing gives, and whether that is so much that ``accuracy`` says little; empty of older runs.

    >>> print(class_baseline({"label": "ham", "accuracy": 0.99}, 0.99))
    always guessing 'ham', the largest class of training, gives 99.00%: accuracy says little here
    """
    if guess is None:
        return ""
    label, share = guess["label"], guess["accuracy"]
    named = f"{label!r}, the largest class of training," if isinstance(label, str) else _most_common(label)
    little = ": accuracy says little here" if share >= DOMINANT or accuracy <= share else ""
    return f"always guessing {named} gives {share:.2%}{little}"


def _most_common(labels: list[str]) -> str:
    named = ", ".join(map(repr, labels)) or "no label"
    return f"{named}, as most training texts have it,"


def _without_rows(metrics: Scores) -> str:
    names = metrics.get("classes_without_rows")
    return f"not in the means, for want of rows: {', '.join(names)}" if names else ""


def _of_others(others: Mapping[str, Any]) -> str:
    low, high = others["intervals"]["accuracy"]
    accuracy = f"{others['accuracy']:.2%} ({low:.2%} to {high:.2%})"
    return f"the accuracy is {accuracy}, the mean F1 {others['macro']['f1']:.4f}"


def threshold_table(threshold: ThresholdRecord) -> str:
    """What a threshold was chosen for, and what it costs.

    Args:
        threshold: the key of that name of what `textprep.training.runs.run.Run.held_out_scores` returns.
    """
    (wanted, least), *_ = threshold["wanted"].items()
    name, reached = threshold["class_name"], threshold["validation"][wanted]
    rows = [
        [score, f"{both['without']:.4f}", f"{both['with']:.4f}", f"{both['with'] - both['without']:+.4f}"]
        for score, both in threshold["cost"].items()
    ]
    return (
        f"a text is {name!r} from a probability of {threshold['value']:.4f} on, chosen for a {wanted} of "
        f"{least:g} on the validation split (there {reached:.4f}); on the held-out split:\n\n"
        + table([f"of {name!r}", "without", "with", "change"], rows)
    )


def confusion_table(metrics: Scores) -> str:
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
