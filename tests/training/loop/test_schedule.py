"""The learning rate rises, falls and ends as its options say."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from textprep.config.options import TrainingOptions
from textprep.training.loop.schedule import learning_rate

shares = st.floats(0, 1)


@given(st.sampled_from(["linear", "cosine", "constant"]), st.floats(0, 0.9), shares, shares)
def test_it_rises_to_its_peak_and_then_never_rises(schedule, warmup, one, other):
    options = TrainingOptions(schedule=schedule, warmup=warmup, learning_rate=0.1)
    earlier, later = sorted((one, other))
    first, second = (learning_rate(done, options) for done in (earlier, later))
    assert 0 <= first <= 0.1 + 1e-12
    if later <= warmup:
        assert first <= second + 1e-12
    elif earlier >= warmup:
        assert second <= first + 1e-12
    assert learning_rate(warmup, options) == pytest.approx(0.1)


def test_it_ends_at_zero_unless_it_is_constant():
    for schedule, end in (("linear", 0), ("cosine", 0), ("constant", 0.1)):
        options = TrainingOptions(schedule=schedule, learning_rate=0.1, warmup=0.2)
        assert learning_rate(1.0, options) == pytest.approx(end)
    halfway = TrainingOptions(schedule="cosine", learning_rate=0.1)
    assert learning_rate(0.5, halfway) == pytest.approx(0.05)
