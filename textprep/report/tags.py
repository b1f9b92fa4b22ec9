"""What the page of a run shows of predicted entities: scores of each type, and what was taken for what."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from textprep.records import SHARES
from textprep.report.sections import Page, Section
from textprep.report.tag_scores import OUTCOMES, tags_baseline, unread_line


def tags_page(scores: Mapping[str, Any]) -> Page:
    """The page of a target with tags.

    Args:
        scores: of the run, see `textprep.training.targets.tags.TagsObjective.scores`.
    """
    context = {
        "scores": [_line(name, scores) for name in scores["class_names"]],
        "metrics": scores,
        "outcomes": [(words, scores["outcomes"][key]) for key, words in OUTCOMES.items()],
        "notes": [note for note in (tags_baseline(scores), unread_line(scores)) if note],
    }
    return Page((Section((("scores", "Scores"), ("confusion", "Confusion")), "tag_scores.html", context),))


def _line(name: str, scores: Mapping[str, Any]) -> dict[str, Any]:
    """A line of the table of types: the scores with their intervals, and how many entities are true."""
    each, ranges = scores["per_class"][name], scores["intervals"]["per_class"][name]
    return {
        "name": name,
        "support": each["support"],
        "scores": [(each[share], ranges[share]) for share in SHARES],
    }
