"""What a model gives for rows in memory.

Shapes are written with N texts, O outputs.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import numpy.typing as npt

from textprep.batches.batch import Batch
from textprep.batches.loader import BatchLoader, one_batch
from textprep.config.options import LoaderOptions
from textprep.models import TextClassifier
from textprep.pipeline import Pipeline
from textprep.prepared.memory import encode_in_memory
from textprep.training.runs.inputs import Inputs
from textprep.training.runs.loaders import fields, told_apart
from textprep.training.trainer import predict_outputs


def outputs_of(
    model: TextClassifier, pipeline: Pipeline, loader: LoaderOptions, rows: Inputs
) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.int64]]:
    """(N, O) outputs and (N,) the rows' ids, in the order of ``rows``.

    Args:
        model: in evaluation mode.
        pipeline: fitted; the one that the model was trained with.
        loader: how batches are made.
        rows: texts, and what goes with them.

    Raises:
        PipelineError: there is something else than texts; the message names the row.
    """
    split = told_apart(encode_in_memory(pipeline, rows.texts, rows.extra, rows.pair))
    options = {**loader.scoring(), **fields(split)}
    batches: Iterable[Batch]
    if len(split) == 1:  # a plan and a thread cost more than a small model does
        batches = [one_batch(split, options["layout"], options["max_tokens"], columns=options["columns"])]
    else:
        batches = BatchLoader(split, **options, by_length=True, rank=0, world_size=1)
    outputs, _, row_ids = predict_outputs(model, batches)
    order = np.argsort(row_ids)
    return outputs[order], row_ids[order]
