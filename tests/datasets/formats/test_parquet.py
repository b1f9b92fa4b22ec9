from __future__ import annotations

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import textprep as tp
from textprep.errors import DatasetError


@pytest.fixture
def path(tmp_path):
    path = tmp_path / "reviews.parquet"
    pq.write_table(pa.table({"text": ["a", "b", None], "label": [1, 0, 1], "year": [1990, 1991, 1992]}), path)
    return path


def test_every_column_is_kept_and_a_bad_row_is_named(path):
    with pytest.raises(DatasetError, match=r"reviews\.parquet, line 3, column 'text': the text is missing"):
        tp.load_dataset("parquet", path=path, splits=None)
    corpus = tp.load_dataset("parquet", path=path, splits=None, on_error="skip")
    assert list(corpus["train"]) == [
        {"text": "a", "label": 1, "row_id": 0, "year": 1990},
        {"text": "b", "label": 0, "row_id": 1, "year": 1991},
    ]


def test_a_missing_column_lists_those_there_are(path):
    with pytest.raises(
        DatasetError, match="column 'labels': there is no such column; there are: label, text, year"
    ):
        tp.load_dataset("parquet", path=path, label="labels")


def test_a_file_that_is_no_parquet(tmp_path):
    path = tmp_path / "reviews.parquet"
    path.write_text("text,label\n")
    with pytest.raises(DatasetError, match=r"reviews\.parquet: this is no Parquet file"):
        tp.load_dataset("parquet", path=path)
