"""Texts encoded in memory: for predictions, which are not worth a store on disk."""

from __future__ import annotations

from textprep.batches.reader import EncodedTexts
from textprep.encoding.columns import Texts, each_checked
from textprep.encoding.plain import encode_texts
from textprep.pipeline import Pipeline

FEW = 16


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
