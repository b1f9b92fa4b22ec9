"""Everything that `textprep check` finds in a corpus."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, NamedTuple

from textprep.datasets.corpus import Corpus
from textprep.datasets.inspection.characters import odd_characters
from textprep.datasets.inspection.findings import Finding, Row, Rows
from textprep.datasets.inspection.repeats import repeats
from textprep.datasets.inspection.steps import odd_steps
from textprep.datasets.split import Split
from textprep.datasets.splits.options import Division
from textprep.targets import ClassTarget

if TYPE_CHECKING:
    pass

EXTREMES = 10


class Lengths(NamedTuple):
    """Of the rows of a split, in characters: of their text, or of both their texts."""

    shortest: int
    median: int
    longest: int
    ascii_rows: int


class Inspection(NamedTuple):
    """What was found in a corpus.

    Attributes:
        rows: split name → rows.
        target: the kind of target; ``None`` where the corpus is unlabelled.
        classes: split name → class name → rows; empty where there are no classes.
        figures: split name → what its target shows of it: class name → rows, or mean, deviation and so on.
        lengths: split name → lengths of its texts.
        findings: what is wrong or worth knowing, what is wrong first.
        longest, shortest: the rows with the longest and shortest texts, each with its length.
        units: what lengths count: characters, or the steps of sequences.
    """

    rows: dict[str, int]
    target: str | None
    classes: dict[str, dict[str, int]]
    figures: dict[str, dict[str, float]]
    lengths: dict[str, Lengths]
    findings: tuple[Finding, ...]
    longest: tuple[tuple[int, Row], ...]
    shortest: tuple[tuple[int, Row], ...]
    units: str = "characters"

    @property
    def one(self) -> str:
        """What a row is: a text, or a sequence."""
        return "text" if self.units == "characters" else "sequence"

    @property
    def wrong(self) -> tuple[Finding, ...]:
        """The findings that are wrong."""
        return tuple(finding for finding in self.findings if finding.wrong)


def inspect_corpus(corpus: Corpus, near_duplicates: float | None = 0.8) -> Inspection:
    """Look at every row of ``corpus``; pairs are the same, or nearly so, where both of their texts are.

    >>> from textprep.datasets import as_corpus
    >>> rows = [("Fine film.", "good"), ("Dull.", "bad")]
    >>> corpus = as_corpus({"train": rows, "test": [("fine film", "good")]})
    >>> [(finding.name, finding.times) for finding in inspect_corpus(corpus).wrong]
    [('leak', 1)]

    Args:
        corpus: what to look at.
        near_duplicates: how much texts overlap that are nearly the same, from 0.5 to 1; see
            `textprep.datasets.splits.near`; None to leave out that search, which takes longest.

    Raises:
        DatasetError: ``near_duplicates`` is not from 0.5 to 1.
    """
    Division.of(near_duplicates=near_duplicates)  # which refuses what is not from 0.5 to 1
    rows = Rows(corpus)
    labels = [label for split in corpus.values() for label in _labels(split)]
    found = [
        *_rejected(corpus),
        *(odd_steps(corpus, rows) if corpus.features else odd_characters(rows)),
        *repeats(
            rows,
            labels,
            None if corpus.features else near_duplicates,
            (corpus.target or ClassTarget()).contradiction(),
        ),
        *_target(corpus),
    ]
    return Inspection(
        {name: len(split) for name, split in corpus.items()},
        corpus.target.name if corpus.target else None,
        {name: split.class_counts() for name, split in corpus.items()},
        {name: _figures(split) for name, split in corpus.items()},
        {name: _lengths(split) for name, split in corpus.items() if len(split)},
        tuple(sorted(found, key=lambda finding: not finding.wrong)),
        *_extremes(corpus, rows),
        next(iter(corpus.values())).input.units,
    )


def _rejected(corpus: Corpus) -> Iterator[Finding]:
    if corpus.rejected:
        examples = tuple(Row(row.split or "", row.line, str(row)) for row in corpus.rejected[:EXTREMES])
        yield Finding("rejected", True, len(corpus.rejected), "rows cannot be used: mend them", examples)


def _target(corpus: Corpus) -> Iterator[Finding]:
    columns = {name: column for name, column in corpus.target_columns().items() if len(column)}
    for problem in corpus.target.problems(columns) if corpus.target else ():
        yield Finding(*problem)


def _labels(split: Split) -> list[Any]:
    """What each row teaches; ``None`` where it is unlabelled."""
    column, target = split.target_column, split.target
    return [None] * len(split) if column is None or target is None else target.taught(column)


def _figures(split: Split) -> dict[str, float]:
    column, target = split.target_column, split.target
    return {} if column is None or target is None else target.figures(column)


def _lengths(split: Any) -> Lengths:
    import numpy as np
    import pyarrow.compute as pc

    lengths = split.input.sizes(split.table)
    texts = () if split.features else split.texts
    plain = np.all([pc.string_is_ascii(each).to_numpy() for each in texts] or [lengths >= 0], axis=0).sum()
    return Lengths(int(lengths.min()), int(np.median(lengths)), int(lengths.max()), int(plain))


def _extremes(corpus: Corpus, rows: Rows) -> tuple[tuple[tuple[int, Row], ...], tuple[tuple[int, Row], ...]]:
    """The longest rows and the shortest, ties in their order."""
    import numpy as np

    lengths = np.concatenate([split.input.sizes(split.table) for split in corpus.values()])

    def shown(numbers: Any) -> tuple[tuple[int, Row], ...]:
        return tuple((int(lengths[number]), rows.row(int(number))) for number in numbers[:EXTREMES])

    return shown(np.argsort(-lengths, kind="stable")), shown(np.argsort(lengths, kind="stable"))
