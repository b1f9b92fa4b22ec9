"""Packages that only some steps need: the extra ``steps`` brings them; imported when a step is made."""

from __future__ import annotations

import importlib
from types import ModuleType

from textprep.errors import StepError


def needed(step: str, module: str) -> ModuleType:
    """The module that a step is built on.

    Raises:
        StepError: it is not installed; the message names the extra that brings it.
    """
    try:
        return importlib.import_module(module)
    except ImportError as error:
        raise StepError(
            f"step {step!r} needs the package {module}: pip install 'textprep-nlp[steps]' ({error})"
        ) from error
