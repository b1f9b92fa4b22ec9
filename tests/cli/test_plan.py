"""`textprep plan` says before training what an epoch costs, in a terminal, as JSON and as a picture."""

from __future__ import annotations

import json
from xml.etree import ElementTree

import pytest

ROWS = [(f"a {'very ' * (number % 30)}fine film", ("bad", "good")[number % 3 == 0]) for number in range(120)]


@pytest.fixture
def reviews(tmp_path):
    path = tmp_path / "reviews.jsonl"
    path.write_text("\n".join(json.dumps({"text": text, "label": label}) for text, label in ROWS))
    return path


def test_a_table_and_a_picture(run_python, reviews):
    done = run_python("-m", "textprep", "plan", str(reviews), "--set", "loader.max_length=20")
    assert done.returncode == 0, done.stderr
    for words in (
        "steps",
        "padding",
        "tokens a step",
        "largest batch",
        "tokens cut away",
        "bad",
        "good",
        "█",
    ):
        assert words in done.stdout
    assert "cut at 20 tokens: " in done.stdout


def test_as_json_and_as_a_drawing(run_python, reviews, tmp_path):
    drawing = tmp_path / "lengths.svg"
    options = ["--json", "--svg", str(drawing), "--ranks", "2", "--set", "loader.max_tokens=256"]
    done = run_python("-m", "textprep", "plan", str(reviews), *options)
    assert done.returncode == 0, done.stderr
    stats = json.loads(done.stdout)
    assert stats["drawn"] == stats["rows"] < len(ROWS)
    assert stats["peak_area"] <= 256
    assert stats["steps"] == -(-stats["batches"] // 2)
    assert 0 <= stats["padding_share"] < 0.2
    assert [each["name"] for each in stats["classes"]] == ["bad", "good"]
    assert sum(stats["lengths"]["counts"]) == stats["rows"]
    assert ElementTree.parse(drawing).getroot().tag.endswith("svg")


@pytest.mark.parametrize(
    ("option", "message"),
    [
        ("loader.max_tokens=0", "loader.max_tokens"),
        ("loader.too_long=alone", "too_long says what becomes of rows"),
    ],
)
def test_an_option_that_cannot_be_used_is_one_line(run_python, reviews, option, message):
    done = run_python("-m", "textprep", "plan", str(reviews), "--set", option)
    assert done.returncode
    assert message in done.stderr
    assert "Traceback" not in done.stderr


def test_a_split_that_is_not_there_is_one_line(run_python, reviews):
    done = run_python("-m", "textprep", "plan", str(reviews), "--split", "dev")
    assert done.returncode
    assert "there is no split 'dev'; there are: train, validation, test" in done.stderr
