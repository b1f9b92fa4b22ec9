"""Two texts in a row, from a file to predictions, through the commands alone."""

from __future__ import annotations

import json

import pytest

from tests.training.made import made_questions

ROWS = made_questions(120)["train"]
SETS = ["training.epochs=1", "training.device=cpu", "model.embedding_dim=8", "model.hidden_dim=4",
        "model.word_pairs=64", "dataset.pair=second", "loader.pair_truncation=only_second",
        "loader.max_length=14"]  # fmt: skip
OPTIONS = [word for option in SETS for word in ("--set", option)]


def write(path, rows):
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return path


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("pairs")


@pytest.fixture
def run(folder, textprep):
    """Trained by the first test that asks."""
    if not (folder / "run").exists():
        done = textprep("train", write(folder / "pairs.jsonl", ROWS), "--run", folder / "run", *OPTIONS)
        assert done.code == 0, done.err
        assert done.out.endswith('"your own text" --pair "and the second"\n')
    return folder / "run"


def test_a_configuration_says_which_column_is_the_second_text(run) -> None:
    config = json.loads((run / "config.json").read_text())
    assert config["dataset"]["pair"] == "second"
    assert config["loader"]["pair_truncation"] == "only_second"
    assert json.loads((run / "run.json").read_text())["model"]["pairs"] is True


def test_predict_takes_second_texts_from_the_command_line_and_from_files(run, folder, textprep) -> None:
    texts = [word for row in ROWS[:2] for word in (row["text"],)]
    second = [word for row in ROWS[:2] for word in ("--pair", row["second"])]
    typed = json.loads(textprep("predict", run, *texts, *second, "--json").out)
    assert [row["pair"] for row in typed] == [row["second"] for row in ROWS[:2]]
    read = json.loads(textprep("predict", run, "--data", folder / "pairs.jsonl", "--json").out)
    assert len(read) == len(ROWS)
    for one, other in zip(typed, read, strict=False):
        assert one["probabilities"] == pytest.approx(other["probabilities"], abs=1e-5)
    assert f"{ROWS[0]['text']}  |  {ROWS[0]['second']}" in textprep("predict", run, texts[0], *second[:2]).out


def test_evaluate_and_explain_read_both(run, folder, textprep) -> None:
    done = textprep("evaluate", run, "--data", folder / "pairs.jsonl", "--json")
    assert json.loads(done.out)["rows"] == len(ROWS)
    done = textprep("explain", run, "paint the door", "--pair", "how do i paint my door")
    assert done.code == 0, done.err
    assert "how do i paint my door" in done.out and "<sep>" in done.out  # noqa: PT018
    pairs = textprep("explain", "paint the door", "--pair", "a roof")
    assert "roof" in pairs.out, pairs.err
    page = folder / "page.html"
    assert textprep("explain", run, "paint the door", "--pair", "a roof", "--html", page).code == 0
    assert "roof" in page.read_text()


def test_what_is_missing_or_too_much_is_one_line_of_advice(run, folder, textprep) -> None:
    for command in ("predict", "explain"):
        done = textprep(command, run, "a door")
        assert done.code == 1
        assert "compares two texts, and the second ones are missing" in done.err
        assert "--pair TEXT" in done.err
    done = textprep("predict", run, "--data", folder / "pairs.jsonl", "--pair", "a roof")
    assert "give --pair or --data, not both" in done.err
    done = textprep("predict", run, "a door", "a roof", "--pair", "a fence")
    assert "there are 2 first and 1 second" in done.err
    lacking = write(folder / "lacking.jsonl", [{"text": row["text"], "label": row["label"]} for row in ROWS])
    for command in ("predict", "evaluate"):
        done = textprep(command, run, "--data", lacking)
        assert done.code == 1
        assert "no column 'second', which the training data have" in done.err
        assert "--set dataset.pair=" in done.err
    renamed = write(folder / "renamed.jsonl", [{**row, "other": row["second"], "second": ""} for row in ROWS])
    done = textprep("evaluate", run, "--data", renamed, "--set", "dataset.pair=other", "--json")
    assert json.loads(done.out)["rows"] == len(ROWS), done.err
