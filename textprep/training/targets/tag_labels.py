"""The tags of other data than a run was trained on, at the tokens that its pipeline makes of them.

Shapes are written with N rows, M tokens of them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

import numpy as np
import numpy.typing as npt

from textprep.errors import RunError
from textprep.targets.alignment import TaggedPieces, align
from textprep.targets.tagged_column import pieces_in
from textprep.targets.tags import TagsTarget
from textprep.training.targets.tag_places import TextPlaces

if TYPE_CHECKING:
    from textprep.datasets.split import Split

Ints = npt.NDArray[np.int64]


def labels_at(target: TagsTarget, split: Split, places: TextPlaces) -> tuple[Ints, Ints]:
    """Labels (M,) of all tokens, and offsets (N + 1,), where those of each row begin, and the last end.

    Args:
        target: of the run.
        split: texts with tags.
        places: where the tokens of its rows are.

    Raises:
        RunError: the rows have tags that the run has not learned.
    """
    column: Any = split.target_column
    ends, starts, stops, tags = pieces_in(column)
    here = numbers_of(target, cast(TagsTarget, split.target))
    labelled = np.array(column.is_valid().to_pylist(), bool)
    spans = [places.spans(row) for row in range(len(split))]
    offsets = np.append(0, np.cumsum([len(each) for each in spans])).astype(np.int64)
    pieces = TaggedPieces(ends, starts, stops, here[tags], labelled)
    every = np.concatenate([np.zeros((0, 2), np.int64), *spans])
    labels, _ = align(target, places.texts, pieces, every, offsets)
    return labels.astype(np.int64), offsets


def numbers_of(target: TagsTarget, other: TagsTarget) -> Ints:
    """Which number each tag of another target has in ``target``.

    >>> numbers_of(TagsTarget(tags=("O", "B-LOC", "I-LOC")), TagsTarget(tags=("B-LOC", "O"))).tolist()
    [1, 0]

    Raises:
        RunError: it has none.
    """
    unknown = [tag for tag in other.tags if tag not in target.tags]
    if unknown:
        raise RunError(
            f"the rows have the tags {', '.join(unknown)}, and the run has learned {', '.join(target.tags)}",
            option="target",
            hint="leave out the rows with others, or train with them",
        )
    return np.array([target.tags.index(tag) for tag in other.tags], np.int64)
