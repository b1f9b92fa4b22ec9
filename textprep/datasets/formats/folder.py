"""Texts that are files: one folder per class, or one file of labels beside them."""

from __future__ import annotations

import json
import stat
from collections.abc import Iterator
from functools import partial
from operator import attrgetter
from pathlib import Path, PurePosixPath
from typing import NoReturn

from textprep.datasets.formats.delimited import read_csv_file
from textprep.datasets.formats.delimited_dialect import CSV, TSV, Dialect, checked_dialect
from textprep.datasets.formats.jsonl import read_jsonl_file
from textprep.datasets.formats.members import (
    Choice,
    Patterns,
    Reader,
    choice_of,
    read_members,
    read_text,
    rows_of,
)
from textprep.datasets.rows import Record, Rejected, Rows
from textprep.datasets.sources.archives import Named
from textprep.datasets.sources.encodings import checked_encoding
from textprep.datasets.sources.left_out import LeftOut
from textprep.datasets.sources.paths import Paths, Records, read_paths
from textprep.datasets.sources.source import Source, local_source, readable
from textprep.errors import DatasetError
from textprep.storage.files import is_file

DEEPEST = 100  # folders in each other
SPLITS = {
    "train": "train",
    "test": "test",
    **dict.fromkeys(("validation", "valid", "val", "dev"), "validation"),
}


def read_folder(
    path: Paths,
    *,
    labels: str | None = None,
    encoding: str = "utf-8",
    delimiter: str | None = None,
    endings: Patterns = ".txt",
    recursive: bool = False,
    exclude: Patterns = (),
) -> Rows | dict[str, Rows]:
    """Folders that hold one folder per class, which hold the texts as files.

    Folders and files are taken in the order of their names; the column ``file`` keeps each text's path
    below the folder. What is no text (beside the class folders or below them, with another ending, in a
    folder whose name begins with a dot, left by an operating system) is counted in ``corpus.notes``.

    >>> import tempfile, textprep as tp
    >>> from pathlib import Path
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     for name, text in {"neg": "Dull.", "pos": "Great."}.items():
    ...         Path(folder, name).mkdir()
    ...         _ = Path(folder, name, "1.txt").write_text(text)
    ...     tp.load_dataset("folder", path=folder, splits=None)["train"][1]
    {'text': 'Great.', 'label': 1, 'row_id': 1, 'file': 'pos/1.txt'}

    Args:
        path: a folder, a list of folders, or a mapping of split names to either.
        labels: a .csv, .tsv or .jsonl file in the folder, which names a text a row in the column ``file``
            (or in its first one) and has its label beside it; folders then mean nothing.
        encoding: of the texts; a byte-order mark is accepted.
        delimiter: between the fields of the file of labels, where its ending does not say it.
        endings: what names of texts end in, in upper or lower case, one or a list: ``""`` for names
            without an ending, ``"*"`` for any; compressed texts such as ``1.txt.gz`` are read too.
        recursive: whether texts in folders below a class folder are of that class.
        exclude: patterns of files or folders to leave out, such as ``"README*"`` or ``"drafts"``.

    Raises:
        DatasetError: there is no such folder, or it holds no texts. A file or a folder that cannot be
            read, a text of another encoding, one that is named and missing, or one that the file of labels
            does not name is a bad row.
    """
    choice = choice_of(endings, recursive, exclude)
    separator = None if delimiter is None else checked_dialect(CSV._replace(delimiter=delimiter))
    read = partial(
        _read, encoding=checked_encoding(encoding), labels=labels, dialect=separator, choice=choice
    )
    return read_paths(path, read, strip=labels is not None)


def _read(
    source: Source, encoding: str, labels: str | None, dialect: Dialect | None, choice: Choice
) -> Records:
    path = source.local
    if path is None or not path.is_dir():
        raise DatasetError(
            f"{source.name}: this is a file; the folder dataset reads a folder with one folder per class"
        )
    if labels is not None:
        return _by_list(path, labels, encoding, dialect, choice)
    if len(splits := _splits(path)) > 1 and "train" in splits and not choice.recursive:
        raise DatasetError(
            f"{source.name}: this holds one folder per split, not per class",
            option="path", value=splits, hint=f"give path={json.dumps(splits, ensure_ascii=False)}",
        )  # fmt: skip
    endings = " or ".join(ending or "nothing" for ending in choice.endings)
    none = (
        f"there are no texts; it must hold one folder per class, and these files that end in {endings}; "
        f'where it holds one folder per split, give path={{"train": "{path / "train"}", …}}'
    )
    return read_members(source.name, _files(path), partial(_reader, choice._replace(depth=1), encoding), none)


def _splits(path: Path) -> dict[str, str]:
    """The folders that are called as splits are and hold folders, by the names of the splits."""
    return {
        split: readable(str(path / name))
        for name, split in SPLITS.items()
        if any(entry.is_dir() for entry in (path / name).glob("*"))
    }


def _reader(choice: Choice, encoding: str, name: str) -> Reader | str:
    return choice.left_out(name) or partial(read_text, row=choice.row(name), encoding=encoding)


def _files(path: Path, name: str = "", above: tuple[tuple[int, int], ...] = ()) -> Iterator[Named]:
    """All files below a folder; what is none, or cannot be listed, cannot be opened either."""
    try:
        status = path.stat()
        if stat.S_ISDIR(status.st_mode):
            name, own = name and f"{name}/", (status.st_dev, status.st_ino)
            if own in above or len(above) > DEEPEST:
                raise OSError("this is a link to a folder that it lies in, or too deep")
            for entry in sorted(path.iterdir(), key=attrgetter("name")):
                yield from _files(entry, name + readable(entry.name), (*above, own))
        elif stat.S_ISREG(status.st_mode):
            yield name, local_source(path)
        else:  # such as a pipe, which would never end
            raise OSError("this is no regular file")
    except OSError as error:
        if not name:
            raise
        yield name, Source(readable(str(path)), partial(_fail, error))


def _fail(error: OSError) -> NoReturn:
    raise error


def _by_list(path: Path, labels: str, encoding: str, dialect: Dialect | None, choice: Choice) -> Records:
    """The texts that a file of labels names, then those that it does not."""
    listed = path / labels
    if not listed.is_file():
        raise DatasetError(f"{listed}: there is no such file of labels")
    source, named, left = local_source(listed), {labels}, LeftOut()
    ending = listed.suffix.lower()
    read: Reader = partial(read_jsonl_file, encoding=encoding)
    if ending not in (".jsonl", ".ndjson"):
        dialect = dialect or (TSV if ending == ".tsv" else CSV)
        read = partial(read_csv_file, dialect=dialect, encoding=encoding)
    for row in Rows(lambda: read(source)):
        if isinstance(row, Record):
            column = "file" if "file" in row.fields else next(iter(row.fields))
            name = str(PurePosixPath(str(row.fields[column])))
            named.add(name)
            others = {other: value for other, value in row.fields.items() if other not in (column, "text")}
            yield from _listed_text(path, name, row._replace(fields=others), encoding)
        else:
            yield row
    for name, file in _files(path):
        if name in named:
            continue
        if reason := choice.left_out(name):
            left.add(reason, name)
        else:
            yield Rejected(file.name, 1, "label", f"{labels} has no row for this text", name)
    yield from left.note(path)


def _listed_text(path: Path, name: str, row: Record, encoding: str) -> Records:
    file, problem = path / name, None
    if not is_file(file):
        problem = f"there is no file {name!r:.200} in {path}"
    elif ".." in PurePosixPath(name).parts or not file.resolve().is_relative_to(path.resolve()):
        problem = f"{name!r:.200} leads out of the folder"
    if problem:
        yield Rejected(row.file, row.line, "file", problem, {"file": name, **row.fields})
    else:
        read = partial(read_text, row={**row.fields, "file": name}, encoding=encoding)
        yield from rows_of(local_source(file), read)
