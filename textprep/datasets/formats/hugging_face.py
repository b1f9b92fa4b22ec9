"""Data sets of the package ``datasets``, in memory, on disk or on its hub; no code of theirs is run.

What is memory-mapped stays so.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from textprep.datasets.formats.tables import table_blocks
from textprep.datasets.rows import Block, in_blocks
from textprep.errors import DatasetError

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
    try:
        if Path(path).is_dir() and any(
            (Path(path) / name).exists() for name in ("state.json", "dataset_dict.json")
        ):
            found = datasets.load_from_disk(path)
            return found[split] if split else found
        return datasets.load_dataset(
            path, config, split=split, revision=revision, **_no_code(datasets.__version__)
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
    """The names of the classes, where the data set says them: those of a class, or of a list of classes."""
    return tuple(getattr(_inner((dataset.features or {}).get(label)), "names", None) or ())


def _inner(feature: Any) -> Any:
    """What a list of lists consists of."""
    while not hasattr(feature, "names") and (isinstance(feature, list) or hasattr(feature, "feature")):
        feature = feature[0] if isinstance(feature, list) else feature.feature
    return feature


def is_unlabelled(dataset: Any, label: str | None) -> bool:
    """Whether every label is -1, as Hugging Face marks rows without one."""
    is_one = hasattr(dataset, "unique") and hasattr(dataset.features[label], "names")
    return is_one and set(dataset.unique(label)) == {-1}


def hugging_face_blocks(dataset: Any) -> Iterator[Block]:
    """The rows; labels by name where the data set names its classes."""
    if hasattr(dataset, "data"):
        return table_blocks(_tables(dataset))
    rows, features = dataset.with_format(None), dataset.features or {}  # a stream
    named = [name for name in features if class_names_of(dataset, name)]
    return in_blocks({**row, **{name: _named(row[name], features[name]) for name in named}} for row in rows)


def _tables(dataset: Any) -> Iterator[pa.Table]:
    """Slices of the dataset's own Arrow table; a copy only of what was selected or put in another order."""
    arrow, said = dataset.with_format("arrow"), dataset.features.arrow_schema.metadata
    for start in range(0, len(dataset), TAKEN_AT_ONCE):
        yield arrow[start : start + TAKEN_AT_ONCE].replace_schema_metadata(said)


def _named(value: Any, feature: Any) -> Any:
    """Ids by name, ``None`` where they are those of no class."""
    if isinstance(value, list):
        return [_named(one, feature) for one in value]
    names = _inner(feature).names
    return names[value] if isinstance(value, int) and 0 <= value < len(names) else None
