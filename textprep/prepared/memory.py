"""Texts encoded in memory: for predictions, which are not worth a store on disk."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy.typing as npt

from textprep.batches.reader import EncodedTexts
from textprep.encoding.columns import Texts, as_column, each_checked
from textprep.encoding.plain import encode_texts
from textprep.errors import PipelineError, TextprepError
from textprep.pipeline import Pipeline
from textprep.preparation.form import Encoding
from textprep.ragged import Ragged
from textprep.scaling import Scaler
from textprep.targets import Target

FEW = 16


def encode_in_memory(
    pipeline: Encoding,
    texts: Any,
    extra: Mapping[str, npt.NDArray[Any]] | None = None,
    pair: Texts | None = None,
    *,
    target: Target | None = None,
    spans: bool = False,
) -> EncodedTexts:
    """``texts`` through a fitted pipeline, and columns beside them.

    >>> import textprep as tp
    >>> pipeline = tp.Pipeline(tokenizer=tp.WordTokenizer(specials=["<sep>"])).fit(["a film"])
    >>> rows = encode_in_memory(pipeline, ["a film", "film"], pair=["film", "a"])
    >>> rows.ids(0).tolist(), rows.pair.ids(0).tolist(), rows.template.specials(pair=True)
    ([3, 4], [4], 1)

    Args:
        pipeline: fitted; or a scaler.
        texts: the texts of the rows, of pairs the first; of a scaler, sequences of numbers.
        extra: column name → (rows, …), what goes with them.
        pair: the second text of each row.
        target: of which kind their missing labels are.
        spans: whether to find where tokens came from, too; of rows with one text.

    Raises:
        PipelineError: there is something else than texts, the message names the row; or there are not as many
            second texts as first ones.
        TokenizerError: the pipeline is not fitted.
    """
    if isinstance(pipeline, Scaler):
        sequences, features = pipeline.encode_batch(texts), pipeline.features
        return EncodedTexts(sequences, extra, target=target, features=features)
    column = as_column(texts) if spans else texts
    ids, template = _ids(pipeline, column), pipeline.tokenizer.template
    if pair is None:
        places = pipeline.span_finder().spans_of_column(as_column(column), ids.offsets) if spans else None
        return EncodedTexts(ids, extra, template=template, target=target, spans=places)
    second = _ids(pipeline, pair, "the second texts: ")
    if len(second) != len(ids):
        raise PipelineError(
            f"each row has two texts: there are {len(ids):,} first and {len(second):,} second",
            hint="give a second text for each first one",
        )
    return EncodedTexts(ids, extra, template=template, pair=second)


def _ids(pipeline: Pipeline, texts: Texts, which: str = "") -> Ragged:
    try:
        if isinstance(texts, (list, tuple)) and len(texts) <= FEW:
            # To make an Arrow column of Python's strings imports pandas: far longer than so few take.
            return encode_texts(pipeline.steps, pipeline.tokenizer, each_checked(texts))
        return pipeline.encode_batch(texts)
    except TextprepError as error:
        if not which:
            raise
        raise type(error)(f"{which}{error}") from error
