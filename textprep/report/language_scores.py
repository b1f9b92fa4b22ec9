"""Scores of a language model as text, with those of counting."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from textprep.report.number_scores import compared, interval, number
from textprep.report.seen import seen_line
from textprep.tables import table
from textprep.visible import counted

TITLES = {
    "perplexity": "perplexity",
    "loss": "loss (nats per token)",
    "bits_per_token": "bits per token",
    "bits_per_character": "bits per character",
}


def language_summary(scores: Mapping[str, Any]) -> str:
    """Each score with its interval, next to those of unigrams and trigrams."""
    lines = [
        against_trigrams(scores),
        f"{counted(scores['tokens'], 'token')} of {counted(scores['rows'], 'text')}",
        seen_line(scores, lambda others: f"the perplexity is {number(others['perplexity'])}"),
    ]
    header, rows = score_table(scores)
    return "\n\n".join([table(header, rows), "\n".join(filter(None, lines))])


def score_table(scores: Mapping[str, Any]) -> tuple[list[str], list[list[str]]]:
    """Header and rows: the model with its intervals, and its rivals where they were counted."""
    rivals = {title: scores[name] for name, title in RIVALS.items() if name in scores}
    rows = [
        [title, interval(scores[name], scores["intervals"].get(name)), *_of(rivals, name, scores)]
        for name, title in TITLES.items()
        if name in scores
    ]
    return ["score", "model (95 % interval)", *rivals], rows


RIVALS = {"trigram": "trigrams", "baseline": "unigrams"}


def _of(rivals: Mapping[str, Mapping[str, Any]], name: str, scores: Mapping[str, Any]) -> list[str]:
    share = scores["tokens"] / scores["characters"] if scores.get("characters") else 0.0
    return [
        number(rival["bits_per_token"] * share if name == "bits_per_character" else rival[name])
        for rival in rivals.values()
    ]


def against_trigrams(scores: Mapping[str, Any]) -> str:
    """Whether the model foresees texts better than trigrams do; empty where they were not counted.

    >>> against_trigrams({"trigram": {"loss_difference": {"value": -0.12, "interval": [-0.14, -0.1]}}})
    'text by text, the loss is 0.12 (0.1 to 0.14) below that of trigrams: better beyond chance'
    """
    found = scores.get("trigram", {}).get("loss_difference")
    if not found:
        return ""
    off, where, verdict = compared(found)
    return f"text by text, the loss is {off} {where} that of trigrams: {verdict}"


def headline(scores: Mapping[str, Any]) -> tuple[str, str]:
    """The perplexity with its interval."""
    return "perplexity", interval(scores["perplexity"], scores["intervals"]["perplexity"])
