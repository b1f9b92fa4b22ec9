"""Every run leaves a report, and no report takes a run with it."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from textprep.config.experiment import Config, parse_config
from textprep.errors import RunError, Stopped
from textprep.training.runs import experiment
from textprep.training.runs.experiment import report_on, train
from textprep.training.runs.run import Run
from textprep.training.trials.seeds import train_seeds

WORDS = {"good": ["great", "lovely", "superb"], "bad": ["dull", "awful", "boring"]}
ROWS = [
    {"text": f"A <b>{words[number % 3]}</b> film number {number}.", "label": label}
    for number in range(40)
    for label, words in WORDS.items()
]


def write_rows(path: Path, rows: list[dict[str, str]] = ROWS) -> Path:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return path


def config(path: Path, **model: object) -> Config:
    return parse_config({
        "dataset": {"name": "jsonl", "path": str(path), "text": "text", "label": "label"},
        "loader": {"batch_size": 16, "max_length": 12},
        "model": {"embedding_dim": 8, "hidden_dim": 4, **model},
        "training": {"epochs": 1, "learning_rate": 0.02, "device": "cpu"},
    })  # fmt: skip


@pytest.fixture(scope="module")
def trained(tmp_path_factory) -> Path:
    """A run, and in its folder's parent the rows that it was trained on."""
    folder = tmp_path_factory.mktemp("reported")
    rows = write_rows(folder / "rows.jsonl")
    return train(config(rows), folder / "run", cache_dir=folder / "cache").path


def test_training_writes_a_page_about_the_run(trained):
    page = (trained / "report.html").read_text(encoding="utf-8")
    run = Run.load(trained)
    assert "<h1>rows</h1>" in page
    assert f"{run.metrics['accuracy']:.2%}" in page
    assert "[removed: </span>&lt;b&gt;" in page
    assert "attention.project" in page
    assert "Right, and surest" in page


@pytest.mark.parametrize("model", [{"name": "gru"}, {"attention": "multihead", "heads": 2}])
def test_other_models_have_pages_too(model, tmp_path):
    rows = write_rows(tmp_path / "rows.jsonl")
    path = train(config(rows, **model), tmp_path / "run", cache_dir=tmp_path / "cache").path
    assert ("Head by head" in (path / "report.html").read_text()) == ("heads" in model)


def test_a_report_can_be_made_again_with_the_threshold_of_by_now(trained, tmp_path):
    (trained / "report.html").unlink()
    run = Run.load(trained)
    rows = run.predictions["validation"]
    threshold = run.objective.threshold(rows, "good", min_recall=0.1)
    run.with_threshold(threshold, trained)
    written = report_on(trained, cache_dir=tmp_path).read_text()
    assert written == (trained / "report.html").read_text()
    run.with_threshold(None, trained)
    assert '"chosen": {"class": 1' in written


@pytest.mark.parametrize("problem", [RunError("the disk is full"), ValueError("odd")])
def test_a_report_that_fails_does_not_lose_the_run(problem, tmp_path, monkeypatch):
    def fail(*arguments: object) -> None:
        raise problem

    monkeypatch.setattr(experiment, "write_report", fail)
    rows, said = write_rows(tmp_path / "rows.jsonl"), []
    run = train(config(rows), tmp_path / "run", cache_dir=tmp_path / "cache", report=said.append)
    path = run.path
    assert Run.load(path).metrics == run.metrics
    assert not run.metrics["interrupted"]
    assert "for its report: textprep report" in said[-1]
    assert str(problem) in said[-1]


def test_ctrl_c_while_the_report_is_written_ends_all_and_loses_nothing(tmp_path, monkeypatch):
    def stop(*arguments: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(experiment, "write_report", stop)
    rows = write_rows(tmp_path / "rows.jsonl")
    with pytest.raises(Stopped, match=f"textprep report {tmp_path / 'run'}"):
        train(config(rows), tmp_path / "run", cache_dir=tmp_path / "cache")
    assert not Run.load(tmp_path / "run").metrics["interrupted"]
    with pytest.raises(KeyboardInterrupt):
        train_seeds(config(rows), 3, tmp_path / "seeds", cache_dir=tmp_path / "cache")
    assert [path.name for path in (tmp_path / "seeds").glob("seed-*")] == ["seed-0"]


def test_other_data_than_the_runs_are_refused(trained, tmp_path):
    rows = trained.parent / "rows.jsonl"
    before = rows.read_text()
    try:
        write_rows(rows, ROWS[::-1])
        with pytest.raises(RunError, match="the data have changed since the run was trained"):
            report_on(trained, cache_dir=tmp_path)
    finally:
        rows.write_text(before)


def test_what_was_stopped_before_it_was_scored_is_reported_without_scores(trained, tmp_path):
    run = Run.load(trained)
    unscored = replace(run, metrics={**run.metrics, "held_out": None}, predictions={}, curves=None)
    (tmp_path / "run").mkdir()
    unscored.save(tmp_path / "run")
    assert "stopped before it was scored" in report_on(tmp_path / "run", cache_dir=tmp_path).read_text()


def test_a_page_does_not_say_how_the_data_are_reached(trained):
    page = (trained / "report.html").read_text()
    assert str(trained.parent) not in page  # a path or an address may hold more than a colleague should see
