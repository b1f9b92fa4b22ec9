"""Where the tokens of a few texts are in them."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from textprep.pipeline import Pipeline


class TokenPlaces:
    """The raw text that each token came from, found when it is asked for.

    >>> import textprep as tp
    >>> pipeline = tp.Pipeline([tp.Lowercase()], tokenizer=tp.WordTokenizer()).fit(["a film"])
    >>> TokenPlaces(pipeline, ["A  FILM"]).spans(0).tolist()
    [[0, 1], [3, 7]]

    Args:
        pipeline: fitted.
        texts: N of them.
    """

    def __init__(self, pipeline: Pipeline, texts: Any) -> None:
        self._pipeline, self._texts = pipeline, texts

    def spans(self, row: int) -> npt.NDArray[np.int64]:
        """(length, 2) of each token of a text, start and stop, in characters."""
        tokens = self._pipeline.explain(self._texts[row]).texts[0].tokens
        pieces = [token.raw_spans for token in tokens]
        found = [(each[0][0], each[-1][1]) for each in pieces]
        return np.array(found, np.int64).reshape(-1, 2)
