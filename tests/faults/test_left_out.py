"""Every file of a folder or an archive is read, rejected, or counted among what was left out."""

from __future__ import annotations

import gzip
import os
import re
import tarfile
import zipfile
from io import BytesIO
from pathlib import Path

import fsspec
import pyarrow as pa
import pyarrow.feather
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import textprep as tp
from textprep.errors import DatasetError

TEXTS = {
    "neg/1.txt": b"Dull.",
    "pos/1.txt": b"Great.",
    "pos/2.TXT": b"Fine.",
    "pos/3.txt.gz": gzip.compress(b"Good."),
}
STRAY = {
    "README.txt": "beside the class folders", "pos/old/1.txt": "below the class folders", "neg/1.md": "of other endings",
    "neg/49960": "of other endings", "pos/._1.txt": "left by operating systems", "__MACOSX/pos/1.txt": "left by operating",
    ".DS_Store": "left by operating", "neg/Thumbs.db": "left by operating", "lost+found/1.txt": "left by operating",
    ".TemporaryItems/1.txt": "left by operating", "pos/.~lock.1.txt": "left by operating", "neg/1.txt:Zone.Identifier": "left by operating", "pos/desktop.ini": "left by operating",
    ".git/neg/1.txt": "in hidden folders",
}  # fmt: skip


def as_folder(path, files):
    for name, content in files.items():
        (path / "r" / name).parent.mkdir(parents=True, exist_ok=True)
        (path / "r" / name).write_bytes(content)
    return "folder", path / "r"


def as_tar(path, files):
    with tarfile.open(path / "r.tar.gz", "w:gz") as archive:
        for name, content in files.items():
            info = tarfile.TarInfo(f"r/{name}")
            info.size = len(content)
            archive.addfile(info, BytesIO(content))
    return "archive", path / "r.tar.gz"


def as_zip(path, files):
    with zipfile.ZipFile(path / "r.zip", "w") as archive:
        for name, content in files.items():
            archive.writestr(f"r/{name}", content)
    return "archive", path / "r.zip"


def loaded(made, **options):
    name, path = made
    return tp.load_dataset(name, path=path, splits=None, on_error="skip", **options)


def counted(corpus):
    """How many files the notes say were left out."""
    return sum(
        int(count.replace(",", ""))
        for note in corpus.notes
        for count in re.findall(r"(?<=[:;] )([\d,]+) ", note)
    )


def texts(corpus):
    return sorted((corpus.class_names[row["label"]], row["text"]) for row in corpus["train"])


WAYS = pytest.mark.parametrize("write", [as_folder, as_tar, as_zip])
GOOD = [("neg", "Dull."), ("pos", "Fine."), ("pos", "Good."), ("pos", "Great.")]


@WAYS
@pytest.mark.parametrize("stray", STRAY)
@pytest.mark.parametrize("first", [True, False])
def test_what_is_no_text_is_said_and_is_no_class(tmp_path, write, stray, first):
    files = {stray: b"x", **TEXTS} if first else {**TEXTS, stray: b"x"}
    corpus = loaded(write(tmp_path, files))
    assert texts(corpus) == GOOD
    (note,) = corpus.notes
    assert f"left out: 1 {STRAY[stray]}" in note
    assert re.search(rf": (r/)?{re.escape(stray)}(; |$)", note)


@WAYS
def test_notes_are_short_however_much_is_left_out(tmp_path, write):
    corpus = loaded(
        write(tmp_path, {**TEXTS, **{f"neg/{'x' * 200}{number}.md": b"" for number in range(1500)}})
    )
    (note,) = corpus.notes
    assert "1,500 of other endings" in note
    assert "xx0.md" in note
    assert len(note) < 600


def test_notes_are_few_however_many_files_bring_one(tmp_path):
    for number in range(100):
        as_folder(tmp_path / str(number), {"pos/1.txt": b"x", "README.md": b""})
    corpus = loaded(("folder", [tmp_path / str(number) / "r" for number in range(100)]))
    assert (len(corpus["train"]), len(corpus.notes)) == (100, 21)
    assert corpus.notes[-1] == "80 more notes like these, on other files"


@WAYS
def test_options_say_what_is_read(tmp_path, write):
    made = write(tmp_path, {**TEXTS, **dict.fromkeys(STRAY, b"x")})
    assert texts(loaded(made, recursive=True)) == sorted([*GOOD, ("pos", "x")])
    assert texts(loaded(made, endings=["", "md"])) == [("neg", "x"), ("neg", "x")]
    assert len(loaded(made, endings="*")["train"]) == 6
    corpus = loaded(made, exclude=["pos/1*", "old"])
    assert texts(corpus) == [row for row in GOOD if row[1] != "Great."]
    assert "2 matched by exclude=: " in corpus.notes[0]
    for options in ({"exclude": ""}, {"exclude": [1]}, {"endings": 1}):
        with pytest.raises(DatasetError, match=next(iter(options))) as caught:
            loaded(made, **options)
        assert caught.value.option == next(iter(options))


@WAYS
def test_where_nothing_is_read_the_message_says_what_is_there(tmp_path, write):
    files = {f"sci.space/{number}": b"x" for number in range(10)}
    with pytest.raises(DatasetError, match=r"10 of other endings: (r/)?sci.space/0, .*…"):
        loaded(write(tmp_path, files))
    assert len(loaded(write(tmp_path, files), endings="")["train"]) == 10


@WAYS
@pytest.mark.parametrize("damage", ["gzip", "encoding", "length"])
def test_one_bad_file_of_many_is_one_rejected_row(tmp_path, write, damage, monkeypatch):
    from textprep.datasets.formats import members

    monkeypatch.setattr(members, "LONGEST_TEXT", 10_000)
    bad = {"gzip": b"\x1f\x8b no gzip", "encoding": b"caf\xe9", "length": b"x" * 10_001}[damage]
    files = {f"pos/{number}.txt": b"x" for number in range(300)}
    files["pos/150.txt.gz" if damage == "gzip" else "pos/150.txt"] = bad
    corpus = loaded(write(tmp_path, files))
    assert len(corpus["train"]) == len(files) - 1
    (rejected,) = corpus.rejected
    assert "pos/150.txt" in rejected.file


@pytest.mark.parametrize("write", [as_folder, as_tar])
def test_names_that_are_not_utf_8_are_written_out(tmp_path, write):
    files = {**TEXTS, "pos/caf\udce9.txt": b"Odd.", "p\udce9s/1.txt": b"Odd.", "neg/\udce9.md": b""}
    corpus = loaded(write(tmp_path, files))
    names = {row["file"].removeprefix("r/") for row in corpus["train"]}
    assert names == {*TEXTS, "pos/caf\\xe9.txt", "p\\xe9s/1.txt"}
    assert "p\\xe9s" in corpus.class_names
    assert "neg/\\xe9.md; endings= says" in corpus.notes[0]


PARTS = st.sampled_from(["neg", "pos", "old", ".git", "__MACOSX", "r", "a.txt"])
LEAVES = st.sampled_from(["1.txt", "2.TXT", "._1.txt", "README", "x.md", ".DS_Store", "bad.txt", "3.txt.gz"])
TREES = st.lists(st.tuples(st.lists(PARTS, max_size=3), LEAVES), min_size=1, max_size=12)


@settings(deadline=None, max_examples=60)
@given(tree=TREES, recursive=st.booleans(), write=st.sampled_from([as_folder, as_tar, as_zip]))
def test_files_are_rows_rejected_or_counted(tmp_path_factory, tree, recursive, write):
    files = {
        "/".join([*folders, leaf]): b"\xff"
        if leaf == "bad.txt"
        else gzip.compress(b"x")
        if leaf[-1] == "z"
        else b"x"
        for folders, leaf in tree
    }
    files = {**files, "pos/1.txt": b"x"}
    try:
        corpus = loaded(write(tmp_path_factory.mktemp("tree"), files), recursive=recursive, label=None)
    except DatasetError as error:
        assert re.search("every one of the .* rows .* is bad", str(error))  # noqa: PT017
        return
    assert len(corpus["train"]) + len(corpus.rejected) + counted(corpus) == len(files)


def test_folders_that_cannot_be_read_links_and_pipes_are_bad_rows(tmp_path, monkeypatch):
    _, root = as_folder(tmp_path, TEXTS)
    (root / "neg" / "gone.txt").symlink_to(root / "nowhere")
    (root / "pos" / "loop").symlink_to(root)
    (root / "loop").symlink_to(root)
    os.mkfifo(root / "pos" / "pipe.txt")
    (root / "locked").mkdir()
    (root / "also" / "locked").mkdir(parents=True)
    listed = os.listdir
    monkeypatch.setattr(
        os,
        "listdir",
        lambda path: (
            listed(path)
            if "locked" not in str(path)
            else (_ for _ in ()).throw(PermissionError(13, "Permission denied"))
        ),
    )  # root may read everything
    corpus = loaded(("folder", root))
    assert texts(corpus) == GOOD
    assert {os.path.relpath(row.file, root): row.reason for row in corpus.rejected} == {
        "neg/gone.txt": "cannot be read: No such file or directory",
        "locked": "cannot be read: Permission denied",
        "loop": "cannot be read: this is a link to a folder that it lies in, or too deep",
        "pos/pipe.txt": "cannot be read: this is no regular file",
    }
    assert "2 below the class folders" in corpus.notes[0]
    with pytest.raises(DatasetError, match=r"locked, line 1: cannot be read: Permission denied; on_error"):
        tp.load_dataset("folder", path=root)


def test_texts_that_a_file_of_labels_does_not_name(tmp_path):
    _, root = as_folder(
        tmp_path,
        {"labels.csv": b"file,label\n1.txt,x\n", "1.txt": b"a", "2.txt": b"b", "._1.txt": b"", "x/3.md": b""},
    )
    corpus = loaded(("folder", root), labels="labels.csv")
    assert [row["text"] for row in corpus["train"]] == ["a"]
    assert [Path(row.file).name for row in corpus.rejected] == ["2.txt"]
    assert counted(corpus) == 2


def table(write):
    def written():
        sink = BytesIO()
        write(pa.table({"text": ["Great."], "label": ["pos"]}), sink)
        return sink.getvalue()

    return written()


FILES = {
    "csv": b"text,label\nGreat.,pos\n", "tsv": b"text\tlabel\nGreat.\tpos\n", "jsonl": b'{"text": "Great.", "label": "pos"}\n',
    "json": b'[{"text": "Great.", "label": "pos"}]', "text": b"Great.\n", "parquet": table(pq.write_table),
    "arrow": table(pyarrow.feather.write_feather),
}  # fmt: skip
LITTER = ("._a.x", "__MACOSX/a.x", ".DS_Store", "Thumbs.db", "DESKTOP.INI", "~$a.x")


@pytest.mark.parametrize("adapter", FILES)
@pytest.mark.parametrize("way", ["glob", "list", "splits", "remote"])
def test_files_that_operating_systems_leave_are_no_data_in_any_adapter(tmp_path, adapter, way):
    names = ["a.x", *LITTER]
    for name in names:
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(FILES[adapter] if name == "a.x" else b"\0\5\x16\7")
    if way == "glob":
        names, path = ["a.x", "__MACOSX/a.x", "Thumbs.db", "DESKTOP.INI", "~$a.x"], f"{tmp_path}/**/*"
    elif way == "remote":
        path = f"memory://{tmp_path.name}/{adapter}/**"
        for name in names:
            with fsspec.open(f"memory://{tmp_path.name}/{adapter}/{name}", "wb") as file:
                file.write((tmp_path / name).read_bytes())
    else:
        path = [tmp_path / name for name in names]
    where = {"train": path} if way == "splits" else path
    corpus = tp.load_dataset(adapter, path=where, **({} if way == "splits" else {"splits": None}))
    assert corpus["train"].text.to_pylist() == ["Great."]
    (note,) = [note for note in corpus.notes if "left out" in note]
    assert f"left out: {len(names) - 1} left by operating systems: " in note
    with pytest.raises(DatasetError, match=r"path= names no data: left out: 1 left by operating systems"):
        tp.load_dataset(adapter, path=tmp_path / "Thumbs.db")
