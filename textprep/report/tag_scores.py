"""Scores of predicted entities as text, and what was taken for what."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from textprep.records import SHARES
from textprep.report.seen import seen_line
from textprep.tables import shorten, table
from textprep.visible import counted

MATRIX_TYPES = 8
OUTCOMES = {
    "right": "right",
    "wrong_borders": "right type, wrong borders",
    "wrong_type": "wrong type",
    "missed": "missed",
    "invented": "invented",
}
"""What becomes of entities, as people call it; see `textprep.training.scoring.entity_scores.confusion`."""


def tags_headline(scores: Mapping[str, Any]) -> tuple[str, str]:
    """The F1 of all entities, with its interval."""
    low, high = scores["intervals"]["f1"]
    return "F1 of entities", f"{scores['f1']:.4f} ({low:.4f} to {high:.4f})"


def tags_summary(scores: Mapping[str, Any]) -> str:
    """Scores of each type and of all entities, the token accuracy, mistakes, and what a guess gives.

    Args:
        scores: what `textprep.training.targets.tags.TagsObjective.scores` gives, with or without what its
            ``rivals`` add.
    """
    low, high = scores["intervals"]["token_accuracy"]
    lines = [
        f"F1 of entities {tags_headline(scores)[1]}; {scores['token_accuracy']:.2%} "
        f"({low:.2%} to {high:.2%}) of {counted(scores['tokens'], 'token')} right, "
        f"in {counted(scores['rows'], 'row')}",
        _outcomes(scores["outcomes"]),
        tags_baseline(scores),
        unread_line(scores),
        seen_line(scores, lambda others: "the F1 of entities is {1}".format(*tags_headline(others))),
    ]
    return "\n\n".join([_by_type(scores), "\n".join(filter(None, lines)), type_table(scores)])


def tags_baseline(scores: Mapping[str, Any]) -> str:
    """What a guess gives; empty where nobody has made one.

    >>> tags_baseline({"baseline": {"of": "the most frequent tag of each word", "f1": 0.25}})
    'always guessing the most frequent tag of each word gives F1 0.2500'
    """
    guess = scores.get("baseline")
    return f"always guessing {guess['of']} gives F1 {guess['f1']:.4f}" if guess else ""


def unread_line(scores: Mapping[str, Any]) -> str:
    """How many words were truncated away; empty where none was.

    >>> unread_line({"tokens": 90, "unread": 10})
    '10 of 100 words are beyond loader.max_length: they were not read, and are not scored'
    """
    unread = scores.get("unread", 0)
    if not unread:
        return ""
    total = counted(scores["tokens"] + unread, "word")
    return f"{unread:,} of {total} are beyond loader.max_length: they were not read, and are not scored"


def type_table(scores: Mapping[str, Any]) -> str:
    """What true entities (rows) were taken for (columns), the missed and the invented ones among them.

    Of more than eight types, which would not fit a line, nothing.

    >>> matrix = [[9, 1, 2], [0, 8, 0], [3, 0, 0]]
    >>> print(type_table({"class_names": ["LOC", "PER"], "confusion_matrix": matrix}))
    true \\ predicted  LOC  PER  missed
    ----------------  ---  ---  ------
    LOC                 9    1       2
    PER                 0    8       0
    invented            3    0
    """
    names, matrix = list(scores["class_names"]), scores["confusion_matrix"]
    if len(names) > MATRIX_TYPES:
        return ""
    rows = [[name, *counts] for name, counts in zip([*names, "invented"], matrix, strict=True)]
    rows[-1][-1] = ""
    return table(["true \\ predicted", *(shorten(name, 12) for name in names), "missed"], rows)


def _by_type(scores: Mapping[str, Any]) -> str:
    entities = sum(each["support"] for each in scores["per_class"].values())
    rows = [[name, *_shares(each), each["support"]] for name, each in scores["per_class"].items()]
    rows.append(["(all)", *_shares(scores), entities])
    rows += [
        [f"({name} mean)", *_shares(scores[key]), ""]
        for name, key in (("plain", "macro"), ("weighted", "weighted"))
    ]
    return table(["type", "precision", "recall", "F1", "entities"], rows)


def _shares(scores: Mapping[str, Any]) -> Sequence[str]:
    return [f"{scores[share]:.4f}" for share in SHARES]


def _outcomes(outcomes: Mapping[str, int]) -> str:
    return ", ".join(f"{outcomes[key]:,} {words}" for key, words in OUTCOMES.items())
