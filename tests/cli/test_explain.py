"""``explain`` shows where every token came from, with a run, a data set, or a text alone."""

from __future__ import annotations

import io
import json
import math
import re
import sys

import pytest

import textprep as tp

RAW = "A <b>great</b> film"


def test_a_text_alone_is_explained_with_the_default_steps(textprep):
    done = textprep("explain", RAW)
    assert done.code == 0
    assert "A [-<b>-]great[-</b>-] film" in done.out
    assert re.search(r"great +4 +1  great +5-10", done.out)
    assert "vocabulary is that of this text" in done.err


def test_a_data_set_gives_the_vocabulary_and_set_the_rest(textprep, reviews):
    chosen = ["--set", 'steps=["lowercase"]', "--set", "tokenizer.name=char", "--set", "loader.max_length=4"]
    record = json.loads(textprep("explain", reviews, "FILM?", "--json", *chosen).out)
    assert [step["name"] for step in record["steps"]] == ["lowercase"]
    assert [token["text"] for token in record["tokens"]] == ["f", "i", "l", "m", "?"]
    assert record["row"]["mask"] == [True] * 4
    assert not record["tokens"][-1]["known"]


def test_a_run_explains_with_what_it_was_trained_with(textprep, trained):
    pipeline = tp.Pipeline.load(trained / "pipeline.json")
    record = json.loads(textprep("explain", trained, RAW, "--json").out)
    assert record["ids"] == pipeline.encode(RAW)
    assert len(record["row"]["ids"]) == 400
    alone = json.loads(textprep("explain", trained / "pipeline.json", RAW, "--json").out)
    assert alone["ids"] == record["ids"]
    shorter = json.loads(textprep("explain", trained, RAW, "--json", "--set", "loader.max_length=2").out)
    assert shorter["row"]["ids"] == [record["ids"][0], record["ids"][-1]]  # the text from both ends


def test_a_run_cannot_be_given_other_steps(textprep, trained):
    done = textprep("explain", trained, RAW, "--set", "steps=[]")
    assert done.code == 1
    assert "a saved pipeline stays as it is" in done.err


def test_a_run_alone_is_no_text(textprep, trained):
    done = textprep("explain", trained)
    assert done.code == 2
    assert "is a file or a run: give a text as well" in done.err


def test_a_page_is_one_file(textprep, tmp_path):
    done = textprep("explain", RAW, "--html", "page.html")
    assert done.code == 0
    assert done.out == ""
    assert "wrote page.html" in done.err
    assert (tmp_path / "page.html").read_text(encoding="utf-8").startswith("<!doctype html>")


def test_a_page_that_cannot_be_written_is_one_line(textprep, tmp_path):
    done = textprep("explain", RAW, "--html", tmp_path / "no" / "page.html")
    assert done.code == 1
    assert "cannot write" in done.err.splitlines()[-1]


def test_a_text_comes_from_standard_input_too(textprep, monkeypatch):
    monkeypatch.setattr(sys, "stdin", io.StringIO(RAW))
    assert "great" in textprep("explain", "-").out


def test_standard_input_that_is_no_text_is_one_line(textprep, monkeypatch):
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"caf\xe9"), encoding="utf-8"))
    done = textprep("explain", "-")
    assert done.code == 1
    assert "standard input: byte 0xe9 (number 3 of the line, from 0) is not utf-8; name the right" in done.err
    assert "Traceback" not in done.err


def test_colour_is_for_terminals_and_those_who_want_it(textprep, monkeypatch):
    assert "\x1b" not in textprep("explain", RAW).out
    monkeypatch.setattr("sys.stdout.isatty", lambda: True, raising=False)
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.delenv("NO_COLOR", raising=False)
    assert "\x1b[31;9m<b>\x1b[0m" in textprep("explain", RAW).out
    monkeypatch.setenv("NO_COLOR", "1")
    assert "\x1b" not in textprep("explain", RAW).out


@pytest.mark.parametrize("first", ["A film.", "nosuch", "text"])
def test_what_was_taken_for_what_is_said_where_the_first_of_two_is_nothing(first, textprep):
    done = textprep("explain", first, "words")
    assert done.code == 1
    taken = f"{first!r} was taken for a run, a data set or a configuration, and 'words' for the text"
    assert taken in done.err.splitlines()[-1]


def test_what_cannot_be_explained_is_an_error(textprep, tmp_path):
    assert "at most one thing before it" in textprep("explain", "a", "b", "c").err
    assert "no dataset is called 'nosuch'" in textprep("explain", "nosuch", "a").err
    (tmp_path / "pipeline.json").write_text("{}")
    assert "does not hold a textprep pipeline" in textprep("explain", "pipeline.json", "a").err


def test_a_run_says_its_probabilities_and_where_it_looked(textprep, trained):
    record = json.loads(textprep("explain", trained, RAW, "--json").out)
    (said,) = json.loads(textprep("predict", trained, RAW, "--json").out)
    assert record["probabilities"] == pytest.approx(said["probabilities"], abs=1e-5)
    assert {line["token"] for line in record["attention"]} == {"a", "great", "film"}
    assert sum(line["weight"] for line in record["attention"]) == pytest.approx(1, abs=1e-5)
    printed = textprep("explain", trained, RAW).out
    assert re.search(rf"{said['label']} +{said['probabilities'][said['label']]:.1%}", printed)
    assert re.search(r"most attention +share\n", printed)


def test_a_run_says_how_much_each_model_decided(textprep, trained):
    record = json.loads(textprep("explain", trained, RAW, "--json").out)
    (choice,) = record["choices"]
    shares = record["probabilities"]
    assert (choice["class"], choice["against"]) == ("good", "bad")
    assert len(choice["tokens"]) == len(choice["pairs"]) + 1 == 3
    assert sum(choice["tokens"]) + sum(choice["pairs"]) == pytest.approx(choice["linear"])
    odds = math.log(shares["good"] / shares["bad"])
    assert choice["deep"] + choice["linear"] == pytest.approx(odds, abs=1e-3)
    printed = textprep("explain", trained, RAW).out
    deep = re.escape(f"{choice['deep']:+.2f}")
    assert re.search(rf"good against bad +logit\n.*\ndeep model +{deep}\n", printed)
    assert re.search(r"linear model +adds\n.*\n(great|a great|great film) +\+", printed)


def test_the_page_of_a_run_has_shapes_and_attention(textprep, trained, browser, tmp_path):
    assert textprep("explain", trained, RAW, "--html", "page.html").code == 0
    tab = browser.open(tmp_path / "page.html")
    shapes = tab.evaluate("document.querySelector('.shapes').textContent")
    assert "(1, 400, 16)" in shapes
    assert "attention.project" in shapes
    words = tab.evaluate("[...document.querySelectorAll('.heatrow .word')].map(e => e.textContent)")
    assert words == ["a", "great", "film", *["<pad>"] * 4]
    weighed = tab.evaluate("[...document.querySelectorAll('.weighed bdi')].map(e => e.textContent)")
    assert weighed == ["a", "great", "film"]
    tab.resize(390, 800)
    assert tab.evaluate("document.documentElement.scrollWidth") <= 390
    assert tab.contrasts()[0][0] >= 4.5
    assert tab.problems == []
    tab.close()


def test_an_empty_text_is_read_too(textprep, trained):
    record = json.loads(textprep("explain", trained, "", "--json").out)
    assert sum(record["probabilities"].values()) == pytest.approx(1)
    assert record["attention"] == []
    assert textprep("explain", trained, "", "--html", "page.html").code == 0


def test_a_text_may_be_longer_than_a_path_can_be(textprep) -> None:
    done = textprep("explain", "word " * 1000)
    assert (done.code, "tokens of word" in done.out) == (0, True)


def test_a_file_alone_is_no_text(textprep, tmp_path) -> None:
    (tmp_path / "reviews.csv").write_text("text,label\n")
    done = textprep("explain", "reviews.csv")
    assert done.code == 2
    assert "reviews.csv is a file or a run: give a text as well" in done.err


@pytest.fixture(scope="module")
def pairs(tmp_path_factory):
    """A JSONL file of 60 pairs: whether both are about the same animal."""
    rows = [
        {"text": f"A <b>{one}</b> eats {i}", "pair": f"The {other}.", "label": "no" if i % 2 else "yes"}
        for i in range(30)
        for one, other in [("dog", "cat" if i % 2 else "dog"), ("cat", "dog" if i % 2 else "cat")]
    ]
    path = tmp_path_factory.mktemp("pairs") / "pairs.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return path


@pytest.fixture(scope="module")
def of_pairs(pairs, small, tmp_path_factory):
    """A small run that compares two texts."""
    from textprep.config.experiment import read_config
    from textprep.training.runs.experiment import train

    folder = tmp_path_factory.mktemp("of_pairs")
    overrides = [*small[1::2], "dataset.pair=pair", "training.epochs=1", "loader.max_length=12"]
    return train(read_config(str(pairs), overrides), folder / "run", cache_dir=folder / "cache").path


TWO = ("A <b>dog</b> eats", "--pair", "The cat.")
ROW = ["a", "dog", "eats", "<sep>", "the", "cat", "."]


def names(record) -> list[str]:
    return [token["name"] for token in record["row"]["tokens"]]


@pytest.mark.parametrize("kind", ["alone", "data", "pipeline", "run"])
def test_two_texts_are_explained_with_whatever_makes_one_row_of_them(kind, textprep, pairs, request):
    of_pairs = request.getfixturevalue("of_pairs") if kind in ("pipeline", "run") else None
    before = {
        "alone": [],
        "data": [pairs],
        "pipeline": [of_pairs and of_pairs / "pipeline.json"],
        "run": [of_pairs],
    }[kind]
    overrides = ["--set", "dataset.pair=pair"] if kind == "data" else []
    record = json.loads(textprep("explain", *before, *TWO, *overrides, "--json").out)
    assert names(record) == ROW
    assert record["pair"]["raw"] == "The cat."
    assert [token["text"] for token in record["pair"]["tokens"]] == ["the", "cat", "."]
    real = len(record["row"]["tokens"])
    assert record["row"]["type_ids"] == [0] * 4 + [1] * 3 + [0] * (len(record["row"]["ids"]) - real)
    assert record["row"]["ids"][:real] == [*record["ids"], 2, *record["pair"]["ids"]]


def test_second_texts_may_come_from_standard_input(textprep, of_pairs, monkeypatch):
    first, _, second = TWO

    def given(text, *arguments):
        monkeypatch.setattr(sys, "stdin", io.StringIO(text))
        return textprep(*arguments)

    expected = textprep("predict", of_pairs, *TWO, "--json").out
    assert given(f"{second}\n", "predict", of_pairs, first, "--pair", "-", "--json").out == expected
    explained = json.loads(given(second, "explain", of_pairs, first, "--pair", "-", "--json").out)
    assert explained["pair"]["raw"] == second
    for command, said in (("predict", "the first texts or the second"), ("explain", "input is one text")):
        refused = given("a\n", command, of_pairs, "-", "--pair", "-")
        assert refused.code == 2
        assert said in " ".join(refused.err.replace("│", " ").split())


def test_which_of_two_texts_is_truncated_can_be_set(textprep, of_pairs):
    chosen = ["--set", "loader.max_length=5", "--set", "loader.truncation=head"]
    cut = json.loads(textprep("explain", of_pairs, *TWO, *chosen, "--json").out)
    assert names(cut) == ["a", "dog", "<sep>", "the", "cat"]
    only = [*chosen, "--set", "loader.pair_truncation=only_first"]
    assert names(json.loads(textprep("explain", of_pairs, *TWO, *only, "--json").out)) == ["a", *ROW[3:]]
    refused = textprep("explain", of_pairs, *TWO, *only, "--set", "loader.max_length=4")
    assert refused.code == 1
    assert "pair_truncation='only_first': the second text alone has 3 tokens" in refused.err


def test_a_run_says_of_which_text_the_words_are_that_decided(textprep, of_pairs):
    record = json.loads(textprep("explain", of_pairs, *TWO, "--json").out)
    assert {"first", "second"} <= {line["text"] for line in record["attention"]} <= {"first", "second", ""}
    (choice,) = record["choices"]
    assert len(choice["tokens"]) == len(choice["pairs"]) + 1 == len(ROW)
    assert sum(choice["tokens"]) + sum(choice["pairs"]) == pytest.approx(choice["linear"])
    printed = textprep("explain", of_pairs, *TWO).out
    assert "share of its text" in printed
    assert re.search(r"^second: (the|cat|[.]) +\d", printed, re.MULTILINE)
    assert "tokens  a dog eats <sep> the cat ." in printed


def test_the_pages_of_a_run_of_pairs_show_both_texts(textprep, of_pairs, browser, tmp_path):
    assert textprep("explain", of_pairs, *TWO, "--html", "page.html").code == 0
    tab = browser.open(tmp_path / "page.html")
    words = tab.evaluate(
        "[...document.querySelectorAll('.heatrow .word')].map(e => [e.textContent, e.className])"
    )
    assert words[2:5] == [["eats", "word"], ["<sep>", "word special"], ["the", "word second"]]
    weighed = tab.evaluate("[...document.querySelectorAll('.weighed bdi')].map(e => e.textContent)")
    assert weighed == ROW
    assert tab.problems == []
    tab.close()
    tab = browser.open(of_pairs / "report.html")
    titles = tab.evaluate("[...document.querySelectorAll('article h4')].map(e => e.textContent)")
    assert titles[:2] == ["First text", "Second text"]
    for width in (390, 1200):
        tab.resize(width, 800)
        assert tab.evaluate("document.documentElement.scrollWidth") <= width
    assert tab.contrasts()[0][0] >= 4.5
    assert tab.problems == []
    tab.close()


def test_a_run_of_single_texts_says_what_to_do_with_two(textprep, trained, of_pairs):
    done = textprep("explain", trained, *TWO)
    assert done.code == 1
    assert "Traceback" not in done.err
    missing = textprep("explain", of_pairs, "A dog")
    assert missing.code == 1
    assert "--pair TEXT" in missing.err
