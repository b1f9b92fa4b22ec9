"""What training was told, prediction knows: new data of every format is read as the training data was."""

from __future__ import annotations

import csv
import io
import json
import shutil
import sqlite3
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from textprep.storage.files import digest_of
from textprep.training.runs.run import Run

TINY = [
    "--set", "training.epochs=1", "--set", "model.embedding_dim=8", "--set", "model.hidden_dim=4",
    "--set", "tokenizer.min_freq=1", "--set", "training.device=cpu",
]  # fmt: skip
LEARNED = [
    {"text": f"{n}", "label": f"{n % 3}", "body": f"{word} film é{n}", "stars": stars}
    for n in range(60)
    for word, stars in (("great", "good"), ("dull", "bad"))
]
NEW = [
    {"text": "7", "label": "1", "body": "a great é one", "stars": "good"},
    {"text": "8", "label": "2", "body": "a dull one é", "stars": "bad"},
    {"text": "9", "label": "0", "body": "great é, again", "stars": "good"},
]
COLUMNS = ["--set", "dataset.text=body", "--set", "dataset.label=stars"]
Rows = list[dict[str, str]]


class Form(NamedTuple):
    """How rows are written, and what has to be said to read them."""

    ending: str
    write: Callable[[Path, Rows], object]
    said: list[str]


def _delimited(
    delimiter: str, encoding: str = "utf-8", *, header: bool = True
) -> Callable[[Path, Rows], None]:
    def write(path: Path, rows: Rows) -> None:
        text = io.StringIO()
        writer = csv.DictWriter(text, list(rows[0]), delimiter=delimiter, lineterminator="\n")
        if header:
            writer.writeheader()
        writer.writerows(rows)
        path.write_bytes(text.getvalue().encode(encoding))

    return write


def _folder(path: Path, rows: Rows) -> None:
    for number, row in enumerate(rows):
        file = path / row["stars"] / f"{number}.txt"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(row["body"].encode("cp1252"))


def _zip(path: Path, rows: Rows) -> None:
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("data/all.jsonl", _lines(rows))
        archive.writestr("data/other.jsonl", '{"body": "dull great", "stars": "odd"}\n')


def _sqlite(path: Path, rows: Rows) -> None:
    connection = sqlite3.connect(path)
    connection.execute("create table reviews (text, label, body, stars)")
    connection.executemany("insert into reviews values (:text, :label, :body, :stars)", rows)
    connection.commit()
    connection.close()


def _lines(rows: Rows) -> str:
    return "".join(json.dumps(row) + "\n" for row in rows)


def _set(**options: str) -> list[str]:
    return [part for option, value in options.items() for part in ("--set", f"dataset.{option}={value}")]


FORMS = {
    "csv": Form(".csv", _delimited(";", "cp1252"), [*COLUMNS, *_set(delimiter=";", encoding="cp1252")]),
    "csv without a header": Form(
        ".csv", _delimited(",", header=False), [*COLUMNS, *_set(names='["text", "label", "body", "stars"]')]
    ),
    "csv of another name": Form(".data", _delimited("|"), [*COLUMNS, *_set(name="csv", delimiter="|")]),
    "tsv": Form(".tsv", _delimited("\t", "utf-16"), [*COLUMNS, *_set(encoding="utf-16")]),
    "jsonl": Form(".jsonl", lambda path, rows: path.write_text(_lines(rows)), COLUMNS),
    "json": Form(
        ".json", lambda path, rows: path.write_text(json.dumps({"rows": rows})), [*COLUMNS, *_set(key="rows")]
    ),
    "parquet": Form(
        ".parquet", lambda path, rows: pq.write_table(pa.Table.from_pylist(rows), str(path)), COLUMNS
    ),
    "folder": Form("", _folder, _set(encoding="cp1252")),
    "archive": Form(".zip", _zip, [*COLUMNS, *_set(members="all.jsonl")]),
    "sql": Form(".db", _sqlite, [*COLUMNS, *_set(table="reviews")]),
}


@pytest.fixture(scope="module", params=FORMS)
def told(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Form, Path]:
    """A run that was told how its data is to be read, and new rows in the same form."""
    from textprep.config.experiment import read_config
    from textprep.training.runs.experiment import train

    form, folder = FORMS[request.param], tmp_path_factory.mktemp("told")
    learned, new = folder / f"learned{form.ending}", folder / f"new{form.ending}"
    form.write(learned, LEARNED)
    form.write(new, NEW)
    target, said = str(learned), form.said[1::2]
    if request.param == "sql":
        target, said = "sql", [f"dataset.url=sqlite:///{learned}", *said]
    elif "name=csv" in " ".join(said):
        target, said = "csv", [f"dataset.path={learned}", *(each for each in said if "name=" not in each)]
    train(read_config(target, [*said, *TINY[1::2]]), folder / "run", cache_dir=folder / "cache")
    return folder / "run", form, new


def test_new_data_is_read_as_the_training_data_was(textprep, told) -> None:
    run, _, new = told
    done = textprep("evaluate", run, "--data", new, "--json")
    assert done.code == 0, done.err
    scores = json.loads(done.out)
    assert (scores["rows"], scores["accuracy"]) == (3, 1.0)
    done = textprep("predict", run, "--data", new, "--json")
    assert done.code == 0, done.err
    said = [(row["text"], row["label"]) for row in json.loads(done.out)]
    assert sorted(said) == sorted((row["body"], row["stars"]) for row in NEW)


@pytest.mark.parametrize("form", ["jsonl", "csv", "folder"])
def test_another_format_keeps_what_applies(form, textprep, told, tmp_path) -> None:
    """Columns always; not the delimiter, and an encoding only where the file is not plainly UTF-8."""
    run, trained, _ = told
    path = tmp_path / f"other{FORMS[form].ending}"
    if form == "csv" and trained.ending in (".csv", ".data"):
        return  # of the same format: see the test below
    write = _delimited(",") if form == "csv" else FORMS[form].write
    write(path, NEW)
    own = ["--encoding", "cp1252"] if form == "folder" else []
    if trained.ending == "" != FORMS[form].ending:
        own += ["--text", "body", "--label", "stars"]
    done = textprep("evaluate", run, "--data", path, "--json", *own)
    assert done.code == 0, done.err
    assert json.loads(done.out)["accuracy"] == 1.0


@pytest.fixture(scope="module")
def semicolons(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run on a CSV file with semicolons in cp1252, whose columns were guessed."""
    from textprep.config.experiment import read_config
    from textprep.training.runs.experiment import train

    folder = tmp_path_factory.mktemp("semicolons")
    rows = [{"tweet": row["body"], "sentiment": row["stars"]} for row in LEARNED]
    _delimited(";", "cp1252")(folder / "learned.csv", rows)
    said = ["dataset.delimiter=;", "dataset.encoding=cp1252"]
    config = read_config(str(folder / "learned.csv"), [*said, *TINY[1::2]])
    train(config, folder / "run", cache_dir=folder / "cache")
    return folder / "run"


def test_guessed_columns_are_known_later(textprep, semicolons, tmp_path) -> None:
    """A guess on the new file alone would take "text" and "label", which are something else."""
    record = json.loads((semicolons / "data.json").read_text())
    assert record["reading"].items() >= {"text": "tweet", "label": "sentiment", "delimiter": ";"}.items()
    rows = [{"text": "x", "label": "9", "tweet": row["body"], "sentiment": row["stars"]} for row in NEW]
    _delimited(";", "cp1252")(tmp_path / "new.csv", rows)
    done = textprep("evaluate", semicolons, "--data", "new.csv", "--json")
    assert json.loads(done.out)["accuracy"] == 1.0
    assert done.err == ""
    loaded = Run.load(semicolons)
    assert loaded.evaluate(loaded.read("new.csv")["train"])["accuracy"] == 1.0
    texts = loaded.read("new.csv", text="text", labelled=False)["train"].text
    assert texts.to_pylist() == ["x"] * len(NEW)


def test_a_label_column_that_cannot_be_guessed_is_named_as_training_knew_it(
    textprep, semicolons, tmp_path
) -> None:
    rows = [{"tweet": row["body"], "moon": row["stars"]} for row in NEW]
    (tmp_path / "new.jsonl").write_text(_lines(rows))
    done = textprep("evaluate", semicolons, "--data", "new.jsonl")
    assert (done.code, done.err.count("\n")) == (1, 1)
    assert (
        "there is no column 'sentiment', which the training data have; there are: 'tweet', 'moon'" in done.err
    )
    assert done.err.rstrip().endswith("(in a command --set dataset.label=…)")
    assert textprep("evaluate", semicolons, "--data", "new.jsonl", "--label", "moon").code == 0


@pytest.mark.parametrize(
    ("write", "names", "said", "options"),
    [
        (_delimited(",", "cp1252"), ("tweet", "sentiment"), "delimiter=';'", _set(delimiter=",")),
        (_delimited(";", "cp1252"), ("words", "sentiment"), "no column 'tweet'", ["--text", "words"]),
        (_delimited(";", "cp1252"), ("tweet", "stars"), "no column 'sentiment'", ["--label", "stars"]),
    ],
)
def test_a_file_that_differs_is_one_message(
    write, names, said, options, textprep, semicolons, tmp_path
) -> None:
    write(tmp_path / "new.csv", [dict(zip(names, (row["body"], row["stars"]), strict=True)) for row in NEW])
    done = textprep("evaluate", semicolons, "--data", "new.csv")
    assert (done.code, done.out, done.err.count("\n")) == (1, "", 1)
    assert said in done.err
    assert textprep("evaluate", semicolons, "--data", "new.csv", *options).code == 0


def test_a_file_in_utf8_is_not_read_as_what_training_was(textprep, semicolons, tmp_path) -> None:
    _delimited(";")(tmp_path / "new.csv", [{"tweet": row["body"], "sentiment": row["stars"]} for row in NEW])
    done = textprep("predict", semicolons, "--data", "new.csv", "--json")
    assert [row["text"] for row in json.loads(done.out)] == [row["body"] for row in NEW]
    assert "new.csv is UTF-8 and read as that; the training data were cp1252" in done.err


def test_a_run_of_an_older_version_still_opens(textprep, semicolons, tmp_path) -> None:
    """It has its configuration alone: columns that were guessed are guessed again, and nothing was seen."""
    run = shutil.copytree(semicolons, tmp_path / "run")
    manifest = json.loads((run / "run.json").read_text())
    for file in ("data.json", "texts.safetensors"):
        (run / file).unlink()
        del manifest["checksums"][file]
    del manifest["checksum"]
    manifest["checksum"] = digest_of(json.dumps(manifest, sort_keys=True).encode())
    (run / "run.json").write_text(json.dumps(manifest))
    rows = [{"tweet": row["body"], "sentiment": row["stars"]} for row in LEARNED]
    _delimited(";", "cp1252")(tmp_path / "new.csv", rows)
    scores = json.loads(textprep("evaluate", "run", "--data", "new.csv", "--json").out)
    assert scores["accuracy"] == 1.0
    assert "seen" not in scores
    assert textprep("evaluate", "run", "--min-recall", "0.5").code == 0  # which writes the manifest again
    assert textprep("predict", "run", "great").code == 0


def test_rows_that_training_saw_are_counted_and_the_others_scored(textprep, semicolons, tmp_path) -> None:
    rows = [{"tweet": row["body"], "sentiment": row["stars"]} for row in [*LEARNED[:4], *NEW]]
    _delimited(";", "cp1252")(
        tmp_path / "new.csv", [*rows[:4], {**rows[0], "tweet": "Great FILM: É0!"}, *rows[4:]]
    )
    scores = json.loads(textprep("evaluate", semicolons, "--data", "new.csv", "--json").out)
    assert scores["rows"] == 8
    assert 3 <= scores["seen"]["rows"] <= 5  # those of the held-out splits were not seen
    assert scores["seen"]["others"]["rows"] == 8 - scores["seen"]["rows"]
    assert "of 8 rows are training texts; of the" in textprep("evaluate", semicolons, "--data", "new.csv").out


def test_a_column_that_only_some_rows_have_is_there(textprep, semicolons, tmp_path) -> None:
    """Of JSON Lines a row without the key of a column is a bad row, not a file without the column."""
    rows = [{"tweet": "no label"}, *({"tweet": row["body"], "sentiment": row["stars"]} for row in NEW)]
    (tmp_path / "new.jsonl").write_text(_lines(rows))
    skip = ["--set", "dataset.on_error=skip"]
    scores = json.loads(textprep("evaluate", semicolons, "--data", "new.jsonl", "--json", *skip).out)
    assert (scores["rows"], scores["accuracy"]) == (3, 1.0)
    assert (
        "there is no option 'speed'"
        in textprep("evaluate", semicolons, "--data", "new.jsonl", "--set", "dataset.speed=1").err
    )
