"""`as_corpus`: column by column what row by row would give, and nothing copied."""

from __future__ import annotations

import datasets as hf
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from textprep.datasets import as_corpus
from textprep.datasets.building import build
from textprep.datasets.opening import as_splits
from textprep.datasets.schema.columns import Columns
from textprep.errors import DatasetError
from textprep.targets import ClassTarget

TEXTS = ["a great film", "", "dull é", "𝄞 good", "a great film"]
CLASSES = hf.ClassLabel(names=["pos", "neg"])


def dataset(label=(1, 0, 1, 1, 0), kind=None, **further):
    columns = {"text": TEXTS, **further}
    made = hf.Dataset.from_dict(columns if label is None else {**columns, "label": list(label)})
    return made.cast_column("label", kind) if kind else made


def contents(corpus):
    tables = {
        name: [
            split.text.to_pylist(),
            split.labels is not None and split.labels.tolist(),
            split.row_ids.tolist(),
        ]
        for name, split in corpus.items()
    }
    further = {name: split.table.column_names for name, split in corpus.items()}
    return tables, further, corpus.class_names, corpus.name


SPLITS = {
    "class labels": lambda: {"train": dataset(kind=CLASSES), "test": dataset([0] * 5, CLASSES)},
    "a split without labels": lambda: {"train": dataset(kind=CLASSES), "extra": dataset([-1] * 5, CLASSES)},
    "no labels at all": lambda: {"train": dataset(None)},
    "whole numbers": lambda: {"train": dataset([10, 2, 2, 10, 0]), "test": dataset([3] * 5)},
    "words": lambda: {"train": dataset(["b", "a", "b", "c", "a"])},
    "further columns": lambda: {"train": dataset(kind=CLASSES, row_id=[7] * 5, stars=[1, 2, 3, 4, 5])},
    "chosen rows": lambda: {"train": dataset(kind=CLASSES).select([3, 0, 3]), "test": dataset(kind=CLASSES)},
    "shuffled": lambda: {"train": hf.concatenate_datasets([dataset(kind=CLASSES)] * 3).shuffle(seed=1)},
    "another format": lambda: {"train": dataset(kind=CLASSES).with_format("numpy")},
}  # fmt: skip


def by_rows(splits, label="label"):
    """The same through Python's own rows, labels by name as Hugging Face shows them."""
    made, names = {}, None
    for name, rows in splits.items():
        feature = rows.features.get(label)
        names = getattr(feature, "names", None) or names
        made[name] = [dict(row) for row in rows.with_format(None)]
        for row in made[name]:
            if row.get(label) == -1:
                del row[label]
            elif label in row and getattr(feature, "names", None):
                row[label] = feature.names[row[label]]
    columns = Columns(target=ClassTarget(class_names=names))
    return build("data", as_splits(made, columns, labelled_if_named=True))


@pytest.mark.parametrize("case", SPLITS)
def test_columns_give_what_rows_give(case):
    splits = SPLITS[case]()
    assert contents(as_corpus(splits)) == contents(by_rows(splits))
    assert contents(as_corpus(hf.DatasetDict(splits))) == contents(by_rows(splits))


@settings(max_examples=30, deadline=None)
@given(st.lists(st.tuples(st.text(max_size=5), st.text(max_size=2) | st.none()), min_size=1, max_size=6))
def test_any_rows_are_read_alike_or_refused_alike(rows):
    texts, labels = zip(*rows, strict=True)
    splits = {
        "train": hf.Dataset(pa.table({"text": pa.array(texts), "label": pa.array(labels, pa.string())}))
    }
    try:
        expected = contents(by_rows(splits))
    except DatasetError:
        with pytest.raises(DatasetError):
            as_corpus(splits)
    else:
        assert contents(as_corpus(splits)) == expected


@pytest.mark.parametrize(
    ("odd", "message"),
    [
        (lambda: dataset([1, 0, -1, 1, 0], CLASSES), "row 2 of split 'train', column 'label'"),
        (lambda: dataset(["a", "", "b", "b", "b"]), "row 1 of split 'train', column 'label'"),
        (lambda: dataset([0.5] * 5), "float"),
        (lambda: hf.Dataset.from_dict({"text": ["a", None]}), "row 1 of split 'train', column 'text'"),
        (lambda: hf.Dataset.from_dict({"words": ["a"]}), "no such column"),
    ],
)
def test_a_row_at_fault_is_named(odd, message):
    with pytest.raises(DatasetError, match=message):
        as_corpus(odd())


def test_other_columns_may_hold_text_and_label():
    rows = dataset(kind=CLASSES).rename_columns({"text": "review", "label": "stars"})
    corpus = as_corpus(rows, text="review", label="stars")
    assert corpus.class_names == ("pos", "neg")
    assert as_corpus(rows, text="review", label=None)["train"].labels is None


@pytest.mark.parametrize("data", [["a"], {}, None])
def test_something_else_is_refused(data):
    with pytest.raises(DatasetError, match=r"cannot make a corpus|holds no rows"):
        as_corpus(data)


def test_mapped_texts_are_not_copied(tmp_path):
    hf.Dataset.from_dict({"text": ["word " * 200] * 5_000, "label": [0, 1] * 2_500}).save_to_disk(tmp_path)
    mapped = hf.load_from_disk(tmp_path)
    before = pa.total_allocated_bytes()
    corpus = as_corpus(mapped)
    assert corpus["train"].text.nbytes > 5_000_000
    assert pa.total_allocated_bytes() - before < 500_000
