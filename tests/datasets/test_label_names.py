"""What a label is called, whatever wrote it; which class it means; and what is said where nobody can know."""

from __future__ import annotations

import json
import sqlite3
from decimal import Decimal
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.feather
import pytest
from hypothesis import given
from hypothesis import strategies as st

import textprep as tp
from textprep.datasets.rows import Record, block_of
from textprep.datasets.schema.columns import Columns
from textprep.datasets.schema.validation import validated
from textprep.errors import DatasetError
from textprep.targets import ClassesTarget, ClassTarget
from textprep.targets.label_mapping import checked_labels, merging, proposed


def load(rows, **options):
    return tp.load_dataset("memory", rows=rows, **{"splits": None, **options})


def database(path, labels):
    path.unlink(missing_ok=True)
    with sqlite3.connect(path) as connection:
        connection.execute("create table r (text text, label real)")
        connection.executemany("insert into r values (?, ?)", [(f"t{label}", label) for label in labels])
    return {"name": "sql", "url": f"sqlite:///{path}", "table": "r"}


def frame(labels):
    return pd.DataFrame({"text": [f"t{label}" for label in labels], "label": labels})


def in_file(name, write):
    def make(folder, labels):
        write(frame(labels), folder / f"r.{name}")
        return {"name": name, "path": folder / f"r.{name}"}

    return make


FLOATS = {
    "csv": in_file("csv", lambda data, path: data.to_csv(path, index=False)),
    "tsv": in_file("tsv", lambda data, path: data.to_csv(path, index=False, sep="\t")),
    "jsonl": in_file("jsonl", lambda data, path: data.to_json(path, orient="records", lines=True, double_precision=1)),
    "json": in_file("json", lambda data, path: path.write_text(json.dumps(data.to_dict("records")))),
    "parquet": in_file("parquet", lambda data, path: data.to_parquet(path)),
    "arrow": in_file("arrow", pa.feather.write_feather),
    "sql": lambda folder, labels: database(folder / "r.db", labels),
    "pandas": lambda _, labels: {"name": "memory", "rows": frame(labels)},
    "rows": lambda _, labels: {"name": "memory", "rows": frame(labels).to_dict("records")},
    "decimals": lambda _, labels: {"name": "memory", "rows": [(f"t{label}", Decimal(label)) for label in labels]},
    "lists": lambda _, labels: {"name": "memory", "rows": [(f"t{label}", [label]) for label in labels], "target": "classes"},
    "sklearn": lambda _, labels: {"name": "sklearn", "bunch": SimpleNamespace(data=[f"t{label}" for label in labels], target=np.array(labels))},
}  # fmt: skip


@pytest.mark.parametrize("source", FLOATS)
def test_whole_numbers_are_whole_numbers_wherever_they_are_from(tmp_path, source):
    corpus = tp.load_dataset(**FLOATS[source](tmp_path, [5.0, 1.0, 10.0]), splits=None)
    assert corpus.class_names == ("1", "5", "10")
    known = tp.load_dataset(**FLOATS[source](tmp_path, [1.0, 0.0]), splits=None, class_names=["no", "yes"])
    assert known["train"].class_counts() == {"no": 1, "yes": 1}


@pytest.mark.parametrize("source", FLOATS)
def test_numbers_with_a_fraction_are_no_classes(tmp_path, source):
    options = FLOATS[source](tmp_path, [4.0, 2.5, 1.0])
    with pytest.raises(DatasetError, match=r"2\.5.*threshold= makes two classes") as failure:
        tp.load_dataset(**options, splits=None)
    assert (failure.value.option, failure.value.value, failure.value.column) == ("target", "number", "label")
    if source != "lists":
        assert tp.load_dataset(**options, splits=None, threshold=2.5)["train"].labels.tolist() == [1, 1, 0]
        numbers = tp.load_dataset(**options, splits=None, target="number")
        assert numbers["train"].labels.tolist() == [4.0, 2.5, 1.0]


def test_text_is_a_number_only_where_all_labels_are(tmp_path):
    assert load([("a", "5.0"), ("b", "n/a")]).class_names == ("5.0", "n/a")
    assert load([("a", "5.0"), ("b", "5")]).class_names == ("5",)
    assert load([("a", "007"), ("b", "7")]).class_names == ("007", "7")
    assert load([("a", "2.5"), ("b", "3.0")], class_names=["2.5", "3.0"]).class_names == ("2.5", "3.0")


@pytest.mark.parametrize("label", [None, "", " ", "\u00a0", float("nan")])
def test_a_label_without_anything_in_it_is_missing(label):
    with pytest.raises(DatasetError, match="row 1, column 'label': the label is missing"):
        load([("a", "x"), ("b", label)])


VALUES = st.one_of(
    st.none(), st.booleans(), st.integers(-2, 3), st.floats(allow_infinity=False, width=16),
    st.sampled_from(["", " ", "x", "1", "1.0", "0.5", "neg", "Neg "]),
)  # fmt: skip
RENAMED = st.fixed_dictionaries(
    {},
    optional={
        "labels": st.sampled_from([{"x": "y"}, {"1": "x", "neg": "x"}]),
        "class_names": st.just(("x", "y", "1")),
    },
)
TARGETS = st.one_of(
    st.builds(
        ClassTarget, threshold=st.sampled_from([0.5, 1]), class_names=st.none() | st.just(["low", "high"])
    ),
    RENAMED.map(lambda options: ClassTarget(**options)),
    st.tuples(RENAMED, st.sampled_from([None, "|"])).map(
        lambda given: ClassesTarget(separator=given[1], **given[0])
    ),
)


@given(st.lists(st.one_of(VALUES, st.lists(VALUES, max_size=3)), max_size=5), TARGETS)
def test_a_column_of_labels_gives_what_its_values_give(labels, target):
    block = block_of([Record({"text": "a", "label": label}, None, at) for at, label in enumerate(labels)])
    by_column, by_row = (
        validated(one, Columns(target=target), 0) for one in (block, block._replace(table=None))
    )
    assert by_column.rejected == by_row.rejected
    assert by_column.row_ids.tolist() == by_row.row_ids.tolist()
    assert sets(by_column.target) == sets(by_row.target)


@given(st.lists(st.tuples(st.sampled_from([1, "0", "true", 0.0, " False"]), st.booleans()), max_size=4))
def test_columns_of_labels_give_what_their_values_give(rows):
    columns = Columns.of(label=["a", "b"])
    block = block_of([Record({"text": "", "a": str(a), "b": b}, None, at) for at, (a, b) in enumerate(rows)])
    by_column, by_row = (validated(one, columns, 0) for one in (block, block._replace(table=None)))
    assert sets(by_column.target) == sets(by_row.target)


def sets(labels):
    names = [labels.names[code] for code in labels.codes]
    if labels.ends is None:
        return names
    return [names[start:stop] for start, stop in zip([0, *labels.ends], labels.ends, strict=False)]


def test_labels_rename_merge_and_order():
    rows = [("a", "neg"), ("b", 1), ("c", "Neg"), ("d", "odd")]
    corpus = load(rows, labels={1: "positive", "neg": "negative", "Neg": "negative"})
    assert corpus.class_names == ("positive", "negative", "odd")
    assert corpus["train"].labels.tolist() == [1, 0, 1, 2]
    both = {"labels": {"neg": "negative", 1: "positive"}, "class_names": ["negative", "positive"]}
    assert load([("a", 1.0), ("b", "neg")], **both)["train"].labels.tolist() == [1, 0]
    assert load([("a", ["x", "y"])], target="classes", labels={"x": "z", "y": "z"})[
        "train"
    ].class_counts() == {"z": 1}
    columns = load([{"text": "a", "x": 1, "y": 1}], label=["x", "y"], labels={"x": "z", "y": "z"})
    assert columns["train"].class_counts() == {"z": 1}
    assert load([("a", "x")], labels={"x": "y", "u": "v"}).notes == (
        "no row has a label that labels= makes 'v'",
    )


@pytest.mark.parametrize(
    "labels", [{"neg": "negative", "1": "positive"}, "neg=negative,1=positive", '{"neg": "negative", "1": "positive"}']
)  # fmt: skip
def test_labels_may_be_given_as_text(labels):
    assert checked_labels(labels) == {"neg": "negative", "1": "positive"}


@pytest.mark.parametrize("labels", [{}, "neg", 3, ["neg"], {"neg": None}, {"neg": ""}, {"neg": 1.5}, "a=b,c"])
def test_labels_that_cannot_be_used(labels):
    with pytest.raises(DatasetError, match="labels= maps") as failure:
        load([("a", "neg")], labels=labels)
    assert failure.value.option == "labels"


def test_labels_beside_other_options():
    with pytest.raises(
        DatasetError, match="class 'negativ' that does not exist; there are: negative, positive"
    ):
        load([("a", "neg")], labels={"neg": "negativ"}, class_names=["negative", "positive"])
    with pytest.raises(DatasetError, match="class_names= names the two classes"):
        load([("a", 1)], labels={"1": "x"}, threshold=1)


@pytest.mark.parametrize(
    ("given", "classes", "means"),
    [
        (["neg", "pos"], ("negative", "positive"), {"neg": "negative", "pos": "positive"}),
        (
            ["Negative", "POSITIVE "],
            ("negative", "positive"),
            {"Negative": "negative", "POSITIVE ": "positive"},
        ),
        ([1, 2], ("negative", "positive"), {"1": "negative", "2": "positive"}),
        ([-1, 0, 1], ("bad", "fair", "good"), {"-1": "bad", "0": "fair", "1": "good"}),
        (["neg", "pos"], ("0", "1"), {"neg": "0", "pos": "1"}),
        (["postive", "negative"], ("negative", "positive"), {"postive": "positive"}),
    ],
)
def test_a_label_that_is_no_class_comes_with_the_mapping_that_helps(given, classes, means):
    rows = [(f"text {label}", label) for label in given]
    with pytest.raises(DatasetError) as failure:
        load(rows, class_names=classes)
    assert failure.value.option == "labels"
    assert failure.value.value == means
    assert load(rows, class_names=classes, labels=means).class_names == classes


def test_a_source_of_which_every_label_is_no_class_says_it_too():
    with pytest.raises(DatasetError, match=r'every one of the 1 rows .* labels=\{"neg": "negative"} says'):
        load([("a", "neg")], class_names=["negative", "positive"], on_error="skip")


def test_a_label_like_no_class_is_to_be_said_or_left_out():
    with pytest.raises(
        DatasetError, match=r'labels=\{"ham": CLASS\} says which class each means, on_error="skip"'
    ):
        load([("a", "ham")], class_names=["negative", "positive"])
    assert proposed(["ham", "spam"], ("negative", "positive")) == {}


@pytest.mark.parametrize("third", ["GUT!", "sehr gut", "gut, und mehr", "g'ut", 'g"ut', "7"])
def test_the_advice_keeps_what_is_said_already_and_names_every_label(third):
    """Each message goes one step on: what is mapped stays so, and what is like no class is asked for."""
    rows = [("a", "negativ"), ("b", third), ("c", "pos")]
    with pytest.raises(DatasetError) as failure:
        load(rows, class_names=["negative", "positive"])
    assert failure.value.value is ...
    asked = f'"negativ": "negative", "pos": "positive", {json.dumps(third)}: CLASS'
    assert f"labels={{{asked}}} says which class each means" in str(failure.value)
    with pytest.raises(DatasetError) as failure:
        load(rows, class_names=["negative", "positive"], labels={third: "positive"})
    assert load(rows, class_names=["negative", "positive"], labels=failure.value.value).num_classes == 2


ALIKE = ["neg", "neg ", "Neg", "n\u200beg", "\uff4eeg", " neg", "\u00a0neg"]


def test_labels_that_look_the_same_are_said():
    corpus = load([(label, label) for label in [*ALIKE, "caf\u00e9", "cafe\u0301", "pos"]])
    (note,) = corpus.notes
    assert note.startswith("labels differ in case or white space only: ")
    mapping = json.loads(note.partition("labels=")[2].partition(" makes")[0])
    assert load([(label, label) for label in ALIKE], labels=mapping).class_names == ("neg", "café")
    assert load([("a", "C"), ("b", "C++"), ("c", "sci-fi")]).notes == ()


@given(st.lists(st.text(max_size=3)))
def test_merging_ends(names):
    merged = merging(names)
    assert merging([merged.get(name, name) for name in names]) == {}
