"""Which fields a batch has, over all kinds of target: what each holds, in which type, on padding, resumed."""

from __future__ import annotations

import json

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch.utils.data import DataLoader

import textprep as tp
from tests.batches.rows import Rows, numbered
from textprep.batches.batch import Batch
from textprep.batches.columns import FIELDS
from textprep.batches.layout import Layout
from textprep.batches.loader import BatchLoader, one_batch
from textprep.batches.reader import EncodedTexts
from textprep.batches.torch_data import BatchSampler, Collate, RowDataset
from textprep.errors import LoaderError
from textprep.ragged import Ragged
from textprep.targets import ClassesTarget, ClassTarget, NumberTarget

LENGTHS = [number * 7 % 11 for number in range(23)]
N = len(LENGTHS)
EVERY_FOURTH = np.arange(N) % 4 == 0
SEVERAL = np.array([[number % 2, number % 3 == 0] for number in range(N)], np.int8)
REAL = np.arange(N) / 7 - 1
EXTRA = {
    "year": np.arange(N, dtype=np.float64) + 0.25,
    "author": np.arange(N, dtype=np.uint16) % 5,
    "ratings": np.arange(3 * N, dtype=np.float32).reshape(N, 3),
    "is_new": np.arange(N) % 2 == 0,
}
DTYPES = {"year": "float32", "author": "int64", "ratings": "float32", "is_new": "float32"}
KINDS = {  # target, labels, their type in a batch, what a row without has
    "none": (None, np.full(N, -100), "int64", -100),
    "class": (ClassTarget(class_names=["a", "b", "c"]), np.arange(N) % 3, "int64", -100),
    "class, some without": (ClassTarget(), np.where(EVERY_FOURTH, -100, 1), "int64", -100),
    "classes": (ClassesTarget(class_names=["a", "b"]), SEVERAL, "float32", -100),
    "classes, some without": (
        ClassesTarget(class_names=["a", "b"]),
        np.where(EVERY_FOURTH[:, None], -100, SEVERAL),
        "float32",
        -100,
    ),
    "number": (NumberTarget(), REAL, "float32", np.nan),
    "number, some without": (NumberTarget(), np.where(EVERY_FOURTH, np.nan, REAL), "float32", np.nan),
    "numbers": (NumberTarget(names=("x", "y")), np.stack([REAL, -REAL], 1), "float32", np.nan),
}
ALL = [*FIELDS, *EXTRA]


def rows_of(kind):
    target, labels, *_ = KINDS[kind]
    return Rows(numbered(LENGTHS), labels, target=target, extra=EXTRA)


every_kind = pytest.mark.parametrize("kind", KINDS)
few = settings(max_examples=30)  # for each kind
columns_or_none = st.none() | st.lists(st.sampled_from(ALL), min_size=1, unique=True)
orders = st.fixed_dictionaries(
    {"shuffle": st.booleans(), "by_length": st.booleans(), "batch_size": st.integers(1, 9)}
)


def same(one, other):
    assert list(one) == list(other)
    for name in one:
        assert one[name].dtype == other[name].dtype, name
        assert torch.equal(torch.nan_to_num(one[name], nan=-7), torch.nan_to_num(other[name], nan=-7)), name


@every_kind
@few
@given(columns=columns_or_none, order=orders, world_size=st.integers(1, 4))
def test_each_field_holds_what_the_rows_have_and_fillers_on_padding(kind, columns, order, world_size):
    split, (_, labels, dtype, missing) = rows_of(kind), KINDS[kind]
    for rank in range(world_size):
        options = {**order, "rank": rank, "world_size": world_size, "prefetch": 0}
        whole, asked = (
            BatchLoader(split, columns=ALL, **options),
            BatchLoader(split, columns=columns, **options),
        )
        for batch, fields in zip(whole, asked, strict=True):
            assert type(fields) is Batch
            same(fields, Batch({name: batch[name] for name in columns or FIELDS}))
            rows = batch.row_ids.numpy() - 1000
            nobody = rows == -1001
            assert (len(rows) == 1) or not nobody.any()
            assert str(batch.labels.dtype) == f"torch.{dtype}"
            expected = np.full((1, *labels.shape[1:]), missing) if nobody.all() else labels[rows]
            np.testing.assert_array_equal(batch.labels.numpy(), expected.astype(dtype))
            for name, values in EXTRA.items():
                expected = values[:1] * 0 if nobody.all() else values[rows]
                assert str(batch[name].dtype) == f"torch.{DTYPES[name]}"
                np.testing.assert_array_equal(batch[name].numpy(), expected.astype(DTYPES[name]))


@every_kind
@pytest.mark.parametrize("world_size", [1, 3])
@pytest.mark.parametrize("shuffle", [False, True])
def test_a_loader_goes_on_anywhere_whatever_fields_are_asked_for(kind, world_size, shuffle):
    """Also from the place that one with other columns saved."""

    def make(rank, columns):
        options = {"batch_size": 4, "shuffle": shuffle, "rank": rank, "world_size": world_size}
        return BatchLoader(rows_of(kind), columns=columns, **options)

    for rank in range(world_size):
        one, other = make(rank, ALL), make(rank, None)
        taken, states = [], [json.dumps(one.state_dict())]
        for batch, _ in zip(one, other, strict=True):
            taken.append(batch)
            states.append(json.dumps(one.state_dict()))
            assert json.dumps(other.state_dict()) == states[-1]
        for number, state in enumerate(states[:-1]):
            again = make(rank, ALL)
            again.load_state_dict(json.loads(state))
            for found, expected in zip(again, taken[number:], strict=True):
                same(found, expected)


@every_kind
@few
@given(
    columns=st.none() | st.lists(st.sampled_from(ALL), min_size=1, unique=True),
    world_size=st.integers(1, 4),
    batch_size=st.integers(1, 9),
    layout=st.fixed_dictionaries(
        {
            "max_length": st.none() | st.integers(2, 9),
            "start_id": st.none() | st.just(7),
            "pad_to_multiple_of": st.none() | st.integers(1, 4),
            "padding_side": st.sampled_from(["left", "right"]),
        }
    ),
)
def test_the_parts_give_what_the_loader_gives(kind, columns, world_size, batch_size, layout):
    split = rows_of(kind)
    for rank in range(world_size):
        options = {"batch_size": batch_size, "rank": rank, "world_size": world_size}
        parts = DataLoader(
            RowDataset(split),
            batch_sampler=BatchSampler.of(split, layout=Layout(**layout), **options),
            collate_fn=Collate(columns=columns, **layout),
        )
        loader = BatchLoader(split, columns=columns, layout=Layout(**layout), prefetch=0, **options)
        for found, expected in zip(parts, loader, strict=True):
            same(found, expected)
            assert type(found) is (Batch if columns is None else dict)


@every_kind
def test_all_forms_have_the_fields_that_are_asked_for(kind):
    split, columns = rows_of(kind), ["labels", "year", "input_ids"]
    (batch,) = BatchLoader(split, columns=columns)
    (arrays,) = BatchLoader(split, columns=columns, return_tensors="np")
    assert type(arrays) is dict
    same(batch, {name: torch.from_numpy(array) for name, array in arrays.items()})
    ((X, y),) = BatchLoader(split, columns=columns, as_tuple=True)
    assert torch.equal(X, batch.input_ids)
    same({"labels": y}, {"labels": batch.labels})
    same(one_batch(split, Layout(), columns=columns), batch)


def test_texts_in_memory_have_no_labels_and_the_columns_that_they_are_given():
    texts = EncodedTexts(Ragged.from_rows([[5], [2, 4]]), {"year": np.array([0.5, 2])})
    assert texts.target is None
    assert one_batch(texts, Layout(), columns=["year"])["year"].tolist() == [0.5, 2]
    batch = one_batch(texts, Layout())
    assert (list(batch), batch.labels.dtype, batch.labels.tolist()) == (list(FIELDS), torch.int64, [-100] * 2)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (
            {"columns": ["input_ids", "yaer"]},
            "columns= asks for 'yaer', which the rows do not have; there are: year, ",
        ),
        (
            {"columns": ["label"]},
            "columns= asks for 'label', which the rows do not have; there are: labels, ",
        ),
        (
            {"columns": "labels"},
            "columns='labels' cannot be used: give a list of names, such as ['input_ids', ",
        ),
        ({"columns": []}, "columns=[] cannot be used: give a list of names"),
        ({"columns": [1]}, "columns=[1] cannot be used: give a list of names"),
        ({"columns": 5}, "columns=5 cannot be used: give a list of names"),
        (
            {"columns": ["input_ids"], "as_tuple": True},
            "as_tuple=True needs input_ids and labels, and columns= leaves out labels",
        ),
    ],
)
def test_columns_that_cannot_be_had_are_one_clear_line(options, message):
    with pytest.raises(LoaderError) as caught:
        BatchLoader(rows_of("class"), **options)
    assert str(caught.value).startswith(message)
    assert caught.value.option == "columns"


def test_a_column_that_is_asked_for_twice_is_there_once():
    (batch,) = BatchLoader(rows_of("class"), columns=["labels", "labels"])
    assert list(batch) == ["labels"]


def test_a_stream_needs_ids_and_labels():
    with pytest.raises(LoaderError, match=r"stream\(\) needs input_ids and labels, .* leaves out input_ids"):
        next(BatchLoader(rows_of("class"), columns=["labels", "year"]).stream())


@pytest.mark.parametrize(
    ("values", "message"),
    [
        (
            np.zeros((2, 1, 1)),
            r"the column 'x' of shape \(2, 1, 1\) and type float64 cannot be used: a batch",
        ),
        (np.array(["a", "b"]), r"the column 'x' of shape \(2,\) and type <U1 cannot be used"),
        (np.zeros(3), r"the column 'x' of shape \(3,\) cannot be used: there are 2 rows"),
    ],
)
def test_a_column_that_no_batch_can_hold_is_named(values, message):
    with pytest.raises(LoaderError, match=message):
        BatchLoader(Rows(numbered([1, 2]), extra={"x": values}), columns=["x"])


@pytest.mark.parametrize(
    ("target", "labels"),
    [
        (None, [[1, 0], [0, 1]]),
        (None, [0.5, 2.0]),
        (ClassTarget(), [[1, 0], [0, 1]]),
        (ClassesTarget(class_names=["a", "b", "c"]), [[1, 0], [0, 1]]),
        (ClassesTarget(class_names=["a", "b"]), [0, 1]),
        (NumberTarget(), [[1.0, 0.5], [2, 3]]),
        (NumberTarget(), [1, 2]),
        (NumberTarget(names=("x", "y")), [1.0, 2.0]),
        (ClassTarget(), [0, 1, 2]),
    ],
)
def test_labels_that_are_not_of_the_target_are_refused_and_never_taken_for_another_kind(target, labels):
    with pytest.raises(LoaderError, match=r"labels of shape .* do not fit the target '\w+', which has \(2"):
        BatchLoader(Rows(numbered([1, 2]), labels, target=target))


def items(*labels):
    return [{"input_ids": [5]} if label is None else {"input_ids": [5], "label": label} for label in labels]


@pytest.mark.parametrize(
    ("labels", "dtype", "expected"),
    [
        ([1, None, 0], "int64", [1, -100, 0]),
        ([True, False], "int64", [1, 0]),
        ([None, None], "int64", [-100, -100]),
        ([0.5, None, 2.0], "float32", [0.5, np.nan, 2]),
        ([[1, 0], None], "float32", [[1, 0], [-100, -100]]),
        ([[1, 0], [-100, -100]], "float32", [[1, 0], [-100, -100]]),
        ([[0.5, 3], None, [2, 3]], "float32", [[0.5, 3], [np.nan, np.nan], [2, 3]]),
        ([torch.tensor(0.5), np.float64(2)], "float32", [0.5, 2]),
        ([torch.tensor([0.5, 1]), np.array([2.0, 3])], "float32", [[0.5, 1], [2, 3]]),
    ],
)
def test_labels_of_items_have_the_type_of_their_values(labels, dtype, expected):
    found = Collate()(items(*labels)).labels
    assert str(found.dtype) == f"torch.{dtype}"
    np.testing.assert_array_equal(found.numpy(), np.array(expected, dtype))


@pytest.mark.parametrize(
    ("labels", "kinds"),
    [
        ([1, 0.5], "a float and a whole number"),
        ([[1, 0], [1, 0, 0]], "a list of 2 and a list of 3"),
        ([0.5, [0.5]], "a float and a list of 1"),
    ],
)
def test_labels_of_different_kinds_in_one_batch_are_refused(labels, kinds):
    with pytest.raises(LoaderError, match=f"have a label of different kinds \\({kinds}\\): give each item"):
        Collate()(items(*labels))


def test_an_item_without_a_column_that_is_asked_for_is_named():
    with pytest.raises(LoaderError, match="an item has no 'year'; it has: years, "):
        Collate(columns=["labels", "year"])([{"input_ids": [5], "years": 3}])
    with pytest.raises(LoaderError, match="an item has no 'year'; it has: labels; leave it out"):
        Collate(columns=["labels", "year"])([([5], 1)])


def test_a_batch_of_no_items_has_every_field_too():
    batch = Collate(columns=["labels", "year", "input_ids"])([])
    assert {name: tensor.tolist() for name, tensor in batch.items()} == {
        "labels": [-100], "year": [0], "input_ids": [[0]],
    }  # fmt: skip


def test_a_model_of_hugging_face_takes_a_batch_as_it_is():
    transformers = pytest.importorskip("transformers")
    torch.manual_seed(0)
    sizes = {"hidden_size": 8, "num_hidden_layers": 1, "num_attention_heads": 2, "intermediate_size": 8}
    for kind, outputs in {"class": 3, "classes": 2, "number": 1, "numbers": 2}.items():
        problem = {"class": "single_label_classification", "classes": "multi_label_classification"}
        config = transformers.BertConfig(
            vocab_size=sum(LENGTHS) + 1,
            num_labels=outputs,
            problem_type=problem.get(kind, "regression"),
            **sizes,
        )
        model = transformers.BertForSequenceClassification(config)
        columns = ["input_ids", "attention_mask", "labels"]
        for batch in BatchLoader(rows_of(kind), batch_size=8, columns=columns):
            found = model(**batch)
            assert found.loss.isfinite()
            assert found.logits.shape == (len(batch.labels), outputs)


@pytest.mark.parametrize("num_workers", [0, 2])
def test_a_store_gives_its_columns_to_loaders_and_to_workers(tmp_path, num_workers):
    rows = [
        {"text": f"film {number}", "label": number / 3, "year": 1990 + number, "author": "abc"[number % 3]}
        for number in range(20)
    ]
    corpus = tp.load_dataset("memory", rows=rows, target="number", extra=["year", "author"], splits=None)
    split = tp.prepare(corpus, tp.Pipeline(tokenizer=tp.WordTokenizer()), cache_dir=tmp_path)["train"]
    columns = ["author", "labels", "year", "row_ids"]
    parts = DataLoader(
        RowDataset(split), batch_size=6, collate_fn=Collate(columns=columns), num_workers=num_workers
    )
    for found, expected in zip(parts, split.loader(batch_size=6, columns=columns), strict=True):
        same(found, expected)
        places = expected.row_ids.numpy()
        assert expected.year.tolist() == [rows[place]["year"] for place in places]
        assert expected.author.tolist() == ["abc".index(rows[place]["author"]) + 2 for place in places]
        np.testing.assert_allclose(expected.labels.numpy(), [rows[place]["label"] for place in places])
