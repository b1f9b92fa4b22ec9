"""Labels and texts of every form; what is guessed is said."""

from __future__ import annotations

import json

import pyarrow as pa
import pytest

import textprep as tp
from textprep.datasets.schema.columns import Columns, guessed
from textprep.errors import DatasetError


def load(rows, **options):
    return tp.load_dataset("memory", rows=rows, **{"splits": None, **options})


def bad(rows, message, **options):
    with pytest.raises(DatasetError, match=message):
        load(rows, **options)


@pytest.mark.parametrize("table", [False, True])
def test_several_columns_are_joined_and_a_pair_is_kept_apart(table):
    rows = [
        {"title": "One", "body": "a", "reply": "x", "label": 1},
        {"title": "Two", "body": "", "reply": "y", "label": 0},
    ]
    data = pa.Table.from_pylist(rows) if table else rows
    corpus = load(data, text=["title", "body"], join=" | ", pair="reply")
    assert corpus["train"].text.to_pylist() == ["One | a", "Two | "]
    assert corpus["train"].table["pair"].to_pylist() == ["x", "y"]
    assert corpus["train"].table.column_names == ["text", "pair", "label", "row_id"]
    rows[1]["body"] = None
    bad(
        pa.Table.from_pylist(rows) if table else rows,
        "row 1, column 'body': the text is missing",
        text=["title", "body"],
    )
    bad(rows, r"column 'answer': there is no such column; .* say pair=COLUMN", text="title", pair="answer")


def test_numbers_on_two_sides_of_a_threshold():
    corpus = load([("a", 3.5), ("b", "4"), ("c", 1), ("d", -1e9)], threshold=3.5)
    assert (corpus.class_names, corpus["train"].labels.tolist()) == (("<3.5", ">=3.5"), [1, 1, 0, 0])
    corpus = load([("a", 0.9), ("b", 0.1)], threshold=0.5, class_names=["ham", "spam"])
    assert corpus["train"].class_counts() == {"ham": 1, "spam": 1}
    bad([("a", True)], "a label is a number, not True", threshold=0.5)
    bad(
        [("a", 1)],
        "divides labels into two classes; class_names= has 3",
        threshold=0.5,
        class_names="abc"[:0] or ["a", "b", "c"],
    )


def test_several_labels_a_row():
    rows = [("a", ["x", "y"]), ("b", []), ("c", ["y", "y"])]
    corpus = load(rows, target="classes")
    assert (corpus.class_names, corpus["train"].labels.dtype) == (("x", "y"), "int8")
    assert corpus["train"].labels.tolist() == [[1, 1], [0, 0], [0, 1]]
    assert corpus["train"].class_counts() == {"x": 1, "y": 2}
    assert corpus["train"].table["labels"].to_pylist() == [[0, 1], [], [1]]
    separated = load([("a", "x | y"), ("b", ""), ("c", "y")], separator="|")
    assert separated["train"].labels.tolist() == corpus["train"].labels.tolist()
    yes = [{"text": "a", "toxic": 1, "rude": "true"}, {"text": "b", "toxic": 0, "rude": False}]
    columns = load(yes, label=["toxic", "rude"])
    assert (columns.class_names, columns["train"].labels.tolist()) == (
        ("toxic", "rude"),
        [[1, 1], [0, 0]],
    )
    divided = load(
        [(f"text {i}", ["x"]) for i in range(20)], target="classes", splits={"train": 0.5, "test": 0.5}
    )
    assert divided["test"].labels.all()
    assert len(divided["test"].labels) == 10
    assert load([("a", [False]), ("b", [0.0])], target="classes").class_names == ("0", "False")
    bad([("a", None)], "the labels are missing", target="classes")
    bad([("a", 3)], "the labels are int, not a list of labels", target="classes")
    bad([("a", ["x", ""])], "the label is missing", target="classes")
    bad([("a", ["z"])], "'z' is none of the classes", target="classes", class_names=["x"])
    bad([{"text": "a", "x": 2, "y": 0}], "holds 0 or 1, true or false, not 2", label=["x", "y"])


def test_labels_that_are_text_numbers_or_bools_keep_a_fixed_order():
    assert load([("a", 10), ("b", 2)]).class_names == ("2", "10")
    assert load([("a", True), ("b", False)]).class_names == ("False", "True")
    assert load(pa.table({"text": ["a", "b"], "label": [True, False]})).class_names == ("False", "True")
    assert load(pa.table({"text": ["a"], "label": pa.array(["x"]).dictionary_encode()})).class_names == ("x",)


@pytest.mark.parametrize(
    ("names", "text", "label", "note"),
    [
        (["text", "label"], "text", ("label",), None),
        (
            ["id", "Review Text", "Sentiment"],
            "Review Text",
            ("Sentiment",),
            "guessed from the header: text='Review Text', label='Sentiment'",
        ),
        (["sentence"], "sentence", (), "guessed from the header: text='sentence'"),
        (["anything"], "anything", (), "text='anything'"),
        (["text"], "text", (), None),
        (["id", "words"], "text", ("label",), None),
        (["title", "content", "category"], "content", ("category",), "text='content'"),
    ],
)
def test_columns_are_guessed_by_name_and_said(names, text, label, note):
    columns, said = guessed(Columns(("?",), ("?",)), names)
    assert (columns.text, columns.label) == ((text,), label)
    assert said is None if note is None else note in said


def test_a_guess_is_reported_with_the_corpus(tmp_path):
    path = tmp_path / "r.jsonl"
    path.write_text("".join(json.dumps({"review": t, "stars": s}) + "\n" for t, s in [("a", 1), ("b", 2)]))
    corpus = tp.load_dataset("jsonl", path=path, splits=None)
    assert corpus.class_names == ("1", "2")
    assert corpus.summary().endswith(
        "guessed from the header: text='review', label='stars'; say text= and label= to choose"
    )
    assert tp.load_dataset("jsonl", path=path, text="review", label="stars", splits=None).notes == ()


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"pair": 3}, "pair= is the name"),
        ({"pair": "text"}, "text= and pair= are the same column 'text'"),
        ({"join": None}, "join= is the text between"),
        ({"separator": ""}, "option 'separator': String should have at least 1 character"),
        ({"threshold": "3"}, "option 'threshold': Input should be a valid number"),
        ({"threshold": 1, "label": None}, "label=None reads none"),
        ({"empty_text": "drop"}, "empty_text= is 'keep' or 'reject'"),
        ({"text": []}, "text= is the name of the column that holds the texts, or a list"),
        ({"label": []}, "label= is the name of the column that holds the labels, a list, or None"),
    ],
)
def test_options_that_cannot_be_used(options, message):
    bad([("a", "x")], message, **{"text": "text", "label": "label", **options})


def test_the_column_of_the_labels_is_not_the_second_text(tmp_path):
    path = tmp_path / "pairs.jsonl"
    path.write_text('{"text": "a", "other": "b", "label": "x"}\n')
    with pytest.raises(DatasetError, match="pair= and label= are the same column 'label'"):
        tp.load_dataset("jsonl", path=path, pair="label", splits=None)
