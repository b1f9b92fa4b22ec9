"""Every token but the first is a label once an epoch, however texts are joined, cut and shared out."""

from __future__ import annotations

import json
import pickle
import tracemalloc
from collections import Counter
from itertools import pairwise

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch.utils.data import DataLoader

from tests.batches.rows import Rows, numbered
from textprep.batches.blocks import Blocks
from textprep.batches.layout import Layout
from textprep.batches.loader import BatchLoader
from textprep.batches.reader import EncodedTexts
from textprep.batches.torch_data import BatchSampler, Collate, RowDataset
from textprep.errors import LoaderError
from textprep.ragged import Ragged
from textprep.template import FIRST, Part, Template

END = 9999
TEXTS = st.lists(st.integers(0, 9), max_size=8).map(numbered)
LENGTHS, MANY = st.integers(1, 7), st.integers(2, 7)
CUTS = st.one_of(st.tuples(LENGTHS, st.none()), st.tuples(MANY, st.integers(1, 5)))


def line_of(texts):
    """The slow, plain definition: all texts, an end behind each."""
    return [token for text in texts for token in [*text, END]]


def plain_blocks(texts, length, lanes=None):
    """The slow, plain definition: ids and labels of every block."""
    line = line_of(texts)
    pairs = list(pairwise(line))
    places = np.array_split(np.arange(len(pairs)), lanes or 1)
    cut = [[lane[start : start + length] for start in range(0, len(lane), length)] for lane in places]
    steps = max(map(len, cut))
    for lane in cut:  # one that is a token shorter has as many blocks, the last of one token
        if 0 < len(lane) < steps:
            lane[-1:] = [lane[-1][:-1], lane[-1][-1:]]
    blocks = [lane[step] for step in range(steps) for lane in cut if lane]
    return [([pairs[at][0] for at in block], [pairs[at][1] for at in block]) for block in blocks]


def served(blocks):
    return [(blocks.ids(row).tolist(), blocks.labels.ids(row).tolist()) for row in range(len(blocks))]


def in_memory(texts):
    return EncodedTexts(Ragged.from_rows(texts))


@pytest.mark.parametrize("rows_of", [Rows, in_memory])
@given(TEXTS, CUTS)
def test_blocks_are_those_of_the_plain_definition(rows_of, texts, cut):
    length, lanes = cut
    blocks = Blocks(rows_of(texts), length, lanes=lanes, end_id=END)
    expected = plain_blocks(texts, length, lanes)
    assert served(blocks) == expected
    assert blocks.lengths.tolist() == [len(ids) for ids, _ in expected]
    assert Counter(label for _, labels in expected for label in labels) == Counter(line_of(texts)[1:])


@given(TEXTS, CUTS, st.data())
def test_many_blocks_are_read_as_one_by_one(texts, cut, data):
    length, lanes = cut
    blocks = Blocks(Rows(texts), length, lanes=lanes, end_id=END)
    most = 6 if len(blocks) else 0
    rows = np.array(data.draw(st.lists(st.integers(0, max(len(blocks) - 1, 0)), max_size=most)), np.int64)
    for texts_of in (blocks, blocks.labels, blocks.token_fields["document_ids"]):
        found = texts_of.gather(rows)
        assert list(found) == [texts_of.ids(row).tolist() for row in rows]
        assert np.diff(found.offsets).tolist() == texts_of.lengths[rows].tolist()


@given(TEXTS, CUTS)
def test_each_token_says_its_text_and_an_end_the_one_behind_it(texts, cut):
    length, lanes = cut
    numbers = [number for number, text in enumerate(texts) for _ in [*text, END]]
    begins = [number + (token == END) for number, token in zip(numbers, line_of(texts), strict=True)]
    blocks = Blocks(Rows(texts), length, lanes=lanes, end_id=END)
    found = Counter(
        n for row in range(len(blocks)) for n in blocks.token_fields["document_ids"].ids(row).tolist()
    )
    assert found == Counter(begins[:-1])
    for row in range(len(blocks)):
        for token, number in zip(blocks.ids(row), blocks.token_fields["document_ids"].ids(row), strict=True):
            assert token == END or token in texts[number]


@given(TEXTS, MANY, st.integers(1, 5))
def test_each_lane_goes_on_where_it_stopped(texts, length, lanes):
    blocks = Blocks(Rows(texts), length, lanes=lanes, end_id=END)
    begins = Counter(blocks.row_fields["continues"].tolist())[0]
    stopped = {}
    for row, (ids, labels) in enumerate(served(blocks)):
        step, lane = divmod(row, begins)
        assert bool(blocks.row_fields["continues"][row]) == (step > 0)
        assert step == 0 or stopped[lane] == ids[0]
        stopped[lane] = labels[-1]
    assert begins == min(lanes, max(len(line_of(texts)) - 1, 0))


def test_memory_is_that_of_texts_and_blocks_not_of_tokens():
    texts = EncodedTexts(Ragged(np.zeros(4_000_000, np.uint8), np.arange(20_001) * 200))
    tracemalloc.start()
    blocks = Blocks(texts, 1000, end_id=END)
    blocks.loader(batch_size=2, shuffle=True)
    used = tracemalloc.get_traced_memory()[0]
    tracemalloc.stop()
    assert used < 16 * len(texts) + 200 * len(blocks) + 100_000


def test_a_store_is_read_across_its_files_and_batches(stored):
    texts = [stored.ids(row).tolist() for row in range(len(stored))]
    for length in (1, 5, 64, 10_000):
        assert served(Blocks(stored, length, end_id=END)) == plain_blocks(texts, length)
    whole = [token for text in texts for token in text]
    starts, stops = np.array([0, 7, 3, len(whole)]), np.array([len(whole), 7, 9, len(whole)])
    assert stored.tokens_between(starts, stops).tolist() == whole + whole[3:9]


@pytest.mark.parametrize(
    ("template", "expected"),
    [
        (Template(end_id=7), 7),
        (Template(single=(Part(ids=(101,)), FIRST, Part(ids=(102,)))), 102),
        (Template(single=(FIRST, Part(ids=(4, 5)))), 5),
    ],
)
def test_the_end_is_that_of_the_tokenizer(template, expected):
    blocks = Blocks(Rows([[20, 21], [22]], template=template), 8)
    assert (blocks.end_id, served(blocks)) == (
        expected,
        [([20, 21, expected, 22], [21, expected, 22, expected])],
    )
    assert Blocks(blocks.rows, end_id=3).end_id == 3


@pytest.mark.parametrize(
    ("options", "option", "words"),
    [
        ({"end_id": None}, "end_id", "no token to put behind each text"),
        ({"length": 0}, "length", "at least 1"),
        ({"length": 2.5}, "length", "2.5.*at least 1"),
        ({"length": None}, "length", "None.*at least 1"),
        ({"lanes": True}, "lanes", "True.*at least 1"),
        ({"lanes": 0}, "lanes", "at least 1"),
        ({"lanes": 2, "length": 1}, "length", "two tokens or more"),
        ({"end_id": -1}, "end_id", "-1"),
    ],
)
def test_options_that_cannot_be_used(options, option, words):
    with pytest.raises(LoaderError, match=words) as error:
        Blocks(Rows(numbered([3])), **{"end_id": END, **options})
    assert error.value.option == option


def test_rows_of_two_texts_are_refused():
    with pytest.raises(LoaderError, match="two texts") as error:
        Blocks(Rows([[1]], pair=[[2]]), end_id=END)
    assert error.value.option == "pair"


@pytest.mark.parametrize("row", [-1, 2])
def test_there_is_no_other_block(row):
    with pytest.raises(IndexError, match="blocks 0 to 1"):
        Blocks(Rows(numbered([3])), 2, end_id=END).ids(row)


def test_a_row_that_has_other_ids_than_its_length_says_is_an_error():
    rows = Rows(numbered([3, 3]))
    rows.lengths = np.array([3, 4])
    with pytest.raises(LoaderError, match="row 1 of the split has 3 ids"):
        served(Blocks(rows, 4, end_id=END))


def test_a_copy_in_another_process_is_the_same(stored):
    blocks = Blocks(stored, 5, lanes=3, end_id=END)
    again = pickle.loads(pickle.dumps(blocks))
    assert (served(again), again.fingerprint) == (served(blocks), blocks.fingerprint)


def test_other_texts_or_cuts_have_another_fingerprint(stored):
    texts = Rows(numbered([3, 4]))
    made = [
        Blocks(stored, 5, end_id=END), Blocks(stored, 6, end_id=END), Blocks(stored, 5, lanes=2, end_id=END),
        Blocks(stored, 5, end_id=1), Blocks(texts, 5, end_id=END), Blocks(Rows(numbered([4, 3])), 5, end_id=END),
    ]  # fmt: skip
    assert len({blocks.fingerprint for blocks in made}) == len(made)


# In a loader


def epoch_of(blocks, **options):
    return list(BatchLoader(blocks, return_tensors="np", **options))


def pairs_in(batches):
    """Every (token, label) of the batches but those of padding, in order."""
    found = []
    for batch in batches:
        for ids, labels, mask in zip(
            batch["input_ids"], batch["labels"], batch["attention_mask"], strict=True
        ):
            assert (labels[~mask] == -100).all()
            found += zip(ids[mask].tolist(), labels[mask].tolist(), strict=True)
    return found


OPTIONS = st.fixed_dictionaries(
    {"shuffle": st.booleans(), "prefetch": st.sampled_from([0, 2])},
    optional={"batch_size": st.integers(2, 4), "seed": st.integers(0, 3), "by_length": st.booleans()},
)


@given(TEXTS, LENGTHS, OPTIONS, st.integers(1, 4))
def test_every_token_is_a_label_once_on_all_ranks_together(texts, length, options, world_size):
    blocks = Blocks(Rows(texts), length, end_id=END)
    found, steps = [], set()
    for rank in range(world_size):
        batches = epoch_of(blocks, rank=rank, world_size=world_size, **options)
        steps.add(len(batches))
        found += {
            row: (batch, at) for batch in batches for at, row in enumerate(batch["row_ids"].tolist())
        }.items()
    assert len(steps) == 1
    by_row = {row: place for row, place in found if row >= 0}
    one_by_one = [
        {name: batch[name][at : at + 1] for name in ("input_ids", "labels", "attention_mask")}
        for _, (batch, at) in sorted(by_row.items())
    ]
    line = line_of(texts)
    assert pairs_in(one_by_one) == list(pairwise(line))


@given(TEXTS, LENGTHS, st.integers(0, 60))
def test_max_tokens_cuts_no_block(texts, length, more):
    blocks = Blocks(Rows(texts), length, end_id=END)
    found = pairs_in(epoch_of(blocks, max_tokens=length + more, shuffle=True))
    line = line_of(texts)
    assert Counter(found) == Counter(pairwise(line))


@pytest.mark.parametrize("options", [{"max_length": 4}, {"max_tokens": 4}, {"layout": Layout(max_length=4)}])
def test_options_that_would_cut_blocks_are_refused(options):
    with pytest.raises(LoaderError, match="never cut") as error:
        Blocks(Rows(numbered([9, 9])), 5, end_id=END).loader(**options)
    assert error.value.option in {"max_length", "max_tokens"}


@pytest.mark.parametrize("world_size", [1, 2, 3, 4])
@pytest.mark.parametrize("prefetch", [0, 4])
@pytest.mark.parametrize("lanes", [None, 12])
def test_at_every_batch_the_rest_is_the_same(stored, world_size, prefetch, lanes):
    def make():
        options = {"shuffle": True, "batch_size": 3} if lanes is None else {}
        blocks = Blocks(stored, 4, lanes=lanes, end_id=END)
        ranks = {"rank": world_size - 1, "world_size": world_size}
        return blocks.loader(prefetch=prefetch, return_tensors="np", **ranks, **options)

    loader, whole = make(), []
    states = [loader.state_dict()]
    for batch in loader:
        whole.append({name: array.tolist() for name, array in batch.items()})
        states.append(loader.state_dict())
    for number, state in enumerate(states[:-1]):
        other = make()
        other.load_state_dict(json.loads(json.dumps(state)))
        rest = [{name: array.tolist() for name, array in batch.items()} for batch in other]
        assert rest == whole[number:]


def test_other_ranks_serve_the_rest(stored):
    blocks = Blocks(stored, 4, end_id=END)

    def loaders(count):
        return [
            blocks.loader(shuffle=True, batch_size=2, rank=rank, world_size=count, return_tensors="np")
            for rank in range(count)
        ]

    before = [list(steps) for steps in zip(*[map(_rows, loader) for loader in loaders(3)], strict=True)]
    for taken in range(1, len(before)):
        three = loaders(3)
        for loader in three:
            batches = iter(loader)
            for _ in range(taken):
                next(batches)
        for count in (1, 2, 4):
            others = loaders(count)
            for loader in others:
                loader.load_state_dict(three[0].state_dict())
            rest = [row for loader in others for batch in loader for row in _rows(batch)]
            first = [row for step in before[:taken] for rows in step for row in rows]
            assert set(first) | set(rest) == set(range(len(blocks)))


def _rows(batch):
    return batch["row_ids"].tolist()


@pytest.mark.parametrize("workers", [0, 1, 2])
@pytest.mark.parametrize("lanes", [None, 3])
def test_bytes_are_the_same_for_any_number_of_workers(stored, workers, lanes):
    blocks = Blocks(stored, 4, lanes=lanes, end_id=END)
    options = {"shuffle": True, "batch_size": 5} if lanes is None else {"batch_size": lanes}
    sampler, collate = BatchSampler.of(blocks, **options), Collate(template=blocks.template, per_token=True)
    theirs = DataLoader(RowDataset(blocks), batch_sampler=sampler, collate_fn=collate, num_workers=workers)
    for prefetch in (0, 3):
        for one, other in zip(theirs, BatchLoader(blocks, prefetch=prefetch, **options), strict=True):
            assert list(one) == list(other)
            assert all(torch.equal(one[name], other[name]) for name in one)
        sampler.set_epoch(0)


def test_fields_on_request(stored):
    blocks = Blocks(stored, 4, lanes=3, end_id=END)
    columns = ["input_ids", "document_ids", "token_index", "continues", "attention_mask"]
    batches = list(blocks.loader(columns=columns))
    for number, batch in enumerate(batches):
        assert list(batch) == columns
        assert batch.document_ids.dtype == torch.int64
        assert batch.continues.dtype == torch.bool
        assert batch.continues.tolist() == [number > 0] * len(batch.continues)
        assert torch.equal(batch.document_ids >= 0, batch.attention_mask)
        assert torch.equal(batch.token_index >= 0, batch.attention_mask)
    with pytest.raises(LoaderError, match="'continues', which the rows do not have"):
        Blocks(stored, 4, end_id=END).loader(columns=["continues"])


def test_a_state_of_other_blocks_is_refused(stored):
    state = Blocks(stored, 4, end_id=END).loader().state_dict()
    with pytest.raises(LoaderError, match="other data"):
        Blocks(stored, 5, end_id=END).loader().load_state_dict(state)


@given(TEXTS, MANY, st.integers(1, 3), st.integers(1, 3))
def test_row_by_row_a_batch_goes_on_where_the_one_before_stopped(texts, length, size, world_size):
    blocks = Blocks(Rows(texts), length, lanes=size * world_size, end_id=END)
    columns = ["input_ids", "labels", "attention_mask", "row_ids", "continues"]
    for rank in range(world_size):
        last = {}
        loader = blocks.loader(rank=rank, world_size=world_size, columns=columns, return_tensors="np")
        for number, batch in enumerate(loader):
            real = batch["row_ids"] >= 0
            assert real.sum() <= size
            assert (batch["continues"][real] == (number > 0)).all()
            for at in np.flatnonzero(real).tolist():
                mask = batch["attention_mask"][at]
                assert number == 0 or last[at] == batch["input_ids"][at][mask][0]
                last[at] = batch["labels"][at][mask][-1]


@pytest.mark.parametrize(
    ("options", "option"),
    [
        ({"shuffle": True}, "shuffle"),
        ({"by_length": True}, "by_length"),
        ({"batch_size": 3}, "batch_size"),
        ({"max_tokens": 100}, "max_tokens"),
        ({"rank": 0, "world_size": 3}, "lanes"),
        ({"rank": 0, "world_size": 2, "batch_size": 4}, "batch_size"),
    ],
)
def test_options_that_would_mix_lanes_are_refused(options, option):
    with pytest.raises(LoaderError, match="lanes=4") as error:
        Blocks(Rows(numbered([9, 9])), 5, lanes=4, end_id=END).loader(**options)
    assert error.value.option == option


def test_blocks_are_drawn_by_weight(stored):
    blocks = Blocks(stored, 7, end_id=END)
    weights = np.arange(len(blocks)) % 2
    loader = BatchLoader(blocks, batch_size=3, shuffle=True, weights=weights)
    assert {row % 2 for batch in loader for row in batch.row_ids.tolist()} == {1}
    with pytest.raises(LoaderError, match="'balanced' needs one class a row"):
        blocks.loader(shuffle=True, weights="balanced")


def test_stats_know_what_is_served(stored):
    blocks = Blocks(stored, 7, end_id=END)
    stats = blocks.loader(batch_size=4, shuffle=True).stats
    assert (stats.rows, stats.drawn, stats.left_out) == (len(blocks), len(blocks), 0)
    assert stats.tokens == int(stored.lengths.sum()) + len(stored) - 1
    assert stats.classes == ()
