"""The unit of work: a shard, a run of rows of one split that becomes one file.

Where a shard begins and ends is a pure function of the texts, never of workers or machines. A shard is
named by (fingerprint, split, number), and encoding it twice gives the same bytes: so it does not matter
which process does it, nor how often. It is a fortieth of the corpus, so that a run that is killed loses no
more than two of these, one being written and one being encoded; large corpora have more and small ones
fewer, so that memory is bounded and files are few.

A file is an Arrow IPC stream, as Hugging Face ``datasets`` writes and reads them, of record batches of
bounded size with the columns

    input_ids   large_list of the smallest unsigned type that holds the vocabulary; 64-bit offsets
    length      int64, the number of ids
    row_id      int64, the row's id in the corpus
"""

from __future__ import annotations

from typing import NamedTuple
from urllib.parse import quote

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from textprep.datasets.corpus import Corpus
from textprep.datasets.split import Split
from textprep.ragged import Ragged, numbers

SHARD_BYTES = (2**13, 2**23)  # of text: so much at least, so much at most
SHARES = 40  # of the corpus: so many shards it has as long as they are not too small or too large
ROW_BYTES = 32  # what a row counts besides its text or ids
BATCH_BYTES = 2**20  # of ids


class Shard(NamedTuple):
    """Rows ``start`` to ``stop`` of a split; ``text_bytes`` long."""

    split: str
    number: int
    start: int
    stop: int
    text_bytes: int

    @property
    def file(self) -> str:
        """Its file; a split's name of any characters stays inside the folder.

        >>> Shard("train", 3, 0, 10, 99).file, Shard("../a b", 0, 0, 10, 99).file
        ('train-00003.arrow', '..%2Fa%20b-00000.arrow')
        """
        return f"{quote(self.split, safe='')}-{self.number:05d}.arrow"


def plan_shards(corpus: Corpus) -> list[Shard]:
    """Every shard of ``corpus``, split after split; a split without rows has one empty shard."""
    sizes = {name: _text_bytes(split.text) for name, split in corpus.items()}
    whole = sum(int(of_rows.sum()) + ROW_BYTES * len(of_rows) for of_rows in sizes.values())
    least, most = SHARD_BYTES
    size = min(max(least, -(-whole // SHARES)), most)
    return [
        Shard(name, number, rows.start, rows.stop, int(of_rows[rows].sum()))
        for name, of_rows in sizes.items()
        for number, rows in enumerate(cut(of_rows, size) or [slice(0, 0)])
    ]


def cut(sizes: npt.NDArray[np.integer], most: int) -> list[slice]:
    """Runs of rows whose sizes, `ROW_BYTES` added to each, sum to at most ``most``; or of a single row.

    >>> cut(np.array([8, 40, 500, 1]), 120)
    [slice(0, 2, None), slice(2, 3, None), slice(3, 4, None)]
    """
    ends = np.cumsum(sizes + ROW_BYTES, dtype=np.int64)
    slices, start = [], 0
    while start < len(ends):
        before = int(ends[start - 1]) if start else 0
        stop = max(start + 1, int(np.searchsorted(ends, before + most, side="right")))
        slices.append(slice(start, stop))
        start = stop
    return slices


def _text_bytes(text: pa.ChunkedArray) -> npt.NDArray[np.int64]:
    return numbers(pc.binary_length(text))


def shard_schema(vocabulary_size: int) -> pa.Schema:
    """The columns of a shard, for ids from 0 to ``vocabulary_size`` - 1."""
    id_type = pa.from_numpy_dtype(np.min_scalar_type(vocabulary_size - 1))
    return pa.schema({"input_ids": pa.large_list(id_type), "length": pa.int64(), "row_id": pa.int64()})


def shard_bytes(shard: Shard, split: Split, ids: Ragged, schema: pa.Schema) -> pa.Buffer:
    """The file of ``shard``, whose rows in ``split`` have these ``ids``."""
    lengths = np.diff(ids.offsets)
    row_ids = pa.array(split.rows(shard.start, shard.stop).row_ids)
    kind = schema.field("input_ids").type
    values = ids.values.astype(kind.value_type.to_pandas_dtype(), copy=False)
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, schema) as writer:
        for rows in cut(lengths * values.itemsize, BATCH_BYTES) or [slice(0, 0)]:
            first, last = ids.offsets[rows.start], ids.offsets[rows.stop]
            offsets = ids.offsets[rows.start : rows.stop + 1] - first
            lists = pa.LargeListArray.from_arrays(pa.array(offsets), pa.array(values[first:last]), type=kind)
            arrays = [lists, *(column[rows] for column in (pa.array(lengths), row_ids))]
            writer.write_batch(pa.record_batch(arrays, schema=schema))
    return sink.getvalue()
