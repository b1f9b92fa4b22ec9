from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from textprep.datasets.rows import Record, Rejected, as_record, block_of
from textprep.datasets.schema.columns import Columns
from textprep.datasets.schema.validation import check, validated

COLUMNS = Columns()


def problem(fields, classes=None):
    columns = Columns.of(about_target={"class_names": classes})
    result = check(Record(fields, "f.csv", 3), columns, 0)
    assert isinstance(result, Rejected)
    return str(result)


def test_rows_of_every_form_become_records():
    rows = [{"text": "a", "label": 1}, ("b", 0), "c", Record({"text": "d"}, "f", 9)]
    assert [as_record(row, position) for position, row in enumerate(rows)] == [
        Record({"text": "a", "label": 1}, None, 0),
        Record({"text": "b", "label": 0}, None, 1),
        Record({"text": "c"}, None, 2),
        Record({"text": "d"}, "f", 9),
    ]


@pytest.mark.parametrize("row", [["a", "b"], ("a", "b", "c"), 7, None, b"a"])
def test_what_is_no_row_is_rejected(row):
    rejected = as_record(row, 0)
    assert rejected.reason.startswith("a row is a mapping")
    assert rejected.raw is row


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"text": None, "label": 1}, "f.csv, line 3, column 'text': the text is missing"),
        ({"text": 5, "label": 1}, "column 'text': the text is int, not a string: 5"),
        ({"text": "a\ud800", "label": 1}, "column 'text': character 1 is"),
        ({"text": "a", "label": None}, "column 'label': the label is missing"),
        ({"text": "a", "label": ""}, "column 'label': the label is missing"),
        ({"text": "a", "label": 4.5}, "column 'label': the label 4.5 is a float that is not whole"),
        ({"text": "a", "label": [1]}, "the label is list"),
        (
            {"texts": "a", "label": 1},
            "column 'text': there is no such column; there are: texts, label; say text=",
        ),
        (
            {"text": "a", "lable": 1},
            "column 'label': there is no such column; there are: lable, text; say label=",
        ),
        ({}, "there are: none"),
    ],
)
def test_what_is_wrong_with_a_row(fields, message):
    assert message in problem(fields)


def test_a_label_that_is_no_class_is_named_with_the_classes():
    for label in ("pos", "neg"):  # whatever it is like, the classes stand in the order of their ids
        message = problem({"text": "a", "label": label}, classes=("negative", "positive"))
        assert message == (
            f"f.csv, line 3, column 'label': the label {label!r} is none of the classes 0 negative, "
            "1 positive (a label is a name or a number of these)"
        )


def test_a_good_row():
    good = check(Record({"t": "", "l": True, "id": 9}, None, 4), Columns(("t",), ("l",)), 17)
    assert (good.text, good.target, good.row_id) == ("", "True", 17)


@pytest.mark.parametrize("odd", [None, "x"])  # a column that Arrow takes, and one that it refuses
def test_a_block_knows_where_its_rejected_rows_stand(odd):
    rows = [{"text": "a", "label": 1, "n": 1}, 7, {"text": "b", "label": 0, "n": odd}]
    block = block_of([as_record(row, position) for position, row in enumerate(rows)])
    assert (block.table is None, list(block.rejected)) == (odd == "x", [1])
    found = validated(block, COLUMNS, 10)
    assert found.table["text"].to_pylist() == ["a", "b"]
    assert (found.row_ids.tolist(), [row.line for row in found.rejected]) == ([10, 12], [1])


@pytest.mark.parametrize(
    ("label", "name"), [(np.bool_(True), "True"), (np.int64(3), "3"), (np.str_("x"), "x")]
)
def test_labels_of_numpy_count_as_python_s(label, name):
    assert check(Record({"text": "", "label": label}, None, 4), COLUMNS, 0).target == name


def test_labels_of_numpy_that_are_no_labels():
    assert "the label 4.5 is a float" in problem({"text": "a", "label": np.float32(4.5)})
    assert "the label is ndarray" in problem({"text": "a", "label": np.array([1])})


def test_places_in_code_name_row_and_split():
    assert str(Rejected(None, 2, "text", "why", {}, "test")) == "row 2 of split 'test', column 'text': why"


@pytest.mark.parametrize(
    "labels", [[1, 2, 3], [1.0, 2.0, 3.5], [float("nan"), 1.0, 2.0], [2**60, 0, -1], ["1", "2", "3"]]
)
def test_a_threshold_parts_a_column_as_it_parts_values(labels):
    columns = Columns.of("class", {"threshold": 2.0})
    rows = [Record({"text": "a", "label": label}, None, line) for line, label in enumerate(labels)]
    found, by_row = (
        validated(block, columns, 0) for block in (block_of(rows), block_of(rows)._replace(table=None))
    )
    for one in (found, by_row):
        assert len(one.row_ids) + len(one.rejected) == 3
    assert found.rejected == by_row.rejected
    names = [[one.target.names[code] for code in one.target.codes] for one in (found, by_row)]
    assert names[0] == names[1]


FIELDS = {
    "text": st.sampled_from(["a", "b c", " ", "é", None]),
    "more": st.sampled_from(["x", "", None]),
    "label": st.sampled_from(["p", "q", "p", "1", "", None]),
}
FURTHER = {
    "n": st.sampled_from([None, 1, 2, 2, 2.5]),
    "row_id": st.sampled_from(["x", "y", None]),
    "z": st.sampled_from([True, False] * 10 + [None, [1]]),
}
ALIKE = st.sampled_from([(), ("n",), ("n", "z"), ("row_id",)]).flatmap(
    lambda names: st.lists(
        st.fixed_dictionaries({**FIELDS, **{name: FURTHER[name] for name in names}}), min_size=2, max_size=12
    )
)


@given(
    ALIKE | st.lists(st.fixed_dictionaries(FIELDS, optional=FURTHER) | st.just(7), max_size=12),
    st.sampled_from([{}, {"text": ("text", "more")}, {"pair": "more"}, {"label": None}, {"empty_text": "reject"}]),
    st.none() | st.just(("p", "q", "1")),
)  # fmt: skip
def test_bad_rows_are_taken_out_of_a_block_as_they_are_row_by_row(rows, options, classes):
    columns = Columns.of(about_target={"class_names": classes}, **options)
    block = block_of([as_record(row, position) for position, row in enumerate(rows)])
    by_column, by_row = (validated(one, columns, 10) for one in (block, block._replace(table=None)))
    assert by_column.table.schema == by_row.table.schema
    assert by_column.table.to_pydict() == by_row.table.to_pydict()
    assert by_column.rejected == by_row.rejected
    assert by_column.row_ids.tolist() == by_row.row_ids.tolist()
    assert (by_column.target is None) == (by_row.target is None)
    if by_row.target:
        names = [[one.names[code] for code in one.codes] for one in (by_column.target, by_row.target)]
        assert names[0] == names[1]
        assert set(by_column.target.names) == set(by_row.target.names)
