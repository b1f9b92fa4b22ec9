"""A loader's parts for ``torch.utils.data.DataLoader``: rows, batches of row numbers, and padding.

Each is usable alone, with other people's data: `BatchSampler` needs lengths only, and `Collate` takes what
data sets give: mappings or ``(ids, label)`` pairs. Together they do what a `BatchLoader` does, where a
``DataLoader`` is what somebody wants, several times slower:

    sampler = BatchSampler.of(split, max_length=256, batch_size=64, shuffle=True)
    collate = Collate(max_length=256, template=split.template)
    DataLoader(RowDataset(split), batch_sampler=sampler, collate_fn=collate)
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np
import numpy.typing as npt
from torch.utils.data import Dataset, Sampler

from textprep.batches.batch import Batch
from textprep.batches.columns import (
    FIELDS,
    OF_IDS,
    columns_of,
    default_fields,
    extra,
    extra_names,
    fields_of,
    plain,
)
from textprep.batches.epochs import Epochs, Resumable, Weights, given_process
from textprep.batches.items import column_of, integers, is_padding, item_of, texts_of, with_labels
from textprep.batches.layout import Layout, with_length
from textprep.batches.options import Pair, checked_pair, natural
from textprep.batches.plan import PlanOptions
from textprep.batches.reader import (
    ANY_CLASS,
    IDS,
    EncodedRows,
    features_of,
    field_of,
    second_texts,
    target_of_rows,
)
from textprep.batches.rectangle import Arrays
from textprep.batches.served import ServedRows
from textprep.batches.state import array_digest
from textprep.batches.tensors import Form
from textprep.errors import LoaderError
from textprep.options import names_options
from textprep.template import Template


class RowDataset(Dataset[dict[str, Any]]):
    """The rows of a split as mappings of ``input_ids``, (length,) int64, without special tokens, ``labels``,
    ``row_ids`` and its further columns; where it has second texts, of their ``pair_ids``, too. Of sequences
    of numbers there are ``inputs``, (length, F) float32, in place of ``input_ids``.

    ``labels`` is a whole number where a row has one class, a list of 0 and 1 where it may have several, a
    float or a list of floats where it has numbers, a list of a whole number per token where each token has a
    label. Where a `BatchSampler` leaves a rank without rows, a row
    of padding stands for them.

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
        second = second_texts(self.split)
        return {
            field_of(self.split): self._values(self.split.ids(row)),
            **({} if second is None else {"pair_ids": second.ids(row).astype(np.int64)}),
            "labels": self._label(row),
            "row_ids": int(self.split.row_ids[row]),
            **{name: plain(name, extra(self.split, name)[row]).tolist() for name in extra_names(self.split)},
        }

    def _values(self, values: Any) -> Any:
        """Ids as int64, numbers as float32."""
        return values.astype(np.int64 if features_of(self.split) is None else np.float32)

    def _label(self, row: int) -> Any:
        labels = self.split.labels
        return (labels.ids(row) if target_of_rows(self.split).per_token else labels[row]).tolist()

    def __getitems__(self, rows: Sequence[int]) -> list[dict[str, Any]]:
        """The rows that a ``DataLoader`` asks for at once; of none, one of padding."""
        return [self[row] for row in rows] or [self._padding()]

    def _padding(self) -> dict[str, Any]:
        columns = columns_of(self.split, ("labels", "row_ids", *extra_names(self.split)))
        nothing, field = np.zeros(0, np.int64), field_of(self.split)
        no_step = np.zeros((0, features_of(self.split) or 0), np.float32)
        second = () if second_texts(self.split) is None else ("pair_ids",)
        per_token = () if "labels" in columns else ("labels",)
        of_row = {name: column.of(nothing)[0].tolist() for name, column in columns.items()}
        row = {field: nothing if field == IDS else no_step}
        return row | dict.fromkeys((*second, *per_token), nothing) | of_row


class BatchSampler(Resumable, Sampler[list[int]]):
    """Lists of row numbers, one a batch, planned as a `BatchLoader` plans them.

    A pass moves ``epoch`` on by one with its last batch. `state_dict` is as that of a loader.

    >>> list(BatchSampler([5, 9, 4, 8], batch_size=2, by_length=True))
    [[1, 3], [0, 2]]

    Args:
        lengths: (N,) how many tokens each row has, as they will be served; `of` finds out by itself.
        labels: (N,) the class of each row, for ``weights="balanced"``.
        weights: draw rows by weight: one number a row, or ``"balanced"``.
        rank, world_size: which process of how many; both from ``torch.distributed`` if not given. Where an
            evaluation has fewer rows left than there are ranks, a batch is an empty list, of which
            `RowDataset` or `Collate` makes a row of padding that counts nowhere. Beside what shares batches
            out itself (``prepare`` of accelerate) give 0 and 1; tell Lightning
            ``use_distributed_sampler=False``.
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
                "a BatchSampler takes lengths, not a split: BatchSampler.of takes a split", option="lengths"
            )
        tokens = integers("lengths", lengths)
        classes = (
            np.full(len(tokens), ANY_CLASS.missing, np.int64)
            if labels is None
            else integers("labels", labels)
        )
        if len(classes) != len(tokens) or (tokens < 0).any():
            raise LoaderError(
                f"{len(tokens):,} lengths and {len(classes):,} labels cannot be used: give one length of at "
                "least 0 and one label a row",
                option="lengths",
            )
        self._epochs = Epochs(
            tokens,
            classes,
            ANY_CLASS,
            PlanOptions(**options),
            weights=weights,
            process=given_process(rank, world_size),
            digest=partial(array_digest, tokens, classes),
        )

    @classmethod
    def of(
        cls,
        split: EncodedRows,
        *,
        max_length: int | None = None,
        layout: Layout | None = None,
        pair: Pair = "together",
        weights: Weights = None,
        rank: int | None = None,
        world_size: int | None = None,
        **options: Any,
    ) -> BatchSampler:
        """The sampler of the rows that a `BatchLoader` of ``split`` with these options puts into each batch.

        The state of each loads in the other. `Collate` needs ``max_length``, layout and ``pair``, too.

        Raises:
            LoaderError: an option cannot be used.
        """
        planned = PlanOptions(**options)
        served = ServedRows(split, with_length(layout, max_length), pair=pair, max_tokens=planned.max_tokens)
        sampler = cls.__new__(cls)
        sampler._epochs = Epochs.of(
            split, served, planned, weights=weights, process=given_process(rank, world_size)
        )
        return sampler

    def __iter__(self) -> Iterator[list[int]]:
        for step in self._epochs.steps():
            self._epochs.position = step.after
            yield step.rows.tolist()


class Collate:
    """Pads what a data set gives, a batch at a time, to a `Batch`.

    An item is a mapping with ``input_ids`` (a list, array or tensor), or ``inputs`` (T, F) of floats, and
    ``pair_ids`` of a second text,
    ``labels`` or ``label``, and ``row_ids``, where it has them; or a pair ``(ids, label)``. Labels become
    int64 where they are whole numbers, float32 where they are floats or lists (of floats, or of a 0 or 1 a
    class); where an item has none, it gets -100 among whole numbers and NaN among floats. With
    ``per_token``, an item has one whole number for each of its ids.

    >>> batch = Collate()([([5, 6, 7], 1), ([8], 0)])
    >>> batch.input_ids.tolist(), batch.labels.tolist()
    ([[5, 6, 7], [8, 0, 0]], [1, 0])
    >>> Collate(columns=["labels", "year"])([{"input_ids": [5], "label": 3.5, "year": 1994}])
    {'labels': tensor([3.5000]), 'year': tensor([1994])}
    >>> tags = [{"input_ids": [5, 6], "labels": [1, -100]}, {"input_ids": [7], "labels": [0]}]
    >>> Collate(per_token=True)(tags).labels.tolist()
    [[1, -100], [0, -100]]

    Args:
        columns: give a ``dict`` of these only, as trainers want it, which take fields out: of those of
            `Batch`, and others that every item has. Models of Hugging Face take
            ``["input_ids", "attention_mask", "labels"]``.
        return_tensors: ``"pt"`` or ``"np"``.
        as_tuple: give ``(input_ids, labels)``.
        template: how ids are laid out, such as ``split.template``: its special tokens, its padding. Of ids
            that have their special tokens already, give ``pad_id`` alone.
        pad_id: the id of padding; that of ``template``, or 0, if not given.
        pair: how items of two texts are served, as in `BatchLoader`.
        per_token: whether an item has a label for each of its ids (``split.target.per_token``).
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
        template: Template | None = None,
        pad_id: int | None = None,
        pair: Pair = "together",
        per_token: bool = False,
        **layout: Any,
    ) -> None:
        self.layout = Layout(**layout)
        self.per_token = per_token
        self.template = template or Template()
        if pad_id is not None:
            self.template = replace(self.template, pad_id=natural("pad_id", pad_id))
        self.pair = checked_pair(pair)
        self.columns = None if columns is None else fields_of(columns, columns)
        fields = self.columns or FIELDS
        self.form = Form(return_tensors=return_tensors, as_tuple=as_tuple, columns=fields, pair=pair)

    def __call__(self, items: Sequence[Any]) -> Any:
        """The batch of ``items``; of none, one row of padding that counts nowhere."""
        batch = self.form.handed_out(self.form.made(self._arrays(items)))
        return dict(batch) if isinstance(batch, Batch) and self.columns is not None else batch

    def _arrays(self, items: Sequence[Any]) -> Arrays:
        found = [item_of(item) for item in items]
        texts = texts_of(found, self.template, self.pair)
        if self.per_token:
            texts = with_labels(texts, found)
        names = self.columns or default_fields(
            has_pair=texts.pair is not None, pair=self.pair, field=field_of(texts)
        )
        rows = np.arange(len(found))
        ids = rows[:0] if is_padding(found) else rows  # a row of padding gets no special tokens
        arrays = ServedRows(texts, self.layout, pair=self.pair).arrays(ids, names)
        fields = [item.fields for item in found]
        others = [name for name in names if name not in OF_IDS and name not in arrays]
        arrays |= {name: column_of(name, fields).of(rows) for name in others}
        return {name: arrays[name] for name in names}
