"""Texts encoded in memory: for predictions, which are not worth a store on disk."""

from __future__ import annotations

from operator import index
from typing import SupportsIndex

import numpy as np
import numpy.typing as npt

from textprep.encoding.columns import Texts, each_checked
from textprep.encoding.plain import encode_texts
from textprep.pipeline import Pipeline
from textprep.ragged import Ragged

FEW = 16


class EncodedTexts:
    """Rows of ids in memory, with what a loader reads of a `PreparedSplit`.

    >>> import textprep as tp
    >>> pipeline = tp.Pipeline(tokenizer=tp.WordTokenizer()).fit(["a great film"])
    >>> EncodedTexts(pipeline.encode_batch(["great", "a film"])).lengths.tolist()
    [1, 2]

    Attributes:
        lengths: (N,) int64, the number of tokens of each row.
        labels: (N,) int64, -100 everywhere: there are no labels.
        row_ids: (N,) int64, 0, 1, 2 …
    """

    def __init__(self, ragged: Ragged) -> None:
        self._ragged = ragged
        self.lengths: npt.NDArray[np.int64] = np.diff(ragged.offsets)
        self.row_ids = np.arange(len(self.lengths), dtype=np.int64)
        self.labels = np.full(len(self.lengths), -100, dtype=np.int64)

    def __len__(self) -> int:
        return len(self.lengths)

    def ids(self, row: SupportsIndex) -> npt.NDArray[np.integer]:
        """The ids of ``row``, (length,)."""
        number = index(row)
        offsets = self._ragged.offsets
        return self._ragged.values[offsets[number] : offsets[number + 1]]


def encode_in_memory(pipeline: Pipeline, texts: Texts) -> EncodedTexts:
    """``texts`` through a fitted pipeline.

    Raises:
        PipelineError: there is something else than texts; the message names the row.
        TokenizerError: the pipeline is not fitted.
    """
    if isinstance(texts, (list, tuple)) and len(texts) <= FEW:
        # To make an Arrow column of Python's strings imports pandas, which takes far longer than so few.
        return EncodedTexts(encode_texts(pipeline.steps, pipeline.tokenizer, each_checked(texts)))
    return EncodedTexts(pipeline.encode_batch(texts))
