"""What a model gives for rows in memory.

Shapes are written with N texts, O outputs.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

import numpy as np

from textprep.batches.batch import Batch
from textprep.batches.blocks import Blocks
from textprep.batches.columns import default_fields
from textprep.batches.layout import Layout
from textprep.batches.loader import BatchLoader, one_batch
from textprep.batches.token_fields import TOKEN_INDEX
from textprep.config.options import LoaderOptions
from textprep.models import TextModel
from textprep.pipeline import Pipeline
from textprep.prepared.memory import encode_in_memory
from textprep.targets import Target
from textprep.training.runs.inputs import Inputs
from textprep.training.runs.loaders import fields, told_apart
from textprep.training.scoring.predictions import Predictions
from textprep.training.targets import objective_of
from textprep.training.trainer import predict_outputs


def outputs_of(
    model: TextModel, pipeline: Pipeline, loader: LoaderOptions, rows: Inputs, target: Target
) -> Predictions:
    """The model's outputs, and no labels, in the order of ``rows``.

    Args:
        model: in evaluation mode.
        pipeline: fitted; the one that the model was trained with.
        loader: how batches are made.
        rows: texts, and what goes with them.
        target: what the model has learned.

    Raises:
        PipelineError: there is something else than texts; the message names the row.
    """
    if target.from_text and loader.block_length is not None:
        return _of_line(model, pipeline, loader, rows, target)
    labels_of = target if target.per_token else None
    encoded = encode_in_memory(pipeline, rows.texts, rows.extra, rows.pair, target=labels_of)
    split = told_apart(encoded)
    options = {**loader.scoring(), **fields(split)}
    batches: Iterable[Batch]
    if len(split) == 1:  # a plan and a thread cost more than a small model does
        batches = [one_batch(split, options["layout"], options["max_tokens"], columns=options["columns"])]
    else:
        batches = BatchLoader(split, **options, by_length=True, rank=0, world_size=1)
    outputs = predict_outputs(model, batches, target=target).in_order()
    return objective_of(target).by_row(outputs, split)


def _of_line(
    model: TextModel, pipeline: Pipeline, loader: LoaderOptions, rows: Inputs, target: Target
) -> Predictions:
    """Of texts that are joined to blocks: behind an empty one, so that each first token has one before it."""
    split = encode_in_memory(pipeline, ["", *rows.listed().texts], target=target)
    blocks = Blocks(split, loader.block_length or 1)
    columns = [*default_fields(has_pair=False), TOKEN_INDEX, *blocks.token_fields]
    whole = {"layout": Layout(pad_to_multiple_of=loader.pad_to_multiple_of), "max_tokens": loader.max_tokens}
    batches = blocks.loader(columns=columns, rank=0, world_size=1, batch_size=loader.batch_size, **whole)
    outputs = predict_outputs(model, batches, target=target)
    texts = objective_of(target).by_row(outputs, blocks).take(np.arange(1, len(split)))
    return replace(texts, row_ids=texts.row_ids - 1)
