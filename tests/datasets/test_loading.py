from __future__ import annotations

import inspect
import json
import subprocess
import sys
import time
from pathlib import Path

import datasets as hf
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

import textprep as tp
from textprep.datasets import Corpus, as_corpus
from textprep.datasets.rows import Record, Rows, note
from textprep.errors import DatasetError, UnknownNameError
from textprep.registry import DATASETS

ROWS = [{"text": f"text {i}", "label": "ab"[i % 2], "number": i} for i in range(40)]


@pytest.fixture
def register(monkeypatch):
    monkeypatch.setattr(DATASETS, "entries", dict(DATASETS.entries))
    return lambda name, component: DATASETS.add(name, component, owner="toy-plugin 1.0")


def test_rows_become_seeded_stratified_splits():
    corpus = tp.load_dataset("memory", rows=ROWS)
    assert corpus.name == "memory"
    assert {name: split.class_counts() for name, split in corpus.items()} == {
        "train": {"a": 16, "b": 16},
        "validation": {"a": 2, "b": 2},
        "test": {"a": 2, "b": 2},
    }
    assert sorted(row["row_id"] for split in corpus.values() for row in split) == list(range(40))
    assert all(row["number"] == row["row_id"] for split in corpus.values() for row in split)
    again, other = tp.load_dataset("memory", rows=ROWS), tp.load_dataset("memory", rows=ROWS, seed=1)
    assert again["test"].table.equals(corpus["test"].table)
    assert not other["test"].table.equals(corpus["test"].table)


label_or_none = st.one_of(st.none(), st.sampled_from(["a", "b"]), st.floats())


@given(st.lists(st.tuples(st.one_of(st.text(), st.none()), label_or_none), max_size=30))
def test_no_row_is_lost_in_silence(rows):
    try:
        corpus = tp.load_dataset("memory", rows=rows, splits=None, on_error="skip")
    except DatasetError as error:
        message = str(error)
        assert "no rows" in message or f"every one of the {len(rows)} rows" in message
        return
    assert len(corpus["train"]) + len(corpus.rejected) == len(rows)
    lines = {row.line for row in corpus.rejected}
    assert sorted(lines | set(corpus["train"].row_ids.tolist())) == list(range(len(rows)))


def test_given_splits_are_used_as_they_are():
    corpus = tp.load_dataset(
        "memory", rows={"train": ROWS[:3], "dev": ROWS[3:5]}, splits={"train": 0.5, "test": 0.5}
    )
    assert {name: split.row_ids.tolist() for name, split in corpus.items()} == {
        "train": [0, 1, 2],
        "dev": [3, 4],
    }


def test_classes_in_the_order_given_are_the_only_ones_allowed():
    rows = [("a", 1), ("b", 0)]
    assert tp.load_dataset("memory", rows=rows, splits=None).class_names == ("0", "1")
    corpus = tp.load_dataset("memory", rows=rows, splits=None, class_names=[1, 0, "unused"])
    assert (corpus.class_names, corpus["train"].labels.tolist()) == (("1", "0", "unused"), [0, 1])
    with pytest.raises(DatasetError, match="row 1, column 'label': the label '0' is none of the classes 1"):
        tp.load_dataset("memory", rows=rows, splits=None, class_names=["1"])


def test_unlabelled_rows():
    corpus = tp.load_dataset("memory", rows=["a", "b"], label=None, splits=None)
    assert (corpus["train"].labels, corpus.num_classes) == (None, 0)
    assert tp.load_dataset("memory", rows=["a", "b"], splits=None)["train"].labels is None
    with pytest.raises(DatasetError, match=r"row 0, column 'label': .*label=None for unlabelled"):
        tp.load_dataset("memory", rows=["a", "b"], label="label")


def test_columns_with_names_that_are_taken_are_kept_under_another():
    rows = [{"review": "a", "label": "x", "stars": 5, "row_id": 77, "text": "t"}]
    corpus = tp.load_dataset("memory", rows=rows, text="review", label="stars", splits=None)
    assert corpus["train"][0] == {
        "text": "a",
        "label": 0,
        "row_id": 0,
        "label_in_source": "x",
        "row_id_in_source": 77,
        "text_in_source": "t",
    }


def test_a_column_that_some_rows_lack_and_one_of_mixed_kinds():
    corpus = tp.load_dataset("memory", rows=[{"text": "a", "x": 1}, {"text": "b"}], label=None, splits=None)
    assert [row["x"] for row in corpus["train"]] == [1, None]
    values = [1, "drei", None, {"k": [2.5]}, 10**30, "ü"]
    rows = [{"text": "a", "x": value} for value in values]
    column = tp.load_dataset("memory", rows=rows, label=None, splits=None)["train"].table["x"]
    assert column.type == pa.large_string()
    assert [text and json.loads(text) for text in column.to_pylist()] == values
    rows.append({"text": "b", "x": {(1, 2): 3}})
    with pytest.raises(DatasetError, match="row 6, column 'x': neither Arrow nor JSON can hold this value"):
        tp.load_dataset("memory", rows=rows, label=None, splits=None)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"rows": []}, "'memory' holds no rows"),
        ({"rows": {}}, "'memory' holds no rows"),
        ({"rows": "abc"}, "the data: rows are needed, not str"),
        ({"rows": {"train": 7}}, "split 'train': rows are needed, not int"),
        (
            {"rows": [(None, "a"), (3, "a")], "on_error": "skip"},
            "every one of the 2 rows of 'memory' is bad; .* row 0",
        ),
        ({"rows": {"train": ROWS, "test": [("a", None)]}}, "row 0 of split 'test', column 'label'"),
        ({"rows": ROWS, "on_error": "ignore"}, "on_error= is 'raise', 'skip' or 'quarantine', not 'ignore'"),
        ({"rows": ROWS, "splits": {"train": 0.9}}, "sum to 0.9"),
        ({"rows": ROWS, "pth": 1}, "dataset 'memory' of textprep .*no option 'pth'; there are: .*rows"),
        ({"rows": ROWS, "text": "label"}, "text= and label= are the same column 'label'"),
        ({"rows": ROWS, "text": 3}, "text= is the name of .* not 3"),
        ({"rows": ROWS, "text": None}, "text= is the name of .* not None"),
        ({"rows": ROWS, "label": 3}, r"label= is the name of .* or None, not 3"),
        ({"rows": ROWS, "class_names": 2}, "class_names= is a list of labels"),
        ({"rows": ROWS, "seed": "0", "splits": None}, "seed= is a whole number from 0 to .* not '0'"),
        ({"rows": ROWS, "splits": {"train": 0.5, 2: 0.4}}, "the fractions of train, 2 sum to 0.9"),
        ({"rows": ROWS, "splits": 0.8}, "splits= maps names to fractions"),
        ({}, "missing a required argument: 'rows'; it takes: rows"),
    ],
)
def test_what_cannot_be_loaded(options, message):
    with pytest.raises(DatasetError, match=message):
        tp.load_dataset("memory", **options)


def test_an_unknown_option_lists_the_readers_own_and_those_of_every_dataset():
    with pytest.raises(DatasetError, match=r"no option 'txt'; there are: text, .*path.*"):
        tp.load_dataset("csv", path="a.csv", txt="a")


def test_an_unknown_dataset_lists_those_there_are():
    with pytest.raises(UnknownNameError, match="no dataset is called 'cvs'; there are: csv,"):
        tp.load_dataset("cvs")
    with pytest.raises(UnknownNameError, match="a dataset is asked for by its name"):
        tp.load_dataset(ROWS)


@pytest.mark.parametrize("path", [[], "no/such.csv", ["no/such.csv"], {"train": "no/such.csv"}])
@pytest.mark.parametrize("name", ["csv", "jsonl", "parquet", "folder"])
def test_missing_files(name, path):
    with pytest.raises(DatasetError, match=r"there is no such file|path= is an empty list"):
        tp.load_dataset(name, path=path)


def test_a_file_that_cannot_be_opened(tmp_path):
    with pytest.raises(
        DatasetError, match=r"cannot be read: Is a directory; name files in it, as in .*/\*, or"
    ):
        tp.load_dataset("csv", path=tmp_path)


@pytest.mark.parametrize("path", [3, None, "", [3], {"train": 3}])
def test_what_is_no_path(path):
    with pytest.raises(DatasetError, match="path= is a file, a glob, a URL, or a list of them, not "):
        tp.load_dataset("jsonl", path=path)


@pytest.mark.parametrize("kind", ["csv", "jsonl", "parquet"])
def test_files_that_hold_no_rows_are_named(tmp_path, kind):
    (tmp_path / "none.csv").write_text("text,label\n")
    (tmp_path / "none.jsonl").write_text("\n")
    pq.write_table(pa.table({"text": pa.array([], pa.string())}), tmp_path / "none.parquet")
    path = tmp_path / f"none.{kind}"
    for one in (path, {"train": path}):
        with pytest.raises(DatasetError, match=rf"none\.{kind} holds no rows"):
            tp.load_dataset(kind, path=one)
    with pytest.raises(DatasetError, match=rf"none\.{kind} and 1 more hold no rows"):
        tp.load_dataset(kind, path=[path, path])


def test_several_files_and_one_a_split(tmp_path):
    for name in ("a", "b"):
        (tmp_path / f"{name}.csv").write_text(f"text,label\n{name},x\n")
        (tmp_path / f"{name}.jsonl").write_text(f'{{"text": "{name}", "label": "x"}}\n')
    for kind in ("csv", "jsonl"):
        a, b = tmp_path / f"a.{kind}", str(tmp_path / f"b.{kind}")
        both = tp.load_dataset(kind, path=[a, b], splits=None)
        assert both["train"].text.to_pylist() == ["a", "b"]
        given = tp.load_dataset(kind, path={"train": a, "test": [b]})
        assert [(name, split[0]["text"], split[0]["row_id"]) for name, split in given.items()] == [
            ("train", "a", 0),
            ("test", "b", 1),
        ]


def test_a_dataset_is_a_function_a_class_or_returns_splits_or_a_corpus(register):
    class Rows:
        def __init__(self, *, count: int = 2) -> None:
            self.count = count

        def __iter__(self):
            return iter(ROWS[: self.count])

    ready = as_corpus({"train": ["a"]})
    register("generator", lambda: (row for row in ROWS[:2]))
    register("rows", Rows)
    register("in-splits", lambda: {"train": ROWS[:2], "test": ROWS[2:3]})
    register("ready", lambda: ready)
    assert len(tp.load_dataset("generator", splits=None)["train"]) == 2
    assert len(tp.load_dataset("rows", count=3, splits=None)["train"]) == 3
    assert list(tp.load_dataset("in-splits")) == ["train", "test"]
    assert tp.load_dataset("ready") is ready


@pytest.mark.parametrize("option", ["name", "text", "label", "class_names", "splits", "seed", "on_error"])
def test_an_option_that_load_dataset_takes_itself_can_never_be_given(register, option):
    def greedy(**options):
        return ROWS

    parameter = inspect.Parameter(option, inspect.Parameter.KEYWORD_ONLY, default=None)
    greedy.__signature__ = inspect.Signature([parameter])
    register("greedy", greedy)
    message = (
        f"'greedy' of toy-plugin 1.0 has an option '{option}', which load_dataset takes itself: rename it"
    )
    with pytest.raises(DatasetError, match=message):
        tp.load_dataset("greedy")


def test_errors_inside_a_dataset_name_it_and_its_owner(register):
    def breaks_at_once():
        raise KeyError("token")

    def breaks_later():
        yield from ROWS[:3]
        raise ValueError("boom")

    register("at-once", breaks_at_once)
    register("later", breaks_later)
    with pytest.raises(
        DatasetError, match=r"dataset 'at-once' of toy-plugin 1\.0 failed: KeyError"
    ) as caught:
        tp.load_dataset("at-once")
    assert isinstance(caught.value.__cause__, KeyError)
    with pytest.raises(DatasetError, match=r"'later' of .* failed after 3 rows: ValueError: boom"):
        tp.load_dataset("later")


def test_as_corpus_takes_what_is_in_hand():
    corpus = as_corpus(
        {"train": [("a", "x"), ("b", "y")], "test": ["c"], "more": [{"text": "d"}], "none": []}
    )
    assert corpus.class_names == ("x", "y")
    assert [split.labels is None for split in corpus.values()] == [False, True, True, True]
    assert as_corpus(corpus) is corpus
    again = as_corpus({"test": corpus["test"], "train": corpus["train"]})
    assert (again.class_names, list(again)) == (("x", "y"), ["test", "train"])
    for data in (["a"], "a", None, 7):
        with pytest.raises(DatasetError, match=f"cannot make a corpus of {type(data).__name__}"):
            as_corpus(data)
    with pytest.raises(DatasetError, match="split 'train': rows are needed, not NoneType"):
        as_corpus({"train": None})


@pytest.fixture
def hub_dataset():
    features = hf.Features(
        {"text": hf.Value("string"), "label": hf.ClassLabel(names=["pos", "neg"]), "id": hf.Value("int64")}
    )
    return hf.Dataset.from_dict(
        {"text": ["a", "b", "c"], "label": [1, 0, 1], "id": [7, 8, 9]}, features=features
    )


def test_hugging_face_datasets_keep_their_class_names(hub_dataset, register):
    unlabelled = hf.Dataset.from_dict({"text": ["x"], "label": [-1]}).cast_column(
        "label", hf.ClassLabel(names=["pos", "neg"])
    )
    corpus = as_corpus(hf.DatasetDict({"train": hub_dataset.select([2, 0]), "unsupervised": unlabelled}))
    assert corpus.class_names == ("pos", "neg")
    assert list(corpus["train"]) == [
        {"text": "c", "label": 1, "row_id": 0, "id": 9},
        {"text": "a", "label": 1, "row_id": 1, "id": 7},
    ]
    assert corpus["unsupervised"].labels is None
    assert isinstance(as_corpus(hub_dataset.with_format("numpy")), Corpus)
    register("hub", lambda: hub_dataset.rename_column("text", "review"))
    assert tp.load_dataset("hub", text="review", splits=None)["train"].labels.tolist() == [1, 0, 1]
    streamed = as_corpus({"train": hub_dataset.to_iterable_dataset()})
    assert streamed["train"].class_counts() == {"pos": 1, "neg": 2}


def test_hugging_face_splits_that_disagree_on_their_classes(hub_dataset):
    other = hub_dataset.cast_column("label", hf.ClassLabel(names=["neg", "pos"]))
    with pytest.raises(DatasetError, match="name their classes differently: neg, pos; pos, neg"):
        as_corpus({"train": hub_dataset, "test": other})


def test_a_hugging_face_row_without_a_label_is_named(hub_dataset):
    some = hub_dataset.map(lambda row: {"label": -1 if row["text"] == "b" else row["label"]})
    with pytest.raises(DatasetError, match="row 1 of split 'train', column 'label': the label is missing"):
        as_corpus({"train": some})


def test_loading_imports_neither_torch_nor_hugging_face():
    code = (
        "import sys, textprep as tp; tp.load_dataset('memory', rows=['a'], label=None, splits=None); "
        "print([name for name in ('torch', 'datasets') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


@pytest.mark.parametrize(
    ("path", "call"),
    [
        ("reviews.csv", r"load_dataset\('csv', path='reviews.csv'\)"),
        (Path("data", "r.jsonl.gz"), r"\('jsonl', path='data.r.jsonl.gz'\)"),
        ("https://example.com/reviews.parquet", r"\('parquet', path='https://example.com/reviews.parquet'\)"),
    ],
)
def test_a_path_in_place_of_a_name_says_the_call(path, call) -> None:
    with pytest.raises(DatasetError, match=f"the file as an option: .*{call}"):
        tp.load_dataset(path)


def test_what_a_source_notes_while_it_is_read_is_said_once():
    def begin():
        for number in range(3):
            yield note("2 files of the operating system were left out")
            yield Record({"text": f"text {number}"}, None, number)

    corpus = tp.load_dataset("memory", rows=Rows(begin), label=None, splits=None)
    assert len(corpus["train"]) == 3
    assert corpus.notes == ("2 files of the operating system were left out",)


def test_the_time_is_linear_in_the_columns():
    """Quadratic, 4,000 columns took half a minute and more."""
    row = {"text": "a", "label": "b", **{f"column {number}": number for number in range(4_000)}}
    began = time.process_time()
    assert len(tp.load_dataset("memory", rows=[row], splits=None)["train"][0]) == 4_003
    assert time.process_time() - began < 5
