"""What `loader.stats` says before training is what the batches then turn out to be."""

from __future__ import annotations

import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.batches.rows import Rows, numbered
from tests.batches.templates import BERT
from textprep.batches.layout import Layout
from textprep.batches.loader import BatchLoader
from textprep.targets import ClassesTarget, NumberTarget


@given(
    lengths=st.lists(st.integers(0, 30), max_size=50),
    shuffle=st.booleans(),
    drop_last=st.booleans(),
    pad_to_multiple_of=st.none() | st.integers(1, 8),
    start_id=st.none() | st.just(2),
    max_length=st.none() | st.integers(2, 20),
)
def test_it_says_what_the_batches_turn_out_to_be(lengths, **options):
    rows = Rows(numbered(lengths))
    layout = Layout(**{name: options.pop(name) for name in list(options) if name in Layout.model_fields})
    loader = BatchLoader(rows, batch_size=7, prefetch=0, layout=layout, **options)
    stats = loader.stats
    batches = list(loader)
    assert (stats.rows, stats.batches, stats.steps) == (len(lengths), len(batches), len(batches))
    assert stats.drawn == sum(len(batch.labels) for batch in batches) == stats.rows - stats.left_out
    assert stats.tokens == sum(int(batch.lengths.sum()) for batch in batches)
    assert stats.padded_tokens == sum(batch.input_ids.numel() for batch in batches)
    assert stats.peak_area == max((batch.input_ids.numel() for batch in batches), default=0)
    sizes = [len(batch.labels) for batch in batches]
    if batches:
        assert stats.padding_share == pytest.approx(
            1 - np.mean(np.concatenate([batch.attention_mask.flatten() for batch in batches]))
        )
        assert stats.texts_a_step == pytest.approx((np.mean(sizes), min(sizes), max(sizes)))
    else:
        assert stats.padding_share == 0
    assert json.loads(json.dumps(stats.as_dict()))["padding_share"] == pytest.approx(stats.padding_share)


def test_what_truncation_cuts_away_in_each_class():
    rows = Rows(numbered([10, 4, 7, 5]), labels=[0, 0, 1, -100])
    unlabelled, bad, good = BatchLoader(rows, max_length=6, layout=Layout(start_id=9)).stats.classes
    assert (bad.label, bad.rows, bad.tokens, bad.truncated, bad.tokens_cut) == (0, 2, 14, 1, 5)
    assert (good.label, good.rows, good.tokens, good.truncated, good.tokens_cut) == (1, 1, 7, 1, 2)
    assert (unlabelled.label, unlabelled.truncated) == (-100, 0)


@given(
    lengths=st.lists(st.tuples(st.integers(0, 30), st.integers(0, 30)), min_size=1, max_size=50),
    pair=st.sampled_from(["together", "apart"]),
    max_length=st.none() | st.integers(6, 30),
    multiple=st.none() | st.integers(1, 8),
)
def test_of_pairs_and_special_tokens_too(lengths, pair, max_length, multiple):
    first, second = zip(*lengths, strict=True)
    rows = Rows(numbered(first), template=BERT, pair=numbered(second), labels=[0] * len(first))
    layout = Layout(max_length=max_length, pad_to_multiple_of=multiple)
    loader = BatchLoader(rows, batch_size=7, prefetch=0, layout=layout, pair=pair)
    stats, batches = loader.stats, list(loader)
    each = [
        [
            (batch[side + "lengths"], batch[side + "input_ids"])
            for side in ("", "pair_")
            if side + "lengths" in batch
        ]
        for batch in batches
    ]
    tokens = [sum(int(lengths.sum()) for lengths, _ in sides) for sides in each]
    areas = [sum(ids.numel() for _, ids in sides) for sides in each]
    assert (stats.tokens, stats.padded_tokens, stats.peak_area) == (sum(tokens), sum(areas), max(areas))
    assert stats.tokens_a_step[1:] == (min(tokens), max(tokens))
    (only,) = stats.classes
    specials = len(rows) * (3 if pair == "together" else 4)
    assert only.tokens == sum(first) + sum(second)
    assert only.tokens_cut == only.tokens + specials - stats.tokens
    room = None if max_length is None else max_length - (3 if pair == "together" else 2)
    is_cut = {
        "together": lambda first, second: first + second > room,
        "apart": lambda first, second: max(first, second) > room,
    }[pair]
    assert only.truncated == (0 if room is None else sum(is_cut(*row) for row in lengths))


def test_balanced_classes_say_how_many_rows_they_really_are():
    rows = Rows(numbered([3] * 1000), labels=[0] * 900 + [1] * 100)
    common, rare = BatchLoader(rows, weights="balanced", shuffle=True).stats.classes
    assert abs(common.drawn - 500) <= 1
    assert abs(rare.drawn - 500) <= 1
    assert common.distinct == pytest.approx(common.effective) == pytest.approx(500, abs=1)
    assert (rare.distinct, rare.effective) == (100, pytest.approx(100, rel=0.01)), "each five times"


def test_ranks_share_the_steps():
    stats = BatchLoader(Rows(numbered([3] * 100)), batch_size=10, rank=1, world_size=4).stats
    assert (stats.batches, stats.steps, stats.world_size) == (10, 3, 4)


def test_a_row_counts_in_each_of_its_classes():
    rows = Rows(
        numbered([3, 4, 5]), labels=[[1, 1], [0, 1], [0, 0]], target=ClassesTarget(class_names=["a", "b"])
    )
    stats = BatchLoader(rows, batch_size=2).stats
    assert [(each.label, each.rows, each.tokens) for each in stats.classes] == [(0, 1, 3), (1, 2, 7)]


def test_numbers_have_no_classes():
    assert BatchLoader(Rows(numbered([3, 4]), [0.5, 2], target=NumberTarget())).stats.classes == ()
