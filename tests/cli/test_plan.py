"""`textprep plan` says before training what an epoch costs, in a terminal and as JSON."""

from __future__ import annotations

import json

import pytest

ROWS = [(f"a {'very ' * (number % 30)}fine film", ("bad", "good")[number % 3 == 0]) for number in range(120)]


@pytest.fixture
def rows(tmp_path):
    path = tmp_path / "reviews.jsonl"
    path.write_text("\n".join(json.dumps({"text": text, "label": label}) for text, label in ROWS))
    return path


def test_a_table_and_a_picture(textprep, rows):
    done = textprep("plan", rows, "--set", "loader.max_length=20")
    assert done.code == 0, done.err
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
        assert words in done.out
    assert "cut at 20 tokens: " in done.out


def test_as_json(textprep, rows):
    options = ["--json", "--ranks", "2", "--set", "loader.max_tokens=256"]
    options += ["--set", "loader.weights=balanced", "--set", "loader.window=4096"]
    done = textprep("plan", rows, *options)
    assert done.code == 0, done.err
    stats = json.loads(done.out)
    assert stats["drawn"] == stats["rows"] < len(ROWS)
    assert stats["peak_area"] <= 256
    assert stats["steps"] == -(-stats["batches"] // 2)
    assert 0 <= stats["padding_share"] < 0.2
    bad, good = stats["classes"]
    assert (bad["name"], good["name"]) == ("bad", "good")
    assert abs(bad["drawn"] - good["drawn"]) <= 1
    assert good["effective"] < good["drawn"] > good["distinct"], "the rare class comes more than once"
    assert sum(stats["lengths"]["counts"]) == stats["rows"]


def test_max_tokens_alone_bounds_no_number_of_texts(textprep, rows):
    stats = json.loads(textprep("plan", rows, "--json", "--set", "loader.max_tokens=8192").out)
    assert stats["texts_a_step"]["most"] == stats["rows"] > 64


@pytest.mark.parametrize(
    ("option", "message"),
    [
        ("loader.max_tokens=0", "loader.max_tokens"),
        ("loader.too_long=error", "too_long says what becomes of rows"),
    ],
)
def test_an_option_that_cannot_be_used_is_one_line(textprep, rows, option, message):
    done = textprep("plan", rows, "--set", option)
    assert done.code == 1
    assert message in done.err
    assert "Traceback" not in done.err


def test_a_split_that_is_not_there_is_one_line(textprep, rows):
    done = textprep("plan", rows, "--split", "dev")
    assert done.code == 1
    assert "there is no split 'dev'; there are: train, validation, test" in done.err
