"""The linear model of words and pairs: what its logits are, by the plain way."""

from __future__ import annotations

import math
from itertools import pairwise

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn

from textprep.models.bag import PACE, BagOfPairs, pair_rows

texts = st.lists(st.lists(st.integers(1, 19), max_size=8), min_size=1, max_size=4)


def make_bag(dropout: float = 0.0) -> BagOfPairs:
    torch.manual_seed(0)
    bag = BagOfPairs(vocab_size=20, num_classes=3, pairs=16, dropout=dropout)
    for table in (bag.of_tokens, bag.of_pairs):
        nn.init.normal_(table.weight)
    return bag


def plainly(bag: BagOfPairs, ids: list[int]) -> torch.Tensor:
    total = torch.zeros(3)
    for token in ids:
        total = total + bag.of_tokens.weight[token]
    for pair in pairwise(ids):
        total = total + bag.of_pairs.weight[pair_rows(torch.tensor([pair]), 16)[0, 0]]
    return PACE * total / math.sqrt(max(len(ids), 1))


@settings(deadline=None)
@given(texts)
def test_a_text_has_the_sum_of_its_words_and_pairs(rows: list[list[int]]) -> None:
    bag = make_bag()
    ids = torch.zeros(len(rows), max(map(len, rows)) + 2, dtype=torch.int64)
    for row, text in zip(ids, rows, strict=True):
        row[: len(text)] = torch.tensor(text)
    torch.testing.assert_close(bag(ids, ids != 0), torch.stack([plainly(bag, text) for text in rows]))


@settings(deadline=None)
@given(texts)
def test_what_is_added_up_can_be_had_apart(rows: list[list[int]]) -> None:
    bag = make_bag(dropout=0.5).eval()
    ids = torch.zeros(len(rows), max(map(len, rows)) + 2, dtype=torch.int64)
    for row, text in zip(ids, rows, strict=True):
        row[: len(text)] = torch.tensor(text)
    tokens, pairs = bag.contributions(ids, ids != 0)
    torch.testing.assert_close(tokens.sum(dim=1) + pairs.sum(dim=1), bag(ids, ids != 0))
    assert not tokens[ids == 0].any()
    assert not pairs[ids[:, 1:] == 0].any()
    for text, of_tokens, of_pairs in zip(rows, tokens, pairs, strict=True):
        scale = PACE / math.sqrt(max(len(text), 1))
        for token, adds in zip(text, of_tokens[: len(text)], strict=True):
            torch.testing.assert_close(adds, scale * bag.of_tokens.weight[token])
        for pair, adds in zip(pairwise(text), of_pairs, strict=False):
            row = pair_rows(torch.tensor([pair]), 16)[0, 0]
            torch.testing.assert_close(adds, scale * bag.of_pairs.weight[row])


def test_pairs_know_their_order_and_stay_where_they_are() -> None:
    rows = pair_rows(torch.tensor([[5, 8, 5, 8]]), 2**18)[0].tolist()
    assert rows[0] == rows[2] != rows[1]
    assert rows[:2] == [63_902, 97_745]  # as every saved model was trained with: never to change


@pytest.mark.parametrize("table", [2**10, 1000])
def test_pairs_spread_evenly_over_the_table(table: int) -> None:
    ids = torch.cartesian_prod(torch.arange(2, 202), torch.arange(2, 202))
    counts = torch.bincount(pair_rows(ids, table).flatten(), minlength=table).double()
    assert float(counts.var() / counts.mean()) < 1.2  # chance would have 1


def test_the_largest_ids_have_rows_too() -> None:
    rows = pair_rows(torch.tensor([[2**31 - 1, 2**31 - 2, 0]]), 7)
    assert bool(((rows >= 0) & (rows < 7)).all())


def test_dropout_leaves_out_whole_tokens_in_training_only() -> None:
    bag = make_bag(dropout=0.5)
    nn.init.zeros_(bag.of_pairs.weight)
    ids = torch.full((2000, 1), 7)
    logits = bag(ids, ids != 0) / PACE
    kept = logits.abs().sum(dim=1) > 0
    assert 0.45 < float(kept.double().mean()) < 0.55
    torch.testing.assert_close(logits[kept], 2 * bag.of_tokens.weight[7].expand(int(kept.sum()), 3))
    torch.testing.assert_close(bag.eval()(ids, ids != 0)[0] / PACE, bag.of_tokens.weight[7])


def test_it_starts_with_no_opinion() -> None:
    assert not BagOfPairs(20, 3, pairs=16, dropout=0.5)(
        torch.tensor([[5, 8]]), torch.tensor([[True, True]])
    ).any()
