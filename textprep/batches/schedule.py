"""Which of a plan's batches are whose: equal steps on every rank, and a place to go on from after each.

At every step the ranks take the next batches of the plan, one each, in the order of their numbers. What is
left at the end, fewer batches than ranks, is cut into as many pieces; those of all ranks, joined, are the
rest in order. Where a piece is empty, since there are not enough rows, an evaluation has a batch without rows
there, so that no row counts twice, and a training one of the others' rows once more, so that no loss is a
mean over nothing. A plan that drops its last rows drops what is left, too.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from typing import NamedTuple

import numpy as np
from pydantic import model_validator

from textprep.batches.options import BatchOptions, Natural, Positive
from textprep.batches.permutation import Rows
from textprep.batches.plan import Cursor, Plan
from textprep.errors import LoaderError


class Process(BatchOptions):
    """One process of training on many: ``rank``, 0 to ``world_size`` - 1.

    Raises:
        LoaderError: there is no such rank.
    """

    rank: Natural = 0
    world_size: Positive = 1

    @model_validator(mode="after")
    def _exists(self) -> Process:
        if self.rank >= self.world_size:
            raise LoaderError(
                f"rank={self.rank} is not one of the {self.world_size} ranks, which are counted from 0",
                option="rank",
            )
        return self


class Position(NamedTuple):
    """A place in all epochs: after ``batch`` batches of ``epoch``, all ranks together.

    Attributes:
        epoch: from 0.
        batch: how many batches of the epoch were served before.
        cursor: where the plan of the epoch goes on.
    """

    epoch: int = 0
    batch: int = 0
    cursor: Cursor = Cursor()


class RankBatch(NamedTuple):
    """One rank's batch, (batch size,) int64 row numbers, and where all ranks go on after it."""

    rows: Rows
    after: Position


def steps(plan: Plan, process: Process, start: Position) -> Iterator[RankBatch]:
    """The steps of one rank from ``start`` to the end of the epoch; after the last comes the next epoch.

    >>> from textprep.batches.plan import PlanOptions
    >>> plan = Plan([1] * 7, PlanOptions(batch_size=2))
    >>> processes = [Process(rank=rank, world_size=3) for rank in range(3)]
    >>> [[own.rows.tolist() for own in steps(plan, each, Position())] for each in processes]
    [[[0, 1], [6]], [[2, 3], []], [[4, 5], []]]
    """
    last: RankBatch | None = None
    for group, position in _groups(plan, process.world_size, start):
        if last is not None:
            yield last
        last = RankBatch(_own(group, process, repeat=plan.options.shuffle), position)
    if last is not None:
        yield last._replace(after=Position(plan.epoch + 1))


def count_steps(plan: Plan, batches: int, world_size: int) -> int:
    """How many steps each rank has in an epoch of ``plan``, which has so many batches."""
    return batches // world_size if plan.options.drop_last else -(-batches // world_size)


def _groups(plan: Plan, world_size: int, start: Position) -> Iterator[tuple[list[Rows], Position]]:
    """The batches of each step, and where the next begins."""
    batches, number = plan.batches(start.cursor), start.batch
    while group := list(islice(batches, world_size)):
        if len(group) < world_size and plan.options.drop_last:
            return
        number += len(group)
        yield [rows for rows, _ in group], Position(plan.epoch, number, group[-1][1])


def _own(group: list[Rows], process: Process, repeat: bool) -> Rows:
    """The batch of ``process`` in a step; where there are fewer batches than ranks, its piece of one."""
    if len(group) == process.world_size:
        return group[process.rank]
    numbers = [rank * len(group) // process.world_size for rank in range(process.world_size)]
    number = numbers[process.rank]
    batch, place = group[number], process.rank - numbers.index(number)
    rows = np.array_split(batch, numbers.count(number))[place]
    return batch[place % len(batch)][None] if repeat and not len(rows) else rows
