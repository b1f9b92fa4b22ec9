"""A small file that grows without end, in every adapter, compression and container, costs little and is named."""

from __future__ import annotations

import bz2
import gzip
import lzma
import resource
import tarfile
import time
import zipfile
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import textprep as tp
from textprep.errors import DatasetError

MOST = 600 * 2**20  # bytes that reading a bomb may take
CHUNK = b" " * 2**26
COMPRESS = {
    "gz": gzip.compress,
    "bz2": bz2.compress,
    "xz": lzma.compress,
    "zst": lambda data: pa.compress(data, codec="zstd", asbytes=True),
    "lz4": lambda data: pa.compress(data, codec="lz4", asbytes=True),
}
METHODS = {
    "stored": zipfile.ZIP_STORED,
    "deflate": zipfile.ZIP_DEFLATED,
    "bzip2": zipfile.ZIP_BZIP2,
    "lzma": zipfile.ZIP_LZMA,
}
ADAPTERS = {
    "csv": "csv", "tsv": "tsv", "jsonl": "jsonl", "json": "json", "text": "txt", "arrow": "arrow", "conll": "conll",
}  # fmt: skip
MEMBERS = ["csv", "tsv", "jsonl", "json", "txt"]


@pytest.fixture(scope="module")
def bomb():
    """4 GiB of spaces in each compression: the same piece again and again, which all of them allow."""
    pieces = {ending: compress(CHUNK) for ending, compress in COMPRESS.items()}
    return lambda ending: pieces[ending] * 64


@pytest.fixture(scope="module", params=["deflate", "bzip2", "lzma"])
def zip_bomb(tmp_path_factory, request):
    """768 MiB of spaces as a member of a zip, compressed by zip itself; its name is to be exchanged."""
    path = tmp_path_factory.mktemp("zip") / "b.zip"
    with (
        zipfile.ZipFile(path, "w", METHODS[request.param]) as archive,
        archive.open("a/1234567", "w") as file,
    ):
        for _ in range(12):
            file.write(CHUNK)
    return path.read_bytes()


@pytest.fixture
def within_bounds():
    """A few hundred megabytes more than there are, and a few seconds."""
    taken = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
    before = resource.getrlimit(resource.RLIMIT_AS)
    resource.setrlimit(resource.RLIMIT_AS, (taken + MOST, before[1]))
    start = time.perf_counter()
    yield
    resource.setrlimit(resource.RLIMIT_AS, before)
    assert time.perf_counter() - start < 10


def refused(name, path, ratio=200, hint=".*if you trust it", **options):
    options |= {"limits": {"ratio": ratio}} if ratio != 200 else {}
    with pytest.raises(DatasetError, match=rf"grows to over {ratio} times its size.*{hint}") as caught:
        tp.load_dataset(name, path=path, splits=None, on_error="skip", label=None, **options)
    assert str(caught.value).startswith(str(path))


@pytest.mark.parametrize("ending", COMPRESS)
@pytest.mark.parametrize("adapter", ADAPTERS)
def test_compressed_files(tmp_path, bomb, adapter, ending, within_bounds):
    path = tmp_path / f"x.{ADAPTERS[adapter]}.{ending}"
    path.write_bytes(bomb(ending))
    refused(adapter, path)


@pytest.mark.parametrize("codec", ["zstd", "gzip", "brotli"])
def test_parquet_that_is_compressed_inside(tmp_path, codec):
    texts = pa.table({"text": [" " * 2**25, "x"], "label": ["x", "y"]})
    with pq.ParquetWriter(
        tmp_path / "x.parquet", texts.schema, compression=codec, use_dictionary=False
    ) as writer:
        for _ in range(8):
            writer.write_table(texts)
    refused("parquet", tmp_path / "x.parquet", hint="")


@pytest.mark.parametrize("codec", ["zstd", "lz4"])
def test_arrow_that_is_compressed_inside(tmp_path, codec):
    texts = pa.table({"text": [" " * 2**25, "x"], "label": ["x", "y"]})
    options = pa.ipc.IpcWriteOptions(compression=codec)
    with pa.ipc.new_file(tmp_path / "x.arrow", texts.schema, options=options) as writer:
        for _ in range(16):
            writer.write_table(texts)
    refused("arrow", tmp_path / "x.arrow", hint="")


def tar_of(path, name, size, pieces):
    """An archive, of which a compressed one may be many compressed streams one after the other."""
    info = tarfile.TarInfo(name)
    info.size = size
    compress = COMPRESS.get(path.suffix[1:], bytes)
    path.write_bytes(compress(info.tobuf()) + pieces)
    return path


@pytest.mark.parametrize("ending", COMPRESS)
@pytest.mark.parametrize("member", [*MEMBERS, "bin"])
def test_compressed_archives(tmp_path, bomb, member, ending, within_bounds):
    refused("archive", tar_of(tmp_path / f"x.tar.{ending}", f"a/x.{member}", 64 * len(CHUNK), bomb(ending)))


@pytest.mark.parametrize("ending", COMPRESS)
@pytest.mark.parametrize("member", MEMBERS)
@pytest.mark.parametrize("container", ["tar", "zip"])
def test_compressed_members(tmp_path, bomb, member, ending, container, within_bounds):
    name, content = f"a/x.{member}.{ending}", bomb(ending)
    path = tmp_path / f"x.{container}"
    if container == "tar":
        tar_of(path, name, len(content), content + bytes(-len(content) % 512 + 1024))
    else:
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr(name, content)
    refused("archive", path, ratio=100 if ending == "lz4" else 200)  # lz4 itself ends at 255 times


@pytest.mark.slow
@pytest.mark.parametrize("member", [".csv", ".tsv", ".jsonl", ".json", ".txt"])
def test_members_of_a_zip(tmp_path, zip_bomb, member, within_bounds):
    (tmp_path / "x.zip").write_bytes(zip_bomb.replace(b"a/1234567", f"a/{member.rjust(7, 'x')}".encode()))
    refused("archive", tmp_path / "x.zip")


def test_one_bomb_among_texts_is_one_bad_row(tmp_path, bomb, within_bounds):
    (tmp_path / "r" / "pos").mkdir(parents=True)
    (tmp_path / "r" / "pos" / "1.txt").write_text("Great.")
    (tmp_path / "r" / "pos" / "2.txt.gz").write_bytes(bomb("gz"))
    corpus = tp.load_dataset("folder", path=tmp_path / "r", splits=None, on_error="skip")
    assert corpus["train"].text.to_pylist() == ["Great."]
    assert "grows to over 200 times its size" in corpus.rejected[0].reason


@pytest.mark.parametrize("method", METHODS)
def test_members_of_every_method_are_read_and_their_checksums_compared(tmp_path, method):
    path, text = tmp_path / "x.zip", "Naïve, but good. " * 1000
    with zipfile.ZipFile(path, "w", METHODS[method]) as archive:
        archive.writestr("a/1.txt", text)
        archive.writestr("a/2.txt", "")
    corpus = tp.load_dataset("archive", path=path, splits=None, on_error="skip")
    assert corpus["train"].text.to_pylist() == [text, ""]
    content = bytearray(path.read_bytes())
    content[content.index(b"PK\x01\x02") + 16] ^= 1  # the checksum of the first
    path.write_bytes(content)
    with pytest.raises(DatasetError, match=r"x\.zip/a/1\.txt, line 1: cannot be read: Bad CRC-32"):
        tp.load_dataset("archive", path=path, splits=None)
    corpus = tp.load_dataset("archive", path=path, splits=None, on_error="skip")
    assert [row.file for row in corpus.rejected] == [f"{path}/a/1.txt"]


@pytest.mark.parametrize("said", [0, 10])
@pytest.mark.parametrize("method", METHODS)
def test_a_member_that_is_longer_than_its_archive_says(tmp_path, method, said, within_bounds):
    path = tmp_path / "x.zip"
    with zipfile.ZipFile(path, "w", METHODS[method]) as archive:
        archive.writestr("a/1.txt", b" " * 2**24)
    content = bytearray(path.read_bytes())
    at = content.index(b"PK\x01\x02") + 24
    content[at : at + 4] = said.to_bytes(4, "little")
    path.write_bytes(content)
    with pytest.raises(DatasetError, match="Bad CRC-32"):
        tp.load_dataset("archive", path=path, splits=None, on_error="skip")


def test_honest_files_that_compress_well_are_read(tmp_path):
    rows = b"text,label\n" + b"the same row again,x\n" * 400_000
    (tmp_path / "x.csv.gz").write_bytes(gzip.compress(rows))
    assert len(tp.load_dataset("csv", path=tmp_path / "x.csv.gz", splits=None)["train"]) == 400_000
