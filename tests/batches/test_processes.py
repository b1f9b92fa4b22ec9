"""Passes at once, pickled splits, and loaders in processes that were forked or spawned."""

from __future__ import annotations

import copy
import multiprocessing
import pickle
from itertools import islice

import pytest
import torch

from textprep.batches.layout import Layout
from textprep.errors import LoaderError

LAYOUT = Layout(max_length=6, truncation="head_tail", start_id=70_000)
OPTIONS = {"batch_size": 4, "shuffle": True, "layout": LAYOUT}


def tensors(loader):
    return [dict(batch) for batch in loader]


def assert_same(found, expected):
    assert len(found) == len(expected)
    for one, other in zip(found, expected, strict=True):
        assert all(torch.equal(one[name], other[name]) for name in other)


def test_a_pass_that_is_broken_off_is_followed_by_a_whole_one(stored):
    loader = stored.loader(**OPTIONS)
    assert len(list(islice(loader, 3))) == 3
    assert_same(tensors(loader), tensors(stored.loader(**OPTIONS)))


def test_two_passes_of_one_loader_at_once_do_not_mix(stored):
    loader = stored.loader(**OPTIONS)
    for one, other, expected in zip(loader, loader, tensors(stored.loader(**OPTIONS)), strict=True):
        assert_same([one, other], [expected, expected])


def test_a_look_at_the_first_batch_does_not_disturb_a_pass_that_goes_on(stored):
    loader, expected = stored.loader(**OPTIONS), tensors(stored.loader(**OPTIONS))
    for number, batch in enumerate(loader):
        assert_same([batch], [expected[number]])
        if number == 1:
            assert_same([next(iter(loader))], [expected[0]])
    assert number + 1 == len(expected)


def test_nothing_is_pickled_but_a_path(stored):
    stored.loader()  # reads all columns
    assert len(pickle.dumps(stored)) < 1000
    again = pickle.loads(pickle.dumps(stored))
    assert_same(tensors(again.loader()), tensors(stored.loader()))


@pytest.mark.parametrize("hand_over", [pickle.dumps, copy.deepcopy])
def test_a_loader_says_what_to_hand_over_in_its_place(stored, hand_over):
    with pytest.raises(LoaderError, match="hand over its split, and make a loader of that there"):
        hand_over(stored.loader())


def serve(split, pipe):
    pipe.send([batch.row_ids.tolist() for batch in split.loader(batch_size=7)])


@pytest.mark.slow
@pytest.mark.parametrize("method", ["fork", "spawn"])
def test_a_loader_works_in_a_process_that_was_forked_or_spawned(stored, method):
    if method not in multiprocessing.get_all_start_methods():
        pytest.skip(f"this system has no {method}")
    context = multiprocessing.get_context(method)
    loader = stored.loader(batch_size=7)
    batches = iter(loader)  # in the middle of a pass, with its thread
    first = next(batches)
    ours, theirs = context.Pipe()
    process = context.Process(target=serve, args=(stored, theirs))
    process.start()
    assert ours.poll(60)
    rows = ours.recv()
    process.join(60)
    assert process.exitcode == 0
    assert rows == [first.row_ids.tolist(), *(batch.row_ids.tolist() for batch in batches)]
