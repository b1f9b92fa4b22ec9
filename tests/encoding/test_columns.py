"""One column of whatever texts come as."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

import textprep as tp
from textprep.encoding import columns
from textprep.encoding.columns import as_column
from textprep.errors import DatasetError, PipelineError
from textprep.prepared.memory import encode_in_memory

TEXTS = ["a film", "", "🎬\u3000x", "last"]


@pytest.mark.parametrize(
    "texts",
    [
        TEXTS,
        tuple(TEXTS),
        iter(TEXTS),
        np.array(TEXTS, dtype=object),
        pd.Series(TEXTS),
        pa.array(TEXTS),
        pa.array(TEXTS, pa.large_string()),
        pa.array(TEXTS, pa.string_view()),
        pa.array(TEXTS).dictionary_encode(),
        pa.chunked_array([TEXTS[:1], [], TEXTS[1:]]),
        SimpleNamespace(text=pa.chunked_array([TEXTS])),
    ],
)
def test_texts_in_hand(texts):
    column = as_column(texts)
    assert isinstance(column, pa.ChunkedArray)
    assert column.type == pa.large_string()
    assert column.to_pylist() == TEXTS


@pytest.mark.parametrize("none", [[], iter(()), pa.array([], pa.string()), pa.chunked_array([], pa.string())])
def test_no_texts(none):
    assert as_column(none).to_pylist() == []


def test_many_texts_come_in_chunks(monkeypatch):
    monkeypatch.setattr(columns, "CHUNK_ROWS", 3)
    column = as_column(str(i) for i in range(9))
    assert column.num_chunks == 3
    assert column.to_pylist() == [str(i) for i in range(9)]


@pytest.mark.parametrize(
    ("text", "what"),
    [("caf\udce9", "character 3 is byte 0xe9"), ("a\ud800", r"character 1 is '\\ud800'")],
)
def test_what_no_file_can_hold_is_refused_on_every_way_into_a_pipeline(text, what):
    """Python makes lone surrogates of bytes that are of another encoding: a word that no vocabulary has."""
    pipeline = tp.Pipeline(tokenizer=tp.CharTokenizer()).fit(["\ufffd"])
    ways = [as_column, pipeline.fit, pipeline.encode_batch, lambda texts: encode_in_memory(pipeline, texts)]
    for way in ways:
        with pytest.raises(PipelineError, match=f"row 1: {what}"):
            way(["fine", text])
    for way in (pipeline.encode, pipeline.clean, pipeline.explain):
        with pytest.raises(PipelineError, match=f"the text: {what}"):
            way(text)
    with pytest.raises(DatasetError, match="character"):
        tp.prepare({"train": ["fine", text]}, pipeline)


@pytest.mark.parametrize(
    ("texts", "complaint"),
    [
        ("a film", "many texts are needed, not str"),
        (b"a film", "not bytes"),
        (7, "not int"),
        (None, "not NoneType"),
        ({"train": ["a"], "test": ["b"]}, "a mapping of 'train', 'test': choose one"),
        (
            pd.DataFrame({"text": ["a"], "x": [1]}),
            r'not the table DataFrame: .* df\["text"\], of \'text\', \'x\'',
        ),
        (pa.table({"review": ["a"]}), "not the table Table: choose one, .* of 'review'"),
        (pa.record_batch({"review": ["a"]}), "not the table RecordBatch"),
        (["a", None], "row 1 is NoneType, not a text: None"),
        (["a", "b", 3.5], "row 2 is float"),
        ([b"a"], "row 0 is bytes"),
        ([{"text": "a"}], "row 0 is dict"),
        (pa.array([1, 2]), "not of int64"),
        (pa.chunked_array([["a"], ["b", None]]), r"row 2 has no text \(null\)"),
        (pa.array([b"a"]), "not of binary"),
        (SimpleNamespace(text=pa.array([None, "a"])), "row 0 has no text"),
    ],
)
def test_anything_else_is_refused_by_row(texts, complaint):
    with pytest.raises(PipelineError, match=complaint):
        as_column(texts)
