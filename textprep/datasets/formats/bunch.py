"""The bunches of scikit-learn: texts, and numbers that name their classes."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Any

from textprep.datasets.rows import Record, Rejected, Rows
from textprep.errors import DatasetError


def read_sklearn(bunch: Any) -> Rows:
    """A bunch of scikit-learn, as ``fetch_20newsgroups`` and ``load_files`` return: texts with their classes.

    The classes keep the order of ``target_names``; ``filenames`` become the column ``file``.

    >>> import textprep as tp
    >>> from types import SimpleNamespace
    >>> bunch = SimpleNamespace(data=["Great.", "Dull."], target=[0, 1], target_names=["pos", "neg"])
    >>> tp.load_dataset("sklearn", bunch=bunch, splits=None).class_names
    ('pos', 'neg')

    Args:
        bunch: with ``data``, and perhaps ``target``, ``target_names`` and ``filenames``.

    Raises:
        DatasetError: it is no bunch of texts, or its parts are not equally long. A text that is bytes and not
            UTF-8, or a number that names no class, is a bad row.
    """
    data: Any = getattr(bunch, "data", None)
    target = getattr(bunch, "target", None)
    if not isinstance(data, (list, tuple)) and not (
        hasattr(data, "tolist") and getattr(data, "ndim", 0) == 1
    ):
        raise DatasetError(f"bunch= has texts in a list .data, which {type(bunch).__name__} has not")
    texts = list(data)
    if target is not None and len(target) != len(texts):
        raise DatasetError(f"bunch=: there are {len(texts)} texts and {len(target)} targets")
    names = tuple(map(str, getattr(bunch, "target_names", None) or ())) if target is not None else ()
    files = list(getattr(bunch, "filenames", None) or [])
    return Rows(partial(_records, texts, target, names, files), class_names=names)


def _records(
    texts: list[Any], target: Any, names: tuple[str, ...], files: list[Any]
) -> Iterator[Record | Rejected]:
    for position, text in enumerate(texts):
        fields: dict[str, Any] = {"text": text}
        if target is not None:
            number = getattr(target[position], "item", lambda value=target[position]: value)()
            known = names and isinstance(number, int) and 0 <= number < len(names)
            fields["label"] = names[number] if known else number
        if len(files) == len(texts):
            fields["file"] = str(files[position])
        yield _decoded(fields, position)


def _decoded(fields: dict[str, Any], position: int) -> Record | Rejected:
    """The row; ``load_files`` gives bytes where nobody said of which encoding."""
    text = fields["text"]
    if isinstance(text, bytes):
        try:
            fields["text"] = text.decode()
        except UnicodeDecodeError as error:
            reason = (
                f"the text is bytes that are not utf-8 ({error.reason} at {error.start}): say encoding= there"
            )
            return Rejected(None, position, "text", reason, text)
    return Record(fields, None, position)
