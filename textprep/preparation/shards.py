"""The unit of work: a shard, a run of rows of one split that becomes one file.

Where a shard begins and ends is a pure function of the texts, never of workers or machines. A shard is
named by (fingerprint, split, number), and encoding it twice gives the same bytes: so it does not matter
which process does it, nor how often. It is a fortieth of the corpus, so that a run that is killed loses no
more than two of these, one being written and one being encoded; large corpora have more and small ones
fewer, so that memory is bounded and files are few.

A file is an Arrow IPC stream, as Hugging Face ``datasets`` writes and reads them, of record batches of
bounded size with the columns

    input_ids     large_list of the smallest unsigned type that holds the vocabulary; 64-bit offsets
    length        int64, the number of ids
    pair_ids      of a corpus of pairs, the ids of the second text, as ``input_ids`` are those of the first
    pair_length   and their number
    start, stop   where the target needs to know where tokens came from, lists of uint32: of each token, in
                  characters of the raw text, see `textprep.pipeline.Pipeline.encode_with_spans`
    row_id        int64, the row's id in the corpus

Of sequences of numbers there is ``inputs``, large_list of F float32 each, in place of ``input_ids``.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import quote

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from textprep.inputs import features_of, sequence_type
from textprep.ragged import Ragged, numbers

if TYPE_CHECKING:
    from textprep.datasets.corpus import Corpus
    from textprep.datasets.split import Split

SHARD_BYTES = (2**13, 2**23)  # of text: so much at least, so much at most
SHARES = 40  # of the corpus: so many shards it has as long as they are not too small or too large
ROW_BYTES = 32  # what a row counts besides its text or ids
BATCH_BYTES = 2**20  # of ids
NUMBER_BYTES = 4  # float32
SPANS = ("start", "stop")


class Shard(NamedTuple):
    """Rows ``start`` to ``stop`` of a split; their texts, of pairs both, are ``text_bytes`` long."""

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
    sizes = {name: _text_bytes(split) for name, split in corpus.items()}
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


def _text_bytes(split: Split) -> npt.NDArray[np.int64]:
    """(rows,) of all texts of each row."""
    each = [_sizes(column) for column in split.inputs]
    total: npt.NDArray[np.int64] = np.sum(each, axis=0, dtype=np.int64)
    return total


def _sizes(column: pa.ChunkedArray) -> npt.NDArray[np.int64]:
    """(rows,) bytes of each text, or of the numbers of each sequence."""
    if width := features_of(column.type):
        return numbers(pc.list_value_length(column)).astype(np.int64) * width * NUMBER_BYTES
    return numbers(pc.binary_length(column)).astype(np.int64)


def shard_schema(vocabulary_size: int, *, pairs: bool = False, spans: bool = False) -> pa.Schema:
    """The columns of a shard, for ids from 0 to ``vocabulary_size`` - 1, of one text per row or two."""
    ids = pa.large_list(pa.from_numpy_dtype(np.min_scalar_type(vocabulary_size - 1)))
    second = {"pair_ids": ids, "pair_length": pa.int64()} if pairs else {}
    places = dict.fromkeys(SPANS, pa.large_list(pa.uint32())) if spans else {}
    return pa.schema({"input_ids": ids, "length": pa.int64(), **second, **places, "row_id": pa.int64()})


def shard_bytes(
    shard: Shard,
    split: Split,
    ids: Sequence[Ragged],
    schema: pa.Schema,
    spans: npt.NDArray[np.int64] | None = None,
) -> pa.Buffer:
    """The file of ``shard``.

    Args:
        shard: which rows.
        split: where they are.
        ids: of each text of a row those of all rows.
        schema: as of `shard_schema`.
        spans: (tokens, 2) start and stop of each token, if they are stored.
    """
    row_ids = split.rows(shard.start, shard.stop).row_ids
    kind = schema.field(0).type
    features = features_of(kind)
    width = features * NUMBER_BYTES if features else kind.value_type.bit_width // 8
    lengths = sum(np.diff(of_texts.offsets) for of_texts in ids)
    ends = [] if spans is None else [Ragged(side, ids[0].offsets) for side in spans.T]
    places = pa.large_list(pa.uint32())
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, schema) as writer:
        for rows in cut(np.asarray(lengths) * width, BATCH_BYTES) or [slice(0, 0)]:
            parts = [of_texts.between(rows.start, rows.stop) for of_texts in ids]
            arrays = [array for part in parts for array in _lists(part, kind)]
            arrays += [_lists(each.between(rows.start, rows.stop), places)[0] for each in ends]
            writer.write_batch(pa.record_batch([*arrays, pa.array(row_ids[rows])], schema=schema))
    return sink.getvalue()


def _lists(ids: Ragged, kind: pa.DataType) -> tuple[pa.Array, pa.Array]:
    """The ids as lists of ``kind``, and how long they are."""
    lists = pa.LargeListArray.from_arrays(pa.array(ids.offsets), _values(ids, kind), type=kind)
    return lists, pa.array(np.diff(ids.offsets))


def _values(ids: Ragged, kind: pa.DataType) -> pa.Array:
    """Ids, or steps of F numbers each, one after the other."""
    if features := features_of(kind):
        flat = pa.array(np.ascontiguousarray(ids.values, np.float32).reshape(-1))
        return pa.FixedSizeListArray.from_arrays(flat, type=sequence_type(features).value_type)
    return pa.array(ids.values.astype(kind.value_type.to_pandas_dtype(), copy=False))
