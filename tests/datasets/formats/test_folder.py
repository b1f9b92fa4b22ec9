from __future__ import annotations

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
        tmp_path / "empty": "there are no texts; it must hold a folder a class",
        folder / "pos": "there are no texts",
        folder / "pos" / "2.txt": "this is a file",
        tmp_path / "none": "there is no such file",
    }.items():
        with pytest.raises(DatasetError, match=message):
            tp.load_dataset("folder", path=path)
    with pytest.raises(DatasetError, match="no encoding is called 'x'"):
        tp.load_dataset("folder", path=folder, encoding="x")
