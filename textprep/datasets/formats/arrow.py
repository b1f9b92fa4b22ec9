"""Arrow files and streams, also those that Feather and Hugging Face ``datasets`` write."""

from __future__ import annotations

from collections.abc import Iterator
from typing import IO, TYPE_CHECKING, Any

from textprep.datasets.formats.tables import table_blocks
from textprep.datasets.rows import Rows
from textprep.datasets.sources.paths import Paths, Records, read_paths
from textprep.datasets.sources.source import Source, metered
from textprep.errors import DatasetError

if TYPE_CHECKING:
    import pyarrow as pa


def read_arrow(path: Paths) -> Rows | dict[str, Rows]:
    """Arrow IPC files and streams (Feather too); every column is kept, what is mapped is not copied.

    >>> import tempfile, textprep as tp, pyarrow as pa, pyarrow.feather
    >>> from pathlib import Path
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     file = Path(folder, "reviews.arrow")
    ...     pa.feather.write_feather(pa.table({"text": ["Great.", "Dull."], "label": [1, 0]}), file)
    ...     tp.load_dataset("arrow", path=file, splits=None)["train"][0]
    {'text': 'Great.', 'label': 1, 'row_id': 0}

    Args:
        path: a file, a glob, a URL, a list of these, or a mapping of split names to them.

    Raises:
        DatasetError: a file is missing, or is no Arrow file or a damaged one.
    """
    return read_paths(path, _read)


def _read(source: Source) -> Records:
    mapped = source.local is not None and not source.is_compressed
    with source.open("arrow") as stream:
        yield from table_blocks(_tables(stream, source, mapped), source.name, mapped=mapped)


def _tables(stream: IO[bytes], source: Source, mapped: bool) -> Iterator[pa.Table]:
    import pyarrow as pa

    try:
        file = pa.memory_map(str(source.local)) if mapped else pa.BufferReader(stream.read())
        meter = metered(source.name, file.size())
        for batch in _batches(file):
            meter.count(
                sum(column.nbytes for column in batch.columns if not pa.types.is_dictionary(column.type))
            )
            yield pa.Table.from_batches([batch])
    except (pa.ArrowException, OSError) as error:
        raise DatasetError(f"{source.name}: this is no Arrow file, or a damaged one: {error}") from error


def _batches(file: Any) -> Iterator[pa.RecordBatch]:
    """The batches of a file, or of a stream, which has no footer."""
    import pyarrow as pa

    try:
        reader = pa.ipc.open_file(file)
    except pa.ArrowInvalid:
        file.seek(0)
        yield from pa.ipc.open_stream(file)
        return
    for place in range(reader.num_record_batches):
        yield reader.get_batch(place)
