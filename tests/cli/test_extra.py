"""Columns beside the text, from a file to predictions, through the commands alone."""

from __future__ import annotations

import json
from itertools import product

import pytest

WORDS = {"good": ("great", "lovely", "superb"), "bad": ("dull", "awful", "boring")}
YEARS = {"new": (1990, 2000, 2010), "old": (1950, 1960, 1970)}
ROWS = [
    {
        "text": f"A {word} film, number {number}.",
        "label": f"{kind} {age}",
        "year": year,
        "author": ["al", "bo"][number % 2],
    }
    for number in range(10)
    for kind, age in product(WORDS, YEARS)
    for word, year in product(WORDS[kind], YEARS[age])
]
SETS = ["training.epochs=10", "training.patience=10", "training.learning_rate=0.05", "training.device=cpu",
        "model.embedding_dim=8", "model.hidden_dim=8", "model.word_pairs=0", 'dataset.extra=["year", "author"]']  # fmt: skip
OPTIONS = [word for option in SETS for word in ("--set", option)]


def write(path, rows):
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return path


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("extra")


@pytest.fixture
def run(folder, textprep):
    """Trained by the first test that asks."""
    if not (folder / "run").exists():
        done = textprep("train", write(folder / "films.jsonl", ROWS), "--run", folder / "run", *OPTIONS)
        assert done.code == 0, done.err
        assert "extra columns: 'year' as number, 'author' as category" in done.err
        assert json.loads((folder / "run" / "metrics.json").read_text())["accuracy"] > 0.9
    return folder / "run"


def test_predict_takes_them_from_files_and_from_the_command_line(run, folder, textprep):
    done = textprep("predict", run, "--data", folder / "films.jsonl", "--json")
    said = [row["label"] for row in json.loads(done.out)]
    assert sum(label == row["label"] for label, row in zip(said, ROWS, strict=True)) > 0.9 * len(ROWS)
    for year, age in ((2005, "new"), (1955, "old")):
        done = textprep(
            "predict",
            run,
            "A great film",
            "A dull film",
            "--extra",
            f"year={year}",
            "--extra",
            "author=cy",
            "--json",
        )
        assert [row["label"] for row in json.loads(done.out)] == [f"good {age}", f"bad {age}"]


@pytest.mark.parametrize("command", ["predict", "explain"])
def test_what_is_missing_is_one_clear_line_whose_advice_works(run, textprep, command):
    done = textprep(command, run, "A great film")
    assert (done.code, done.out, done.err.count("\n")) == (1, "", 1)
    assert "'year' and 'author' are missing; give a file with --data, or --extra year=VALUE" in done.err
    said = ["--extra", "year=2005", "--extra", "author=al"]
    assert "good new" in textprep(command, run, "A great film", *said).out
    for wrong, says in {
        "year=soon": "'year': 'soon' is not a number",
        "year": "--extra 'year' is not NAME=VALUE; extra columns of this run: year, author",
        "yaer=3": "--extra 'yaer=3' is not NAME=VALUE; extra columns of this run: year, author",
        "author=": "'author': the value is missing",
    }.items():
        done = textprep(command, run, "A great film", *said, "--extra", wrong)
        assert (done.code, done.out, done.err.count("\n")) == (1, "", 1)
        assert says in done.err


def test_extra_is_for_texts_and_runs_that_read_it(run, folder, trained, textprep):
    done = textprep("predict", run, "--data", folder / "films.jsonl", "--extra", "year=3")
    assert (done.code, done.out) == (2, "")
    assert "give --extra or --data, not both" in done.err
    assert textprep("explain", "a text", "--extra", "year=3").code == 2
    assert "extra columns of this run: none" in textprep("predict", trained, "a", "--extra", "year=3").err


def test_evaluate_takes_them_from_a_file(run, textprep, tmp_path):
    scores = json.loads(
        textprep("evaluate", run, "--data", write(tmp_path / "new.jsonl", ROWS), "--json").out
    )
    assert scores["accuracy"] > 0.9
    bare = write(
        tmp_path / "bare.jsonl", [{key: row[key] for key in ("text", "label", "author")} for row in ROWS]
    )
    for command in ("evaluate", "predict"):
        done = textprep(command, run, "--data", bare)
        assert (done.code, done.out, done.err.count("\n")) == (1, "", 1)
        assert (
            "the run needs the extra column 'year', and the data have 'text', 'label', 'author'" in done.err
        )
    missing = write(tmp_path / "missing.jsonl", [*ROWS, {**ROWS[0], "year": None}])
    done = textprep("evaluate", run, "--data", missing)
    assert f"missing.jsonl, line {len(ROWS) + 1}, column 'year': the value is missing" in done.err
    filled = ["--set", "dataset.extra={year={missing=2000}, author={}}"]
    assert textprep("evaluate", run, "--data", missing, *filled).code == 0


def test_a_configuration_file_may_name_them(folder, textprep, run, tmp_path):
    (tmp_path / "films.toml").write_text(
        f'dataset = {{ name = "jsonl", path = "{folder / "films.jsonl"}", extra = ["year"] }}\n'
        "training = { epochs = 1 }\nmodel = { hidden_dim = 4, word_pairs = 0 }\n"
    )
    assert textprep("train", "films.toml", "--run", "made").code == 0
    assert list(json.loads((tmp_path / "made" / "run.json").read_text())["extra"]) == ["year"]


def test_preview_shows_them(folder, textprep, run):
    data = folder / "films.jsonl"
    options = ["--set", 'dataset.extra=["year", "author"]', "--set", "dataset.splits=none"]
    assert "── row 0, label good new, year 1990, author al" in textprep("preview", data, *options).out
    shown = json.loads(textprep("preview", data, *options, "--json").out)
    assert shown[0]["extra"] == {"year": 1990, "author": "al"}
    assert json.loads(textprep("preview", data, "--json").out)[0]["extra"] == {}


@pytest.mark.slow
def test_compare_says_whether_they_helped(folder, textprep, run):
    done = textprep("compare", folder / "films.jsonl", *OPTIONS, "--vary", "extra", "--seeds", "1")
    assert done.code == 0, done.err
    lines = {line.split("  ")[0]: line for line in done.out.splitlines()}
    assert "reference" in lines["all columns"]
    assert "worse" in lines["text alone"]
    assert "variant 4 of 4: extra, text alone" in done.err
    done = textprep("compare", folder / "films.jsonl", "--vary", "extra")
    assert (done.code, done.err.count("\n")) == (1, 1)
    assert "there are no extra columns to leave out" in done.err


def test_without_vary_the_columns_are_compared_where_there_are_any():
    from textprep.cli.compare import _variants
    from textprep.config.experiment import parse_config

    for dataset, extra in (({"name": "memory"}, False), ({"name": "memory", "extra": ["year"]}, True)):
        groups = {variant.group for variant in _variants(parse_config({"dataset": dataset}), [], [])}
        assert ("extra" in groups) == extra
        assert {"attention", "tokenizer", "steps"} <= groups


def test_a_mapping_is_written_as_messages_write_it(folder, textprep, run):
    """``--set`` takes JSON beside TOML, since hints say ``extra={"year": …}``."""
    written = [json.loads(textprep("preview", folder / "films.jsonl", "--json", "--set", f"dataset.extra={each}").out)
               for each in ('{"year": "category"}', '{year = "category"}')]  # fmt: skip
    assert written[0] == written[1] != []
    assert written[0][0]["extra"] == {"year": "1990"}
