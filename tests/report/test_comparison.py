"""A comparison as tables that fit a line and as a picture that stands for itself."""

from __future__ import annotations

from xml.etree import ElementTree

from textprep.report.comparison import NAMES, SPAN, comparison_picture, comparison_tables


def line(name: str, mean: float, difference: float | None = None, key: str = "accuracy") -> dict:
    return {
        "name": name, key: {"mean": mean, "values": [mean - 0.01, mean + 0.01]},
        "interval": [mean - 0.02, mean + 0.02], "difference": difference,
        "verdict": "reference" if difference is None else "better", "vocabulary": 30_000,
        "oov_rate": 0.0123, "tokens_a_text": 278.4, "read": 0.75, "seconds": {"mean": 61.5},
    }  # fmt: skip


RESULT = {
    "held_out": "test", "rows": 2500, "seeds": [0, 1],
    "groups": [{"group": "attention", "reference": "no attention",
                "variants": [line("no attention", 0.85), line("additive", 0.88, 0.03)]}],
}  # fmt: skip


# Lower is better, there is no upper end, and values are no shares.
ERRORS = {
    **RESULT, "measure": ["mae", "mean absolute error", ".3f", False],
    "baseline": {"of": "the training mean", "value": [12.0], "mae": 4.5},
    "groups": [{"group": "attention", "reference": "no attention",
                "variants": [line("no attention", 2.5, None, "mae"), line("additive", 1.25, -1.25, "mae")]}],
}  # fmt: skip


def test_any_measure_is_written_in_its_own_form():
    text = comparison_tables(ERRORS)
    first, second, _, header, _, reference, other, *_ = text.splitlines()
    assert first.endswith("drawn from 1.230 to 2.520")
    assert second == "always guessing the training mean gives mean absolute error 4.500"
    assert header.split()[:4] == ["attention", "mean", "absolute", "error"]
    assert "2.500" in reference.split()
    for cell in ("1.250", "1.230", "1.270", "-1.250", "better"):
        assert cell in other.split()
    assert other.index("●") < reference.index("●")
    assert "accuracy" not in text
    assert "%" not in text.splitlines()[0]
    assert max(map(len, text.splitlines())) <= 160


def test_what_a_guess_gives_is_said_by_the_measure_alone():
    """An accuracy beside a mean distance would be taken for one."""
    class_guess = {"label": "bad", "accuracy": 0.99}
    assert "always guessing 'bad'" in comparison_tables({**RESULT, "baseline": class_guess})
    assert "guessing" not in comparison_tables({**ERRORS, "baseline": class_guess})
    assert "guessing" not in comparison_tables({**ERRORS, "baseline": None})


def test_any_measure_is_drawn_between_its_own_ends():
    picture = comparison_picture(ERRORS)
    root = ElementTree.fromstring(picture)
    assert "mean absolute error on test: mean, each seed, 95 % interval" in picture
    assert "%" not in picture.replace("95 %", "")
    first, second = (float(dot.get("cx")) for dot in root.iter("{http://www.w3.org/2000/svg}circle"))
    assert NAMES < second < first < NAMES + SPAN


def test_a_line_says_what_was_gained_and_what_it_cost():
    text = comparison_tables(RESULT)
    assert text.startswith("2,500 rows of 'test', 2 seeds; drawn from 83.0% to 90.0%")
    cells = next(row for row in text.splitlines() if row.startswith("additive")).split()
    for cell in ("88.00%", "86.00%", "90.00%", "+3.00", "better", "30,000", "1.23%", "278.4", "75%", "61.5"):
        assert cell in cells
    assert max(map(len, text.splitlines())) <= 160


def test_a_split_that_chose_the_epoch_is_said_to():
    assert "so the scores are optimistic)" in comparison_tables({**RESULT, "held_out": "validation"})
    assert "optimistic" not in comparison_tables(RESULT)


def test_one_seed_is_said_to_be_one():
    assert "another seed may change them" in comparison_tables({**RESULT, "seeds": [0]})
    assert "another seed" not in comparison_tables(RESULT)


def test_the_drawn_intervals_stand_where_their_numbers_do():
    rows = [row for row in comparison_tables(RESULT).splitlines() if "●" in row]
    assert rows[0].index("●") < rows[1].index("●")
    assert rows[0].index("├") < rows[1].index("├")


def test_the_picture_names_every_variant_and_keeps_to_its_box():
    picture = comparison_picture(RESULT)
    root = ElementTree.fromstring(picture)
    assert "attention: no attention" in picture
    assert "attention: additive" in picture
    width = float(root.get("viewBox").split()[2])
    places = [float(dot.get("cx")) for dot in root.iter("{http://www.w3.org/2000/svg}circle")]
    assert places == sorted(places)
    assert all(0 < place < width for place in places)
    assert comparison_picture(RESULT) == picture


def test_a_hostile_name_is_text_in_the_picture():
    name = "<script>\x00&\ud800"
    hostile = {**RESULT["groups"][0], "variants": [line(name, 0.5)]}
    picture = comparison_picture({**RESULT, "groups": [hostile]})
    assert "<script>" not in picture
    ElementTree.fromstring(picture.encode())
