"""From a configuration to a saved run: load, prepare, train, score, save."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any

import torch

from textprep.datasets.corpus import Corpus
from textprep.datasets.loading import load_dataset
from textprep.datasets.splits import hold_out
from textprep.errors import ConfigError, DatasetError
from textprep.models import GRUAttentionClassifier
from textprep.preparation.prepare import prepare
from textprep.preparation.store import PreparedDataset, PreparedSplit
from textprep.training.config import Config
from textprep.training.devices import pick_device
from textprep.training.metrics import classification_metrics
from textprep.training.progress import watch
from textprep.training.run import Run, claimed_run_directory
from textprep.training.trainer import History, fit, predict_logits

VALIDATION_SHARE = 0.1  # of "train", where a data set brings no validation split


def load_corpus(config: Config) -> Corpus:
    """The corpus that ``config`` names, with a validation split taken from "train" where it has none.

    Raises:
        DatasetError: it cannot be read, or cannot train a classifier: no labels, or fewer than two classes.
    """
    corpus = load_dataset(config.dataset.name, **config.dataset.options())
    if corpus.num_classes < 2:
        names = ", ".join(corpus.class_names) or "none"
        raise DatasetError(
            f"a classifier needs two classes or more; those of {config.dataset.name}: {names}; "
            "check the option 'label'"
        )
    if "validation" not in corpus:
        options = config.dataset.options()
        together = {key: options[key] for key in ("group", "time", "near_duplicates") if key in options}
        return hold_out(corpus, "validation", VALIDATION_SHARE, seed=config.training.seed, **together)
    return corpus


def train(
    config: Config,
    run_dir: Path | None = None,
    *,
    cache_dir: Path | None = None,
    report: Callable[[str], None] = lambda line: None,
) -> tuple[Run, Path]:
    """Train a classifier as ``config`` says and save it.

    Ctrl-C during training ends it; the best weights so far are scored and saved all the same.

    Args:
        config: what to train on and how.
        run_dir: an empty or new folder; the first free ``runs/NAME-1``, ``runs/NAME-2`` … if not given.
        cache_dir: where prepared data is kept, see `textprep.prepare`.
        report: is called with a line of text at every stage.

    Returns:
        The run and its folder. ``run.metrics["interrupted"]`` says whether Ctrl-C ended it.
    """
    pipeline = config.pipeline()  # wrong steps, options and devices show before anything is read
    pick_device(config.training.device)
    with claimed_run_directory(run_dir, _run_name(config)) as path:
        report(f"reading {config.dataset.name}")
        corpus = load_corpus(config)
        report(corpus.summary())
        report("preparing: cleaning, tokenizing, encoding")
        data = prepare(corpus, pipeline, cache_dir=cache_dir)
        report(_describe(data))
        model = _make_model(data, config)
        history = _fit(model, data, config)
        report(_describe_training(history))
        metrics = {**_epochs(history), "held_out": None}
        run = Run(config, data.pipeline, model.eval(), data.class_names, metrics)
        run.save(path)  # before the scores: what was learned is safe by now
        try:
            metrics |= _held_out_scores(model, data, config)
        except KeyboardInterrupt:
            metrics["interrupted"] = True
        run.save(path)
    model.cpu()
    return run, path


def _make_model(data: PreparedDataset, config: Config) -> GRUAttentionClassifier:
    torch.manual_seed(config.training.seed)
    try:
        return GRUAttentionClassifier(
            len(data.pipeline.vocabulary), data.num_classes, **config.model.model_dump()
        )
    except RuntimeError as error:  # torch's allocator
        raise ConfigError(f"the model is too large for the memory here ({error}): make it smaller") from error


def _fit(model: GRUAttentionClassifier, data: PreparedDataset, config: Config) -> History:
    return fit(
        model,
        data["train"].loader(**config.loader.model_dump(), shuffle=True, seed=config.training.seed),
        _scoring_loader(data["validation"], config),
        config.training,
    )


def _scoring_loader(split: PreparedSplit, config: Config) -> Any:
    """Batches by length, since the order of rows changes no score and padding costs time."""
    return split.loader(**config.loader.model_dump(), by_length=True)


def _held_out_scores(model: GRUAttentionClassifier, data: PreparedDataset, config: Config) -> dict[str, Any]:
    """Scores on "test", or on "validation" where there is no test split."""
    name = "test" if "test" in data else "validation"
    loader = watch(_scoring_loader(data[name], config), f"scoring {name}")
    logits, labels, _ = predict_logits(model, loader, config.training.device)
    return {"held_out": name, **classification_metrics(labels, logits.argmax(axis=1), data.class_names)}


def _epochs(history: History) -> dict[str, Any]:
    return {
        "epochs": [asdict(epoch) for epoch in history.epochs],
        "best_epoch": history.best_epoch,
        "interrupted": history.interrupted,
    }


def _describe(data: PreparedDataset) -> str:
    vocabulary = data.pipeline.vocabulary
    splits = ", ".join(f"{name} {int(split.lengths.sum()):,}" for name, split in data.items())
    return f"vocabulary of {len(vocabulary):,} tokens; tokens in {splits}; kept in {data.path}"


def _describe_training(history: History) -> str:
    kept = f"kept the weights of epoch {history.best_epoch}, with the lowest validation loss"
    if history.interrupted:
        kept = kept if history.best_epoch else "kept the weights of the moment"
        return f"{kept}; scoring them (Ctrl-C once more saves them unscored)"
    return kept


def _run_name(config: Config) -> str:
    path = config.dataset.options().get("path")
    return Path(path).resolve().stem if isinstance(path, str) else config.dataset.name
