"""The name of a preparation: a digest of everything that its ids depend on, and of nothing else.

The text itself, labels, row ids, class names, and the names, versions and options of steps and tokenizer
take part, and what a pipeline had learned if it came fitted. Paths, hash seeds, Arrow's chunks and having
used the tokenizer do not. The record that is digested is kept in the store, for people to compare
(`textprep.preparation.differences`).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any

import numpy as np
import pyarrow as pa

from textprep.datasets.corpus import Corpus, Split
from textprep.pipeline import Pipeline
from textprep.steps.base import Step
from textprep.tokenizers.base import Tokenizer

STORE_VERSION = 2


def made_of(corpus: Corpus, pipeline: Pipeline) -> dict[str, Any]:
    """What the ids of ``corpus`` through ``pipeline`` depend on, as JSON values.

    Its keys: ``store_version``, ``class_names``, ``splits`` (name → ``rows`` and digests of ``content``,
    ``labels`` and ``row_ids``), ``steps`` and ``tokenizer`` (``name``, ``version``, ``options``), and
    ``learned``, a digest of what a pipeline that came fitted had learned.
    """
    return {
        "store_version": STORE_VERSION,
        "class_names": list(corpus.class_names),
        "splits": {name: _content(corpus[name]) for name in sorted(corpus)},
        **pipeline.description(),
        "learned": learned_digest(pipeline) if pipeline.is_fitted else None,
    }


def digest(record: Mapping[str, Any]) -> str:
    """BLAKE2b (128 bits, hexadecimal) of ``record`` as compact ASCII JSON.

    Keys keep their order, which is fixed by the code that wrote them: in an option that maps old words to
    new ones, order may decide what a step does.

    >>> digest({"store_version": 1})
    '39183cf5a1e0a5df89864b21e24ff698'
    """
    canonical = json.dumps(record, ensure_ascii=True, allow_nan=False, separators=(",", ":"))
    return _blake2b(canonical.encode("ascii"))


def learned_digest(pipeline: Pipeline) -> str:
    """A digest of what the tokenizer of a fitted ``pipeline`` learned: its state, tokens and counts."""
    return digest({"state": pipeline.tokenizer.state(), "vocabulary": pipeline.vocabulary.to_json()})


def unversioned(pipeline: Pipeline) -> list[str]:
    """The names of steps (or a tokenizer) whose results no version vouches for: nothing to cache under."""
    parts: list[Step | Tokenizer] = [*pipeline.steps, pipeline.tokenizer]
    return [part.name for part in parts if part.version is None]


def _content(split: Split) -> dict[str, Any]:
    """Digests of what a split holds; absent labels are ``None``."""
    return {
        "rows": len(split),
        "content": _text_digest(split.text),
        "labels": None if split.labels is None else _blake2b(split.labels.astype("<i8").tobytes()),
        "row_ids": _blake2b(split.row_ids.astype("<i8").tobytes()),
    }


def _text_digest(column: pa.ChunkedArray) -> str:
    """Of the characters and of where each text ends, however Arrow has cut and shifted the column."""
    characters, lengths = hashlib.blake2b(digest_size=16), hashlib.blake2b(digest_size=16)
    for chunk in column.cast(pa.large_string()).chunks:
        if len(chunk):
            _, offsets, values = chunk.buffers()
            ends = np.frombuffer(offsets, dtype="<i8")[chunk.offset : chunk.offset + len(chunk) + 1]
            lengths.update(np.diff(ends).tobytes())
            characters.update(memoryview(values or b"")[ends[0] : ends[-1]])
    return _blake2b(characters.digest() + lengths.digest())


def _blake2b(data: bytes) -> str:
    return hashlib.blake2b(data, digest_size=16).hexdigest()
