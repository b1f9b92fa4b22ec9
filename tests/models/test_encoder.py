"""The encoders: exact on packed sequences, and an encoder block that never reads padding."""

from __future__ import annotations

import torch
from torch import nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

from textprep.models import BidirectionalGRU, EncoderBlock

LENGTHS = torch.tensor([5, 1, 2, 4])


def mask_of(lengths: torch.Tensor, width: int) -> torch.Tensor:
    return torch.arange(width) < lengths[:, None]


def test_states_and_gradients_are_those_of_a_packed_bidirectional_gru():
    torch.manual_seed(0)
    ours, torchs = BidirectionalGRU(6, 5), nn.GRU(6, 5, batch_first=True, bidirectional=True)
    with torch.no_grad():
        for name, parameter in ours.forward_gru.named_parameters():
            getattr(torchs, name).copy_(parameter)
        for name, parameter in ours.backward_gru.named_parameters():
            getattr(torchs, f"{name}_reverse").copy_(parameter)
    mask = mask_of(LENGTHS, 7)
    features, gradient = torch.randn(4, 7, 6), torch.randn(4, 7, 10) * mask.unsqueeze(2)

    states = ours(features, mask)
    packed = pack_padded_sequence(features, LENGTHS, batch_first=True, enforce_sorted=False)
    expected = pad_packed_sequence(torchs(packed)[0], batch_first=True, total_length=7)[0]
    torch.testing.assert_close(states[mask], expected[mask], atol=1e-6, rtol=0)

    (states * gradient).sum().backward()
    (expected * gradient).sum().backward()
    for name, parameter in ours.forward_gru.named_parameters():
        torch.testing.assert_close(parameter.grad, getattr(torchs, name).grad, atol=1e-5, rtol=1e-4)
    for name, parameter in ours.backward_gru.named_parameters():
        expected_gradient = getattr(torchs, f"{name}_reverse").grad
        torch.testing.assert_close(parameter.grad, expected_gradient, atol=1e-5, rtol=1e-4)


def test_a_block_reads_no_padding():
    block = EncoderBlock(features=8, heads=2, hidden_dim=16).eval()
    states, mask = torch.randn(4, 5, 8), mask_of(LENGTHS, 5)
    other = torch.where(mask.unsqueeze(2), states, torch.full_like(states, 50.0))
    torch.testing.assert_close(block(states, mask)[0][mask], block(other, mask)[0][mask])


def test_a_causal_block_reads_nothing_that_comes_later():
    block, states = EncoderBlock(features=8, heads=2, hidden_dim=16).eval(), torch.randn(1, 4, 8)
    mask, later = torch.ones(1, 4, dtype=torch.bool), states.clone()
    later[:, 3] = 9.0
    before, weights = block(states, mask, causal=True, return_weights=True)
    torch.testing.assert_close(before[:, :3], block(later, mask, causal=True)[0][:, :3])
    assert weights[0, :, 0, 1:].abs().sum() == 0


def test_skips_leave_a_block_of_zero_layers_as_it_was():
    block, states = EncoderBlock(features=4, heads=2, hidden_dim=4).eval(), torch.randn(1, 3, 4)
    nn.init.zeros_(block.attention.join.weight)
    nn.init.zeros_(block.attention.join.bias)
    nn.init.zeros_(block.feed_forward[-1].weight)
    nn.init.zeros_(block.feed_forward[-1].bias)
    torch.testing.assert_close(block(states, torch.ones(1, 3, dtype=torch.bool))[0], states)
