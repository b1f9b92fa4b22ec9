"""Models that start at what a language model has learned: its vocabulary, its sizes, its weights.

Dai and Le, "Semi-supervised sequence learning" (NeurIPS 2015, https://arxiv.org/abs/1511.01432): what comes
next can be learned from any text, and a classifier of few labelled ones is better for it.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

import torch
from torch import Tensor

from textprep.config.experiment import Config, read_saved
from textprep.config.options import ModelOptions
from textprep.errors import ConfigError, RunError
from textprep.models import TextModel
from textprep.pipeline import Pipeline
from textprep.storage.files import local_path
from textprep.targets import target_of
from textprep.training.directory import CONFIG, read_manifest
from textprep.training.saved import saved_encoding, saved_model
from textprep.vocabulary import Vocabulary

GRU = ("embedding_dim", "hidden_dim")
TRANSFORMER = (*GRU, "heads", "layers", "positions", "max_length")
LAYERS = ("gru.", "blocks.", "norm.", "positions.")  # of a language model, beside its embeddings


class Language(NamedTuple):
    """A language model to start at, and how its run was configured."""

    model: TextModel
    pipeline: Pipeline
    config: Config


def language_model(path: str) -> Language:
    """The language model of the run ``path``.

    Raises:
        ConfigError: its model is of another kind.
        RunError: there is no run.
    """
    folder = local_path(path, RunError)
    manifest = read_manifest(folder)
    model = saved_model(folder, manifest)
    if model.predicts != "next_token":
        raise ConfigError(
            f"model.start={path!r}: the target of that run is {target_of(manifest['target']).name!r}, and a "
            "model starts at a language model",
            option="model.start",
            hint="train one with --set dataset.target=next_token",
        )
    return Language(model, saved_encoding(folder), read_saved(folder / CONFIG))


def with_its_pipeline(config: Config) -> Config:
    """The configuration, with the steps and the tokenizer of the language model that it starts at.

    Raises:
        ConfigError: it asks for others.
    """
    if config.model.start is None:
        return config
    told = language_model(config.model.start).config
    for section in ("steps", "tokenizer"):
        given, usual = getattr(config, section), Config.model_fields[section].default
        if given not in (getattr(told, section), usual):
            raise ConfigError(
                f"model.start={config.model.start!r} brings its own, and {section} asks for others",
                option=section,
                hint=f"leave {section} out",
            )
    return config.model_copy(update={"steps": told.steps, "tokenizer": told.tokenizer})


def pipeline_of(config: Config) -> Pipeline:
    """A fresh pipeline, or the fitted one of the language model that is started at."""
    start = config.model.start
    return config.pipeline() if start is None else language_model(start).pipeline


def with_its_sizes(options: ModelOptions, name: str) -> ModelOptions:
    """The options of a model called ``name``, those that nobody gave as the language model has them.

    Raises:
        ConfigError: ``vectors`` say where the embeddings start, too.
    """
    if options.start is None:
        return options
    given = options.model_fields_set
    if "vectors" in given and options.vectors is not None:
        raise ConfigError(
            "model.start and model.vectors both say where the embeddings start: give one",
            option="model.vectors",
        )
    told = language_model(options.start).model
    sizes = {size: told.options()[size] for size in _shared(name, told) if size not in given}
    return options.model_copy(update={**sizes, "vectors": None})


def start_at(model: TextModel, name: str, path: str, vocabulary: Vocabulary) -> str:
    """Give ``model`` the embeddings of a language model, and the layers that it has, too; returns which.

    Raises:
        ConfigError: their vocabularies differ, or their sizes.
    """
    language = language_model(path)
    if language.pipeline.vocabulary.digest != vocabulary.digest:
        raise ConfigError(
            f"model.start={path!r} was trained with another vocabulary: its weights mean other tokens",
            option="model.start",
            hint="prepare the data with its pipeline: textprep.Run.load(…).pipeline",
        )
    for size in _shared(name, language.model):
        wanted = language.model.options()[size]
        if model.options()[size] != wanted:
            raise ConfigError(
                f"model.start={path!r} has {size}={wanted!r}, and the model {model.options()[size]!r}",
                option=f"model.{size}",
                value=wanted,
            )
    own, taken = model.state_dict(), dict(_weights(language.model, model))
    with torch.no_grad():
        for key, tensor in taken.items():
            own[key].copy_(tensor)
        if model.predicts != "next_token" and "norm.weight" in taken:  # a transformer that scales none
            model.embedding.weight.mul_(language.model.embedding_scale)
    layers = sorted({key.split(".")[0] for key in taken} - {"embedding"})
    return f"the embeddings{''.join(f' and {layer}' for layer in layers)} start at those of {path}"


def _shared(name: str, language: TextModel) -> tuple[str, ...]:
    """The options in which a model called ``name`` must be as the language model is."""
    told = "transformer" if "heads" in language.options() else "gru"
    if not name.startswith(told):
        return GRU[:1]
    return TRANSFORMER if told == "transformer" else GRU


def _weights(language: TextModel, model: TextModel) -> Iterator[tuple[str, Tensor]]:
    """Those of the language model that ``model`` has, too, by its names."""
    own: dict[str, Any] = model.state_dict()
    for key, tensor in language.state_dict().items():
        forward = key.replace("gru.", "gru.forward_gru.")  # of a GRU that reads both ways
        mine = key if key in own else forward
        same_kind = model.predicts == language.predicts
        if mine in own and (same_kind or key.startswith(("embedding.", *LAYERS))):
            yield mine, tensor
