"""Findings of runs that nobody had to train: any number of classes and texts, any model."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch

import textprep as tp
from textprep.models import MODELS
from textprep.report.findings import Findings, Read, Reading, SplitFacts
from textprep.report.plan import length_histogram
from textprep.report.sections import Page
from textprep.targets import ClassesTarget, ClassTarget
from textprep.training.runs.insight import read_rows
from textprep.training.scoring.predictions import Predictions
from textprep.training.scoring.thresholds import Threshold
from textprep.training.targets import objective_of
from textprep.training.targets.one_class import ClassObjective

STEPS, LEARNED = [tp.StripMarkup(), tp.Lowercase()], ["a great film", "a dull mess"]
PIPELINE = tp.Pipeline(STEPS, tokenizer=tp.WordTokenizer().fit(LEARNED))
OF_PAIRS = tp.Pipeline(STEPS, tokenizer=tp.WordTokenizer().for_pairs().fit(LEARNED))
MODEL_SIZES = {"embedding_dim": 6, "hidden_dim": 4}
EPOCH = {
    "train_loss": 0.5, "train_accuracy": 0.8, "train_macro_f1": 0.75, "validation_loss": 0.6,
    "validation_accuracy": 0.7, "validation_macro_f1": 0.7, "seconds": 1.5,
}  # fmt: skip


def probabilities_of(labels: np.ndarray, classes: int, seed: int = 0) -> np.ndarray:
    """(R, C) float32 that lean towards the labels."""
    generator = np.random.default_rng(seed)
    powers = np.exp(generator.normal(size=(len(labels), classes)) * 1.5 + np.eye(classes)[labels] * 2)
    return (powers / powers.sum(axis=1, keepdims=True)).astype(np.float32)


def several_of(rows: int, classes: int, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """(R, C) labels of which rows have several or none, and probabilities that lean towards them."""
    generator = np.random.default_rng(seed)
    labels = (generator.random((rows, classes)) < 0.4).astype(np.int64)
    logits = generator.normal(size=labels.shape) * 1.5 + np.where(labels > 0, 1.5, -1.5)
    return labels, (1 / (1 + np.exp(-logits))).astype(np.float32)


def objective(names: tuple[str, ...], *, several: bool = False) -> Any:
    """How one class a row, or several, are scored and shown."""
    return objective_of((ClassesTarget if several else ClassTarget)(class_names=names))


def held_out(
    names: tuple[str, ...] = ("bad", "good"), rows: int = 300, *, several: bool = False
) -> Predictions:
    """The rows that the page of `findings` with the same arguments is about."""
    if several:
        labels, shares = several_of(rows, len(names))
    else:
        labels = np.arange(rows) % len(names)
        shares = probabilities_of(labels, len(names))
    return Predictions(np.arange(rows), labels, shares)


def findings(
    names: tuple[str, ...] = ("bad", "good"),
    rows: int = 300,
    *,
    text: str = "A <b>great</b> film",
    model: str = "gru_attention",
    options: dict[str, object] | None = None,
    threshold: Threshold | None = None,
    scored: bool = True,
    several: bool = False,
    pair: str | None = None,
) -> Findings:
    """The folder of a run with such classes; every text is ``text`` and its number.

    With ``pair``, each row has a second text: that and its number.
    """
    texts = (text,) if pair is None else (text, pair)
    asked, said = objective(names, several=several), held_out(names, rows, several=several)
    metrics = {
        "epochs": [{"epoch": number, **EPOCH} for number in (1, 2)],
        "best_epoch": 2, "interrupted": False, "held_out": "test" if scored else None,
        **(asked.scores(said) if scored else {}),
    }  # fmt: skip
    having = said.labels.sum(axis=0) if several else np.bincount(said.labels, minlength=len(names))
    split = {
        "rows": rows, "figures": dict(zip(names, having.tolist(), strict=True)),
        "tokens": 9 * rows, "longest": 20, "unknown": 0.1, "truncated": 0.0, "padding": 0.25,
    }  # fmt: skip
    return Findings(
        title=text[:40],
        names=names,
        configuration={"steps": [], "model": {"name": model}},
        splits=[SplitFacts(name, **split) for name in ("train", "validation", "test")],
        lengths=length_histogram(np.arange(rows) % 21, cut=12),
        vocabulary=len(PIPELINE.vocabulary),
        examples=[(names[0], OF_PAIRS.explain(*texts) if pair else PIPELINE.explain(text))],
        metrics=metrics,
        headline=asked.headline(metrics) if scored else ("", ""),
        measures=[(measure.name, measure.title, measure.form) for measure in asked.measures],
        log=[{"step": 10 * number, "epoch": 1, "loss": 1 / number} for number in range(1, 9)],
        page=_page(asked, said, metrics, threshold, texts) if scored else Page(),
        read=_read(asked, texts, model, options or {}) if scored else None,
    )


def _page(
    asked: ClassObjective,
    said: Predictions,
    metrics: dict[str, Any],
    rule: Threshold | None,
    texts: tuple[str, ...],
) -> Page:
    def of_rows(rows: np.ndarray) -> list[tuple[str, ...]]:
        return [tuple(f"{text} number {row}" for text in texts) for row in rows]

    return asked.page(said, metrics, asked.curves(said), rule, of_rows)


def _read(
    asked: ClassObjective, texts: tuple[str, ...], model: str, options: dict[str, object]
) -> tuple[list[Read], Reading]:
    pipeline = OF_PAIRS if len(texts) > 1 else PIPELINE
    rows = [texts, ("a dull mess", "a film")[: len(texts)]]
    read = [Read("Surely right", asked.names[0], pipeline.explain(*row)) for row in rows]
    torch.manual_seed(0)
    sizes = {**MODEL_SIZES, **options, "pairs": len(texts) > 1}
    network = MODELS[model](len(pipeline.vocabulary), len(asked.names), **sizes).eval()
    if network.bag:  # which starts with no opinion
        for table in (network.bag.of_tokens, network.bag.of_pairs):
            torch.nn.init.normal_(table.weight, std=0.2)
    tokens = [each.explanation.row.tokens for each in read]
    ids = [[token.id for token in row] for row in tokens]
    types = [[token.type_id for token in row] for row in tokens]
    return read, read_rows(network, ids, asked, types=types if len(texts) > 1 else None)
