"""What a model gives for texts in memory, and for their extra columns.

Shapes are written with N texts, O outputs.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import numpy.typing as npt

from textprep.batches.batch import Batch
from textprep.batches.loader import BatchLoader, one_batch
from textprep.config.options import LoaderOptions
from textprep.encoding.columns import Texts
from textprep.models import TextClassifier
from textprep.pipeline import Pipeline
from textprep.prepared.memory import encode_in_memory
from textprep.training.runs.extra_inputs import Arrays
from textprep.training.runs.loaders import fields
from textprep.training.trainer import predict_outputs


def outputs_of(
    model: TextClassifier, pipeline: Pipeline, loader: LoaderOptions, texts: Texts, extra: Arrays
) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.int64]]:
    """(N, O) outputs and (N,) the rows' ids, in the order of ``texts``.

    Args:
        model: in evaluation mode.
        pipeline: fitted; the one that the model was trained with.
        loader: how batches are made.
        texts: them.
        extra: their extra columns, as batches have them.

    Raises:
        PipelineError: there is something else than texts; the message names the row.
    """
    split = encode_in_memory(pipeline, texts, extra)
    options = {**loader.scoring(), **fields(split)}
    batches: Iterable[Batch]
    if len(split) == 1:  # a plan and a thread cost more than a small model does
        batches = [one_batch(split, options["layout"], options["max_tokens"], columns=options["columns"])]
    else:
        batches = BatchLoader(split, **options, by_length=True, rank=0, world_size=1)
    outputs, _, row_ids = predict_outputs(model, batches)
    order = np.argsort(row_ids)
    return outputs[order], row_ids[order]
