"""Several labels a row, from a file to predictions, through the commands alone."""

from __future__ import annotations

import json

import pytest

from textprep.training.runs.run import Run

WORDS = {"funny": ("hilarious", "witty"), "scary": ("creepy", "gory"), "sad": ("tearful", "bleak")}
ROWS = [
    {"text": f"A {first}, {second} film, number {number}.", "label": sorted({one, other})}
    for one, firsts in WORDS.items()
    for other, seconds in WORDS.items()
    for first in firsts
    for second in seconds
    for number in range(4)
] + [{"text": f"A film, number {number}.", "label": []} for number in range(20)]


def write(path, rows):
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return path


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("several")


@pytest.fixture
def run(folder, textprep):
    """Trained by the first test that asks."""
    if not (folder / "run").exists():
        options = ["dataset.target=classes", "training.epochs=10", "training.learning_rate=0.02"]
        sets = [word for option in options for word in ("--set", option)]
        done = textprep("train", write(folder / "films.jsonl", ROWS), "--run", folder / "run", *sets)
        assert done.code == 0, done.err
        assert "rows with all their labels and no other" in done.out
    return folder / "run"


def test_training_learns_them(run):
    scores = Run.load(run).metrics
    assert scores["macro"]["f1"] > 0.9
    assert scores["micro"]["f1"] > 0.9
    assert scores["accuracy"] > 0.8
    assert set(scores["per_class"]) == set(WORDS)
    assert "confusion_matrix" not in scores


def test_the_report_shows_the_scores_and_explain_a_probability_for_each_class(run, textprep):
    page = (run / "report.html").read_text()
    assert "Rows with all their labels and no other" in page
    assert 'id="h-scores"' in page
    for part in ("has it not", "Right, and surest", "decisions are wrong", "attention.project", "sigmoid"):
        assert part in page
    assert '"several": true' in page
    said = json.loads(textprep("explain", run, "A witty, bleak film.", "--json").out)
    assert {name for name, share in said["probabilities"].items() if share > 0.5} == {"funny", "sad"}


def test_every_text_gets_as_many_as_it_deserves(run, textprep):
    done = textprep("predict", run, "A witty, bleak film.", "A film.", "--json")
    assert [each["label"] for each in json.loads(done.out)] == [["funny", "sad"], []]
    shown = textprep("predict", run, "A witty, bleak film.", "A film.").out.splitlines()
    assert shown[0].startswith("funny ")
    assert ", sad " in shown[0]
    assert shown[1].startswith("(none)")


def test_what_predict_says_is_a_file_that_evaluate_reads(run, textprep, tmp_path):
    said = json.loads(textprep("predict", run, "--data", write(tmp_path / "a.jsonl", ROWS), "--json").out)
    scores = json.loads(textprep("evaluate", run, "--data", write(tmp_path / "b.jsonl", said), "--json").out)
    assert scores["accuracy"] == 1.0
    assert scores["rows"] == len(ROWS)


def test_a_threshold_decides_one_class_and_leaves_the_others(run, textprep):
    before = Run.load(run).predict(["A witty, bleak film."])[0]
    done = textprep("evaluate", run, "--min-recall", "1", "--class", "sad")
    assert done.code == 0
    assert "a text is 'sad' from a probability of" in done.out
    assert textprep("report", run).code == 0
    assert f'"chosen": {{"class": {sorted(WORDS).index("sad")}' in (run / "report.html").read_text()
    loaded = Run.load(run)
    marked = loaded.predict(["A witty, bleak film."])[0]
    assert ("sad" in marked.label) == (marked.probabilities["sad"] >= loaded.threshold.value)
    assert set(marked.label) - {"sad"} == set(before.label) - {"sad"}
    assert "'sad' from a probability of" in textprep("predict", run, "A film.").err
    assert textprep("evaluate", run, "--reset-threshold").code == 0


def test_rows_with_one_label_are_refused(run, textprep, tmp_path):
    one = write(tmp_path / "one.jsonl", [{"text": "A witty film.", "label": "funny"}])
    done = textprep("evaluate", run, "--data", one)
    assert done.code == 1
    assert "not a list of labels" in done.err
    assert "(in a command --set dataset.separator=…)" in done.err
    assert textprep("evaluate", run, "--data", one, "--set", 'dataset.separator=","').code == 0
    done = textprep("evaluate", run, "--data", one, "--set", "dataset.target=class")
    assert done.code == 1
    assert "--set dataset.target=classes" in done.err


def test_one_class_is_given_or_not(textprep, tmp_path):
    rows = [{**row, "label": ["scary"] if "scary" in row["label"] else []} for row in ROWS]
    options = ["dataset.target=classes", "training.epochs=10", "training.learning_rate=0.02"]
    sets = [word for option in options for word in ("--set", option)]
    done = textprep("train", write(tmp_path / "scary.jsonl", rows), "--run", "one", *sets)
    assert done.code == 0, done.err
    said = json.loads(textprep("predict", "one", "A creepy film.", "A bleak film.", "--json").out)
    assert [each["label"] for each in said] == [["scary"], []]
    assert "scary or not" in textprep("explain", "one", "A creepy film.").out
    none = write(tmp_path / "none.jsonl", [{**row, "label": []} for row in ROWS])
    assert "a classifier needs labels" in textprep("train", none, *sets).err


def test_looking_before_training(textprep, tmp_path):
    several = ("--set", "dataset.target=classes")
    path = write(tmp_path / "films.jsonl", ROWS)
    plan = json.loads(textprep("plan", path, *several, "--json").out)
    assert {each["name"] for each in plan["classes"]} == set(WORDS)
    assert "label funny, scary" in textprep("preview", path, *several, "--rows", "30").out
