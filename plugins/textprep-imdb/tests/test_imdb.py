"""Tested on a small archive of the same form, from a file and from the loopback."""

from __future__ import annotations

import hashlib
import io
import tarfile
import threading
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer

import pytest

import textprep as tp
from textprep.testing import checks_of

REVIEWS = [
    (split, label, number, 9 if label == "pos" else 2)
    for split in ("test", "train")
    for label in ("neg", "pos")
    for number in range(6)
]


def add(tar, name, content, **fields):
    member = tarfile.TarInfo(name)
    member.size = len(content)
    for field, value in fields.items():
        setattr(member, field, value)
    tar.addfile(member, io.BytesIO(content))


def write_archive(path, extra=()):
    with tarfile.open(path, "w:gz") as tar:
        add(tar, "aclImdb/README", b"Large Movie Review Dataset v1.0")
        for split, label, number, stars in REVIEWS:
            text = f"A {label} film,<br />number {number} of {split}, caf\u00e9."
            add(tar, f"aclImdb/{split}/{label}/{number}_{stars}.txt", text.encode())
        add(tar, "aclImdb/train/unsup/0_0.txt", b"Unlabelled.")
        for name, content, fields in extra:
            add(tar, name, content, **fields)
    return path


@pytest.fixture(scope="module")
def archive(tmp_path_factory):
    return write_archive(tmp_path_factory.mktemp("imdb") / "aclImdb_v1.tar.gz")


@pytest.fixture
def served(archive):
    handler = partial(SimpleHTTPRequestHandler, directory=str(archive.parent))
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/{archive.name}"
    server.shutdown()


def test_the_archive_is_downloaded_once_and_read(served, archive, tmp_path, monkeypatch):
    monkeypatch.setenv("TEXTPREP_CACHE", str(tmp_path))
    sha256 = hashlib.sha256(archive.read_bytes()).hexdigest()
    corpus = tp.load_dataset("imdb", source=served, sha256=sha256)
    assert {name: split.class_counts() for name, split in corpus.items()} == {
        "train": {"negative": 6, "positive": 6},
        "test": {"negative": 6, "positive": 6},
    }
    assert corpus["train"][6] == {
        "text": "A pos film,<br />number 0 of train, caf\u00e9.",
        "label": 1,
        "row_id": 6,
        "rating": 9,
        "file": "aclImdb/train/pos/0_9.txt",
    }
    monkeypatch.setenv("TEXTPREP_OFFLINE", "1")
    again = tp.load_dataset("imdb", source=served, sha256=sha256)
    assert again["test"].table.equals(corpus["test"].table)
    assert [path.name for path in tmp_path.rglob("*.txt")] == []


def test_another_archive_than_published_is_refused(served, tmp_path, monkeypatch):
    monkeypatch.setenv("TEXTPREP_CACHE", str(tmp_path))
    with pytest.raises(tp.TextprepError, match=r"has the SHA-256 .*, not c40f74a18d3b61f9"):
        tp.load_dataset("imdb", source=served)


def test_it_keeps_the_promises_of_a_plugin(archive):
    for check in checks_of("textprep-imdb", {"imdb": {"source": str(archive)}}):
        check()


def test_what_is_declared():
    from textprep.datasets.about import about
    from textprep.registry import DATASETS

    said = about(DATASETS.get("imdb"))
    assert said.rows == {"train": 25_000, "test": 25_000}
    assert "Maas" in said.citation


def test_a_review_in_another_encoding_is_a_bad_row(tmp_path):
    path = write_archive(tmp_path / "odd.tar.gz", [("aclImdb/train/pos/9_9.txt", b"caf\xe9", {})])
    with pytest.raises(tp.TextprepError, match=r"pos/9_9\.txt, line 1.*byte 0xe9"):
        tp.load_dataset("imdb", source=str(path))
    corpus = tp.load_dataset("imdb", source=str(path), on_error="skip")
    assert (len(corpus["train"]), len(corpus.rejected)) == (12, 1)


def test_a_link_is_refused(tmp_path):
    fields = {"type": tarfile.SYMTYPE, "linkname": "/etc/passwd"}
    path = write_archive(tmp_path / "odd.tar.gz", [("aclImdb/train/pos/8_9.txt", b"", fields)])
    with pytest.raises(tp.TextprepError, match="is a link"):
        tp.load_dataset("imdb", source=str(path))


def test_an_archive_that_is_cut_off_or_damaged_is_an_error(archive, tmp_path):
    content = archive.read_bytes()
    odd = tmp_path / "odd.tar.gz"
    for damaged in (
        content[:400],
        content[:-1],
        content[:-8] + b"\0" * 8,
        content[:300] + content[301:],
        b"x",
    ):
        odd.write_bytes(damaged)
        with pytest.raises(tp.TextprepError, match=r"odd\.tar\.gz"):
            tp.load_dataset("imdb", source=str(odd))


def test_an_archive_that_is_not_there():
    with pytest.raises(tp.TextprepError, match=r"nowhere: there is no such file"):
        tp.load_dataset("imdb", source="nowhere")
