"""What the column kernels of the built-in steps share: rows that a kernel cannot do go to the step itself."""

from __future__ import annotations

from bisect import bisect_right
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from textprep.ragged import large_offsets

if TYPE_CHECKING:
    from textprep.steps.base import Step


def clean_rows(
    step: Step, texts: pa.LargeStringArray, rows: pa.BooleanArray, others: pa.LargeStringArray
) -> pa.LargeStringArray:
    """``others``, with what ``step`` makes of ``texts`` in the ``rows`` that are marked."""
    if not rows.true_count:
        return others
    cleaned = [step(text) for text in texts.filter(rows).to_pylist()]
    return pc.replace_with_mask(others, rows, pa.array(cleaned, pa.large_string()))


def lower_rows(step: Step, texts: pa.LargeStringArray) -> pa.LargeStringArray:
    """What a ``step`` makes of ``texts`` that does no more to ASCII than to make its letters lower-case."""
    return clean_rows(step, texts, beyond_ascii(texts), pc.ascii_lower(texts))


def beyond_ascii(texts: pa.LargeStringArray) -> pa.BooleanArray:
    """Which texts hold a character that is not ASCII."""
    return pc.invert(pc.string_is_ascii(texts))


def holding(texts: pa.LargeStringArray, characters: bytes) -> pa.BooleanArray:
    """Which texts hold one of some ASCII ``characters``.

    Few texts do, as a rule: between them nothing is as fast as `bytes.find`.
    """
    ends = large_offsets(texts)
    data = bytes(memoryview(texts.buffers()[2] or b"")[ends[0] : ends[-1]])
    bounds = (ends - ends[0]).tolist()
    rows = np.zeros(len(texts), dtype=np.bool_)
    for character in characters:
        found = data.find(character)
        while found >= 0:
            row = bisect_right(bounds, found) - 1
            rows[row] = True
            found = data.find(character, bounds[row + 1])
    return pa.array(rows)
