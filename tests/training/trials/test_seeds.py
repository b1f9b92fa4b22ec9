"""Several seeds: a folder of runs, and the same mean and spread whatever stopped them on the way."""

from __future__ import annotations

import json
import signal
from pathlib import Path

import pytest

from tests.training.stopping import Killed, small_config, stop_at
from textprep.errors import ConfigError, RunError, Stopped
from textprep.training.directory import UNFINISHED, can_go_on
from textprep.training.runs import experiment
from textprep.training.trials.seeds import SUMMARY, resume_seeds, train_seeds


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("seeds")


@pytest.fixture(scope="module")
def config(folder):
    return small_config(folder)


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


@pytest.mark.parametrize(
    ("at", "cause"),
    [(0, Killed()), (21, Killed()), (21, KeyboardInterrupt()), (21, signal.SIGINT), (31, signal.SIGINT)],
)
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
            for key in ("accuracy", "macro_f1"):  # a seed that was stopped half way has no part in it
                assert summary[key]["values"] == whole[0][key]["values"][: at // 16]
    done = [path.parent.name for path in tmp_path.glob("killed/*/run.json")]
    assert len(done) < 3
    with pytest.raises(
        RunError,
        match=r"is not empty: name another folder with --run; to go on with it: textprep resume .*killed",
    ):
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
    record = json.loads(wanted.read_text())
    record["config"].setdefault("model", {})["dropout"] = 0.25
    wanted.write_text(json.dumps(record))
    with pytest.raises(
        RunError, match=r"seed-0 is a run of another experiment, with model.dropout=0.5 \(here 0.25\)"
    ):
        resume_seeds(tmp_path / "runs", cache_dir=folder / "cache")


def test_under_torchrun_it_is_one_seed(config, folder, tmp_path, monkeypatch):
    monkeypatch.setenv("TORCHELASTIC_RUN_ID", "one")
    monkeypatch.setenv("WORLD_SIZE", "2")
    with pytest.raises(ConfigError, match="several seeds are trained by one process"):
        train_seeds(config, 3, tmp_path / "runs")
