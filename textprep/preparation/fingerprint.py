"""The name of a preparation: a digest of everything that its ids depend on, and of nothing else.

The texts themselves, of pairs both, row ids, and the names, versions and options of steps and tokenizer take
part, what a pipeline had learned if it came fitted, and the versions of Python's table of characters and of
those libraries that steps and tokenizer say their results depend on. Labels and other columns do not, which
have a digest of their own (`textprep.preparation.columns`), nor do paths, hash seeds, Arrow's chunks and
having used the tokenizer. The record that is digested is kept in the store, for people to compare
(`textprep.preparation.differences.differences`).
"""

from __future__ import annotations

import hashlib
import json
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

from textprep.components import libraries
from textprep.encoding.blocks import threads
from textprep.errors import PreparationError
from textprep.inputs import features_of, sequences
from textprep.preparation.form import Encoding, form_of
from textprep.ragged import large_offsets
from textprep.storage.files import digest_of

if TYPE_CHECKING:
    from textprep.datasets.corpus import Corpus
    from textprep.datasets.split import Split

STORE_VERSION = 6
ROWS_AT_ONCE = 4096
SPAN = 2**22  # bytes of text that one thread digests at a time


def made_of(corpus: Corpus, pipeline: Encoding) -> dict[str, Any]:
    """What the ids of ``corpus`` through ``pipeline`` depend on, as JSON values.

    Its keys: ``store_version``, ``unicode`` (the version of Python's table of characters), ``libraries``
    (name → version of those that decide what its steps and its tokenizer give), ``splits`` (name → ``rows``
    and digests of ``content``, of ``row_ids`` and, where rows have a second text, of ``pair``), ``spans``
    (True, where it is stored where tokens came from, and absent otherwise), ``steps`` and ``tokenizer``
    (``name``, ``version``, ``options``), and ``learned``, a digest of what a pipeline that came fitted had
    learned.

    Args:
        corpus: what is encoded.
        pipeline: with what; an unfitted one as it will be fitted, for pairs with a ``<sep>``, say.
    """
    pipeline = pipeline.with_specials(corpus.specials)
    return {
        "store_version": STORE_VERSION,
        "unicode": unicodedata.unidata_version,
        "libraries": libraries(form_of(pipeline).parts),
        "splits": {name: _content(corpus[name]) for name in sorted(corpus)},
        **({"spans": True} if needs_spans(corpus) else {}),
        **pipeline.description(),
        "learned": learned_digest(pipeline) if pipeline.is_fitted else None,
    }


def needs_spans(corpus: Corpus) -> bool:
    """Whether it is stored where tokens came from, since the target needs it; of steps of numbers it is not.

    Raises:
        PreparationError: rows have two texts.
    """
    if corpus.target is None or not corpus.target.needs_spans or corpus.features:
        return False
    if corpus.has_pairs:
        raise PreparationError(
            f"the target {corpus.target.name!r} is for rows of one text, and these have two",
            option="pair",
            hint="leave pair= out, or choose another target",
        )
    return True


def digest(record: Mapping[str, Any]) -> str:
    """BLAKE2b (128 bits, hexadecimal) of ``record`` as compact ASCII JSON.

    Keys keep their order, which is fixed by the code that wrote them: in an option that maps old words to
    new ones, order may decide what a step does.

    >>> digest({"store_version": 1})
    '39183cf5a1e0a5df89864b21e24ff698'
    """
    canonical = json.dumps(record, ensure_ascii=True, allow_nan=False, separators=(",", ":"))
    return digest_of(canonical.encode("ascii"))


def learned_digest(pipeline: Encoding) -> str:
    """A digest of what the tokenizer of a fitted ``pipeline`` learned: its state and its vocabulary."""
    return digest_of(json.dumps(form_of(pipeline).learned()).encode("ascii"))


def unversioned(pipeline: Encoding) -> list[str]:
    """The names of steps (or a tokenizer) whose results no version vouches for: nothing to cache under."""
    return [part.name for part in form_of(pipeline).parts if part.version is None]


def _content(split: Split) -> dict[str, Any]:
    """Digests of what is encoded of a split, and of whose rows they are."""
    content = {
        "rows": len(split),
        "content": content_digest(split.inputs[0]),
        "row_ids": digest_of(split.row_ids.astype("<i8").tobytes()),
    }
    return content if split.pair is None else content | {"pair": text_digest(split.pair)}


def content_digest(column: pa.ChunkedArray) -> str:
    """Of a column of texts, or of sequences of numbers."""
    return text_digest(column) if features_of(column.type) is None else sequence_digest(column)


def sequence_digest(column: pa.ChunkedArray) -> str:
    """Of the numbers of sequences and of where each ends, however Arrow has cut and shifted the column."""
    lengths, values = hashlib.blake2b(digest_size=16), hashlib.blake2b(digest_size=16)
    values.update(np.array([features_of(column.type)], "<i8").tobytes())
    for sequence in sequences(column):
        lengths.update(np.array([len(sequence)], "<i8").tobytes())
        values.update(sequence.astype("<f4", copy=False).tobytes())
    return digest_of(values.digest() + lengths.digest())


def text_digest(texts: pa.ChunkedArray) -> str:
    """Of the characters and of where each text ends, however Arrow has cut and shifted the column.

    All texts are read, by several threads, each time: nothing is remembered that could be wrong later.
    """
    chunks = [chunk for chunk in texts.cast(pa.large_string()).chunks if len(chunk)]
    lengths = hashlib.blake2b(digest_size=16)
    for chunk in chunks:
        lengths.update(np.diff(large_offsets(chunk)).tobytes())
    with threads(None) as pool:
        spans = _spans([_characters(chunk) for chunk in chunks])
        digests = [digest.result() for _, digest in pool.ahead(_span_digest, spans)]
    characters = hashlib.blake2b(b"".join(digests), digest_size=16)
    return digest_of(characters.digest() + lengths.digest())


def _characters(chunk: pa.LargeStringArray) -> pa.Buffer:
    ends = large_offsets(chunk)
    return chunk.buffers()[2].slice(int(ends[0]), int(ends[-1] - ends[0]))


def _span_digest(span: Sequence[memoryview]) -> bytes:
    digest = hashlib.blake2b(digest_size=16)
    for part in span:
        digest.update(part)
    return digest.digest()


def _spans(parts: Sequence[pa.Buffer]) -> Iterator[list[memoryview]]:
    """All bytes in spans of `SPAN` bytes, however they are parted."""
    span: list[memoryview] = []
    room = SPAN
    for buffer in parts:
        part, start = memoryview(buffer), 0
        while start < len(part):
            span.append(part[start : start + room])
            start += len(span[-1])
            room -= len(span[-1])
            if not room:
                yield span
                span, room = [], SPAN
    if span:
        yield span
