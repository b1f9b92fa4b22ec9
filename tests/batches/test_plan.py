from __future__ import annotations

import hashlib
import tracemalloc
from itertools import chain

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from textprep.batches.plan import Cursor, Plan, PlanOptions, plan_batches
from textprep.batches.sampling import Weighted, row_weights
from textprep.errors import LoaderError
from textprep.targets import ClassTarget

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
    assert rows[:8] == [100, 618, 914, 729, 951, 692, 211, 877]
    assert (
        hashlib.blake2b(np.array(rows, dtype="<i8").tobytes(), digest_size=8).hexdigest()
        == "c9e3375d48018860"
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


@pytest.mark.parametrize(("longest", "share"), [(256, 0.005), (100_000, 0.03)])
def test_batches_of_similar_length_waste_little(longest, share):
    lengths = np.minimum(film_review_lengths(), longest)
    by_length = plan_batches(lengths, batch_size=64, shuffle=True, by_length=True)
    at_random = plan_batches(lengths, batch_size=64, shuffle=True, by_length=False)
    assert padding_share(lengths, by_length) < share
    assert padding_share(lengths, by_length) < padding_share(lengths, at_random) / 20


def test_by_tokens_the_longest_waste_little_too():
    lengths = film_review_lengths()
    batches = plan_batches(lengths, batch_size=None, max_tokens=16_384, shuffle=True, by_length=True)
    assert padding_share(lengths, batches) < 0.01


@pytest.mark.parametrize("batch_size", [10, 64])
def test_a_batch_is_drawn_from_one_window_of_the_random_order(batch_size):
    lengths = film_review_lengths()
    options = {"batch_size": batch_size, "shuffle": True, "seed": 5}
    order = flat(plan_batches(lengths, by_length=False, **options))
    window = 1000 - 1000 % batch_size
    window_of = {row: place // window for place, row in enumerate(order)}
    batches = plan_batches(lengths, window=1000, **options)
    windows = [{window_of[row] for row in rows.tolist()} for rows in batches]
    assert all(len(found) == 1 for found in windows)
    assert [*map(min, windows)] == sorted(map(min, windows))


def test_a_window_may_be_of_any_size():
    whole, larger = (flat(plan_batches(range(100), shuffle=True, window=size)) for size in (200, 2**40))
    assert len(whole) == len(larger) == 100


def test_a_larger_window_pads_less():
    lengths = film_review_lengths()
    shares = [
        padding_share(lengths, plan_batches(lengths, shuffle=True, by_length=True, window=window))
        for window in (128, 1_000, 8_000, 2**16)
    ]
    assert shares == sorted(shares, reverse=True)


def test_batches_come_in_random_order_of_length():
    lengths = film_review_lengths()
    means = [
        lengths[rows].mean() for rows in plan_batches(lengths, batch_size=64, shuffle=True, by_length=True)
    ]
    assert abs(np.corrcoef(means, np.arange(len(means)))[0, 1]) < 0.2


def with_effect(options):
    """Without a window, where it would have no effect."""
    has_effect = options["shuffle"] and options["by_length"]
    return {name: value for name, value in options.items() if name != "window" or has_effect}


TOKENS = st.fixed_dictionaries(
    {
        "batch_size": st.none() | st.integers(1, 9),
        "max_tokens": st.integers(1, 120),
        "shuffle": st.booleans(),
        "by_length": st.booleans(),
        "window": st.integers(18, 40),
        "seed": st.integers(0, 5),
    }
).map(with_effect)


def greedily(lengths, rows, max_tokens, batch_size):
    """The slow, plain definition: a row goes into the batch if all of it still fits."""
    batches = []
    for row in rows:
        grown = [*(batches[-1] if batches else []), row]
        area = len(grown) * max(max(1, lengths[each]) for each in grown)
        if batches and area <= max_tokens and len(grown) <= (batch_size or len(lengths)):
            batches[-1] = grown
        else:
            batches.append([row])
    return batches


@given(LENGTHS, TOKENS)
def test_a_batch_has_no_more_tokens_than_allowed_unless_it_is_one_row(lengths, options):
    batches = [rows.tolist() for rows in plan_batches(lengths, **options)]
    assert sorted(chain(*batches)) == list(range(len(lengths)))
    for rows in batches:
        widest = max(max(1, lengths[row]) for row in rows)
        assert len(rows) == 1 or len(rows) * widest <= options["max_tokens"]
        assert len(rows) <= (options["batch_size"] or len(lengths))


@given(LENGTHS, TOKENS)
def test_and_no_row_that_would_fit_is_left_to_the_next_batch(lengths, options):
    options = {name: value for name, value in options.items() if name != "window"} | {"by_length": False}
    plan = [rows.tolist() for rows in plan_batches(lengths, **options)]
    assert plan == greedily(lengths, list(chain(*plan)), options["max_tokens"], options["batch_size"])


ANY = OPTIONS.map(lambda options: with_effect({**options, "window": 20})) | TOKENS


@given(LENGTHS, ANY)
def test_it_goes_on_from_any_place(lengths, options):
    epoch = options.pop("epoch", 0)
    plan = Plan(lengths, PlanOptions(**options), epoch)
    whole = [(rows.tolist(), cursor) for rows, cursor in plan.batches()]
    assert len(plan) == len(whole)
    for number, cursor in enumerate([Cursor(), *(cursor for _, cursor in whole)]):
        assert [(rows.tolist(), after) for rows, after in plan.batches(cursor)] == whole[number:]


def test_weights_come_with_batches_of_similar_length():
    lengths = film_review_lengths(5_000)
    labels = (np.arange(5_000) % 10 == 0).astype(np.int64)
    weighted = Weighted(row_weights("balanced", labels, ClassTarget()), labels)
    batches = plan_batches(lengths, batch_size=16, shuffle=True, by_length=True, weighted=weighted)
    assert np.abs(np.bincount(labels[np.concatenate(batches)]) - 2_500).max() <= 1
    assert padding_share(lengths, batches) < 0.02
    other = plan_batches(lengths, batch_size=16, shuffle=True, by_length=True, weighted=weighted, epoch=1)
    assert set(flat(batches)) != set(flat(other))


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"window": 100}, "window has no effect unless rows are shuffled by length"),
        ({"shuffle": True, "by_length": False, "window": 200}, "window has no effect"),
        ({"max_tokens": 9, "drop_last": True}, "drop_last=True has no meaning beside max_tokens"),
        (
            {"shuffle": True, "window": 100},
            "window=100 is less than two batches of 64: nothing would be sorted",
        ),
        ({"max_tokens": 0}, "option 'max_tokens': Input should be greater than or equal to 1 (given 0)"),
    ],
)
def test_options_without_a_meaning_are_refused(options, message):
    with pytest.raises(LoaderError) as caught:
        plan_batches([1, 2, 3], **options)
    assert str(caught.value).startswith(message)


@pytest.mark.parametrize("options", [{"window": 4096}, {"window": 4096, "max_tokens": 8_000}], ids=str)
def test_a_plan_takes_memory_for_one_window(options):
    def peak(rows):
        lengths = np.full(rows, 100, dtype=np.int64)
        tracemalloc.start()
        for _ in Plan(lengths, PlanOptions(shuffle=True, **options)).batches():
            pass
        try:
            return tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()

    peak(5_000)
    assert peak(200_000) < 1.5 * peak(20_000)
