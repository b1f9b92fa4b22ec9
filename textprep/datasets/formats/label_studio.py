"""What Label Studio exports as JSON: tasks with a text, and annotations with labelled spans of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import partial
from typing import Any

from textprep.datasets.formats.json_document import read_json_file
from textprep.datasets.rows import Record, Rejected, Rows, note
from textprep.datasets.sources.encodings import checked_encoding
from textprep.datasets.sources.paths import Paths, Records, read_paths
from textprep.datasets.sources.source import Source


def read_label_studio(path: Paths, *, field: str = "text", encoding: str = "utf-8") -> Rows | dict[str, Rows]:
    """Files that Label Studio exports as JSON: of each task the text, and the spans of its first annotation.

    >>> import json, tempfile, textprep as tp
    >>> from pathlib import Path
    >>> span = {"value": {"start": 0, "end": 3, "labels": ["PER"]}}
    >>> task = {"data": {"text": "Ada spoke"}, "annotations": [{"result": [span]}]}
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     file = Path(folder, "export.json")
    ...     _ = file.write_text(json.dumps([task]))
    ...     tp.load_dataset("label-studio", path=file, splits=None).class_names
    ('PER',)

    Args:
        path: a file, a glob, a URL, a list of these, or a mapping of split names to them.
        field: the key of the text in ``data``; what else is there become further columns.
        encoding: of the files; a byte-order mark is accepted.

    Raises:
        DatasetError: as of ``json``; a task without the text, or without an annotation, is a bad row.
    """
    read = read_paths(path, partial(_read, field=field, encoding=checked_encoding(encoding)))
    for rows in read.values() if isinstance(read, dict) else [read]:
        rows.target = "tags"
    return read


def _read(source: Source, field: str, encoding: str) -> Records:
    unread: dict[str, None] = {}
    for row in read_json_file(source, encoding=encoding):
        yield _row(row, field, unread) if isinstance(row, Record) else row
    if unread:
        yield note(f"{source.name}: results that are not labels of spans are left out: {', '.join(unread)}")


def _row(row: Record, field: str, unread: dict[str, None]) -> Record | Rejected:
    """A task as a row."""
    data = row.fields.get("data")
    if not isinstance(data, Mapping) or field not in data:
        there = ", ".join(map(str, data if isinstance(data, Mapping) else row.fields)) or "none"
        reason = f"the task has no {field!r} in 'data'; there are: {there}"
        return Rejected(
            row.file, row.line, "data", reason, dict(row.fields),
            byte=row.byte, source=row.source, header=row.header, option="field",
        )  # fmt: skip
    spans = _spans(row.fields.get("annotations"), unread)
    others = {name: value for name, value in data.items() if name not in (field, "text", "entities")}
    return row._replace(fields={"text": data[field], "entities": spans, **others})


def _spans(annotations: Any, unread: dict[str, None]) -> list[Any] | None:
    """The spans of the first annotation that was not cancelled; ``None`` where there is none."""
    each = annotations if isinstance(annotations, list) else []
    done = [one for one in each if isinstance(one, Mapping) and not one.get("was_cancelled")]
    return list(_labels(done[0].get("result"), unread)) if done else None


def _labels(results: Any, unread: dict[str, None]) -> Iterator[Mapping[str, Any]]:
    for result in results if isinstance(results, list) else []:
        value = result.get("value") if isinstance(result, Mapping) else None
        if isinstance(value, Mapping) and "labels" in value:
            yield {"start": value.get("start"), "end": value.get("end"), "label": value["labels"]}
        else:
            kind = result.get("type") if isinstance(result, Mapping) else result
            unread[f"{kind!s:.40}"] = None
