"""CoNLL files: a sentence is a row, and whatever is wrong names the line of the very word."""

from __future__ import annotations

import gzip

import pytest

import textprep as tp
from textprep.datasets.formats import conll
from textprep.datasets.sources import window as windows
from textprep.errors import DatasetError

GOOD = "Ada B-PER\nspoke O\n\nRome B-LOC\n"


@pytest.fixture
def load(tmp_path):
    def loaded(content, file="news.conll", dataset="conll", **options):
        path = tmp_path / file
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return tp.load_dataset(dataset, path=path, splits=None, **options)

    return loaded


def rows(corpus):
    shown = corpus.target.shown if corpus.target else None
    return [
        (row["text"], [(e["start"], e["end"], e["label"]) for e in shown(row["tags"])])
        for row in corpus["train"]
    ]


TWO = [("Ada spoke", [(0, 3, "PER")]), ("Rome", [(0, 4, "LOC")])]


@pytest.mark.parametrize(
    ("content", "options"),
    [
        (GOOD, {}),
        (GOOD.rstrip("\n"), {}),
        (GOOD.replace("\n", "\r\n"), {}),
        (GOOD.replace("\n\n", "\n \t\n\n\n"), {}),
        (GOOD.replace(" ", "\t"), {}),
        (GOOD.replace(" ", "   "), {}),
        ("\ufeff" + GOOD, {}),
        (GOOD.encode("utf-16"), {"encoding": "utf-16"}),
        ("-DOCSTART- O\n\n" + GOOD + "\n-DOCSTART- O\n\n", {}),
        (GOOD.replace(" ", " NN B-NP "), {}),
        (GOOD.replace(" ", " NN ") and "B-PER Ada 0\nO spoke 1\n\nB-LOC Rome 0\n", {"words": 1, "tags": 0}),
        ("# id 1 domain=news\n" + GOOD, {"comments": True}),
        (GOOD.replace("\nspoke", "\n# a comment within\nspoke"), {"comments": True}),
        (GOOD.replace("B-", "I-"), {}),
        (GOOD, {"target": "tags"}),
    ],
)
def test_every_way_to_write_it_is_the_same(load, content, options):
    assert rows(load(content, **options)) == TWO


def test_white_space_beyond_ascii_belongs_to_words(load):
    corpus = load("12\u00a0000 B-NUM\nmiles O\n\nNew\u2028York\tB-LOC\n")
    assert rows(corpus) == [("12\u00a0000 miles", [(0, 6, "NUM")]), ("New\u2028York", [(0, 8, "LOC")])]


@pytest.mark.parametrize("cut", [1, 3, 7, 10_000])
def test_wherever_the_file_is_cut(load, cut, monkeypatch):
    monkeypatch.setattr(windows, "CHUNK", cut)
    assert rows(load(GOOD)) == TWO


def test_ten_columns_of_conll_u(load):
    lines = [
        "# newdoc",
        "# text = du pain",
        "1-2\tdu\t_\t_",
        "1\tde\tde\tADP",
        "1.1\tx\tx\tX",
        "2\tpain\tpain\tNOUN",
        "",
    ]
    corpus = load(
        "\n".join(line if line[:1] in "#" else line + "\t_" * 6 for line in lines), "n.conllu", "conllu"
    )
    assert rows(corpus) == [("de pain", [(0, 2, "ADP"), (3, 7, "NOUN")])]
    assert corpus["train"][0]["document_id"] == "n.conllu:1"


@pytest.mark.parametrize("name", ["a.conll", "a.bio", "a.iob", "a.iob2", "a.conll.gz"])
def test_files_are_known_by_their_names(tmp_path, name):
    path = tmp_path / name
    path.write_bytes(gzip.compress(GOOD.encode()) if name.endswith(".gz") else GOOD.encode())
    found = tp.datasets.formats.dataset_of(str(path))
    assert found.pop("name") == "conll"
    assert rows(tp.load_dataset("conll", **found, splits=None)) == TWO
    assert tp.datasets.formats.dataset_of("x.conllu")["name"] == "conllu"


def test_splits_documents_and_what_is_not_read(tmp_path):
    one, two = tmp_path / "train.conll", tmp_path / "test.conll"
    one.write_text("-DOCSTART- X O\n\nAda X B-PER\n\n-DOCSTART- X O\n\nRome X B-LOC\n")
    two.write_text("a X O\n")
    corpus = tp.load_dataset("conll", path={"train": one, "test": two})
    assert corpus["train"].table["document_id"].to_pylist() == ["train.conll:1", "train.conll:2"]
    assert corpus.class_names == ("LOC", "PER")
    assert "train.conll: 2 of 3 columns are read: words=0, tags=-1" in corpus.notes
    grouped = tp.load_dataset("conll", path=one, group="document_id", splits={"train": 0.5, "test": 0.5})
    assert {name: len(split) for name, split in grouped.items()} == {"train": 1, "test": 1}


def test_words_alone_are_unlabelled(load):
    for corpus in (load("Ada\nspoke\n", tags=None), load("Ada X\nspoke X\n", label=None)):
        assert (corpus["train"].text.to_pylist(), corpus["train"].labels) == (["Ada spoke"], None)


BAD = {
    "I behind O": (
        "in O\nParis I-LOC\n",
        7,
        "tags",
        "the tag 'I-LOC' of word 2, 'Paris', cannot come behind 'O'",
    ),
    "I behind another": (
        "a B-PER\nb I-PER\nc I-LOC\n",
        8,
        "tags",
        "'I-LOC' of word 3, 'c', cannot come behind 'I-PER'",
    ),
    "no such tag": ("a O\nb X-LOC\n", 7, "tags", "'X-LOC' is not a tag of IOB2"),
    "a tag of BIOES": ("a O\nb S-LOC\n", 7, "tags", "'S-LOC' is not a tag of IOB2"),
    "no tag": ("a O\nb\nc O\n", 7, None, "the line has 1 columns, those before have 2"),
    "another column": ("a O\nb O O\n", 7, None, "the line has 3 columns, those before have 2"),
    "a comment": (
        "# one two\nb O\n",
        6,
        None,
        "the line has 3 columns, .*comments=True passes over comments",
    ),
    "another encoding": (b"a O\ncaf\xe9 O\n", 7, None, "byte 0xe9"),
    "a NUL": ("a O\nb\0 O\n", 7, None, "there is a NUL character"),
}


@pytest.mark.parametrize("name", BAD)
def test_a_defect_names_its_line_and_costs_its_sentence(load, tmp_path, name, monkeypatch):
    monkeypatch.chdir(tmp_path)
    raw, line, column, reason = BAD[name]
    raw = raw if isinstance(raw, bytes) else raw.encode()
    content = GOOD.encode() + b"\n" + raw + b"\nlast O\n"
    with pytest.raises(DatasetError, match=reason) as caught:
        load(content)
    assert str(caught.value).startswith(f"{tmp_path / 'news.conll'}, line {line}")
    assert (caught.value.line, caught.value.column) == (line, column)
    for on_error in ("skip", "quarantine"):
        corpus = load(content, on_error=on_error)
        assert rows(corpus) == [*TWO, ("last", [])]
        (rejected,) = corpus.rejected
        assert (rejected.line, rejected.byte, corpus.rows_read) == (line, len(GOOD) + 1, 4)
    assert (corpus.quarantine / "news.conll").read_bytes() == raw + b"\n"


def test_what_was_quarantined_is_read_again(load, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    corpus = load(GOOD + "\nin O\nParis I-LOC\n\nof O\nit I-LOC", on_error="quarantine")
    again = tp.load_dataset(
        "conll",
        path=corpus.quarantine / "news.conll",
        splits=None,
        target={"name": "tags", "scheme": "iob2", "repair": True},
    )
    assert rows(again) == [("in Paris", [(3, 8, "LOC")]), ("of it", [(3, 5, "LOC")])]


@pytest.mark.parametrize(
    ("content", "options", "message", "option"),
    [
        ("", {}, "the file is empty", None),
        ("-DOCSTART- O\n\n", {}, "holds no rows", None),
        ("\n \n", {}, "holds no rows", None),
        (GOOD, {"words": 5}, "line 1: there is no column words=5: the line has 2", "words"),
        (GOOD, {"tags": -3}, "there is no column tags=-3", "tags"),
        (GOOD, {"words": 1}, "words=1 and tags=-1 are the same column of 2; tags=None", "tags"),
        ("a\nb\n", {}, "are the same column of 1", "tags"),
        (GOOD, {"words": "0"}, "words= is the number of a column", "words"),
        (GOOD, {"tags": True}, "tags= is the number of a column", "tags"),
        ("<html><body>no</body></html>\n", {}, "this is a web page", None),
    ],
)
def test_files_and_options_that_cannot_be_used(load, content, options, message, option):
    with pytest.raises(DatasetError, match=message) as caught:
        load(content, **options)
    assert option is None or caught.value.option == option


def test_a_sentence_without_end_is_not_read_into_memory(load, monkeypatch):
    monkeypatch.setattr(conll, "LONGEST_SENTENCE", 100)
    with pytest.raises(DatasetError, match="from line 1: no blank line within 100 words"):
        load("a O\n" * 200)


def test_the_scheme_is_that_of_all_splits(tmp_path):
    (tmp_path / "a.conll").write_text("a O\nb O\n")
    (tmp_path / "b.conll").write_text("a S-X\nb O\n")
    corpus = tp.load_dataset("conll", path={"test": tmp_path / "a.conll", "train": tmp_path / "b.conll"})
    assert (corpus.target.scheme, corpus["test"].target == corpus.target) == ("bioes", True)
