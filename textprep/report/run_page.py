"""The report of a run: its data, its training, its scores, its mistakes, and where it looked, as one page."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from markupsafe import Markup

from textprep.explanation import Explanation
from textprep.explanation.segments import step_segments
from textprep.records import SHARES, EpochRecord, EpochScore, RunMetrics
from textprep.report.charts import Axis, Line, length_chart, line_chart
from textprep.report.findings import Findings
from textprep.report.held_out import held_out_context
from textprep.report.page import render
from textprep.report.scores import baseline, optimistic
from textprep.report.thresholds import decision_data
from textprep.visible import counted, visible

MOST_POINTS = 300  # of the loss, step by step
MOST_TOKENS = 60
BY_EPOCH: dict[str, dict[str, EpochScore]] = {
    "Loss by epoch": {"train": "train_loss", "validation": "validation_loss"},
    "Accuracy by epoch": {"train": "train_accuracy", "validation": "validation_accuracy"},
}


def run_page(findings: Findings) -> str:
    """The page: bounded in size, however many texts there are."""
    held_out, names = findings.held_out, tuple(findings.class_names)
    return render(
        "run",
        title=f"{findings.title}: report of a run",
        styles=("reading",),
        data=decision_data(held_out, names) if held_out else None,
        heading=findings.title,
        names=names,
        metrics=findings.metrics,
        facts=_facts(findings),
        splits=findings.splits,
        vocabulary=findings.vocabulary,
        lengths=length_chart(findings.lengths),
        histogram=findings.lengths,
        examples=[_example(name, explanation) for name, explanation in findings.examples],
        curves=_curves(findings.metrics["epochs"], findings.log, findings.metrics["best_epoch"]),
        configuration=json.dumps(findings.configuration, indent=2, ensure_ascii=False),
        note=optimistic(findings.metrics["held_out"]),
        baseline=baseline(findings.metrics.get("baseline"), findings.metrics.get("accuracy", 0.0)),
        scores=_class_scores(findings.metrics, names) if findings.metrics["held_out"] else [],
        held_out=held_out_context(held_out, names, findings.metrics) if held_out else None,
    )


def _facts(findings: Findings) -> list[tuple[str, str]]:
    """What a reader wants to know first."""
    metrics, model = findings.metrics, findings.configuration["model"]
    seconds = sum(epoch["seconds"] for epoch in metrics["epochs"])
    facts = [
        ("model", " ".join(part for part in (model["name"], model.get("attention")) if part)),
        ("training", f"{counted(len(metrics['epochs']), 'epoch')}, {seconds:.0f} s"),
        ("vocabulary", counted(findings.vocabulary, "token")),
    ]
    if not metrics["held_out"]:
        return [("accuracy", "not scored"), *facts]
    low, high = metrics["intervals"]["accuracy"]
    scored = f"{counted(metrics['rows'], 'text')} of “{metrics['held_out']}”"
    return [("accuracy", f"{metrics['accuracy']:.1%} ({low:.1%} to {high:.1%})"), ("on", scored), *facts]


def _example(name: str, explanation: Explanation) -> dict[str, object]:
    tokens = [
        {"text": visible(token.text).replace("\n", ""), "id": token.id, "known": token.known}
        for token in explanation.tokens[:MOST_TOKENS]
    ]
    return {
        "class_name": name,
        "raw": explanation.raw,
        "steps": [
            {
                "name": step.name,
                "options": step.options,
                "changes": len(step.edits),
                "segments": step_segments(step, [], []),
            }
            for step in explanation.steps
        ],
        "tokens": tokens,
        "more": len(explanation.tokens) - len(tokens),
    }


def _curves(
    epochs: Sequence[EpochRecord], log: Sequence[Mapping[str, Any]], best: int | None
) -> list[tuple[str, Markup]]:
    """Title and chart: the loss by step, then loss and accuracy by epoch."""
    charts = []
    steps = [(record["step"], record["loss"]) for record in log if "loss" in record]
    if len(steps) > 1:
        kept = np.unique(np.linspace(0, len(steps) - 1, MOST_POINTS).round().astype(int))
        charts.append(("Loss of single batches", _by_step([steps[place] for place in kept])))
    for title, scores in BY_EPOCH.items():
        lines = [
            Line(name, points)
            for name, score in scores.items()
            if (points := [(e["epoch"], value) for e in epochs if (value := e[score]) is not None])
        ]
        if lines:
            charts.append((title, _by_epoch(title, lines, len(epochs), best)))
    return charts


def _by_step(points: list[tuple[float, float]]) -> Markup:
    top = max(loss for _, loss in points)
    x = Axis("step", 0, points[-1][0], "{:,.0f}")
    return line_chart([Line("train", points)], x, Axis("", 0, top), label="Training loss, step by step")


def _by_epoch(title: str, lines: list[Line], epochs: int, best: int | None) -> Markup:
    values = [value for line in lines for _, value in line.points]
    margin = (max(values) - min(values)) * 0.1 or 0.01
    y = Axis("", min(values) - margin, max(values) + margin)
    return line_chart(lines, Axis("epoch", 1, max(epochs, 2), "{:.0f}"), y, label=title, mark=best)


def _class_scores(metrics: RunMetrics, names: Sequence[str]) -> list[dict[str, object]]:
    """A line for each class: its scores with their intervals, and its rows."""
    return [
        {
            "name": name,
            "support": metrics["per_class"][name]["support"],
            "scores": [
                (score, metrics["per_class"][name][score], metrics["intervals"]["per_class"][name][score])
                for score in SHARES
            ]
            if metrics["per_class"][name]["support"]
            else [],
        }
        for name in names
    ]
