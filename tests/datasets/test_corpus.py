from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest

import textprep as tp
from textprep.datasets import Corpus, Split, as_corpus
from textprep.errors import DatasetError
from textprep.targets import ClassTarget

TARGET = ClassTarget(class_names=["neg", "pos"])


def table(labels=(0, 1), texts=("a", "b"), **columns):
    arrays = {"text": pa.array(texts, pa.large_string()), "row_id": pa.array(range(len(texts)), pa.int64())}
    if labels is not None:
        arrays["label"] = pa.array(labels, pa.int64())
    return pa.table({**arrays, **columns})


@pytest.fixture
def split():
    return Split(table(), TARGET)


def test_a_split_is_a_sequence_of_row_dicts(split):
    assert len(split) == 2
    assert list(split) == [split[0], split[1]] == [split[-2], split[-1]]
    assert split[1] == {"text": "b", "row_id": 1, "label": 1}
    with pytest.raises(IndexError, match="no row 2: the split has 2 rows"):
        split[2]
    with pytest.raises(TypeError, match=r"one row by its number: several are split.rows\(start, stop\)"):
        split[0:2]
    with pytest.raises(TypeError, match=r"one row by its number: a column is split.table\['text'\]"):
        split["text"]


def test_columns_as_arrays(split):
    assert split.labels.dtype == split.row_ids.dtype == np.int64
    assert split.labels.tolist() == [0, 1]
    assert split.text.type == pa.large_string()
    assert Split(table(labels=None)).labels is None


def test_as_a_data_frame_labels_are_class_names_in_the_order_of_ids(split):
    frame = split.to_pandas()
    assert frame["label"].tolist() == ["neg", "pos"]
    assert frame["label"].cat.categories.tolist() == list(split.class_names)
    assert frame["label"].cat.codes.tolist() == split.labels.tolist()
    assert frame["row_id"].tolist() == [0, 1]
    assert split.head(1).equals(frame.head(1))
    assert len(split.head()) == 2
    assert "label" not in Split(table(labels=None)).to_pandas()


def test_a_data_frame_is_a_data_set_again():
    rows = [{"text": f"text {n}", "label": ["b", "a", "c"][n % 3], "stars": n} for n in range(6)]
    first = tp.load_dataset("memory", rows=rows, splits=None)["train"]
    again = tp.load_dataset("memory", rows=first.to_pandas().drop(columns="row_id"), splits=None)["train"]
    assert list(again) == list(first)
    several = [{"text": "a", "label": ["x", "y"]}, {"text": "b", "label": []}, {"text": "c", "label": ["y"]}]
    several = tp.load_dataset("memory", rows=several, target="classes", splits=None)["train"]
    assert several.to_pandas()["labels"].tolist() == [["x", "y"], [], ["y"]]
    again = tp.load_dataset("memory", rows=several.head(), label="labels", target="classes", splits=None)
    assert (again["train"].labels == several.labels).all()


def test_select_keeps_the_order_asked_for(split):
    chosen = split.select(np.array([1, 0, 1]))
    assert chosen.row_ids.tolist() == [1, 0, 1]
    assert chosen.class_names == ("neg", "pos")
    assert len(split.select([])) == 0
    with pytest.raises(IndexError):
        split.select([2])


@pytest.mark.parametrize(
    ("made", "message"),
    [
        (lambda: table().drop(["row_id"]), "needs a column 'row_id'"),
        (lambda: table().drop(["text"]), "needs a column 'text'"),
        (lambda: table(labels=(0, None)), "'label' of a split is int64 without nulls"),
        (lambda: table(labels=(0, 2)), "labels run from 0 to 2, but there are 2 class names"),
        (lambda: table(labels=(-1, 0)), "labels run from -1 to 0"),
        (lambda: pa.table({"text": ["a"], "row_id": [0]}), "'text' of a split is large_string .* not string"),
    ],
)
def test_tables_that_are_no_split(made, message):
    with pytest.raises(DatasetError, match=message):
        Split(made(), TARGET)


def test_a_corpus_is_a_mapping_of_splits(split):
    corpus = Corpus({"train": split, "test": split}, TARGET, name="toy")
    assert list(corpus) == ["train", "test"]
    assert dict(corpus) == {"train": split, "test": split}
    assert corpus.num_classes == 2
    with pytest.raises(KeyError, match="no split 'dev'; there are: train, test"):
        corpus["dev"]


def test_summary_shows_rows_and_classes():
    corpus = as_corpus({"train": [("a", "x"), ("b", "y"), ("c", "y")], "test": ["d"]})
    assert corpus.summary() == "train  3 rows: x 1, y 2\ntest   1 rows, unlabelled"
    assert repr(corpus) == f"<Corpus 'data'>\n{corpus.summary()}"
    many = as_corpus({"train": [("a", number) for number in range(20)]})
    assert many.summary().endswith("5 1 and 14 more classes")


def test_corpora_that_cannot_be(split):
    with pytest.raises(DatasetError, match="holds no rows"):
        Corpus({"train": split.select([])}, TARGET)
    with pytest.raises(DatasetError, match="holds no rows"):
        Corpus({})
    with pytest.raises(DatasetError, match=r"cannot be called '\.\./x'"):
        Corpus({"../x": split}, TARGET)
    with pytest.raises(DatasetError, match="has the classes neg, pos; the corpus has a"):
        Corpus({"train": split}, ClassTarget(class_names=["a"]))
    with pytest.raises(DatasetError, match="'train' is list, not a Split"):
        Corpus({"train": ["a"]})
