"""What goes with the rows beside their ids: columns of the corpus, such as labels, in files of their own.

<store>/columns/<digest>/    an entry as of `textprep.preparation.cache`, named by a digest of what it holds
    <split>.arrow                the columns of a split, as the corpus has them; absent where it has none.
                                 Where tokens have labels that depend on where they came from, also
                                 token_labels, large_list of int16, one for each of the ids
    manifest.json                what they hold, and how to see that they are undamaged; written last

A store of ids may have many of them: a label that is corrected, or a column more, is another entry beside the
same ids. The fields of the manifest:

format     ``textprep.columns``
digest     of ``contents``
contents   ``target``, its name and options; ``extra``, the extra columns; and of each split its
           rows and, of each column, Arrow type and digest of the values
alignment  of each split with token_labels how many ``tags`` there are, and how many of them were ``deleted``
           or ``joined`` (`textprep.targets.alignment.Lost`); absent without
files      file → bytes and blake2b
checksum   of every byte that stands above, as it stands there
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, TypedDict
from urllib.parse import quote

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from typing_extensions import NotRequired

from textprep.errors import PreparationError
from textprep.extra.kinds import Extra
from textprep.preparation.cache import Work
from textprep.preparation.fingerprint import ROWS_AT_ONCE, digest
from textprep.preparation.manifest import MANIFEST, FileRecord, sealed
from textprep.preparation.token_labels import LABELS, token_labels
from textprep.ragged import numbers

if TYPE_CHECKING:
    from textprep.datasets.corpus import Corpus

FORMAT = "textprep.columns"
END = b"\xff\xff\xff\xff\0\0\0\0"  # of an Arrow IPC stream
Columns = Mapping[str, pa.ChunkedArray]


class SplitColumns(TypedDict):
    """What is beside the ids of a split: column → ``type`` and ``values``, a digest."""

    rows: int
    columns: dict[str, dict[str, str]]


class Contents(TypedDict):
    """What a columns' digest is made of."""

    target: dict[str, Any] | None
    extra: dict[str, dict[str, Any]]
    splits: dict[str, SplitColumns]


class ColumnsManifest(TypedDict):
    """The fields of a columns' ``manifest.json``, as the head of this module explains them."""

    format: str
    digest: str
    contents: Contents
    alignment: NotRequired[dict[str, dict[str, int]]]
    files: dict[str, FileRecord]


def columns_of(corpus: Corpus) -> dict[str, dict[str, pa.ChunkedArray]]:
    """Split name → column name → the column, of all that goes into a store beside the ids."""
    targets = corpus.target_columns()
    column = corpus.target.column if corpus.target else None
    own = {name: {column: targets[name]} if column and name in targets else {} for name in corpus}
    return {
        name: {**own[name], **{key: split.table[key] for key in corpus.extra}}
        for name, split in corpus.items()
    }


def extra_of(corpus: Corpus) -> dict[str, Extra]:
    """The extra columns, with what "train" says about them; or the first split, without "train"."""
    train = corpus["train"] if "train" in corpus else next(iter(corpus.values()))
    return {name: kind.learned(train.table[name]) for name, kind in corpus.extra.items()}


def contents_of(corpus: Corpus) -> Contents:
    """What `columns_of` a corpus hold, as JSON values: another value of a row is another record.

    Raises:
        PreparationError: a column has a type that a store cannot keep.
    """
    columns = columns_of(corpus)
    return {
        "target": corpus.target.record() if corpus.target else None,
        "extra": {name: kind.record() for name, kind in extra_of(corpus).items()},
        "splits": {
            name: {
                "rows": len(corpus[name]),
                "columns": {
                    key: {"type": str(column.type), "values": values_digest(column)}
                    for key, column in columns[name].items()
                },
            }
            for name in sorted(corpus)
        },
    }


def values_digest(column: pa.ChunkedArray) -> str:
    """Of the values, however Arrow has cut and shifted the column.

    >>> numbers = [pa.chunked_array([[1, 2], [None, 3]]), pa.chunked_array([[7, 1, 2, None, 3]])[1:]]
    >>> len({values_digest(column) for column in numbers})
    1

    Raises:
        PreparationError: of its type no store keeps a column.
    """
    hasher = hashlib.blake2b(digest_size=16)
    for start in range(0, len(column), ROWS_AT_ONCE):
        for part in _parts(column.slice(start, ROWS_AT_ONCE).combine_chunks()):
            hasher.update(part)
    return hasher.hexdigest()


def _parts(array: pa.Array) -> Iterator[Any]:
    """Bytes that say all of the values: how many, which are null, how long they are, what they are."""
    yield np.array([len(array), array.null_count], "<i8").data
    if array.null_count:
        yield np.packbits(numbers(array.is_valid().cast(pa.uint8()))).data
        array = array.drop_null()
    types, kind = pa.types, array.type
    if types.is_large_list(kind) or types.is_list(kind) or types.is_fixed_size_list(kind):
        yield _bytes(pc.list_value_length(array))
        yield from _parts(pc.list_flatten(array))
    elif types.is_struct(kind):
        for field in kind:
            yield from _parts(pc.struct_field(array, field.name))
    elif types.is_large_string(kind) or types.is_string(kind):
        yield _bytes(pc.binary_length(array))
        yield "".join(array.to_pylist()).encode("utf-8", "surrogatepass")
    elif types.is_boolean(kind):
        yield _bytes(array.cast(pa.uint8()))
    elif types.is_integer(kind) or types.is_floating(kind):
        yield _bytes(array)
    else:
        raise PreparationError(f"a column of {kind} cannot be kept beside the ids")


def _bytes(array: pa.Array) -> memoryview:
    values = numbers(array)
    return values.astype(values.dtype.newbyteorder("<"), copy=False).data


class ColumnsJob:
    """The making of the columns of a corpus; a `textprep.preparation.cache.Job`.

    Attributes:
        contents: what they hold.
        digest: of that.
    """

    def __init__(self, corpus: Corpus) -> None:
        self._corpus = corpus
        self._columns = columns_of(corpus)
        self.contents = contents_of(corpus)
        self.digest = digest(self.contents)

    def fill(self, work: Work) -> None:
        """Do what ``work`` has not kept.

        Raises:
            OSError: the disk does not take it.
        """
        records = {
            name: work.kept(file_of(name)) or self._keep(work, name)
            for name in self.contents["splits"]
            if self._columns[name]
        }
        lost = {name: record["alignment"] for name, record in records.items() if "alignment" in record}
        manifest: ColumnsManifest = {
            "format": FORMAT,
            "digest": self.digest,
            "contents": self.contents,
            **({"alignment": lost} if lost else {}),  # type: ignore[typeddict-item]  # it is not required
            "files": {
                file_of(name): {"bytes": record["bytes"], "blake2b": record["blake2b"]}
                for name, record in records.items()
            },
        }
        work.keep(MANIFEST, sealed(manifest))

    def _keep(self, work: Work, name: str) -> dict[str, Any]:
        """Write the columns of a split, and the labels of its tokens, where they have some."""
        columns, target = self._columns[name], self._corpus.target
        if target is None or not target.needs_spans or target.column not in columns:
            return work.keep_all(file_of(name), columns_stream(columns))
        labels, lost = token_labels(work.entry.parent.parent, name, self._corpus[name], target)
        return work.keep_all(file_of(name), columns_stream({**columns, LABELS: labels}), alignment=lost)

    def bytes_needed(self, work: Work) -> int:
        """Those of the columns."""
        return sum(column.nbytes for columns in self._columns.values() for column in columns.values())


def file_of(split: str) -> str:
    """The file of a split's columns.

    >>> file_of("../a b")
    '..%2Fa%20b.arrow'
    """
    return f"{quote(split, safe='')}.arrow"


def columns_stream(columns: Columns) -> Iterator[pa.Buffer]:
    """An Arrow IPC stream of these columns, some rows at a time; the same however Arrow has cut them."""
    table = pa.table(dict(columns))
    yield table.schema.serialize()
    for start in range(0, max(1, len(table)), ROWS_AT_ONCE):
        arrays = [column.slice(start, ROWS_AT_ONCE).combine_chunks() for column in table.columns]
        yield pa.record_batch(arrays, schema=table.schema).serialize()
    yield pa.py_buffer(END)
