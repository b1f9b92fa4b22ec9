"""A folder a class, a text a file."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from textprep.datasets.rows import Record, Rejected
from textprep.datasets.sources.files import Paths, Records, read_paths
from textprep.errors import DatasetError


def read_folder(path: Paths, *, encoding: str = "utf-8") -> Records | dict[str, Records]:
    """Folders that hold one folder a class, which hold the texts as ``*.txt`` files.

    Folders and files are taken in the order of their names; the column ``file`` keeps each text's path
    below the folder. Folders whose name begins with a dot are passed over.

    >>> import tempfile, textprep as tp
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
    return read_paths(path, partial(_read, encoding=encoding))


def _read(path: Path, encoding: str) -> Records:
    if not path.is_dir():
        raise DatasetError(f"{path}: this is a file; the folder dataset reads a folder with a folder a class")
    classes = sorted(
        folder for folder in path.iterdir() if folder.is_dir() and not folder.name.startswith(".")
    )
    if not any(next(folder.glob("*.txt"), None) for folder in classes):
        raise DatasetError(
            f"{path}: there are no texts; it must hold a folder a class, and these *.txt files"
        )
    for folder in classes:
        for file in sorted(folder.glob("*.txt")):
            yield _text(file, folder.name, f"{folder.name}/{file.name}", encoding)


def _text(file: Path, label: str, name: str, encoding: str) -> Record | Rejected:
    content = file.read_bytes()
    try:
        text = content.decode("utf-8-sig" if encoding.lower() in ("utf-8", "utf8") else encoding)
    except UnicodeDecodeError as error:
        reason = (
            f"byte {content[error.start]:#04x} (number {error.start} of the file, from 0) is not {encoding}"
        )
        return Rejected(str(file), 1 + content.count(b"\n", 0, error.start), "text", reason, content)
    except LookupError as error:
        raise DatasetError(
            f"no encoding is called {encoding!r}; try 'utf-8', 'utf-16' or 'cp1252'"
        ) from error
    return Record({"text": text, "label": label, "file": name}, str(file), 1)
