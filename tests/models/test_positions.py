"""Positions: the waves of the paper, and a table that says when it is too short."""

from __future__ import annotations

import math

import pytest
import torch

from textprep.errors import TextprepError
from textprep.models import LearnedPositions, SinusoidalPositions


@pytest.mark.parametrize("features", [1, 4, 7])
def test_waves_are_those_of_the_paper(features):
    waves = SinusoidalPositions(features).waves(5)
    assert waves.shape == (5, features)
    for position in range(5):
        for feature in range(features):
            angle = position / 10_000 ** (2 * (feature // 2) / features)
            expected = math.cos(angle) if feature % 2 else math.sin(angle)
            assert waves[position, feature].item() == pytest.approx(expected, abs=1e-6)


def test_learned_positions_are_added_and_learned():
    positions, states = LearnedPositions(features=3, max_length=4), torch.randn(2, 3, 3)
    added = positions(states) - states
    torch.testing.assert_close(added, positions.table.weight[:3].expand(2, 3, 3), atol=1e-6, rtol=0)
    positions(states).sum().backward()
    assert positions.table.weight.grad[:3].abs().sum() > 0
    assert positions.table.weight.grad[3].abs().sum() == 0


def test_a_text_longer_than_the_table_is_said():
    with pytest.raises(TextprepError, match="5 tokens is longer than the 4 learned positions"):
        LearnedPositions(features=3, max_length=4)(torch.zeros(1, 5, 3))
