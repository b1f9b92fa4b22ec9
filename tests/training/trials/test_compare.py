"""Comparisons: one thing changed at a time, on the same rows, nothing trained twice."""

from __future__ import annotations

import json

import numpy as np
import pytest

from textprep.config.experiment import parse_config
from textprep.errors import ConfigError
from textprep.training.trials import seeds as each
from textprep.training.trials.compare import RESULTS, compare, interval
from textprep.training.trials.seeds import train_seeds
from textprep.training.trials.variants import (
    GROUPS,
    attention_variants,
    own_variants,
    step_variants,
    tokenizer_variants,
    varied_and_held,
)  # fmt: skip

ROWS = [
    {"text": f"A {word} film,<br />number {number % 7}.", "label": label}
    for number in range(60)
    for word, label in (("great", "good"), ("dull", "bad"))
]


def config(**training: object):
    return parse_config({
        "dataset": {"name": "memory", "rows": ROWS},
        "steps": ["strip_markup", "lowercase"],
        "loader": {"batch_size": 16, "max_length": 8},
        "model": {"embedding_dim": 8, "hidden_dim": 8, "attention": "dot"},
        "training": {"epochs": 2, "learning_rate": 0.02, "device": "cpu", **training},
    })  # fmt: skip


def test_variants_change_one_thing():
    base = config()
    models = [variant.config.model for variant in attention_variants(base)]
    # one thing differs: the linear model beside it is as configured
    assert {(model.word_pairs, model.dropout) for model in models} == {(None, base.model.dropout)}
    additive = parse_config(
        base.model_dump(mode="json"), ["model.name=gru_attention", "model.attention=additive"]
    )
    assert attention_variants(additive)[1].config == additive
    plain = parse_config({"dataset": "memory"})
    assert attention_variants(plain)[1].config == plain
    assert [(model.name, model.attention, model.hidden_dim) for model in models] == [
        ("gru", None, 8), ("gru_attention", "additive", 8), ("gru_attention", "multihead", 8),
    ]  # fmt: skip
    tokenizers = [variant.config.tokenizer.name for variant in tokenizer_variants(base)]
    assert tokenizers == ["word", "char", "bpe"]
    assert tokenizer_variants(base)[0].config == base
    steps = {variant.name: [step.name for step in variant.config.steps] for variant in step_variants(base)}
    assert steps == {
        "all steps": ["strip_markup", "lowercase"],
        "without strip_markup": ["lowercase"],
        "without lowercase": ["strip_markup"],
    }


def test_own_variants_are_overrides_with_a_name():
    variants = own_variants(config(), ["'no dropout' model.dropout=0", "smooth training.label_smoothing=0.1"])
    assert [variant.name for variant in variants] == ["as configured", "no dropout", "smooth"]
    assert variants[1].config.model.dropout == 0
    for written, message in (
        (["a dataset.seed=3"], "changes the data set"),
        (["a model.dropout=0", "a model.dropout=0.1"], "two variants called 'a'"),
        (["a training.epochs"], "^variant 'a': 'training.epochs' is not of the form a.b=value"),
        (["a"], "'a' is not a name and what it changes"),
        ([""], "'' is not a name and what it changes"),
        (["model.dropout=0 model.heads=2"], "is not a name and what it changes"),
        (["'a model.dropout=0"], "No closing quotation"),
        (
            ["a training.epoch=3"],
            "variant 'a': training.epoch=3: there is no option 'training.epoch': did you mean 'epochs'\\? There are: epochs",
        ),
    ):
        with pytest.raises(ConfigError, match=message):
            own_variants(config(), written)


@pytest.mark.parametrize(
    ("group", "varied", "held"),
    [
        (
            "attention",
            {"model.attention", "model.name"},
            {"model.hidden_dim=8", "model.word_pairs=9", "steps"},
        ),
        ("tokenizer", {"tokenizer.name"}, {"model", "steps", "training"}),
        ("steps", {"steps"}, {"model", "tokenizer", "training"}),
    ],
)
def test_a_group_says_what_varies_and_what_is_held(group, varied, held):
    base = parse_config(config().model_dump(mode="json"), ["model.word_pairs=9"])
    differs, same = varied_and_held(GROUPS[group](base))
    assert varied <= set(differs)
    assert held <= set(same)
    assert not set(differs) & {key.partition("=")[0] for key in same}


def test_everything_is_trained_once_and_a_second_call_trains_nothing(tmp_path, monkeypatch):
    base = config()
    variants = [*step_variants(base), *own_variants(base, ["wide model.hidden_dim=12"])]
    said: list[str] = []
    result = compare(base, variants, tmp_path, seeds=2, cache_dir=tmp_path / "cache", report=said.append)
    assert "variant 3 of 5: steps, without lowercase" in said
    assert all({"varied", "held"} <= group.keys() for group in result["groups"])
    assert json.loads((tmp_path / RESULTS).read_text()) == result
    steps, own = result["groups"]
    assert (steps["reference"], own["reference"]) == ("all steps", "as configured")
    assert steps["variants"][0]["runs"] == own["variants"][0]["runs"]  # the same experiment in both groups
    runs = {run for group in result["groups"] for line in group["variants"] for run in line["runs"]}
    assert len(runs) == 4 * 2
    assert all((tmp_path / run / "run.json").exists() for run in runs)

    plain, without_markup, without_lowercase = steps["variants"]
    assert plain["accuracy"]["mean"] == pytest.approx(np.mean(plain["accuracy"]["values"]))
    assert plain["difference"] is None
    assert without_markup["difference"] == pytest.approx(
        without_markup["accuracy"]["mean"] - plain["accuracy"]["mean"], abs=1e-9
    )
    assert without_markup["tokens_a_text"] > plain["tokens_a_text"]
    assert without_lowercase["vocabulary"] == plain["vocabulary"]
    assert 0 < without_markup["read"] < plain["read"] == 1

    monkeypatch.setattr(each, "train", None)
    again = compare(base, variants, tmp_path, seeds=2, cache_dir=tmp_path / "cache")
    assert again == result


def test_a_comparison_that_is_stopped_goes_on(tmp_path, monkeypatch):
    base, trained = config(epochs=1), []

    def train_two(config, path, **options):
        if len(trained) == 2:
            path.mkdir()
            (path / "log.jsonl").write_text("")  # as a kill leaves it
            raise KeyboardInterrupt
        trained.append(path.name)
        return train(config, path, **options)

    train = each.train
    monkeypatch.setattr(each, "train", train_two)
    variants = attention_variants(base)
    with pytest.raises(KeyboardInterrupt):
        compare(base, variants, tmp_path, seeds=1, cache_dir=tmp_path / "cache")
    trained.append("one more")
    result = compare(base, variants, tmp_path, seeds=1, cache_dir=tmp_path / "cache")
    assert len(trained) == 4
    assert result["groups"][0]["reference"] == "no attention"  # none of them is "dot"


def test_an_interval_holds_the_mean_as_often_as_it_says():
    generator = np.random.default_rng(0)
    held = 0
    for _ in range(400):
        of_seeds = 0.8 + generator.normal(0, 0.02, (3, 1))
        low, high = interval((generator.random((3, 400)) < of_seeds).astype(float))
        held += low <= 0.8 <= high
    assert held / 400 >= 0.93


@pytest.mark.parametrize("seeds", [2, 3])
def test_an_interval_of_few_seeds_stays_where_its_values_can_be(seeds):
    correct = np.zeros((seeds, 20))
    correct[0] = 1  # seeds that could not differ more
    assert interval(correct) == [0.0, 1.0]
    assert interval(correct - correct[::-1], least=-1.0) == [-1.0, 1.0]


def test_a_difference_is_surer_than_the_accuracies():
    generator = np.random.default_rng(0)
    easy = generator.random(1000) < 0.8
    mine, theirs = np.tile(easy, (2, 1)).astype(float), np.tile(easy, (2, 1)).astype(float)
    mine[:, np.flatnonzero(~easy)[:20]] = 1
    low, high = interval(mine - theirs)
    assert 0 < low < 0.02 < high
    assert high - low < np.ptp(interval(mine)) / 2


def test_nothing_to_compare_is_named(tmp_path):
    base, folder = config(), tmp_path / "few"
    with pytest.raises(ConfigError, match="no variants"):
        compare(base, [], folder)
    with pytest.raises(ConfigError, match="seeds is 0"):
        compare(base, step_variants(base), folder, seeds=0)
    with pytest.raises(ConfigError, match="seeds is 0"):
        train_seeds(base, 0, folder)
    assert not folder.exists()
