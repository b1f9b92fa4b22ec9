"""The hooks by which steps, tokenizers, datasets and targets reach textprep.

A plugin is a module that implements any of these four with ``@tp.hookimpl`` and is named in the
entry-point group ``textprep`` of its package. The built-in components come through the same hooks.

    import textprep as tp

    @tp.hookimpl
    def textprep_steps():
        return {"shout": Shout}
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import pluggy

hookspec = pluggy.HookspecMarker("textprep")
hookimpl = pluggy.HookimplMarker("textprep")


@hookspec
def textprep_steps() -> Mapping[str, Callable[..., Any]]:  # type: ignore[empty-body]
    """Name → cleaning step class (a ``tp.Step`` subclass, or what ``@tp.step`` made)."""


@hookspec
def textprep_tokenizers() -> Mapping[str, Callable[..., Any]]:  # type: ignore[empty-body]
    """Name → tokenizer class (a ``tp.Tokenizer`` subclass)."""


@hookspec
def textprep_datasets() -> Mapping[str, Callable[..., Any]]:  # type: ignore[empty-body]
    """Name → function or class that yields or returns rows, options as keywords."""


@hookspec
def textprep_targets() -> Mapping[str, Callable[..., Any]]:  # type: ignore[empty-body]
    """Name → kind of target (a ``tp.Target`` subclass)."""
