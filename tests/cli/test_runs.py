"""``evaluate`` and ``predict``: files that the run has never seen, and runs that are damaged."""

from __future__ import annotations

import io
import json
import os
import re
import shlex
import shutil
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from textprep.errors import PipelineError
from textprep.training.runs.run import FILES, Run

ROWS = [
    ("A superb film, lovely.", "good"),
    ("Tiresome and boring, a mess.", "bad"),
    ("Great, a joy.", "good"),
]


def write_jsonl(path: Path, rows: list[tuple[str, object]], text: str = "text", label: str = "label") -> Path:
    path.write_text("".join(json.dumps({text: words, label: name}) + "\n" for words, name in rows))
    return path


def write_csv(path: Path, rows: list[tuple[str, object]], text: str = "text", label: str = "label") -> Path:
    path.write_text(f"{text},{label}\n" + "".join(f'"{words}",{name}\n' for words, name in rows))
    return path


@pytest.mark.parametrize(("writer", "suffix"), [(write_jsonl, "jsonl"), (write_csv, "csv")])
def test_evaluate_a_file_that_the_run_has_never_seen(writer, suffix, textprep, trained, tmp_path) -> None:
    path = writer(tmp_path / f"mine.{suffix}", ROWS)
    done = textprep("evaluate", trained, "--data", path, "--json")
    assert done.code == 0, done.err
    scores = json.loads(done.out)
    assert scores["class_names"] == ["bad", "good"]
    assert scores["accuracy"] == 1.0
    assert scores["confusion_matrix"] == [[1, 0], [0, 2]]
    assert set(scores["per_class"]["good"]) == {"precision", "recall", "f1", "support"}
    assert "precision" in textprep("evaluate", trained, "--data", path).out


def test_evaluate_other_columns_and_labels_as_ids(textprep, trained, tmp_path) -> None:
    rows = [(words, int(name == "good")) for words, name in ROWS]
    path = write_jsonl(tmp_path / "mine.jsonl", rows, "review", "stars")
    done = textprep("evaluate", trained, "--data", path, "--text", "review", "--label", "stars", "--json")
    assert json.loads(done.out)["accuracy"] == 1.0


def test_evaluate_without_data_prints_the_held_out_scores(textprep, trained) -> None:
    metrics = json.loads((trained / "metrics.json").read_text())
    scores = json.loads(textprep("evaluate", trained, "--json").out)
    assert scores["confusion_matrix"] == metrics["confusion_matrix"]


def test_a_label_that_training_never_saw_is_named(textprep, trained, tmp_path) -> None:
    path = write_jsonl(tmp_path / "mine.jsonl", [*ROWS, ("So so.", "mixed")])
    done = textprep("evaluate", trained, "--data", path)
    assert done.code == 1
    assert "mine.jsonl, line 4, column 'label': the label 'mixed' is none of the classes" in done.err
    assert done.err.count("\n") == 1


def test_predict_texts_files_and_standard_input(textprep, trained, tmp_path, monkeypatch) -> None:
    texts = [words for words, _ in ROWS]
    given = json.loads(textprep("predict", trained, *texts, "--json").out)
    assert [row["text"] for row in given] == texts
    for row in given:
        assert set(row) == {"text", "label", "probabilities"}
        assert row["label"] == max(row["probabilities"], key=row["probabilities"].get)
        assert abs(sum(row["probabilities"].values()) - 1) < 1e-6
    for path in (write_jsonl(tmp_path / "mine.jsonl", ROWS), write_csv(tmp_path / "mine.csv", ROWS)):
        assert json.loads(textprep("predict", trained, "--data", path, "--json").out) == given
    monkeypatch.setattr("sys.stdin", io.StringIO("\n".join(texts) + "\n"))
    assert json.loads(textprep("predict", trained, "--json").out) == given
    assert textprep("predict", trained, texts[0]).out.startswith("good")


def test_predict_imports_what_it_needs(trained, imported) -> None:
    modules = imported("predict", trained, "A superb film.")
    assert "torch" in modules
    idle = {"datasets", "jinja2", "matplotlib", "pandas", "sympy", "torch._dynamo", "torchmetrics"}
    assert not {*idle, "textprep.datasets", "textprep.report.run_page"} & modules


@pytest.mark.slow
def test_predict_starts_as_fast_as_torch(trained, run_python) -> None:
    """CPU time by turns, and a ratio: what textprep adds to torch it saves by looking for less garbage."""

    def seconds(*arguments: str) -> float:
        before = os.times()
        assert run_python(*arguments).returncode == 0
        after = os.times()
        return sum(after[2:4]) - sum(before[2:4])

    turns = [
        (seconds("-m", "textprep", "predict", str(trained), "A superb film."), seconds("-c", "import torch"))
        for _ in range(3)
    ]
    predict, torch = (min(column) for column in zip(*turns, strict=True))
    assert predict < 1.5 * torch


def test_predict_odd_texts(textprep, trained) -> None:
    done = textprep("predict", trained, "", "   ", "\u4e2d\u6587 \U0001f3ac", "<br>", "x" * 5000, "--json")
    assert done.code == 0, done.err
    assert len(json.loads(done.out)) == 5


@pytest.mark.parametrize(
    "form", [list, tuple, iter, np.array, pd.Series, pa.array, lambda texts: pa.chunked_array([texts])]
)
def test_a_run_predicts_texts_in_any_form(form, trained) -> None:
    run, texts = Run.load(trained), [words for words, _ in ROWS]
    assert [prediction.text for prediction in run.predict(form(texts))] == texts
    assert run.predict(pa.array([], pa.string())) == []
    with pytest.raises(PipelineError, match="row 1 is int, not a text"):
        run.predict(["A film.", 7])
    with pytest.raises(PipelineError, match="predict takes a list of texts, not one"):
        run.predict("A film.")


def test_probabilities_do_not_depend_on_company(trained) -> None:
    run = Run.load(trained)
    texts = [words for words, _ in ROWS] + ["great " * 50]
    together = run.predict(texts)
    for text, prediction in zip(texts, together, strict=True):
        alone = run.predict([text])[0]
        assert alone.probabilities == pytest.approx(prediction.probabilities, abs=1e-5)


@pytest.mark.parametrize("file", [*FILES, "run.json"])
@pytest.mark.parametrize("damage", ["missing", "truncated", "flipped"])
def test_a_damaged_run_is_one_clear_line(file, damage, textprep, trained, tmp_path) -> None:
    run = shutil.copytree(trained, tmp_path / "run")
    content = (run / file).read_bytes()
    if damage == "missing":
        (run / file).unlink()
    elif damage == "truncated":
        (run / file).write_bytes(content[: len(content) // 2])
    else:
        middle = content.index(b'"good"') + 2 if file == "run.json" else len(content) // 2
        (run / file).write_bytes(content[:middle] + bytes([content[middle] ^ 1]) + content[middle + 1 :])
    done = textprep("predict", run, "A film")
    assert done.code == 1
    assert done.out == ""
    assert done.err.startswith("textprep: error: ")
    assert done.err.count("\n") == 1
    assert file in done.err


def test_a_folder_that_is_no_run(textprep, tmp_path) -> None:
    assert "there is no run directory" in textprep("predict", tmp_path / "none", "A film").err
    assert "holds no finished run" in textprep("predict", tmp_path, "A film").err


@pytest.mark.parametrize(
    "change", [{"class_names": ["good", "bad"]}, {"model": {}}, {"checksums": []}, {"class_names": 5}]
)
def test_an_edited_manifest_is_refused(change, textprep, trained, tmp_path) -> None:
    run = shutil.copytree(trained, tmp_path / "run")
    manifest = json.loads((run / "run.json").read_text())
    (run / "run.json").write_text(json.dumps(manifest | change))
    done = textprep("predict", run, "A film")
    assert (done.code, done.out) == (1, "")
    assert "run.json is damaged" in done.err
    assert done.err.count("\n") == 1


def test_texts_and_a_file_together_are_refused(textprep, trained, tmp_path) -> None:
    path = write_csv(tmp_path / "mine.csv", ROWS)
    done = textprep("predict", trained, "A film", "--data", path)
    assert (done.code, done.out) == (2, "")
    assert "give texts or --data, not both" in done.err


def test_a_line_in_is_a_line_out(textprep, trained, monkeypatch) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("great\n\n\x1b[31mdull\n"))
    lines = textprep("predict", trained).out.splitlines()
    assert len(lines) == 3
    assert "\x1b" not in lines[2]


def test_a_file_is_read_as_the_training_data_was(textprep, small, tmp_path) -> None:
    rows = [
        f"{word} film {i};{label}" for i in range(40) for word, label in (("great", "good"), ("dull", "bad"))
    ]
    semicolons = tmp_path / "semi.csv"
    semicolons.write_text("review;stars\n" + "\n".join(rows) + "\n")
    columns = ["--set", "dataset.delimiter=;", "--set", "dataset.text=review", "--set", "dataset.label=stars"]
    assert textprep("train", semicolons, *small, *columns, "--run", "run").code == 0
    assert textprep("evaluate", "run", "--data", semicolons, "--json").code == 0
    commas = write_csv(tmp_path / "commas.csv", ROWS)
    changed = ["--set", "dataset.delimiter=,", "--set", "dataset.text=text", "--label", "label"]
    assert textprep("evaluate", "run", "--data", commas, *changed).code == 0
    skipping = textprep("evaluate", "run", "--data", commas, *changed, "--set", "dataset.on_error=skip")
    assert skipping.code == 0


@pytest.mark.parametrize("encoding", ["ascii", "cp1252"])
def test_a_terminal_that_cannot_show_a_character_shows_an_escape(
    encoding, trained, run_python, monkeypatch
) -> None:
    monkeypatch.setenv("PYTHONIOENCODING", encoding)
    done = run_python("-m", "textprep", "predict", str(trained), "映画 🎬")
    assert done.returncode == 0, done.stderr
    as_json = run_python("-m", "textprep", "predict", str(trained), "映画 🎬", "--json")
    assert json.loads(as_json.stdout)[0]["text"] == "映画 🎬"


def test_a_threshold_is_chosen_on_validation_stored_and_used(textprep, trained, tmp_path) -> None:
    run = shutil.copytree(trained, tmp_path / "run")
    before = json.loads(textprep("evaluate", run, "--json").out)
    done = textprep("evaluate", run, "--min-precision", "1.0", "--class", "bad", "--json")
    assert done.code == 0, done.err
    scores = json.loads(done.out)
    chosen = scores["threshold"]
    assert (chosen["class_name"], chosen["wanted"]) == ("bad", {"precision": 1.0})
    assert chosen["validation"]["precision"] == 1.0
    assert chosen["cost"]["accuracy"] == {"without": before["accuracy"], "with": scores["accuracy"]}
    assert chosen["cost"]["recall"]["with"] == scores["per_class"]["bad"]["recall"]

    assert json.loads(textprep("evaluate", run, "--json").out) == scores  # stored with the run
    assert "chosen for a precision of 1 on the validation split" in textprep("evaluate", run).out
    value = json.loads((run / "threshold.json").read_text())["value"]
    for row in json.loads(textprep("predict", run, *[words for words, _ in ROWS], "", "--json").out):
        assert row["label"] == ("bad" if row["probabilities"]["bad"] >= value else "good")

    textprep("evaluate", run, "--reset-threshold")
    assert json.loads(textprep("evaluate", run, "--json").out) == before


def test_a_threshold_that_cannot_be_had_is_one_clear_line(textprep, trained) -> None:
    for options, message in (
        (["--min-recall", "2"], "the least recall is 2: it must be above 0, at most 1"),
        (["--min-recall", "0.5", "--min-precision", "0.5"], "either the least recall or the least precision"),
        (["--min-recall", "0.5", "--class", "fine"], "no class 'fine'; there are: bad, good"),
    ):
        done = textprep("evaluate", trained, *options)
        assert (done.code, done.out) == (1, "")
        assert message in done.err
        assert done.err.count("\n") == 1


@pytest.mark.parametrize("options", [["--reset-threshold", "--min-recall", "0.5"], ["--class", "good"]])
def test_options_that_do_not_go_together_are_refused(options, textprep, trained) -> None:
    done = textprep("evaluate", trained, *options)
    assert (done.code, done.out) == (2, "")
    assert "give " in done.err
    assert not Run.load(trained).threshold


def test_neighbours_are_near_in_what_the_run_has_learned(textprep, reviews, small, trained) -> None:
    alone = ["--set", "model.word_pairs=0"]  # a linear model beside leaves the embeddings little to learn
    textprep("train", reviews, "--run", "alone", *small, *alone)
    found = json.loads(textprep("neighbours", "alone", "Superb", "--top", "3", "--json").out)
    assert len(found) == 3
    assert {row["token"] for row in found} <= {"great", "lovely", "moving", "joy"}
    assert 1 >= found[0]["similarity"] >= found[1]["similarity"]
    assert "cosine" in textprep("neighbours", trained, "superb").out
    assert "spelled like it are: superb" in textprep("neighbours", trained, "superbb").err
    assert "'zzz' is not in the vocabulary of the run\n" in textprep("neighbours", trained, "zzz").err
    assert "is 2 tokens for this run, ['great', 'film']" in textprep("neighbours", trained, "great film").err


@pytest.mark.parametrize("command", [["predict"], ["predict", "--json"], ["explain"], ["neighbours"]])
def test_a_text_of_another_encoding_is_refused_as_in_a_file(command, textprep, trained) -> None:
    """As a model sees it, a lone surrogate is a word that it does not know."""
    done = textprep(command[0], trained, *command[1:], "caf\udce9")
    assert (done.code, done.out, done.err.count("\n")) == (1, "", 1)
    assert (
        "text 1: byte 0xe9 (number 3 of the line, from 0) is not utf-8; name the right encoding" in done.err
    )


@pytest.mark.parametrize("given", [["predict"], ["explain", "-"]])
def test_standard_input_of_another_encoding_is_refused_or_named(
    given, textprep, trained, monkeypatch
) -> None:
    def run(content: bytes, *options: str):
        stream = io.TextIOWrapper(io.BytesIO(content), "utf-8", errors="surrogateescape")
        monkeypatch.setattr("sys.stdin", stream)
        return textprep(given[0], trained, *given[1:], "--json", *options)

    done = run(b"fine\r\ncaf\xe9\n")
    assert (done.code, done.out) == (1, "")
    assert "standard input, line 2: byte 0xe9 (number 3 of the line, from 0) is not utf-8" in done.err
    assert "no encoding is called 'utf9'" in run(b"caf\xe9\n", "--encoding", "utf9").err
    for content, encoding in ((b"caf\xe9\n", "cp1252"), ("caf\xe9\n".encode("utf-16"), "utf-16")):
        (said,) = [json.loads(run(content, "--encoding", encoding).out)]
        raw = said["raw"] if given[0] == "explain" else said[0]["text"]
        assert raw.rstrip() == "caf\xe9"


def test_a_text_in_the_encoding_that_is_named(textprep, trained) -> None:
    done = textprep("predict", trained, "caf\udce9", "--encoding", "cp1252", "--json")
    assert json.loads(done.out)[0]["text"] == "caf\xe9"
    run = Run.load(trained)
    with pytest.raises(PipelineError, match="row 1: character 3 is byte 0xe9"):
        run.predict(["fine", "caf\udce9"])


@pytest.mark.parametrize(
    "names", [{"good": "Goodness", "bad": "badly"}, {"good": 2, "bad": 1}, {"good": "G", "bad": "B"}]
)
def test_labels_by_other_names_are_proposed_or_mapped(names, textprep, trained, tmp_path) -> None:
    """The advice for words that are near, or as many numbers as classes, is a command that works."""
    path = write_jsonl(tmp_path / "mine.jsonl", [(words, names[label]) for words, label in ROWS])
    done = textprep("evaluate", trained, "--data", path)
    assert (done.code, done.err.count("\n")) == (1, 1)
    mapping = ",".join(f"{name}={label}" for label, name in names.items())
    scores = json.loads(textprep("evaluate", trained, "--data", path, "--labels", mapping, "--json").out)
    assert (scores["accuracy"], scores["class_names"]) == (1.0, ["bad", "good"])
    if names["good"] == "G":  # one letter is near to nothing
        return
    advised = re.search(r"in a command --set (.*dataset.labels=.+)\)$", done.err)
    assert advised, done.err
    scores = json.loads(
        textprep("evaluate", trained, "--data", path, "--set", *shlex.split(advised[1]), "--json").out
    )
    assert scores["accuracy"] == 1.0
