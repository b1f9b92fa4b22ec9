from __future__ import annotations

import gzip

import fsspec
import pytest

import textprep as tp
from textprep.datasets.sources.urls import shown
from textprep.errors import DatasetError

CSV = b"text,label\nGreat.,pos\nDull.,neg\n"


def texts(path, **options):
    return tp.load_dataset("csv", path=path, splits=None, **options)["train"].text.to_pylist()


def test_globs_come_in_the_order_of_names_and_never_empty(tmp_path):
    for name in ("b.csv", "a.csv", "sub/c.csv"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(f"text,label\n{name},x\n")
    assert texts(f"{tmp_path}/*.csv") == ["a.csv", "b.csv"]
    assert texts(f"{tmp_path}/**/*.csv") == ["a.csv", "b.csv", "sub/c.csv"]
    assert texts([tmp_path / "b.csv", f"{tmp_path}/a*"]) == ["b.csv", "a.csv"]
    with pytest.raises(DatasetError, match=r"no\*\.csv: no file is called so"):
        texts(f"{tmp_path}/no*.csv")
    (tmp_path / "odd[1].csv").write_text("text,label\nodd,x\n")
    assert texts(tmp_path / "odd[1].csv") == ["odd"]


def test_the_web_through_fsspec(web):
    pytest.importorskip("aiohttp")
    web.files = {"/r.csv": CSV, "/r.csv.gz": gzip.compress(CSV)}
    assert texts(web.url("/r.csv")) == ["Great.", "Dull."]
    assert texts(web.url("/r.csv.gz")) == ["Great.", "Dull."]
    with pytest.raises(
        DatasetError, match=r"/none\.csv\?…: there is no such file, or its server cannot"
    ) as caught:
        texts(web.url("/none.csv?token=s3cret"))
    assert "s3cret" not in str(caught.value)


def test_other_file_systems_and_globs_there():
    for name in ("a", "b"):
        with fsspec.open(f"memory://paths/{name}.csv", "wb") as file:
            file.write(f"text,label\n{name},x\n".encode())
    assert texts("memory://paths/*.csv") == ["a", "b"]
    with pytest.raises(DatasetError, match="there is no such file"):
        texts("memory://paths/none.csv")


def test_file_urls_are_paths(tmp_path):
    path = tmp_path / "my reviews.csv"
    path.write_bytes(CSV)
    for url in (path.as_uri(), f"file:{path}", f"file://localhost{tmp_path}/*.csv"):
        assert texts(url) == ["Great.", "Dull."]
    with pytest.raises(DatasetError, match=r"file:r\.csv names no absolute path"):
        texts("file:r.csv")


@pytest.mark.parametrize(
    ("url", "message"),
    [
        ("nowhere://x/r.csv", "nowhere"),
        ("zip://r.csv::memory://paths/a.zip", "chained URLs are not read"),
    ],
)
def test_urls_that_are_not_opened(url, message):
    with pytest.raises(DatasetError, match=message):
        texts(url)


def test_a_package_that_is_missing_is_named(monkeypatch):
    def missing(*_, **__):
        raise ImportError("Install s3fs to access S3")

    monkeypatch.setattr(fsspec, "get_fs_token_paths", missing)
    with pytest.raises(DatasetError, match=r"s3://bucket/r\.csv: .*pip install 'textprep-nlp\[s3\]'"):
        texts("s3://bucket/r.csv")


@pytest.mark.parametrize("ending", ["gz", "bz2", "xz", "zst", "lz4"])
def test_a_compressed_file_that_breaks_off_or_is_none(tmp_path, ending):
    path = tmp_path / f"r.csv.{ending}"
    path.write_bytes(b"this is not compressed at all")
    with pytest.raises(DatasetError, match=rf"r\.csv\.{ending}: cannot be read: "):
        texts(path)
    path.write_bytes(gzip.compress(CSV * 1000)[:-40] if ending == "gz" else b"")
    advice = ".*fetch it again, the end is missing" if ending in ("gz", "xz") else ""
    with pytest.raises(DatasetError, match=rf"r\.csv\.{ending}{advice}"):
        texts(path)


def test_what_is_shown_of_a_url():
    assert shown("could not open https://me:pw@x.org/a?sig=1 or s3://k:v@b/c") == (
        "could not open https://***@x.org/a?… or s3://***@b/c"
    )
    assert shown("plain words?") == "plain words?"
