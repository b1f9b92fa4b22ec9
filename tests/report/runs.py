"""Findings of runs that nobody had to train: any number of classes and texts, any model."""

from __future__ import annotations

import numpy as np
import torch

import textprep as tp
from textprep.models import MODELS
from textprep.report.findings import Findings, HeldOut, Read, SplitFacts
from textprep.report.plan import length_histogram
from textprep.report.thresholds import mistakes, rows_to_show
from textprep.training.runs.insight import read_rows
from textprep.training.scoring.curves import probability_curves, probability_metrics
from textprep.training.scoring.metrics import classification_metrics, multi_label_metrics

PIPELINE = tp.Pipeline(
    [tp.StripMarkup(), tp.Lowercase()], tokenizer=tp.WordTokenizer().fit(["a great film", "a dull mess"])
)
MODEL_SIZES = {"embedding_dim": 6, "hidden_dim": 4}
EPOCH = {
    "train_loss": 0.5, "train_accuracy": 0.8, "validation_loss": 0.6, "validation_accuracy": 0.7,
    "validation_macro_f1": 0.7, "seconds": 1.5,
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


def findings(
    names: tuple[str, ...] = ("bad", "good"),
    rows: int = 300,
    *,
    text: str = "A <b>great</b> film",
    model: str = "gru_attention",
    options: dict[str, object] | None = None,
    threshold: dict[str, object] | None = None,
    scored: bool = True,
    several: bool = False,
) -> Findings:
    """What a run with such classes would have left behind; every text is ``text`` and its number."""
    if several:
        labels, shares = several_of(rows, len(names))
    else:
        labels = np.arange(rows) % len(names)
        shares = probabilities_of(labels, len(names))
    metrics = {
        "epochs": [{"epoch": number, **EPOCH} for number in (1, 2)],
        "best_epoch": 2, "interrupted": False, "held_out": "test" if scored else None,
    }  # fmt: skip
    if scored:
        metrics |= (
            multi_label_metrics(labels, shares > 0.5, names)
            if several
            else classification_metrics(labels, shares.argmax(axis=1), names)
        )
        metrics |= probability_metrics(labels, shares, names)
    explanation = PIPELINE.explain(text)
    having = labels.sum(axis=0) if several else np.bincount(labels, minlength=len(names))
    counts = dict(zip(names, having.tolist(), strict=True))
    split = {
        "rows": rows, "classes": counts, "tokens": 9 * rows, "longest": 20, "unknown": 0.1,
        "truncated": 0.0, "padding": 0.25,
    }  # fmt: skip
    return Findings(
        title=text[:40],
        class_names=names,
        configuration={"steps": [], "model": {"name": model}},
        splits=[SplitFacts(name, **split) for name in ("train", "validation", "test")],
        lengths=length_histogram(np.arange(rows) % 21, cut=12),
        vocabulary=len(PIPELINE.vocabulary),
        examples=[(names[0], explanation)],
        metrics=metrics,
        log=[{"step": 10 * number, "epoch": 1, "loss": 1 / number} for number in range(1, 9)],
        held_out=_held_out(names, labels, shares, text, model, options or {}, threshold) if scored else None,
    )


def _held_out(names, labels, shares, text, model, options, threshold) -> HeldOut:
    several = labels.ndim == 2
    shown = [*rows_to_show(labels, shares), *(mistake.row for mistake in mistakes(labels, shares, 12))]
    read = [Read("Surely right", names[0], PIPELINE.explain(words)) for words in (text, "a dull mess")]
    torch.manual_seed(0)
    network = MODELS[model](len(PIPELINE.vocabulary), len(names), **MODEL_SIZES, **options).eval()
    if network.bag:  # which starts with no opinion
        for table in (network.bag.of_tokens, network.bag.of_pairs):
            torch.nn.init.normal_(table.weight, std=0.2)
    return HeldOut(
        name="test",
        labels=labels,
        probabilities=shares,
        curves=probability_curves(labels, shares, names),
        threshold=threshold,
        texts={int(row): f"{text} number {row}" for row in shown},
        read=(read, read_rows(network, [each.explanation.row.ids for each in read], multi_label=several)),
    )
