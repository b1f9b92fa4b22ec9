"""Writing a store: fit, encode shard after shard, then the manifest; what is done is not done again."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from copy import copy
from time import perf_counter
from typing import TYPE_CHECKING, Any, cast

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from textprep.datasets.corpus import Corpus
from textprep.encoding.blocks import threads
from textprep.errors import TextprepError
from textprep.preparation.cache import Work
from textprep.preparation.fingerprint import learned_digest, needs_spans
from textprep.preparation.fitted import pipeline_bytes, teach
from textprep.preparation.form import Encoding, form_of
from textprep.preparation.manifest import MANIFEST, PIPELINE, FileRecord, checked_content, manifest_bytes
from textprep.preparation.progress import Amount, announce, progress
from textprep.preparation.shards import (
    ROW_BYTES,
    Shard,
    plan_shards,
    shard_bytes,
)
from textprep.ragged import Ragged

if TYPE_CHECKING:
    from textprep.explanation.column_spans import SpanFinder

Record = dict[str, Any]

COUNTS = ("rows", "tokens", "unknown")
FILE_KEYS = ("bytes", "blake2b")
WRITERS = 2  # while the one waits for the disk the other goes on


class StoreJob:
    """The making of one store; a `textprep.preparation.cache.Job`.

    Args:
        corpus: what to encode.
        pipeline: with what; it stays as it is, so that a failure leaves no trace in it.
        made_of: what the fingerprint is made of.
        workers: threads of the encoder; all cores if not given.

    Attributes:
        made_of: as given.
        stages: seconds spent in each stage, so far.
    """

    def __init__(
        self, corpus: Corpus, pipeline: Encoding, made_of: Mapping[str, Any], workers: int | None = None
    ) -> None:
        self.stages: dict[str, float] = {}
        self._corpus = corpus
        self._pipeline = copy(
            pipeline.with_specials(corpus.specials)
        )  # to learn something replaces the tokenizer of this one only
        self.made_of = made_of
        self._workers = workers
        self._spans: SpanFinder | None = None

    def fill(self, work: Work) -> None:
        """Do what ``work`` has not kept.

        Raises:
            OSError: the disk does not take it.
            TextprepError: a step or the tokenizer failed on a text; names the split and the row.
        """
        fitted = self._fit(work)
        schema = form_of(self._pipeline).schema(pairs=self._corpus.has_pairs, spans=needs_spans(self._corpus))
        records = self._encode(work, schema)
        work.keep(MANIFEST, manifest_bytes(self.made_of, self._contents(schema, fitted, records)))
        pa.default_memory_pool().release_unused()  # 110 MiB after 25,000 film reviews

    def bytes_needed(self, work: Work) -> int:
        """By what the shards that are done took; else half a byte of ids for each byte of text."""
        shards = plan_shards(self._corpus)
        done = {shard: record["bytes"] for shard in shards if (record := _kept(work, shard))}
        taken, text = sum(done.values()), sum(map(_weight, done))
        left = sum(_weight(shard) for shard in shards if shard not in done)
        return left * taken // text if text else left

    def _fit(self, work: Work) -> Record:
        """See that the pipeline is fitted, and the record of its file."""
        start = perf_counter()
        record = work.kept(PIPELINE)
        if record is None:
            if not self._pipeline.is_fitted:
                announce(f"fitting the pipeline on {len(self._corpus['train']):,} rows")
                self._pipeline.fit(self._corpus["train"], workers=self._workers)
            record = work.keep(PIPELINE, pipeline_bytes(self._pipeline))
        elif not self._pipeline.is_fitted:
            teach(self._pipeline, checked_content(work.store / PIPELINE, cast(FileRecord, record)))
        self.stages["fit"] = perf_counter() - start
        return record

    def _encode(self, work: Work, schema: pa.Schema) -> dict[Shard, Record]:
        """The record of every shard, once all are done."""
        encoder = self._pipeline.encoder(workers=self._workers)
        self._spans = form_of(self._pipeline).span_finder() if needs_spans(self._corpus) else None
        records = {shard: _kept(work, shard) or {} for shard in plan_shards(self._corpus)}
        missing = [shard for shard, record in records.items() if not record]
        done = _amount(shard for shard, record in records.items() if record)
        with progress(_amount(records), done) as bar, threads(WRITERS, beside=True) as pool:
            ids = self._ids(encoder, missing)
            for (shard, _), written in pool.ahead(lambda made: self._write(work, *made, schema), ids, most=1):
                records[shard], seconds = written.result()
                self.stages["write"] = self.stages.get("write", 0.0) + seconds
                bar.add(shard.stop - shard.start, shard.text_bytes)
        self.stages.update(encoder.stages)
        return records

    def _ids(self, encoder: Any, shards: Sequence[Shard]) -> Iterator[tuple[Shard, list[Ragged]]]:
        """The ids of each shard, of each text of a row; the encoder works ahead of what is written."""
        encoded = encoder.encode_many(
            texts.slice(shard.start, shard.stop - shard.start)
            for shard in shards
            for texts in self._corpus[shard.split].inputs
        )
        for shard in shards:
            yield shard, [_next(encoded, shard, which) for which in self._which_texts()]

    def _which_texts(self) -> tuple[str, ...]:
        """How an error names each column of texts."""
        return ("", ", second texts") if self._corpus.has_pairs else ("",)

    def _write(
        self, work: Work, shard: Shard, ids: Sequence[Ragged], schema: pa.Schema
    ) -> tuple[Record, float]:
        """Its record, and how many seconds it took."""
        start = perf_counter()
        split = self._corpus[shard.split]
        content = shard_bytes(shard, split, ids, schema, self._spans_of(shard, ids[0]))
        unknown = form_of(self._pipeline).unknown(ids)
        tokens = sum(len(part.values) for part in ids)
        facts = {"rows": shard.stop - shard.start, "tokens": tokens, "unknown": unknown}
        record = work.keep(shard.file, content, start=shard.start, **facts)
        return record, perf_counter() - start

    def _spans_of(self, shard: Shard, ids: Ragged) -> npt.NDArray[np.int64] | None:
        """Where the tokens of the texts of a shard came from, if that is stored."""
        if self._spans is None:
            return None
        rows = self._corpus[shard.split].text.slice(shard.start, shard.stop - shard.start)
        return self._spans.spans_of_column(rows, ids.offsets)

    def _contents(self, schema: pa.Schema, fitted: Record, records: Mapping[Shard, Record]) -> Record:
        """The fields of the manifest that are known when all is written."""
        files = {PIPELINE: fitted} | {shard.file: record for shard, record in records.items()}
        return {
            "dataset": self._corpus.name,
            **form_of(self._pipeline).contents(),
            "learned": self.made_of["learned"] or learned_digest(self._pipeline),
            "schema": {field.name: str(field.type) for field in schema},
            "splits": {name: _split_record(name, records) for name in self._corpus},
            "files": {file: {key: record[key] for key in FILE_KEYS} for file, record in files.items()},
        }


def _next(encoded: Iterator[Ragged], shard: Shard, which: str) -> Ragged:
    try:
        return next(encoded)
    except TextprepError as error:
        counted = f", rows counted from {shard.start:,}" if shard.start else ""
        raise type(error)(f"split {shard.split!r}{which}{counted}: {error}") from error


def _split_record(name: str, records: Mapping[Shard, Record]) -> Record:
    shards = [
        {"file": shard.file} | {count: record[count] for count in COUNTS}
        for shard, record in records.items()
        if shard.split == name
    ]
    return {count: sum(shard[count] for shard in shards) for count in COUNTS} | {"shards": shards}


def _kept(work: Work, shard: Shard) -> Record | None:
    return work.kept(shard.file, start=shard.start, rows=shard.stop - shard.start)


def _amount(shards: Iterable[Shard]) -> Amount:
    shards = list(shards)
    return Amount(sum(s.stop - s.start for s in shards), sum(s.text_bytes for s in shards))


def _weight(shard: Shard) -> int:
    """About how many bytes its file takes, before anything is known of its ids."""
    return shard.text_bytes // 2 + ROW_BYTES * (shard.stop - shard.start)
