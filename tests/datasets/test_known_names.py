"""Names of classes that a source knows are kept: their order, those without rows, also inside lists."""

from __future__ import annotations

import datasets as hf
import pandas as pd
import pyarrow as pa
import pyarrow.feather
import pyarrow.parquet as pq
import pytest

import textprep as tp
from textprep.datasets import as_corpus
from textprep.errors import DatasetError

NAMES = ["z", "x", "unused"]
TEXTS, IDS, LISTS = ["a", "b", "c"], [1, 0, 1], [[1, 0], [], [1]]
CLASS = hf.ClassLabel(names=NAMES)


def hub(label, ids):
    features = hf.Features({"text": hf.Value("string"), "label": label})
    return hf.Dataset.from_dict({"text": TEXTS, "label": ids}, features=features)


def written(dataset, path):
    dataset.to_parquet(path)
    return path


def saved(dataset, path):
    dataset.save_to_disk(path)
    return str(path)


def arrow(ids=IDS, names=NAMES):
    return pa.DictionaryArray.from_arrays(pa.array(ids), pa.array(names))


def lists():
    return pa.ListArray.from_arrays([0, 2, 2, 3], arrow([1, 0, 1]))


def table(label):
    return pa.table({"text": TEXTS, "label": label})


def parquet(path, label):
    pq.write_table(table(label), path / "r.parquet")
    return path / "r.parquet"


def feather(path, label):
    pyarrow.feather.write_feather(table(label), path / "r.arrow")
    return path / "r.arrow"


def named(ids):
    return [[NAMES[one] for one in each] if isinstance(each, list) else NAMES[each] for each in ids]


CATEGORICAL = pd.Categorical.from_codes(IDS, NAMES)
PARTS = pa.chunked_array(
    [arrow([1], ["z", "x"]), arrow([0, 1], ["z", "x"]).slice(0, 0), arrow([0, 2], ["z", "unused", "x"])]
)
ONE = {
    "datasets": lambda p: {"name": "memory", "rows": hub(CLASS, IDS)},
    "datasets, a stream": lambda p: {"name": "memory", "rows": hub(CLASS, IDS).to_iterable_dataset()},
    "datasets, saved": lambda p: {"name": "huggingface", "path": saved(hub(CLASS, IDS), p / "saved")},
    "datasets, as an Arrow file": lambda p: {"name": "arrow", "path": saved(hub(CLASS, IDS), p / "saved") + "/*.arrow"},
    "datasets, as Parquet": lambda p: {"name": "parquet", "path": written(hub(CLASS, IDS), p / "r.parquet")},
    "pandas": lambda p: {"name": "memory", "rows": pd.DataFrame({"text": TEXTS, "label": CATEGORICAL})},
    "a column of pandas": lambda p: {"name": "memory", "rows": {"text": TEXTS, "label": pd.Series(CATEGORICAL)}},
    "a categorical": lambda p: {"name": "memory", "rows": {"text": TEXTS, "label": CATEGORICAL}},
    "arrow": lambda p: {"name": "memory", "rows": table(arrow())},
    "a column of arrow": lambda p: {"name": "memory", "rows": {"text": TEXTS, "label": arrow()}},
    "parquet": lambda p: {"name": "parquet", "path": parquet(p, arrow())},
    "feather": lambda p: {"name": "arrow", "path": feather(p, arrow())},
}  # fmt: skip
SEVERAL = {
    "datasets": lambda p: {"name": "memory", "rows": hub(hf.Sequence(CLASS), LISTS)},
    "datasets, a stream": lambda p: {"name": "memory", "rows": hub(hf.Sequence(CLASS), LISTS).to_iterable_dataset()},
    "datasets, in a list": lambda p: {"name": "memory", "rows": hub([CLASS], LISTS)},
    "datasets, chosen rows": lambda p: {"name": "memory", "rows": hub([CLASS], LISTS).select([0, 1, 2])},
    "datasets, as Parquet": lambda p: {"name": "parquet", "path": written(hub([CLASS], LISTS), p / "r.parquet")},
    "arrow": lambda p: {"name": "memory", "rows": table(lists())},
    "large lists": lambda p: {"name": "memory", "rows": table(lists().cast(pa.large_list(lists().type.value_type)))},
}  # fmt: skip


@pytest.mark.parametrize("source", ONE)
def test_the_classes_of_a_column(tmp_path, source):
    corpus = tp.load_dataset(**ONE[source](tmp_path), splits=None)
    assert (corpus.class_names, corpus["train"].labels.tolist()) == (tuple(NAMES), IDS)
    (tmp_path / "again").mkdir()
    renamed = tp.load_dataset(**ONE[source](tmp_path / "again"), splits=None, labels={"x": "y"})
    assert renamed.class_names == ("y", "z", "unused")


@pytest.mark.parametrize("source", SEVERAL)
def test_the_classes_in_lists(tmp_path, source):
    corpus = tp.load_dataset(**SEVERAL[source](tmp_path), splits=None, target="classes")
    assert corpus.class_names == tuple(NAMES)
    assert corpus["train"].table["labels"].to_pylist() == LISTS


def test_polars():
    polars = pytest.importorskip("polars")
    kind = polars.Enum(NAMES)
    one = polars.DataFrame({"text": TEXTS, "label": polars.Series(named(IDS), dtype=kind)})
    assert as_corpus(one).class_names == tuple(NAMES)
    assert tp.load_dataset("memory", rows=one.to_dict(), splits=None).class_names == tuple(NAMES)
    several = one.with_columns(label=polars.Series(named(LISTS), dtype=polars.List(kind)))
    assert tp.load_dataset("memory", rows=several, target="classes", splits=None).class_names == tuple(NAMES)
    free = one.with_columns(label=polars.Series(named(IDS), dtype=polars.Categorical))
    assert as_corpus(free).class_names == ("x", "z")


@pytest.mark.parametrize("as_one", [False, True])
def test_dictionaries_that_differ_are_one_list(as_one):
    label = PARTS.unify_dictionaries() if as_one else PARTS
    corpus = as_corpus(table(label))
    assert (corpus.class_names, corpus["train"].labels.tolist()) == (("z", "x", "unused"), IDS)


def test_a_row_at_fault_takes_no_names_away():
    rows = {"text": [*TEXTS, "d", None], "label": pd.Categorical.from_codes([*IDS, -1, 0], NAMES)}
    corpus = tp.load_dataset("memory", rows=pd.DataFrame(rows), splits=None, on_error="skip")
    assert (corpus.class_names, len(corpus.rejected)) == (tuple(NAMES), 2)


def test_further_columns_are_the_same_whether_a_row_is_bad_or_not():
    rows = {
        "text": TEXTS, "label": IDS, "kind": arrow(), "kinds": lists(), "null": pa.nulls(3),
        **{f"as {kind}": pa.array([1, 2, 3]).cast(kind) for kind in
           (pa.int8(), pa.uint64(), pa.float64(), pa.timestamp("s"), pa.timestamp("us"), pa.large_string())},
        "small": pa.array([1, 2, 3], pa.float32()), "day": pa.array([1, 2, 3], pa.date32()),
        "pair": pa.array([[1], [], [2]], pa.list_(pa.int16())),
        "record": pa.array([{"a": 1}] * 3, pa.struct([("a", pa.int32())])),
    }  # fmt: skip
    good = tp.load_dataset("memory", rows=pa.table(rows), splits=None)["train"].table
    rows["text"] = ["a", "b", None]
    bad = tp.load_dataset("memory", rows=pa.table(rows), splits=None, on_error="skip")["train"].table
    assert good.slice(0, 2).to_pydict() == bad.to_pydict()
    assert good.schema == bad.schema


def test_splits_whose_categories_differ():
    frames = {
        name: pd.DataFrame({"text": TEXTS, "label": labels}).astype({"label": "category"})
        for name, labels in {"train": ["c", "a", "b"], "test": ["d", "a", "a"]}.items()
    }
    assert as_corpus(frames).class_names == ("a", "b", "c", "d")


def test_class_names_that_differ_from_split_to_split():
    one, other = (
        hub(hf.ClassLabel(names=names), [0, 1, 0]) for names in (["neg", "pos"], ["negative", "positive"])
    )
    with pytest.raises(
        DatasetError, match=r'differently: neg, pos; negative, positive; .*labels=\{"neg": "neg'
    ):
        tp.load_dataset("memory", rows={"train": one, "test": other})
    corpus = tp.load_dataset(
        "memory", rows={"train": one, "test": other}, labels={"neg": "negative", "pos": "positive"}
    )
    assert corpus.class_names == ("negative", "positive")
