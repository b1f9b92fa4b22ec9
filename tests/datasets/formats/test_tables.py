from __future__ import annotations

import datasets as hf
import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

import textprep as tp
from textprep.datasets import as_corpus
from textprep.datasets.formats import tables
from textprep.errors import DatasetError

COLUMNS = {"text": ["a", "b", "c"], "label": ["x", "y", "x"], "number": [1, 2, 3]}


class PolarsFrame:
    """What is used of a ``polars.DataFrame``."""

    columns = tuple(COLUMNS)

    def iter_rows(self, *, named=False):
        rows = zip(*COLUMNS.values(), strict=True)
        return (dict(zip(COLUMNS, row, strict=True)) for row in rows) if named else rows


TABLES = {
    "mapping of lists": COLUMNS,
    "mapping of arrays": {name: np.array(values) for name, values in COLUMNS.items()},
    "mapping of series": {name: pd.Series(values) for name, values in COLUMNS.items()},
    "mapping of columns": {name: pa.array(values) for name, values in COLUMNS.items()},
    "pandas": pd.DataFrame(COLUMNS, index=[7, 7, 9]),
    "polars": PolarsFrame(),
    "pyarrow table": pa.table(COLUMNS),
    "pyarrow batch": pa.record_batch(COLUMNS),
    "hugging face rows": hf.Dataset.from_dict(COLUMNS)[:],
}


@pytest.mark.parametrize("block_rows", [2, 1024])
@pytest.mark.parametrize("table", TABLES.values(), ids=TABLES)
def test_a_table_is_its_rows(table, block_rows, monkeypatch):
    monkeypatch.setattr(tables, "BLOCK_ROWS", block_rows)
    corpora = [
        as_corpus({"train": table}),
        as_corpus(table),
        tp.load_dataset("memory", rows=table, splits=None),
        tp.load_dataset("memory", rows={"train": table}),
    ]
    for corpus in corpora:
        assert corpus.class_names == ("x", "y")
        assert corpus["train"].table.to_pydict() == {
            "text": ["a", "b", "c"],
            "label": [0, 1, 0],
            "row_id": [0, 1, 2],
            "number": [1, 2, 3],
        }


@pytest.mark.parametrize("texts", [pd.Series(["a", "b"]), pa.array(["a", "b"]), np.array(["a", "b"])])
def test_a_column_of_texts_is_unlabelled_rows(texts):
    assert as_corpus({"train": texts})["train"].table.to_pydict() == {"text": ["a", "b"], "row_id": [0, 1]}


def test_a_hugging_face_column_is_unlabelled_rows():
    texts = hf.Dataset.from_dict(COLUMNS)["text"]
    assert as_corpus({"train": texts})["train"].text.to_pylist() == ["a", "b", "c"]


def test_what_pandas_takes_as_missing_is_missing():
    frame = pd.DataFrame({"text": ["a", "b"], "label": ["x", "x"], "stars": [1.5, None]})
    assert as_corpus({"train": frame})["train"].table["stars"].to_pylist() == [1.5, None]
    with pytest.raises(DatasetError, match="row 1 of split 'train', column 'text': the text is missing"):
        as_corpus({"train": pd.DataFrame({"text": ["a", None]})})


def test_the_column_of_the_texts_tells_a_table_from_splits():
    columns = {"review": ["a", "b"], "stars": [1, 5]}
    corpus = tp.load_dataset("memory", rows=columns, text="review", label="stars", splits=None)
    assert corpus["train"].labels.tolist() == [0, 1]


@pytest.mark.parametrize(
    ("table", "message"),
    [
        ({"text": ["a", "b"], "label": [1]}, "not equally long: 'text' has 2 values, 'label' has 1 values"),
        ({"text": "a", "label": "b"}, "the column 'text' is str, not a list of its values"),
        ({"text": iter("ab")}, "the column 'text' is str_.*iterator, not a list"),
        (
            pa.table([pa.array(["a"]), pa.array(["b"])], names=["text", "text"]),
            "two columns are called 'text'",
        ),
        (pd.DataFrame([["a", "b"]], columns=["text", "text"]), "two columns are called 'text'"),
    ],
)
def test_a_table_that_cannot_be_used_is_named(table, message):
    with pytest.raises(DatasetError, match=f"split 'train': .*{message}"):
        as_corpus({"train": table})


def test_a_first_row_that_is_none_is_not_lost():
    with pytest.raises(DatasetError, match="row 0 of split 'train': a row is a mapping"):
        as_corpus({"train": [None, "a"]})
