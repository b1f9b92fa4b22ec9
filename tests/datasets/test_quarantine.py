"""Rows that are left out can be mended where they are kept, and read again."""

from __future__ import annotations

import codecs
import json

import pytest

import textprep as tp
from textprep.errors import DatasetError

GOOD = "".join(f"good {i},{'ab'[i % 2]}\n" for i in range(6))


@pytest.fixture(autouse=True)
def _here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


def load(name="csv", **options):
    return tp.load_dataset(name, splits=None, on_error="quarantine", **options)


def reasons(corpus):
    return [json.loads(line) for line in (corpus.quarantine / "reasons.jsonl").read_text().splitlines()]


def test_rows_of_a_csv_file_are_kept_as_they_were_mended_and_read_again(tmp_path):
    path = tmp_path / "reviews.csv"
    path.write_bytes(b"text,label\r\n" + GOOD.encode() + b'one,two,three\n"open,a\ncaf\xe9,b\nlast,')
    corpus = load(path=path)
    assert [len(corpus["train"]), len(corpus.rejected), corpus.rows_read] == [6, 4, 10]
    assert corpus.quarantine.parent.name == "quarantine"
    kept = corpus.quarantine / "reviews.csv"
    assert kept.read_bytes() == b'text,label\r\none,two,three\n"open,a\ncaf\xe9,b\nlast,\n'
    assert [(row["in"], row["line"], row["byte"], row["column"]) for row in reasons(corpus)] == [
        ("reviews.csv", 8, 66, None),
        ("reviews.csv", 9, 80, "text"),
        ("reviews.csv", 10, 88, "text"),
        ("reviews.csv", 11, 95, "label"),
    ]
    for row in reasons(corpus):
        assert path.read_bytes()[row["byte"] :].startswith((b"one", b'"open', b"caf", b"last"))
    assert f"10 rows read = 6 kept + 4 quarantined in {corpus.quarantine}" in corpus.summary()
    kept.write_bytes('text,label\r\n"one,two",a\nopen,a\ncafé,b\nlast,b\n'.encode())
    mended = tp.load_dataset("csv", path=[path, kept], splits=None, on_error="skip")
    assert mended["train"].text.to_pylist()[6:] == ["one,two", "open", "café", "last"]


def test_the_same_load_leaves_what_was_mended_alone(tmp_path):
    (tmp_path / "a.csv").write_text(f"text,label\n{GOOD}bad\n")
    first = load(path="a.csv").quarantine
    (first / "a.csv").write_text("mended")
    assert load(path="a.csv").quarantine == first
    assert (first / "a.csv").read_text() == "mended"
    (tmp_path / "a.csv").write_text(f"text,label\n{GOOD}worse\n")
    assert load(path="a.csv").quarantine != first
    assert [path.name for path in first.parent.iterdir() if path.name.startswith(".")] == []


def test_lines_of_json_files_of_the_same_name_and_utf_16(tmp_path):
    for folder, name in (("x", "a"), ("y", "b")):
        (tmp_path / folder).mkdir()
        text = f'{{"text": "{name}", "label": 1}}\n{{"text": "{name}"'
        (tmp_path / folder / "r.jsonl").write_bytes(codecs.BOM_UTF16_LE + text.encode("utf-16-le"))
    corpus = load("jsonl", path=["x/r.jsonl", "y/r.jsonl"], encoding="utf-16")
    assert (corpus.quarantine / "r.jsonl").read_bytes().decode("utf-16") == '{"text": "a"\n'
    assert (corpus.quarantine / "r-2.jsonl").read_bytes().decode("utf-16") == '{"text": "b"\n'


def test_texts_that_are_files_and_rows_that_have_no_bytes(tmp_path):
    for name, content in {"neg/1.txt": b"caf\xe9", "neg/2.txt": b"ok", "pos/1.txt": b"ok"}.items():
        (tmp_path / "f" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "f" / name).write_bytes(content)
    corpus = load("folder", path="f")
    assert (corpus.quarantine / "neg" / "1.txt").read_bytes() == b"caf\xe9"
    again = tp.load_dataset("folder", path=corpus.quarantine, encoding="latin-1", splits=None)
    assert again["train"][0]["text"] == "café"
    corpus = load("memory", rows=[("a", "x"), ("b", None), 7])
    kept = (corpus.quarantine / "rows.jsonl").read_text().splitlines()
    assert [json.loads(line) for line in kept] == [{"text": "b", "label": None}, 7]


def test_nothing_is_written_where_nothing_is_wrong_or_the_load_fails(tmp_path):
    (tmp_path / "a.csv").write_text(f"text,label\n{GOOD}")
    assert load(path="a.csv").quarantine is None
    (tmp_path / "b.csv").write_text("text,label\nbad\n")
    with pytest.raises(DatasetError, match="every one of the 1 rows"):
        load(path="b.csv")
    assert not any((tmp_path / "quarantine").glob("*"))


def test_another_folder_and_one_that_cannot_be_written(tmp_path):
    (tmp_path / "a.csv").write_text(f"text,label\n{GOOD}bad\n")
    assert load(path="a.csv", quarantine=tmp_path / "left out").quarantine.parent.name == "left out"
    with pytest.raises(DatasetError, match=r"cannot write to a\.csv"):
        load(path="a.csv", quarantine="a.csv")
