"""The fitted pipeline as a file of a store, and what an unfitted one takes over from it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pyarrow as pa

from textprep.errors import PreparationError
from textprep.preparation.form import Encoding, encoding_of_record, taught


def pipeline_bytes(pipeline: Encoding) -> bytes:
    """``pipeline.json`` of the fitted ``pipeline``: what `Pipeline.save` writes, on one line."""
    text = json.dumps(pipeline.to_json(), ensure_ascii=False) + "\n"
    return text.encode("utf-8", "surrogatepass")


def saved_pipeline(content: bytes | pa.Buffer, path: Path) -> Encoding:
    """The pipeline that is saved in ``content``, read from ``path``.

    Raises:
        PreparationError: it is no JSON.
        PipelineError: it is no pipeline, or a step's plugin or code is missing here.
    """
    return encoding_of_record(_parsed(content), str(path))


def teach(pipeline: Encoding, content: bytes | pa.Buffer) -> Encoding:
    """Give ``pipeline`` what the one saved in ``content`` had learned, and return it.

    Its steps need no registered name for that.

    Raises:
        PreparationError: ``content`` is no saved pipeline.
        TokenizerError: it was learned with other options.
    """
    try:
        return taught(pipeline, _parsed(content))
    except (KeyError, TypeError) as error:
        raise PreparationError(f"the store's pipeline cannot be read ({error!r}): prepare again") from error


def _parsed(content: bytes | pa.Buffer) -> Any:
    try:
        return json.loads(bytes(content).decode("utf-8", "surrogatepass"))
    except ValueError as error:
        raise PreparationError(f"the store's pipeline cannot be read ({error}): prepare again") from error
