"""Parquet files, read a stretch of rows at a time."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from textprep.datasets.formats.tables import table_blocks
from textprep.datasets.rows import Rows
from textprep.datasets.sources.paths import Paths, Records, read_paths
from textprep.datasets.sources.source import Meter, Source, metered
from textprep.errors import DatasetError

if TYPE_CHECKING:
    import pyarrow as pa


def read_parquet(path: Paths) -> Rows | dict[str, Rows]:
    """Parquet files; every column is kept.

    >>> import tempfile, textprep as tp, pyarrow as pa, pyarrow.parquet as pq
    >>> from pathlib import Path
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     file = Path(folder, "reviews.parquet")
    ...     pq.write_table(pa.table({"text": ["Great.", "Dull."], "label": ["good", "bad"]}), file)
    ...     tp.load_dataset("parquet", path=file, splits=None).class_names
    ('bad', 'good')

    Args:
        path: a file, a glob, a URL, a list of these, or a mapping of split names to them.

    Raises:
        DatasetError: a file is missing, or is no Parquet file or a damaged one.
    """
    return read_paths(path, read_parquet_file)


def read_parquet_file(source: Source) -> Records:
    """One file."""
    with source.open("parquet") as stream:
        file = source.local if source.local and not source.is_compressed else seekable(stream)
        yield from table_blocks(_tables(file, source.name), source.name, mapped=False)


def _tables(file: Any, name: str) -> Iterator[pa.Table]:
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        with pq.ParquetFile(file, memory_map=isinstance(file, Path)) as opened:
            _check_size(opened.metadata, metered(name))
            for batch in opened.iter_batches():
                yield pa.Table.from_batches([batch])
    except (pa.ArrowException, OSError) as error:
        raise DatasetError(f"{name}: this is no Parquet file, or a damaged one: {error}") from error


def seekable(stream: IO[bytes]) -> Any:
    """A stream in which one can go back: what comes out of a decompressor or an archive is held in memory."""
    import pyarrow as pa

    return stream if stream.seekable() else pa.BufferReader(stream.read())


def _check_size(metadata: Any, meter: Meter) -> None:
    """Refuse pages that grow too much, before one is read."""
    for group in map(metadata.row_group, range(metadata.num_row_groups)):
        for column in map(group.column, range(group.num_columns)):
            meter.count_stored(column.total_compressed_size)
            meter.count(column.total_uncompressed_size)
