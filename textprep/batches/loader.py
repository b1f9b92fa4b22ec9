"""`BatchLoader`: padded batches of a prepared split, epoch after epoch."""

from __future__ import annotations

import inspect
from collections.abc import Generator, Iterator, Sequence
from contextlib import closing
from typing import Any, Literal, NoReturn

import numpy as np
import torch

from textprep.batches.batch import Batch, field_in
from textprep.batches.columns import columns_of, fields_of_split
from textprep.batches.epochs import Epochs, Resumable, Weights, given_process
from textprep.batches.layout import Layout, with_length
from textprep.batches.options import Pair, natural
from textprep.batches.plan import PlanOptions
from textprep.batches.prefetch import prefetched
from textprep.batches.reader import EncodedRows
from textprep.batches.rectangle import Arrays
from textprep.batches.schedule import Position, RankBatch
from textprep.batches.served import ServedRows
from textprep.batches.stats import PlanStats, plan_stats
from textprep.batches.tensors import Assembler, Form
from textprep.errors import LoaderError
from textprep.options import names_options


class BatchLoader(Resumable):
    """An iterable of `Batch`, each padded to its own longest row.

    A plain ``for epoch in range(3): for batch in loader: …`` sees another order in every epoch: a pass moves
    ``epoch`` on by one with its last batch, and one that is broken off leaves it, so that the same order
    starts again. `set_epoch` goes to any other.

    `state_dict` says after any batch where all ranks are, and `load_state_dict` goes on from there, on any
    number of ranks: the rows that are left come once each, in the order in which they would
    have come. (Only a step that has fewer batches left than there are ranks is cut up by their number.)

    On several ranks each gets its own batches, as many as the others: see `textprep.batches.schedule`. Where
    an evaluation has fewer rows left than there are ranks, some get a row of padding with the row id -1 and
    the labels of a row that has none, which losses and scores leave out; further columns are 0 there.

    The files of a store are mapped and never change; whether they are whole is seen at the beginning of each
    pass. If some other program cuts one during a pass, the system ends this process with SIGBUS.

    Args:
        split: the prepared rows.
        batch_size: rows in a batch; 64 where ``max_tokens`` is not given either, the most rows where it is.
        max_tokens: the most tokens of a batch, counted with padding. Beside ``batch_size`` both limits hold.
        max_length: longest row in tokens, with special ones; longer ones are truncated. ``None``: none is (a
            configuration has 400 where it says nothing).
        shuffle: random order, from ``seed`` and the epoch.
        by_length: rows of similar length share a batch (see `textprep.batches.plan`), which saves most of
            the padding. By default as ``shuffle``; without shuffling, the longest rows come first.
        window: how far shuffling by length is local: rows that share a batch are out of so many rows that
            follow each other in the random order; 65,536 if not given. Less mixes more and pads more.
        seed: of the order; not negative.
        drop_last: leave out the rows that do not fill a batch, or, on several ranks, a step of all ranks.
        weights: draw rows by weight, as many an epoch as there are: one number a row, or ``"balanced"`` for
            as many of each class. `stats` says how many rows of each class that are. Needs ``shuffle``.
        layout: truncation, special tokens and padding, as `textprep.batches.layout.Layout` has them; with
            ``max_length``, unless that is given beside it.
        pair: how rows of two texts are served: ``"together"``, as one row each by the tokenizer's template,
            or ``"apart"``, as two rectangles for models that read each text by itself: ``input_ids`` and
            ``pair_input_ids``, and so on. Then ``max_tokens`` holds for both of them together, and
            ``max_length`` for each text.
        rank, world_size: which process of how many; both from ``torch.distributed`` if not given.
        columns: the fields of a batch, in this order: any of those of `Batch` (the usual ones, if not given),
            and further columns of the split. Models of Hugging Face take
            ``columns=["input_ids", "attention_mask", "labels"]``. Order and state do not depend on it.
        prefetch: batches made ahead in the background; 0 for each when it is asked for, without a thread.
        return_tensors: ``"pt"``, or ``"np"`` for a ``dict`` of NumPy arrays in place of a `Batch`.
        as_tuple: ``(input_ids, labels)`` in place of a `Batch`, what plain training loops call ``(X, y)``.
        device: where batches are sent; to a GPU from pinned memory, while work goes on.

    Raises:
        LoaderError: an option has a value that it cannot have, or no effect beside the others.
    """

    @names_options(LoaderError)
    def __init__(
        self,
        split: EncodedRows,
        *,
        batch_size: int | None = None,
        max_tokens: int | None = None,
        max_length: int | None = None,
        shuffle: bool = False,
        by_length: bool | None = None,
        window: int | None = None,
        seed: int = 0,
        drop_last: bool = False,
        weights: Weights = None,
        layout: Layout | None = None,
        pair: Pair = "together",
        rank: int | None = None,
        world_size: int | None = None,
        columns: Sequence[str] | None = None,
        prefetch: int = 16,
        return_tensors: Literal["pt", "np"] = "pt",
        as_tuple: bool = False,
        device: str | torch.device | None = None,
    ) -> None:
        self.split = split
        options = PlanOptions(
            batch_size=batch_size, max_tokens=max_tokens, shuffle=shuffle, by_length=by_length,
            window=window, seed=seed, drop_last=drop_last,
        )  # fmt: skip
        self._served = ServedRows(split, with_length(layout, max_length), pair=pair, max_tokens=max_tokens)
        self.layout = self._served.layout
        process = given_process(rank, world_size)
        self._epochs = Epochs.of(split, self._served, options, weights=weights, process=process)
        self.batch_size = options.batch_size
        fields = fields_of_split(columns, split, pair)
        self.form = Form(
            return_tensors=return_tensors, as_tuple=as_tuple, device=device, columns=fields, pair=pair
        )
        self.prefetch = natural("prefetch", prefetch)
        self._assembler = Assembler(self._served, fields, columns_of(split, fields))

    def stream(self) -> Iterator[tuple[Any, Any]]:
        """``(input_ids, labels)`` without end, epoch after epoch.

        Raises:
            LoaderError: there is no batch, or ``columns`` leaves out one of the two.
        """
        self.form.check_pairs("stream()")
        if not len(self):
            raise LoaderError(f"{self.split!r} gives no batch with these options: there is nothing to stream")
        while True:
            for batch in self:
                yield batch if self.form.as_tuple else (batch[field_in(batch)], batch["labels"])

    @property
    def stats(self) -> PlanStats:
        """What the epoch that comes next costs and serves, before any of it is read; see `PlanStats`."""
        plan, ranks = self._epochs.plan(self.epoch), self._epochs.process.world_size
        return plan_stats(plan, self._served, self.split, ranks)

    def __iter__(self) -> Iterator[Any]:
        if check := getattr(self.split, "check_files", None):
            check()
        with closing(prefetched(self._made(self._epochs.steps()), self.prefetch)) as batches:
            for batch, position in batches:
                self._epochs.position = position
                yield self.form.handed_out(batch)

    def _made(self, steps: Iterator[RankBatch]) -> Generator[tuple[Arrays | Batch, Position], None, None]:
        """The batch of each step, and where to go on after it."""
        for rows, after in steps:
            yield self.form.made(self._assembler.arrays(rows)), after

    def __reduce__(self) -> NoReturn:
        raise LoaderError(
            "a loader is neither pickled nor copied: hand over its split, and make a loader of that there"
        )

    def __repr__(self) -> str:
        most, rows = self._epochs.options.max_tokens, self.batch_size
        size = f"of up to {most:,} tokens" if most else f"of {rows}"
        size += f" and {rows} rows" if most and rows else ""
        return f"BatchLoader({self.split!r}, {len(self):,} batches {size}, epoch {self.epoch})"


def loader_of(split: EncodedRows, options: dict[str, Any]) -> BatchLoader:
    """`BatchLoader` with options that a user typed.

    Raises:
        LoaderError: there is no option of that name, or one has a value that it cannot have.
    """
    known = inspect.signature(BatchLoader).parameters
    for option, value in options.items():
        if option in Layout.model_fields and option not in known:
            raise LoaderError(
                f"a loader has no option {option!r}",
                option="layout",
                hint=f"it is one of Layout: give layout=Layout({option}={value!r})",
            )
    return BatchLoader(split, **options)


def one_batch(
    split: EncodedRows,
    layout: Layout,
    max_tokens: int | None = None,
    columns: Sequence[str] | None = None,
) -> Batch:
    """All rows of a small split as one `Batch`, without the plan and the thread of a loader."""
    fields = fields_of_split(columns, split)
    served = ServedRows(split, layout, max_tokens=max_tokens)
    return Batch.of(Assembler(served, fields, columns_of(split, fields)).arrays(np.arange(len(split))))
