"""Attention: a weighted mean over the real tokens, whatever stands on padding, as the papers have it."""

from __future__ import annotations

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn
from torch.nn import functional

from textprep.errors import ConfigError
from textprep.models import AdditiveAttention, DotAttention, MultiHeadAttention, scaled_dot_product_attention
from textprep.models.attention import masked_softmax

sizes = st.integers(1, 5)


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


@settings(max_examples=50, deadline=None)
@given(seed=st.integers(0, 1000), queries=sizes, keys=sizes, causal=st.booleans(), masked=st.booleans())
def test_written_out_attention_is_that_of_torch(seed, queries, keys, causal, masked):
    torch.manual_seed(seed)
    query, key, value = torch.randn(2, queries, 4), torch.randn(2, keys, 4), torch.randn(2, keys, 3)
    mask = torch.rand(2, 1, keys) > 0.4 if masked else None
    if mask is not None:
        mask[..., 0] = True  # torch says nothing about a query that may look at nothing
    context, weights = scaled_dot_product_attention(query, key, value, mask, causal=causal)
    seen = torch.ones(queries, keys, dtype=torch.bool).tril() if causal else torch.ones(1, dtype=torch.bool)
    seen = (seen if mask is None else seen & mask).expand(2, queries, keys)
    expected = functional.scaled_dot_product_attention(query, key, value, seen)
    torch.testing.assert_close(context, expected, atol=1e-6, rtol=1e-5)
    torch.testing.assert_close(weights.sum(-1), torch.ones(2, queries))
    assert weights[~seen].abs().sum() == 0


def test_a_query_that_may_look_at_nothing_has_zeros_and_finite_gradients():
    states = torch.randn(1, 3, 4, requires_grad=True)
    context, weights = scaled_dot_product_attention(states, states, states, torch.zeros(1, 3, 3) > 0)
    assert context.abs().sum() == weights.abs().sum() == 0
    context.sum().backward()
    assert states.grad is not None
    assert states.grad.isfinite().all()


def test_the_dot_score_is_query_times_state_over_the_root_of_the_features():
    attention, states = DotAttention(features=4), torch.randn(1, 3, 4)
    expected = (states[0] @ attention.query / 2).softmax(0)
    context, weights = attention(states, torch.ones(1, 3, dtype=torch.bool))
    torch.testing.assert_close(weights[0], expected)
    torch.testing.assert_close(context[0], expected @ states[0])


def twin_of_torch(attention: MultiHeadAttention, features: int, heads: int) -> nn.MultiheadAttention:
    twin = nn.MultiheadAttention(features, heads, batch_first=True).eval()
    layers = (attention.query, attention.key, attention.value)
    with torch.no_grad():
        twin.in_proj_weight.copy_(torch.cat([layer.weight for layer in layers]))
        twin.in_proj_bias.copy_(torch.cat([layer.bias for layer in layers]))
        twin.out_proj.load_state_dict(attention.join.state_dict())
    return twin


@pytest.mark.parametrize("causal", [False, True])
def test_many_heads_are_those_of_torch_fast_and_written_out(causal):
    torch.manual_seed(0)
    attention, states = MultiHeadAttention(8, 2).eval(), torch.randn(3, 5, 8)
    mask = torch.tensor([[True] * 5, [True] * 3 + [False] * 2, [True] + [False] * 4])
    fast, nothing = attention(states, states, states, mask, causal=causal)
    slow, weights = attention(states, states, states, mask, causal=causal, return_weights=True)
    expected, of_torch = twin_of_torch(attention, 8, 2)(
        states, states, states, key_padding_mask=~mask, average_attn_weights=False,
        attn_mask=torch.ones(5, 5).triu(1) > 0 if causal else None,
    )  # fmt: skip
    assert nothing is None
    torch.testing.assert_close(fast, slow, atol=1e-6, rtol=1e-5)
    torch.testing.assert_close(slow, expected, atol=1e-6, rtol=1e-5)
    torch.testing.assert_close(weights, of_torch, atol=1e-6, rtol=1e-5)


def test_a_text_of_padding_gets_an_answer_from_both_ways():
    attention, states = MultiHeadAttention(4, 2).eval(), torch.randn(1, 3, 4, requires_grad=True)
    for return_weights in (False, True):
        mask = torch.zeros(1, 3, dtype=torch.bool)
        context, _ = attention(states, states, states, mask, return_weights=return_weights)
        torch.testing.assert_close(context, attention.join.bias.expand(1, 3, 4))


def test_heads_that_do_not_divide_the_features_are_named():
    with pytest.raises(ConfigError, match="3 heads cannot share 8 features"):
        MultiHeadAttention(8, 3)
