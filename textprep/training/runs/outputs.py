"""What a model gives for rows in memory.

Shapes are written with N texts, O outputs.
"""

from __future__ import annotations

from collections.abc import Iterable

from textprep.batches.batch import Batch
from textprep.batches.loader import BatchLoader, one_batch
from textprep.batches.reader import EncodedTexts
from textprep.config.options import LoaderOptions
from textprep.models import TextModel
from textprep.pipeline import Pipeline
from textprep.prepared.memory import encode_in_memory
from textprep.targets import Target
from textprep.training.runs.inputs import Inputs
from textprep.training.runs.loaders import fields, told_apart
from textprep.training.scoring.predictions import Predictions
from textprep.training.trainer import predict_outputs


def encoded_rows(pipeline: Pipeline, rows: Inputs, target: Target) -> EncodedTexts:
    """Rows as ids; for a target that needs them, with the place of each token in its text.

    Args:
        pipeline: fitted; the one that the model was trained with.
        rows: texts, and what goes with them.
        target: what the model has learned.

    Raises:
        PipelineError: there is something else than texts; the message names the row.
    """
    labels_of = target if target.per_token else None
    return encode_in_memory(
        pipeline, rows.texts, rows.extra, rows.pair, target=labels_of, spans=target.needs_spans
    )


def outputs_of(model: TextModel, loader: LoaderOptions, rows: EncodedTexts, target: Target) -> Predictions:
    """The model's outputs, and no labels, in the order of ``rows``.

    Args:
        model: in evaluation mode.
        loader: how batches are made.
        rows: what `encoded_rows` gave.
        target: what the model has learned.
    """
    split = told_apart(rows)
    options = {**loader.scoring(), **fields(split)}
    batches: Iterable[Batch]
    if len(split) == 1:  # a plan and a thread cost more than a small model does
        batches = [one_batch(split, options["layout"], options["max_tokens"], columns=options["columns"])]
    else:
        batches = BatchLoader(split, **options, by_length=True, rank=0, world_size=1)
    return predict_outputs(model, batches, target=target).in_order()
