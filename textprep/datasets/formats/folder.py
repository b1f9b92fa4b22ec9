"""A folder a class, a text a file."""

from __future__ import annotations

from functools import partial

from textprep.datasets.rows import Record, Rejected, Rows
from textprep.datasets.sources.encodings import checked_encoding, problem_of, whole_text
from textprep.datasets.sources.paths import Paths, Records, read_paths
from textprep.datasets.sources.source import Source
from textprep.errors import DatasetError


def read_folder(path: Paths, *, encoding: str = "utf-8") -> Rows | dict[str, Rows]:
    """Folders that hold one folder a class, which hold the texts as ``*.txt`` files.

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
        encoding: of the texts; a byte-order mark is accepted.

    Raises:
        DatasetError: there is no such folder, or it holds no folders of texts. A file that is not of the
            encoding is a bad row.
    """
    return read_paths(path, partial(_read, encoding=checked_encoding(encoding)))


def _read(source: Source, encoding: str) -> Records:
    path = source.local
    if path is None or not path.is_dir():
        raise DatasetError(
            f"{source.name}: this is a file; the folder dataset reads a folder with a folder a class"
        )
    classes = sorted(
        folder for folder in path.iterdir() if folder.is_dir() and not folder.name.startswith(".")
    )
    if not any(next(folder.glob("*.txt"), None) for folder in classes):
        raise DatasetError(
            f"{path}: there are no texts; it must hold a folder a class, and these *.txt files"
        )
    for folder in classes:
        for file in sorted(folder.glob("*.txt")):
            row = {"label": folder.name, "file": f"{folder.name}/{file.name}"}
            yield text_of_file(file.read_bytes(), str(file), row, encoding)


def text_of_file(content: bytes, file: str, row: dict[str, str], encoding: str) -> Record | Rejected:
    """A whole file as the text of a row."""
    try:
        text = whole_text(content, encoding)
    except UnicodeDecodeError as error:
        line = 1 + content.count(b"\n", 0, error.start)
        return Rejected(file, line, "text", problem_of(error, encoding, "file"), content, source=content)
    return Record({"text": text, **row}, file, 1, source=content)
