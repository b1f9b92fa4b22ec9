"""What the page of a run shows of predicted entities: scores, what was taken for what, and texts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from textprep.records import SHARES
from textprep.report.sections import Page, Section
from textprep.report.tag_scores import OUTCOMES, tags_baseline, unread_line
from textprep.report.tagged_texts import WRONG, Part, Piece, TaggedText, parts_of

MOST_TYPES = 20  # of which every pair has a cell
MOST_PAIRS = 30  # that are listed, where there are more types
ANCHORS = (("scores", "Scores"), ("confusion", "Confusion"))


def tags_page(
    scores: Mapping[str, Any], texts: Sequence[TaggedText] | None = None, *, is_plain: bool = False
) -> Page:
    """The page of a target with tags.

    Args:
        scores: of the run, see `textprep.training.targets.tags.TagsObjective.scores`.
        texts: some of the held-out split, those to be read first in front; ``None`` where there are no texts.
        is_plain: whether every token is an entity, and only what is wrong is worth a mark.
    """
    names, matrix = list(scores["class_names"]), scores["confusion_matrix"]
    context = {
        "scores": [_line(name, scores) for name in names],
        "metrics": scores,
        "outcomes": [(words, scores["outcomes"][key]) for key, words in OUTCOMES.items()],
        "notes": [note for note in (tags_baseline(scores), unread_line(scores)) if note],
        "names": names,
        "whole": len(names) <= MOST_TYPES,
        "pairs": _pairs(matrix),
        "has_texts": texts is not None,
    }
    first = Section(ANCHORS, "tag_scores.html", context)
    if texts is None:
        return Page((first,))
    shown = {
        "texts": [_text(text, names, is_plain) for text in texts],
        "is_plain": is_plain,
        "kinds": _kinds(scores["outcomes"]),
        "names": names,
    }
    return Page((first, Section((("texts", "Texts"),), "tag_texts.html", shown)), "tags")


def _line(name: str, scores: Mapping[str, Any]) -> dict[str, Any]:
    """A line of the table of types: the scores with their intervals, and how many entities are true."""
    each, ranges = scores["per_class"][name], scores["intervals"]["per_class"][name]
    return {
        "name": name,
        "support": each["support"],
        "scores": [(each[share], ranges[share]) for share in SHARES],
    }


def _pairs(matrix: Sequence[Sequence[int]]) -> list[tuple[int, int, int]]:
    """The most frequent confusions: the type that is true, the one predicted, and how many."""
    cells = [
        (true, said, count)
        for true, counts in enumerate(matrix)
        for said, count in enumerate(counts)
        if count and true != said
    ]
    return sorted(cells, key=lambda cell: -cell[2])[:MOST_PAIRS]


def _kinds(outcomes: Mapping[str, int]) -> list[tuple[str, str, int]]:
    """What texts can be chosen by: key, words, how many entities; only what there is."""
    wrong = sum(outcomes[key] for key in WRONG)
    each = [(key, OUTCOMES[key], outcomes[key]) for key in (*WRONG, "right")]
    return [kind for kind in (("wrong", "any mistake", wrong), *each) if kind[2]]


def _text(text: TaggedText, names: Sequence[str], is_plain: bool) -> dict[str, Any]:
    return {
        "parts": [_worded(part) for part in parts_of(text, names, all_marked=not is_plain)],
        "cells": " ".join(dict.fromkeys(f"{outcome}:{true}:{said}" for outcome, true, said in text.cells)),
        "unread": text.unread,
    }


def _worded(part: Part) -> Part:
    """With outcomes as people call them."""
    return part._replace(pieces=[_with_words(piece) for piece in part.pieces])


def _with_words(piece: Piece) -> Piece:
    words = (OUTCOMES[outcome].removeprefix("right type, ") for outcome in piece.outcomes)
    return piece._replace(outcomes=tuple(words))
