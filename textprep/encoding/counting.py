"""Fitting in one pass: the distinct words of a column are counted, cleaned once each, and learned from."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from textprep.encoding.blocks import Block, blocks, threads
from textprep.encoding.engine import clean_array, clean_column, folded
from textprep.encoding.plain import clean_text
from textprep.encoding.plan import Plan
from textprep.encoding.words import cut, number
from textprep.steps.base import Step
from textprep.tokenizers.base import Tokenizer

_FIRST_MERGE = 1 << 17
_BATCH = 1 << 17

Counts = npt.NDArray[np.int64]


def fit(
    steps: Sequence[Step], tokenizer: Tokenizer, column: pa.ChunkedArray, *, workers: int | None = None
) -> Tokenizer:
    """Fit ``tokenizer`` on the cleaned texts of ``column``, and return it.

    One with the scope ``"word"`` gets the distinct words with their counts, unless it has a `fit` of its own.

    Raises:
        StepError: a step failed; the message names the step and the row.
        TokenizerError: there is nothing to learn from.
    """
    by_word = Plan(steps, tokenizer).by_word and type(tokenizer).fit is Tokenizer.fit
    if by_word and len(column):
        return tokenizer.fit_words(count_words(steps, column, workers=workers))
    return tokenizer.fit(clean_column(steps, column, workers=workers))


def count_words(
    steps: Sequence[Step], column: pa.ChunkedArray, *, workers: int | None = None
) -> Counter[str]:
    """How often the words of the cleaned texts occur; what a word became may be several words, or none.

    >>> from textprep import Lowercase
    >>> from textprep.encoding.columns import as_column
    >>> sorted(count_words([Lowercase()], as_column(["A film", "a good film"])).items())
    [('a', 2), ('film', 2), ('good', 1)]

    Raises:
        StepError: a step failed; the message names the step and the row.
    """
    last = max((i for i, step in enumerate(steps, start=1) if step.scope != "word"), default=0)
    table = CountTable()

    def count(block: Block) -> tuple[pa.LargeStringArray, Counts]:
        numbered = number(cut(folded(steps[last:], clean_array(steps[:last], block.texts))))
        return numbered.distinct, np.bincount(numbered.numbers, minlength=len(numbered.distinct))

    try:
        with threads(workers) as pool:
            for _, counted in pool.ahead(count, blocks([column])):
                table.add(*counted.result())
        return _cleaned(steps[last:], *table.total())
    except Exception:  # whatever it is, the plain path says it with the row
        return _count_plainly(steps, column)


def _cleaned(steps: Sequence[Step], words: pa.LargeStringArray, times: Counts) -> Counter[str]:
    counts: Counter[str] = Counter()
    for start in range(0, len(words), _BATCH):
        cleaned = clean_array(steps, words.slice(start, _BATCH)).to_pylist()
        for word, n in zip(cleaned, times[start : start + _BATCH].tolist(), strict=True):
            counts[word] += n
    return counts


def _count_plainly(steps: Sequence[Step], column: pa.ChunkedArray) -> Counter[str]:
    counts: Counter[str] = Counter()
    for block in blocks([column]):
        for row, text in enumerate(block.texts.to_pylist(), start=block.start):
            counts.update(clean_text(steps, text, f"row {row}").split())
    return counts


class CountTable:
    """Counts of words that come in portions; portions are merged when they are as many as what is merged.

    So each word is looked at a few times, however many portions there are.
    """

    def __init__(self) -> None:
        self._portions: list[tuple[pa.LargeStringArray, Counts]] = [
            (pa.array([], pa.large_string()), np.zeros(0, dtype=np.int64))
        ]
        self._waiting = 0

    def add(self, words: pa.LargeStringArray, times: Counts) -> None:
        """``words`` occur so many ``times`` more; a word may come several times."""
        self._portions.append((words, times))
        self._waiting += len(words)
        if self._waiting >= max(_FIRST_MERGE, len(self._portions[0][0])):
            self.total()

    def total(self) -> tuple[pa.LargeStringArray, Counts]:
        """The distinct words and how often each occurred."""
        words, times = zip(*self._portions, strict=True)
        encoded = pa.concat_arrays(words).dictionary_encode()
        totals = np.zeros(len(encoded.dictionary), dtype=np.int64)
        np.add.at(totals, encoded.indices.to_numpy(), np.concatenate(times))
        self._portions, self._waiting = [(encoded.dictionary, totals)], 0
        return encoded.dictionary, totals
