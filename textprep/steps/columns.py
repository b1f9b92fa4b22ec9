"""What the column kernels of the built-in steps share: rows that a kernel cannot do go to the step itself."""

from __future__ import annotations

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


def beyond_ascii(texts: pa.LargeStringArray) -> pa.BooleanArray:
    """Which texts hold a character that is not ASCII."""
    return pc.invert(pc.string_is_ascii(texts))


def holding(texts: pa.LargeStringArray, characters: bytes) -> pa.BooleanArray:
    """Which texts hold one of some ASCII ``characters``."""
    ends = large_offsets(texts)
    data = np.frombuffer(texts.buffers()[2] or b"", dtype=np.uint8)[ends[0] : ends[-1]]
    hits = np.zeros(len(data), dtype=np.bool_)
    for character in characters:
        hits |= data == character
    rows = np.zeros(len(texts), dtype=np.bool_)
    rows[np.searchsorted(ends - ends[0], np.flatnonzero(hits), side="right") - 1] = True
    return pa.array(rows)
