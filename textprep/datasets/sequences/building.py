"""Steps of recordings → a `Corpus`: every sequence whole, in order, counted, and with its target.

Shapes are written with N sequences, S steps of all of them together, F numbers a step.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

from textprep.datasets.corpus import Corpus
from textprep.datasets.rows import Block, Rejected
from textprep.datasets.schema.columns import GUESS, LABELS, first_of
from textprep.datasets.sequences.cutting import steps_field
from textprep.datasets.sequences.filling import MissingError, filled
from textprep.datasets.sequences.labelling import bad_labels, labelled_tables
from textprep.datasets.sequences.options import SequenceColumns
from textprep.datasets.sequences.steps import StepArrays, read_steps
from textprep.datasets.sequences.values import array_of_values
from textprep.datasets.sequences.whole import has_whole, read_whole
from textprep.datasets.split import Split
from textprep.errors import DatasetError
from textprep.inputs import sequence_column
from textprep.visible import counted

if TYPE_CHECKING:
    import numpy.typing as npt
    import pyarrow as pa

    Codes = npt.NDArray[np.int64]

OWN = ("sequence", "name", "label", "labels", "tags", "row_id")


Filling: TypeAlias = "tuple[int, ...]"


@dataclass
class Sequences:
    """The good sequences of a split.

    Attributes:
        features: what the F numbers are called.
        names: (N,) of the sequences.
        values: (S, F) float32.
        offsets: (N + 1,) int64, where each begins.
        others: further columns: name → (S,) places, and the values at these.
        rejected: the others, and why.
        counts: how many values and how many steps were missing, in how many sequences; and how many
            sequences have uneven times.
    """

    features: tuple[str, ...]
    names: list[str]
    values: npt.NDArray[np.float32]
    offsets: Codes
    others: dict[str, tuple[Codes, Sequence[Any]]]
    rejected: list[Rejected] = field(default_factory=list)
    counts: Filling = (0, 0, 0, 0)

    def of_sequences(self, codes: Codes) -> tuple[Codes, int | None]:
        """(N,) the value of each sequence's first step; and the first step of another value, if any."""
        lengths = np.diff(self.offsets)
        if not len(codes):
            return np.zeros(len(lengths), np.int64), None
        first = np.where(lengths > 0, codes[np.minimum(self.offsets[:-1], len(codes) - 1)], 0)
        other = np.flatnonzero(codes != np.repeat(first, lengths))
        return first, int(other[0]) if len(other) else None

    def grows(self) -> npt.NDArray[np.bool_]:
        """(F,) whether a number is larger at every step than at the one before, as times are."""
        inner = np.setdiff1d(np.arange(1, len(self.values)), self.offsets)
        is_larger = self.values[inner] > self.values[inner - 1]
        found: npt.NDArray[np.bool_] = is_larger.sum(axis=0) == max(2, len(inner))
        return found

    def without(self, rejected: Mapping[int, Rejected]) -> Sequences:
        """The sequences but for some, at these places."""
        kept = ~np.isin(np.arange(len(self.names)), list(rejected))
        lengths = np.diff(self.offsets)
        steps = np.repeat(kept, lengths)
        return replace(
            self, names=[name for name, is_kept in zip(self.names, kept, strict=True) if is_kept],
            values=self.values[steps], offsets=np.concatenate([[0], np.cumsum(lengths[kept])]),
            others={name: (codes[steps], values) for name, (codes, values) in self.others.items()},
            rejected=[*self.rejected, *rejected.values()],
        )  # fmt: skip

    def where(self, step: int) -> tuple[str, int]:
        """Of which sequence a step is, and which of its steps."""
        row = int(np.searchsorted(self.offsets, step, side="right")) - 1
        return self.names[row], step - int(self.offsets[row])


def sequences_corpus(
    name: str, splits: Mapping[str | None, Iterable[Block]], columns: SequenceColumns, *, on_error: str
) -> tuple[Corpus, SequenceColumns]:
    """Every split of one corpus of sequences, and the columns with what was found out about them.

    Sequences that are still to be divided are in ``"train"``.

    Args:
        name: of the data set.
        splits: of each its blocks.
        columns: what is in which column.
        on_error: ``"raise"`` stops at the first bad sequence, ``"skip"`` leaves it out.

    Raises:
        DatasetError: a sequence is bad and ``on_error`` is to raise; none is good; or a column is missing.
    """
    if on_error == "quarantine":
        raise DatasetError(
            "on_error='quarantine' keeps single rows, and here a row is a whole sequence", option="on_error",
            value="skip", hint="leave such sequences out with on_error='skip'",
        )  # fmt: skip
    notes: dict[str, None] = {}
    read: dict[str, Sequences] = {}
    for split, blocks in splits.items():
        arrays, said = _read(blocks, columns)
        notes |= said
        read[split or "train"] = _good(arrays, columns, split)
    features = _agreed(read)
    columns, guess = _with_label(columns, read)
    read = {
        split: _with_labels(one, columns, None if None in splits else split) for split, one in read.items()
    }
    rejected = [row for one in read.values() for row in one.rejected]
    if rejected and on_error == "raise":
        raise rejected[0].error()
    notes |= dict.fromkeys([*guess, *_about_features(columns, features, read), *_about_filled(read, columns)])
    good = sum(len(one.names) for one in read.values())
    if not good or not features:
        first = next(iter(rejected), None)
        reason = f"; the first: {first}" if first else ""
        advice: dict[str, Any] = {}
        if first:
            advice = {"file": first.file, "option": first.option, "value": first.value}
        raise DatasetError(f"the data set {name!r} holds no good sequence{reason}", **advice)
    tables, target, said_of_labels = labelled_tables(_tables(read, columns), read, columns)
    corpus = Corpus(
        {split: Split(table, target) for split, table in tables.items()},
        target, rejected=rejected, name=name, rows_read=good + len(rejected),
        notes=[*notes, *said_of_labels], features=features,
    )  # fmt: skip
    return corpus, columns


def _read(blocks: Iterable[Block], columns: SequenceColumns) -> tuple[StepArrays, dict[str, None]]:
    is_whole, blocks = has_whole(iter(blocks), columns)
    if is_whole:
        return read_whole(blocks, columns)
    steps = read_steps(blocks, columns)
    return steps.arrays(), steps.notes


def _good(arrays: StepArrays, columns: SequenceColumns, split: str | None) -> Sequences:
    """The sequences in the order in which they begin, their steps in order, gaps filled."""
    keys = (arrays.codes,) if arrays.times is None else (arrays.times, arrays.codes)
    order = np.lexsort(keys)
    offsets = np.concatenate([[0], np.cumsum(np.bincount(arrays.codes, minlength=len(arrays.names)))])
    bad = {name: row._replace(split=split) for name, row in arrays.bad.items()}
    taken, parts, names, counts = [], [], [], np.zeros(4, np.int64)
    for number, name in enumerate(arrays.names):
        if name in bad:
            continue
        rows = order[offsets[number] : offsets[number + 1]]
        times = None if arrays.times is None else arrays.times[rows]
        try:
            _check_times(times)
            whole = filled(arrays.numbers[rows], times, arrays.features, columns.missing)
        except MissingError as error:
            bad[name] = _missing(name, number, error, split)
            continue
        names.append(str(name))
        parts.append(whole.numbers.astype(np.float32))
        taken.append(rows[whole.taken])
        counts += (whole.values, whole.steps, whole.values + whole.steps > 0, whole.is_uneven)
    steps = np.concatenate([np.zeros(0, np.int64), *taken])
    width = len(arrays.features)
    return Sequences(
        arrays.features, names, np.concatenate([np.zeros((0, width), np.float32), *parts]),
        np.concatenate([[0], np.cumsum([len(part) for part in parts], dtype=np.int64)]).astype(np.int64),
        {name: (codes[steps], values) for name, (codes, values) in arrays.others.items()},
        list(bad.values()), tuple(counts.tolist()),
    )  # fmt: skip


def _with_labels(one: Sequences, columns: SequenceColumns, split: str | None) -> Sequences:
    """The sequences whose labels can be used; the others are rejected."""
    rejected = {}
    for place, (step, bad) in bad_labels(one, columns).items():
        name = one.names[place]
        rejected[place] = Rejected(
            None, place, bad.column, f"sequence {name!r}, step {step:,}: {bad.reason}", {"sequence": name},
            split, option=bad.option, value=bad.value, hint=bad.hint,
        )  # fmt: skip
    return one.without(rejected) if rejected else one


def _check_times(times: Any) -> None:
    same = np.flatnonzero(np.diff(times) == 0) if times is not None else np.zeros(0, np.int64)
    if len(same):
        raise MissingError(f"two steps have the time {times[same[0]]:g}")


def _missing(name: str, number: int, error: MissingError, split: str | None) -> Rejected:
    return Rejected(
        None, number, None, f"sequence {name!r}: {error}", {"sequence": name}, split,
        option=error.option, value=error.value, hint=error.hint,
    )  # fmt: skip


def _agreed(read: Mapping[str, Sequences]) -> tuple[str, ...]:
    first, *others = {one.features: split for split, one in read.items()}
    if others:
        raise DatasetError(
            f"the splits have different numbers a step: {', '.join(first)} and {', '.join(others[0])}",
            option="features", hint="features= says which to read",
        )  # fmt: skip
    return first


def _with_label(columns: SequenceColumns, read: Mapping[str, Sequences]) -> tuple[SequenceColumns, list[str]]:
    """The columns with a guessed label in place; one that changes within sequences is a value per step."""
    if columns.label != (GUESS,):
        return columns, []
    names = list(dict.fromkeys(name for one in read.values() for name in one.others))
    label = first_of(LABELS, names)
    if label is None:
        return columns._replace(label=()), []
    if columns.windows is not None or all(_is_constant(one, label) for one in read.values()):
        said = [] if label == "label" else [f"guessed from the header: label={label!r}; say label= to choose"]
        return columns._replace(label=(label,)), said
    return columns._replace(label=()), [
        f"{label!r} changes within sequences and is kept as a value per step: windows={{'length': 64}} "
        f"makes labelled rows of windows, windows={{'by': {label!r}}} one of each run"
    ]


def _is_constant(one: Sequences, name: str) -> bool:
    return name in one.others and one.of_sequences(one.others[name][0])[1] is None


def _about_features(
    columns: SequenceColumns, features: Sequence[str], read: Mapping[str, Sequences]
) -> list[str]:
    if columns.features or all(name == f"x{place}" for place, name in enumerate(features)):
        return []
    notes = [f"numbers of a step: {', '.join(features)}; features= chooses"]
    grows = np.all([one.grows() for one in read.values()], axis=0)
    if columns.time is None and grows.any():
        name = features[int(np.argmax(grows))]
        notes.append(f"{name!r} grows from step to step: if it says when a step was, say time={name!r}")
    return notes


def _about_filled(read: Mapping[str, Sequences], columns: SequenceColumns) -> list[str]:
    values, steps, rows, uneven = np.sum([one.counts for one in read.values()], axis=0).tolist()
    notes = []
    if rows:
        missing = ((values, "missing number"), (steps, "missing step"))
        what = " and ".join(counted(count, word) for count, word in missing if count)
        notes.append(f"{what} in {counted(rows, 'sequence')} filled: missing={columns.missing!r}")
    if uneven:
        notes.append(
            f"{columns.time}: uneven in {counted(uneven, 'sequence')}, where no step counts as missing"
        )
    return notes


def _tables(read: Mapping[str, Sequences], columns: SequenceColumns) -> dict[str, pa.Table]:
    """Of each split a table without its target."""
    import pyarrow as pa

    names = dict.fromkeys(name for one in read.values() for name in one.others)
    per_step = {name for name in names if not all(_is_constant(one, name) for one in read.values())}
    tables, first = {}, 0
    for split, one in read.items():
        held = {"sequence": (sequence_column(one.values, one.offsets), None)}
        held["name"] = pa.array(one.names, pa.large_string()), None
        held["row_id"] = pa.array(np.arange(first, first + len(one.names))), None
        first += len(one.names)
        for name in names:
            called = f"{name}_in_source" if name in OWN and name not in per_step else name
            if name not in columns.label and name in one.others:
                held[called] = _further(one, name, per_step=name in per_step)
        fields = [pa.field(name, column.type, metadata=mark) for name, (column, mark) in held.items()]
        tables[split] = pa.table([column for column, _ in held.values()], schema=pa.schema(fields))
    return tables


def _further(one: Sequences, name: str, *, per_step: bool) -> tuple[Any, Any]:
    codes, values = one.others[name]
    if per_step:
        return steps_field(values, codes, one.offsets)
    import pyarrow as pa

    return array_of_values(values).take(pa.array(one.of_sequences(codes)[0])), None
