from __future__ import annotations

import hashlib

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from textprep.batches.plan import WINDOW, plan_batches

OPTIONS = st.fixed_dictionaries(
    {
        "batch_size": st.integers(1, 9),
        "shuffle": st.booleans(),
        "by_length": st.booleans(),
        "seed": st.integers(0, 2**70),
        "epoch": st.integers(0, 100),
        "drop_last": st.booleans(),
    }
)
LENGTHS = st.lists(st.integers(0, 50), max_size=67)


def flat(batches):
    return [row for rows in batches for row in rows.tolist()]


def padding_share(lengths, batches):
    padded = sum(len(rows) * int(lengths[rows].max()) for rows in batches)
    return 1 - int(lengths[np.concatenate(batches)].sum()) / padded


def film_review_lengths(rows=25_000):
    """Log-normal, as the token counts of film reviews are: median 230, a long tail."""
    return np.random.default_rng(0).lognormal(np.log(230), 0.65, rows).astype(np.int64) + 10


@given(LENGTHS, OPTIONS)
def test_every_row_is_served_exactly_once(lengths, options):
    rows = flat(plan_batches(lengths, **options))
    left_out = len(lengths) % options["batch_size"] if options["drop_last"] else 0
    assert len(rows) == len(lengths) - left_out
    assert len(set(rows)) == len(rows)
    assert set(rows) <= set(range(len(lengths)))


@given(LENGTHS, OPTIONS)
def test_at_most_one_batch_is_smaller(lengths, options):
    sizes = sorted(len(rows) for rows in plan_batches(lengths, **options))
    assert all(size == options["batch_size"] for size in sizes[1:])
    assert not sizes or 1 <= sizes[0] <= options["batch_size"]


@given(LENGTHS, OPTIONS)
def test_the_plan_is_a_pure_function(lengths, options):
    given_lengths = np.array(lengths, dtype=np.int64)
    first = plan_batches(given_lengths, **options)
    np.random.seed(1)  # the global state takes no part
    again = plan_batches(list(lengths), **options)
    assert given_lengths.tolist() == lengths
    assert [rows.tolist() for rows in first] == [rows.tolist() for rows in again]
    assert all(rows.dtype == np.int64 for rows in first)


@pytest.mark.parametrize("by_length", [False, True])
@pytest.mark.parametrize("rows", [200, 3_000])
def test_epochs_and_seeds_differ_in_order_and_in_company(rows, by_length):
    lengths = film_review_lengths(rows)

    def plan(seed, epoch):
        return plan_batches(lengths, batch_size=8, shuffle=True, by_length=by_length, seed=seed, epoch=epoch)

    for other in (plan(0, 1), plan(1, 0)):
        assert flat(plan(0, 0)) != flat(other)
        company = {frozenset(batch.tolist()) for batch in plan(0, 0)}
        shared = company & {frozenset(batch.tolist()) for batch in other}
        assert len(shared) < 0.05 * len(company)


def test_the_order_is_the_same_on_every_machine_and_in_every_release():
    rows = flat(
        plan_batches(np.arange(1000) % 37, batch_size=8, shuffle=True, by_length=True, seed=3, epoch=2)
    )
    assert rows[:8] == [892, 670, 522, 78, 226, 856, 301, 264]
    assert (
        hashlib.blake2b(np.array(rows, dtype="<i8").tobytes(), digest_size=8).hexdigest()
        == "78919e4f86eabe1b"
    )


def test_without_shuffling_order_is_kept_or_the_longest_come_first():
    options = {"batch_size": 3, "shuffle": False}
    lengths = [4, 9, 4, 1, 9]
    assert flat(plan_batches(lengths, by_length=False, **options)) == [0, 1, 2, 3, 4]
    assert flat(plan_batches(lengths, by_length=True, **options)) == [1, 4, 0, 2, 3]
    assert flat(plan_batches(lengths, by_length=True, drop_last=True, **options)) == [1, 0, 2]


def test_what_drop_last_leaves_out_has_no_favourite_length():
    lengths = np.arange(10)
    left_out = set()
    for epoch in range(200):
        rows = flat(
            plan_batches(lengths, batch_size=4, shuffle=True, by_length=True, epoch=epoch, drop_last=True)
        )
        left_out |= set(range(10)) - set(rows)
    assert left_out == set(range(10))


@pytest.mark.parametrize(("longest", "share"), [(256, 0.01), (100_000, 0.08)])
def test_batches_of_similar_length_waste_little(longest, share):
    lengths = np.minimum(film_review_lengths(), longest)
    by_length = plan_batches(lengths, batch_size=64, shuffle=True, by_length=True)
    at_random = plan_batches(lengths, batch_size=64, shuffle=True, by_length=False)
    assert padding_share(lengths, by_length) < share
    assert padding_share(lengths, by_length) < padding_share(lengths, at_random) / 8


def test_a_batch_is_drawn_from_one_window_of_the_random_order():
    lengths = film_review_lengths()
    order = flat(plan_batches(lengths, batch_size=10, shuffle=True, by_length=False, seed=5))
    window_of = {row: place // (10 * WINDOW) for place, row in enumerate(order)}
    for rows in plan_batches(lengths, batch_size=10, shuffle=True, by_length=True, seed=5):
        assert len({window_of[row] for row in rows.tolist()}) == 1


def test_batches_come_in_random_order_of_length():
    lengths = film_review_lengths()
    means = [
        lengths[rows].mean() for rows in plan_batches(lengths, batch_size=64, shuffle=True, by_length=True)
    ]
    assert abs(np.corrcoef(means, np.arange(len(means)))[0, 1]) < 0.2
