"""Charts keep to their box, and what is in them is text."""

from __future__ import annotations

import re
from xml.etree import ElementTree

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from textprep.report.charts import HEIGHT, WIDTH, Axis, Line, length_chart, line_chart, ticks
from textprep.report.plan import length_histogram


@given(st.floats(-1e3, 1e3), st.floats(0.001, 1e4))
def test_ticks_are_few_and_within_the_axis(low, span):
    found = ticks(Axis("", low, low + span))
    assert len(found) <= 7
    assert all(low - span * 1e-6 <= tick <= low + span * 1.000001 for tick in found)
    assert found == sorted(found)


@given(st.lists(st.tuples(st.floats(0, 10), st.floats(-2, 2)), min_size=1, max_size=50))
def test_points_stay_in_the_box(points):
    chart = line_chart([Line("train", points)], Axis("x", 0, 10), Axis("y", -2, 2), label="a & b <c>")
    root = ElementTree.fromstring(chart)
    assert root.get("aria-label") == "a & b <c>"
    (path,) = (part for part in root if part.get("class") == "line train")
    numbers = [float(number) for number in re.findall(r"[\d.]+", path.get("d", ""))]
    assert all(0 <= x <= WIDTH for x in numbers[::2])
    assert all(0 <= y <= HEIGHT for y in numbers[1::2])


def test_an_axis_of_one_value_has_one_tick():
    assert ticks(Axis("", 3, 3)) == [3]


def test_lengths_of_no_texts_have_a_chart_too():
    assert "<svg" in length_chart(length_histogram(np.array([], np.int64)))
    assert length_chart(length_histogram(np.arange(40), cut=8)).count("<rect") == 20
