"""`load_sequences`: what `load_dataset` does where a row is a sequence of numbers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from textprep.datasets.corpus import Corpus
from textprep.datasets.formats import hugging_face as hf
from textprep.datasets.opening import Guard, blocks_of
from textprep.datasets.rows import Block
from textprep.datasets.schema.columns import GUESS
from textprep.datasets.sequences.building import sequences_corpus
from textprep.datasets.sequences.dividing import divided_recordings
from textprep.datasets.sequences.options import DATASET, SequenceColumns
from textprep.datasets.sequences.windows import with_column, with_windows
from textprep.datasets.splits.options import Division
from textprep.errors import DatasetError

TEXTS = {"text": GUESS, "pair": None, "extra": None}  # options that rows of numbers do not read
USUAL = {"sequence": None, "features": None, "missing": "error", "windows": None}


def reads_sequences(name: str, options: Mapping[str, Any]) -> bool:
    """Whether rows are sequences of numbers: the data set says so, or an option about them is given."""
    return name == DATASET or any(options[option] != usual for option, usual in USUAL.items())


def check_no_texts(options: Mapping[str, Any]) -> None:
    """Raise `DatasetError` for an option that is about texts."""
    for option, usual in TEXTS.items():
        if options[option] != usual:
            raise DatasetError(
                f"{option}= is read with texts, and rows are sequences of numbers", option=option,
                value=usual, hint="leave it out; features= names the numbers of a step",
            )  # fmt: skip


def load_sequences(
    name: str, data: Any, guard: Guard, division: Division, on_error: str, target: Any,
    about_target: Mapping[str, Any], **options: Any,
) -> tuple[Corpus, dict[str, Any]]:  # fmt: skip
    """The corpus of sequences that a data set's rows are, divided, and perhaps cut into windows.

    Returns:
        it, and the options that say how it was read.

    Raises:
        DatasetError: an option, a sequence or a label cannot be used.
    """
    if division.near_duplicates is not None:
        raise DatasetError("near_duplicates= compares texts, and rows are sequences of numbers",
                           option="near_duplicates", value=None, hint="leave it out")  # fmt: skip
    columns = SequenceColumns.of(target, about_target, **options)
    columns = columns._replace(dividing=tuple(filter(None, (division.group, division.fold))))
    by_split = data if isinstance(data, Mapping) and not _is_table(data, columns) else {None: data}
    blocks = {split: _blocks(split, rows, guard) for split, rows in by_split.items()}
    corpus, columns = sequences_corpus(name, blocks, columns, on_error=on_error)
    corpus = divided_recordings(corpus, division) if None in blocks else corpus.as_given(division)
    found = with_windows(corpus, columns.windows, columns.label, columns.target)
    return found, _told(columns, corpus, found, target)


def _blocks(split: str | None, rows: Any, guard: Guard) -> Iterator[Block]:
    if hf.is_hugging_face(rows):
        return iter(hf.hugging_face_blocks(rows))
    return blocks_of(split, rows, guard, "sequence", "label")


def _is_table(data: Mapping[str, Any], columns: SequenceColumns) -> bool:
    """Whether the keys of a mapping are columns, and not splits."""
    return any(name in data for name in columns.named)


def _told(columns: SequenceColumns, corpus: Corpus, found: Corpus, target: Any) -> dict[str, Any]:
    """How it was read, so that other data can be read so."""
    label = columns.label
    kind = found.target.reading() if found.target is not None else {"name": "class"}
    return {
        "sequence": columns.sequence, "features": list(corpus.features), "time": columns.time,
        "label": (label[0] if len(label) == 1 else list(label)) if label else None,
        "missing": columns.missing,
        "windows": None if columns.windows is None else with_column(columns.windows, label),
        "target": kind if target is None else target,
    }  # fmt: skip
