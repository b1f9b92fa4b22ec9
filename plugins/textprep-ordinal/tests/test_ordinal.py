from __future__ import annotations

import json
import random
import subprocess
import sys

import pytest
import torch
from textprep_ordinal_training import OrdinalObjective, squared_distance

import textprep as tp
from textprep.config.options import TrainingOptions
from textprep.testing import checks_of
from textprep.training.targets import objective_of

STARS = {"awful": 1, "dull": 2, "fair": 3, "good": 4, "great": 5}


@pytest.mark.parametrize("check", checks_of("textprep-ordinal"), ids=str)
def test_conformance(check):
    check()


def test_a_far_miss_costs_more_than_a_near_one():
    outputs, labels = torch.randn(4, 5, generator=torch.Generator().manual_seed(0)), torch.arange(4)
    near, far = torch.zeros(1, 5), torch.zeros(1, 5)
    near[0, 1], far[0, 4] = 9.0, 9.0
    assert squared_distance(near, torch.tensor([0]))[0] < squared_distance(far, torch.tensor([0]))[0]
    total, rows = squared_distance(outputs, labels)
    each = [squared_distance(outputs[i : i + 1], labels[i : i + 1])[0] for i in range(4)]
    assert rows == 4
    assert total.item() == pytest.approx(sum(map(float, each)), rel=1e-5)


def test_rows_without_a_label_have_no_part():
    outputs = torch.randn(3, 5)
    some, all_ = torch.tensor([1, -100, 2]), torch.tensor([1, 2])
    assert squared_distance(outputs, some)[0] == pytest.approx(
        squared_distance(outputs[[0, 2]], all_)[0].item()
    )


def command(*words: str, cwd) -> str:
    words = (sys.executable, "-m", "textprep", *words)
    ran = subprocess.run(words, check=False, cwd=cwd, capture_output=True, text=True)
    assert ran.returncode == 0, ran.stderr
    return ran.stdout


def test_it_trains_from_the_command_line_with_a_report(tmp_path):
    choice = random.Random(0)
    lines = [
        f"the film of {choice.choice('abcdefgh')} is {word} {choice.choice('klmnop')},{stars}"
        for word, stars in STARS.items()
        for _ in range(40)
    ]
    (tmp_path / "reviews.csv").write_text("review,stars\n" + "\n".join(lines))
    told = ("dataset.target=ordinal", "training.monitor=distance", "training.epochs=8",
            "training.learning_rate=0.01", "model.word_pairs=64")  # fmt: skip
    options = [word for each in told for word in ("--set", each)]
    trained = command(
        "train", "reviews.csv", "--run", "run", "--cache-dir", "cache", "--json", *options, cwd=tmp_path
    )
    metrics = json.loads(trained)
    assert metrics["class_names"] == ["1", "2", "3", "4", "5"]
    low, high = metrics["intervals"]["distance"]
    assert low <= metrics["distance"] <= high
    assert metrics["distance"] < 0.5
    assert "mean distance" in (tmp_path / "run" / "report.html").read_text()
    assert "mean distance" in command("evaluate", "run", cwd=tmp_path)
    run = tp.Run.load(tmp_path / "run")
    assert isinstance(run.objective, OrdinalObjective)
    assert run.predict(["the film of a is great k"])[0].label == "5"


@pytest.mark.parametrize("option", [{"class_weights": "balanced"}, {"label_smoothing": 0.1}])
def test_options_of_classes_that_have_no_part_in_the_loss_are_refused(option):
    with pytest.raises(tp.TextprepError, match=f"training.{next(iter(option))} does not apply"):
        objective_of("ordinal").check_options(TrainingOptions(**option))


@pytest.mark.parametrize(
    ("labels", "known", "told"),
    [((1, 2, 10, -1), None, 0), (("low", "mid", "high"), None, 1), (("low", "high"), ["low", "high"], 0)],
)
def test_it_is_said_when_the_order_is_that_of_the_alphabet(labels, known, told):
    rows = [{"text": f"a {n}", "label": labels[n % len(labels)]} for n in range(40)]
    corpus = tp.load_dataset("memory", rows=rows, target="ordinal", class_names=known)
    assert sum("alphabetical order" in note for note in corpus.notes) == told
