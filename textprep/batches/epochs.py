"""Epoch after epoch of one rank: which steps come, how far it is, and how that is saved."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import cached_property, partial
from itertools import chain
from typing import Any, Literal

import numpy.typing as npt
import torch

from textprep.batches.options import natural
from textprep.batches.permutation import Rows
from textprep.batches.plan import Plan, PlanOptions
from textprep.batches.reader import EncodedRows, target_of_rows
from textprep.batches.sampling import Weighted, row_weights
from textprep.batches.schedule import Position, Process, RankBatch, count_steps, steps
from textprep.batches.served import ServedRows
from textprep.batches.state import array_digest, data_digest, make_state, read_state
from textprep.errors import LoaderError
from textprep.targets import Target

Weights = Literal["balanced"] | npt.ArrayLike | None


class Epochs:
    """The steps that a loader or a sampler takes.

    Args:
        lengths: (N,) tokens of each row, as they will be served.
        labels: (N, …) what rows are drawn by.
        target: of which kind they are.
        options: how rows become batches.
        weights: one number a row, or ``"balanced"``: rows are drawn by weight.
        process: which of how many; the one that ``torch.distributed`` says if not given.
        widths: how wide batches are padded, see `Plan`.
        decisive: further options on which the contents of batches depend.
        digest: of the rows, made when it is needed.

    Attributes:
        position: the place after the step that was taken last; after the last of an epoch, the next epoch's
            beginning, whether or not anybody asks for one step more.

    Raises:
        LoaderError: rows cannot be drawn by these weights.
    """

    def __init__(
        self,
        lengths: Rows,
        labels: npt.NDArray[Any],
        target: Target,
        options: PlanOptions,
        *,
        weights: Weights,
        process: Process | None,
        digest: Callable[[], str],
        widths: Callable[[Rows], Rows] | None = None,
        decisive: Mapping[str, Any] | None = None,
    ) -> None:
        if weights is not None and not options.shuffle:
            raise LoaderError(
                "weights need shuffle=True: rows that are drawn by weight have no other order",
                option="shuffle",
                value=True,
            )
        self.lengths = lengths
        self.options = options
        self.position = Position()
        self._weighted = (
            None
            if weights is None
            else Weighted(row_weights(weights, labels, target), target.drawn_in(labels))
        )
        self._process = process
        self._widths = widths
        self._decisive = dict(decisive or {})
        self._digest = digest
        self._resumed: Position | None = None
        self._counted: tuple[tuple[int, int], int] = (-1, -1), 0

    @classmethod
    def of(
        cls,
        split: EncodedRows,
        served: ServedRows,
        options: PlanOptions,
        *,
        weights: Weights,
        process: Process | None,
    ) -> Epochs:
        """Those of a split, as its rows are served.

        Raises:
            LoaderError: rows cannot be drawn by these weights, or the split refuses to be served so.
        """
        made = cls(
            served.lengths,
            split.labels,
            target_of_rows(split),
            options,
            weights=weights,
            process=process,
            digest=partial(data_digest, split),
            widths=served.widths,
            decisive=served.decisive,
        )
        if check := getattr(split, "check_served", None):
            check(options, served.layout, made.process.world_size)
        return made

    @property
    def process(self) -> Process:
        """Which of how many this process is."""
        if self._process is not None:
            return self._process
        if torch.distributed.is_available() and torch.distributed.is_initialized():
            return Process(rank=torch.distributed.get_rank(), world_size=torch.distributed.get_world_size())
        return Process()

    def plan(self, epoch: int) -> Plan:
        """The plan of an epoch, which is the same on all ranks."""
        return Plan(self.lengths, self.options, epoch, weighted=self._weighted, widths=self._widths)

    def __len__(self) -> int:
        """How many steps the next pass has, if it begins at its beginning."""
        asked = self.epoch, self.process.world_size
        if self._counted[0] != asked:
            plan = self.plan(self.epoch)
            self._counted = asked, count_steps(plan, len(plan), asked[1])
        return self._counted[1]

    def steps(self) -> Iterator[RankBatch]:
        """Begin a pass: its steps, from the place that was loaded or from the beginning.

        If nothing is left of the epoch, since more ranks share it now, they are those of the next.
        """
        start, self._resumed = self._resumed or Position(self.epoch), None
        self.position = start
        process = self.process
        found = steps(self.plan(start.epoch), process, start)
        first = next(found, None)
        if first is not None:
            return chain((first,), found)
        self.position = Position(start.epoch + 1)
        return steps(self.plan(start.epoch + 1), process, self.position) if start.batch else iter(())

    @property
    def epoch(self) -> int:
        """The epoch of the next pass, from 0."""
        return self.position.epoch

    def set_epoch(self, epoch: int) -> None:
        """Make the next pass that of ``epoch``; a place in it that was loaded is kept.

        Raises:
            LoaderError: ``epoch`` is negative or no integer.
        """
        wanted = natural("epoch", epoch)
        if self._resumed is None or self._resumed.epoch != wanted:
            self._resumed, self.position = None, Position(wanted)

    def state_dict(self) -> dict[str, Any]:
        """The place as JSON values of less than 4 kB."""
        return make_state(self.position, self._deciding(), self._data)

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Let the next pass begin where ``state`` was saved.

        Raises:
            LoaderError: it was saved for other data or with other options; names them.
        """
        self._resumed = self.position = read_state(state, self._deciding(), self._data)

    @cached_property
    def _data(self) -> str:
        return self._digest()

    def _deciding(self) -> dict[str, Any]:
        weights = None if self._weighted is None else array_digest(self._weighted.weights)
        return {**self.options.model_dump(), **self._decisive, "weights": weights}


def given_process(rank: int | None, world_size: int | None) -> Process | None:
    """The process that is asked for, if one is.

    Raises:
        LoaderError: only one of the two is given, or there is no such rank.
    """
    if rank is None and world_size is None:
        return None
    if rank is None or world_size is None:
        raise LoaderError(
            f"rank={rank} and world_size={world_size} do not go together",
            option="world_size" if world_size is None else "rank",
            hint="give both, or none for torch.distributed",
        )
    return Process(rank=rank, world_size=world_size)


class Resumable:
    """What a loader and a sampler have in common: passes that go on where a saved state says."""

    _epochs: Epochs

    @property
    def epoch(self) -> int:
        """The epoch of the next pass, from 0."""
        return self._epochs.epoch

    def set_epoch(self, epoch: int) -> None:
        """Make the next pass that of ``epoch``, from 0; a place in it that was loaded is kept.

        Raises:
            LoaderError: ``epoch`` is negative or no integer.
        """
        self._epochs.set_epoch(epoch)

    def state_dict(self) -> dict[str, Any]:
        """The place of this and all others that take equal steps, after the batch that was taken last.

        JSON of less than 4 kB. After the last batch of an epoch it is the beginning of the next.
        """
        return self._epochs.state_dict()

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Let the next pass begin where ``state`` was saved; other workers and ranks may take the rest.

        Raises:
            LoaderError: it was saved for other data or with other options; names them.
        """
        self._epochs.load_state_dict(state)

    def __len__(self) -> int:
        """How many batches a pass has, on each rank; with ``max_tokens`` the pass of the next epoch."""
        return len(self._epochs)
