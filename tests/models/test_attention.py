"""Additive attention: a weighted mean over the real tokens, whatever stands on padding."""

from __future__ import annotations

import torch

from textprep.models import AdditiveAttention
from textprep.models.attention import masked_softmax


def test_scores_are_those_of_the_paper():
    torch.manual_seed(0)
    attention = AdditiveAttention(features=3, units=5)
    states = torch.randn(1, 4, 3)
    weight, bias, query = attention.project.weight, attention.project.bias, attention.score.weight[0]
    scores = torch.stack([query @ torch.tanh(weight @ state + bias) for state in states[0]])
    expected = torch.exp(scores) / torch.exp(scores).sum()

    context, weights = attention(states, torch.ones(1, 4, dtype=torch.bool))

    torch.testing.assert_close(weights[0], expected)
    torch.testing.assert_close(context[0], sum(w * s for w, s in zip(expected, states[0], strict=True)))


def test_padding_has_no_weight_and_the_rest_sums_to_one():
    attention = AdditiveAttention(features=4)
    mask = torch.tensor([[True, False, True], [False, True, True]])
    _, weights = attention(torch.randn(2, 3, 4), mask)
    assert weights[~mask].tolist() == [0.0, 0.0]
    assert weights.min() >= 0
    torch.testing.assert_close(weights.sum(dim=1), torch.ones(2))


def test_what_stands_on_padding_changes_nothing():
    attention = AdditiveAttention(features=4)
    states, mask = torch.randn(2, 3, 4), torch.tensor([[True, True, False], [True, False, False]])
    other = torch.where(mask.unsqueeze(2), states, torch.full_like(states, 1e6))
    for before, after in zip(attention(states, mask), attention(other, mask), strict=True):
        torch.testing.assert_close(before, after)


def test_a_row_of_padding_is_zero_and_so_is_its_gradient():
    attention = AdditiveAttention(features=4)
    states = torch.randn(2, 3, 4, requires_grad=True)
    mask = torch.tensor([[True, True, True], [False, False, False]])
    context, weights = attention(states, mask)
    assert weights[1].abs().sum() == 0
    assert context[1].abs().sum() == 0
    context.sum().backward()
    assert states.grad is not None
    assert states.grad[1].abs().sum() == 0
    assert all(parameter.grad.isfinite().all() for parameter in attention.parameters())


def test_masked_softmax_survives_extreme_scores():
    scores = torch.tensor([[1e30, -1e30, 3e38, 0.0]])
    mask = torch.tensor([[True, True, False, False]])
    assert masked_softmax(scores, mask).tolist() == [[1.0, 0.0, 0.0, 0.0]]
