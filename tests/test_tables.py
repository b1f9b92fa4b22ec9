"""Tables: aligned for every script, within the width, harmless whatever the text is."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from textprep.tables import display_width, shorten, table


def test_numbers_stand_on_the_right_and_words_on_the_left():
    assert table(["name", "share", "rows"], [["good", "87.50%", 1200], ["so so", "9.00%", 7]]) == (
        "name    share  rows\n-----  ------  ----\ngood   87.50%  1200\nso so   9.00%     7"
    )


def test_wide_characters_keep_the_columns_aligned():
    lines = table(["class", "rows"], [["スポーツ", 1], ["film", 22]]).splitlines()
    assert {display_width(line) for line in lines} == {14}


def test_the_widest_column_is_cut_and_numbers_are_not():
    lines = table(["text", "label"], [["word " * 40, 1234567]], width=40).splitlines()
    assert {display_width(line) for line in lines[1:]} == {40}
    assert "…" in lines[2]
    assert lines[2].endswith(" 1234567")


def test_a_table_without_rows_is_its_header():
    assert table(["a", "bc"], []) == "a  bc\n-  --"


@given(st.lists(st.tuples(st.text(), st.integers(), st.text()), max_size=5), st.integers(20, 100))
def test_every_row_is_one_printable_line_within_the_width(rows, width):
    lines = table(["text", "number", "more"], rows, width=width).split("\n")
    assert len(lines) == len(rows) + 2
    assert all(line.isprintable() and display_width(line) <= width for line in lines)


@given(st.text(), st.integers(1, 12))
def test_a_shortened_text_fits_and_begins_like_the_whole(text, width):
    short = shorten(text, width)
    assert display_width(short) <= width
    assert short == text or text.startswith(short[:-1])
