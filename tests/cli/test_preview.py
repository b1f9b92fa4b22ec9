"""``preview`` shows rows on their way from raw text to ids."""

from __future__ import annotations

import json


def test_preview_shows_every_step_then_tokens_and_ids(textprep, reviews) -> None:
    done = textprep("preview", reviews, "--rows", "2")
    assert done.code == 0
    for word in ("raw", "strip_markup", "lowercase", "tokens", "<br />", "train"):
        assert word in done.out
    assert done.out.count("── row") == 2


def test_preview_as_json_is_what_the_pipeline_does(textprep, reviews) -> None:
    rows = json.loads(
        textprep("preview", reviews, "--json", "--split", "test", "--set", 'steps=["lowercase"]').out
    )
    assert len(rows) == 3
    for row in rows:
        assert row["steps"] == [{"step": "lowercase", "text": row["raw"].lower()}]
        assert "".join(row["tokens"]) == row["raw"].lower().replace(" ", "")
        assert len(row["ids"]) == len(row["tokens"])


def test_preview_of_a_split_that_is_not_there(textprep, reviews) -> None:
    done = textprep("preview", reviews, "--split", "tests")
    assert done.code == 1
    assert "no split 'tests'" in done.err
    assert done.err.count("\n") == 1


def test_preview_with_plan_says_how_each_step_runs(textprep, reviews) -> None:
    word = ["--set", "tokenizer=word", "--set", 'steps=["lowercase"]']
    both = [*word[:3], 'steps=["strip_markup", "lowercase"]']
    done = textprep("preview", reviews, "--plan", *both)
    assert done.code == 0
    assert [line.split()[0] for line in done.out.splitlines()] == ["strip_markup", "lowercase", "word"]
    parts = json.loads(textprep("preview", reviews, "--plan", "--json", *word).out)
    assert [part["name"] for part in parts] == ["lowercase", "word"]
    assert all(part["runs"] and part["why"] for part in parts)
