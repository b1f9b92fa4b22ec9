"""From a configuration to the data that a model learns from: read, checked, prepared."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from textprep.config.experiment import Config, Named
from textprep.config.options import OF_BLOCKS, LoaderOptions
from textprep.datasets.corpus import Corpus, hold_out
from textprep.datasets.loading import load_dataset
from textprep.datasets.sequences.dividing import held_together
from textprep.datasets.split import Split
from textprep.errors import ConfigError, DatasetError
from textprep.prepared.dataset import PreparedDataset
from textprep.prepared.prepare import prepare
from textprep.targets import Target
from textprep.training.build_model import model_for, settled
from textprep.training.rows import rows_of
from textprep.training.targets import objective_of

OF_TEXTS = ("text", "pair", "label", "labels", "row_id"), "text", '; target="next_token" needs none'
OF_NUMBERS = (
    ("sequence", "name", "name_in_source", "recording", "label", "labels", "row_id"), "numbers",
    '; target="next_values" with windows= needs none',
)  # fmt: skip
NO_LABELS = "a model needs labels to learn, and there are none"
VALIDATION_SHARE = 0.1  # of "train", where a data set brings no validation split
Report = Callable[[str], None]


def silent(line: str) -> None:
    """Reports nothing."""


def load_corpus(config: Config) -> Corpus:
    """The corpus that ``config`` names, with a validation split taken from "train" where it has none.

    The division is that of ``dataset.seed``; ``training.seed`` has no part in it.

    Raises:
        DatasetError: it cannot be read, or a model cannot learn from it: there are no labels, or fewer than
            two classes.
        ConfigError: an option of training means nothing for what is learned.
    """
    options = config.dataset.options()
    corpus = with_standardized(load_dataset(config.dataset.name, **options))
    _check_trainable(corpus, config)
    if "validation" not in corpus:
        keys = ("group", "time", "near_duplicates")
        together = {key: options[key] for key in keys if key in options} | held_together(corpus)
        return hold_out(corpus, "validation", VALIDATION_SHARE, seed=options.get("seed", 0), **together)
    return corpus


def with_standardized(corpus: Corpus) -> Corpus:
    """The corpus with the numbers beside its texts standardized, unless somebody said otherwise."""
    usual = {
        name: kind.model_copy(update={"standardize": True})
        if kind.kind == "number" and kind.standardize is None
        else kind
        for name, kind in corpus.extra.items()
    }
    return corpus.with_extra(usual) if usual else corpus


def _check_trainable(corpus: Corpus, config: Config) -> None:
    """Raise `DatasetError` where there is nothing to learn, `ConfigError` where it cannot be learned so."""
    target = corpus.target
    problem = target.check_trainable(corpus.target_columns()) if target else NO_LABELS
    if target and problem is None:
        objective = objective_of(target)
        objective.check_options(config.training)
        model_for(objective, config.model)
        _check_blocks(target, config.loader)
        if config.loader.weights and "train" in corpus:
            _check_balanced(target, corpus["train"])
        return
    columns = {name: None for split in corpus.values() for name in split.table.column_names}
    own, one, alone = OF_NUMBERS if corpus.features else OF_TEXTS
    others = ", ".join(repr(name) for name in columns if name not in own) or "no others"
    raise DatasetError(
        f"{corpus.name!r}: {problem}; the label may be in another column",
        option="label",
        hint=f"label= says which; besides {one} and label there are {others}" + (alone if not target else ""),
    )


def _check_blocks(target: Target, options: LoaderOptions) -> None:
    """Raise `ConfigError` where texts are to be cut into blocks that the target has no use for."""
    for name in OF_BLOCKS:
        if not target.from_text and getattr(options, name) != type(options).model_fields[name].default:
            raise ConfigError(
                f"loader.{name} is for what is learned from texts alone, and the target is {target.name!r}",
                option=f"loader.{name}",
                hint="leave it out",
            )


def _check_balanced(target: Target, train: Split) -> None:
    """Raise `ConfigError` where rows cannot be drawn so that all classes come alike."""
    try:
        target.balanced(np.asarray(train.labels))
    except DatasetError as error:
        raise ConfigError(
            f"loader.weights='balanced' needs one class a row, and the target is {target.name!r}",
            option="loader.weights",
            hint="leave it out",
        ) from error


def read_corpus(config: Config, report: Report) -> Corpus:
    """What `load_corpus` gives, and what is in it reported."""
    config.pipeline()  # wrong steps and options show before anything is read
    report(f"reading {config.dataset.name}")
    corpus = load_corpus(config)
    report(corpus.summary())
    return corpus


def with_usual(config: Config, corpus: Corpus) -> Config:
    """The configuration, with what is usual for the rows and the target of a corpus where it says nothing.

    Raises:
        ConfigError: an option has no meaning for such rows.
    """
    if corpus.target is None:
        return config
    config, objective = rows_of(corpus).usual(config), objective_of(corpus.target)
    changed: dict[str, Any] = {
        "training": objective.with_usual("training", config.training),
        "model": settled(config.model, objective),
    }
    if objective.steps is not None and "steps" not in config.model_fields_set:
        changed["steps"] = tuple(Named(name=name) for name in objective.steps)
    return config.model_copy(update=changed)


def load_prepared(
    config: Config, cache_dir: Path | None = None, report: Report = silent, corpus: Corpus | None = None
) -> PreparedDataset:
    """The data that ``config`` names as ids on disk: made, or found where it was made before.

    Args:
        config: what to read and how.
        cache_dir: where prepared data is kept, see `textprep.prepare`.
        report: is called with a line of text at every stage.
        corpus: what `load_corpus` gave for ``config``, where several pipelines share it.
    """
    corpus = read_corpus(config, report) if corpus is None else corpus
    rows, config = rows_of(corpus), with_usual(config, corpus)
    report(f"preparing: {rows.preparing}")
    data = prepare(corpus, rows.encoding(config), cache_dir=cache_dir)
    report(rows.describe(data))
    for note in data.notes():
        report(note)
    return data


def load_known(config: Config, cache_dir: Path | None, report: Report, corpus: Corpus) -> PreparedDataset:
    """What `load_prepared` gives, if a model can learn from it.

    Raises:
        PreparationError: the texts are nearly all unknown; names a tokenizer that serves.
    """
    data = load_prepared(config, cache_dir, report, corpus)
    rows_of(data).check_known(corpus, data)
    return data
