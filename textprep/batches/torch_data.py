"""A loader's parts for ``torch.utils.data.DataLoader``: rows, batches of row numbers, and padding.

Each is usable alone, with other people's data: `BatchSampler` needs lengths only, and `Collate` takes what
data sets give: mappings or ``(ids, label)`` pairs. Together they do what a `BatchLoader` does, where a
``DataLoader`` is what somebody wants, several times slower:

    sampler = BatchSampler(np.minimum(split.lengths, 256), batch_size=64, shuffle=True)
    DataLoader(RowDataset(split), batch_sampler=sampler, collate_fn=Collate(max_length=256))
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from typing import Any

import numpy as np
import numpy.typing as npt
from torch.utils.data import Dataset, Sampler

from textprep.batches.epochs import Epochs, Resumable, Weights, given_process
from textprep.batches.layout import Layout
from textprep.batches.permutation import Rows
from textprep.batches.plan import PlanOptions
from textprep.batches.reader import EncodedRows, EncodedTexts, Reader
from textprep.batches.state import array_digest
from textprep.batches.tensors import NOBODY, UNLABELLED, Arrays, Assembler, Form
from textprep.errors import LoaderError
from textprep.options import names_options
from textprep.ragged import Ragged


class RowDataset(Dataset[dict[str, Any]]):
    """The rows of a split as mappings of ``input_ids``, (length,) int64, ``labels`` and ``row_ids``.

    What is pickled for a worker process is the path of the store: each maps the files itself.

    Args:
        split: the prepared rows.
    """

    @names_options(LoaderError)
    def __init__(self, split: EncodedRows) -> None:
        self.split = split

    def __len__(self) -> int:
        return len(self.split)

    def __getitem__(self, row: int) -> dict[str, Any]:
        return {
            "input_ids": self.split.ids(row).astype(np.int64),
            "labels": self.split.labels[row].tolist(),
            "row_ids": int(self.split.row_ids[row]),
        }


class BatchSampler(Resumable, Sampler[list[int]]):
    """Lists of row numbers, one a batch, planned as a `BatchLoader` plans them.

    A pass moves ``epoch`` on by one with its last batch. `state_dict` is as that of a loader.

    >>> list(BatchSampler([5, 9, 4, 8], batch_size=2, by_length=True))
    [[1, 3], [0, 2]]

    Args:
        lengths: (N,) how many tokens each row has, as they will be served.
        labels: (N,) the class of each row, for ``weights="balanced"``.
        weights: draw rows by weight: one number a row, or ``"balanced"``.
        rank, world_size: which process of how many; both from ``torch.distributed`` if not given. Where an
            evaluation has fewer rows left than there are ranks, a batch is an empty list, of which `Collate`
            makes a row of padding that counts nowhere. Beside what shares batches out itself (``prepare`` of
            accelerate) give 0 and 1; tell Lightning ``use_distributed_sampler=False``.
        options: those of `textprep.batches.plan.PlanOptions`.

    Raises:
        LoaderError: an option cannot be used.
    """

    def __init__(
        self,
        lengths: npt.ArrayLike,
        *,
        labels: npt.ArrayLike | None = None,
        weights: Weights = None,
        rank: int | None = None,
        world_size: int | None = None,
        **options: Any,
    ) -> None:
        if hasattr(lengths, "lengths"):
            raise LoaderError(
                "a BatchSampler takes lengths, not a split: give split.lengths", option="lengths"
            )
        tokens = _integers("lengths", lengths)
        classes = np.full(len(tokens), UNLABELLED) if labels is None else _integers("labels", labels)
        if len(classes) != len(tokens) or (tokens < 0).any():
            raise LoaderError(
                f"{len(tokens):,} lengths and {len(classes):,} labels cannot be used: give one length of at "
                "least 0 and one label a row",
                option="lengths",
            )
        self._epochs = Epochs(
            tokens,
            classes,
            PlanOptions(**options),
            weights=weights,
            process=given_process(rank, world_size),
            digest=partial(array_digest, tokens, classes),
        )

    def __iter__(self) -> Iterator[list[int]]:
        for step in self._epochs.steps():
            self._epochs.position = step.after
            yield step.rows.tolist()


class Collate:
    """Pads what a data set gives, a batch at a time, to a `Batch`.

    An item is a mapping with ``input_ids`` (a list, array or tensor), and ``labels`` or ``label``, and
    ``row_ids``, where it has them; or a pair ``(ids, label)``.

    >>> batch = Collate()([([5, 6, 7], 1), ([8], 0)])
    >>> batch.input_ids.tolist(), batch.labels.tolist()
    ([[5, 6, 7], [8, 0, 0]], [1, 0])

    Args:
        columns: give a ``dict`` of these only, for models that take no other; say
            ``("input_ids", "attention_mask", "labels")`` for those of Hugging Face.
        return_tensors: ``"pt"`` or ``"np"``.
        as_tuple: give ``(input_ids, labels)``.
        layout: truncation, special tokens and padding, as `textprep.batches.layout.Layout` has them.

    Raises:
        LoaderError: an option cannot be used, or an item is nothing that can be padded.
    """

    def __init__(
        self,
        *,
        columns: Sequence[str] | None = None,
        return_tensors: str = "pt",
        as_tuple: bool = False,
        **layout: Any,
    ) -> None:
        self.layout = Layout(**layout)
        self.form = Form(return_tensors=return_tensors, as_tuple=as_tuple)
        self.columns = None if columns is None else tuple(columns)

    def __call__(self, items: Sequence[Any]) -> Any:
        """The batch of ``items``; of none, one row of padding that counts nowhere."""
        batch = self.form.made(self._arrays(items))
        if self.columns is None:
            return self.form.handed_out(batch)
        return {name: batch[name] for name in self.columns}

    def _arrays(self, items: Sequence[Any]) -> Arrays:
        parts = [_parts(item) for item in items]
        offsets = np.cumsum([0, *(len(ids) for ids, _, _ in parts)], dtype=np.int64)
        values = np.concatenate([np.zeros(0, np.int64), *(ids for ids, _, _ in parts)])
        split = EncodedTexts(Ragged(values, offsets))
        split.labels = _stacked([label for _, label, _ in parts])
        split.row_ids = np.array([row for _, _, row in parts], dtype=np.int64)
        rows = np.arange(len(parts))
        assembler = Assembler(split, self.layout, self.layout.lengths(split.lengths))
        return assembler.arrays(rows, Reader(split, self.layout).rectangle(rows))


def _stacked(labels: list[Rows]) -> Rows:
    if len({label.shape for label in labels}) > 1:
        raise LoaderError(
            "items of one batch have labels of different shapes: give all one, or all a 0 or 1 a class"
        )
    return np.array(labels).astype(np.int64)


def _parts(item: Any) -> tuple[Rows, Rows, int]:
    """The ids, the label (or a 0 or 1 a class) and the row id of an item; -100 and -1 where it has none."""
    if isinstance(item, Mapping) and "input_ids" in item:
        label = next((item[name] for name in ("labels", "label") if item.get(name) is not None), UNLABELLED)
        row = item.get("row_ids", NOBODY)
        return _integers("input_ids", item["input_ids"]), _label(label), _number("row_ids", row)
    if isinstance(item, (tuple, list)) and len(item) == 2:
        return _integers("ids", item[0]), _label(item[1]), NOBODY
    raise LoaderError(
        f"an item of type {type(item).__name__} cannot be padded: give mappings with input_ids, or pairs "
        "(ids, label)"
    )


def _label(value: Any) -> Rows:
    """() or, of a 0 or 1 a class, (C,)."""
    if not isinstance(value, (list, tuple)) and np.ndim(value) != 1:
        return np.array(_number("label", value))
    marks = [_number("label", each) for each in value]
    if not set(marks) <= {0, 1, UNLABELLED}:
        raise LoaderError(f"label={value!r} of an item cannot be used: several labels are a 0 or 1 a class")
    return np.array(marks)


def _integers(name: str, values: npt.ArrayLike) -> Rows:
    """``values`` as (N,) int64."""
    found = np.asarray(values)
    if found.ndim != 1 or (len(found) and found.dtype.kind not in "iu"):
        raise LoaderError(
            f"{name} of shape {found.shape} and type {found.dtype} cannot be used: give a list of integers"
        )
    return found.astype(np.int64, copy=False)


def _number(name: str, value: Any) -> int:
    try:
        number = int(value)
    except (TypeError, ValueError):
        number = None
    if number is None or number != value:
        raise LoaderError(f"{name}={value!r} of an item cannot be used: a batch has one integer a row")
    return number
