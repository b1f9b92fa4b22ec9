"""What scikit-learn returns: texts, and numbers that name their classes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from typing import Any

from textprep.datasets.formats.names import known_names
from textprep.datasets.formats.tables import as_rows
from textprep.datasets.rows import Record, Rejected, Rows
from textprep.datasets.sources.encodings import checked_encoding, problem_of, whole_text
from textprep.errors import DatasetError
from textprep.targets.class_names import plain_label


def read_sklearn(bunch: Any, *, encoding: str = "utf-8") -> Rows:
    """What ``fetch_20newsgroups``, ``load_files`` or ``fetch_openml`` of scikit-learn return.

    The classes keep the order of ``target_names``; ``filenames`` become the column ``file``. Of a frame
    (``as_frame=True``) every column is kept.

    >>> import textprep as tp
    >>> from types import SimpleNamespace
    >>> bunch = SimpleNamespace(data=["Great.", "Dull."], target=[0, 1], target_names=["pos", "neg"])
    >>> tp.load_dataset("sklearn", bunch=bunch, splits=None).class_names
    ('pos', 'neg')

    Args:
        bunch: with ``data``, and perhaps ``target``, ``target_names`` and ``filenames``; or the pair of data
            and target that ``return_X_y=True`` gives.
        encoding: of texts that are bytes, as ``load_files`` gives them.

    Raises:
        DatasetError: it is no bunch of texts, or its parts are not equally long. A text that is bytes of
            another encoding, or a number that names no class, is a bad row.
    """
    encoding = checked_encoding(encoding)
    pair = dict(zip(("data", "target"), bunch, strict=True)) if _is_pair(bunch) else bunch
    data, target, given, files = (
        _part(pair, name) for name in ("data", "target", "target_names", "filenames")
    )
    _check_texts(data, type(bunch).__name__)
    if target is not None and len(target) != len(data):
        raise DatasetError(f"bunch=: there are {len(data)} texts and {len(target)} targets")
    if len(getattr(target, "shape", (0,))) > 1:
        raise DatasetError("bunch= has several targets a row; textprep reads one label a row from a bunch")
    targets = None if target is None else list(target)
    names = known_names(target) or _names(given, target)
    paths = list(files) if files is not None and len(files) == len(data) else None
    read = partial(_records, data, targets, [] if known_names(target) else names, paths, encoding)
    return Rows(read, class_names=tuple(map(str, names)))


def _is_pair(bunch: Any) -> bool:
    return isinstance(bunch, tuple) and len(bunch) == 2


def _part(bunch: Any, name: str) -> Any:
    return bunch.get(name) if isinstance(bunch, Mapping) else getattr(bunch, name, None)


def _names(given: Any, target: Any) -> list[str]:
    """The names of classes; ``fetch_openml`` gives that of the column of the targets in their place."""
    names = [] if target is None or given is None else list(given)
    return [] if names == [getattr(target, "name", None)] else names


def _check_texts(data: Any, kind: str) -> None:
    if hasattr(data, "columns"):
        return
    is_list = isinstance(data, (list, tuple)) or (hasattr(data, "tolist") and getattr(data, "ndim", 0) == 1)
    if is_list and getattr(getattr(data, "dtype", None), "kind", "O") not in "biufc":
        return
    shape = getattr(data, "shape", None)
    held = f"this one has numbers there, of the shape {shape}" if shape else f"which this {kind} has not"
    advice = "load_files needs load_content=True" if data is None else "the texts themselves are needed"
    raise DatasetError(f"bunch= has texts in a list .data, {held}", option="bunch", hint=advice)


def _records(
    data: Any, targets: Sequence[Any] | None, names: Sequence[str], files: Any, encoding: str
) -> Iterator[Record | Rejected]:
    rows = as_rows(data, "bunch=") if hasattr(data, "columns") else ({"text": text} for text in data)
    for position, row in enumerate(rows):
        fields = dict(row.fields if isinstance(row, Record) else row)
        if targets is not None:
            number = plain_label(targets[position])
            known = names and isinstance(number, int) and 0 <= number < len(names)
            fields["label"] = names[number] if known else number
        if files is not None:
            fields["file"] = str(files[position])
        yield _decoded(fields, position, encoding)


def _decoded(fields: dict[str, Any], position: int, encoding: str) -> Record | Rejected:
    """The row, texts that are bytes decoded."""
    for column, value in fields.items():
        if isinstance(value, bytes):
            try:
                fields[column] = whole_text(value, encoding)
            except UnicodeDecodeError as error:
                reason, option, fix = problem_of(error, encoding, "text")
                return Rejected(None, position, column, reason, value, option=option, value=fix)
    return Record(fields, None, position)
