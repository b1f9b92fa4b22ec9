"""Texts that are files: one folder per class, or one file of labels beside them."""

from __future__ import annotations

from functools import partial
from pathlib import Path, PurePosixPath
from typing import IO, Any

from textprep.datasets.formats.delimited import read_csv_file
from textprep.datasets.formats.delimited_dialect import TSV
from textprep.datasets.formats.jsonl import read_jsonl_file
from textprep.datasets.rows import Record, Rejected, Rows
from textprep.datasets.sources.encodings import checked_encoding, problem_of, whole_text
from textprep.datasets.sources.paths import Paths, Records, read_paths
from textprep.datasets.sources.source import Source, local_source
from textprep.errors import DatasetError

LONGEST_TEXT = 64 * 2**20  # bytes


def read_folder(path: Paths, *, labels: str | None = None, encoding: str = "utf-8") -> Rows | dict[str, Rows]:
    """Folders that hold one folder per class, which hold the texts as ``*.txt`` files.

    Folders and files are taken in the order of their names; the column ``file`` keeps each text's path
    below the folder. Folders whose name begins with a dot are passed over.

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

    Raises:
        DatasetError: there is no such folder, or it holds no texts. A file that is not of the encoding, is
            named and missing, or is a ``*.txt`` that the file of labels does not name is a bad row.
    """
    read = partial(_read, encoding=checked_encoding(encoding), labels=labels)
    return read_paths(path, read)


def _read(source: Source, encoding: str, labels: str | None) -> Records:
    path = source.local
    if path is None or not path.is_dir():
        raise DatasetError(
            f"{source.name}: this is a file; the folder dataset reads a folder with one folder per class"
        )
    return _by_class(path, encoding) if labels is None else _by_list(path, labels, encoding)


def _by_class(path: Path, encoding: str) -> Records:
    classes = sorted(
        folder for folder in path.iterdir() if folder.is_dir() and not folder.name.startswith(".")
    )
    if not any(next(folder.glob("*.txt"), None) for folder in classes):
        raise DatasetError(
            f"{path}: there are no texts; it must hold one folder per class, and these *.txt files"
        )
    for folder in classes:
        for file in sorted(folder.glob("*.txt")):
            with file.open("rb") as stream:
                row = {"label": folder.name, "file": f"{folder.name}/{file.name}"}
                yield text_of_stream(stream, str(file), row, encoding)


def _by_list(path: Path, labels: str, encoding: str) -> Records:
    """The texts that a file of labels names, then those that it does not."""
    listed = path / labels
    if not listed.is_file():
        raise DatasetError(f"{listed}: there is no such file of labels")
    source, named = local_source(listed), set()
    read = read_jsonl_file if listed.suffix in (".jsonl", ".ndjson") else read_csv_file
    tabs: dict[str, Any] = {"dialect": TSV} if listed.suffix == ".tsv" else {}
    for row in Rows(lambda: read(source, encoding=encoding, **tabs)):
        if isinstance(row, Record):
            column = "file" if "file" in row.fields else next(iter(row.fields))
            name = str(PurePosixPath(str(row.fields[column])))
            named.add(name)
            others = {other: value for other, value in row.fields.items() if other not in (column, "text")}
            yield _listed_text(path, name, row._replace(fields=others), encoding)
        else:
            yield row
    for file in sorted(path.rglob("*.txt")):
        name = file.relative_to(path).as_posix()
        if name not in named and file != listed:
            yield Rejected(str(file), 1, "label", f"{labels} has no row for this text", name)


def _listed_text(path: Path, name: str, row: Record, encoding: str) -> Record | Rejected:
    file = path / name
    if ".." in PurePosixPath(name).parts or not file.resolve().is_relative_to(path.resolve()):
        return Rejected(
            row.file, row.line, "file", f"{name!r} leads out of the folder", {"file": name, **row.fields}
        )
    if not file.is_file():
        return Rejected(
            row.file, row.line, "file", f"there is no file {name!r} in {path}", {"file": name, **row.fields}
        )
    with file.open("rb") as stream:
        return text_of_stream(stream, str(file), {**row.fields, "file": name}, encoding)


def text_of_stream(stream: IO[bytes], file: str, row: dict[str, Any], encoding: str) -> Record | Rejected:
    """A whole file as the text of a row."""
    content = stream.read(LONGEST_TEXT + 1)
    if len(content) > LONGEST_TEXT:
        return Rejected(file, 1, "text", f"the text has over {LONGEST_TEXT:,} bytes", content[:1000])
    try:
        text = whole_text(content, encoding)
    except UnicodeDecodeError as error:
        line = 1 + content.count(b"\n", 0, error.start)
        reason = problem_of(error, encoding, "file")
        return Rejected(file, line, "text", reason, content, source=content, option="encoding")
    return Record({"text": text, **row}, file, 1, source=content)
