"""Sequences of numbers with a tag for each step: the true ones and the predicted ones under their curves."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from textprep.report.sequences import BAND, STRIP, Bands, curves

tags = st.lists(
    st.tuples(st.sampled_from(["", "open", "closed"]), st.sampled_from(["open", "closed"])), min_size=1
)


@given(tags)
def test_runs_of_tags_are_all_steps_and_say_which_are_wrong(pairs):
    bands = Bands(*(tuple(each) for each in zip(*pairs, strict=True)))
    steps = [(true, said) for first, last, true, said in bands.runs for _ in range(first, last + 1)]
    assert steps == pairs
    assert bands.wrong == sum(true not in ("", said) for true, said in pairs)
    neighbours = zip(bands.runs, bands.runs[1:], strict=False)
    assert all(left[1] + 1 == right[0] and left[2:] != right[2:] for left, right in neighbours)


def test_tags_are_between_the_curves_and_the_attention():
    steps, weights = np.zeros((30, 1), np.float32), np.full(30, 1 / 30, np.float32)
    bands = Bands(("open",) * 20 + ("<i>",) * 10, ("open",) * 30)
    plain, picture = curves(["x"], steps, weights), curves(["x"], steps, weights, bands)
    assert picture.count('class="tag ') == 3
    assert ">true</text>" in picture
    assert ">model</text>" in picture
    assert "&lt;i&gt;, step 20 to 29" in picture
    assert "10 steps predicted otherwise than is true" in picture
    height = [int(each.split('viewBox="0 0 ')[1].split('"')[0].split()[1]) for each in (plain, picture)]
    assert height[1] - height[0] == 2 * BAND > 0
    assert STRIP > 0
