"""The report of a run: its data, its training, its scores, its mistakes, and where it looked, as one page."""

from __future__ import annotations

import json
from collections.abc import Sequence

import numpy as np
from markupsafe import Markup

from textprep.explanation import Explanation, RowToken, StepTrace
from textprep.explanation.segments import step_segments
from textprep.explanation.text import TEXTS, left_out
from textprep.records import EpochRecord
from textprep.report.charts import Axis, Line, length_chart, line_chart
from textprep.report.findings import Findings
from textprep.report.page import render
from textprep.report.reading import read_texts, reading_context
from textprep.report.scores import optimistic
from textprep.visible import counted, visible_line

MOST_POINTS = 300  # of the loss, step by step
MOST_TOKENS = 60


def run_page(findings: Findings) -> str:
    """The page: bounded in size, however many texts there are."""
    metrics, page = findings.metrics, findings.page
    return render(
        "run",
        title=f"{findings.title}: report of a run",
        styles=("reading", "tagged"),
        scripts=("row_texts", page.script),
        data=page.data,
        heading=findings.title,
        names=tuple(findings.names),
        metrics=metrics,
        facts=_facts(findings),
        splits=findings.splits,
        figures=list(dict.fromkeys(name for split in findings.splits for name in split.figures)),
        vocabulary=findings.vocabulary,
        unit=findings.unit,
        lengths=length_chart(findings.lengths, findings.unit),
        histogram=findings.lengths,
        examples=[_example(name, explanation) for name, explanation in findings.examples],
        curves=_curves(findings),
        heads=[head for head, _, _ in _columns(findings)],
        epochs=[_epoch(epoch, _columns(findings)) for epoch in metrics["epochs"]],
        configuration=json.dumps(findings.configuration, indent=2, ensure_ascii=False),
        note=optimistic(metrics["held_out"]),
        sections=page.sections,
        read=_read(findings),
    )


def _read(findings: Findings) -> dict[str, object] | None:
    if findings.read is None:
        return None
    texts, reading = findings.read
    return {"texts": read_texts(texts, reading), **reading_context(reading)}


def _columns(findings: Findings) -> list[tuple[str, str, str]]:
    """Of the table of epochs: head, key and form; of training the first measure alone."""
    columns = []
    for word, split, most in (("training", "train", 1), ("validation", "validation", None)):
        columns.append((f"{word} loss", f"{split}_loss", ".4f"))
        columns += [(title, f"{split}_{key}", form) for key, title, form in findings.measures[:most]]
    return [*columns, ("seconds", "seconds", ".1f")]


def _epoch(epoch: EpochRecord, columns: Sequence[tuple[str, str, str]]) -> dict[str, object]:
    values = [(epoch.get(key), form) for _, key, form in columns]
    cells = ["\N{EN DASH}" if value is None else format(value, form) for value, form in values]
    return {"epoch": epoch["epoch"], "cells": cells}


def _facts(findings: Findings) -> list[tuple[str, str]]:
    """What a reader wants to know first."""
    metrics, model = findings.metrics, findings.configuration["model"]
    seconds = sum(epoch["seconds"] for epoch in metrics["epochs"])
    facts = [
        ("model", " ".join(part for part in (model["name"], model.get("attention")) if part)),
        ("training", f"{counted(len(metrics['epochs']), 'epoch')}, {seconds:.0f} s"),
        *([("vocabulary", counted(findings.vocabulary, "token"))] if findings.vocabulary else []),
    ]
    if not metrics["held_out"]:
        return [(findings.measures[0][1], "not scored"), *facts]
    scored = f"{counted(metrics['rows'], 'row')} of “{metrics['held_out']}”"
    return [findings.headline, ("on", scored), *facts]


def _example(name: str, explanation: Explanation) -> dict[str, object]:
    texts, tokens = explanation.texts, explanation.row.tokens
    return {
        "class_name": name,
        "texts": [
            {
                "name": named if len(texts) > 1 else "",
                "raw": way.raw,
                "steps": [_step(step) for step in way.steps],
            }
            for named, way in zip(TEXTS, texts, strict=False)
        ],
        "tokens": [_token(explanation, token) for token in tokens[:MOST_TOKENS]],
        "more": max(0, len(tokens) - MOST_TOKENS),
        "left_out": left_out(explanation),
    }


def _step(step: StepTrace) -> dict[str, object]:
    return {
        "name": step.name,
        "options": step.options,
        "changes": len(step.edits),
        "segments": step_segments(step, [], []),
    }


def _token(explanation: Explanation, token: RowToken) -> dict[str, object]:
    """A token of the row: its kind is ``special``, ``unknown`` or nothing."""
    kind = "special"
    if token.text is not None and token.place is not None:
        kind = "" if explanation.texts[token.text].tokens[token.place].known else "unknown"
    return {"text": visible_line(token.name), "id": token.id, "kind": kind}


def _curves(findings: Findings) -> list[tuple[str, Markup]]:
    """Title and chart: the loss by step, then loss and the first measure by epoch."""
    charts, epochs = [], findings.metrics["epochs"]
    steps = [(record["step"], record["loss"]) for record in findings.log if "loss" in record]
    if len(steps) > 1:
        kept = np.unique(np.linspace(0, len(steps) - 1, MOST_POINTS).round().astype(int))
        charts.append(("Loss of single batches", _by_step([steps[place] for place in kept])))
    for key, title in (("loss", "loss"), findings.measures[0][:2]):
        lines = [
            Line(split, points)
            for split in ("train", "validation")
            if (
                points := [
                    (e["epoch"], value) for e in epochs if (value := e.get(f"{split}_{key}")) is not None
                ]
            )
        ]
        if lines:
            name = f"{title[0].upper()}{title[1:]} by epoch"
            charts.append((name, _by_epoch(name, lines, len(epochs), findings.metrics["best_epoch"])))
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
