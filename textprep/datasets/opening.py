"""A registered data set, or what is in hand → split name → its blocks, and what their columns are."""

from __future__ import annotations

import inspect
import os
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from functools import partial
from itertools import chain
from typing import Any, TypeAlias

from textprep.datasets.elsewhere import called_here, our_name
from textprep.datasets.first_rows import with_extra, with_target
from textprep.datasets.formats import dataset_of
from textprep.datasets.formats import hugging_face as hf
from textprep.datasets.formats.tables import as_rows, is_table
from textprep.datasets.rows import Block, Record, Rows, in_blocks, note
from textprep.datasets.schema.columns import GUESS, Columns, guessed
from textprep.errors import DatasetError, TextprepError
from textprep.registry import DATASETS

Guard = Callable[[Iterable[Any]], Iterator[Any]]
Splits: TypeAlias = "dict[str | None, tuple[Iterable[Block], Columns]]"
"""Of each split its blocks, and what their columns are; ``None`` is what is still to be divided."""


def call_dataset(name: str, options: Mapping[str, Any], taken: Collection[str]) -> Any:
    """What a registered data set returns.

    Args:
        name: of the data set.
        options: its own.
        taken: the parameters of `load_dataset`, which it cannot have.

    Raises:
        UnknownNameError: there is none of that name.
        DatasetError: it has not these options, or fails.
    """
    component, blame = DATASETS.get(name), _blame(name)
    parameters = inspect.signature(component).parameters
    for option in taken:
        if option in parameters and option != "labels":  # which gets what maps no labels to classes
            raise DatasetError(
                f"{blame} has an option {option!r}, which load_dataset takes itself: rename it there"
            )
    try:
        inspect.signature(component).bind(**options)
    except TypeError as error:
        unknown = [option for option in options if option not in parameters]
        if unknown:
            known = [*parameters, *(option for option in taken if option != "name")]
            ours = our_name(unknown[0], known)
            raise DatasetError(f"{blame}: {called_here(unknown, known)}", option=ours) from error
        takes = ", ".join(parameters) or "no options"
        raise DatasetError(f"{blame}: {error}; it takes: {takes}") from error
    try:
        return component(**options)
    except TextprepError:
        raise
    except Exception as error:  # whatever third-party code raises
        raise DatasetError(f"{blame} failed: {type(error).__name__}: {error}") from error


def check_no_path(name: object) -> None:
    """Raise `DatasetError` if it names a file, with the call that reads it."""
    reader = dataset_of(os.fspath(name)) if isinstance(name, (str, os.PathLike)) else {}
    if "path" in reader:
        call = f"load_dataset({reader['name']!r}, path={reader['path']!r})"
        raise DatasetError(f"load_dataset takes the name of a dataset, and the file as an option: {call}")


def guard_of(name: str) -> Guard:
    """What the rows of a data set go through: what its own code raises on the way then names it."""
    return partial(_guarded, blame=_blame(name))


def _blame(name: str) -> str:
    return f"dataset {name!r} of {DATASETS.owner(name)}"


def _guarded(rows: Iterable[Any], blame: str) -> Iterator[Any]:
    number = 0
    try:
        for row in rows:
            yield row
            number += 1
    except TextprepError:
        raise
    except Exception as error:  # whatever third-party code raises
        raise DatasetError(f"{blame} failed after {number} rows: {type(error).__name__}: {error}") from error


def as_splits(
    data: Any,
    columns: Columns,
    guard: Guard = iter,
    *,
    labelled_if_named: bool = False,
    target_given: bool = True,
) -> Splits:
    """Rows, or a mapping of split names to rows; either may be tables or Hugging Face ``datasets`` objects.

    Args:
        data: the rows.
        columns: where to find what in them; what is to be guessed is, from the first row, and a note says so.
        guard: what every iteration over rows goes through.
        labelled_if_named: whether rows without the column of the labels are unlabelled, not bad.
        target_given: whether the kind of target is settled; else lists of words with lists of tags have tags.

    Raises:
        DatasetError: it is neither.
    """
    text, label = _usual(columns.text, "text"), _usual(columns.label, "label")
    names_splits = isinstance(data, Mapping) and not is_table(data, text)
    by_split: dict[str | None, Any] = dict(data.items()) if names_splits else {None: data}
    blocks = {split: blocks_of(split, rows, guard, text, label) for split, rows in by_split.items()}
    said: list[Block] = []
    if GUESS in (*columns.text, *columns.label):
        names = None
        for split, rows in by_split.items():
            if names is None:
                names, blocks[split] = _peeked(rows, blocks[split])
        columns, guess = guessed(columns, names or ["text", "label"])
        said = [note(guess)] if guess else []
    columns = with_target(columns, by_split, blocks, target_given)
    if columns.extra:
        columns, told = with_extra(columns, by_split, blocks)
        said += [note(told)] if told else []
    splits: Splits = {}
    for split, rows in by_split.items():
        own = columns
        if labelled_if_named:
            names, blocks[split] = _peeked(rows, blocks[split])
            own = columns if set(columns.label) <= set(names or ()) else columns._replace(label=())
        found, own = _with_classes(rows, blocks[split], own)
        splits[split] = (found if splits else chain(said, found)), own
    return splits


def names_in(data: Any) -> list[str]:
    """The names of the columns of the first block of rows, or of the first split that has any."""
    if isinstance(data, Mapping) and not is_table(data, "text"):
        return next(filter(None, map(names_in, data.values())), [])
    return _peeked(data, blocks_of(None, data, iter, "text", "label"))[0] or []


def _with_classes(rows: Any, blocks: Iterator[Block], columns: Columns) -> tuple[Iterator[Block], Columns]:
    """The blocks, and the columns with what the source itself says of labels."""
    names: tuple[str, ...] = ()
    if hf.is_hugging_face(rows):  # whose labels may be ids of classes, -1 being none
        label = columns.label[0] if len(columns.label) == 1 else None
        names = hf.class_names_of(rows, label)
        if names and hf.is_unlabelled(rows, label):
            columns, rows = columns._replace(label=()), rows.remove_columns(label)
        blocks = hf.hugging_face_blocks(rows)
    elif isinstance(rows, Rows):
        columns = columns._replace(strip=rows.strip)
        names = rows.class_names if columns.label else ()
    return blocks, columns._replace(target=columns.target.knowing(names))


def blocks_of(split: str | None, data: Any, guard: Guard, text: str, label: str) -> Iterator[Block]:
    """The rows of a split as blocks; ``text`` and ``label`` name the columns of a text alone, or of a pair.

    Raises:
        DatasetError: they are no rows.
    """
    if hf.is_hugging_face(data):  # whose blocks depend on the column of the labels
        return iter(())
    where = "the data" if split is None else f"split {split!r}"
    rows = as_rows(data, where)
    if isinstance(rows, Rows):
        return guard(rows.blocks())
    if isinstance(rows, (str, bytes)) or not isinstance(rows, Iterable):
        raise DatasetError(
            f"{where}: rows are needed, not {type(rows).__name__}: "
            "give a table, or an iterable of mappings, of (text, label) pairs or of texts"
        )
    return in_blocks(guard(rows), text, label)


def _peeked(data: Any, blocks: Iterator[Block]) -> tuple[list[str] | None, Iterator[Block]]:
    """The names of the columns in the first block that has a row, if there is one; and all blocks again.

    All rows of the block count: a bad one may come first, and lack a column.
    """
    if hf.is_hugging_face(data):
        return data.column_names, blocks
    seen = []
    for block in blocks:
        seen.append(block)
        rows = block.records() if block.table is None else ()
        fields = (row.fields for row in rows if isinstance(row, Record))
        names = chain.from_iterable(fields) if block.table is None else block.table.column_names
        if found := list(dict.fromkeys(names)):
            return found, chain(seen, blocks)
    return None, iter(seen)


def _usual(names: tuple[str, ...], usual: str) -> str:
    return names[0] if names and names[0] != GUESS else usual
