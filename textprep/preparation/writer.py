"""Writing a store: every split encoded block by block into an Arrow IPC file, then the manifest.

A split's file has the columns ``input_ids`` (large_list of the smallest unsigned type that holds the
vocabulary; 64-bit offsets), ``label`` (int64, -100 where there is none) and ``row_id`` (int64).
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
from tqdm import tqdm

from textprep.datasets.corpus import Corpus, Split
from textprep.encoding.ragged import Ragged
from textprep.errors import PreparationError, TextprepError
from textprep.files import write_text
from textprep.pipeline import Pipeline
from textprep.preparation.fingerprint import learned_digest
from textprep.preparation.manifest import PIPELINE, split_file, write_manifest

BLOCK_ROWS = 5_000
BLOCK_BYTES = 32 * 2**20
UNLABELLED = -100


def write_store(folder: Path, corpus: Corpus, pipeline: Pipeline, made_of: Mapping[str, Any]) -> None:
    """Encode every split of ``corpus`` with the fitted ``pipeline`` into the empty ``folder``.

    Raises:
        OSError: the disk does not take it.
        TextprepError: a step or the tokenizer failed on a text; names the split and the row.
    """
    rows = sum(len(split) for split in corpus.values())
    splits = {}
    with tqdm(total=rows, desc="preparing", unit=" rows", disable=None) as bar:
        for name, split in corpus.items():
            tokens = _write_split(folder / split_file(name), name, split, pipeline, bar)
            splits[name] = {"rows": len(split), "tokens": tokens}
    write_text(
        folder / PIPELINE,
        json.dumps(pipeline.to_json(), ensure_ascii=False, indent=1) + "\n",
        PreparationError,
    )
    contents = {
        "class_names": list(corpus.class_names),
        "vocabulary_size": len(pipeline.vocabulary),
        "learned": learned_digest(pipeline),
        "splits": splits,
    }
    write_manifest(folder, made_of, contents)


def _write_split(path: Path, name: str, split: Split, pipeline: Pipeline, bar: Any) -> int:
    """Write one split; the number of its tokens."""
    id_type = pa.from_numpy_dtype(np.min_scalar_type(len(pipeline.vocabulary) - 1))
    columns = {"input_ids": pa.large_list(id_type), "label": pa.int64(), "row_id": pa.int64()}
    schema = pa.schema([pa.field(column, kind, nullable=False) for column, kind in columns.items()])
    labels = np.full(len(split), UNLABELLED, dtype=np.int64) if split.labels is None else split.labels
    tokens = 0
    with path.open("wb") as file:
        with pa.ipc.new_file(file, schema) as writer:
            for rows in _blocks(split.text):
                ids = _encode(name, split, rows, pipeline)
                arrays = [_id_lists(ids, schema), pa.array(labels[rows]), pa.array(split.row_ids[rows])]
                writer.write_batch(pa.record_batch(arrays, schema=schema))
                tokens += len(ids.values)
                bar.update(rows.stop - rows.start)
        file.flush()
        os.fsync(file.fileno())
    return tokens


def _blocks(text: pa.ChunkedArray) -> Iterator[slice]:
    """Slices of at most `BLOCK_ROWS` rows, and of `BLOCK_BYTES` where no single text is longer."""
    ends = np.cumsum(pc.binary_length(text).to_numpy(), dtype=np.int64)
    start = 0
    while start < len(ends):
        before = ends[start - 1] if start else 0
        by_size = int(np.searchsorted(ends, before + BLOCK_BYTES, side="right"))
        stop = min(max(by_size, start + 1), start + BLOCK_ROWS)
        yield slice(start, stop)
        start = stop


def _encode(name: str, split: Split, rows: slice, pipeline: Pipeline) -> Ragged:
    """The ids of a block, each sure to be one of the vocabulary's."""
    try:
        ids = pipeline.encode_batch(split.text[rows])
    except TextprepError as error:
        counted = f", rows counted from {rows.start:,}" if rows.start else ""
        raise type(error)(f"split {name!r}{counted}: {error}") from error
    _check_ids(ids.values, len(pipeline.vocabulary))
    return ids


def _check_ids(values: npt.NDArray[np.integer], size: int) -> None:
    wrong = values[(values < 0) | (values >= size)]
    if len(wrong):
        raise PreparationError(f"the tokenizer gave the id {wrong[0]}, its vocabulary ends at {size - 1}")


def _id_lists(ids: Ragged, schema: pa.Schema) -> pa.LargeListArray:
    kind = schema.field("input_ids").type
    values = ids.values.astype(kind.value_type.to_pandas_dtype())
    return pa.LargeListArray.from_arrays(pa.array(ids.offsets), pa.array(values), type=kind)
