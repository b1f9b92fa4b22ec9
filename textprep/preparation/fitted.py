"""The fitted pipeline as a file of a store, and what an unfitted one takes over from it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pyarrow as pa

from textprep.errors import PreparationError
from textprep.pipeline import Pipeline
from textprep.vocabulary import Vocabulary


def pipeline_bytes(pipeline: Pipeline) -> bytes:
    """``pipeline.json`` of the fitted ``pipeline``: what `Pipeline.save` writes, on one line."""
    text = json.dumps(pipeline.to_json(), ensure_ascii=False) + "\n"
    return text.encode("utf-8", "surrogatepass")


def saved_pipeline(content: bytes | pa.Buffer, path: Path) -> Pipeline:
    """The pipeline that is saved in ``content``, read from ``path``.

    Raises:
        PreparationError: it is no JSON.
        PipelineError: it is no pipeline, or a step's plugin or code is missing here.
    """
    return Pipeline.from_json(_parsed(content), source=str(path))


def teach(pipeline: Pipeline, content: bytes | pa.Buffer) -> Pipeline:
    """Give ``pipeline`` what the one saved in ``content`` had learned, and return it.

    Its steps need no registered name for that.

    Raises:
        PreparationError: ``content`` is no saved pipeline.
        TokenizerError: it was learned with other options.
    """
    record = _parsed(content)
    tokenizer = pipeline.tokenizer.model_copy()
    try:
        tokenizer.restore(Vocabulary.from_json(record["vocabulary"]), record["tokenizer"]["state"])
    except (KeyError, TypeError) as error:
        raise PreparationError(f"the store's pipeline cannot be read ({error!r}): prepare again") from error
    pipeline.adopt(Pipeline(pipeline.steps, tokenizer=tokenizer))
    return pipeline


def _parsed(content: bytes | pa.Buffer) -> Any:
    try:
        return json.loads(bytes(content).decode("utf-8", "surrogatepass"))
    except ValueError as error:
        raise PreparationError(f"the store's pipeline cannot be read ({error}): prepare again") from error
