"""The configuration of an experiment: TOML with the keys of the Python API, checked before anything runs.

    dataset = { name = "csv", path = "reviews.csv", text = "review", label = "sentiment" }
    steps = ["strip_markup", "lowercase", { name = "strip_punctuation", keep = "'" }]
    tokenizer = { name = "bpe", vocab_size = 8000 }
    loader = { batch_size = 64, max_length = 400, truncation = "head_tail" }
    model = { hidden_dim = 64 }
    training = { epochs = 3, seed = 0 }

Every key may be left out but the name of the data set. Paths are relative to the folder that one is in.
"none" is the absence of ``dataset.label`` (rows without one), ``dataset.pair``, ``dataset.splits``,
``dataset.quote``, ``dataset.sequence``, ``dataset.features``, ``dataset.time``, ``dataset.windows`` (whole
recordings), ``steps``, ``loader.max_length``, ``loader.block_length`` (one text per row) and
``model.vectors`` (embeddings that start at chance).
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from difflib import get_close_matches
from inspect import signature
from pathlib import Path
from typing import Any

from pydantic import (
    BaseModel,
    ConfigDict,
    SerializationInfo,
    SerializerFunctionWrapHandler,
    ValidationError,
    field_validator,
    model_serializer,
    model_validator,
)
from pydantic_core import to_jsonable_python

from textprep.config.options import LoaderOptions, ModelOptions, TrainingOptions
from textprep.config.overrides import Given, read_toml
from textprep.errors import ConfigError, RunError, TokenizerError
from textprep.options import explained, no_option
from textprep.pipeline import Pipeline
from textprep.registry import DATASETS, STEPS, TOKENIZERS
from textprep.scaling import Scaler
from textprep.steps.base import Step
from textprep.storage.files import local_path, read_json
from textprep.targets.earlier import as_now
from textprep.tokenizers.base import Tokenizer

DEFAULT_STEPS = ("strip_markup", "lowercase", "collapse_whitespace")
DEFAULT_TOKENIZER = {"name": "word", "min_freq": 2, "max_size": 30_000}
MAY_BE_NONE = (
    ("dataset", "label"),
    ("dataset", "pair"),
    ("dataset", "splits"),
    ("dataset", "quote"),
    ("dataset", "sequence"),
    ("dataset", "features"),
    ("dataset", "time"),
    ("dataset", "windows"),
    ("loader", "max_length"),
    ("loader", "block_length"),
    ("model", "vectors"),
    ("training", "epochs"),
)


class Named(BaseModel):
    """A registered name with options of its own: ``"lowercase"`` or ``{name = "bpe", vocab_size = 8000}``."""

    model_config = ConfigDict(frozen=True, extra="allow")

    name: str

    @model_serializer(mode="wrap")
    def _without_passwords(
        self, written: SerializerFunctionWrapHandler, info: SerializationInfo
    ) -> dict[str, Any]:
        """What goes into files has no password and no token of a URL."""
        from textprep.datasets.sources.urls import shown

        options = self.model_extra or {}
        plain = to_jsonable_python(options, fallback=_listed) if info.mode == "json" else options
        plain = {"name": self.name, **plain}
        return {name: shown(value) if isinstance(value, str) else value for name, value in plain.items()}

    def options(self) -> dict[str, Any]:
        """Everything but the name."""
        return dict(self.model_extra or {})


def _listed(value: Any) -> Any:
    """An array of rows in memory, as lists."""
    if hasattr(value, "tolist"):
        return value.tolist()
    raise ConfigError(f"a configuration cannot keep {type(value).__name__}: give texts, numbers and lists")


class Config(BaseModel):
    """One experiment.

    >>> config = parse_config({"dataset": {"name": "movie-reviews"}}, ["training.epochs=1"])
    >>> config.training.epochs, config.tokenizer.name
    (1, 'word')
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    dataset: Named
    steps: tuple[Named, ...] = tuple(Named(name=name) for name in DEFAULT_STEPS)
    tokenizer: Named = Named(**DEFAULT_TOKENIZER)
    loader: LoaderOptions = LoaderOptions()
    model: ModelOptions = ModelOptions()
    training: TrainingOptions = TrainingOptions()

    @model_validator(mode="before")
    @classmethod
    def _none(cls, record: Any) -> Any:
        """TOML has no null: the word "none" stands for it, where a key may be None."""
        for section, key in MAY_BE_NONE:
            options = record.get(section)
            if isinstance(options, Mapping) and options.get(key) == "none":
                record = {**record, section: {**options, key: None}}
        return record

    @field_validator("dataset", "tokenizer", mode="before")
    @classmethod
    def _named(cls, value: Any) -> Any:
        return {"name": value} if isinstance(value, str) else value

    @field_validator("steps", mode="before")
    @classmethod
    def _all_named(cls, value: Any) -> Any:
        value = () if value == "none" else value
        items = [value] if isinstance(value, str) else value
        return [cls._named(item) for item in items] if isinstance(items, (list, tuple)) else items

    def pipeline(self) -> Pipeline:
        """A fresh, unfitted pipeline.

        Raises:
            UnknownNameError: a step or tokenizer is not registered.
            StepError, TokenizerError: one of their options cannot be used.
        """
        return Pipeline(
            steps=[make_step(step) for step in self.steps], tokenizer=make_tokenizer(self.tokenizer)
        )

    @property
    def reads_sequences(self) -> bool:
        """Whether rows are sequences of numbers, as far as the options of the data set say it."""
        from textprep.datasets.sequences.loading import USUAL, reads_sequences

        return reads_sequences(self.dataset.name, {**USUAL, **self.dataset.options()})

    def encoding(self, corpus: Any) -> Pipeline | Scaler:
        """What encodes the rows of a `textprep.Corpus`, unfitted: a scaler where they are sequences.

        Raises: as `pipeline` does.
        """
        return Scaler(corpus.features) if corpus.features else self.pipeline()


def make_tokenizer(tokenizer: Named) -> Tokenizer:
    """The registered tokenizer of that name with its options.

    Raises:
        UnknownNameError: it is not registered.
        TokenizerError: an option cannot be used; says which tokenizer has one of that name.
    """
    made: type[Tokenizer] = TOKENIZERS.get(tokenizer.name)  # type: ignore[assignment]
    options = tokenizer.options()
    for option in sorted(options.keys() - _fields(made)):
        others = [name for name in TOKENIZERS.names() if option in _fields(TOKENIZERS.get(name))]
        if others:
            raise TokenizerError(
                f"tokenizer {tokenizer.name!r} has no option {option!r}; it is one of "
                f"{' and '.join(map(repr, others))}",
                option="tokenizer.name",
                hint=f"say tokenizer.name={others[0]} as well",
            )
    return made(**options)


def _fields(kind: Any) -> set[str]:
    return {*getattr(kind, "model_fields", ())}


def make_step(step: Named) -> Step:
    """The registered step ``step.name`` with its options."""
    made: Step = STEPS.get(step.name)(**step.options())
    return made


def read_config(target: str, overrides: Sequence[str] = ()) -> Config:
    """The configuration that ``target`` stands for.

    Args:
        target: a TOML file, a registered data set, a data file (.csv, .jsonl, .parquet …), or a
            folder with one folder per class.
        overrides: ``"training.epochs=1"`` and the like; values as TOML writes them, or plain words. Another
            ``name`` drops the options of the component that was there.

    Raises:
        ConfigError: the file or an override cannot be used; names the key, where it was given and what is
            wrong.
    """
    from textprep.datasets.formats import dataset_of

    if target.endswith(".toml"):
        record, text = read_toml(local_path(target, ConfigError))
        return parse_config(record, overrides, source=target, text=text)
    return parse_config({"dataset": dataset_of(target)}, overrides)


def config_of(given: Config | Mapping[str, Any] | str | Path | None = None, **keywords: Any) -> Config:
    """The configuration that a person gave in Python.

    >>> config_of(dataset="csv", path="a.csv", training={"epochs": 1}).dataset.options()
    {'path': 'a.csv'}

    Args:
        given: what `read_config` takes as its target, or the keys as a mapping.
        **keywords: keys over those of ``given``: of a section, one by one, unless another ``name`` is given.
            What is no key is an option of the data set.

    Raises:
        ConfigError: there is no such key or option, or a value that it cannot have.
    """
    if isinstance(given, Config) and not keywords:
        return given
    record = _record_of(given)
    sections = {name: keywords.pop(name) for name in Config.model_fields if name in keywords}
    for name, value in sections.items():
        record[name] = _put_over(record.get(name), value)
    if "dataset" not in record:
        for option in keywords:  # perhaps a slip of the fingers
            if get_close_matches(option, Config.model_fields, 1):
                raise ConfigError(no_option(option, Config.model_fields), option=option)
        raise ConfigError(
            'there is no data set to train on: name one, as in dataset="csv", path="reviews.csv"',
            option="dataset",
        )
    if keywords:
        record["dataset"] = _put_over(record["dataset"], keywords)
        _check_options_of_data(record["dataset"]["name"], keywords)
    return parse_config(record)


def _record_of(given: Any) -> dict[str, Any]:
    from textprep.datasets.formats import dataset_of

    if given is None:
        return {}
    if isinstance(given, (Config, Mapping)):
        return dict(given)
    if not isinstance(given, (str, os.PathLike)):
        raise ConfigError(
            f"a configuration is a file, a data set or a mapping of keys, not {type(given).__name__}"
        )
    target = os.fspath(given)
    is_file = target.endswith(".toml")
    return read_toml(local_path(target, ConfigError))[0] if is_file else {"dataset": dataset_of(target)}


def _put_over(old: Any, new: Any) -> Any:
    """The options ``new`` over those of ``old``; another name drops these."""
    old = {"name": old} if isinstance(old, str) else dict(old) if isinstance(old, BaseModel) else old
    new = {"name": new} if isinstance(new, str) else new
    if not isinstance(old, Mapping) or not isinstance(new, Mapping):
        return new
    return {**old, **new} if new.get("name", old.get("name")) == old.get("name") else dict(new)


def _check_options_of_data(dataset: str, options: Mapping[str, Any]) -> None:
    """Whether a data set has ``options``, which a person gave beside the keys of the configuration."""
    from textprep.datasets.loading import load_dataset

    own, shared = signature(DATASETS.get(dataset)).parameters, signature(load_dataset).parameters
    known = {*own, *shared, *Config.model_fields} - {"name", "options"}
    inner = {key: name for name in ("model", "training", "loader") for key in _known([name, ""])}
    for option in set(options) - known:
        (near,) = get_close_matches(option, [*known, *inner], 1) or [""]
        if near in known or not near:
            raise ConfigError(no_option(option, known), option=option)
        raise ConfigError(
            f"there is no option {option!r} of the data set", option=option,
            hint=f"did you mean {inner[near]}={{{near!r}: …}}?",
        )  # fmt: skip


def parse_config(record: Mapping[str, Any], overrides: Sequence[str] = (), **places: str) -> Config:
    """Check ``record``, with ``overrides`` put in, and make it a `Config`.

    ``places`` say what to call the places that both are from, as in `textprep.config.overrides.Given`.
    """
    given = Given({"tokenizer": DEFAULT_TOKENIZER, **record}, overrides, **places)
    try:
        return Config(**given.keys)
    except ValidationError as error:
        problems = [(given.place(key), what) for key, what in explained(error, _known)]
        lines = [f"{place}: {what}" if place else what for place, what in problems]
        raise ConfigError("; ".join(lines)) from error


def read_saved(path: Path) -> Config:
    """The configuration that a run keeps.

    Raises:
        RunError: it cannot be read, or is none.
    """
    return saved_config(read_json(path, RunError), path)


def saved_config(record: Any, path: Path) -> Config:
    """The configuration that ``record`` of the file ``path`` is.

    Raises:
        RunError: it is none.
    """
    if isinstance(record, dict) and isinstance(loader := record.get("loader"), dict):
        # Runs of 0.1 kept how many processes read, which changes no batch.
        record = {**record, "loader": {key: value for key, value in loader.items() if key != "num_workers"}}
    if isinstance(record, dict) and isinstance(dataset := record.get("dataset"), dict):
        record = {**record, "dataset": as_now(dataset)}
    try:
        return Config(**record)
    except (TypeError, ValidationError) as error:
        problems = explained(error, _known) if isinstance(error, ValidationError) else []
        what = "; ".join(what for _, what in problems) or "it is no table of keys"
        raise RunError(
            f"{path} is no configuration: {what}; it was changed or written by another version"
        ) from error


def _known(key: Sequence[str | int]) -> Iterable[str]:
    """The keys that there are beside ``key``."""
    section = Config.model_fields.get(str(key[0])) if len(key) > 1 else None
    return getattr(section.annotation, "model_fields", ()) if section else Config.model_fields
