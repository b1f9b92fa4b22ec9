"""The configuration of an experiment: TOML with the keys of the Python API, checked before anything runs.

    dataset = { name = "csv", path = "reviews.csv", text = "review", label = "sentiment" }
    steps = ["strip_markup", "lowercase", { name = "strip_punctuation", keep = "'" }]
    tokenizer = { name = "bpe", vocab_size = 8000 }
    loader = { batch_size = 64, max_length = 256 }
    model = { hidden_dim = 64 }
    training = { epochs = 3, seed = 0 }

Every key may be left out but the name of the data set.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, ValidationError, field_validator

from textprep.errors import ConfigError
from textprep.options import explain_validation
from textprep.pipeline import Pipeline
from textprep.registry import STEPS, TOKENIZERS
from textprep.steps.base import Step
from textprep.training.options import LoaderOptions, ModelOptions, TrainingOptions

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

DEFAULT_STEPS = ("strip_markup", "lowercase", "collapse_whitespace")
FILE_DATASETS: dict[str, dict[str, Any]] = {
    ".csv": {"name": "csv"},
    ".tsv": {"name": "csv", "delimiter": "\t"},
    ".jsonl": {"name": "jsonl"},
    ".ndjson": {"name": "jsonl"},
    ".parquet": {"name": "parquet"},
}


class Named(BaseModel):
    """A registered name with options of its own: ``"lowercase"`` or ``{name = "bpe", vocab_size = 8000}``."""

    model_config = ConfigDict(frozen=True, extra="allow")

    name: str

    def options(self) -> dict[str, Any]:
        """Everything but the name."""
        return dict(self.model_extra or {})


class Config(BaseModel):
    """One experiment.

    >>> config = parse_config({"dataset": {"name": "movie-reviews"}}, ["training.epochs=1"])
    >>> config.training.epochs, config.tokenizer.name
    (1, 'word')
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    dataset: Named
    steps: tuple[Named, ...] = tuple(Named(name=name) for name in DEFAULT_STEPS)
    tokenizer: Named = Named(name="word", min_freq=2, max_size=30_000)
    loader: LoaderOptions = LoaderOptions()
    model: ModelOptions = ModelOptions()
    training: TrainingOptions = TrainingOptions()

    @field_validator("dataset", "tokenizer", mode="before")
    @classmethod
    def _named(cls, value: Any) -> Any:
        return {"name": value} if isinstance(value, str) else value

    @field_validator("steps", mode="before")
    @classmethod
    def _all_named(cls, value: Any) -> Any:
        return [cls._named(item) for item in value] if isinstance(value, (list, tuple)) else value

    def pipeline(self) -> Pipeline:
        """A fresh, unfitted pipeline.

        Raises:
            UnknownNameError: a step or tokenizer is not registered.
            StepError, TokenizerError: one of their options cannot be used.
        """
        return Pipeline(
            steps=[make_step(step) for step in self.steps],
            tokenizer=TOKENIZERS.get(self.tokenizer.name)(**self.tokenizer.options()),
        )


def make_step(step: Named) -> Step:
    """The registered step ``step.name`` with its options."""
    made: Step = STEPS.get(step.name)(**step.options())
    return made


def read_config(target: str, overrides: Sequence[str] = ()) -> Config:
    """The configuration that ``target`` stands for.

    Args:
        target: a TOML file, a registered data set, a data file (.csv, .tsv, .jsonl, .parquet), or a
            folder with one folder a class.
        overrides: ``"training.epochs=1"`` and the like; values as TOML writes them, or plain words.

    Raises:
        ConfigError: the file or an override cannot be used; names the key and what is wrong.
    """
    if target.endswith(".toml"):
        return parse_config(_read_toml(Path(target)), overrides, source=target)
    return parse_config({"dataset": dataset_of(target)}, overrides)


def dataset_of(target: str) -> dict[str, Any]:
    """A data file or folder as the options of the adapter that reads it; any other word as a name."""
    path = Path(target)
    if path.suffix.lower() in FILE_DATASETS:
        return {**FILE_DATASETS[path.suffix.lower()], "path": target}
    if path.is_dir():
        return {"name": "folder", "path": target}
    return {"name": target}


def parse_config(record: Mapping[str, Any], overrides: Sequence[str] = (), *, source: str = "") -> Config:
    """Check ``record``, with ``overrides`` put in, and make it a `Config`."""
    merged = dict(record)
    for override in overrides:
        _override(merged, override)
    try:
        return Config(**merged)
    except ValidationError as error:
        where = f"{source}: " if source else ""
        raise ConfigError(
            f"{where}{explain_validation(error)}; the keys are {', '.join(Config.model_fields)}"
        ) from error


def _read_toml(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise ConfigError(f"there is no configuration file {path}") from error
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise ConfigError(f"cannot read the configuration {path}: {error}") from error


def _override(record: dict[str, Any], override: str) -> None:
    """Put ``a.b=value`` into the nested ``record``."""
    dotted, equals, value = override.partition("=")
    *path, last = dotted.strip().split(".")
    if not equals or not all(path) or not last:
        raise ConfigError(f"--set {override!r} is not of the form a.b=value, such as training.epochs=1")
    inner = record
    for key in path:
        below = inner.get(key, {})
        if isinstance(below, str):
            below = {"name": below}
        if not isinstance(below, Mapping):
            raise ConfigError(f"--set {override!r}: {key!r} is {below!r:.40}, which has no parts to set")
        inner[key] = dict(below)  # the caller's record stays as it is
        inner = inner[key]
    inner[last] = _toml_value(value.strip())


def _toml_value(text: str) -> Any:
    try:
        return tomllib.loads(f"value = {text}")["value"]
    except tomllib.TOMLDecodeError:
        return text  # a plain word or a path needs no quotes
