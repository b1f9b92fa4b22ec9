"""What a file is by what it begins with, whatever it is called; the only place that knows.

Whoever opens a file names the kinds that it reads; any other that is recognised is refused by its name, with
what to do. What is not recognised is read, and is then good or bad row by row.
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple, TypeVar

from textprep.errors import TextprepError

E = TypeVar("E", bound=TextprepError)
LOOKED_AT = 2**16  # bytes
LINES_LOOKED_AT = 100
TEXTS = ("html", "xml", "rtf", "json", "jsonl")  # which are texts, too: a line of them may be a row


class Kind(NamedTuple):
    """A kind of file.

    Attributes:
        name: as ``reads`` names it.
        said: what it is.
        advice: what to do with data in it.
    """

    name: str
    said: str
    advice: str


def _compressed(program: str, ending: str) -> Kind:
    return Kind(
        program, f"compressed with {program}", f"decompress it, or call it by a name that ends in {ending}"
    )


def _read_with_pandas(name: str, said: str, call: str) -> Kind:
    return Kind(
        name, said, f"""read it with pandas: load_dataset("memory", rows=pandas.{call}("{{name}}"), …)"""
    )


_SHEET_ADVICE = (
    "save the sheet as CSV, or read it with pandas: "
    """load_dataset("memory", rows=pandas.read_excel("{name}"), …)"""
)
_LOAD_ARRAY = "read it with numpy.load, and hand the rows to the data set 'memory'"
_ROWS = "save the rows as Parquet, CSV or JSON Lines"
_NO_TABLE = "save its texts as CSV, as JSON Lines or as one text file each"
ZIP = Kind(
    "zip", "a zip archive", "call it by a name that ends in .zip, and read it with the data set 'archive'"
)
TAR = Kind(
    "tar", "a tar archive", "call it by a name that ends in .tar, and read it with the data set 'archive'"
)
JSON = Kind("json", "one JSON document", "read it with the data set 'json'")
JSON_LINES = Kind("jsonl", "JSON Lines: one JSON object a line", "read it with the data set 'jsonl'")
VECTORS = Kind("vectors", "a binary file of word vectors", "save them as text: a word and its numbers a line")

_MAGIC: tuple[tuple[bytes, Kind], ...] = (
    (rb"\x1f\x8b\x08", _compressed("gzip", ".gz")),
    (rb"BZh[1-9](1AY&SY|\x17rE8P\x90)", _compressed("bzip2", ".bz2")),
    (rb"\xfd7zXZ\0", _compressed("xz", ".xz")),
    (rb"\x28\xb5\x2f\xfd|[\x50-\x5f]\x2a\x4d\x18", _compressed("zstd", ".zst")),
    (rb"\x04\x22\x4d\x18", _compressed("lz4", ".lz4")),
    (rb"7z\xbc\xaf\x27\x1c", Kind("7z", "a 7z archive", "pack its files as .zip or .tar.gz, or unpack it")),
    (rb"Rar!\x1a\x07", Kind("rar", "a RAR archive", "pack its files as .zip or .tar.gz, or unpack it")),
    (rb"(?s:.{257})ustar", TAR),
    (
        rb"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1",
        Kind("xls", "a spreadsheet or another document of old Office (.xls, .doc)", _SHEET_ADVICE),
    ),
    (rb"\s*%PDF-[12]\.", Kind("pdf", "a PDF document", _NO_TABLE)),
    (rb"PAR1[\0-\x1f]", Kind("parquet", "a Parquet file", "read it with the data set 'parquet'")),
    (
        rb"ARROW1\0\0|FEA1\0|\xff{4}[\0-\xff]{2}\0\0",
        Kind("arrow", "an Arrow file", "read it with the data set 'arrow'"),
    ),
    (
        rb"SQLite format 3\0",
        Kind("sql", "an SQLite database", "read it with the data set 'sql': url='sqlite:///{name}', table=…"),
    ),
    (
        rb"\x80[\x02-\x05][\x95\x8a}c(\]]",
        Kind("pickle", "a pickle, which could run code when it is read", _ROWS),
    ),
    (rb"\x89HDF\r\n", _read_with_pandas("hdf5", "an HDF5 file", "read_hdf")),
    (rb"<stata_dta>", _read_with_pandas("stata", "a file of Stata", "read_stata")),
    (rb"\$FL[23]@", _read_with_pandas("spss", "a file of SPSS", "read_spss")),
    (rb"ORC[\0-\x08]", _read_with_pandas("orc", "an ORC file", "read_orc")),
    (rb"Obj\x01", Kind("avro", "an Avro file", _ROWS)),
    (rb"RD[AX][23]\n", Kind("r", "a file of R", "save the rows there with write.csv")),
    (rb"\x93NUMPY", Kind("numpy", "a NumPy array", _LOAD_ARRAY)),
    (
        rb"\x89PNG\r\n|\xff\xd8\xff|GIF8[79]a[^\n]{2}[\x80-\xff]|RIFF(?s:.{4})WEBP|II\*\0|MM\0\*",
        Kind("image", "an image", "a text is needed"),
    ),
    (
        rb"ID3[\x02-\x04]|OggS\0|fLaC\0|RIFF(?s:.{4})(WAVE|AVI )|\0\0\0.ftyp|\x1a\x45\xdf\xa3",
        Kind("recording", "a recording or a film", "a text is needed"),
    ),
    (
        rb"\x7fELF|\xca\xfe\xba\xbe|[\xce\xcf]\xfa\xed\xfe|MZ.\0[^\n]\0",
        Kind("program", "a program", "a text is needed"),
    ),
    (rb"GGUF[\x01-\x09]\0", Kind("gguf", "a GGUF file, which holds weights of a model", "a text is needed")),
    (rb"\0{12}\xc2\xea\x81\x60", _read_with_pandas("sas", "a file of SAS", "read_sas")),
    (
        rb"MATLAB [57]\.[0-9] MAT-file",
        Kind("matlab", "a file of MATLAB", "save its rows there with writetable"),
    ),
    (rb"\x1f\x9d[\x80-\xff]|\x5d\0\0[\0-\xff]{2}\xff{4}", Kind("lzma", "compressed", "decompress it")),
    (rb"\xba\x16\x4f\x2f", VECTORS),
    (rb"\d+ \d+\n[^\n ]{1,200} (?s:.{0,64}?)[\0-\x08\x0e-\x1f]", VECTORS),
    (
        rb"(?s:.{3}\0{5})\{\s*\"",
        Kind("safetensors", "a safetensors file, which holds weights of a model", "a text is needed"),
    ),
    (
        rb"version https://git-lfs",
        Kind("lfs", "a pointer of Git LFS, not the file itself", "fetch the file with: git lfs pull"),
    ),
)
_ANY_MAGIC = re.compile(b"|".join(magic for magic, _ in _MAGIC))
_MAYBE_TEXT = re.compile(rb"(\xef\xbb\xbf)?\s*[{\[<]")
_ZIPPED: tuple[tuple[bytes, Kind], ...] = (  # by the names of members, the first of them before all
    (
        rb"(\[Content_Types\]\.xml|_rels/|docProps/|xl/).*xl/|mimetypeapplication/vnd\.oasis\.opendocument\.spreadsheet",
        Kind("xlsx", "a spreadsheet", _SHEET_ADVICE),
    ),
    (
        rb"(\[Content_Types\]\.xml|_rels/|docProps/|word/|ppt/).*(word|ppt)/|mimetypeapplication/",
        Kind("office", "an office document", _NO_TABLE),
    ),
    (rb"[^/]+\.npy", Kind("npz", "a file of NumPy arrays", _LOAD_ARRAY)),
    (rb"[^/]+/data\.pkl", Kind("torch", "a pickle of torch, which could run code when it is read", _ROWS)),
)
_TEXTS: tuple[tuple[re.Pattern[str], Kind], ...] = (
    (
        re.compile(
            r"(<\?xml[^>]*>\s*)?(<!--.*?-->\s*)*<(!doctype\s+html|html|head)\b", re.IGNORECASE | re.DOTALL
        ),
        Kind(
            "html",
            "a web page (HTML)",
            "download the file itself: a page may be shown for it, or for a login",
        ),
    ),
    (
        re.compile(r"<\?xml\b"),
        Kind(
            "xml",
            "an XML document",
            "save its rows as CSV, or read it with pandas.read_xml and the data set 'memory'",
        ),
    ),
    (re.compile(r"\{\\rtf"), Kind("rtf", "a rich text document (RTF)", _NO_TABLE)),
)


def kind_of(head: bytes) -> Kind | None:
    """The kind of file that begins with ``head``, as much as `LOOKED_AT` bytes; ``None`` for any other text.

    >>> kind_of(b"PAR1\\x15\\x04").said, kind_of(b'{"a": 1}\\n{"a": 2}\\n').name, kind_of(b"text,label\\n")
    ('a Parquet file', 'jsonl', None)
    """
    kind = _by_magic(head)
    if kind is None and not _MAYBE_TEXT.match(head):
        return None
    if kind is not None and b"\0" in head[:32]:  # no text, though JSON Lines may lie in it, not compressed
        return kind
    text = head.decode("utf-8", "replace").lstrip("\ufeff \t\r\n")
    lines = [line for line in text.split("\n", LINES_LOOKED_AT)[:LINES_LOOKED_AT] if line.strip()]
    kind = kind or next((kind for pattern, kind in _TEXTS if pattern.match(text)), None)
    if (kind or text.startswith(("{", "["))) and 4 * sum(map(_is_object, lines)) > len(lines):
        return JSON_LINES  # whatever its first line is
    is_document = re.match(r'\[\s*\{|\{\s*"', text) and _may_be_document(text, whole=len(head) < LOOKED_AT)
    return JSON if kind is None and is_document else kind


def _by_magic(head: bytes) -> Kind | None:
    if head.startswith((b"PK\3\4", b"PK\5\6")):
        return next((kind for names, kind in _ZIPPED if re.match(names, head[30:], re.DOTALL)), ZIP)
    if not _ANY_MAGIC.match(head):
        return None
    return next(kind for magic, kind in _MAGIC if re.match(magic, head))


def check(
    head: bytes,
    name: str,
    error: type[TextprepError],
    *,
    reads: Collection[str] = (),
    hint: str | None = None,
) -> None:
    """Refuse a file that is recognised as something else.

    Args:
        head: what it begins with, `LOOKED_AT` bytes if it has them.
        name: of the file, for messages.
        error: the class to raise.
        reads: names of the kinds that are wanted.
        hint: what to do, where it is not data that are wanted.

    Raises:
        TextprepError: it is of another kind.
    """
    kind = kind_of(head)
    if kind is not None and kind.name not in reads:
        raise refusal(kind, name, error, hint)


def check_file(path: Path, error: type[TextprepError], *, reads: Collection[str] = (), hint: str) -> None:
    """`check` for a file; one that cannot be opened is left to whoever reads it."""
    with suppress(OSError), path.open("rb") as file:
        check(file.read(LOOKED_AT), str(path), error, reads=reads, hint=hint)


def refusal(kind: Kind, name: str, error: type[E], hint: str | None = None) -> E:
    """The error that a file is of ``kind``."""
    return error(f"{name}: this is {kind.said}", file=name, hint=hint or kind.advice.format(name=name))


def _is_object(line: str) -> bool:
    try:
        return line.lstrip().startswith("{") and isinstance(json.loads(line), dict)
    except (ValueError, RecursionError):
        return False


def _may_be_document(text: str, *, whole: bool) -> bool:
    if not whole and text.startswith("{") and "\n" not in text:  # the first of JSON Lines may be as long
        return False
    try:
        json.loads(text)
    except json.JSONDecodeError as error:  # a document that is cut off is good up to there
        return not whole and (error.pos > len(text) - 10 or error.msg.startswith("Unterminated"))
    except (ValueError, RecursionError):
        return False
    return True
