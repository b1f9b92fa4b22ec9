"""``prepare`` and ``train``: from a file of reviews to a run that predicts; wrong input is one clear line."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from textprep.training.runs.run import FILES


def test_prepare_twice_opens_what_is_there(textprep, reviews) -> None:
    first = json.loads(textprep("prepare", reviews, "--json").out)
    again = json.loads(textprep("prepare", reviews, "--json").out)
    assert first == again
    assert {name: split["rows"] for name, split in first["splits"].items()} == {
        "train": 160,
        "validation": 20,
        "test": 20,
    }
    assert Path(first["path"]).is_dir()
    table = textprep("prepare", reviews).out
    assert "tokens per row" in table


def test_train_saves_a_run_that_predicts(textprep, reviews, small, tmp_path) -> None:
    done = textprep("train", reviews, *small)
    assert done.code == 0, done.err
    assert "epoch 1" in done.err
    assert "precision" in done.out
    assert "textprep predict runs/reviews-1" in done.out
    files = {path.name for path in (tmp_path / "runs" / "reviews-1").iterdir()}
    assert files == {*FILES, "run.json", "log.jsonl", "report.html"}

    metrics = json.loads((tmp_path / "runs" / "reviews-1" / "metrics.json").read_text())
    assert metrics["held_out"] == "test"
    assert metrics["accuracy"] >= 0.9
    assert set(metrics["per_class"]) == {"bad", "good"}
    assert len(metrics["epochs"]) >= 1
    assert {"train_loss", "validation_loss", "validation_accuracy"} <= metrics["epochs"][0].keys()

    predicted = textprep(
        "predict", "runs/reviews-1", "A superb film, moving.", "A dull film, boring.", "--json"
    )
    labels = [row["label"] for row in json.loads(predicted.out)]
    assert labels == ["good", "bad"]

    again = textprep("train", reviews, *small, "--json")
    assert json.loads(again.out)["run"] == "runs/reviews-2"
    assert (
        json.loads(again.out)["confusion_matrix"] == metrics["confusion_matrix"]
    )  # the same seed, the same run


def test_train_from_a_configuration_file(textprep, reviews, tmp_path) -> None:
    (tmp_path / "small.toml").write_text(
        f"""
        steps = ["lowercase"]
        dataset = {{ name = "jsonl", path = '{reviews}', splits = {{ train = 0.9, test = 0.1 }} }}
        tokenizer = {{ name = "bpe", vocab_size = 100 }}
        training = {{ epochs = 1, device = "cpu" }}
        """
    )
    done = textprep("train", "small.toml", "--run", "mine")
    assert done.code == 0, done.err
    assert "validation" in done.err  # taken from train, since the data brings none
    config = json.loads((tmp_path / "mine" / "config.json").read_text())
    assert config["tokenizer"] == {"name": "bpe", "vocab_size": 100}
    refused = textprep("train", "small.toml", "--run", "mine")
    assert refused.code == 1
    assert "mine is not empty" in refused.err


def write(path: Path, text: str) -> Path:
    path.write_text(text)
    return path


WRONG = {
    "unknown data set": (lambda folder: ["train", "movie-review"], "no dataset is called 'movie-review'; there are: movie-reviews"),
    "misspelled file": (lambda folder: ["train", "reviews.cvs"], "there is no file or folder 'reviews.cvs', and no dataset of that name; there are: "),
    "missing folder": (lambda folder: ["train", "./reviews"], "there is no file or folder './reviews'"),
    "a text": (lambda folder: ["preview", "word " * 1000], "no dataset is called 'word word "),
    "a path that is too long": (lambda folder: ["train", "word" * 1000 + ".csv"], "File name too long"),
    "a folder that is too long": (lambda folder: ["predict", "run" * 1000, "a film"], "too long"),
    "missing file": (lambda folder: ["train", "none.csv"], "none.csv"),
    "missing column": (
        lambda folder: ["train", str(write(folder / "a.csv", "words,label\ngood,1\n"))],
        "a.csv, line 2, column 'text': there is no such column; there are: ",
    ),
    "broken row": (
        lambda folder: ["train", str(write(folder / "b.csv", 'text,label\nfine,1\n"open,0\nbad,0\n'))],
        "b.csv, line 3",
    ),
    "empty file": (lambda folder: ["train", str(write(folder / "c.csv", ""))], "c.csv"),
    "no rows": (lambda folder: ["train", str(write(folder / "d.csv", "text,label\n"))], "holds no rows"),
    "one class": (
        lambda folder: ["train", str(write(folder / "e.csv", "text,label,stars\n" + "".join(f"t{i},0,{i}\n" for i in range(30))))],
        "two classes or more, and all rows are '0'; the label may be in another column; label= says which; "
        "besides text and label there are 'stars' (in a command --set dataset.label=…)",
    ),
    "no class": (
        lambda folder: ["train", str(write(folder / "e.csv", "text\n" + "".join(f"t{i}\n" for i in range(30))))],
        "'csv': a model needs labels to learn, and there are none; the label may be in another column; label= says which; "
        "besides text and label there are no others",
    ),
    "a picture": (lambda folder: ["preview", str(write(folder / "ex.png", "x"))], "ex.png: no such kind of file is read; names of those that are end in .arff, .arrow, "),
    "a document": (
        lambda folder: ["train", str(write(folder / "notes.docx", "x"))],
        "such as 'csv', and path= (in a command --set dataset.path=…)",
    ),
    "a page": (lambda folder: ["train", "https://example.org/reviews.html"], "reviews.html: no such kind of file is read"),
    "unknown step": (lambda folder: ["train", "movie-reviews", "--set", 'steps=["lowercas"]'], "no step is called 'lowercas'"),
    "bad option": (
        lambda folder: ["train", "movie-reviews", "--set", 'steps=[{name="normalize_unicode",form="NFX"}]'],
        "step 'normalize_unicode': option 'form'",
    ),
    "unknown key": (lambda folder: ["train", "movie-reviews", "--set", "trainig.epochs=1"], "option 'trainig'"),
    "unknown device": (
        lambda folder: ["train", str(write(folder / "f.jsonl", "".join(f'{{"text": "t {i}", "label": {i % 2}}}\n' for i in range(40)))), "--set", "training.device=gpu7"],
        "'gpu7'",
    ),
}  # fmt: skip


@pytest.mark.parametrize("wrong", WRONG)
def test_wrong_input_is_one_clear_line(wrong, textprep, tmp_path) -> None:
    arguments, message = WRONG[wrong]
    done = textprep(*arguments(tmp_path))
    assert done.code == 1
    assert done.out == ""
    errors = [line for line in done.err.splitlines() if line.startswith("textprep: error: ")]
    assert len(errors) == 1
    assert done.err.splitlines()[-1] == errors[0]
    assert message in errors[0]
    assert "Traceback" not in done.err
    assert not (tmp_path / "runs").exists() or not list((tmp_path / "runs").iterdir())


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="sends SIGINT")
def test_ctrl_c_saves_what_was_learned(reviews, small, tmp_path) -> None:
    """A real interrupt in a real process: exit code 130, and the run predicts."""
    command = [sys.executable, "-m", "textprep", "train", str(reviews), "--run", "run", *small, "--set", "training.epochs=100000", "--set", "training.patience=100000"]  # fmt: skip
    environment = {**os.environ, "TEXTPREP_CACHE": str(tmp_path / "cache")}
    process = subprocess.Popen(
        command, cwd=tmp_path, env=environment, stderr=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert process.stderr
    for line in process.stderr:
        if line.startswith("epoch 2"):
            break
    time.sleep(0.2)
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=60)
    assert process.returncode == 130, err
    assert "Traceback" not in err
    assert "saved in run" in out
    assert re.search(r"stopped by Ctrl-C after step (\d+); training can go on from step \1\n", err)
    assert json.loads((tmp_path / "run" / "metrics.json").read_text())["interrupted"] is True
    from textprep.training.runs.run import Run

    assert Run.load(tmp_path / "run").predict(["A dull film"])[0].label in ("bad", "good")


@pytest.mark.parametrize(
    ("command", "moment"),
    [
        ("prepare", "prepared.prepare.prepare"),
        ("train", "training.runs.prepared_data.prepare"),
        ("train", "training.runs.prepared_data.load_corpus"),
        ("compare", "training.trials.compare.load_corpus"),
    ],
)
def test_ctrl_c_before_training_begins_says_what_becomes_of_it(
    command, moment, textprep, reviews, small, monkeypatch
) -> None:
    def interrupted(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(f"textprep.{moment}", interrupted)
        done = textprep(command, reviews, *small)
    assert done.code == 130
    assert done.err.splitlines()[-1] == "stopped; to go on from what was saved: the same command"
    if command != "compare":  # which trains for long
        assert textprep(command, reviews, *small).code == 0


@pytest.mark.parametrize(
    "moment", ["runs.experiment.predict_outputs", "targets.one_class.classification_metrics"]
)
def test_ctrl_c_while_scoring_saves_the_weights_unscored(
    moment, textprep, reviews, small, monkeypatch
) -> None:
    def interrupted(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(f"textprep.training.{moment}", interrupted)
        done = textprep("train", reviews, *small, "--run", "run")
    assert done.code == 130
    assert "not scored" in done.out
    unscored = textprep("evaluate", "run")
    assert unscored.code == 1
    assert "stopped before it was scored" in unscored.err
    assert done.err.splitlines()[-1] == "stopped; to go on from what was saved: textprep resume run"
    resumed = textprep("resume", "run")
    assert resumed.code == 0, resumed.err
    assert "scores on the held-out split" in resumed.out
    assert "nothing to go on with" in textprep("resume", "run").err


def test_ctrl_c_after_training_and_before_the_scores_names_the_command_that_goes_on(
    textprep, reviews, small, monkeypatch
) -> None:
    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr("textprep.training.runs.experiment._describe_training", interrupted)
        done = textprep("train", reviews, *small, "--seeds", "2")
    assert done.code == 130
    assert (
        done.err.splitlines()[-1] == "stopped; to go on from what was saved: textprep resume runs/reviews-1"
    )
    resumed = textprep("resume", "runs/reviews-1", "--json")
    assert resumed.code == 0, resumed.err
    assert json.loads(resumed.out)["runs"] == ["seed-0", "seed-1"]


def test_a_failed_training_leaves_the_persons_own_folder(textprep, reviews, tmp_path) -> None:
    (tmp_path / "mine").mkdir()
    (tmp_path / "file").write_text("")
    done = textprep("train", reviews, "--run", "mine", "--cache-dir", "file")
    assert done.code == 1
    assert list((tmp_path / "mine").iterdir()) == []
    textprep("train", reviews, "--run", "new/one", "--cache-dir", "file")
    assert not (tmp_path / "new" / "one").exists()


def test_two_runs_never_share_a_folder(tmp_path) -> None:
    from textprep.errors import RunError
    from textprep.training.directory import claimed_run_directory

    with claimed_run_directory(tmp_path / "same", "x") as first:
        with (
            pytest.raises(RunError, match=r"another process is training in .*same"),
            claimed_run_directory(tmp_path / "same", "x"),
        ):
            pass
        assert first.is_dir()


def test_a_registered_name_is_not_shadowed_by_a_folder(textprep, tmp_path) -> None:
    (tmp_path / "movie-reviews").mkdir()
    assert "negative" in textprep("preview", "movie-reviews", "--rows", "1").out


def test_scores_of_the_split_that_chose_the_epoch_are_said_to_be_optimistic(textprep, reviews, small) -> None:
    note = "(it chose the epoch too, so the scores are optimistic)"
    short = (*small, "--set", "training.epochs=1", "--set")
    undivided = (reviews, *short, "dataset.splits=none")
    assert f"split 'validation' {note}:" in textprep("train", *undivided, "--run", "r").out
    assert f"split 'validation' {note}:" in textprep("evaluate", "r").out
    assert note in Path("r/report.html").read_text()
    both = textprep("train", *undivided, "--seeds", "2").out
    assert note in both
    assert "spread" in both
    assert note not in textprep("train", reviews, *short, "training.seed=1", "--run", "divided").out
    assert note not in Path("divided/report.html").read_text()


def test_rejected_rows_are_reported(textprep, tmp_path) -> None:
    rows = [f"a text {i},{'ab'[i % 2]}" for i in range(40)]
    write(tmp_path / "bad.csv", "text,label\n" + "\n".join([*rows, "one,two,three"]) + "\n")
    done = textprep("prepare", "bad.csv", "--set", "dataset.on_error=skip")
    assert done.code == 0
    assert "41 rows read = 40 kept + 1 skipped\nthe first of them: bad.csv, line 42" in done.err


def test_unlabelled_rows_can_be_prepared(textprep, tmp_path) -> None:
    write(tmp_path / "plain.csv", "text\n" + "\n".join(f"a text {i}" for i in range(9)) + "\n")
    options = ["--set", "dataset.label=none", "--set", "dataset.splits=none"]
    done = textprep("prepare", "plain.csv", *options, "--json")
    assert json.loads(done.out)["splits"]["train"]["rows"] == 9
    assert "label none" in textprep("preview", "plain.csv", *options).out


@pytest.mark.skipif(sys.platform == "win32", reason="sends SIGINT")
def test_ctrl_c_while_saving_waits_until_the_run_is_whole(trained, tmp_path, monkeypatch) -> None:
    from textprep.pipeline import Pipeline
    from textprep.training.runs.run import Run

    run = Run.load(trained)
    saved = Pipeline.save

    def save_and_be_interrupted(self: Pipeline, path: Path) -> None:
        saved(self, path)
        os.kill(os.getpid(), signal.SIGINT)

    monkeypatch.setattr(Pipeline, "save", save_and_be_interrupted)
    with pytest.raises(KeyboardInterrupt):
        run.save(tmp_path)
    assert Run.load(tmp_path).metrics == run.metrics


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="sends SIGKILL")
@pytest.mark.parametrize("by", [signal.SIGKILL, signal.SIGINT])
def test_a_stopped_training_goes_on_to_the_same_weights(by, textprep, reviews, small, tmp_path) -> None:
    """A real signal in the middle; the run that is resumed is, byte for byte, the one that was not stopped."""
    options = [*small, "--set", "training.epochs=30", "--set", "training.patience=30", "--set", "training.checkpoint_every=7"]  # fmt: skip
    environment = {**os.environ, "TEXTPREP_CACHE": str(tmp_path / "cache"), "OMP_NUM_THREADS": "1"}

    def start(*arguments: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [sys.executable, "-m", "textprep", *arguments],
            cwd=tmp_path, env=environment, stderr=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        )  # fmt: skip

    stopped = start("train", str(reviews), "--run", "stopped", *options)
    assert stopped.stderr
    for line in stopped.stderr:
        if line.startswith("epoch 4"):
            break
    stopped.send_signal(by)
    stopped.communicate(timeout=60)
    if by == signal.SIGKILL:
        assert not (tmp_path / "stopped" / "run.json").exists()
        assert "'textprep resume' goes on with it" in textprep("predict", "stopped", "A film").err
    else:
        assert stopped.returncode == 130
        assert textprep("predict", "stopped", "A film").code == 0

    for arguments in (("resume", "stopped"), ("train", str(reviews), "--run", "whole", *options)):
        process = start(*arguments)
        _, err = process.communicate(timeout=120)
        assert process.returncode == 0, err
    for file in ("model.safetensors", "predictions.safetensors", "curves.json"):
        assert (tmp_path / "stopped" / file).read_bytes() == (tmp_path / "whole" / file).read_bytes(), file
    steps = [[json.loads(line)["step"] for line in (tmp_path / run / "log.jsonl").open()] for run in ("stopped", "whole")]  # fmt: skip
    assert steps[0] == steps[1]
    assert "nothing to go on with" in textprep("resume", "stopped").err


def test_several_seeds_are_runs_of_their_own_with_a_spread(textprep, reviews, small, tmp_path) -> None:
    done = textprep("train", reviews, *small, "--set", "training.epochs=2", "--seeds", "2", "--run", "both", "--json")  # fmt: skip
    assert done.code == 0, done.err
    summary = json.loads(done.out)
    assert summary["runs"] == ["seed-0", "seed-1"]
    accuracies = [
        json.loads((tmp_path / "both" / run / "metrics.json").read_text())["accuracy"]
        for run in summary["runs"]
    ]
    assert summary["accuracy"]["values"] == accuracies
    assert summary["accuracy"]["mean"] == pytest.approx(sum(accuracies) / 2)
    assert summary == {"run": "both", **json.loads((tmp_path / "both" / "seeds.json").read_text())}
    assert textprep("predict", "both/seed-1", "A dull film").code == 0


@pytest.mark.slow
def test_two_processes_train_one_run_under_torchrun(reviews, small, tmp_path) -> None:
    environment = {**os.environ, "OMP_NUM_THREADS": "1"}
    command = ["-m", "torch.distributed.run", "--standalone", "--nproc-per-node=2", "-m", "--", "textprep", "train", str(reviews), "--run", "run", "--json", *small]  # fmt: skip
    done = subprocess.run(
        [sys.executable, *command], cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=200,
        check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["accuracy"] >= 0.9  # once: one of the two speaks
    assert done.stderr.count("epoch 1: training loss") == 1


def test_each_model_can_be_trained_and_loaded(textprep, reviews, small) -> None:
    for model in ("name=gru", "attention=multihead", "name=transformer"):
        more = ["--set", f"model.{model}", "--set", "training.epochs=1", "--run", model]
        assert textprep("train", reviews, *small, *more).code == 0
        assert textprep("predict", model, "A dull film").code == 0


def test_the_report_of_a_run_can_be_made_again(textprep, reviews, small, tmp_path) -> None:
    textprep("train", reviews, *small)
    page = tmp_path / "runs" / "reviews-1" / "report.html"
    page.unlink()
    done = textprep("report", "runs/reviews-1")
    assert done.code == 0, done.err
    assert "wrote runs/reviews-1/report.html" in done.err
    assert page.read_text(encoding="utf-8").startswith("<!doctype html>")
    assert "there is no run directory nosuch" in textprep("report", "nosuch").err
