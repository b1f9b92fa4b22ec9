"""From prepared data to a saved run: train, score, save, report."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

from textprep.config.experiment import Config, config_of, read_saved
from textprep.datasets.corpus import Corpus
from textprep.errors import DatasetError, RunError, Stopped
from textprep.models import TextModel
from textprep.prepared.dataset import PreparedDataset
from textprep.records import RunMetrics
from textprep.training.build_model import build_model
from textprep.training.directory import (
    CHECKPOINT,
    CONFIG,
    MANIFEST,
    can_go_on,
    claimed_run_directory,
    write_record,
)
from textprep.training.loop import processes
from textprep.training.loop.devices import pick_device
from textprep.training.progress import watch
from textprep.training.rows import rows_of
from textprep.training.runs.data import TrainingData
from textprep.training.runs.findings import write_report
from textprep.training.runs.loaders import scoring_loader, training_loader
from textprep.training.runs.log import Log
from textprep.training.runs.prepared_data import (
    NO_LABELS,
    Report,
    load_corpus,
    load_known,
    load_prepared,
    read_corpus,
    silent,
    with_usual,
)
from textprep.training.runs.run import Run
from textprep.training.start import with_its_pipeline
from textprep.training.targets import objective_of
from textprep.training.targets.base import Objective
from textprep.training.trainer import History, fit, predict_outputs
from textprep.visible import command


def train(
    config: Config | Mapping[str, Any] | str | Path | None = None,
    run_dir: str | Path | None = None,
    *,
    cache_dir: str | Path | None = None,
    report: Report = silent,
    data: PreparedDataset | None = None,
    corpus: Corpus | None = None,
    resume: bool = False,
    **keywords: Any,
) -> Run:
    """Train a classifier as ``config`` says, save it, and write its report: `textprep.train`.

    >>> import tempfile, textprep as tp
    >>> rows = [{"text": f"{word} film {n}", "label": word} for n in range(20) for word in ("good", "bad")]
    >>> folder = tempfile.TemporaryDirectory()
    >>> run = tp.train(
    ...     dataset="memory", rows=rows, tokenizer={"name": "word"}, model={"hidden_dim": 2, "word_pairs": 0},
    ...     training={"epochs": 1}, run_dir=f"{folder.name}/run", cache_dir=folder.name,
    ... )
    >>> sorted(run.metrics["per_class"]), run.path.name
    (['bad', 'good'], 'run')

    Ctrl-C during training ends it after the step under way, from which `resume` goes on; the best weights so
    far are scored and saved all the same. Under ``torchrun`` all processes train, and the first one speaks
    and writes.

    Args:
        config: what to train on and how: what `textprep train` takes (a TOML file, a registered data set, a
            data file or a folder), or its keys as a mapping. May be left out where ``dataset`` is given.
        run_dir: an empty or new folder; the first free ``runs/NAME-1``, ``runs/NAME-2`` … if not given.
        cache_dir: where prepared data is kept, see `textprep.prepare`.
        report: is called with a line of text at every stage.
        data: what `load_prepared` gave for ``config``, where several trainings share it.
        corpus: what `load_corpus` gave for ``config``, likewise.
        resume: go on in ``run_dir``, from its checkpoint if it has one.
        **keywords: keys of the configuration, over those of ``config``; further ones are options of the data
            set: ``dataset="csv", path="reviews.csv", label="stars", training={"epochs": 1}``.

    Returns:
        The run; its folder is ``run.path``, and ``run.metrics["interrupted"]`` says whether Ctrl-C ended it.

    Raises:
        ConfigError: there is no such key, or a value that it cannot have.
        Stopped: Ctrl-C while data is prepared or the report is written; says the command that goes on.
        RunError: the folder is not empty, or cannot be written.
        PreparationError: the texts to learn from are nearly all unknown; names a tokenizer that serves.
    """
    config = with_its_pipeline(config_of(config, **keywords))
    cache_dir, run_dir = (None if path is None else Path(path) for path in (cache_dir, run_dir))
    pick_device(config.training.device)  # a wrong one shows before anything is read
    with processes.joined():
        if processes.rank():
            return _train_along(config, cache_dir)
        with claimed_run_directory(run_dir, run_name(config), resume=resume) as path:
            if corpus is None:
                corpus = read_corpus(config, report) if data is None else load_corpus(config)
            config = with_usual(config, corpus)
            data = load_known(config, cache_dir, report, corpus) if data is None else data
            run = _train(config, data, path, report, corpus)
            _report_or_say_why_not(run, path, corpus, data, report)
            return run


def resume(run_dir: Path, *, cache_dir: Path | None = None, report: Report = silent) -> Run:
    """Go on with a training that was killed, or stopped with Ctrl-C: its end is as if it had not been.

    Raises:
        RunError: there is no such folder, or it holds no training, or one that is finished, or one whose
            configuration or checkpoint is damaged, or has changed since.
    """
    if not run_dir.is_dir():
        raise RunError(f"there is no run directory {run_dir}: 'textprep train' makes one")
    if not can_go_on(run_dir):
        finished = (run_dir / MANIFEST).exists()
        what = "the training is finished" if finished else "no training has begun there"
        raise RunError(f"there is nothing to go on with in {run_dir}: {what}")
    config = read_saved(run_dir / CONFIG)
    return train(config, run_dir, cache_dir=cache_dir, report=report, resume=True)


def run_name(config: Config) -> str:
    """What runs of ``config`` are called: as the data is."""
    path = config.dataset.options().get("path")
    return Path(path).resolve().stem if isinstance(path, str) else config.dataset.name


def report_on(run_dir: Path, *, cache_dir: Path | None = None, report: Report = silent) -> Path:
    """Write the report of the run in ``run_dir`` again, with the threshold that it decides by now.

    Returns:
        The page, ``report.html`` in the folder.

    Raises:
        RunError: there is no run, its data have changed, or the page cannot be written.
    """
    run = Run.load(run_dir)
    corpus = read_corpus(run.config, report)
    data = load_prepared(run.config, cache_dir, report, corpus)
    return write_report(run, run_name(run.config), run_dir, corpus, data)


def _report_or_say_why_not(
    run: Run, path: Path, corpus: Corpus, data: PreparedDataset, report: Report
) -> None:
    """The run is saved by now: whatever becomes of its page, it must not be lost."""
    again = command("textprep", "report", path)
    try:
        report(f"wrote {write_report(run, run_name(run.config), path, corpus, data)}: open it in a browser")
    except KeyboardInterrupt as interrupt:
        raise Stopped(again) from interrupt
    except Exception as error:  # whatever the cause
        report(f"no report was written ({error}): the run is saved; for its report: {again}")


def _train(config: Config, data: PreparedDataset, path: Path, report: Report, corpus: Corpus) -> Run:
    """Train in the folder ``path``, score and save."""
    path = Path(processes.from_first(str(path)))
    objective = _objective(data)
    model = build_model(config.model, data, objective, seed=config.training.seed, report=report)
    write_record(path / CONFIG, config.model_dump(mode="json"))
    log = Log(path, tensorboard=config.training.tensorboard)
    known = TrainingData.of(corpus, objective)
    history = _fit(model, data, objective, config, path, log)
    log.close()
    report(_describe_training(history, config.training.monitor, objective))
    run = _run(model, data, objective, config, path, history, known)
    run.save(path)  # before the scores: what was learned is safe by now
    try:
        run = _scored(run, data, corpus)
    except KeyboardInterrupt:
        run.metrics["interrupted"] = True
    run.save(path)
    if not run.metrics["interrupted"]:
        (path / CHECKPOINT).unlink(missing_ok=True)
    return run


def _train_along(config: Config, cache_dir: Path | None) -> Run:
    """What every process but the first does: train its share, in silence."""
    corpus = load_corpus(config)
    config = with_usual(config, corpus)
    data = load_prepared(config, cache_dir, corpus=corpus)
    path = Path(processes.from_first(None))
    objective = _objective(data)
    model = build_model(config.model, data, objective, seed=config.training.seed)
    history = _fit(model, data, objective, config, path, lambda record: None)
    return _run(model, data, objective, config, path, history, TrainingData())


def _objective(data: PreparedDataset) -> Objective:
    """What is learned, with what the training split says about it.

    Raises:
        DatasetError: there are no labels.
    """
    if data.target is None:
        raise DatasetError(NO_LABELS, option="label")
    return objective_of(objective_of(data.target).learned(data["train"]))


def _run(
    model: TextModel, data: PreparedDataset, objective: Objective, config: Config, path: Path,
    history: History, known: TrainingData,
) -> Run:  # fmt: skip
    """What was trained, not scored yet."""
    model = model.cpu().eval()
    return Run(
        config, data.pipeline, model, objective.target, _unscored(history), extra=data.extra, data=known,
        path=path,
    )  # fmt: skip


def _fit(
    model: TextModel, data: PreparedDataset, objective: Objective, config: Config, path: Path,
    log: Callable[[Any], None],
) -> History:  # fmt: skip
    options = config.training
    loader = training_loader(data["train"], config)
    validation = scoring_loader(data["validation"], config)
    context = _context(config, data)
    return fit(
        model, loader, validation, options, target=objective.target,
        unk_id=rows_of(data).unk_id(data), checkpoint=path / CHECKPOINT, log=log, context=context,
    )  # fmt: skip


def _context(config: Config, data: PreparedDataset) -> dict[str, Any]:
    """What the weights come from, but for ``training``: options, and which rows."""
    sections = config.model_dump(mode="json", include={"steps", "tokenizer", "loader", "model"})
    return {**sections, "dataset": {"fingerprint": data.fingerprint}}


def _scored(run: Run, data: PreparedDataset, corpus: Corpus) -> Run:
    """The run with what it says about "validation" and "test", and the scores of the latter.

    Where there is no test split, the scores are those of "validation".
    """
    objective, predictions = run.objective, {}
    for name in ("validation", "test"):
        if name in data:
            loader = scoring_loader(data[name], run.config)
            batches, device = watch(loader, f"scoring {name}"), run.config.training.device
            outputs = predict_outputs(run.model, batches, device, target=objective.target)
            predictions[name] = objective.valued(objective.by_row(outputs, loader.split)).in_order()
    held_out = "test" if "test" in data else "validation"
    rows = predictions[held_out]
    scores = objective.scores(rows, baseline=run.data.baseline) | objective.rivals(data, held_out, rows)
    scores = objective.scores_of_texts(scores, corpus[held_out])
    metrics = cast(RunMetrics, {**run.metrics, "held_out": held_out, **scores})
    curves = objective.curves(rows)
    return replace(run, model=run.model.cpu(), metrics=metrics, predictions=predictions, curves=curves)


def _unscored(history: History) -> RunMetrics:
    record = history.to_json()
    return RunMetrics(
        epochs=record["epochs"],
        best_epoch=record["best_epoch"],
        interrupted=record["interrupted"],
        held_out=None,
    )


def _describe_training(history: History, monitor: str, objective: Objective) -> str:
    measure = next((measure for measure in objective.measures if measure.name == monitor), None)
    best = "lowest" if measure is None or not measure.more else "highest"
    kept = f"kept the weights of epoch {history.best_epoch}, with the {best} validation {monitor}"
    if history.interrupted:
        kept = kept if history.best_epoch else "kept the weights of the moment"
        return f"{kept}; scoring them (Ctrl-C once more saves them unscored)"
    return kept
