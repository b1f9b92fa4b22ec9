"""Tested on small files of the same form, from a folder and from the loopback."""

from __future__ import annotations

import hashlib
import threading
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer

import pytest

import textprep as tp
from textprep.testing import checks_of


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    made = tmp_path_factory.mktemp("ag-news")
    for split in ("train", "test"):
        lines = [
            f'"{1 + i % 4}","Title {i} of {split}","It was said ""so"", number {i}, on\\two lines."\n'
            for i in range(12)
        ]
        (made / f"{split}.csv").write_text("".join(lines))
    return made


def test_titles_and_descriptions_are_the_text(folder):
    corpus = tp.load_dataset("ag-news", source=str(folder))
    assert corpus.class_names == ("Business", "Sci/Tech", "Sports", "World")
    assert corpus["test"][1] == {
        "text": 'Title 1 of test It was said "so", number 1, on\\two lines.',
        "label": 2,
        "row_id": 13,
        "title": "Title 1 of test",
    }
    assert corpus["train"].class_counts() == dict.fromkeys(corpus.class_names, 3)


def test_files_are_downloaded_once_and_checked(folder, tmp_path, monkeypatch):
    monkeypatch.setenv("TEXTPREP_CACHE", str(tmp_path))
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(SimpleHTTPRequestHandler, directory=str(folder)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    source = f"http://127.0.0.1:{server.server_port}"
    md5 = {path.stem: hashlib.md5(path.read_bytes()).hexdigest() for path in folder.glob("*.csv")}
    try:
        corpus = tp.load_dataset("ag-news", source=source, md5=md5)
        with pytest.raises(tp.TextprepError, match=r"has the MD5 .*, not b1a00f826fdfbd24"):
            tp.load_dataset("ag-news", source=source)
    finally:
        server.shutdown()
    monkeypatch.setenv("TEXTPREP_OFFLINE", "1")
    again = tp.load_dataset("ag-news", source=source, md5=md5)
    assert again["train"].table.equals(corpus["train"].table)


def test_it_keeps_the_promises_of_a_plugin(folder):
    for check in checks_of("textprep-ag-news", {"ag-news": {"source": str(folder)}}):
        check()


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ('"5","T","D"', r"train\.csv, line 1, column 'class': the class is a number from 1 to 4"),
        ('"1","T"', r"train\.csv, line 1: the row has 2 fields, the header 3"),
        ('"1","T","D', r"train\.csv, line 1: a quote is opened and never closed"),
    ],
)
def test_lines_that_cannot_be(tmp_path, line, message):
    for split in ("train", "test"):
        (tmp_path / f"{split}.csv").write_text(line)
    with pytest.raises(tp.TextprepError, match=message):
        tp.load_dataset("ag-news", source=str(tmp_path))


def test_a_folder_without_the_files(tmp_path):
    with pytest.raises(tp.TextprepError, match=r"train\.csv: there is no such file"):
        tp.load_dataset("ag-news", source=str(tmp_path))


def test_bad_lines_are_skipped_and_reported_where_asked(tmp_path):
    for split in ("train", "test"):
        (tmp_path / f"{split}.csv").write_text('"1","T","D"\n"5","T","D"\n"2","T"\n"3","T","E"\n')
    corpus = tp.load_dataset("ag-news", source=str(tmp_path), on_error="skip")
    assert [row["text"] for row in corpus["train"]] == ["T D", "T E"]
    assert [(row.split, row.line) for row in corpus.rejected] == [
        ("train", 2), ("train", 3), ("test", 2), ("test", 3),
    ]  # fmt: skip
