"""Seeded defects in every adapter: each is named with its file, line, byte where there is one, column and
reason, costs its own row and no other, and in every mode rows read = rows kept + rows left out."""

from __future__ import annotations

import io
import json
import sqlite3
import tarfile
from collections.abc import Mapping
from types import MappingProxyType, SimpleNamespace
from typing import Any, NamedTuple

import pandas as pd
import pyarrow as pa
import pyarrow.feather
import pyarrow.parquet as pq
import pytest

import textprep as tp
from textprep.datasets.formats import delimited_blocks, jsonl, jsonl_blocks, members
from textprep.errors import DatasetError


class Defect(NamedTuple):
    """A bad row, put between good ones; ``options`` are those of `load_dataset`."""

    raw: Any
    column: str | None
    reason: str
    options: Mapping[str, Any] = MappingProxyType({})


LONG = "x" * 5000
CSV = {
    "too few fields": Defect(b"alone\n", None, "the row has 1 fields, the header 2"),
    "too many fields": Defect(b"a,pos,more\n", None, "the row has 3 fields, the header 2"),
    "a field behind the last": Defect(b"a,pos,\n", None, "the row has 3 fields"),
    "an open quote": Defect(
        b'"a,pos\n', "text", "a quote is opened and never closed|after its closing quote"
    ),
    "an open quote in the label": Defect(b'a,"pos\n', "label", "a quote is opened|after its closing quote"),
    "words behind a quote": Defect(b'"a"b,pos\n', "text", "goes on after its closing quote"),
    "a quote not doubled": Defect(b'"say "no", she","pos"\n', "text", "goes on after its closing quote"),
    "a field over the limit": Defect(f"{LONG},pos\n".encode(), "text", "a field has over 4,000 characters"),
    "another encoding": Defect(b"caf\xe9,pos\n", "text", r"byte 0xe9 \(number 3 of the line"),
    "half a character": Defect(b"\xe2\x82,pos\n", "text", "byte 0xe2"),
    "an overlong form": Defect(b"\xc0\xaf,pos\n", "text", "byte 0xc0"),
    "an encoded surrogate": Defect(b"\xed\xa0\x80,pos\n", "text", "byte 0xed"),
    "a NUL": Defect(b"a\0b,pos\n", "text", "there is a NUL character"),
    "no label": Defect(b"a,\n", "label", "the label is missing"),
    "an unknown label": Defect(
        b"a,good\n", "label", "'good' is none of the classes", {"class_names": ["pos", "neg"]}
    ),
    "an empty text": Defect(b",pos\n", "text", "the text is empty", {"empty_text": "reject"}),
    "a blank text": Defect(
        '" \u00a0\t",pos\n'.encode(), "text", "the text is empty", {"empty_text": "reject"}
    ),
    "no number": Defect(
        b"a,many\n", "label", "a label is a number, not 'many'", {"label": "label", "threshold": 1.0}
    ),
    "no number at all": Defect(b"a,nan\n", "label", "a label is a number, not 'nan'", {"threshold": 1.0}),
}
JSONL = {
    "broken": Defect(b'{"text": "a", "label": \n', None, "broken JSON at character 24"),
    "broken off": Defect(b'{"text": "a\n', None, "Unterminated string"),
    "two objects": Defect(b'{"text": "a", "label": 1} {"text": "b", "label": 1}\n', None, "Extra data"),
    "no object": Defect(b'["a", 1]\n', None, "no JSON object but list"),
    "a text alone": Defect(b'"a"\n', None, "no JSON object but str"),
    "a key twice": Defect(b'{"text": "a", "text": "b", "label": 1}\n', None, "the key 'text' is there twice"),
    "a key twice, escaped": Defect(
        b'{"text": "a", "t\\u0065xt": "b", "label": 1}\n', None, "the key 'text' is there twice"
    ),
    "NaN": Defect(b'{"text": "a", "label": NaN}\n', None, "NaN is not JSON"),
    "Infinity": Defect(b'{"text": "a", "label": 1, "x": -Infinity}\n', None, "-Infinity is not JSON"),
    "no text": Defect(b'{"label": 1}\n', "text", "there is no such column; there are: label"),
    "no label": Defect(b'{"text": "a"}\n', "label", "there is no such column"),
    "a null": Defect(b'{"text": null, "label": 1}\n', "text", "the text is missing"),
    "nested without end": Defect(b'{"text": ' + b"[" * 100_000 + b"\n", None, "nested too deep"),
    "a number as text": Defect(b'{"text": 5, "label": 1}\n', "text", "the text is int, not a string"),
    "a list as text": Defect(b'{"text": ["a"], "label": 1}\n', "text", "the text is list"),
    "a float as label": Defect(b'{"text": "a", "label": 0.5}\n', "label", "0.5 is a float"),
    "an object as label": Defect(b'{"text": "a", "label": {}}\n', "label", "the label is dict"),
    "labels for a label": Defect(
        b'{"text": "a", "label": ["a", "b"]}\n', "label", "the label is list.* say target=.classes"
    ),
    "half a pair": Defect(b'{"text": "\\ud800", "label": 1}\n', "text", "half of a surrogate pair"),
    "a raw tab": Defect(b'{"text": "a\tb", "label": 1}\n', None, "Invalid control character"),
    "another encoding": Defect(b'{"text": "caf\xe9", "label": 1}\n', None, "byte 0xe9"),
    "a huge number": Defect(b'{"text": "a", "label": ' + b"9" * 5000 + b"}\n", None, "too many digits"),
    "a line over the limit": Defect(
        json.dumps({"text": LONG * 40, "label": 1}).encode() + b"\n", None, "bytes, over 150,000"
    ),
}
JSON = {
    "no object": Defect(b'["a", 1]', None, "a row is a JSON object, not list"),
    "a key twice": Defect(b'{"text": "a", "label": 1, "label": 1}', None, "the key 'label' is there twice"),
    "NaN": Defect(b'{"text": "a", "label": NaN}', None, "NaN is not JSON"),
    "no text": Defect(b'{"label": 1}', "text", "there is no such column"),
    "a number as text": Defect(b'{"text": 1.5, "label": 1}', "text", "the text is float"),
}
TEXT = {
    "another encoding": Defect(b"caf\xe9\n", None, "byte 0xe9"),
    "a NUL": Defect(b"a\0b\n", None, "NUL"),
    "an empty text": Defect(b"\n", "text", "the text is empty", {"empty_text": "reject"}),
}
FILES = {
    "another encoding": Defect(b"one\ncaf\xe9", "text", r"byte 0xe9 \(number 7 of the file"),
    "over the limit": Defect(LONG.encode(), "text", "the text has over 4,000 bytes"),
    "an empty text": Defect(b" \n", "text", "the text is empty", {"empty_text": "reject"}),
}
VALUES = {
    "no text": Defect((None, "pos"), "text", "the text is missing"),
    "no label": Defect(("a", None), "label", "the label is missing"),
    "an empty label": Defect(("a", ""), "label", "the label is missing"),
    "an unknown label": Defect(
        ("a", "no"), "label", "'no' is none of the classes", {"class_names": ["neg", "pos"]}
    ),
    "an empty text": Defect(("", "pos"), "text", "the text is empty", {"empty_text": "reject"}),
}
GOOD = [("one", "pos"), ("two", "neg"), ("three", "pos"), ("four", "neg")]
BEFORE = 3  # good rows before the bad one


def values(defect):
    return [*GOOD[:BEFORE], defect.raw, *GOOD[BEFORE:]]


def lined(path, head, good, defect):
    path.write_bytes(head + b"".join(good[:BEFORE]) + defect.raw + b"".join(good[BEFORE:]))
    byte = len(head) + sum(map(len, good[:BEFORE]))
    return {"path": path}, str(path), BEFORE + 1 + head.count(b"\n"), byte


def as_csv(tmp_path, defect):
    number = "threshold" in defect.options
    good = [f"{text},{len(text) if number else label}\n".encode() for text, label in GOOD]
    return lined(tmp_path / "r.csv", b"text,label\n", good, defect)


def as_tsv(tmp_path, defect):
    good = [f"{text}\t{label}\n".encode() for text, label in GOOD]
    return lined(
        tmp_path / "r.tsv", b"text\tlabel\n", good, defect._replace(raw=defect.raw.replace(b",", b"\t"))
    )


def as_jsonl(tmp_path, defect):
    good = [json.dumps({"text": text, "label": label}).encode() + b"\n" for text, label in GOOD]
    return lined(tmp_path / "r.jsonl", b"", good, defect)


def as_json(tmp_path, defect):
    rows = [json.dumps({"text": text, "label": label}).encode() for text, label in GOOD]
    path = tmp_path / "r.json"
    path.write_bytes(b"[\n" + b",\n".join([*rows[:BEFORE], defect.raw, *rows[BEFORE:]]) + b"\n]")
    return {"path": path}, str(path), BEFORE + 2, None


def as_text(tmp_path, defect):
    return lined(tmp_path / "r.txt", b"", [text.encode() + b"\n" for text, _ in GOOD], defect)


def as_folder(tmp_path, defect):
    for number, (text, label) in enumerate(GOOD):
        (tmp_path / "f" / label).mkdir(parents=True, exist_ok=True)
        (tmp_path / "f" / label / f"{number}.txt").write_text(text)
    path = tmp_path / "f" / "pos" / "bad.txt"
    path.write_bytes(defect.raw)
    return {"path": tmp_path / "f"}, str(path), 1 + defect.raw.count(b"\n") * (b"\xe9" in defect.raw), None


def as_archive(tmp_path, defect):
    path = tmp_path / "r.tar.gz"
    good = [(f"r/{label}/{number}.txt", text.encode()) for number, (text, label) in enumerate(GOOD)]
    with tarfile.open(path, "w:gz") as archive:
        for name, content in [*good[:BEFORE], ("r/pos/bad.txt", defect.raw), *good[BEFORE:]]:
            info = tarfile.TarInfo(name)
            info.size = len(content)
            archive.addfile(info, io.BytesIO(content))
    return (
        {"path": path},
        f"{path}/r/pos/bad.txt",
        1 + defect.raw.count(b"\n") * (b"\xe9" in defect.raw),
        None,
    )


def as_parquet(tmp_path, defect):
    texts, labels = zip(*values(defect), strict=True)
    pq.write_table(pa.table({"text": texts, "label": labels}), tmp_path / "r.parquet", row_group_size=2)
    return {"path": tmp_path / "r.parquet"}, str(tmp_path / "r.parquet"), BEFORE + 1, None


def as_arrow(tmp_path, defect):
    texts, labels = zip(*values(defect), strict=True)
    pyarrow.feather.write_feather(pa.table({"text": texts, "label": labels}), tmp_path / "r.arrow")
    return {"path": tmp_path / "r.arrow"}, str(tmp_path / "r.arrow"), BEFORE + 1, None


def as_sql(tmp_path, defect):
    connection = sqlite3.connect(tmp_path / "r.db")
    connection.execute("create table r (text, label)")
    connection.executemany("insert into r values (?, ?)", values(defect))
    connection.commit()
    connection.close()
    url = f"sqlite:///{tmp_path / 'r.db'}"
    return {"url": url, "table": "r"}, url, BEFORE + 1, None


def as_memory(tmp_path, defect):
    return {"rows": values(defect)}, None, BEFORE, None


def as_pandas(tmp_path, defect):
    return {"rows": pd.DataFrame(values(defect), columns=["text", "label"])}, None, BEFORE, None


def as_bunch(tmp_path, defect):
    texts, labels = zip(*values(defect), strict=True)
    return {"bunch": SimpleNamespace(data=list(texts), target=list(labels))}, None, BEFORE, None


WAYS = [
    ("csv", as_csv, CSV), ("tsv", as_tsv, {name: CSV[name] for name in ("too few fields", "too many fields", "another encoding", "a NUL")}),
    ("jsonl", as_jsonl, JSONL), ("json", as_json, JSON), ("text", as_text, TEXT), ("folder", as_folder, FILES),
    ("archive", as_archive, FILES), ("parquet", as_parquet, VALUES), ("arrow", as_arrow, VALUES), ("sql", as_sql, VALUES),
    ("memory", as_memory, VALUES), ("memory", as_pandas, VALUES), ("sklearn", as_bunch, VALUES),
]  # fmt: skip
CASES = [
    pytest.param(name, write, defect, id=f"{write.__name__[3:]}: {title}")
    for name, write, defects in WAYS
    for title, defect in defects.items()
]


@pytest.fixture(autouse=True)
def _small_limits(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(delimited_blocks, "LONGEST_FIELD", 4000)
    monkeypatch.setattr(jsonl_blocks, "LONGEST_LINE", 150_000)
    monkeypatch.setattr(jsonl, "LEARNED_FROM", 2)
    monkeypatch.setattr(members, "LONGEST_TEXT", 4000)


@pytest.mark.parametrize(("name", "write", "defect"), CASES)
def test_a_defect_is_named_and_costs_one_row(tmp_path, name, write, defect):
    source, file, line, byte = write(tmp_path, defect)
    options = {**source, **defect.options, "splits": None}
    with pytest.raises(DatasetError, match=defect.reason) as caught:
        tp.load_dataset(name, **options)
    place = f"{file}, line {line}" if file else f"row {line}"
    assert str(caught.value).startswith(place)
    for on_error in ("skip", "quarantine"):
        corpus = tp.load_dataset(name, **options, on_error=on_error)
        (rejected,) = corpus.rejected
        assert (rejected.file, rejected.line, rejected.column) == (file, line, defect.column)
        assert byte is None or rejected.byte == byte
        assert rejected.raw is not None
        assert corpus["train"].text.to_pylist() == [text for text, _ in GOOD] or name == "folder"
        assert (len(corpus["train"]), corpus.rows_read) == (4, 5)
        assert "5 rows read = 4 kept + 1" in corpus.summary()
    kept = [path for path in corpus.quarantine.rglob("*") if path.is_file() and path.name != "reasons.jsonl"]
    assert len(kept) == 1
    if byte is not None:
        raw = defect.raw.replace(b",", b"\t") if name == "tsv" else defect.raw
        assert kept[0].read_bytes().endswith(raw)


def test_there_are_at_least_sixty():
    assert len(CASES) >= 60
