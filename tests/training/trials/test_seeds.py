"""Several seeds: a folder of runs, and the same mean and spread whatever stopped them on the way."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from textprep.errors import ConfigError, RunError, Stopped
from textprep.training.config import parse_config
from textprep.training.loop.step import Step
from textprep.training.runs import experiment
from textprep.training.runs.directory import UNFINISHED, can_go_on
from textprep.training.runs.experiment import resume, train
from textprep.training.trials.seeds import SUMMARY, resume_seeds, train_seeds

ROWS = [
    {"text": f"A {word} film number {number}.", "label": label}
    for number in range(20)
    for label, words in {"good": ("great", "lovely"), "bad": ("dull", "awful")}.items()
    for word in words
]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("seeds")


@pytest.fixture(scope="module")
def config(folder):
    rows = folder / "rows.jsonl"
    rows.write_text("".join(json.dumps(row) + "\n" for row in ROWS))
    return parse_config({
        "dataset": {"name": "jsonl", "path": str(rows), "text": "text", "label": "label"},
        "loader": {"batch_size": 8},
        "model": {"embedding_dim": 8, "hidden_dim": 4},
        "training": {"epochs": 2, "device": "cpu", "checkpoint_every": 3, "averaging": 0.9},
    })  # fmt: skip


class Killed(BaseException):
    """What nothing catches, as SIGKILL."""


def stop_at(monkeypatch, number: int, cause: BaseException) -> None:
    """From here on the step ``number`` of the optimizer, over all trainings, does not come to its end."""
    step, seen = Step.__call__, iter(range(10_000))

    def mortal(self, batches, done):
        if next(seen) == number:
            raise cause
        return step(self, batches, done)

    monkeypatch.setattr(Step, "__call__", mortal)


def scores(summary: dict) -> list:
    return [summary[key] for key in ("runs", "seeds", "interrupted", "rows", "accuracy", "macro_f1")]


def weights(folder: Path) -> list[bytes]:
    return [(folder / f"seed-{seed}" / "model.safetensors").read_bytes() for seed in range(3)]


@pytest.fixture(scope="module")
def whole(config, folder):
    """What three seeds give that nothing stops; each takes 16 steps."""
    summary, path = train_seeds(config, 3, folder / "whole", cache_dir=folder / "cache")
    assert not (path / UNFINISHED).exists()
    return summary, path


@pytest.fixture(scope="module")
def killed(config, folder):
    """A training that was killed in its sixth step."""
    with pytest.MonkeyPatch.context() as patched:
        stop_at(patched, 5, Killed())
        with pytest.raises(Killed):
            train(config, folder / "killed", cache_dir=folder / "cache")
    return folder / "killed"


@pytest.mark.parametrize(("at", "cause"), [(0, Killed()), (21, Killed()), (21, KeyboardInterrupt())])
def test_seeds_that_were_stopped_end_as_if_they_had_not_been(
    at, cause, whole, config, folder, tmp_path, monkeypatch
):
    with monkeypatch.context() as patched:
        stop_at(patched, at, cause)
        if isinstance(cause, Killed):
            with pytest.raises(Killed):
                train_seeds(config, 3, tmp_path / "killed", cache_dir=folder / "cache")
        else:
            summary, _ = train_seeds(config, 3, tmp_path / "killed", cache_dir=folder / "cache")
            assert summary["interrupted"]
    done = [path.parent.name for path in tmp_path.glob("killed/*/run.json")]
    assert len(done) < 3
    with pytest.raises(RunError, match=r"is not empty: 'textprep resume .*killed' goes on with it"):
        train_seeds(config, 3, tmp_path / "killed", cache_dir=folder / "cache")
    summary, path = resume_seeds(tmp_path / "killed", cache_dir=folder / "cache")
    assert scores(summary) == scores(whole[0])
    assert weights(path) == weights(whole[1])
    assert json.loads((path / SUMMARY).read_text()) == summary
    assert not can_go_on(path)


def test_ctrl_c_between_two_seeds_says_what_goes_on_with_all_of_them(config, folder, tmp_path, monkeypatch):
    def interrupted(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(experiment, "build_model", interrupted)
    with pytest.raises(Stopped, match=f"^textprep resume {tmp_path / 'three'}$"):
        train_seeds(config, 3, tmp_path / "three", cache_dir=folder / "cache")


def test_a_seed_of_another_experiment_is_not_counted(config, folder, tmp_path, monkeypatch):
    stop_at(monkeypatch, 21, Killed())
    with pytest.raises(Killed):
        train_seeds(config, 3, tmp_path / "runs", cache_dir=folder / "cache")
    wanted = tmp_path / "runs" / UNFINISHED
    wanted.write_text(wanted.read_text().replace('"dropout": 0.5', '"dropout": 0.25'))
    with pytest.raises(
        RunError, match=r"seed-0 is a run of another experiment, with model.dropout=0.5 \(here 0.25\)"
    ):
        resume_seeds(tmp_path / "runs", cache_dir=folder / "cache")


def test_under_torchrun_it_is_one_seed(config, folder, tmp_path, monkeypatch):
    monkeypatch.setenv("TORCHELASTIC_RUN_ID", "one")
    monkeypatch.setenv("WORLD_SIZE", "2")
    with pytest.raises(ConfigError, match="several seeds are trained by one process"):
        train_seeds(config, 3, tmp_path / "runs")


@pytest.mark.parametrize(
    ("section", "option", "value", "named"),
    [
        ("model", "dropout", 0.25, "model.dropout=0.5"),
        ("training", "learning_rate", 0.5, "training.learning_rate=0.002"),
        ("training", "seed", 4, "training.seed=0"),
        ("loader", "batch_size", 4, "loader.batch_size=8"),
        ("dataset", "seed", 7, "dataset.fingerprint="),
        (None, "steps", ["lowercase"], "steps="),
    ],
)
def test_a_training_does_not_go_on_with_other_options(
    section, option, value, named, killed, folder, tmp_path
):
    path = shutil.copytree(killed, tmp_path / "run")
    saved = path / "config.json"
    record = json.loads(saved.read_text())
    record = (
        {**record, option: value}
        if section is None
        else {**record, section: {**record[section], option: value}}
    )
    saved.write_text(json.dumps(record))
    with pytest.raises(RunError, match=rf"safetensors was written with .*{named}.* \(here .*set that back"):
        resume(path, cache_dir=folder / "cache")


def test_what_changes_no_weight_may_change(killed, folder, whole, tmp_path):
    path = shutil.copytree(killed, tmp_path / "run")
    record = json.loads((path / "config.json").read_text())
    free = {**record["training"], "checkpoint_every": 2}
    (path / "config.json").write_text(json.dumps({**record, "training": free}))
    resume(path, cache_dir=folder / "cache")
    assert (path / "model.safetensors").read_bytes() == weights(whole[1])[0]
