"""A configuration is checked before anything runs; every wrong key is named."""

from __future__ import annotations

import inspect
import re
from pathlib import Path

import pytest

import textprep as tp
from textprep.config.experiment import parse_config, read_config, saved_config
from textprep.config.options import ARCHITECTURES, ModelOptions
from textprep.errors import ConfigError, TokenizerError, UnknownNameError
from textprep.models.options import BY_THE_DATA
from textprep.training.targets import objective_of


def test_a_full_file(tmp_path: Path) -> None:
    path = tmp_path / "reviews.toml"
    path.write_text(
        """
        steps = ["strip_markup", { name = "strip_punctuation", keep = "'" }]
        [dataset]
        name = "csv"
        path = "reviews.csv"
        [tokenizer]
        name = "bpe"
        vocab_size = 500
        [loader]
        max_length = 32
        [training]
        epochs = 2
        """
    )
    config = read_config(str(path), ["training.seed=7", "tokenizer.vocab_size=600", "dataset.text=review"])
    assert config.dataset.options() == {"path": "reviews.csv", "text": "review"}
    assert config.pipeline().steps == (tp.StripMarkup(), tp.StripPunctuation(keep="'"))
    assert config.pipeline().tokenizer == tp.BPETokenizer(vocab_size=600)
    assert (config.training.epochs, config.training.seed, config.loader.max_length) == (2, 7, 32)


@pytest.mark.parametrize(
    ("target", "options"),
    [
        ("movie-reviews", {"name": "movie-reviews"}),
        ("a/reviews.csv", {"name": "csv", "path": "a/reviews.csv"}),
        ("reviews.TSV", {"name": "tsv", "path": "reviews.TSV"}),
        ("reviews.jsonl", {"name": "jsonl", "path": "reviews.jsonl"}),
        ("reviews.parquet", {"name": "parquet", "path": "reviews.parquet"}),
    ],
)
def test_a_name_or_a_file_is_enough(target, options) -> None:
    dataset = read_config(target).dataset
    assert {"name": dataset.name, **dataset.options()} == options


def test_a_folder_is_enough(tmp_path: Path) -> None:
    assert read_config(str(tmp_path)).dataset.name == "folder"
    (tmp_path / "two words").mkdir()
    assert read_config((tmp_path / "two words").as_uri()).dataset.name == "folder"


def test_overrides_take_toml_values_and_plain_words() -> None:
    config = read_config(
        "memory",
        ["steps=[]", "tokenizer=char", "loader.max_length=9", "dataset.label=stars", "training.device=cpu"],
    )
    assert config.steps == ()
    assert config.tokenizer.name == "char"
    assert config.dataset.options() == {"label": "stars"}


@pytest.mark.parametrize(
    ("overrides", "message"),
    [
        (
            ["training.epoch=1"],
            "^--set training.epoch=1: there is no option 'training.epoch': did you mean 'epochs'\\? There are: epochs, ",
        ),
        (
            ["model.name=gru", "model.attention=dot"],
            "^--set model.name=gru, --set model.attention=dot: .*an option of gru_attention",
        ),
        (["optimizer.name=sgd"], "^--set optimizer.name=sgd: there is no option 'optimizer'; there are: to"),
        (
            ["trainign={epochs=1}"],
            "^--set trainign={epochs=1}: .*did you mean .training.\\? There are: training, .*dataset",
        ),
        (["training.epoch=1", "training.epoch=2"], "^--set training.epoch=2: "),
        (["training.epochs=0"], "option 'training.epochs'.*greater than or equal to 1"),
        (["training.epochs=many"], "option 'training.epochs'.*valid integer.*'many'"),
        (["loader.truncation=middle"], "option 'loader.truncation'.*'head'"),
        (["model.dropout=1.5"], "option 'model.dropout'"),
        (["model.name=transformer", "model.layers=257"], "option 'model.layers'.*less than or equal to 256"),
        (["training.epochs"], "not of the form a.b=value"),
        (["=3"], "not of the form a.b=value"),
        ([f"training.seed={'9' * 5000}"], "option 'training.seed'"),
        (["steps.0.name=lowercase"], "steps"),
    ],
)
def test_a_wrong_override_is_named(overrides, message) -> None:
    with pytest.raises(ConfigError, match=message):
        read_config("memory", overrides)


def test_an_unknown_step_and_a_bad_option_are_named_before_anything_is_read() -> None:
    with pytest.raises(UnknownNameError, match=r"no step is called 'lowercas'; there are: lowercase"):
        read_config("memory", ['steps=["lowercas"]']).pipeline()
    with pytest.raises(tp.TextprepError, match=r"'strip_punctuation'.*'keeep'"):
        read_config("memory", ['steps=[{name="strip_punctuation", keeep="x"}]']).pipeline()
    with pytest.raises(tp.TextprepError, match=r"'bpe'.*'vocab_size'"):
        read_config("memory", ["tokenizer={name='bpe', vocab_size=-3}"]).pipeline()


def test_files_that_cannot_be_read_are_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"there is no configuration file .*none\.toml"):
        read_config(str(tmp_path / "none.toml"))
    for odd in ("steps = [", f"steps = {'[' * 100_000}", f"seed = {'9' * 5000}"):
        (tmp_path / "odd.toml").write_text(odd)
        with pytest.raises(ConfigError, match=r"cannot read the configuration .*odd\.toml: "):
            read_config(str(tmp_path / "odd.toml"))


@pytest.mark.parametrize("name", ARCHITECTURES)
def test_options_and_defaults_are_those_of_the_python_api(name: str) -> None:
    parameters = inspect.signature(tp.models.MODELS[name]).parameters.values()
    defaults = {option.name: option.default for option in parameters if option.kind is option.KEYWORD_ONLY}
    defaults = {name: default for name, default in defaults.items() if name not in BY_THE_DATA}  # by the data
    asked = {"name": name} | ({"word_pairs": 0} if "word_pairs" in defaults else {})
    target = "next_token" if tp.models.MODELS[name].predicts == "next_token" else "class"
    options = objective_of(target).with_usual("model", ModelOptions(**asked)).architecture(name, outputs=2)
    assert defaults | options == defaults
    assert set(defaults) - set(options) <= {"attention"}  # which attention is usual, each model says itself


def test_the_table_of_pairs_stays_small_where_there_are_many_classes_and_nobody_asked() -> None:
    rows = {
        classes: ModelOptions().architecture("gru", classes)["word_pairs"] for classes in (1, 2, 16, 17, 1000)
    }
    assert rows[1] == rows[2] == rows[16] == 2**18
    assert all(rows[classes] * classes <= 2**22 for classes in rows)
    assert rows[17] > rows[1000] > 0
    assert ModelOptions(word_pairs=2**18).architecture("gru", 1000)["word_pairs"] == 2**18
    with pytest.raises(ConfigError, match=r"model\.word_pairs"):
        read_config("memory", ["model.word_pairs=many"])


def test_an_option_of_another_model_is_refused() -> None:
    with pytest.raises(ConfigError, match=r"'gru' has no 'heads': it is an option of gru_attention or trans"):
        read_config("memory", ["model.name=gru", "model.heads=2"])


def test_a_saved_configuration_reads_back_the_same() -> None:
    from textprep.config.experiment import Config

    config = read_config("memory", ["tokenizer={name='bpe', vocab_size=99}", "training.seed=3"])
    assert Config(**config.model_dump(mode="json")) == config


def test_an_override_keeps_the_other_options_unless_the_name_changes() -> None:
    assert read_config("memory", ["tokenizer.min_freq=5"]).tokenizer.options() == {
        "min_freq": 5,
        "max_size": 30_000,
    }
    assert read_config("memory", ["tokenizer.name=word"]).tokenizer.options() == {
        "min_freq": 2,
        "max_size": 30_000,
    }
    assert read_config("memory", ["tokenizer.name=bpe", "tokenizer.vocab_size=90"]).tokenizer.options() == {
        "vocab_size": 90
    }


def test_none_is_a_word() -> None:
    config = read_config("memory", ["dataset.label=none", "dataset.splits=none", "loader.max_length=none",
                                     "dataset.pair=none", "steps=none"])  # fmt: skip
    assert config.dataset.options() == {"label": None, "splits": None, "pair": None}
    assert config.steps == ()
    assert config.loader.max_length is None


def test_one_step_needs_no_brackets() -> None:
    assert read_config("memory", ["steps=lowercase"]).pipeline().steps == (tp.Lowercase(),)


FILE = """\
dataset = "memory"
tokenizer = { name = "bpe", vocab_size = 500 }
# epoch of training
[loader]
batch_size = 8
[training]
seed = 0
{line}
"""


@pytest.mark.parametrize(
    ("line", "overrides", "message"),
    [
        (
            "epoch = 1",
            [],
            "FILE, line 8: there is no option 'training.epoch': did you mean 'epochs'\\? There are: epochs, ",
        ),
        (
            "'epoch' = 1",
            [],
            "FILE, line 8: there is no option 'training.epoch': did you mean 'epochs'\\? There are: epochs, ",
        ),
        ("epochs = 0", [], "FILE, line 8: option 'training.epochs': .* (given 0)"),
        ("epochs = 0", ["training.epochs=-1"], "--set training.epochs=-1: option .* (given -1)"),
        ("[model]\nname = 'gru'", ["model.heads=8"], "FILE, line 8, --set model.heads=8: .*has no 'heads'"),
        ("name = 'a'", [], "FILE: there is no option 'training.name'"),  # more than one line sets a name
        ("[optimizer]\nname = 'sgd'", [], "FILE, line 8: there is no option 'optimizer'; there are: to"),
        ("epoch = 1", ["loader.batch=8"], "--set loader.batch=8: .*batch_size, .*; FILE, line 8: "),
    ],
)
def test_what_is_wrong_says_where_it_was_given(line, overrides, message, tmp_path) -> None:
    path = tmp_path / "odd.toml"
    path.write_text(FILE.replace("{line}", line))
    pattern = message.replace("(", r"\(").replace(")", r"\)").replace("FILE", re.escape(str(path)))
    with pytest.raises(ConfigError, match=f"^{pattern}"):
        read_config(str(path), overrides)


def test_what_a_file_lacks_is_said_of_the_file(tmp_path) -> None:
    (tmp_path / "odd.toml").write_text("tokenizer = 'bpe'")
    with pytest.raises(ConfigError, match=r"odd\.toml: option 'dataset': Field required$"):
        read_config(str(tmp_path / "odd.toml"))


def test_a_password_is_written_to_no_file() -> None:
    config = parse_config({"dataset": {"name": "sql", "url": "postgresql://me:secret@db/x", "table": "t"}})
    assert config.dataset.options()["url"] == "postgresql://me:secret@db/x"
    assert "secret" not in config.model_dump_json()
    assert config.model_dump(mode="json")["dataset"]["url"] == "postgresql://***@db/x"


def test_a_run_that_kept_how_many_processes_read_can_still_be_loaded(tmp_path):
    kept = {"dataset": {"name": "csv"}, "loader": {"num_workers": 2, "batch_size": 8}}
    assert saved_config(kept, tmp_path).loader.batch_size == 8


def test_an_option_of_another_tokenizer_says_whose_it_is():
    config = parse_config({"dataset": "csv"}, ["tokenizer.path=model"])
    with pytest.raises(TokenizerError) as caught:
        config.pipeline()
    assert str(caught.value) == (
        "tokenizer 'word' has no option 'path'; it is one of 'huggingface'; say tokenizer.name=huggingface as well"
    )
