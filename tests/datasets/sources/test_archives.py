"""Archives are read as they stream by; hostile ones are refused, and nothing of them is written."""

from __future__ import annotations

import gzip
import io
import stat
import struct
import tarfile
import zipfile

import pytest

import textprep as tp
from textprep.datasets.sources import source
from textprep.errors import DatasetError

TEXTS = {"r/train/neg/1.txt": b"Dull.", "r/train/pos/1.txt": b"Great.", "r/test/pos/2.txt": b"Fine."}


def tar_of(path, entries, mode="w:gz"):
    """``entries``: names with bytes, or with a function that changes the header."""
    with tarfile.open(path, mode) as archive:
        for name, content in entries:
            info = tarfile.TarInfo(name)
            if callable(content):
                content(info)
                archive.addfile(info, io.BytesIO(b"\0" * info.size))
            else:
                info.size = len(content)
                archive.addfile(info, io.BytesIO(content))
    return path


def zip_of(path, entries):
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in entries:
            info = zipfile.ZipInfo(name)
            info.compress_type = zipfile.ZIP_DEFLATED
            if isinstance(content, int):
                info.external_attr = content << 16
            archive.writestr(info, b"target" if isinstance(content, int) else content)
    return path


@pytest.mark.parametrize("name", ["r.tar", "r.tar.gz", "r.tgz", "r.tar.bz2", "r.tar.xz", "r.zip"])
def test_texts_in_folders_with_splits_by_pattern(tmp_path, name):
    mode = (
        "w" if name == "r.tar" else "w:" + {"tgz": "gz"}.get(name.rpartition(".")[2], name.rpartition(".")[2])
    )
    entries = [("r/readme.md", b"# no text"), *TEXTS.items()]
    path = (
        zip_of(tmp_path / name, entries) if name.endswith("zip") else tar_of(tmp_path / name, entries, mode)
    )
    corpus = tp.load_dataset(
        "archive", path=path, members={"train": "train/*/*.txt", "test": ["test/*/*.txt"]}
    )
    assert corpus.class_names == ("neg", "pos")
    assert [row["file"] for row in corpus["train"]] == ["r/train/neg/1.txt", "r/train/pos/1.txt"]
    assert corpus["test"].text.to_pylist() == ["Fine."]
    assert sorted(path.iterdir() if path.is_dir() else [p.name for p in tmp_path.iterdir()]) == [name]


@pytest.mark.parametrize(
    "write", [lambda p, e: tar_of(p / "d.tar.gz", e), lambda p, e: zip_of(p / "d.zip", e)]
)
def test_data_files_inside_compressed_ones_too(tmp_path, write):
    path = write(tmp_path, [
        ("a/one.csv", b"text,label\nfirst,x\nbad\n"), ("a/two.jsonl.gz", gzip.compress(b'{"text": "second", "label": "y"}')),
        ("a/three.tsv", b"text\tlabel\nthird\tx\n"), ("a/four.json", b'[{"text": "fourth", "label": "y"}]'),
    ])  # fmt: skip
    corpus = tp.load_dataset("archive", path=path, splits=None, on_error="skip")
    assert corpus["train"].text.to_pylist() == ["first", "second", "third", "fourth"]
    ((file, line),) = [(row.file, row.line) for row in corpus.rejected]
    assert (file, line) == (f"{path}/a/one.csv", 3)
    with pytest.raises(DatasetError, match=r"no member that can be read is called \*\.parquet"):
        tp.load_dataset("archive", path=path, members="*.parquet")


def link(kind):
    def change(info):
        info.type, info.linkname = kind, "/etc/passwd"

    return change


def kind(number):
    def change(info):
        info.type = number

    return change


HOSTILE = {
    "absolute": ([("/etc/x.txt", b"a")], "'/etc/x.txt' has an absolute path"),
    "drive": ([("C:/x.txt", b"a")], "has an absolute path"),
    "parent": ([("a/../../x.txt", b"a")], "leads out of the archive"),
    "backslash": ([("a\\..\\x.txt", b"a")], "has a backslash"),
    "control": ([("a\nb.txt", b"a")], "control characters"),
    "twice": ([("a/x.txt", b"a"), ("a/x.txt", b"b")], "is there twice"),
    "dot": ([("a/x.txt", b"a"), ("./a/x.txt", b"b")], "is there twice"),
    "dots": ([("a/x.txt", b"a"), ("a/./x.txt", b"b")], "is there twice"),
    "slashes": ([("a//x.txt", b"a"), ("a/x.txt", b"b")], "is there twice"),
    "case": ([("a/x.txt", b"a"), ("A/X.txt", b"b")], "differs from another in upper and lower case"),
    "accents": ([("a/\u00e9.txt", b"a"), ("a/e\u0301.txt", b"b")], "is there twice, or differs"),
}


@pytest.mark.parametrize("case", HOSTILE)
@pytest.mark.parametrize("ending", ["tar.gz", "zip"])
@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_hostile_names_are_refused(tmp_path, case, ending):
    entries, message = HOSTILE[case]
    write = zip_of if ending == "zip" else tar_of
    path = write(tmp_path / f"x.{ending}", [("a/good.txt", b"good"), *entries])
    with pytest.raises(DatasetError, match=message) as caught:
        tp.load_dataset("archive", path=path, on_error="skip")
    assert "the archive is refused, and nothing of it was written" in str(caught.value)
    assert [found.name for found in tmp_path.iterdir()] == [path.name]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (link(tarfile.SYMTYPE), "is a link"),
        (link(tarfile.LNKTYPE), "is a link"),
        (kind(tarfile.CHRTYPE), "is a device"),
        (kind(tarfile.BLKTYPE), "is a device"),
        (kind(tarfile.FIFOTYPE), "is a device or another special file"),
    ],
)
def test_links_and_devices_in_a_tar_are_refused(tmp_path, change, message):
    path = tar_of(tmp_path / "x.tar.gz", [("a/good.txt", b"good"), ("a/odd.txt", change)])
    with pytest.raises(DatasetError, match=message):
        tp.load_dataset("archive", path=path)


def test_links_and_encrypted_members_of_a_zip_are_refused(tmp_path):
    path = zip_of(tmp_path / "x.zip", [("a/good.txt", b"good"), ("a/odd.txt", stat.S_IFLNK | 0o777)])
    with pytest.raises(DatasetError, match=r"odd\.txt' is a link"):
        tp.load_dataset("archive", path=path)
    path = zip_of(tmp_path / "y.zip", [("a/good.txt", b"good")])
    content = bytearray(path.read_bytes())
    content[content.index(b"PK\x01\x02") + 8] |= 1
    path.write_bytes(content)
    with pytest.raises(DatasetError, match="is encrypted"):
        tp.load_dataset("archive", path=path)


@pytest.mark.parametrize(
    "write", [lambda p, e: tar_of(p / "b.tar.gz", e), lambda p, e: zip_of(p / "b.zip", e)]
)
def test_bombs_are_found_while_they_are_read(tmp_path, write, monkeypatch):
    monkeypatch.setattr(source, "RATIO_COUNTS_FROM", 100_000)
    path = write(tmp_path, [("a/bomb.txt", b"0" * 5_000_000)])
    with pytest.raises(DatasetError, match="grows to over 200 times its size: this is a decompression bomb"):
        tp.load_dataset("archive", path=path)
    with pytest.raises(DatasetError, match="holds over 1,000 bytes, decompressed"):
        tp.load_dataset("archive", path=path, limits={"bytes": 1000})
    many = write(tmp_path, [(f"a/{i}.txt", b"") for i in range(20)])
    with pytest.raises(DatasetError, match="holds over 10 entries"):
        tp.load_dataset("archive", path=many, limits={"entries": 10})
    assert len(tp.load_dataset("archive", path=path, splits=None, limits={"ratio": 10**6})["train"]) > 0
    with pytest.raises(DatasetError, match="limits= takes entries, bytes, ratio"):
        tp.load_dataset("archive", path=path, limits={"rows": 1})


def test_a_header_that_is_no_header_by_its_length_is_never_read(tmp_path):
    info = tarfile.TarInfo("x")
    info.type, info.size = tarfile.XHDTYPE, 2**31
    path = tmp_path / "x.tar"
    path.write_bytes(info.tobuf(tarfile.GNU_FORMAT) + b"\0" * 10_240)
    with pytest.raises(DatasetError, match=r"a header of 2,147,483,648 bytes: the archive is refused"):
        tp.load_dataset("archive", path=path)


def both(test):
    return pytest.mark.parametrize(
        "write",
        [lambda p, e: tar_of(p / "x.tar.gz", e), lambda p, e: zip_of(p / "x.zip", e)],
        ids=["tar", "zip"],
    )(test)


@both
def test_a_text_beside_data_files_is_no_row(tmp_path, write):
    data = ("r/a.csv", b"text,label\nfirst,x\n")
    path = write(tmp_path, [("README.txt", b"Read me."), data, ("r/license.txt", b"Free.")])
    corpus = tp.load_dataset("archive", path=path, splits=None)
    assert corpus["train"].text.to_pylist() == ["first"]
    assert corpus.notes[-1].endswith("left out: 2 beside data files: README.txt, r/license.txt")
    path = write(tmp_path, [data, *TEXTS.items()])
    with pytest.raises(
        DatasetError, match=r"\('r/a\.csv'\) and folders of texts .*such as members='\*\.csv'"
    ):
        tp.load_dataset("archive", path=path)
    assert len(tp.load_dataset("archive", path=path, splits=None, members="*.csv")["train"]) == 1
    assert len(tp.load_dataset("archive", path=path, splits=None, members="*.txt")["train"]) == 3


@both
def test_texts_in_no_folder_have_no_class(tmp_path, write):
    path = write(tmp_path, [("1.txt", b"One."), ("2.txt", b"Two."), ("a/3.txt", b"Three.")])
    corpus = tp.load_dataset("archive", path=path, splits=None, label=None)
    assert corpus["train"].text.to_pylist() == ["One.", "Two."]
    assert "1 below the class folders" in corpus.notes[-1]


@both
@pytest.mark.parametrize("members", [None, "*.txt", "*/*.txt", "r/*/*.txt", ["neg/*", "pos/*"]])
def test_what_lies_beside_class_folders_is_no_class_whatever_the_pattern(tmp_path, write, members):
    path = write(
        tmp_path, [("r/README.txt", b"Read me."), ("r/neg/1.txt", b"Dull."), ("r/pos/1.txt", b"Great.")]
    )
    corpus = tp.load_dataset("archive", path=path, splits=None, members=members)
    assert corpus.class_names == ("neg", "pos")


@both
def test_names_that_are_not_utf_8_and_those_that_macos_leaves(tmp_path, write):
    odd = (
        "r/pos/caf\udce9.txt" if "tar" in str(write(tmp_path, [("a/a.txt", b"")])) else "r/pos/caf\u00e9.txt"
    )
    path = write(tmp_path, [(odd, b"Odd."), ("r/pos/Icon\r", b""), ("r/neg/1.txt", b"Dull.")])
    corpus = tp.load_dataset("archive", path=path, splits=None)
    assert corpus["train"].text.to_pylist() == ["Odd.", "Dull."]
    assert "1 left by operating systems" in corpus.notes[-1]


def test_a_tar_that_is_damaged_in_the_middle_or_goes_on_behind_its_end(tmp_path):
    one = tar_of(tmp_path / "x.tar", TEXTS.items(), "w")
    content = bytearray(one.read_bytes())
    other = bytearray(content)
    other[1024] ^= 1  # the header of the second member
    for changed, message in (
        (content + content, "more follows on its end"),
        (other, "bad checksum: .* a damaged one"),
    ):
        one.write_bytes(changed)
        with pytest.raises(DatasetError, match=rf"x\.tar: cannot be read: {message}"):
            tp.load_dataset("archive", path=one, on_error="skip")


@both
def test_a_damaged_data_file_among_others_is_one_bad_row(tmp_path, write):
    files = {f"{number}.json": b'[{"text": "fine", "label": "x"}]' for number in range(9)}
    path = write(tmp_path, {**files, "4.json": b'[{"text": "fi'}.items())
    corpus = tp.load_dataset("archive", path=path, splits=None, on_error="skip")
    assert len(corpus["train"]) == 8
    assert [row.file for row in corpus.rejected] == [f"{path}/4.json"]


def test_damaged_archives_are_named(tmp_path):
    good = tar_of(tmp_path / "x.tar.gz", [("a/1.txt", bytes(range(32, 127)) * 1000), *TEXTS.items()])
    content = good.read_bytes()
    for damaged in (content[: len(content) // 2], content[:100], b"no archive at all", b""):
        good.write_bytes(damaged)
        with pytest.raises(DatasetError, match=r"x\.tar\.gz"):
            tp.load_dataset("archive", path=good)
    path = zip_of(tmp_path / "x.zip", TEXTS.items())
    content = bytearray(path.read_bytes())
    path.write_bytes(content[:-30])
    with pytest.raises(DatasetError, match=r"x\.zip: cannot be read"):
        tp.load_dataset("archive", path=path)
    struct.pack_into("<I", content, 14, 7)  # the checksum of the first member
    content[content.index(b"PK\x01\x02") + 16] ^= 0xFF
    path.write_bytes(content)
    with pytest.raises(DatasetError, match="Bad CRC-32"):
        tp.load_dataset("archive", path=path)
    (tmp_path / "x.rar").write_bytes(b"Rar!")
    with pytest.raises(DatasetError, match=r"an archive is called \.tar"):
        tp.load_dataset("archive", path=tmp_path / "x.rar")
