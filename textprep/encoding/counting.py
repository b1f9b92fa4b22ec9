"""Fitting in one pass: the distinct words of a column are counted, cleaned once each, and learned from."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from textprep.encoding.blocks import Block, blocks, threads
from textprep.encoding.engine import clean_array, clean_column, folded
from textprep.encoding.execution import Execution
from textprep.encoding.plain import clean_text
from textprep.encoding.words import Numbered, cut, number
from textprep.errors import StepError
from textprep.steps.base import Step
from textprep.tokenizers.base import Tokenizer

_FIRST_MERGE = 1 << 13
PARTITIONS = 16

Counts = npt.NDArray[np.int64]


def fit(
    steps: Sequence[Step],
    tokenizer: Tokenizer,
    columns: Sequence[pa.ChunkedArray],
    *,
    workers: int | None = None,
) -> Tokenizer:
    """Fit ``tokenizer`` on the cleaned texts of ``columns``, and return it.

    There is one, or the first and the second texts of pairs. An error of a step says whether it was in a
    second text; a tokenizer counts their rows on from those of the first.

    One with the scope ``"word"`` gets the distinct words with their counts, unless it has a `fit` of its own.

    Raises:
        StepError: a step failed; the message names the step and the row.
        TokenizerError: there is nothing to learn from.
    """
    by_word = Execution(steps, tokenizer).by_word and type(tokenizer).fit is Tokenizer.fit
    if by_word and len(columns[0]):
        return tokenizer.fit_words(count_words(steps, *columns, workers=workers))
    return tokenizer.fit(_clean_texts(steps, columns, workers))


def _clean_texts(
    steps: Sequence[Step], columns: Sequence[pa.ChunkedArray], workers: int | None
) -> Iterator[str]:
    for place, column in enumerate(columns):
        with _which(place):
            yield from clean_column(steps, column, workers=workers)


@contextmanager
def _which(place: int) -> Iterator[None]:
    """Let an error say that it is about the second texts."""
    try:
        yield
    except StepError as error:
        if not place:
            raise
        raise StepError(f"second texts: {error}") from error


def count_words(
    steps: Sequence[Step], *columns: pa.ChunkedArray, workers: int | None = None
) -> Iterator[tuple[str, int]]:
    """How often the words of the cleaned texts occur; what a word became may be several words, or none.

    >>> from textprep import Lowercase
    >>> from textprep.encoding.columns import as_column
    >>> sorted(count_words([Lowercase()], as_column(["A film", "good films"])))
    [('a', 1), ('film', 1), ('films', 1), ('good', 1)]

    Raises:
        StepError: a step failed; the message names the step and the row.
    """
    last = max((i for i, step in enumerate(steps, start=1) if step.scope != "word"), default=0)
    table = CountTable()

    def words_of(block: Block) -> Numbered:
        return number(cut(folded(steps[last:], clean_array(steps[:last], block.texts))), PARTITIONS)

    try:
        with threads(workers) as pool:
            for _, words in pool.ahead(words_of, blocks(columns)):
                table.add(words.result())
    except Exception:  # whatever it is, the plain path says it with the row, or can do what Arrow cannot
        yield from _count_plainly(steps, columns).items()
    else:
        for distinct, times in table.portions():
            yield from zip(_cleaned(steps[last:], distinct, steps, columns), times.tolist(), strict=True)


def _cleaned(
    on_words: Sequence[Step],
    words: pa.LargeStringArray,
    steps: Sequence[Step],
    columns: Sequence[pa.ChunkedArray],
) -> list[str]:
    """``words`` after the steps ``on_words``, the last of the ``steps`` on the texts of ``columns``."""
    try:
        return clean_array(on_words, words).to_pylist()  # type: ignore[no-any-return]
    except Exception:  # a step made what Arrow cannot hold, or failed: then the plain path says the row
        try:
            return [clean_text(on_words, word) for word in words.to_pylist()]
        except StepError:
            _count_plainly(steps, columns)
            raise


def _count_plainly(steps: Sequence[Step], columns: Sequence[pa.ChunkedArray]) -> Counter[str]:
    counts: Counter[str] = Counter()
    for block in blocks(columns):
        with _which(block.column):
            for row, text in enumerate(block.texts.to_pylist(), start=block.start):
                counts.update(clean_text(steps, text, f"row {row}").split())
    return counts


class CountTable:
    """Counts of words that come in portions, each in `PARTITIONS` partitions.

    A partition is merged when as much waits for it as is merged: so each word is looked at a few times,
    however many portions there are, and what merging takes beside the words is a fraction of what they take.
    """

    def __init__(self) -> None:
        empty = pa.array([], pa.large_string()), np.zeros(0, dtype=np.int64)
        self._partitions: list[list[tuple[pa.LargeStringArray, Counts]]] = [
            [empty] for _ in range(PARTITIONS)
        ]

    def add(self, words: Numbered) -> None:
        """These ``words`` occur once more, each as often as it is there."""
        times = np.bincount(words.numbers, minlength=len(words.distinct))
        times_of_partitions = np.split(times, words.bounds[1:-1])
        portions = zip(words.partitions(), times_of_partitions, strict=True)
        for partition, portion in zip(self._partitions, portions, strict=True):
            partition.append(portion)
            merged, *waiting = (len(of_part) for of_part, _ in partition)
            if sum(waiting) >= max(_FIRST_MERGE, merged):
                partition[:] = [_merged(partition)]

    def portions(self) -> Iterator[tuple[pa.LargeStringArray, Counts]]:
        """The distinct words and how often each occurred; the table is empty then."""
        for partition in self._partitions:
            merged = _merged(partition)
            partition.clear()
            yield merged


def _merged(portions: Sequence[tuple[pa.LargeStringArray, Counts]]) -> tuple[pa.LargeStringArray, Counts]:
    words, times = zip(*portions, strict=True)
    encoded = pa.concat_arrays(words).dictionary_encode()
    totals = np.zeros(len(encoded.dictionary), dtype=np.int64)
    np.add.at(totals, encoded.indices.to_numpy(), np.concatenate(times))
    return encoded.dictionary, totals
