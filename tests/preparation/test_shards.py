from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from textprep.datasets.loading import as_corpus
from textprep.preparation import shards
from textprep.preparation.shards import ROW_BYTES, cut, plan_shards, shard_bytes, shard_schema
from textprep.ragged import Ragged


@given(sizes=st.lists(st.integers(0, 300), max_size=30), most=st.integers(1, 400))
def test_runs_are_as_long_as_they_may_be(sizes, most):
    runs = cut(np.array(sizes, dtype=np.int64), most)
    assert [row for run in runs for row in range(run.start, run.stop)] == list(range(len(sizes)))

    def weight(start, stop):
        return sum(sizes[start:stop]) + ROW_BYTES * (stop - start)

    for run in runs:
        assert weight(run.start, run.stop) <= most or run.stop - run.start == 1
        assert run.stop == len(sizes) or weight(run.start, run.stop + 1) > most


def test_every_row_of_every_split_is_in_one_shard(monkeypatch):
    monkeypatch.setattr(shards, "SHARD_BYTES", (200, 200))
    corpus = as_corpus({"train": ["x" * n for n in range(40)], "test": ["é"], "empty": []})
    plan = plan_shards(corpus)
    assert plan == plan_shards(corpus)
    assert [shard.number for shard in plan if shard.split == "train"] == list(range(len(plan) - 2))
    assert sum(shard.stop - shard.start for shard in plan) == 41
    assert sum(shard.text_bytes for shard in plan) == sum(range(40)) + 2
    assert [shard[:4] for shard in plan[-2:]] == [("test", 0, 0, 1), ("empty", 0, 0, 0)]


@pytest.mark.parametrize(("rows", "count"), [(1, 1), (2, 1), (20, 10), (200, 40), (400, 50), (800, 100)])
def test_a_shard_is_a_fortieth_unless_that_is_too_small_or_too_large(monkeypatch, rows, count):
    monkeypatch.setattr(shards, "SHARD_BYTES", (100, 400))
    assert len(plan_shards(as_corpus({"train": ["x" * 18] * rows}))) == count  # a row counts 50 bytes


def test_the_plan_does_not_depend_on_how_arrow_holds_the_texts(monkeypatch):
    monkeypatch.setattr(shards, "SHARD_BYTES", (150, 150))
    whole = as_corpus({"train": ["word " * (n % 7) for n in range(50)]})["train"]
    pieces = pa.concat_tables([whole.table.slice(0, 13), whole.table.slice(13, 1), whole.table.slice(14)])
    split = type(whole)(pieces)
    assert plan_shards({"train": split}) == plan_shards({"train": whole})


@given(
    rows=st.lists(st.lists(st.integers(0, 300), max_size=6), max_size=12),
    most=st.integers(1, 200),
)
def test_a_file_holds_ids_lengths_and_row_ids(rows, most):
    corpus = as_corpus({"before": ["b"], "train": ["t"] * len(rows)})
    shard = plan_shards(corpus)[1]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(shards, "BATCH_BYTES", most)
        content = shard_bytes(shard, corpus["train"], [Ragged.from_rows(rows)], shard_schema(301))
    table = pa.ipc.open_stream(content).read_all()
    assert table["input_ids"].type == pa.large_list(pa.uint16())
    assert table["input_ids"].to_pylist() == rows
    assert table["length"].to_pylist() == [len(row) for row in rows]
    assert table.column_names == ["input_ids", "length", "row_id"]
    assert table["row_id"].to_pylist() == [n + 1 for n in range(len(rows))]


@pytest.mark.parametrize(
    ("size", "kind"), [(2, "uint8"), (256, "uint8"), (257, "uint16"), (65_537, "uint32")]
)
def test_ids_take_the_smallest_type(size, kind):
    assert str(shard_schema(size).field("input_ids").type.value_type) == kind
