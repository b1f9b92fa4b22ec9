"""One experiment with several seeds: a score that only one lucky seed has is no result."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from statistics import fmean, stdev
from typing import Any, cast

from textprep.config.experiment import Config, saved_config
from textprep.datasets.corpus import Corpus
from textprep.errors import ConfigError, RunError, Stopped
from textprep.prepared.dataset import PreparedDataset
from textprep.records import SeedsScores, SeedsSummary, Spread
from textprep.storage.files import read_json
from textprep.training.directory import (
    MANIFEST,
    UNFINISHED,
    can_go_on,
    claimed_run_directory,
    write_record,
)
from textprep.training.loop import processes
from textprep.training.loop.session import differences
from textprep.training.runs.experiment import run_name, train
from textprep.training.runs.prepared_data import Report, load_known, read_corpus, silent, with_usual
from textprep.training.runs.run import Run

SUMMARY = "seeds.json"


def train_seeds(
    config: Config,
    seeds: int,
    run_dir: Path | None = None,
    *,
    cache_dir: Path | None = None,
    report: Report = silent,
) -> tuple[SeedsSummary, Path]:
    """Train with the seeds ``training.seed``, ``training.seed + 1`` …, on the same splits.

    Each is a run of its own in ``seed-0``, ``seed-1`` … of the folder; ``seeds.json`` there holds what is
    returned. Ctrl-C ends the seed under way, and those that would have followed; `resume_seeds` goes on.

    Args:
        config: what to train on and how.
        seeds: how many.
        run_dir: an empty or new folder; the first free ``runs/NAME-1``, ``runs/NAME-2`` … if not given.
        cache_dir: where prepared data is kept, see `textprep.prepare`.
        report: is called with a line of text at every stage.

    Returns:
        ``runs`` (folder names), ``seeds``, ``interrupted``, and, where seeds came to their end, `spread` of
        each measure of the target, such as ``accuracy`` and ``macro_f1``, and of ``seconds``; and the folder.

    Raises:
        ConfigError: there are no seeds, or several processes.
        RunError: the folder is not empty, or a run cannot be written.
    """
    check_seeds(seeds)
    if processes.started() > 1:
        raise ConfigError("several seeds are trained by one process: leave torchrun out, or give one seed")
    with claimed_run_directory(run_dir, run_name(config)) as path:
        given = config.model_dump(mode="json", exclude_unset=True)  # what is usual depends on the data
        write_record(path / UNFINISHED, {"config": given, "seeds": seeds})
        return _train_all(config, seeds, path, cache_dir, report), path


def resume_seeds(
    run_dir: Path, *, cache_dir: Path | None = None, report: Report = silent
) -> tuple[SeedsSummary, Path]:
    """Go on with several seeds that were killed, or stopped with Ctrl-C; the arguments are `train_seeds`'s.

    Seeds that are done stay as they are, the one under way goes on from its checkpoint.

    Raises:
        RunError: the folder holds nothing to go on with, or a run of another experiment.
    """
    with claimed_run_directory(run_dir, "", resume=True) as path:
        wanted = read_json(path / UNFINISHED, RunError)
        config = saved_config(wanted["config"], path / UNFINISHED)
        return _train_all(config, wanted["seeds"], path, cache_dir, report), path


def _train_all(
    config: Config, seeds: int, path: Path, cache_dir: Path | None, report: Report
) -> SeedsSummary:
    corpus = read_corpus(config, report)
    data = load_known(config, cache_dir, report, corpus)
    finished = _train_each(config, seeds, path, data, corpus, report)
    summary: SeedsSummary = {
        "runs": [folder for folder, _ in finished],
        "seeds": [run.config.training.seed for _, run in finished],
        "interrupted": any(run.metrics["interrupted"] for _, run in finished),
        **_spreads([run for _, run in finished if not run.metrics["interrupted"]]),
    }
    write_record(path / SUMMARY, summary)
    if not summary["interrupted"]:
        (path / UNFINISHED).unlink()
    return summary


def trained(config: Config, path: Path, data: PreparedDataset, corpus: Corpus, report: Report) -> Run:
    """The run of ``config`` in the folder ``path``.

    Raises:
        RunError: there is a run of another experiment.
        KeyboardInterrupt: Ctrl-C; the next call goes on.
    """
    if not (path / MANIFEST).exists() or can_go_on(path):
        try:
            return train(config, path, report=report, data=data, corpus=corpus, resume=path.exists())
        except Stopped as stopped:  # whoever trains several says how they go on
            raise KeyboardInterrupt from stopped
    run = Run.load(path)
    asked = with_usual(config, corpus)
    if changed := differences(run.config.model_dump(mode="json"), asked.model_dump(mode="json")):
        raise RunError(
            f"{path} is a run of another experiment, with {', '.join(changed)}: name another folder"
        )
    return run


def check_seeds(seeds: int) -> None:
    """Whether there is anything to train.

    Raises:
        ConfigError: there are no seeds.
    """
    if seeds < 1:
        raise ConfigError(f"seeds is {seeds!r}: train with one at least")


def seeded(config: Config, seed: int) -> Config:
    """The same experiment with another seed."""
    return config.model_copy(update={"training": config.training.model_copy(update={"seed": seed})})


def spread(values: Sequence[float]) -> Spread:
    """Mean, standard deviation (of a sample; 0 for one value), least and most, and the values.

    >>> spread([0.8, 0.9])["mean"], round(spread([0.8, 0.9])["std"], 4)
    (0.85, 0.0707)
    """
    return {
        "mean": round(fmean(values), 10),
        "std": stdev(values) if len(values) > 1 else 0.0,
        "min": min(values),
        "max": max(values),
        "values": list(values),
    }


def _train_each(
    config: Config, seeds: int, path: Path, data: PreparedDataset, corpus: Corpus, report: Report
) -> list[tuple[str, Run]]:
    finished: list[tuple[str, Run]] = []
    for seed in range(config.training.seed, config.training.seed + seeds):
        report(f"seed {seed}")
        folder = path / f"seed-{seed}"
        run = trained(seeded(config, seed), folder, data, corpus, report)
        finished.append((folder.name, run))
        if run.metrics["interrupted"]:
            break
    return finished


def _spreads(scored: Sequence[Run]) -> SeedsScores:
    """Of those that came to their end: the score of another would be that of fewer epochs."""
    if not scored:
        return {}
    objective, metrics = scored[0].objective, [run.metrics for run in scored]
    spreads: dict[str, Any] = {
        "held_out": metrics[0]["held_out"],
        "rows": metrics[0]["rows"],
        "baseline": metrics[0].get("baseline"),
        "measures": [[measure.name, measure.title, measure.form] for measure in objective.measures],
        **{
            measure.name: spread([objective.score(each, measure.name) for each in metrics])
            for measure in objective.measures
        },
        "seconds": spread([sum(epoch["seconds"] for epoch in each["epochs"]) for each in metrics]),
    }
    return cast(SeedsScores, spreads)
