"""The distinct-word engine: the expensive work is done once for each word that there is.

Steps run text by text up to the last one with ``scope = "document"``. From there on, if the tokenizer has
the scope ``"word"``, a text is only split into words; each distinct word is cleaned and tokenized when it
is first met, and the ids are gathered with NumPy:

    texts          "the film the"   "film"
    word numbers   [0, 1, 0]        [1]            word 0 = "the"  → ids [4]
    ids            [4, 7, 9, 4]     [7, 9]         word 1 = "film" → ids [7, 9]
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice

import numpy as np
import pyarrow as pa

from textprep.encoding.plain import clean_text, encode_text
from textprep.encoding.ragged import Ragged
from textprep.steps.base import Step
from textprep.tokenizers.base import Tokenizer

BLOCK_ROWS = 2_000


def clean_column(steps: Sequence[Step], column: pa.ChunkedArray) -> Iterator[str]:
    """Each text of ``column`` after every step.

    Raises:
        StepError: a step failed; the message names the step and the row.
    """
    for row, text in enumerate(_texts(column)):
        yield clean_text(steps, text, f"row {row}")


def encode_column(steps: Sequence[Step], tokenizer: Tokenizer, column: pa.ChunkedArray) -> Ragged:
    """The ids of every text of ``column``, exactly those of `textprep.encoding.plain.encode_texts`.

    Args:
        steps: what to run, in order.
        tokenizer: a fitted tokenizer.
        column: (rows,) large_string without nulls.

    Returns:
        (rows) ragged, int64.

    Raises:
        StepError: a step failed; the message names the step and the row.
        TokenizerError: the tokenizer is not fitted, or failed on a row.
    """
    tokenizer.vocabulary  # noqa: B018  # raises before any row does, where it is not fitted
    per_text = _last_document_step(steps)
    if tokenizer.scope != "word":
        blocks = _encode_texts(steps, tokenizer, column)
    else:
        blocks = _encode_words(steps[:per_text], WordTable(steps[per_text:], tokenizer), column)
    return _joined(list(blocks))


class WordTable(dict[str, int]):
    """Word → its number, in the order they are met; a new word is encoded as it is looked up.

    Args:
        steps: what to run on a word.
        tokenizer: a fitted tokenizer with the scope ``"word"``.
    """

    def __init__(self, steps: Sequence[Step], tokenizer: Tokenizer) -> None:
        super().__init__()
        self.steps = steps
        self.tokenizer = tokenizer
        self.where = ""  # names the text in an error
        self.ids: list[list[int]] = []

    def __missing__(self, word: str) -> int:
        self.ids.append(encode_text(self.steps, self.tokenizer, word, self.where))
        self[word] = number = len(self)
        return number


def _last_document_step(steps: Sequence[Step]) -> int:
    """How many steps must see whole texts."""
    return max((i for i, step in enumerate(steps, start=1) if step.scope != "word"), default=0)


def _encode_words(steps: Sequence[Step], table: WordTable, column: pa.ChunkedArray) -> Iterator[Ragged]:
    numbered = list(_number_words(steps, table, column))
    word_ids = Ragged.from_rows(table.ids)
    for numbers in numbered:
        yield gather(word_ids, numbers)


def _number_words(steps: Sequence[Step], table: WordTable, column: pa.ChunkedArray) -> Iterator[Ragged]:
    """The word numbers of each row, block by block."""
    texts = enumerate(clean_column(steps, column))
    for _ in range(0, len(column), BLOCK_ROWS):
        rows: list[list[int]] = []
        for row, text in islice(texts, BLOCK_ROWS):
            table.where = f"row {row}"
            rows.append(list(map(table.__getitem__, text.split())))
        yield Ragged.from_rows(rows)


def gather(word_ids: Ragged, numbers: Ragged) -> Ragged:
    """The ids of each row, given those of each word and the numbers of the words of each row.

    >>> gather(Ragged.from_rows([[4], [7, 9]]), Ragged.from_rows([[0, 1, 0], [1]])).rows()
    [[4, 7, 9, 4], [7, 9]]
    """
    lengths = np.diff(word_ids.offsets)[numbers.values]
    ends = np.zeros(len(lengths) + 1, dtype=np.int64)
    np.cumsum(lengths, out=ends[1:])
    # Where an id stands among the words' ids: the start of its word there, plus its place in the word.
    shifts = word_ids.offsets[numbers.values] - ends[:-1]
    values = word_ids.values[np.repeat(shifts, lengths) + np.arange(ends[-1])]
    return Ragged(values, ends[numbers.offsets])


def _encode_texts(steps: Sequence[Step], tokenizer: Tokenizer, column: pa.ChunkedArray) -> Iterator[Ragged]:
    rows = enumerate(_texts(column))
    while block := [encode_text(steps, tokenizer, t, f"row {row}") for row, t in islice(rows, BLOCK_ROWS)]:
        yield Ragged.from_rows(block)


def _joined(blocks: list[Ragged]) -> Ragged:
    offsets = [np.zeros(1, dtype=np.int64)]
    for block in blocks:
        offsets.append(block.offsets[1:] + offsets[-1][-1])
    values = [np.zeros(0, dtype=np.int64), *(block.values for block in blocks)]
    return Ragged(np.concatenate(values), np.concatenate(offsets))


def _texts(column: pa.ChunkedArray) -> Iterator[str]:
    for start in range(0, len(column), BLOCK_ROWS):
        yield from column.slice(start, BLOCK_ROWS).to_pylist()
