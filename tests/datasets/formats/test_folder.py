from __future__ import annotations

import json

import pytest

import textprep as tp
from textprep.errors import DatasetError


@pytest.fixture
def folder(tmp_path):
    for name in ("pos/2.txt", "pos/10.txt", "neg/1.txt", ".cache/x.txt", "neg/readme.md"):
        path = tmp_path / "reviews" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"This is {name}.\nTwo lines.", encoding="utf-8")
    return tmp_path / "reviews"


def test_a_folder_a_class_a_file_a_text_in_the_order_of_names(folder):
    corpus = tp.load_dataset("folder", path=folder, splits=None)
    assert corpus.class_names == ("neg", "pos")
    assert [row["file"] for row in corpus["train"]] == ["neg/1.txt", "pos/10.txt", "pos/2.txt"]
    assert corpus["train"][0]["text"] == "This is neg/1.txt.\nTwo lines."


def test_split_folders(folder):
    corpus = tp.load_dataset("folder", path={"train": folder, "test": [folder, folder]})
    assert {name: len(split) for name, split in corpus.items()} == {"train": 3, "test": 6}
    assert corpus["test"].row_ids.tolist() == [3, 4, 5, 6, 7, 8]


def test_a_text_of_another_encoding_is_named_with_byte_and_line(folder):
    (folder / "neg" / "1.txt").write_bytes(b"first\ncaf\xe9")
    with pytest.raises(
        DatasetError, match=r"1\.txt, line 2, column 'text': byte 0xe9 \(number 9 of the file"
    ):
        tp.load_dataset("folder", path=folder, splits=None)
    corpus = tp.load_dataset("folder", path=folder, splits=None, on_error="skip")
    assert (len(corpus["train"]), corpus.rejected[0].raw) == (2, b"first\ncaf\xe9")
    latin = tp.load_dataset("folder", path=folder, splits=None, encoding="latin-1")
    assert latin["train"][0]["text"] == "first\ncafé"


def test_a_byte_order_mark_is_no_text(folder):
    (folder / "neg" / "1.txt").write_bytes(b"\xef\xbb\xbfok")
    assert tp.load_dataset("folder", path=folder, splits=None)["train"][0]["text"] == "ok"


def test_paths_that_are_no_folder_of_classes(folder, tmp_path):
    (tmp_path / "empty").mkdir()
    for path, message in {
        tmp_path / "empty": "there are no texts; it must hold one folder per class",
        folder / "pos": "there are no texts",
        folder / "pos" / "2.txt": "this is a file",
        tmp_path / "none": "there is no such file",
    }.items():
        with pytest.raises(DatasetError, match=message):
            tp.load_dataset("folder", path=path)
    with pytest.raises(DatasetError, match="no encoding is called 'x'"):
        tp.load_dataset("folder", path=folder, encoding="x")


@pytest.fixture
def listed(tmp_path):
    for name in ("1.txt", "deep/2.txt", "3.txt"):
        (tmp_path / "t" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "t" / name).write_text(f"text {name}")
    (tmp_path / "secret.txt").write_text("secret")
    return tmp_path / "t"


def test_one_file_of_labels_beside_the_texts(listed):
    (listed / "labels.tsv").write_text(
        "name\tlabel\tyear\ndeep/2.txt\tpos\t1999\n1.txt\tneg\t2001\n./3.txt\tpos\t1\n"
    )
    corpus = tp.load_dataset("folder", path=listed, labels="labels.tsv", splits=None)
    assert [(row["file"], row["label"], row["year"]) for row in corpus["train"]] == [
        ("deep/2.txt", 1, "1999"),
        ("1.txt", 0, "2001"),
        ("3.txt", 1, "1"),
    ]
    assert corpus["train"].text.to_pylist()[0] == "text deep/2.txt"


def test_texts_that_are_missing_lead_out_or_are_not_named_are_bad_rows(listed):
    (listed / "link.txt").symlink_to(listed.parent / "secret.txt")
    rows = [
        {"file": name, "label": "x"}
        for name in ("1.txt", "none.txt", "../secret.txt", "link.txt", "/etc/passwd")
    ]
    (listed / "labels.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    corpus = tp.load_dataset("folder", path=listed, labels="labels.jsonl", splits=None, on_error="skip")
    assert corpus["train"].text.to_pylist() == ["text 1.txt"]
    assert [(row.line, row.column, row.reason.partition(" ")[0]) for row in corpus.rejected[:4]] == [
        (2, "file", "there"), (3, "file", "'../secret.txt'"), (4, "file", "'link.txt'"), (5, "file", "'/etc/passwd'")
    ]  # fmt: skip
    assert [row.reason for row in corpus.rejected[4:]] == ["labels.jsonl has no row for this text"] * 2
    with pytest.raises(DatasetError, match="there is no such file of labels"):
        tp.load_dataset("folder", path=listed, labels="none.csv")
