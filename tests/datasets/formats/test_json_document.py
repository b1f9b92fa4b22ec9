from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from textprep.datasets.formats.json_document import read_json
from textprep.datasets.rows import Record
from textprep.errors import DatasetError

values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=2),
    max_leaves=4,
)


@given(
    st.lists(st.dictionaries(st.text(max_size=3), values, max_size=3), min_size=1),
    st.sampled_from([None, 0, 2]),
)
def test_whatever_json_writes_comes_back(tmp_path_factory, rows, indent):
    path = tmp_path_factory.getbasetemp() / "rows.json"
    for key, document in ((None, rows), ("k", {"a": [1, {"k": [2]}], "k": rows, "z": None})):
        path.write_text(json.dumps(document, indent=indent))
        assert [row.fields for row in read_json(path, key=key)] == rows


def test_lines_are_those_on_which_rows_begin(tmp_path):
    path = tmp_path / "rows.json"
    path.write_text('[\n{"a": 1},\n\n  {"a":\n2}, {"a": 3}\n]\n')
    assert [row.line for row in read_json(path) if isinstance(row, Record)] == [2, 4, 5]


@pytest.mark.parametrize(
    ("content", "key", "message"),
    [
        ("", None, "the file is empty"),
        ('{"rows": []}', None, "is not a list of objects; name the key of the list with key="),
        ("3", None, "is not a list of objects$"),
        ("[]", "rows", "is not an object with a list under 'rows'"),
        ('{"a": [], "b": 1}', "rows", "there is no list under 'rows'; there are: a, b"),
        ('[{"a": 1},\n {"a": }]', None, r"rows\.json, line 2, column 8: broken JSON"),
        ('[{"a": 1}', None, "broken JSON: Expecting ','"),
        ('[{"a": 1},]', None, "broken JSON: Expecting value"),
        ('[{"a": 1}] x', None, "Extra data"),
        ("[" * 100_000, None, "nested too deep"),
        ("[]", None, "holds no rows"),
    ],
)
def test_documents_that_cannot_be_read(tmp_path, content, key, message):
    path = tmp_path / "rows.json"
    path.write_text(content)
    with pytest.raises(DatasetError, match=message):
        list(read_json(path, key=key))


def test_a_document_of_another_encoding_is_named(tmp_path):
    path = tmp_path / "rows.json"
    path.write_bytes(b'[{"text": "caf\xe9"}]')
    with pytest.raises(DatasetError, match=r"byte 0xe9 \(number 14 of the file"):
        list(read_json(path))
    assert next(iter(read_json(path, encoding="latin-1"))).fields == {"text": "café"}
