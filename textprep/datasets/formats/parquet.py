"""Parquet files, read a row group at a time."""

from __future__ import annotations

from pathlib import Path

from textprep.datasets.rows import Record
from textprep.datasets.sources.files import Paths, Records, read_paths
from textprep.errors import DatasetError


def read_parquet(path: Paths) -> Records | dict[str, Records]:
    """Parquet files; every column is kept.

    >>> import tempfile, textprep as tp, pyarrow as pa, pyarrow.parquet as pq
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     file = Path(folder, "reviews.parquet")
    ...     pq.write_table(pa.table({"text": ["Great.", "Dull."], "label": ["good", "bad"]}), file)
    ...     tp.load_dataset("parquet", path=file, splits=None).class_names
    ('bad', 'good')

    Args:
        path: a file, a list of files, or a mapping of split names to either.

    Raises:
        DatasetError: a file is missing or is no Parquet file.
    """
    return read_paths(path, _read)


def _read(path: Path) -> Records:
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        file = pq.ParquetFile(path, memory_map=True)
    except pa.ArrowException as error:
        raise DatasetError(f"{path}: this is no Parquet file: {error}") from error
    number = 0
    with file:
        for batch in file.iter_batches():
            for fields in batch.to_pylist():
                number += 1
                yield Record(fields, str(path), number)
