"""A file that is something else says what it is, whoever opens it, and what to do with it."""

from __future__ import annotations

import bz2
import gzip
import io
import json
import lzma
import pickle
import sqlite3
import tarfile
import zipfile

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.feather
import pyarrow.parquet as pq
import pytest

import textprep as tp
from textprep.config.overrides import read_toml
from textprep.datasets.formats import dataset_of
from textprep.errors import ConfigError, DatasetError, PipelineError
from textprep.models.vectors import read_vectors

ROWS = [{"text": "Great.", "label": "pos"}, {"text": "Dull.", "label": "neg"}]
LINES = "".join(json.dumps(row) + "\n" for row in ROWS).encode()
TABLE = pa.Table.from_pylist(ROWS)


def zipped(**members):
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for name, content in members.items():
            archive.writestr(name.replace("__", "/").replace("XML", "[Content_Types].xml"), content)
    return file.getvalue()


def tar():
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode="w") as archive:
        info = tarfile.TarInfo("pos/1.txt")
        info.size = 1
        archive.addfile(info, io.BytesIO(b"a"))
    return file.getvalue()


def written_by(write):
    file = io.BytesIO()
    write(file)
    return file.getvalue()


def arrow_stream(file):
    with pa.ipc.new_stream(file, TABLE.schema) as writer:
        writer.write_table(TABLE)


def sqlite():
    connection = sqlite3.connect(":memory:")
    connection.execute("create table t (text)")
    return connection.serialize() if hasattr(connection, "serialize") else b"SQLite format 3\0" + bytes(100)


KINDS = {  # what is in the file, and which adapters read it
    "zip": (zipped(r="text,label\n"), "a zip archive", ("archive",)),
    "xlsx": (zipped(XML="<Types/>", _rels="", xl__workbook="x"), "a spreadsheet", ()),
    "ods": (zipped(mimetype="application/vnd.oasis.opendocument.spreadsheet"), "a spreadsheet", ()),
    "docx": (zipped(XML="<Types/>", word__document="x"), "an office document", ()),
    "npz": (written_by(lambda file: np.savez(file, a=[1])), "a file of NumPy arrays", ("archive",)),
    "xls": (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "a spreadsheet or another document", ()),
    "tar": (tar(), "a tar archive", ()),
    "pdf": (b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n", "a PDF document", ()),
    "gzip": (gzip.compress(LINES), "compressed with gzip", ()),
    "bzip2": (bz2.compress(LINES), "compressed with bzip2", ()),
    "xz": (lzma.compress(LINES), "compressed with xz", ()),
    "zstd": (pa.compress(LINES, "zstd", asbytes=True), "compressed with zstd", ()),
    "Z": (b"\x1f\x9d\x90" + bytes(range(200)), "compressed", ()),
    "lzma": (lzma.compress(LINES, lzma.FORMAT_ALONE), "compressed", ()),
    "elf": (b"\x7fELF\2\1\1" + bytes(60), "a program", ()),
    "exe": (b"MZ\x90\0\3\0\0\0", "a program", ()),
    "mp3": (b"ID3\3\0\0\0\0", "a recording or a film", ()),
    "wav": (b"RIFF\x24\0\0\0WAVEfmt ", "a recording or a film", ()),
    "mp4": (b"\0\0\0\x20ftypisom", "a recording or a film", ()),
    "webp": (b"RIFF\x24\0\0\0WEBPVP8 ", "an image", ()),
    "tiff": (b"II*\0\x08\0\0\0", "an image", ()),
    "gguf": (b"GGUF\3\0\0\0", "a GGUF file", ()),
    "sas": (bytes(12) + b"\xc2\xea\x81\x60\xb3\x14\x11\xcf", "a file of SAS", ()),
    "matlab": (b"MATLAB 5.0 MAT-file, Platform: GLNXA64", "a file of MATLAB", ()),
    "7z": (b"7z\xbc\xaf\x27\x1c\0\4", "a 7z archive", ()),
    "rar": (b"Rar!\x1a\x07\x01\0", "a RAR archive", ()),
    "parquet": (written_by(lambda file: pq.write_table(TABLE, file)), "a Parquet file", ("parquet",)),
    "arrow": (written_by(lambda file: pyarrow.feather.write_feather(TABLE, file)), "an Arrow file", ("arrow",)),
    "arrow stream": (written_by(arrow_stream), "an Arrow file", ("arrow",)),
    "sqlite": (sqlite(), "an SQLite database", ("sql",)),
    "pickle": (pickle.dumps(ROWS), "a pickle, which could run code", ()),
    "old pickle": (pickle.dumps(ROWS, protocol=2), "a pickle", ()),
    "hdf5": (b"\x89HDF\r\n\x1a\n\0", "an HDF5 file", ()),
    "numpy": (written_by(lambda file: np.save(file, [1])), "a NumPy array", ()),
    "png": (b"\x89PNG\r\n\x1a\n\0", "an image", ()),
    "fasttext": (b"\xba\x16\x4f\x2f\x0c\0\0\0", "a binary file of word vectors", ()),
    "word2vec": (b"2 3\nthe \x12\x83\xc0\xca\xa1\0", "a binary file of word vectors", ()),
    "git lfs": (b"version https://git-lfs.github.com/spec/v1\noid sha256:0\n", "a pointer of Git LFS", ()),
    "html": (b"\n<!DOCTYPE html>\n<html><body>Sign in</body></html>", "a web page", ("text", "folder", "archive of texts")),
    "xml": (b'<?xml version="1.0"?>\n<rows><row>a</row></rows>', "an XML document", ("text", "folder", "archive of texts")),
    "rtf": (rb"{\rtf1\ansi Great.}", "a rich text document", ("text", "folder", "archive of texts")),
    "json lines": (LINES, "JSON Lines", ("jsonl", "text", "folder", "archive of texts")),
    "a json list": (json.dumps(ROWS).encode(), "one JSON document", ("json", "label-studio", "text", "folder", "archive of texts")),
    "a json list of lines": (json.dumps(ROWS, indent=1).encode(), "one JSON document", ("json", "label-studio", "text", "folder", "archive of texts")),
    "a large json list": (json.dumps(ROWS * 5000, indent=0).encode(), "one JSON document", ("json", "label-studio", "text", "folder", "archive of texts")),
    "a json object": (json.dumps({"n": 1, "rows": ROWS}, indent=1).encode(), "one JSON document", ("json", "label-studio", "text", "folder", "archive of texts")),
}  # fmt: skip
ENDINGS = {
    "csv": ".csv",
    "tsv": ".tsv",
    "jsonl": ".jsonl",
    "json": ".json",
    "text": ".txt",
    "parquet": ".parquet",
    "arrow": ".arrow",
    "conll": ".conll",
    "conllu": ".conllu",
    "label-studio": ".json",
    "archive": ".zip",
}
ADAPTERS = [*ENDINGS, "folder", "archive of texts", "sql"]


def source_of(adapter, content, folder):
    if adapter == "folder":
        (folder / "f" / "pos").mkdir(parents=True)
        (folder / "f" / "pos" / "1.txt").write_bytes(content)
        return {"name": "folder", "path": folder / "f"}
    if adapter == "archive of texts":
        (folder / "r.zip").write_bytes(zipped(**{"pos__1.txt": content}))
        return {"name": "archive", "path": folder / "r.zip"}
    path = folder / f"r{ENDINGS.get(adapter, '.db')}"
    path.write_bytes(content)
    return (
        {"name": "sql", "url": f"sqlite:///{path}", "table": "t"}
        if adapter == "sql"
        else {"name": adapter, "path": path}
    )


@pytest.mark.parametrize("adapter", ADAPTERS)
@pytest.mark.parametrize("kind", KINDS)
def test_every_adapter_names_what_it_does_not_read(tmp_path, kind, adapter):
    content, said, read_by = KINDS[kind]
    if adapter in read_by:
        return
    with pytest.raises(DatasetError) as caught:
        tp.load_dataset(**source_of(adapter, content, tmp_path), splits=None)
    assert f"this is {said}" in str(caught.value)
    assert caught.value.hint
    if adapter in ENDINGS and adapter != "archive":
        path = tmp_path / f"r{ENDINGS[adapter]}.gz"
        path.write_bytes(gzip.compress(content))
        with pytest.raises(DatasetError, match=f"this is {said}"):
            tp.load_dataset(adapter, path=path, splits=None)


@pytest.mark.parametrize(
    "kind", [kind for kind in KINDS if not {"json", "jsonl", "text"} & {*KINDS[kind][2]}]
)
def test_whatever_else_opens_a_file_names_it_too(tmp_path, kind):
    content, said, _ = KINDS[kind]
    for ending, opens, error in (
        (".odd", lambda path: dataset_of(str(path)), DatasetError),
        (".toml", read_toml, ConfigError),
        (".json", tp.Pipeline.load, PipelineError),
        (".vec", lambda path: read_vectors(str(path), ["the"]), ConfigError),
        (".vec.gz", lambda path: read_vectors(str(path), ["the"]), ConfigError),
    ):
        path = tmp_path / f"file{ending}"
        path.write_bytes(gzip.compress(content) if ending.endswith(".gz") else content)
        if kind == "gzip" and ending == ".vec":
            continue  # vectors in a gzip are read
        with pytest.raises(error, match=f"this is {said}") as caught:
            opens(path)
        assert caught.value.hint


def test_a_spreadsheet_is_answered_with_both_ways_to_read_it(tmp_path):
    path = tmp_path / "reviews.xlsx"
    path.write_bytes(KINDS["xlsx"][0])
    for opens in (dataset_of, lambda path: tp.load_dataset("csv", path=path)):
        with pytest.raises(
            DatasetError, match=r"save the sheet as CSV, or .*rows=pandas.read_excel\(.*reviews.xlsx"
        ):
            opens(str(path))
    corpus = tp.load_dataset("memory", rows=pd.DataFrame(ROWS), splits=None)  # what read_excel gives
    assert corpus.class_names == ("neg", "pos")


def test_what_is_called_compressed_and_is_not(tmp_path):
    for ending in (".gz", ".bz2", ".xz", ".zst", ".lz4"):
        path = tmp_path / f"r.csv{ending}"
        path.write_bytes(b"text,label\na,b\n")
        with pytest.raises(
            DatasetError, match=rf"called \{ending} and is not compressed; call it by its own"
        ):
            tp.load_dataset("csv", path=path)


@pytest.mark.parametrize(
    "text",
    [
        "PK is a brand",
        "BZh",
        "PAR1 of 3",
        "ARROW1",
        "2 3 is five",
        "[1] a list",
        "{a} b",
        "<html> tags",
        "GIF89a",
        "SQLite format 3",
        "{\\rtf1 no",
        "12 3",
    ],
)
def test_plain_texts_are_not_taken_for_anything_else(tmp_path, text):
    path = tmp_path / "r.txt"
    path.write_text(f"{text}\nsecond\n")
    assert tp.load_dataset("text", path=path, splits=None)["train"].text.to_pylist() == [text, "second"]
    path = tmp_path / "r.csv"
    if not text.startswith(("<html", "{\\rtf")):
        path.write_text(f"{text},label\nsecond,x\n")
        assert len(tp.load_dataset("csv", path=path, text=text, splits=None)["train"]) == 1


def test_numbers_and_words_are_no_binary_vectors(tmp_path):
    path = tmp_path / "r.txt"
    for text in ("2 3\nhello world\n", "2 3\n日本 語\n", "2 3\n\U0001f600 \U0001f600\n"):
        path.write_text(text, encoding="utf-8")
        assert len(tp.load_dataset("text", path=path, splits=None)["train"]) == 2


def test_vectors_separated_by_tabs_and_a_gzip_by_any_name(tmp_path):
    lines = {
        "tabs": "the\t1\t2\nfilm\t3\t4\n",
        "one tab": "the\t1 2\nfilm\t3 4\n",
        "counts": "2\t2\nthe\t1\t2\nfilm\t3\t4\n",
    }
    for name, text in lines.items():
        for content in (text.encode(), gzip.compress(text.encode())):
            (tmp_path / name).write_bytes(content)
            assert read_vectors(str(tmp_path / name), ["film", "the"]).matrix.tolist() == [[3, 4], [1, 2]]
