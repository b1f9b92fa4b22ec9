"""Texts encoded in memory: for predictions, which are not worth a store on disk."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy.typing as npt

from textprep.batches.reader import EncodedTexts
from textprep.encoding.columns import Texts, each_checked
from textprep.encoding.plain import encode_texts
from textprep.pipeline import Pipeline

FEW = 16


def encode_in_memory(
    pipeline: Pipeline, texts: Texts, extra: Mapping[str, npt.NDArray[Any]] | None = None
) -> EncodedTexts:
    """``texts`` through a fitted pipeline, and columns beside them.

    Raises:
        PipelineError: there is something else than texts; the message names the row.
        TokenizerError: the pipeline is not fitted.
    """
    if isinstance(texts, (list, tuple)) and len(texts) <= FEW:
        # To make an Arrow column of Python's strings imports pandas, which takes far longer than so few.
        return EncodedTexts(encode_texts(pipeline.steps, pipeline.tokenizer, each_checked(texts)), extra)
    return EncodedTexts(pipeline.encode_batch(texts), extra)
