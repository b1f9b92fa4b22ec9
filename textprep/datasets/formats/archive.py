"""Data files and texts inside archives, read from the members as they stream by."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import partial
from pathlib import Path, PurePosixPath
from typing import TypeAlias

from textprep.datasets.formats.delimited import read_csv_file
from textprep.datasets.formats.delimited_dialect import TSV
from textprep.datasets.formats.folder import text_of_stream
from textprep.datasets.formats.json_document import read_json_file
from textprep.datasets.formats.jsonl import read_jsonl_file
from textprep.datasets.rows import Rows
from textprep.datasets.sources.archives import Limits, members
from textprep.datasets.sources.encodings import checked_encoding
from textprep.datasets.sources.paths import OneOrMore, Records, read_paths
from textprep.datasets.sources.source import COMPRESSED, Source
from textprep.errors import DatasetError

Patterns: TypeAlias = "str | Iterable[str]"


def read_archive(
    path: OneOrMore,
    *,
    members: Patterns | Mapping[str, Patterns] | None = None,
    encoding: str = "utf-8",
    limits: Mapping[str, int] | None = None,
) -> Rows | dict[str, Rows]:
    """Members of .tar, .tar.gz, .tar.bz2, .tar.xz, .tar.zst and .zip archives, never unpacked to disk.

    Members that end in .csv, .tsv, .jsonl, .ndjson or .json are read as the data sets of these names do; one
    that ends in .txt is a text, its folder the label, and the column ``file`` its path. Other members are
    passed over. They come in the order of the archive.

    >>> import io, tarfile, tempfile, textprep as tp
    >>> from pathlib import Path
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     file = Path(folder, "reviews.tar.gz")
    ...     with tarfile.open(file, "w:gz") as archive:
    ...         for name, text in {"all/neg/1.txt": b"Dull.", "all/pos/1.txt": b"Great."}.items():
    ...             member = tarfile.TarInfo(name)
    ...             member.size = len(text)
    ...             archive.addfile(member, io.BytesIO(text))
    ...     corpus = tp.load_dataset("archive", path=file, members={"train": "all/*/*.txt"})
    >>> corpus["train"][1]
    {'text': 'Great.', 'label': 1, 'row_id': 1, 'file': 'all/pos/1.txt'}

    Args:
        path: an archive, a glob, a URL, or a list of these.
        members: which ones: a pattern such as ``"train/*/*.txt"`` (of the end of the path; ``*`` is part of
            one name), a list of patterns, or a mapping of split names to them; by default every readable one.
        encoding: of the members.
        limits: ``entries``, ``bytes`` and ``ratio`` that an archive may have at most
            (`textprep.datasets.sources.archives.Limits`).

    Raises:
        DatasetError: an archive is missing or damaged, passes a limit, or no member is wanted.
    """
    try:
        checked = Limits(**(limits or {}))
    except TypeError as error:
        raise DatasetError(
            f"limits= takes {', '.join(Limits._fields)}; given: {limits!r:.100}", option="limits"
        ) from error
    read = partial(_read, encoding=checked_encoding(encoding), limits=checked)
    if isinstance(members, Mapping):
        parts = {
            split: read_paths(path, partial(read, patterns=_listed(wanted)))
            for split, wanted in members.items()
        }
        return {split: rows for split, rows in parts.items() if isinstance(rows, Rows)}
    return read_paths(path, partial(read, patterns=_listed(members)))


def _listed(patterns: Patterns | None) -> list[str]:
    return ["*"] if patterns is None else [patterns] if isinstance(patterns, str) else list(patterns)


def _read(source: Source, *, patterns: list[str], encoding: str, limits: Limits) -> Records:
    def wanted(name: str) -> bool:
        return _reader(name) is not None and any(PurePosixPath(name).match(pattern) for pattern in patterns)

    none = True
    for member in members(source, wanted, limits):
        none = False
        reader = _reader(member.name)
        if reader:
            yield from reader(member, encoding, member.name.removeprefix(f"{source.name}/"))
    if none:
        raise DatasetError(f"{source.name}: no member that can be read is called {' or '.join(patterns)}")


def _reader(name: str) -> Callable[[Source, str, str], Records] | None:
    path = PurePosixPath(name.lower())
    return READERS.get(path.with_suffix("").suffix if path.suffix in COMPRESSED else path.suffix)


def _text(source: Source, encoding: str, name: str) -> Records:
    label = Path(name).parent.name or None
    with source.open() as stream:
        yield text_of_stream(stream, source.name, {"label": label, "file": name}, encoding)


READERS: dict[str, Callable[[Source, str, str], Records]] = {
    ".csv": lambda source, encoding, _: read_csv_file(source, encoding=encoding),
    ".tsv": lambda source, encoding, _: read_csv_file(source, encoding=encoding, dialect=TSV),
    ".jsonl": lambda source, encoding, _: read_jsonl_file(source, encoding=encoding),
    ".ndjson": lambda source, encoding, _: read_jsonl_file(source, encoding=encoding),
    ".json": lambda source, encoding, _: read_json_file(source, encoding=encoding),
    ".txt": _text,
}
