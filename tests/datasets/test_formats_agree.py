"""The same data in every format is the same corpus, with the same fingerprint of content."""

from __future__ import annotations

import bz2
import csv
import gzip
import io
import json
import lzma
import sqlite3
import zipfile
from types import SimpleNamespace

import datasets as hf
import pandas as pd
import pyarrow as pa
import pyarrow.feather
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import textprep as tp
from textprep.datasets import as_corpus
from textprep.preparation.columns import contents_of
from textprep.preparation.fingerprint import digest, made_of

ROWS = [
    {"text": text, "label": label}
    for text, label in [
        ("A great film, really.", "pos"),
        ('He said "no".', "neg"),
        ("Zeile eins\nZeile zwei \u00e9 \U0001d11e", "neg"),
        ("2020-01-01", "pos"),
        (" leading and trailing ", "neg"),
        ("", "pos"),
        ("007", "pos"),
    ]
]
PIPELINE = tp.Pipeline(steps=[tp.Lowercase()], tokenizer=tp.WordTokenizer())


def csv_bytes(delimiter=","):
    file = io.StringIO(newline="")
    writer = csv.writer(file, delimiter=delimiter)
    writer.writerows([("text", "label"), *((row["text"], row["label"]) for row in ROWS)])
    return file.getvalue().encode()


def jsonl_bytes():
    return "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in ROWS).encode()


def written(path, content):
    path.write_bytes(content)
    return path


def folder(tmp_path, **names):
    for number, row in enumerate(ROWS):
        (tmp_path / "texts" / f"{number}.txt").parent.mkdir(exist_ok=True)
        (tmp_path / "texts" / f"{number}.txt").write_text(row["text"], encoding="utf-8", newline="")
    lines = "".join(f"{number}.txt,{row['label']}\n" for number, row in enumerate(ROWS))
    (tmp_path / "texts" / "labels.csv").write_text("file,label\n" + lines)
    return {"name": "folder", "path": tmp_path / "texts", "labels": "labels.csv"}


def archive(tmp_path):
    with zipfile.ZipFile(tmp_path / "r.zip", "w") as file:
        file.writestr("in/reviews.csv", csv_bytes())
    return {"name": "archive", "path": tmp_path / "r.zip"}


def database(tmp_path):
    connection = sqlite3.connect(tmp_path / "r.db")
    connection.execute("create table reviews (text text, label text)")
    connection.executemany("insert into reviews values (:text, :label)", ROWS)
    connection.commit()
    connection.close()
    return tmp_path / "r.db"


def arrow_file(tmp_path):
    pyarrow.feather.write_feather(pa.Table.from_pylist(ROWS), tmp_path / "r.feather")
    return {"name": "arrow", "path": tmp_path / "r.feather"}


def parquet(tmp_path):
    pq.write_table(pa.Table.from_pylist(ROWS), tmp_path / "r.parquet")
    return {"name": "parquet", "path": tmp_path / "r.parquet"}


def parts(tmp_path):
    lines = jsonl_bytes().splitlines(keepends=True)
    for number in (0, 1):
        (tmp_path / f"part-{number}.jsonl").write_bytes(b"".join(lines[:3] if number == 0 else lines[3:]))
    return {"name": "jsonl", "path": str(tmp_path / "part-*.jsonl")}


def in_memory_files(tmp_path):
    import fsspec

    with fsspec.open("memory://agree/reviews.csv", "wb") as file:
        file.write(csv_bytes())
    return {"name": "csv", "path": "memory://agree/reviews.csv"}


def saved(tmp_path):
    hf.Dataset.from_list(ROWS).save_to_disk(tmp_path / "saved")
    return {"name": "huggingface", "path": str(tmp_path / "saved")}


BUNCH = SimpleNamespace(
    data=[row["text"] for row in ROWS],
    target=[int(row["label"] == "pos") for row in ROWS],
    target_names=["neg", "pos"],
)
SOURCES = {
    "csv": lambda p: {"name": "csv", "path": written(p / "r.csv", csv_bytes())},
    "csv without a header": lambda p: {"name": "csv", "path": written(p / "r.csv", csv_bytes().split(b"\n", 1)[1]), "names": ["text", "label"]},
    "csv of utf-16": lambda p: {"name": "csv", "path": written(p / "r.csv", csv_bytes().decode().encode("utf-16")), "encoding": "utf-16"},
    "csv with a mark": lambda p: {"name": "csv", "path": written(p / "r.csv", b"\xef\xbb\xbf" + csv_bytes())},
    "tsv": lambda p: {"name": "tsv", "path": written(p / "r.tsv", csv_bytes("\t"))},
    "jsonl": lambda p: {"name": "jsonl", "path": written(p / "r.jsonl", jsonl_bytes())},
    "json": lambda p: {"name": "json", "path": written(p / "r.json", json.dumps(ROWS, indent=1).encode())},
    "json under a key": lambda p: {"name": "json", "path": written(p / "r.json", json.dumps({"n": [1], "rows": ROWS, "z": {}}).encode()), "key": "rows"},
    "gz": lambda p: {"name": "csv", "path": written(p / "r.csv.gz", gzip.compress(csv_bytes()))},
    "bz2": lambda p: {"name": "csv", "path": written(p / "r.csv.bz2", bz2.compress(csv_bytes()))},
    "xz": lambda p: {"name": "jsonl", "path": written(p / "r.jsonl.xz", lzma.compress(jsonl_bytes()))},
    "zst": lambda p: {"name": "jsonl", "path": zst(p / "r.jsonl.zst", jsonl_bytes())},
    "parquet": parquet,
    "arrow": arrow_file,
    "several files": parts,
    "fsspec": in_memory_files,
    "folder": folder,
    "archive": archive,
    "sqlite": lambda p: {"name": "sql", "url": f"sqlite:///{database(p)}", "table": "reviews"},
    "sklearn": lambda p: {"name": "sklearn", "bunch": BUNCH},
    "saved by datasets": saved,
    "generator": lambda p: {"name": "memory", "rows": (row for row in ROWS)},
    "pandas": lambda p: {"name": "memory", "rows": pd.DataFrame(ROWS)},
    "arrow table": lambda p: {"name": "memory", "rows": pa.Table.from_pylist(ROWS)},
    "columns": lambda p: {"name": "memory", "rows": {name: [row[name] for row in ROWS] for name in ("text", "label")}},
    "datasets in hand": lambda p: {"name": "memory", "rows": hf.Dataset.from_list(ROWS)},
}  # fmt: skip


def zst(path, content):
    with pa.output_stream(str(path), compression="zstd") as stream:
        stream.write(content)
    return path


@pytest.fixture(scope="module")
def expected():
    return as_corpus({"train": ROWS})


@pytest.mark.parametrize("source", SOURCES)
def test_the_same_corpus_and_the_same_fingerprint(tmp_path, source, expected):
    corpus = tp.load_dataset(**SOURCES[source](tmp_path), splits=None)
    assert corpus.class_names == ("neg", "pos")
    own = corpus["train"].table.select(["text", "label", "row_id"])
    assert own.to_pydict() == expected["train"].table.to_pydict()
    assert own.schema == expected["train"].table.schema
    assert digest(made_of(corpus, PIPELINE)) == digest(made_of(expected, PIPELINE))
    assert contents_of(corpus) == contents_of(expected)


def test_polars_frames(expected):
    polars = pytest.importorskip("polars")
    corpus = tp.load_dataset("memory", rows=polars.DataFrame(ROWS), splits=None)
    assert corpus["train"].table.to_pydict() == expected["train"].table.to_pydict()


def test_another_database_through_sqlalchemy(tmp_path, expected):
    sqlalchemy = pytest.importorskip("sqlalchemy")
    from textprep.datasets.formats import sql

    url = f"sqlite:///{database(tmp_path)}"
    assert sqlalchemy
    for what in ((None, "reviews"), ("select * from reviews", None)):
        assert list(sql._other_rows(url, *what, {})) == ROWS


def of_rows(rows):
    return {name: [row[name] for row in rows] for name in ("text", "label")}


def in_csv(rows, path, name, **how):
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, **how)
        writer.writerows([("text", "label"), *((row["text"], row["label"]) for row in rows)])
    return {"name": name, "path": path}


def in_sql(rows, path):
    connection = sqlite3.connect(path)
    connection.execute("create table r (text, label)")
    connection.executemany("insert into r values (:text, :label)", rows)
    connection.commit()
    connection.close()
    return {"name": "sql", "url": f"sqlite:///{path}", "table": "r"}


def in_parquet(rows, path):
    pq.write_table(pa.table(of_rows(rows)), path)
    return {"name": "parquet", "path": path}


def in_arrow(rows, path):
    pyarrow.feather.write_feather(pa.table(of_rows(rows)), path)
    return {"name": "arrow", "path": path}


def in_polars(rows, _):
    polars = pytest.importorskip("polars")
    return {"name": "memory", "rows": polars.DataFrame(of_rows(rows), strict=False)}


def jsonl_of(rows, **how):
    return "\n".join(json.dumps(row, **how) for row in rows).encode()


FORMATS = {  # how rows are written, as people would
    "csv": lambda rows, path: in_csv(rows, path, "csv"),
    "csv, all quoted": lambda rows, path: in_csv(rows, path, "csv", quoting=csv.QUOTE_ALL, lineterminator="\n"),
    "tsv": lambda rows, path: {"name": "tsv", "quote": None, "path": written(path, "".join(f"{row['text']}\t{row['label']}\n" for row in [{"text": "text", "label": "label"}, *rows]).encode())},
    "jsonl": lambda rows, path: {"name": "jsonl", "path": written(path, jsonl_of(rows))},
    "jsonl, utf-8": lambda rows, path: {"name": "jsonl", "path": written(path, jsonl_of(rows, ensure_ascii=False))},
    "json": lambda rows, path: {"name": "json", "path": written(path, json.dumps(rows).encode())},
    "json, indented": lambda rows, path: {"name": "json", "path": written(path, json.dumps(rows, indent=1, ensure_ascii=False).encode())},
    "parquet": in_parquet,
    "arrow": in_arrow,
    "sql": in_sql,
    "mappings": lambda rows, _: {"name": "memory", "rows": rows},
    "pairs": lambda rows, _: {"name": "memory", "rows": [(row["text"], row["label"]) for row in rows]},
    "columns": lambda rows, _: {"name": "memory", "rows": of_rows(rows)},
    "pandas": lambda rows, _: {"name": "memory", "rows": pd.DataFrame(of_rows(rows), dtype=object)},
    "polars": in_polars,
    "arrow table": lambda rows, _: {"name": "memory", "rows": pa.table(of_rows(rows))},
    "datasets": lambda rows, _: {"name": "huggingface", "path": hf.Dataset.from_dict(of_rows(rows))},
}  # fmt: skip
DELIMITED = {"csv", "csv, all quoted", "tsv"}
words = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=6)
endings = st.sampled_from(
    [
        "\r\n",
        "\r",
        "\n",
        '"',
        '""',
        "\t",
        ",",
        "\\",
        "\u2028",
        "\x85",
        "\ufeff",
        "NULL",
        "nan",
        "NA",
        "None",
        "null",
    ]
)
texts = st.lists(words | endings, max_size=4).map("".join)
names = st.sampled_from(["pos", "neg", "né", "007", "7", "NA", "None", "nan", "true", "1.0", "-1"])
rows_of_names = st.tuples(st.one_of(texts, st.none()), st.one_of(names, st.none()))
rows_of_numbers = st.tuples(texts, st.integers(-3, 12))


def holds(name, rows):
    """Whether a format can hold the rows: delimited text has no missing text, and TSV no tab and line end."""
    contents = [row["text"] for row in rows]
    if name in DELIMITED and None in contents:
        return False
    if name == "tsv":
        return not any(set(text) & set("\t\r\n") for text in contents) and None not in [
            row["label"] for row in rows
        ]
    return True


@settings(max_examples=50, deadline=None)
@given(
    st.one_of(
        st.lists(rows_of_names, min_size=1, max_size=6), st.lists(rows_of_numbers, min_size=1, max_size=6)
    )
)
def test_the_same_content_is_the_same_in_every_format_that_can_hold_it(tmp_path_factory, pairs):
    rows = [
        {"text": text, "label": label}
        for text, label in [*pairs, ("a text", "pos" if pairs[0][1] is None else pairs[0][1])]
    ]
    folder, found = tmp_path_factory.mktemp("agree"), {}
    for name, write in FORMATS.items():
        if holds(name, rows):
            corpus = tp.load_dataset(
                **write(rows, folder / name.replace(", ", "-")), splits=None, on_error="skip"
            )
            table = corpus["train"].table.select(["text", "label", "row_id"])
            found[name] = (
                table.to_pydict(),
                corpus.class_names,
                corpus.rows_read,
                [each.column for each in corpus.rejected],
            )
    assert found == dict.fromkeys(found, found["mappings"])
