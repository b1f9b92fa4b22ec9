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


def test_the_label_of_every_kind_of_target(textprep, tmp_path) -> None:
    rows = [{"text": f"text {i}", "price": i / 2, "stars": i, "genre": "a|b"} for i in range(10)]
    (tmp_path / "r.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    (tmp_path / "r.toml").write_text(
        'dataset = { name = "jsonl", path = "r.jsonl", splits = "none", label = "price", target = "number" }\n'
    )
    several = '{name="classes", separator="|"}'
    for options, label, shown in (
        ([], 0.5, "── row 1, label 0.5\n"),
        (['dataset.label=["price", "stars"]'], [0.5, 1.0], "── row 1, label 0.5, 1.0\n"),
        (["dataset.target=class", "dataset.label=stars"], "1", "── row 1, label 1\n"),
        (["dataset.label=genre", f"dataset.target={several}"], ["a", "b"], "── row 1, label a, b\n"),
        (["dataset.label=none"], None, "── row 1, label none\n"),
    ):
        sets = [word for option in options for word in ("--set", option)]
        done = textprep("preview", "r.toml", *sets)
        assert shown in done.out, done.err
        assert json.loads(textprep("preview", "r.toml", "--json", *sets).out)[1]["label"] == label
    assert textprep("preview", "r.toml").out.startswith("train  10 rows: mean 2.25, standard deviation 1.436")
    assert "── row 0, label 0.0\n" in textprep("preview", "r.toml").out


def test_an_option_of_an_earlier_version_is_answered_with_todays(textprep, tmp_path) -> None:
    (tmp_path / "r.jsonl").write_text("".join(f'{{"text": "text {i}", "label": "a|b"}}\n' for i in range(9)))
    (tmp_path / "r.toml").write_text(
        'dataset = { name = "jsonl", path = "r.jsonl", splits = "none", multi_label = "|" }\n'
    )
    done = textprep("preview", "r.toml")
    assert done.code == 1
    advised = "--set dataset.target=classes --set 'dataset.separator=\"|\"'"
    assert done.err.endswith(f'say target="classes", separator="|" (in a command {advised})\n')
    done = textprep("preview", "r.jsonl", "--set", "dataset.multi_label=true", "--set", "dataset.splits=none")
    assert done.err.endswith('say target="classes" (in a command --set dataset.target=classes)\n')
    now = (
        "--set",
        "dataset.target=classes",
        "--set",
        'dataset.separator="|"',
        "--set",
        "dataset.splits=none",
    )
    assert "label a, b" in textprep("preview", "r.jsonl", *now).out


def test_both_texts_of_a_row(textprep, pairs_file) -> None:
    both = [pairs_file, "--set", "dataset.pair=hypothesis", "--set", "tokenizer=word"]
    done = textprep("preview", *both, "--rows", "1")
    assert done.code == 0
    assert done.out.count("   second text\n") == 1
    assert "Player 0 sings." in done.out
    assert "Nobody sings." in done.out
    (row,) = json.loads(textprep("preview", *both, "--rows", "1", "--json").out)
    assert row["pair"]["raw"] == "Nobody sings."
    assert row["pair"]["tokens"] == ["nobody", "sings", "."]
    assert row["pair"]["ids"][1:] == row["ids"][2:]
