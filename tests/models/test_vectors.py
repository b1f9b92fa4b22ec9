"""Pretrained vectors, as their file says."""

from __future__ import annotations

import gzip
import sys
from pathlib import Path

import pytest

from textprep.errors import ConfigError
from textprep.models.vectors import read_vectors

VECTORS = "good 1 2\nfilm 3 4\nBAD 5 6\nfilm 7 8\nothers 9 9\n"


@pytest.mark.parametrize("form", ["glove", "word2vec", "gz", "package"])
def test_vectors_are_those_of_the_file(form, tmp_path, monkeypatch):
    tokens = ["<pad>", "<unk>", "good", "Good", "film", "bad", "plot"]
    path = tmp_path / "vectors.txt"
    path.write_text(("5 2\n" if form == "word2vec" else "") + VECTORS)
    source = str(path)
    if form == "gz":
        source = f"{path}.gz"
        Path(source).write_bytes(gzip.compress(path.read_bytes()))
    elif form == "package":
        (tmp_path / "some_vectors").mkdir()
        (tmp_path / "some_vectors" / "__init__.py").write_text("raise RuntimeError('it is never imported')")
        path.rename(tmp_path / "some_vectors" / "vectors.txt")
        monkeypatch.setattr(sys, "path", [str(tmp_path), *sys.path])
        source = "package:some_vectors/vectors.txt"
    vectors = read_vectors(source, tokens)
    assert vectors.matrix.tolist() == [[0, 0], [0, 0], [1, 2], [1, 2], [3, 4], [0, 0], [0, 0]]
    assert vectors.found.tolist() == [False, False, True, True, True, False, False]
    counts = {"good": 3, "Good": 1, "film": 4, "plot": 2}
    assert vectors.coverage(tokens, counts) == (
        "3 of 7 tokens have a pretrained vector, 80.0% of the words of the training text"
    )


def test_an_exact_spelling_wins_over_lower_case(tmp_path):
    (tmp_path / "v.txt").write_text("film 1 1\nFilm 2 2\nof course 3 3\n")
    tokens = ["Film", "FILM", "of course"]
    assert read_vectors(str(tmp_path / "v.txt"), tokens).matrix.tolist() == [[2, 2], [1, 1], [3, 3]]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("good 1 2\nfilm 3\n", "v.txt, line 2: .*a token and 2 numbers"),
        ("good 1 x\n", "v.txt, line 1: .*a token and 2 numbers"),
        ("good 1 2\nfilm 3 nan\n", "v.txt, line 2: not every number is finite"),
        ("other 1 2\n", "none of the 2 tokens"),
        (None, "there is no file of vectors"),
    ],
)
def test_a_file_that_cannot_be_used_is_named(content, message, tmp_path):
    if content is not None:
        (tmp_path / "v.txt").write_text(content)
    with pytest.raises(ConfigError, match=message):
        read_vectors(str(tmp_path / "v.txt"), ["good", "film"])


def test_a_package_that_is_not_there_is_named():
    with pytest.raises(ConfigError, match="'no_such_package' is not installed"):
        read_vectors("package:no_such_package/v.txt", ["good"])
    with pytest.raises(ConfigError, match=r"'textprep' has no file v.txt"):
        read_vectors("package:textprep/v.txt", ["good"])
