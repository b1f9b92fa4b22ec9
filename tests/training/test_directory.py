"""Records for people and programs: short to look through, and what was written."""

from __future__ import annotations

import json
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import given
from hypothesis import strategies as st

from textprep.training.directory import write_record

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text("[]1,\n \u2028ab"),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=3), inner, max_size=4),
    max_leaves=20,
)


@given(VALUES)
def test_a_record_is_read_as_it_was_written(record):
    with TemporaryDirectory() as folder:
        path = Path(folder) / "record.json"
        write_record(path, record)
        assert json.loads(path.read_text(encoding="utf-8")) == record


def test_numbers_stand_in_one_line(tmp_path):
    write_record(tmp_path / "record.json", {"matrix": [[1, 2], [3, -4e-5]], "names": ["1", "2"]})
    lines = (tmp_path / "record.json").read_text().splitlines()
    assert lines[1:5] == ['  "matrix": [', "    [1, 2],", "    [3, -4e-05]", "  ],"]
