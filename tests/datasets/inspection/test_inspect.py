"""Each thing that makes a corpus unfit is found, named and shown; a good one is found good."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

import textprep as tp
from textprep.datasets import as_corpus
from textprep.datasets.inspection import inspect_corpus
from textprep.datasets.inspection.characters import SIGNS

SIGN = {sign.name: sign.find for sign in SIGNS}
LONG = " ".join(f"word{i}" for i in range(40))


def good(prefix: str, count: int = 20) -> list[tuple[str, str]]:
    return [(f"{prefix} film number {i}, {prefix * (i % 7)}", "ab"[i % 2]) for i in range(count)]


def found(corpus):
    return {finding.name: finding for finding in inspect_corpus(as_corpus(corpus)).findings}


def test_nothing_is_found_in_a_good_corpus():
    inspection = inspect_corpus(as_corpus({"train": good("x"), "test": good("y")}))
    assert inspection.findings == ()
    assert inspection.rows == {"train": 20, "test": 20}
    assert inspection.classes["test"] == {"a": 10, "b": 10}
    assert inspection.lengths["train"].ascii_rows == 20


@pytest.mark.parametrize(
    ("more", "name", "wrong", "times", "says"),
    [
        ({"test": [("X FILM number 3, xxx.", "b")]}, "leak", True, 1, "train and test share the same text"),
        (
            {"train": [(LONG, "a")], "test": [(LONG + " more", "a"), (LONG + " more", "a")]},
            "near_leak",
            True,
            1,
            "train and test share nearly the same text (an overlap of 0.8 or more)",
        ),
        ({"train": [("x film number 3, xxx", "a")]}, "contradiction", True, 1, "texts have two labels"),
        ({"train": [("x film number 3, xxx", "b")]}, "duplicates", False, 1, "repeated within their split"),
        ({"train": [(LONG, "a"), (LONG + " m", "a")]}, "near_duplicates", False, 1, "nearly repeated"),
        ({"train": [(" \n", "a")]}, "empty", True, 1, "texts are empty"),
        ({"test": [("caf\ufffd", "a")]}, "replaced", True, 1, "U+FFFD"),
        (
            {"test": [("It\u00e2\u20ac\u2122s", "a")]},
            "mojibake",
            True,
            1,
            "UTF-8 that was read as Windows-1252",
        ),
        ({"test": [("a \x96 b", "a"), ("c \x96 d", "b")]}, "control", True, 2, "(U+0096 in 2)"),
        ({"test": [("new", "c")]}, "missing_class", True, 1, "no row in train: c; a model cannot learn them"),
        ({"train": [("new", "c")]}, "missing_class", False, 1, "in test: c; a score says nothing of them"),
        ({"train": [("z 1 2 3", "A")]}, "alike_labels", True, 1, 'labels={"A": "a"} makes them one class'),
        (
            {"train": [(f"z {i} {i} {i}", "a") for i in range(100)]},
            "imbalance",
            False,
            11,
            "(110 and 10)",
        ),
    ],
)
def test_each_finding(more, name, wrong, times, says):
    corpus = {"train": good("x") + more.get("train", []), "test": good("y") + more.get("test", [])}
    findings = found(corpus)
    assert name in findings
    assert (findings[name].wrong, findings[name].times) == (wrong, times)
    assert says in findings[name].says


def test_examples_name_split_and_row():
    finding = found({"train": good("x"), "test": [("x film number 3, xxx", "b")]})["leak"]
    assert [(row.split, row.row_id) for row in finding.examples] == [("train", 3), ("test", 20)]
    assert str(finding.examples[0]) == "train row 3: 'x film number 3, xxx'"


def test_a_leak_is_told_once_for_each_two_splits_and_no_near_leak_besides():
    same = [("The same.", "a")]
    corpus = as_corpus({"train": good("x") + same, "validation": good("v") + same, "test": good("y") + same})
    leaks = [finding.says.partition(" share")[0] for finding in inspect_corpus(corpus).findings]
    assert leaks == ["times train and validation", "times train and test", "times validation and test"]


def test_the_ten_longest_and_shortest():
    texts = ["x" * length for length in range(1, 31)]
    inspection = inspect_corpus(as_corpus({"train": texts[:15], "test": texts[15:]}))
    assert [length for length, _ in inspection.longest] == list(range(30, 20, -1))
    assert [length for length, _ in inspection.shortest] == list(range(1, 11))
    assert inspection.longest[0][1].split == "test"
    assert inspection.lengths["train"][:3] == (1, 8, 15)


def test_unlabelled_rows_and_an_empty_split():
    inspection = inspect_corpus(as_corpus({"train": ["a film", "b film"], "none": []}))
    assert inspection.classes["train"] == {}
    assert list(inspection.lengths) == ["train"]


def test_rows_with_several_labels():
    rows = [(text, ["a", "b"] if i % 2 else ["b"]) for i, (text, _) in enumerate(good("x"))]
    corpus = tp.load_dataset(
        "memory",
        rows={"train": [*rows, ("X film number 3, xxx", ["b", "a"])], "test": [("new", ["b"])]},
        target="classes",
    )
    names = [finding.name for finding in inspect_corpus(corpus).findings]
    assert sorted(names) == ["duplicates", "missing_class"]
    contradicting = [*rows, ("X film number 3, xxx", ["a"])]
    corpus = tp.load_dataset("memory", rows={"train": contradicting}, target="classes")
    assert [finding.name for finding in inspect_corpus(corpus).wrong] == ["contradiction"]


LETTERS = "àâäçéèêëîïôöùûüßñåøæ’“”–€"


@given(st.text(st.sampled_from(LETTERS + "abc "), min_size=1))
def test_utf_8_that_was_read_in_another_encoding_is_found(text):
    for encoding in ("cp1252", "latin-1"):
        try:
            read = text.encode().decode(encoding)
        except UnicodeDecodeError:
            continue
        odd = SIGN["mojibake"](read) or SIGN["control"](read)
        assert (odd is not None) is (read != text)


@pytest.mark.parametrize(
    "text",
    [
        "“Ça va?” – «L’été à São Paulo», NÃO, AÇÃO, ÂME, LIBERTÉ»",
        "Ångström, Škoda, ŁÓDŹ, ÇÖZÜM, Đà Nẵng",
        "Привет, мир — это «Ё» и Ў",
        "नमस्ते 你好 שלום مرحبا 👩‍👩‍👧 1½ 25°C ©®™",
        "tab\tand\r\nlines\x85"[:-1],
    ],
)
def test_good_texts_of_many_languages_are_left_alone(text):
    assert [name for name, find in SIGN.items() if find(text) is not None] == []
