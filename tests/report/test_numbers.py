"""What the page of a run shows of predicted numbers, in a browser too: its counts are Python's."""

from __future__ import annotations

import json

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tests.report.number_pages import page_of_numbers, parts_of_numbers
from textprep.report.charts import Axis, ticks
from textprep.report.number_charts import MOST_POINTS, _some, residual_chart, scatter_chart
from textprep.report.number_scores import number, numbers_summary, of_column, score_lines
from textprep.report.numbers import (
    MOST_COLUMNS,
    MOST_MISSES,
    MOST_ROWS,
    numbers_page,
    rows_to_show,
    tolerances,
)

NAMES = ("stars", "year")
WITHIN = "[...document.querySelectorAll('.within')].filter(e => e.checkVisibility()).map(e => e.textContent)"
TEXTS = "[...document.querySelectorAll('#outside bdi')].map(e => e.textContent)"


def some(rows: int = 300, columns: int = 0, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    generator = np.random.default_rng(seed)
    shape = (rows, columns) if columns else (rows,)
    true = generator.normal(3, 1, shape).round(1)
    return true, true + generator.normal(0, 0.5, shape)


def move(tab, step: int) -> None:
    tab.evaluate(
        f"(() => {{ const s = document.getElementById('tolerance'); s.value = {step};"
        " s.dispatchEvent(new Event('input', {bubbles: true})); })()"
    )


def choose(tab, place: int) -> None:
    tab.evaluate(
        f"(() => {{ const s = document.getElementById('column'); s.value = {place};"
        " s.dispatchEvent(new Event('change', {bubbles: true})); })()"
    )


def sentence(true, said, tolerance) -> str:
    errors = said - true
    within, high = int((np.abs(errors) <= tolerance).sum()), int((errors > tolerance).sum())
    return (
        f"{within / len(errors):.1%} of the rows ({within:,}) are within ±{tolerance:.10g} of the true number; "
        f"{high:,} are predicted too high, {len(errors) - within - high:,} too low."
    )


# The numbers behind the page


@example([5e-324])
@example([1e-310, 1e-320])
@example([1e-306])
@example([0.0] * 200 + [1.0])
@given(st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=40))
def test_tolerances_rise_in_few_round_steps_until_they_hold_every_row(errors):
    steps = tolerances(np.array(errors))
    assert steps[0] == 0
    assert steps == sorted(set(steps))
    assert len(steps) <= 105
    assert steps[-1] >= np.abs(errors).max() * (1 - 1e-9)


def test_the_rows_of_a_page_are_few_and_the_worst_are_among_them():
    true, said = some(25_000)
    rows = rows_to_show(true, said)
    worst = np.argsort(-np.abs(said - true))[:MOST_MISSES]
    assert set(worst) <= set(rows.tolist())
    assert len(rows) <= MOST_ROWS
    errors = np.sort(np.abs(said - true)[rows])
    assert np.diff(np.searchsorted(np.sort(np.abs(said - true)), errors)).max() < 100  # of every size


@pytest.mark.parametrize("columns", [0, 3, 30])
def test_a_page_of_many_rows_is_bounded_in_size(columns):
    true, said = some(25_000, columns)
    names = tuple(f"c{place}" for place in range(columns))
    context, data = parts_of_numbers(true, said, names, text="word " * 1000 + "{}") if columns < 30 else (
        parts_of_numbers(true[:500], said[:500], names)
    )  # fmt: skip
    assert len(context["columns"]) == min(max(columns, 1), MOST_COLUMNS)
    assert context["not_shown"] == max(0, columns - MOST_COLUMNS)
    assert len(json.dumps(data, allow_nan=False)) < 600_000
    assert all(len(column["scatter"]) < 40_000 for column in context["columns"])


def test_a_scatter_has_few_dots_and_those_farthest_off():
    true, said = some(5_000)
    said[7] = 99.0
    chart = scatter_chart(true, said, 0.5)
    assert chart.count("h0") <= MOST_POINTS
    assert 7 in _some(np.abs(said - true))


def test_the_bars_of_residuals_hold_every_row():
    true, said = some(1_000)
    titles = [part.partition("</title>")[0] for part in residual_chart(said - true).split("<title>")[1:]]
    assert sum(int(title.rpartition(": ")[2].split()[0].replace(",", "")) for title in titles) == 1_000


@pytest.mark.parametrize("scale", [0.0, 1e-12, 1.0, 1e12])
@pytest.mark.parametrize("rows", [1, 2, 50])
def test_any_numbers_can_be_drawn(scale, rows):
    true, said = some(rows)
    written = page_of_numbers(true * scale, said * scale)
    assert "nan" not in written.lower().replace("nano", "")
    assert "inf" not in written[written.index("<svg") : written.rindex("</svg>")]


def test_ticks_of_tiny_spans_are_not_all_zero():
    assert len(set(ticks(Axis("", 0, 5e-12)))) > 3


def test_where_all_are_right_there_is_no_miss():
    true, _ = some(20)
    context, data = parts_of_numbers(true, true)
    assert context["columns"][0]["misses"] == []
    assert data["columns"][0]["tolerances"] == [0.0]
    assert "There is none." in page_of_numbers(true, true)


def test_page_asks_for_the_texts_that_it_shows():
    true, said = some(50)
    context, _ = parts_of_numbers(true, said)
    asked = []

    def texts(rows):
        asked.append(rows.tolist())
        return [[f"text {row}"] for row in rows]

    scores = {"mae": 0.4, "rmse": 0.5, "r2": None, "pearson": 0.9, "spearman": 0.9}
    page = numbers_page(true, said[:, None], (), scores, texts)
    assert asked == [rows_to_show(true, said).tolist()]
    assert page.script == "numbers"
    assert page.sections[0].context["columns"][0]["misses"] == context["columns"][0]["misses"]


# What people read


def test_each_score_stands_with_its_interval_beside_the_mean_and_ridge():
    scores = {
        "rows": 9, "mae": 0.25, "rmse": 0.5, "r2": None, "pearson": 0.9, "spearman": 0.8,
        "intervals": {"mae": [0.2, 0.3], "rmse": [0.4, 0.6], "r2": None, "pearson": [0.8, 1], "spearman": None},
        "baseline": {"mae": 1.0, "rmse": 1.25, "r2": -1e-9},
    }  # fmt: skip
    mae, _, r2, pearson, _ = score_lines({**scores, "ridge": scores})
    assert mae == ("MAE", "0.25", "0.2 to 0.3", "1", "0.25", "0.2 to 0.3", "TF-IDF")
    assert (r2.model, r2.range, r2.mean) == ("-", "-", "0.0000")
    assert (pearson.range, pearson.mean) == ("0.8000 to 1.0000", "-")
    assert "9 rows" in numbers_summary(scores)
    seen = numbers_summary({**scores, "seen": {"rows": 7, "others": {**scores, "rows": 2}}})
    assert "7 of 9 rows are training texts; of the 2 others the MAE is 0.25 (0.2 to 0.3), R² -" in seen
    assert "do not say" in numbers_summary({**scores, "seen": {"rows": 9}})


def test_the_scores_of_a_column_bring_all_that_stands_beside_them():
    true, said = some(40, 2)
    context, _ = parts_of_numbers(true, said, NAMES)
    assert [column["name"] for column in context["columns"]] == list(NAMES)
    for column in context["columns"]:
        assert column["scores"][0].ridge == column["scores"][0].model != "-"
        assert column["scores"][0].mean != "-"
    assert of_column({"mae": 1.0}, "") == {"mae": 1.0}


@pytest.mark.parametrize(
    ("value", "written"), [(1999.5, "2,000"), (1e9, "1e+09"), (0.0, "0"), (-0.12345, "-0.1235")]
)
def test_numbers_are_short(value, written):
    assert number(value) == written


# In a browser


def test_the_slider_counts_as_python_would(opened):
    true, said = some()
    _, data = parts_of_numbers(true, said)
    steps = data["columns"][0]["tolerances"]
    tab = opened(page_of_numbers(true, said))
    assert tab.evaluate(WITHIN) == [sentence(true, said, steps[data["columns"][0]["start"]])]
    for step in (0, 1, 30, len(steps) - 1):
        move(tab, step)
        assert tab.evaluate(WITHIN) == [sentence(true, said, steps[step])]
        outside = np.abs(said - true) > steps[step]
        found = [int(text.rpartition(" ")[2]) for text in tab.evaluate(TEXTS)]
        assert all(outside[found])
        assert len(found) == min(8, outside.sum())
        assert (np.diff(np.abs(said - true)[found]) >= 0).all()
    assert tab.problems == []


def test_each_column_has_its_own_picture_and_tolerance(opened):
    true, said = some(100, 2)
    said[:, 1] = true[:, 1] + 10 * (said[:, 1] - true[:, 1])
    _, data = parts_of_numbers(true, said, NAMES)
    tab = opened(page_of_numbers(true, said, NAMES))
    for place in (1, 0):
        choose(tab, place)
        column = data["columns"][place]
        tolerance = column["tolerances"][column["start"]]
        assert tab.evaluate(WITHIN) == [sentence(true[:, place], said[:, place], tolerance)]
        visible = "[...document.querySelectorAll('.of-column')].filter(e => e.checkVisibility()).map(e => e.dataset.column)"
        assert set(tab.evaluate(visible)) == {str(place)}
    assert tab.problems == []


def test_the_band_is_drawn_by_the_script_as_by_python(opened):
    true, said = some()
    tab = opened(page_of_numbers(true, said))
    start, drawn = (
        tab.evaluate("document.getElementById('tolerance').value"),
        "document.querySelector('.band')",
    )
    corners = f"{drawn}.getAttribute('d').match(/[0-9.]+/g).map(Number)"
    by_script = tab.evaluate(corners)
    bare = opened(page_of_numbers(true, said), scripts=False)
    np.testing.assert_allclose(bare.evaluate(corners), by_script, atol=0.11)
    move(tab, int(start) + 5)
    assert tab.evaluate(corners) != by_script


def test_it_works_by_keyboard_and_says_what_it_does(opened):
    true, said = some()
    tab = opened(page_of_numbers(true, said))
    tab.evaluate("document.getElementById('tolerance').focus()")
    before = tab.evaluate(WITHIN)
    tab.press("ArrowRight")
    assert tab.evaluate(WITHIN) != before
    nodes = tab.call("Accessibility.getFullAXTree")["nodes"]
    slider = next(node for node in nodes if node["role"]["value"] == "slider")
    assert slider["name"]["value"] == "Tolerance"
    assert tab.evaluate("document.getElementById('tolerance').getAttribute('aria-valuetext')").startswith("±")


def test_without_its_script_all_columns_can_be_read(opened):
    tab = opened(page_of_numbers(*some(50, 2), NAMES), scripts=False)
    assert len(tab.evaluate(WITHIN)) == 2


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_it_can_be_read_on_a_phone_and_in_the_dark(opened, scheme):
    tab = opened(page_of_numbers(*some(50, 2), NAMES))
    tab.colours(scheme)
    lowest, text = tab.contrasts()[0]
    assert lowest >= 4.5, text
    tab.resize(390, 800)
    assert tab.evaluate("document.documentElement.scrollWidth") <= 390


def test_texts_and_names_are_escaped(opened):
    names = ("<b>stars", "</script><script>alert(1)</script>")
    written = page_of_numbers(*some(30, 2), names, text="<img src=x onerror=alert(1)> {}")
    assert "<img" not in written
    assert "<script>alert" not in written
    assert opened(written).problems == []


def test_the_worst_misses_of_pairs_show_both_texts(opened):
    true, said = some(30)
    tab = opened(page_of_numbers(true, said, text="premise {}", pair="hypothesis {}"))
    for where in (".wrong", "#outside"):
        texts = tab.evaluate(
            f"[...document.querySelectorAll('{where} li:first-child bdi')].map(e => e.textContent)"
        )
        assert [text.split()[0] for text in texts] == ["premise", "hypothesis"]
        assert len({text.split()[1] for text in texts}) == 1
    assert tab.problems == []
