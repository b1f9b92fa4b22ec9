"""A loader goes on from any batch: the whole tail is compared, tensor by tensor."""

from __future__ import annotations

import json
from dataclasses import replace
from itertools import chain, product

import pytest
import torch

from tests.batches.rows import Rows, numbered
from tests.batches.templates import BERT, ROBERTA
from textprep.batches.layout import Layout
from textprep.batches.loader import BatchLoader
from textprep.batches.plan import Plan
from textprep.batches.torch_data import BatchSampler
from textprep.errors import LoaderError

EPOCHS = 3
RANKS, PREFETCH = (1, 2, 4), (0, 1, 4)
ORDERS = [
    {"shuffle": shuffle, "by_length": by_length} for shuffle, by_length in product((False, True), repeat=2)
]


def make(stored, prefetch, rank, world_size, **options):
    options = {"batch_size": 4, "prefetch": prefetch, **options}
    return stored.loader(rank=rank, world_size=world_size, seed=7, **options)


def to_the_end(loader):
    """What comes until three epochs are over, and the state after each batch."""
    taken = []
    while loader.epoch < EPOCHS:
        for batch in loader:
            taken.append((batch, json.dumps(loader.state_dict())))
    return taken


def assert_same(found, expected):
    assert len(found) == len(expected)
    for (one, _), (other, _) in zip(found, expected, strict=True):
        assert all(torch.equal(one[name], other[name]) for name in one)


@pytest.mark.parametrize("order", ORDERS, ids=str)
@pytest.mark.parametrize("world_size", RANKS)
@pytest.mark.parametrize("prefetch", PREFETCH)
def test_at_every_batch_of_three_epochs_the_rest_is_the_same(stored, prefetch, world_size, order):
    for rank in range(world_size):
        whole = to_the_end(make(stored, 0, rank, world_size, **order))
        beginning = json.dumps(make(stored, 0, rank, world_size, **order).state_dict())
        loader = make(stored, prefetch, rank, world_size, **order)
        for number, state in enumerate([beginning, *(state for _, state in whole)]):
            loader.load_state_dict(json.loads(state))
            assert_same(to_the_end(loader), whole[number:])


def one_pass(loaders):
    """Of each step, the rows that all ranks serve, in the order of ranks, and the state after it."""
    passes = [
        [(batch.row_ids.tolist(), json.dumps(loader.state_dict())) for batch in loader] for loader in loaders
    ]
    for step in zip(*passes, strict=True):
        (state,) = {state for _, state in step}
        yield [row for rows, _ in step for row in rows if row >= 0], state


@pytest.mark.parametrize("order", ORDERS, ids=str)
@pytest.mark.parametrize("before", list(product(PREFETCH, RANKS)), ids=str)
def test_other_ranks_serve_the_rest_once_each_in_the_same_order(stored, before, order):
    def loaders(prefetch, world_size):
        return [make(stored, prefetch, rank, world_size, **order) for rank in range(world_size)]

    steps = list(one_pass(loaders(*before)))
    whole = list(dict.fromkeys(chain(*(rows for rows, _ in steps))))
    assert len(whole) == len(stored)
    for after in product(PREFETCH, RANKS):
        others = loaders(*after)
        number = (after[0] + after[1]) * 5 % (len(steps) - 1)  # one place for each pair: every place is above
        for loader in others:
            loader.load_state_dict(json.loads(steps[number][1]))
        served = [row for rows, _ in steps[: number + 1] for row in rows]
        left = [row for rows, _ in one_pass(others) for row in rows]
        assert served == whole[: len(served)]
        assert list(dict.fromkeys(left)) == whole[len(served) :]


@pytest.mark.parametrize(
    "options", [{"max_tokens": 40}, {"weights": "balanced"}, {"drop_last": True}], ids=str
)
def test_with_any_other_option_too(stored, options):
    order = {"shuffle": True, "batch_size": None if "max_tokens" in options else 3}
    whole = to_the_end(make(stored, 0, 1, 2, **order, **options))
    for number, (_, state) in enumerate(whole):
        loader = make(stored, 0, 1, 2, **order, **options)
        loader.load_state_dict(json.loads(state))
        assert_same(to_the_end(loader), whole[number + 1 :])


@pytest.mark.parametrize("rows", [0, 1, 2])
def test_after_no_batch_and_the_only_one(rows):
    loader = BatchLoader(Rows(numbered([2] * rows)), batch_size=2)
    assert loader.state_dict()["epoch"] == 0
    for _ in loader:
        assert loader.state_dict()["epoch"] == 1, "after the last batch comes the next epoch"
    assert loader.epoch == 1


def test_a_place_is_what_was_taken_and_not_what_was_made_ahead(stored):
    loader = stored.loader(batch_size=3, shuffle=True, prefetch=8)
    rest = list(loader)[2:]
    loader.set_epoch(0)
    batches = iter(loader)
    next(batches), next(batches)
    state = loader.state_dict()
    other = stored.loader(batch_size=3, shuffle=True)
    other.load_state_dict(state)
    assert_same([(batch, "") for batch in other], [(batch, "") for batch in rest])


def test_the_epoch_may_be_set_after_loading_as_trainers_do(stored):
    loader = stored.loader(batch_size=3)
    next(iter(loader))
    state = loader.state_dict()
    loader.load_state_dict(state)
    loader.set_epoch(0)
    assert len(list(loader)) == len(loader) - 1
    loader.load_state_dict(state)
    loader.set_epoch(4)
    assert len(list(loader)) == len(loader)


def test_fewer_batches_than_ranks_are_left_and_dropped():
    """The other ranks drop what is left, so the next pass is that of the next epoch."""
    split = Rows(numbered([2] * 12))
    one = BatchLoader(split, batch_size=2, shuffle=True, drop_last=True, rank=0, world_size=1)
    for _ in range(4):
        batches = iter(one)
        for _ in range(4):
            next(batches)
    other = BatchLoader(split, batch_size=2, shuffle=True, drop_last=True, rank=0, world_size=4)
    other.load_state_dict(one.state_dict())
    assert [len(list(other)), other.epoch] == [1, 2]


def test_a_state_is_small_json(stored):
    state = stored.loader(
        shuffle=True, weights="balanced", max_length=9, layout=Layout(start_id=5)
    ).state_dict()
    assert len(json.dumps(state)) < 4096
    assert json.loads(json.dumps(state)) == state


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        ({"seed": 1}, r"seed=0 \(here 1\)"),
        ({"batch_size": 4}, r"batch_size=3 \(here 4\)"),
        ({"max_length": 5}, r"max_length=None \(here 5\)"),
        ({"shuffle": True}, r"shuffle=False \(here True\), by_length=False \(here True\)"),
        ({"shuffle": True, "weights": "balanced"}, r"weights=None \(here '\w{32}'\)"),
    ],
)
def test_a_state_of_other_options_is_refused_and_they_are_named(stored, options, reason):
    state = stored.loader(batch_size=3).state_dict()
    with pytest.raises(
        LoaderError, match=f"saved with other options, so the order is another one: .*{reason}"
    ):
        stored.loader(**{"batch_size": 3, **options}).load_state_dict(state)


PAIRS = {"rows": numbered([3] * 20), "pair": numbered([2] * 20)}


@pytest.mark.parametrize(
    ("template", "options", "reason"),
    [
        (ROBERTA, {}, r"template=.* \(here \{'pad_id': 90"),
        (replace(BERT, pad_id=0), {}, r"template=.* \(here \{'pad_id': 0"),
        (BERT, {"pair": "apart"}, r"pair='together' \(here 'apart'\)"),
        (BERT, {"layout": Layout(special_tokens=False)}, r"special_tokens=True \(here False\)"),
        (
            BERT,
            {"layout": Layout(pair_truncation="only_first")},
            r"pair_truncation='longest_first' \(here 'only_first'\)",
        ),
    ],
)
def test_a_state_of_another_template_or_pairing_is_refused(template, options, reason):
    state = BatchLoader(Rows(**PAIRS, template=BERT)).state_dict()
    BatchLoader(Rows(**PAIRS, template=BERT)).load_state_dict(json.loads(json.dumps(state)))
    with pytest.raises(LoaderError, match=f"saved with other options.*{reason}"):
        BatchLoader(Rows(**PAIRS, template=template), **options).load_state_dict(state)


def test_a_state_of_pairs_is_not_one_of_their_first_texts_nor_of_other_pairs():
    state = BatchLoader(Rows(**PAIRS, template=BERT)).state_dict()
    for pair in (None, numbered([3] * 20)):
        with pytest.raises(LoaderError, match="saved for other data"):
            BatchLoader(Rows(PAIRS["rows"], template=BERT, pair=pair)).load_state_dict(state)


@pytest.mark.parametrize("options", [{}, {"pair": "apart"}, {"max_tokens": 30, "batch_size": None}], ids=str)
def test_pairs_go_on_where_they_were(options):
    def make():
        first, second = (numbered([row * step % 9 for row in range(40)]) for step in (5, 7))
        options_of = {"batch_size": 4, "shuffle": True, "prefetch": 0, **options}
        return BatchLoader(Rows(first, template=BERT, pair=second), **options_of)

    whole = to_the_end(make())
    for number, (_, state) in enumerate(whole):
        loader = make()
        loader.load_state_dict(json.loads(state))
        assert_same(to_the_end(loader), whole[number + 1 :])


def test_a_state_that_is_older_than_templates_goes_on():
    """The options of a state that textprep 0.1 saved, none of which is a template's or a pair's."""
    loader = BatchLoader(Rows(numbered([2] * 30)), batch_size=4, shuffle=True)
    assert sorted(loader.state_dict()["options"]) == [
        "batch_size", "by_length", "drop_last", "end_id", "max_length", "max_tokens", "pad_to_multiple_of",
        "padding", "padding_side", "seed", "shuffle", "start_id", "truncation", "weights", "window",
    ]  # fmt: skip


def test_loader_and_sampler_go_on_from_each_others_states():
    split = Rows(**PAIRS, template=BERT)
    options = {"batch_size": 3, "shuffle": True, "max_length": 7}
    loader, sampler = BatchLoader(split, **options), BatchSampler.of(split, **options)
    rest = [(rows, json.dumps(sampler.state_dict())) for rows in sampler]
    loader.load_state_dict(json.loads(rest[2][1]))
    assert [(batch.row_ids - 1000).tolist() for batch in loader] == [rows for rows, _ in rest[3:]]
    sampler.load_state_dict(json.loads(rest[2][1]))
    assert list(sampler) == [rows for rows, _ in rest[3:]]


def test_a_state_of_other_data_is_refused(stored):
    state = stored.loader().state_dict()
    for other in (Rows(numbered([1, 2])), Rows(numbered([1, 2]), labels=[5, 5])):
        with pytest.raises(LoaderError, match="saved for other data: the rows, their order or their ids"):
            BatchLoader(other).load_state_dict(state)
        state = BatchLoader(other).state_dict()


@pytest.mark.parametrize("state", [{}, None, [], {"version": 2}, "epoch 3"])
def test_what_is_no_state_is_refused(stored, state):
    with pytest.raises(LoaderError, match="this is no loader state of version 1"):
        stored.loader().load_state_dict(state)


@pytest.mark.parametrize("change", [{"batch": -1}, {"epoch": "1"}, {"place": None}])
def test_a_state_with_a_wrong_number_is_refused(stored, change):
    loader = stored.loader()
    with pytest.raises(LoaderError, match=f"{next(iter(change))}=.* cannot be used"):
        loader.load_state_dict({**loader.state_dict(), **change})
    state = loader.state_dict()
    del state[next(iter(change))]
    with pytest.raises(LoaderError, match=f"the state has no '{next(iter(change))}': it is not whole"):
        loader.load_state_dict(state)


@pytest.mark.parametrize("change", [{"place": 16}, {"window": 1}, {"window": 9}], ids=str)
@pytest.mark.parametrize("shuffle", [False, True])
def test_a_state_of_a_place_that_is_not_there_is_refused_and_skips_nothing(stored, change, shuffle):
    loader = stored.loader(batch_size=4, shuffle=shuffle)
    next(iter(loader))
    loader.load_state_dict({**loader.state_dict(), **change})
    with pytest.raises(LoaderError, match=r"this epoch has no batch .* the state that was loaded is damaged"):
        next(iter(loader))


@pytest.mark.parametrize("options", [None, [], "batch_size=4"])
def test_a_state_without_options_is_refused(stored, options):
    loader = stored.loader()
    with pytest.raises(LoaderError, match="the state has no 'options': it is not whole"):
        loader.load_state_dict({**loader.state_dict(), "options": options})


def test_the_first_batch_after_loading_does_not_wait_for_the_batches_before(monkeypatch):
    """As many windows are planned after 1,990 of 2,000 batches as after none: one, and its neighbour."""
    planned = []
    window = Plan.window
    monkeypatch.setattr(Plan, "window", lambda self, number: planned.append(number) or window(self, number))
    split = Rows([[1]] * 20_000)
    loader = BatchLoader(split, batch_size=10, shuffle=True, window=1_000, prefetch=0)
    batches = iter(loader)
    for _ in range(1_990):
        next(batches)
    state = loader.state_dict()
    planned.clear()
    loader.load_state_dict(state)
    next(iter(loader))
    assert len(planned) <= 2
