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
from textprep.errors import DatasetError
from textprep.models import GRUAttentionClassifier
from textprep.preparation.prepare import prepare
from textprep.preparation.store import PreparedDataset, PreparedSplit
from textprep.training.config import Config
from textprep.training.metrics import classification_metrics
from textprep.training.run import Run, new_run_directory
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
        return hold_out(corpus, "validation", VALIDATION_SHARE, seed=config.training.seed)
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
    pipeline = config.pipeline()  # wrong steps and options show before anything is read
    corpus = load_corpus(config)
    report(corpus.summary())
    path = new_run_directory(run_dir, _run_name(config))
    try:
        data = prepare(corpus, pipeline, cache_dir=cache_dir)
        report(_describe(data))
        torch.manual_seed(config.training.seed)
        model = GRUAttentionClassifier(
            len(data.pipeline.vocabulary), corpus.num_classes, **config.model.model_dump()
        )
        history = _fit(model, data, config)
        metrics = {**_epochs(history), **_held_out_scores(model, data, config)}
        run = Run(config, data.pipeline, model.cpu().eval(), tuple(corpus.class_names), metrics)
        run.save(path)
    except BaseException:
        _remove_if_empty(path)
        raise
    return run, path


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
    """Scores on "test", or on "validation" where there is no test split; none if Ctrl-C stops even that."""
    name = "test" if "test" in data else "validation"
    try:
        logits, labels, _ = predict_logits(model, _scoring_loader(data[name], config), config.training.device)
    except KeyboardInterrupt:
        return {"held_out": None}
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


def _run_name(config: Config) -> str:
    path = config.dataset.options().get("path")
    return Path(path).stem if isinstance(path, str) else config.dataset.name


def _remove_if_empty(path: Path) -> None:
    if not any(path.iterdir()):
        path.rmdir()
