"""The model and what it reads through, of the folder of a run."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import safetensors.torch
from safetensors import SafetensorError

from textprep.errors import PipelineError, RunError
from textprep.models import MODELS, TextModel
from textprep.preparation.form import encoding_of_record
from textprep.storage.files import read_json

PIPELINE, MODEL = "pipeline.json", "model.safetensors"


def saved_model(path: Path, manifest: Mapping[str, Any]) -> TextModel:
    """The model of the run ``path``, which ``manifest`` describes, in evaluation mode.

    Raises:
        RunError: its weights cannot be read.
    """
    options = dict(manifest["model"])
    model = MODELS[options.pop("name")](**options)
    try:
        model.load_state_dict(safetensors.torch.load((path / MODEL).read_bytes()))
    except (OSError, SafetensorError, RuntimeError) as error:
        raise RunError(f"{path / MODEL} does not fit the run ({error}): train again") from error
    return model.eval()


def saved_encoding(path: Path) -> Any:
    """The pipeline, or the scaler, of the run ``path``.

    Raises:
        PipelineError: it cannot be read, or a step of it is not installed here.
    """
    return encoding_of_record(read_json(path / PIPELINE, PipelineError), str(path / PIPELINE))
