from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from textprep.batches.plan import Plan, PlanOptions
from textprep.batches.schedule import Position, Process, count_steps, steps
from textprep.errors import LoaderError

RANKS = range(1, 9)


def by_step(plan, world_size, start=None):
    """The rows of each step, of all ranks, and where it goes on."""
    ranks = [
        list(steps(plan, Process(rank=rank, world_size=world_size), start or Position(plan.epoch)))
        for rank in range(world_size)
    ]
    assert len({len(taken) for taken in ranks}) == 1, "equal steps"
    for step in zip(*ranks, strict=True):
        assert len({after for _, after in step}) == 1, "all go on at one place"
    return [([rows.tolist() for rows, _ in step], step[0].after) for step in zip(*ranks, strict=True)]


def rows_of(taken):
    return [row for step, _ in taken for rows in step for row in rows]


@pytest.mark.parametrize("options", [{"batch_size": 4}, {"batch_size": None, "max_tokens": 25}], ids=str)
@pytest.mark.parametrize("world_size", RANKS)
def test_0_to_67_rows_on_all_ranks_in_equal_steps(world_size, options):
    for rows in range(68):
        plan = Plan(np.arange(rows) % 7, PlanOptions(**options))
        taken = by_step(plan, world_size)
        assert len(taken) == count_steps(plan, len(plan), world_size)
        assert rows_of(taken) == list(range(rows)), "in evaluation every row comes once, in order"
        shuffled = Plan(np.arange(rows) % 7, PlanOptions(shuffle=True, by_length=rows % 2 == 0, **options))
        taken = by_step(shuffled, world_size)
        assert set(rows_of(taken)) == set(range(rows)), "in training every row comes"
        assert all(rows for step, _ in taken for rows in step), "and no rank has a batch without rows"
        more = len(rows_of(taken)) - rows
        assert more < world_size, "a row of the last step comes again where there are not enough"
        if options["batch_size"]:
            dropped = Plan(np.arange(rows), PlanOptions(shuffle=True, drop_last=True, **options))
            taken = by_step(dropped, world_size)
            assert len(rows_of(taken)) == len(set(rows_of(taken))) == rows // 4 // world_size * 4 * world_size


def test_a_last_step_is_never_more_than_a_batch():
    """Parts are of one batch each: two batches joined could be longer rows, times more of them than fit."""
    lengths = [9] * 2 + [1] * 18
    plan = Plan(lengths, PlanOptions(batch_size=None, max_tokens=18))
    for step, _ in by_step(plan, 5):
        for rows in step:
            assert len(rows) * max((lengths[row] for row in rows), default=0) <= 18


@given(
    rows=st.integers(0, 67),
    before=st.integers(1, 8),
    after=st.integers(1, 8),
    shuffle=st.booleans(),
    by_length=st.booleans(),
    max_tokens=st.none() | st.integers(1, 60),
    epoch=st.integers(0, 2),
)
def test_from_any_step_other_ranks_serve_the_rest_in_order(rows, before, after, epoch, **options):
    plan = Plan(np.arange(rows) % 11, PlanOptions(batch_size=3, **options), epoch)
    order = [row for batch, _ in plan.batches() for row in batch.tolist()]
    taken = by_step(plan, before)
    for number, (_, place) in enumerate(taken):
        served = rows_of(taken[: number + 1])
        if number == len(taken) - 1:
            assert place == Position(epoch + 1)
            continue
        rest = rows_of(by_step(plan, after, place))
        once = list(dict.fromkeys(rest)) if options["shuffle"] else rest
        assert served + once == order
        assert served == order[: len(served)]


@pytest.mark.parametrize(
    ("rank", "world_size", "message"),
    [
        (2, 2, "rank=2 is not one of the 2 ranks"),
        (-1, 2, "option 'rank': Input should be greater than or equal to 0"),
        (0, 0, "option 'world_size': Input should be greater than or equal to 1"),
    ],
)
def test_a_rank_that_is_not_there_is_refused(rank, world_size, message):
    with pytest.raises(LoaderError, match=message):
        Process(rank=rank, world_size=world_size)
