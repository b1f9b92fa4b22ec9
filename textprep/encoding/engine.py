"""The distinct-word engine: the expensive work is done once for each word that there is.

Steps run on whole texts up to the last one with ``scope = "document"``. From there on, if the tokenizer has
the scope ``"word"``, a text is only cut into words; each distinct word is cleaned and tokenized when it is
first met, and the ids are gathered by Arrow:

    texts          "the film the"   "film"
    word numbers   [0, 1, 0]        [1]            word 0 = "the"  → ids [4]
    ids            [4, 7, 9, 4]     [7, 9]         word 1 = "film" → ids [7, 9]

A tokenizer with the scope ``"document"`` may know that a text can be cut at single spaces (its `cuts`): then
all steps run on whole texts, and pieces take the place of words.

Columns go through in blocks, small neighbours as one bundle, and bundles in rounds. Threads clean, cut and
number the words of each bundle of a round, look the distinct words of the round up in the table of words,
which all rounds share and of which each thread takes a part, clean and tokenize new ones, and gather the ids
of each bundle. One thread more only sees to it that rounds are looked up in turn, while the others go on with
the next. What fails on the way is done again by `textprep.encoding.plain`, which finds the row.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future
from functools import partial
from itertools import accumulate, groupby, starmap
from typing import Any, NoReturn, TypeAlias

import numpy as np
import pyarrow as pa

from textprep.encoding.blocks import (
    BLOCK_BYTES,
    Block,
    Pool,
    available_cores,
    blocks,
    bundles,
    rounds,
    threads,
)
from textprep.encoding.execution import Execution
from textprep.encoding.pieces import cut_into_pieces
from textprep.encoding.plain import clean_text, encode_text
from textprep.encoding.table import WordTable
from textprep.encoding.timings import Timings
from textprep.encoding.words import Cut, Numbered, cut, number
from textprep.errors import PipelineError, TokenizerError
from textprep.memo import MAX_BYTES
from textprep.ragged import Ragged
from textprep.steps.base import Step
from textprep.tokenizers.base import Tokenizer

ROUNDS_AHEAD = 2
MOST_PARTITIONS = 16
TABLE_WORDS = 250_000

Begun: TypeAlias = "tuple[list[Block], Future[Any]]"
Encoded: TypeAlias = "tuple[list[Block], Future[Ragged]]"


class Encoder:
    """A pipeline over columns: made once, called for block after block.

    Its table of words is shared by all calls and threads, and is bounded: beyond ``table_words`` words or
    ``table_bytes`` bytes it starts afresh, which changes the time that is taken and nothing else.

    >>> from textprep.encoding.columns import as_column
    >>> from textprep.tokenizers.word import WordTokenizer
    >>> encoder = Encoder([], WordTokenizer().fit(["a great film"]))
    >>> encoder.encode(as_column(["a film", "great"])).rows()
    [[2, 3], [4]]

    Args:
        steps: what to run, in order.
        tokenizer: a fitted tokenizer.
        workers: how many threads; by default one for each core.
        table_words: how many words the table holds at most.
        table_bytes: how many bytes it takes at most.

    Attributes:
        execution: which steps run how.
        stages: seconds spent in each stage, all threads together.

    Raises:
        TokenizerError: the tokenizer is not fitted.
    """

    def __init__(
        self,
        steps: Sequence[Step],
        tokenizer: Tokenizer,
        *,
        workers: int | None = None,
        table_words: int = TABLE_WORDS,
        table_bytes: int = MAX_BYTES,
    ) -> None:
        self._size = len(tokenizer.vocabulary)  # raises before any row does, where it is not fitted
        self._dtype = np.min_scalar_type(self._size - 1)
        self._steps, self._tokenizer, self._workers = tuple(steps), tokenizer, workers
        self.execution = Execution(steps, tokenizer)
        self._stages = Timings()
        self._table = WordTable(
            self._ids_of_words,
            self._stages,
            min(workers or available_cores(), MOST_PARTITIONS),
            max_words=table_words,
            max_bytes=table_bytes,
        )

    def __reduce__(self) -> NoReturn:
        raise PipelineError(
            "an encoder is neither pickled nor copied: hand over its pipeline, and call encoder() there"
        )

    @property
    def stages(self) -> Mapping[str, float]:
        """Seconds spent in each stage, all threads together."""
        return self._stages

    def encode(self, column: pa.ChunkedArray) -> Ragged:
        """The ids of every text of ``column``, exactly those of `textprep.encoding.plain.encode_texts`.

        Args:
            column: (rows,) large_string without nulls.

        Returns:
            (rows) ragged, of the smallest unsigned type that holds the vocabulary.

        Raises:
            StepError: a step failed; the message names the step and the row.
            TokenizerError: the tokenizer failed on a row, or gave an id that its vocabulary has not.
        """
        workers = 1 if column.nbytes <= BLOCK_BYTES else self._workers  # one block keeps one thread busy
        return next(self._encode_many([column], workers))

    def encode_many(self, columns: Iterable[pa.ChunkedArray]) -> Iterator[Ragged]:
        """The ids of each of many columns in turn, as `encode` gives them.

        Columns are worked on ahead of their turn, some 48 MB of text at once: many small columns take no
        longer than one large one, and the threads are busy while the caller does something with the ids.
        An error comes in the turn of the column that it is in; its row is counted from there.
        """
        yield from self._encode_many(columns, self._workers)

    def _encode_many(self, columns: Iterable[pa.ChunkedArray], workers: int | None) -> Iterator[Ragged]:
        with threads(workers) as pool, threads(1, beside=pool.workers > 1) as table:
            encoded = self._encoded(pool, table, columns)
            for _, of_column in groupby(encoded, key=lambda one: one[0].column):
                yield Ragged.join(list(starmap(_rows_of, of_column)), self._dtype)

    def _encoded(
        self, pool: Pool, table: Pool, columns: Iterable[pa.ChunkedArray]
    ) -> Iterator[tuple[Block, Future[Ragged], int]]:
        """Each block, the ids to be of its bundle, and its first row there.

        The threads begin rounds while those before are looked up.
        """
        begun = (
            [(bundle, pool.submit(self._begin, bundle)) for bundle in some]
            for some in rounds(bundles(blocks(columns)))
        )
        for _, encoded in table.ahead(partial(self._finish, pool), begun, ROUNDS_AHEAD):
            for bundle, ids in encoded.result():
                starts = accumulate((len(block.texts) for block in bundle), initial=0)
                yield from ((block, ids, start) for block, start in zip(bundle, starts, strict=False))

    def _begin(self, bundle: list[Block]) -> Numbered | Ragged:
        texts = pa.concat_arrays([block.texts for block in bundle])
        return self._number(texts) if self.execution.is_cut else self._ids(self.execution.on_texts, texts)

    def _finish(self, pool: Pool, some: list[Begun]) -> list[Encoded]:
        """The ids of bundles that are being numbered or encoded.

        What fails is done again one text at a time, which says the row, or gives the ids where a step made
        something that only Arrow cannot hold.
        """
        if not self.execution.is_cut:
            return [
                one
                for bundle, ids in some
                for one in (self._text_by_text(pool, bundle) if ids.exception() else [(bundle, ids)])
            ]
        try:
            numbered = [words.result() for _, words in some]
            found = self._table.look_up(numbered, pool)
        except Exception:
            if len(some) > 1:  # which bundle is it?
                return [encoded for one in some for encoded in self._finish(pool, [one])]
            return self._text_by_text(pool, some[0][0])
        both = zip(numbered, found, strict=True)
        return [(bundle, pool.submit(self._gather, one)) for (bundle, _), one in zip(some, both, strict=True)]

    def _text_by_text(self, pool: Pool, bundle: list[Block]) -> list[Encoded]:
        """Each block by itself, so that an error comes in the turn of its column."""
        return [([block], pool.submit(self._ids_of_block, block)) for block in bundle]

    def _ids_of_block(self, block: Block) -> Ragged:
        rows = enumerate(block.texts.to_pylist(), start=block.start)
        encoded = [encode_text(self._steps, self._tokenizer, text, f"row {row}") for row, text in rows]
        return self._narrowed(Ragged.from_rows(encoded))

    def _number(self, texts: pa.LargeStringArray) -> Numbered:
        cleaned = self._clean(self.execution.on_texts, texts)
        with self._stages.timed("split"):
            words = self._cut(cleaned)
        with self._stages.timed("count"):
            return number(words, self._table.partitions)

    def _cut(self, cleaned: pa.LargeStringArray) -> Cut:
        if self.execution.cuts:
            return cut_into_pieces(cleaned, self.execution.cuts)
        return cut(folded(self.execution.on_words, cleaned))

    def _ids_of_words(self, words: pa.LargeStringArray) -> pa.LargeBinaryArray:
        if not self.execution.cuts:
            return self._ids(self.execution.on_words, words).to_arrow()
        with self._stages.timed("tokenize"):
            return self._narrowed(self._tokenizer.encode_pieces(words)).to_arrow()

    def _ids(self, steps: Sequence[Step], texts: pa.LargeStringArray) -> Ragged:
        cleaned = self._clean(steps, texts)
        with self._stages.timed("tokenize"):
            return self._narrowed(self._tokenizer.encode_column(cleaned))

    def _gather(self, found: tuple[Numbered, pa.LargeBinaryArray]) -> Ragged:
        words, ids = found
        with self._stages.timed("gather"):
            return Ragged.from_arrow(ids.take(pa.array(words.numbers)), self._dtype).regroup(words.offsets)

    def _clean(self, steps: Sequence[Step], texts: pa.LargeStringArray) -> pa.LargeStringArray:
        with self._stages.timed("clean"):
            return clean_array(steps, texts)

    def _narrowed(self, ids: Ragged) -> Ragged:
        wrong = ids.values[(ids.values < 0) | (ids.values >= self._size)]
        if len(wrong):
            raise TokenizerError(
                f"tokenizer {self._tokenizer.name!r} gave the id {wrong[0]}, its vocabulary ends at "
                f"{self._size - 1}"
            )
        return Ragged(ids.values.astype(self._dtype, copy=False), ids.offsets)


def _rows_of(block: Block, ids: Future[Ragged], start: int) -> Ragged:
    """The ids of a block, the rows from ``start`` on of those of its bundle."""
    return ids.result().between(start, start + len(block.texts))


def encode_column(
    steps: Sequence[Step], tokenizer: Tokenizer, column: pa.ChunkedArray, *, workers: int | None = None
) -> Ragged:
    """The ids of every text of ``column`` as `Encoder.encode` gives them, in int64."""
    ids = Encoder(steps, tokenizer, workers=workers).encode(column)
    return Ragged(ids.values.astype(np.int64), ids.offsets)


def clean_array(steps: Sequence[Step], texts: pa.LargeStringArray) -> pa.LargeStringArray:
    """``texts`` after every step, each step over all of them."""
    for step in steps:
        texts = step.clean_column(texts)
    return texts


def folded(steps: Sequence[Step], texts: pa.LargeStringArray) -> pa.LargeStringArray:
    """``texts``, made more alike by the first of the ``steps`` that clean their words."""
    return steps[0].fold_column(texts) if steps else texts


def clean_column(
    steps: Sequence[Step], column: pa.ChunkedArray, *, workers: int | None = None
) -> Iterator[str]:
    """Each text of ``column`` after every step.

    Raises:
        StepError: a step failed; the message names the step and the row.
    """

    def clean(block: Block) -> list[str]:
        return clean_array(steps, block.texts).to_pylist()  # type: ignore[no-any-return]

    with threads(workers) as pool:
        for block, cleaned in pool.ahead(clean, blocks([column])):
            try:
                yield from cleaned.result()
            except Exception:  # whatever it is, the plain path says it with the row
                for row, text in enumerate(block.texts.to_pylist(), start=block.start):
                    yield clean_text(steps, text, f"row {row}")
