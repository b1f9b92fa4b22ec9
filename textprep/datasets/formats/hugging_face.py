"""Data sets of the package ``datasets``, in memory, on disk or on its hub; no code of theirs is run.

What is memory-mapped stays so.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import partial
from typing import TYPE_CHECKING, Any

from textprep.datasets.formats.tables import table_blocks
from textprep.datasets.rows import Block, in_blocks
from textprep.errors import DatasetError
from textprep.storage.files import local_path

if TYPE_CHECKING:
    import pyarrow as pa

TAKEN_AT_ONCE = 10_000


def read_huggingface(
    path: Any, *, config: str | None = None, split: str | None = None, revision: str | None = None
) -> Any:
    """A data set of the Hugging Face hub, or a folder that ``save_to_disk`` wrote; class names are kept.

    One in memory can also go to `textprep.datasets.as_corpus` or straight to `tp.prepare`.

        tp.load_dataset("huggingface", path="stanfordnlp/imdb", revision="e6281661", label="label")

    Args:
        path: ``"owner/name"`` on the hub, a folder, or a ``Dataset`` or ``DatasetDict`` in memory.
        config: of a data set that has several.
        split: one split alone, as ``datasets`` writes it (``"train[:10%]"``); all if not given.
        revision: a commit of the hub, so that the same rows come each time.

    Raises:
        DatasetError: there is no such data set, it needs code of its own to be read, or there is no network.
    """
    import datasets

    if isinstance(path, (datasets.Dataset, datasets.DatasetDict, datasets.IterableDataset)):
        return path[split] if split else path
    folder = local_path(path, DatasetError)
    try:
        if folder.is_dir() and any((folder / name).exists() for name in ("state.json", "dataset_dict.json")):
            found = datasets.load_from_disk(str(folder))
            return found[split] if split else found
        return datasets.load_dataset(
            str(folder) if folder.is_dir() else path,
            config,
            split=split,
            revision=revision,
            **_no_code(datasets.__version__),
        )
    except Exception as error:  # whatever the package or the network raises
        reason = str(error).strip().partition("\n")[0]
        raise DatasetError(f"huggingface {path!r}: {type(error).__name__}: {reason}") from error


def _no_code(version: str) -> dict[str, bool]:
    """Before release 4, ``datasets`` would run code that a data set brings, if it were let."""
    return {"trust_remote_code": False} if int(version.partition(".")[0]) < 4 else {}


def is_hugging_face(rows: object) -> bool:
    """Whether it is one data set of the package ``datasets``; asked without importing that package."""
    return (
        not isinstance(rows, Mapping)
        and hasattr(rows, "with_format")
        and any(base.__module__.partition(".")[0] == "datasets" for base in type(rows).__mro__)
    )


def class_names_of(dataset: Any, label: str | None) -> tuple[str, ...]:
    """The names of the classes, where the data set says them."""
    return tuple(getattr((dataset.features or {}).get(label), "names", None) or ())


def is_unlabelled(dataset: Any, label: str | None) -> bool:
    """Whether every label is -1, as Hugging Face marks rows without one."""
    return hasattr(dataset, "unique") and set(dataset.unique(label)) == {-1}


def hugging_face_blocks(dataset: Any, label: str | None, names: tuple[str, ...]) -> Iterator[Block]:
    """The rows; labels by name where the data set names its classes."""
    if not hasattr(dataset, "data"):  # a stream
        rows = dataset.with_format(None)
        return in_blocks(_named_rows(rows, label, names) if names and label else rows)
    tables = _tables(dataset)
    if names and label:
        tables = map(partial(_named, label=label, names=names), tables)
    return table_blocks(tables)


def _tables(dataset: Any) -> Iterator[pa.Table]:
    """Slices of the dataset's own Arrow table; a copy only of what was selected or put in another order."""
    arrow = dataset.with_format("arrow")
    for start in range(0, len(dataset), TAKEN_AT_ONCE):
        yield arrow[start : start + TAKEN_AT_ONCE]


def _named(table: pa.Table, label: str, names: tuple[str, ...]) -> pa.Table:
    """Labels as names, without one where the id is none of a class."""
    import pyarrow as pa
    import pyarrow.compute as pc

    ids = table[label]
    known = pc.if_else(pc.and_(pc.greater_equal(ids, 0), pc.less(ids, len(names))), ids, None)
    chunks = [pa.DictionaryArray.from_arrays(chunk, pa.array(names)) for chunk in known.chunks]
    column = pa.chunked_array(chunks, pa.dictionary(known.type, pa.string()))
    return table.set_column(table.column_names.index(label), label, column)


def _named_rows(
    rows: Iterable[dict[str, Any]], label: str, names: tuple[str, ...]
) -> Iterator[dict[str, Any]]:
    for row in rows:
        number = row[label]
        yield {**row, label: None if number is None or number < 0 else names[number]}
