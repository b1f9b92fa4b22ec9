"""Runs that read columns beside the text: what they learn, and what they ask for."""

from __future__ import annotations

import json
import random
from itertools import product

import numpy as np
import pytest
import torch

import textprep as tp
from tests.training.stopping import Killed, stop_at
from textprep.config.experiment import parse_config
from textprep.errors import ConfigError, DatasetError, RunError
from textprep.extra.kinds import Extra
from textprep.training.directory import read_manifest, write_manifest
from textprep.training.runs.experiment import resume
from textprep.training.runs.prepared_data import load_corpus, load_prepared
from textprep.training.runs.run import FILES, Run
from textprep.training.trials.compare import compare
from textprep.training.trials.variants import extra_variants

WORDS = {"good": ["great", "lovely", "superb", "moving"], "bad": ["dull", "awful", "boring", "tiresome"]}
YEARS = {"new": [1990, 2000, 2010], "old": [1950, 1960, 1970]}
AUTHORS = {"al": "x", "bo": "y", "cy": "x"}
MODEL = {"hidden_dim": 8, "embedding_dim": 8, "word_pairs": 0}


def rows_of(count, seed=0):
    """Half of what is to be learned stands in the text, half in the year or the author."""
    chance = random.Random(seed)
    rows = []
    for number, (word, age) in zip(range(count), list(product(WORDS, YEARS)) * count, strict=False):
        author = chance.choice(list(AUTHORS))
        rows.append({
            "text": f"A {chance.choice(WORDS[word])} film, number {number}.",
            "year": chance.choice(YEARS[age]), "author": author, "at": [1.0 + number % 3, float(age == "new")],
            "age": f"{word} {age}", "style": f"{word} {AUTHORS[author]}",
            "stars": (word == "good") * 2 + (age == "new") * 3,
        })  # fmt: skip
    return rows


ROWS = rows_of(240)


def options(folder, label="age", extra=None, epochs=8, rows=ROWS, **training):
    return {
        "dataset": {"name": "memory", "rows": rows, "label": label, **({"extra": extra} if extra else {})},
        "tokenizer": {"name": "word"}, "model": MODEL,
        "training": {"epochs": epochs, "patience": epochs, "learning_rate": 0.05, **training},
    }  # fmt: skip


def trained(folder, name="run", **given):
    return tp.train(options(folder, **given), folder / name, cache_dir=folder / "cache")


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    return trained(tmp_path_factory.mktemp("extra"), extra=["year", "author"])


@pytest.mark.parametrize(
    ("label", "extra"),
    [
        ("age", ["year"]),
        ("age", {"year": "category"}),
        ("age", ["at"]),
        ("style", ["author"]),
        ("style", ["author", "year"]),
    ],
)
def test_what_stands_beside_the_text_is_learned(tmp_path, label, extra):
    assert trained(tmp_path, label=label, extra=extra, epochs=12).metrics["accuracy"] >= 0.95


@pytest.mark.parametrize("label", ["age", "style"])
def test_without_it_nothing_can(tmp_path, label):
    assert trained(tmp_path, label=label, epochs=6).metrics["accuracy"] <= 0.75


def test_numbers_are_learned_from_numbers(tmp_path):
    made = options(tmp_path, "stars", ["year"], epochs=12)
    made["dataset"]["target"] = "number"
    with_year = tp.train(made, tmp_path / "with", cache_dir=tmp_path / "cache")
    del made["dataset"]["extra"]
    without = tp.train(made, tmp_path / "without", cache_dir=tmp_path / "cache")
    assert with_year.metrics["rmse"] < 0.9 < 1.4 < without.metrics["rmse"]
    high, low = with_year.predict(["A great film", "A dull film"], {"year": [2005, 1955]})
    assert high.value > low.value + 3


def test_several_labels_are_learned_from_both(tmp_path):
    made = options(tmp_path, "both", ["year"], epochs=12, rows=[
        {**row, "both": row["age"].replace(" ", "|")} for row in ROWS
    ])  # fmt: skip
    made["dataset"] |= {"target": "classes", "separator": "|"}
    assert tp.train(made, tmp_path / "run", cache_dir=tmp_path / "cache").metrics["micro"]["f1"] >= 0.95


def test_a_run_keeps_what_it_read(run):
    loaded = Run.load(run.path)
    assert loaded.extra == run.extra
    assert loaded.extra["author"].names == ("al", "bo", "cy")
    assert loaded.extra["year"].mean
    assert set(loaded.model.extra_names) == {"year", "author"}
    texts, beside = ["A great film", "A dull film"], {"year": [2010, 1950], "author": ["bo", "zed"]}
    assert np.array_equal(loaded.outputs(texts, beside), run.outputs(texts, beside))


def test_predictions_of_texts_rows_and_one_text_agree(run):
    corpus = load_corpus(parse_config(options(run.path, extra=["year", "author"])))
    split = corpus["test"]
    outputs = run.outputs(split)
    beside = {name: split.table[name].to_pylist() for name in ("year", "author")}
    texts = split.text.to_pylist()
    np.testing.assert_allclose(run.outputs(texts, beside), outputs, atol=1e-5)
    for row in (0, 5):
        one = run.outputs(texts[row : row + 1], {name: [values[row]] for name, values in beside.items()})
        np.testing.assert_allclose(one[0], outputs[row], atol=1e-5)
    np.testing.assert_allclose(
        run.predictions["test"].values, run.objective.values(outputs)[np.argsort(split.row_ids)], atol=1e-5
    )
    raw = tp.load_dataset("memory", rows=ROWS, label="age")["test"]  # read without extra=
    np.testing.assert_allclose(
        run.outputs(raw),
        run.outputs(raw.text, {name: raw.table[name].to_pylist() for name in beside}),
        atol=1e-5,
    )
    assert run.evaluate(corpus)["accuracy"] == run.metrics["accuracy"]


def test_words_mean_what_values_of_files_mean(run):
    texts = ["A great film"]
    typed = run.outputs(texts, {"year": ["2010"], "author": [" al "]})
    assert np.array_equal(typed, run.outputs(texts, {"year": [2010.0], "author": ["al"], "more": [1]}))


@pytest.mark.parametrize(
    ("beside", "says"),
    [
        (None, "needs 'year' and 'author' with each text, and 'year' and 'author' are missing"),
        (
            {"year": [1990]},
            "and 'author' is missing; give a file with --data, or --extra author=VALUE",
        ),
        ({"year": ["soon"], "author": ["al"]}, "text 1, 'year': 'soon' is not a number"),
        ({"year": [None], "author": ["al"]}, "text 1, 'year': the value is missing"),
        ({"year": [1990, 2000], "author": ["al"]}, "'year' needs a list of 1 value, one per text"),
        ({"year": [1990], "author": "a"}, "'author' needs a list of 1"),
    ],
)
def test_what_is_missing_or_cannot_be_used_is_named(run, beside, says):
    for predict in (run.predict, run.outputs):
        with pytest.raises(RunError, match=says):
            predict(["A great film"], beside)


def test_rows_without_the_columns_are_named(run):
    options = {"label": None, "splits": None}
    with pytest.raises(RunError, match="'author' is missing"):
        run.predict(tp.load_dataset("memory", rows=[{"text": "a", "year": 3}], **options)["train"])
    rows = [{"text": "a", "year": year, "author": "x"} for year in (3, None)]
    with pytest.raises(RunError, match="text 2, 'year': the value is missing"):
        run.predict(tp.load_dataset("memory", rows=rows, **options)["train"])


def test_explain_takes_what_stands_beside_the_text(run):
    reading = run.explain("A great film", extra={"year": 2010, "author": "al"})
    (said,) = run.predict(["A great film"], {"year": [2010], "author": ["al"]})
    assert (
        max(reading.to_json()["probabilities"].items(), key=lambda each: each[1])[0]
        == said.label
        == "good new"
    )
    with pytest.raises(RunError, match="'year' and 'author' are missing"):
        run.explain("A great film")
    assert (run.path / "report.html").stat().st_size > 10_000


def test_a_run_of_an_older_version_reads_the_text_alone(tmp_path):
    run = trained(tmp_path, epochs=1)
    manifest = read_manifest(run.path)
    assert manifest.pop("extra") == run.extra == {}
    write_manifest(run.path, FILES, {key: manifest[key] for key in ("target", "model")})
    older = Run.load(run.path)
    assert older.extra == {}
    assert older.predict(["A great film"]) == run.predict(["A great film"])


def test_new_data_are_read_as_the_training_data_were(run, tmp_path):
    path = tmp_path / "new.jsonl"
    path.write_text("".join(json.dumps({**row, "year": str(row["year"])}) + "\n" for row in ROWS[:20]))
    assert run.evaluate(run.read(path))["accuracy"] >= 0.9
    assert len(run.predict(run.read(path, labelled=False)["train"])) == 20
    path.write_text('{"text": "a", "age": "good new", "author": "al"}\n')
    with pytest.raises(
        DatasetError, match="the run needs the extra column 'year', and the data have 'text', 'age', 'author'"
    ):
        run.read(path)


@pytest.mark.parametrize("number", [0, 2, 5])
@pytest.mark.parametrize("label", ["age", "stars"])
def test_a_run_that_was_stopped_goes_on_to_the_same_weights(tmp_path, number, label, monkeypatch):
    given_ = options(tmp_path, label, {"year": {}, "author": {}, "at": {}}, epochs=2, checkpoint_every=1)
    given_["dataset"]["target"] = "number" if label == "stars" else "class"
    whole = tp.train(given_, tmp_path / "whole", cache_dir=tmp_path / "cache")
    stop_at(monkeypatch, number, Killed())
    with pytest.raises(Killed):
        tp.train(given_, tmp_path / "stopped", cache_dir=tmp_path / "cache")
    monkeypatch.undo()
    resume(tmp_path / "stopped", cache_dir=tmp_path / "cache")
    weights = Run.load(tmp_path / "stopped").model.state_dict()
    assert all(torch.equal(weights[name], value) for name, value in whole.model.state_dict().items())


def test_numbers_are_standardized_unless_somebody_says_otherwise(tmp_path):
    made = parse_config(options(tmp_path, extra={"year": {}, "at": {"standardize": False}, "author": {}}))
    data = load_prepared(made, tmp_path)
    assert abs(data["train"].extra("year").mean()) < 1e-4
    assert data["train"].extra("at")[:, 0].mean() > 1
    assert data.extra["author"] == Extra(kind="category", names=("al", "bo", "cy"))


def test_a_comparison_says_whether_they_helped(tmp_path):
    config = parse_config(options(tmp_path, extra=["year", "author"]))
    variants = extra_variants(config)
    assert [variant.name for variant in variants] == [
        "all columns",
        "without year",
        "without author",
        "text alone",
    ]
    result = compare(config, variants, tmp_path / "all", seeds=1, cache_dir=tmp_path / "cache")
    lines = {line["name"]: line for line in result["groups"][0]["variants"]}
    assert result["groups"][0]["varied"] == ["dataset.extra"]
    assert lines["all columns"]["verdict"] == "reference"
    assert lines["without year"]["verdict"] == lines["text alone"]["verdict"] == "worse"
    assert lines["without author"]["verdict"] != "worse"
    with pytest.raises(ConfigError, match="no extra columns"):
        extra_variants(parse_config(options(tmp_path)))


@pytest.mark.parametrize("given", [{"year": 1999, "author": "al"}, {"year": "1999", "author": ["al"]}])
def test_one_value_is_not_a_list_of_values(run, given):
    with pytest.raises(RunError, match="needs a list of 1 value, one per text"):
        run.predict(["A great film."], extra=given)


def test_a_file_is_not_a_corpus(run):
    with pytest.raises(RunError, match=r"takes a corpus or a split: run.evaluate\(run.read"):
        run.evaluate("reviews.csv")
