"""Windows of recordings as rows, and runs of one label.

Shapes are written with N windows, F numbers a step.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from pydantic import Field, model_validator

from textprep.datasets.corpus import Corpus
from textprep.datasets.sequences.cutting import cut, flat, per_step
from textprep.datasets.sequences.labelling import checked_values, with_target
from textprep.datasets.split import Split
from textprep.errors import DatasetError, nearest_first
from textprep.inputs import SEQUENCE
from textprep.options import Options
from textprep.targets import Target, target_of
from textprep.targets.coding import plain_value
from textprep.targets.next_values import NextValuesTarget
from textprep.visible import counted

if TYPE_CHECKING:
    import numpy.typing as npt
    import pyarrow as pa

    Ints = npt.NDArray[np.int64]

OF_DATA = (None, "label", "target", "path")  # options that `load_dataset` has outside of ``windows=``
NEXT_VALUES = NextValuesTarget.name


class WindowOptions(Options):
    """The options of `windows`, checked."""

    error = DatasetError
    of = "windows"

    length: int | None = Field(default=None, ge=1)
    stride: int | None = Field(default=None, ge=1)
    horizon: int = Field(default=1, ge=0)
    by: str | None = None
    label: str | None = None
    target: Any = None

    @model_validator(mode="after")
    def _fit(self) -> WindowOptions:
        if self.length is None and self.by is None:
            raise DatasetError("windows have a length, or are runs of one label", option="length",
                               hint="give length=, or by= the column of the labels")  # fmt: skip
        if self.by and (self.label or self.is_forecast):
            raise DatasetError("the label of a run is that by which it is one", option="by",
                               hint="leave out by=, or label= and target=")  # fmt: skip
        if self.is_forecast and self.horizon < 1:
            raise DatasetError("the values of a window's own last step are in it", option="horizon", value=1,
                               hint="give 1 for the step behind it")  # fmt: skip
        if self.stride and self.length is None:
            raise DatasetError("whole runs have no stride", option="stride", hint="give length=, too")
        return self

    @property
    def is_forecast(self) -> bool:
        """Whether the target is the numbers of a step behind the window."""
        return bool(self.target == NEXT_VALUES)


class _Parts(NamedTuple):
    """Which parts of the rows of a split are windows: (N,) each."""

    rows: Ints
    starts: Ints
    stops: Ints


def windows(
    data: Corpus | Split,
    *,
    length: int | None = None,
    stride: int | None = None,
    horizon: int = 1,
    by: str | None = None,
    label: str | None = None,
    target: Any = None,
) -> Any:
    """Windows of recordings as rows of their own, never over the border of two recordings, or of two splits.

    Each window has the target of the recording that it is of, unless ``label`` or ``target`` ask for one of
    the step behind it, or ``by`` for runs of one label. Divide recordings into splits first, as
    `textprep.load_dataset` does: windows that overlap are then never in two splits.

    >>> import numpy as np, textprep as tp
    >>> recording = np.arange(10.0)
    >>> corpus = tp.load_dataset("sequences", rows=[recording], splits=None)
    >>> ahead = windows(corpus, length=4, stride=2, target="next_values")["train"]
    >>> ahead[0]["sequence"], ahead.labels.tolist()
    ([[0.0], [1.0], [2.0], [3.0]], [4.0, 6.0, 8.0])

    Args:
        data: sequences, a corpus or a split of one.
        length: of a window, in steps; of runs, ``None`` for each as long as it is.
        stride: steps from one window to the next; ``length`` if not given, so that none overlap.
        horizon: how many steps behind the last one of a window the step is whose label, or whose numbers, are
            the target; 0 is the last one itself.
        by: a column with a value per step: runs of steps of one value are sequences, with that as label.
        label: a column with a value per step: the label of a window is that of the step behind it.
        target: a kind of target for ``label`` or ``by``, ``"class"`` if not given; or ``"next_values"``: the
            F numbers of the step behind the window.

    Returns:
        a corpus of the same splits; of a split, a split. Notes say what is in no window.

    Raises:
        DatasetError: an option cannot be used, there is no such column, or no window fits into any sequence.
    """
    options = WindowOptions(length=length, stride=stride, horizon=horizon, by=by, label=label, target=target)
    if isinstance(data, Split):
        return _windows(Corpus({"train": data}, data.target), options)["train"]
    return _windows(data, options)


def _windows(corpus: Corpus, options: WindowOptions) -> Corpus:
    tables: dict[str, pa.Table] = {}
    blocks: dict[str, Any] = {}
    notes: list[str] = []
    first = 0
    target, names = _target(corpus, options)
    for name, split in corpus.items():
        _check(split, options)
        parts = _parts(split.table, options)
        _check_any(name, split, parts, options)
        tables[name] = cut(_without_label(split, target), *parts, first)
        first += len(parts.rows)
        notes += _left_out(name if len(corpus) > 1 else "", split.table, parts, options)
        if target is not None:
            blocks[name] = target.gathered(_values(split.table, parts, options, target, names))
    settled, said = corpus.target, list[str]()
    if target is not None:
        tables, settled, said = with_target(tables, blocks, target, names)
    splits = {name: Split(table, settled) for name, table in tables.items()}
    return Corpus(
        splits, settled, rejected=corpus.rejected, name=corpus.name, quarantine=corpus.quarantine,
        reading=corpus.reading, extra=corpus.extra, features=corpus.features,
        notes=[*corpus.notes, *notes, *said],
    )  # fmt: skip


def _target(corpus: Corpus, options: WindowOptions) -> tuple[Target | None, list[str]]:
    """The target that windows get, and its columns; ``None`` for that of the recording."""
    if options.is_forecast:
        split = next(iter(corpus.values()))
        names = list(corpus.features or [f"x{place}" for place in range(split.features or 0)])
        kind = NextValuesTarget(horizon=options.horizon)
        return (kind.but(names=tuple(names)) if len(names) > 1 else kind), names
    column = options.by or options.label
    if column is None:
        if options.target is not None:
            raise DatasetError("target= says how a label is learned, and no label is named", option="label",
                               hint="label= or by= names a column with a value per step")  # fmt: skip
        return None, []
    return target_of(options.target or "class").for_columns((column,)), [column]


def _check(split: Split, options: WindowOptions) -> None:
    if split.features is None:
        raise DatasetError(
            "windows are cut from sequences of numbers, and these rows are texts", option="path"
        )
    column = options.by or options.label
    names = per_step(split.table)
    if column is not None and column not in names:
        known = ", ".join(nearest_first(column, names)) or "none"
        raise DatasetError(
            f"there is no column {column!r} with a value per step; there are: {known}", column=column,
            option="by" if options.by else "label",
            hint="it is there where it changes within sequences, and is not read as their label; "
            "windows=None takes sequences whole",
        )  # fmt: skip


def _check_any(name: str, split: Split, parts: _Parts, options: WindowOptions) -> None:
    if len(parts.rows) or not len(split):
        return
    longest = int(np.diff(flat(split.table, SEQUENCE)[1]).max(initial=0))
    ahead = _ahead(options)
    behind = f", and the target {counted(ahead, 'step')} behind it," if ahead else ""
    raise DatasetError(
        f"split {name!r}: no window of {options.length} steps{behind} fits into its sequences, the longest "
        f"of which has {longest:,}", option="length",
        hint="give a smaller length or horizon, or larger splits",
    )  # fmt: skip


def _without_label(split: Split, target: Target | None) -> pa.Table:
    """The table of a split; without the label of whole recordings, where windows get one of their own."""
    if target is None:
        return split.table
    own = [name for name in ("label", "labels", "tags") if name in split.table.column_names]
    return split.table.drop_columns(own)


def _parts(table: pa.Table, options: WindowOptions) -> _Parts:
    rows, starts, stops = _runs(table, options.by)
    if options.length is None:
        return _Parts(rows, starts, stops)
    stride = options.stride or options.length
    counts = np.maximum(0, (stops - starts - options.length - _ahead(options)) // stride + 1)
    which = np.repeat(np.arange(len(rows)), counts)
    number = np.arange(len(which)) - np.repeat(np.cumsum(counts) - counts, counts)
    begin = starts[which] + number * stride
    return _Parts(rows[which], begin, begin + options.length)


def _ahead(options: WindowOptions) -> int:
    """How many steps behind its last one a window needs."""
    return options.horizon if options.is_forecast or (options.label and not options.by) else 0


def _runs(table: pa.Table, by: str | None) -> _Parts:
    """Whole sequences; or the runs of one value of a column in each."""
    _, offsets = flat(table, SEQUENCE)
    if by is None:
        return _Parts(np.arange(len(offsets) - 1), np.zeros(len(offsets) - 1, np.int64), np.diff(offsets))
    codes = _codes(table, by)[0]
    begins = np.unique([*offsets[:-1], *(np.flatnonzero(np.diff(codes)) + 1)]).astype(np.int64)
    begins = begins[begins < offsets[-1]]
    ends = np.append(begins[1:], offsets[-1])
    rows = np.searchsorted(offsets, begins, side="right") - 1
    return _Parts(rows, begins - offsets[rows], ends - offsets[rows])


def _codes(table: pa.Table, name: str) -> tuple[Ints, list[Any]]:
    """The values of all steps, as places among those that differ."""
    import pyarrow.compute as pc

    values, _ = flat(table, name)
    encoded = pc.dictionary_encode(values, null_encoding="encode")
    return encoded.indices.to_numpy().astype(np.int64), encoded.dictionary.to_pylist()


def _values(
    table: pa.Table, parts: _Parts, options: WindowOptions, target: Target, names: list[str]
) -> list[Any]:
    """What the target checks of each window."""
    numbers, offsets = flat(table, SEQUENCE)
    ahead = -1 if options.by else options.horizon - 1
    steps = offsets[parts.rows] + parts.stops + ahead
    if options.is_forecast:
        return [tuple(row) for row in numbers[steps].astype(np.float64).tolist()]
    codes, values = _codes(table, names[0])
    plain = [[plain_value(value, True)] for value in values]
    return checked_values(target, names, [plain[code] for code in codes[steps].tolist()])


def _left_out(name: str, table: pa.Table, parts: _Parts, options: WindowOptions) -> Iterator[str]:
    """How many windows there are, and how many steps are in none."""
    rows, *_ = _runs(table, options.by)
    _, offsets = flat(table, SEQUENCE)
    covered = np.zeros(int(offsets[-1]) + 1, np.int64)
    np.add.at(covered, offsets[parts.rows] + parts.starts, 1)
    np.add.at(covered, offsets[parts.rows] + parts.stops, -1)
    none = int((np.cumsum(covered)[:-1] == 0).sum())
    what = "run" if options.by else "sequence"
    made = f"{counted(len(parts.rows), 'window')} of {counted(len(rows), what)}"
    made = counted(len(rows), "run") if options.length is None else made
    yield (f"{name}: " if name else "") + made + (f"; {counted(none, 'step')} in none" if none else "")


def with_column(windows: Mapping[str, Any], label: tuple[str, ...]) -> dict[str, Any]:
    """The options of windows; ``by="label"`` says the column that the label is read from."""
    return {**windows, "by": label[0]} if label and windows.get("by") == "label" else dict(windows)


def with_windows(
    corpus: Corpus, options: Mapping[str, Any] | None, label: tuple[str, ...], target: Any
) -> Corpus:
    """The windows that ``windows=`` of `load_dataset` asks for, of the label that it reads."""
    if options is None:
        return corpus
    given, per_token = with_column(options, label), target is not None and target.per_token
    if label and not given.get("by") and given.get("target") is None and not per_token:
        given["label"] = label[0]
    if target is not None and not per_token and (given.get("by") or given.get("label")):
        given.setdefault("target", target)
    try:
        return _windows(corpus, WindowOptions(**given))
    except DatasetError as error:
        if error.option not in OF_DATA:
            error.option = f"windows.{error.option}"
        raise
