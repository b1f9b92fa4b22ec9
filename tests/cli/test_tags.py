"""A tag for each token, from a folder of files to spans of raw texts, through the commands alone."""

from __future__ import annotations

import json
import runpy
from pathlib import Path

import pytest

EXAMPLE = runpy.run_path(str(Path(__file__).resolve().parents[2] / "examples" / "tagging.py"))
SETS = ["training.epochs=10", "training.device=cpu", "loader.max_length=24"]
OPTIONS = [word for option in SETS for word in ("--set", option)]
TEXT = "The  mayor of Velmora wrote to Tomira Balen on 3 May 1987."


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("tags")
    EXAMPLE["write"](folder / "sentences")
    return folder


@pytest.fixture
def run(folder, textprep):
    """Trained by the first test that asks."""
    if not (folder / "run").exists():
        assert textprep("check", folder / "sentences" / "tags.toml").code == 0
        done = textprep("train", folder / "sentences" / "tags.toml", "--run", folder / "run", *OPTIONS)
        assert done.code == 0, done.err
    return folder / "run"


def test_no_name_or_place_of_a_split_is_in_another():
    pools = [set(EXAMPLE["words"](pool)) for pool in range(8)]
    assert min(map(len, pools)) > 200
    assert len(set.union(*pools)) == sum(map(len, pools))


@pytest.mark.slow
def test_entities_that_training_never_saw_are_found(run, textprep) -> None:
    scores = json.loads(textprep("evaluate", run, "--json").out)
    assert scores["f1"] > 0.9 > 0.4 > scores["baseline"]["f1"]
    low, high = scores["intervals"]["f1"]
    assert low <= scores["f1"] <= high
    said = textprep("evaluate", run).out
    assert "always guessing the most frequent tag of each word gives F1 0." in said
    assert "true \\ predicted" in said
    page = (run / "report.html").read_text(encoding="utf-8")
    assert "What was taken for what" in page
    assert page.count('<li data-cells="') == 200


@pytest.mark.slow
def test_predictions_are_spans_of_the_raw_text(run, textprep) -> None:
    (said,) = json.loads(textprep("predict", run, TEXT, "--json").out)
    assert [(span["label"], span["text"]) for span in said["spans"]] == [
        ("LOC", "Velmora"), ("PER", "Tomira Balen"), ("DATE", "3 May 1987"),
    ]  # fmt: skip
    assert all(TEXT[span["start"] : span["end"]] == span["text"] for span in said["spans"])
    assert said["unread"] == []
    line = textprep("predict", run, TEXT).out
    assert line.startswith("Velmora LOC ")
    assert "Tomira Balen PER" in line


@pytest.mark.slow
def test_what_a_row_does_not_hold_is_said(run, textprep) -> None:
    long = f"{'Nothing happened that day. ' * 6}{TEXT}"
    (said,) = json.loads(textprep("predict", run, long, "--json").out)
    (part,) = said["unread"]
    assert 0 < part["start"] < part["end"] < len(long)
    assert f"{part['start']}:{part['end']} not read" in textprep("predict", run, long).out


@pytest.mark.slow
def test_other_data_are_scored_and_a_text_is_explained(run, folder, textprep) -> None:
    rows = list(EXAMPLE["sentences"](7, 60))
    path = folder / "new.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    scores = json.loads(textprep("evaluate", run, "--data", path, "--json").out)
    assert scores["rows"] == 60
    assert scores["f1"] > 0.85
    predicted = json.loads(textprep("predict", run, "--data", path, "--json").out)
    right = [
        {(span["start"], span["end"], span["label"]) for span in row["spans"]}
        == {(span["start"], span["end"], span["label"]) for span in said["spans"]}
        for row, said in zip(rows, predicted, strict=True)
    ]
    assert sum(right) > 45
    read = json.loads(textprep("explain", run, TEXT, "--json").out)
    assert read["spans"][0]["text"] == "Velmora"
    assert read["tokens"]
    assert "\nfound  Velmora LOC " in textprep("explain", run, TEXT).out
    assert textprep("explain", run, TEXT, "--html", folder / "text.html").code == 0
    assert '<bdi>Tomira Balen</bdi>&nbsp;<span class="type">PER' in (folder / "text.html").read_text()
