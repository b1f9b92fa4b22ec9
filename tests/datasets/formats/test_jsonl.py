from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from textprep.datasets.formats.jsonl import read_jsonl
from textprep.datasets.rows import Record, Rejected
from textprep.errors import DatasetError


@given(st.lists(st.text(st.characters(exclude_categories=["Cs"]))), st.booleans())
def test_whatever_json_writes_comes_back(tmp_path_factory, texts, ascii_only):
    path = tmp_path_factory.mktemp("jsonl") / "reviews.jsonl"
    lines = [json.dumps({"text": text}, ensure_ascii=ascii_only) for text in texts]
    path.write_text("\n".join([*lines, "", "{}"]), encoding="utf-8", newline="")
    rows = list(read_jsonl(path))
    assert [row.fields for row in rows] == [*({"text": text} for text in texts), {}]
    assert [row.line for row in rows] == [*range(1, len(texts) + 1), len(texts) + 2]


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (b'{"text": "a",', "broken JSON at character 14"),
        (b'{"text": "a"', "broken JSON at character 13"),
        (b'{"text": "a', "broken JSON at character 10: Unterminated string"),
        (b'{"text": "a"} {}', "broken JSON at character 15: Extra data"),
        (b"[1]", "no JSON object but list"),
        (b"null", "no JSON object but NoneType"),
        (b'{"text": "a", "x": NaN}', "NaN is not JSON"),
        (b'{"text": "a", "x": -Infinity}', "-Infinity is not JSON"),
        (b'{"text": "a", "text": "b"}', "the key 'text' is there twice"),
        (b'{"x": {"k": 1, "k": 2}}', "the key 'k' is there twice"),
        (b'{"text": "caf\xe9"}', "byte 0xe9 (number 13 of the line, from 0) is not utf-8"),
        (b"[" * 100_000, "nested too deep"),
        (b'{"x": ' + b"9" * 5000 + b"}", "too many digits"),
    ],
)
def test_a_bad_line_is_named_and_costs_only_itself(tmp_path, line, reason):
    path = tmp_path / "reviews.jsonl"
    path.write_bytes(b'{"text": "first"}\n\n' + line + b'\r\n{"text": "last"}\n')
    first, rejected, last = read_jsonl(path)
    assert isinstance(rejected, Rejected)
    assert (rejected.file, rejected.line) == (str(path), 3)
    assert reason in rejected.reason
    assert rejected.raw.encode("utf-8", "surrogateescape") == line
    assert (first.line, last.line) == (1, 4)


def test_a_byte_order_mark_and_another_encoding(tmp_path):
    path = tmp_path / "reviews.jsonl"
    path.write_bytes(b'\xef\xbb\xbf{"text": "a"}')
    assert list(read_jsonl(path)) == [
        Record({"text": "a"}, str(path), 1, 3, b'{"text": "a"}', b"\xef\xbb\xbf")
    ]
    path.write_text('{"text": "café"}', encoding="cp1252")
    assert next(iter(read_jsonl(path, encoding="cp1252"))).fields == {"text": "café"}


def test_an_empty_file(tmp_path):
    path = tmp_path / "reviews.jsonl"
    path.touch()
    with pytest.raises(DatasetError, match=r"reviews\.jsonl: the file is empty"):
        list(read_jsonl(path))
