"""A newcomer's path to a language model, from the command line alone: file, check, train, report, texts."""

from __future__ import annotations

import json
import random
from itertools import product

import pytest

SUBJECTS = {"anna": "her", "clara": "her", "emma": "her", "ben": "his", "david": "his", "hugo": "his"}
PLACES = ["in the old house", "by the long river", "at the end of the road", "on a cold day"]
THINGS = ["hat", "book", "song", "dog"]


def sentences(count: int) -> list[str]:
    """The pronoun is that of a name so far back that trigrams have lost it."""
    every = [
        f"{name} sat {place} with {theirs} {thing} and {did} {where} until {theirs} friends came ."
        for name, theirs in SUBJECTS.items()
        for place, thing, did, where in product(PLACES, THINGS, ("sang", "slept", "read"), PLACES)
    ]
    random.Random(0).shuffle(every)
    return every[:count]


OPTIONS = {
    "dataset.target": "next_token",
    "model.embedding_dim": 32,
    "model.hidden_dim": 64,
    "training.epochs": 8,
    "training.learning_rate": 0.01,
    "loader.batch_size": 8,
}


@pytest.fixture(scope="module")
def language_model(tmp_path_factory):
    """A run, trained by the command that people type."""
    from textprep.cli.app import app

    folder = tmp_path_factory.mktemp("language")
    (folder / "texts.txt").write_text("\n".join(sentences(800)) + "\n")
    given = [part for key, value in OPTIONS.items() for part in ("--set", f"{key}={value}")]
    arguments = ["train", str(folder / "texts.txt"), "--run", str(folder / "lm"), *given]
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TEXTPREP_CACHE", str(folder / "cache"))
        app(arguments, standalone_mode=False)
    return folder / "lm"


@pytest.mark.slow
def test_the_file_can_be_checked(textprep, language_model):
    done = textprep("check", language_model.parent / "texts.txt", "--set", "dataset.target=next_token")
    assert done.err == ""
    assert "640" in done.out
    assert {line.split()[1] for line in done.out.splitlines() if line.startswith("WRONG")} <= {"near_leak:"}


@pytest.mark.slow
def test_it_foresees_texts_better_than_trigrams_and_says_so(textprep, language_model):
    done = textprep("evaluate", language_model, "--json")
    scores = json.loads(done.out)
    assert scores["perplexity"] < scores["trigram"]["perplexity"] < scores["baseline"]["perplexity"]
    assert scores["trigram"]["loss_difference"]["interval"][1] < 0
    assert 0 < scores["bits_per_character"] < scores["bits_per_token"]
    text = textprep("evaluate", language_model).out
    assert "below that of trigrams: better beyond chance" in text
    assert "bits per character" in text


@pytest.mark.slow
def test_new_texts_are_scored_and_those_of_training_told_apart(textprep, language_model, tmp_path):
    (tmp_path / "new.txt").write_text("\n".join(sentences(900)[800:]) + "\n")
    scores = json.loads(textprep("evaluate", language_model, "--data", tmp_path / "new.txt", "--json").out)
    assert scores["rows"] == 100
    assert scores["tokens"] > 1500
    assert scores["perplexity"] < 5
    assert scores["characters"] > scores["tokens"]


@pytest.mark.slow
def test_it_writes_texts_that_agree_with_their_beginning(textprep, language_model):
    done = textprep("generate", language_model, "anna sat", "--temperature", "0.5", "--seed", "3")
    assert done.code == 0, done.err
    assert done.out.startswith("anna sat ")
    assert done.out.endswith("friends came .\n")
    assert " her " in done.out
    again = textprep("generate", language_model, "anna sat", "--temperature", "0.5", "--seed", "3")
    assert again.out == done.out
    some = json.loads(textprep("generate", language_model, "-n", "4", "--top-k", "3", "--json").out)
    assert [each["seed"] for each in some] == [0, 1, 2, 3]
    assert len({each["text"] for each in some}) > 1
    assert len(textprep("generate", language_model, "ben", "--max-tokens", "2").out.split()) == 3


@pytest.mark.slow
@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--temperature", "-1"], "temperature"),
        (["--top-k", "0"], "top_k"),
        (["--max-tokens", "0"], "max_tokens"),
        (["--seed", "-3"], "seed"),
    ],
)
def test_a_wrong_value_is_one_clear_line(textprep, language_model, arguments, message):
    done = textprep("generate", language_model, "anna", *arguments)
    assert done.code == 1
    assert message in done.err
    assert done.err.count("\n") == 1


@pytest.mark.slow
def test_texts_have_a_perplexity_and_their_tokens_a_place(textprep, language_model):
    usual, odd = sentences(1)[0], "the the came hat"
    done = textprep("predict", language_model, usual, odd, "", "--json")
    first, second, empty = json.loads(done.out)
    assert first["perplexity"] < 6 < second["perplexity"]
    assert [usual[token["start"] : token["stop"]] for token in first["tokens"]] == [*usual.split(), ""]
    assert all(token["log_probability"] <= 0 for token in first["tokens"])
    assert len(empty["tokens"]) == 1  # its end
    lines = textprep("predict", language_model, usual, odd).out.splitlines()
    assert lines[1].startswith("perplexity ")
    assert "least sure of “" in lines[1]


@pytest.mark.slow
def test_a_text_is_explained_token_by_token(textprep, language_model, tmp_path):
    done = textprep("explain", language_model, "anna sat in the old house")
    assert done.code == 0, done.err
    assert "how likely" in done.out
    assert textprep("explain", language_model, "anna sat", "--html", tmp_path / "page.html").code == 0
    record = json.loads(textprep("explain", language_model, "anna sat in", "--json").out)
    assert [token["token"] for token in record["tokens"]] == ["sat", "in"]


@pytest.mark.slow
def test_the_report_can_be_written_again(textprep, language_model):
    page = (language_model / "report.html").read_text()
    assert "The least sure places" in page
    assert "until" in page
    done = textprep("report", language_model)
    assert done.code == 0, done.err


@pytest.mark.slow
def test_only_language_models_write_texts(textprep, trained):
    done = textprep("generate", trained, "a film")
    assert done.code == 1
    assert "only a language model writes texts" in done.err
