"""Texts as one Arrow column, whatever they come as."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import islice
from typing import Any, Protocol, TypeAlias

import pyarrow as pa
import pyarrow.compute as pc

from textprep.errors import PipelineError

CHUNK_ROWS = 10_000


class HasText(Protocol):
    """A split of a corpus, or what else has a column of texts."""

    @property
    def text(self) -> pa.ChunkedArray:
        """(rows,) large_string."""


Texts: TypeAlias = "Iterable[str] | pa.Array | pa.ChunkedArray | HasText"


def as_column(texts: Texts) -> pa.ChunkedArray:
    """``texts`` as a column of Arrow's large strings.

    >>> as_column(["a film", "b"]).to_pylist()
    ['a film', 'b']

    Args:
        texts: a split of a corpus (or what else has such a column as its ``text``), an Arrow column of
            strings, or any iterable of ``str``, read once.

    Returns:
        (rows,) large_string, without nulls.

    Raises:
        PipelineError: there is something else, or a row is no text; the message names the row.
    """
    column = getattr(texts, "text", texts)
    if isinstance(column, (pa.Array, pa.ChunkedArray)):
        return _arrow_column(column)
    if (names := getattr(texts, "column_names", getattr(texts, "columns", None))) is not None:
        raise PipelineError(
            f"a column of texts is needed, not the table {type(texts).__name__}: choose one, such as "
            f'df["text"], of {", ".join(map(repr, names))}'
        )
    if isinstance(texts, Mapping):
        raise PipelineError(
            f"texts are needed, not a mapping of {', '.join(map(repr, texts))}: choose one of them"
        )
    if isinstance(texts, (str, bytes)) or not isinstance(texts, Iterable):
        raise PipelineError(f"many texts are needed, not {type(texts).__name__}: give a list of texts")
    rows = each_checked(texts)
    return pa.chunked_array(
        iter(lambda: pa.array(islice(rows, CHUNK_ROWS), pa.large_string()), pa.array([], pa.large_string())),
        pa.large_string(),
    )


def each_checked(texts: Iterable[Any]) -> Iterator[str]:
    """Each of ``texts``.

    Raises:
        PipelineError: a row is no text; the message names it.
    """
    return (checked_text(text, f"row {row}") for row, text in enumerate(texts))


def checked_text(text: Any, where: str) -> str:
    """``text``, if it is one: what every way into a pipeline goes through.

    A lone surrogate is refused as a file that holds one is. Python makes them of bytes that are not of the
    encoding that they were read with (PEP 383), and a model would take them for words it does not know.

    Raises:
        PipelineError: it is no text; the message begins with ``where``.
    """
    if not isinstance(text, str):
        raise PipelineError(f"{where} is {type(text).__name__}, not a text: {text!r:.60}")
    try:
        text.isascii() or text.encode()
    except UnicodeEncodeError as error:
        place, half = error.start, text[error.start]
        what = f"byte {ord(half) - 0xDC00:#04x}" if "\udc80" <= half <= "\udcff" else f"{half!r}"
        raise PipelineError(
            f"{where}: character {place} is {what}, which belongs to no character: "
            "decode the text with the encoding that it has"
        ) from error
    return text


def _arrow_column(column: pa.Array | pa.ChunkedArray) -> pa.ChunkedArray:
    kind = column.type.value_type if pa.types.is_dictionary(column.type) else column.type
    if kind not in (pa.string(), pa.large_string(), pa.string_view()):
        raise PipelineError(f"a column of strings is needed, not of {column.type}")
    column = column.cast(pa.large_string())
    if column.null_count:
        row = pc.index(column.is_null(), True).as_py()
        raise PipelineError(f"row {row} has no text (null): fill or drop such rows")
    return column if isinstance(column, pa.ChunkedArray) else pa.chunked_array([column])
