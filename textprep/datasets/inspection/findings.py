"""A finding: how often something is so, whether it is wrong, and where to look."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from textprep.datasets.corpus import Corpus
from textprep.datasets.split import Texts

MOST_EXAMPLES = 3
SHOWN = 60


class Row(NamedTuple):
    """A row of a corpus: its split, its row id, and the beginning of its text, and of a second one."""

    split: str
    row_id: int
    text: str
    pair: str | None = None

    def __str__(self) -> str:
        second = "" if self.pair is None else f" | {self.pair!r}"
        return f"{self.split} row {self.row_id}: {self.text!r}{second}"


class Finding(NamedTuple):
    """Something that was found.

    Attributes:
        name: of the kind, such as ``leak``.
        wrong: whether it is wrong, rather than worth knowing.
        times: how often it is so.
        says: what is so, and what to do.
        examples: a few of the rows; rows that belong together follow each other.
    """

    name: str
    wrong: bool
    times: int
    says: str
    examples: tuple[Row, ...] = ()


class Rows:
    """The rows of all splits of a corpus, one after the other.

    Attributes:
        texts: the text of each row.
        pair: its second text; ``None`` where rows have one.
        columns: both, as far as they are there; of sequences of numbers, a digest of each.
        one: what a row is: a text, or a sequence.
    """

    def __init__(self, corpus: Corpus) -> None:
        import pyarrow as pa

        self.splits = [name for name, split in corpus.items() for _ in range(len(split))]
        self.row_ids = [row_id for split in corpus.values() for row_id in split.row_ids.tolist()]
        self.columns: list[Any] = (
            [[key for split in corpus.values() for key in split.compared[0]]]
            if corpus.features
            else [
                Texts(
                    pa.chunked_array([chunk for column in each for chunk in column.chunks], pa.large_string())
                )
                for each in zip(*(split.texts for split in corpus.values()), strict=True)
            ]
        )
        self._names = [
            shown for split in corpus.values() if corpus.features for shown in split.input.shown(split.table)
        ]
        self.one = next(iter(corpus.values())).input.one
        self.texts = self.columns[0]
        self.pair = self.columns[1] if corpus.has_pairs else None

    def __len__(self) -> int:
        return len(self.splits)

    def row(self, number: int) -> Row:
        """Row ``number`` to be shown."""
        texts = self._names[number] if self._names else [column[number] for column in self.columns]
        beginnings = [_beginning(text) for text in texts]
        return Row(self.splits[number], self.row_ids[number], *beginnings)

    def examples(self, numbers: Iterable[int]) -> tuple[Row, ...]:
        """Rows to be shown."""
        return tuple(map(self.row, numbers))

    def splits_of(self, numbers: Sequence[int]) -> tuple[str, ...]:
        """The splits that some rows are in, in the order of the corpus."""
        return tuple(dict.fromkeys(self.splits[number] for number in numbers))


def _beginning(text: str) -> str:
    return text if len(text) <= SHOWN else text[:SHOWN] + "…"
