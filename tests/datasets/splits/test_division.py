from __future__ import annotations

import json
import sqlite3
from collections import Counter
from datetime import date, datetime, timezone
from functools import partial

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

import textprep as tp
from textprep.datasets import as_corpus, hold_out
from textprep.datasets.splits import Division, assign
from textprep.datasets.splits.times import instants
from textprep.errors import DatasetError

SPLITS = {"train": 0.8, "validation": 0.1, "test": 0.1}


def divide(texts, labels, splits, seed, **options):
    """The positions of the rows of each split, ascending."""
    fractions = Division.of(splits=splits, seed=seed).fractions
    numbers = assign(texts, fractions, seed, strata=labels, **options)
    return {name: np.flatnonzero(numbers == number).tolist() for number, name in enumerate(fractions)}


fractions = st.sampled_from(
    [SPLITS, {"train": 0.5, "test": 0.5}, {"train": 2 / 3, "test": 1 / 3}, {"test": 0.29, "train": 0.71}]
)


@given(st.lists(st.integers(0, 5), min_size=60, max_size=300), fractions, st.integers(0, 5))
def test_distinct_texts_are_stratified_to_within_a_row_a_class(labels, splits, seed):
    divided = divide([f"text {i}" for i in range(len(labels))], labels, splits, seed)
    assert sorted(row for rows in divided.values() for row in rows) == list(range(len(labels)))
    for label, total in Counter(labels).items():
        for name, fraction in splits.items():
            assert abs(sum(labels[row] == label for row in divided[name]) - total * fraction) < 1 + 1e-6


@given(st.lists(st.integers(0, 40), max_size=150), st.integers(0, 5))
def test_identical_texts_never_straddle_splits_and_no_row_is_lost(repeated, seed):
    numbers = [*repeated, *range(41, 80)]
    texts, labels = [f"text {number}" for number in numbers], [number % 2 for number in numbers]
    divided = divide(texts, labels, {"train": 0.6, "test": 0.4}, seed)
    held = {name: {texts[row] for row in rows} for name, rows in divided.items()}
    assert not held["train"] & held["test"]
    assert sorted(divided["train"] + divided["test"]) == list(range(len(texts)))
    largest = max(Counter(texts).values())
    assert abs(len(divided["test"]) - 0.4 * len(texts)) <= 2 * largest


@given(st.permutations(range(60)))
def test_the_order_of_the_rows_does_not_matter(order):
    texts, labels = [f"text {i}" for i in range(60)], [i % 3 for i in range(60)]
    plain = divide(texts, labels, SPLITS, 0)
    other = divide([texts[i] for i in order], [labels[i] for i in order], SPLITS, 0)
    assert {name: {order[row] for row in rows} for name, rows in other.items()} == {
        name: set(rows) for name, rows in plain.items()
    }


def test_splits_are_the_same_on_every_machine_and_differ_by_seed():
    texts = [f"text {i}" for i in range(20)]
    assert divide(texts, None, SPLITS, 0)["test"] == [1, 8]
    assert divide(texts, None, SPLITS, 1)["test"] != [1, 8]


def test_many_small_classes_still_fill_every_split():
    divided = divide([f"text {i}" for i in range(300)], [i // 3 for i in range(300)], SPLITS, 0)
    assert {name: len(rows) for name, rows in divided.items()} == {"train": 240, "validation": 30, "test": 30}


def test_texts_whose_labels_differ_stay_together():
    divided = divide(
        ["same"] * 2 + [f"text {i}" for i in range(20)], [0, 1] * 11, {"train": 0.5, "test": 0.5}, 3
    )
    assert {0, 1} <= set(divided["train"]) or {0, 1} <= set(divided["test"])


@pytest.mark.parametrize(
    ("splits", "message"),
    [
        ({"train": 0.8, "test": 0.1}, "train, test sum to 0.9, not to 1"),
        ({"train": 1.5, "test": -0.5}, "fraction of 'train' is 1.5"),
        ({"train": 1.0, "test": 0.0}, "fraction of 'test' is 0.0"),
        ({"train": "most", "test": 0.5}, "fraction of 'train' is 'most'"),
        ({"train": float("nan"), "test": 0.5}, "fraction of 'train' is nan"),
        ({"training": 0.5, "test": 0.5}, 'one of them for "train"'),
        ([0.8, 0.2], "maps names to fractions"),
    ],
)
def test_fractions_that_cannot_be_used(splits, message):
    with pytest.raises(DatasetError, match=message):
        Division.of(splits=splits)


@pytest.mark.parametrize("seed", [1.5, "0", True, -1, 2**64])
def test_seeds_that_cannot_be_used(seed):
    with pytest.raises(DatasetError, match="seed= is a whole number"):
        divide(["a", "b"], None, {"train": 0.5, "test": 0.5}, seed)


def test_too_few_rows_for_the_splits():
    with pytest.raises(
        DatasetError, match=r"2 rows with 2 distinct texts are too few.*'validation'.*splits=None"
    ):
        divide(["a", "b"], None, SPLITS, 0)


def test_hold_out_takes_from_train_only():
    rows = [(f"text {i}", "ab"[i % 2]) for i in range(40)]
    corpus = as_corpus({"train": rows, "test": [("t", "a")]})
    held = hold_out(corpus, "validation", 0.25, seed=7)
    assert {name: len(split) for name, split in held.items()} == {"train": 30, "validation": 10, "test": 1}
    assert held["validation"].class_counts() == {"a": 5, "b": 5}
    ids = [*held["train"].row_ids.tolist(), *held["validation"].row_ids.tolist()]
    assert sorted(ids) == list(range(40))
    assert held["test"] is corpus["test"]


@pytest.mark.parametrize(
    ("splits", "name", "fraction", "message"),
    [
        (("train", "test"), "test", 0.1, "a split 'test' already"),
        (("train", "test"), "train", 0.1, "a split 'train' already"),
        (("test",), "validation", 0.1, 'no split "train"'),
        (("train",), "validation", 1.0, "between 0 and 1"),
    ],
)
def test_hold_out_that_cannot_be(splits, name, fraction, message):
    with pytest.raises(DatasetError, match=message):
        hold_out(as_corpus({split: ["a", "b"] for split in splits}), name, fraction)


groups_and_labels = st.lists(st.tuples(st.integers(0, 12), st.integers(0, 2)), min_size=60, max_size=200)


@given(groups_and_labels, st.integers(0, 3))
def test_rows_of_a_group_stay_together_and_no_row_is_lost(rows, seed):
    rows += [(group, group % 3) for group in range(13)]
    texts, groups = [f"text {i}" for i in range(len(rows))], [group for group, _ in rows]
    splits = {"train": 0.5, "test": 0.5}
    divided = divide(texts, [label for _, label in rows], splits, seed, groups=groups)
    held = {name: {groups[row] for row in members} for name, members in divided.items()}
    assert not held["train"] & held["test"]
    assert sorted(divided["train"] + divided["test"]) == list(range(len(rows)))
    assert abs(len(divided["test"]) - len(rows) / 2) <= max(Counter(groups).values())


def test_groups_are_dealt_so_that_classes_are_balanced():
    """Ten authors of nine rows each; half of them write only "a", half only "b"."""
    labels = [author % 2 for author in range(10) for _ in range(9)]
    groups = [author for author in range(10) for _ in range(9)]
    texts = [f"text {i}" for i in range(90)]
    for seed in range(20):
        divided = divide(texts, labels, {"train": 0.6, "test": 0.4}, seed, groups=groups)
        assert Counter(labels[row] for row in divided["test"]) == {0: 18, 1: 18}


def test_groups_differ_by_seed():
    texts, groups = [f"text {i}" for i in range(40)], [i // 4 for i in range(40)]
    tests = {
        tuple(divide(texts, None, {"train": 0.8, "test": 0.2}, seed, groups=groups)["test"])
        for seed in range(9)
    }
    assert len(tests) > 4


@given(st.lists(st.floats(-1e9, 1e9), min_size=30, max_size=90, unique=True))
def test_by_time_no_row_of_a_later_split_is_older(times):
    divided = divide([f"text {i}" for i in range(len(times))], None, SPLITS, 0, times=times)
    spans = [sorted(times[row] for row in divided[name]) for name in SPLITS]
    assert spans[0][-1] < spans[1][0]
    assert spans[1][-1] < spans[2][0]
    for name, fraction in SPLITS.items():
        assert abs(len(divided[name]) - fraction * len(times)) <= 1


def test_by_time_rows_of_one_day_stay_together_and_a_repeated_text_goes_with_its_first():
    texts = [*(f"text {i}" for i in range(9)), "TEXT 0!"]
    days = [1, 1, 2, 2, 2, 2, 2, 3, 3, 4]
    divided = divide(texts, None, {"train": 0.5, "test": 0.5}, 0, times=days)
    assert divided == {"train": [0, 1, 2, 3, 4, 5, 6, 9], "test": [7, 8]}


def test_texts_that_cleaning_makes_the_same_stay_together():
    texts = [f"text {i}" for i in range(40)] + [f"<b>TEXT</b>   {i}!" for i in range(40)]
    for seed in range(5):
        divided = divide(texts, None, {"train": 0.5, "test": 0.5}, seed)
        assert {row % 40 for row in divided["train"]}.isdisjoint(row % 40 for row in divided["test"])


def test_near_duplicates_stay_together_if_so_wished():
    long = [" ".join(f"word{i}_{j}" for j in range(60)) for i in range(30)]
    texts = [*long, *(text + " altogether" for text in long)]
    apart = divide(texts, None, {"train": 0.5, "test": 0.5}, 0)
    together = divide(texts, None, {"train": 0.5, "test": 0.5}, 0, near_duplicates=0.8)
    leaks = [
        {row % 30 for row in divided["train"]} & {row % 30 for row in divided["test"]}
        for divided in (apart, together)
    ]
    assert len(leaks[0]) > 5
    assert leaks[1] == set()


def corpus_of(count=40, **columns):
    rows = [
        {"text": f"text {i}", "label": "ab"[i % 2], **{k: v(i) for k, v in columns.items()}}
        for i in range(count)
    ]
    return as_corpus({"train": rows})


def test_every_row_is_held_out_by_one_fold():
    corpus = corpus_of(author=lambda i: i // 4)
    folds = list(corpus.folds(5, seed=1))
    assert sorted(row for fold in folds for row in fold["test"].row_ids.tolist()) == list(range(40))
    for fold in folds:
        assert fold["test"].class_counts() == {"a": 4, "b": 4}
        rows = fold["train"].row_ids.tolist() + fold["test"].row_ids.tolist()
        assert sorted(rows) == list(range(40))
        assert fold["train"].row_ids.tolist() == sorted(fold["train"].row_ids.tolist())
    for fold in corpus.folds(5, group="author"):
        authors = [{row["author"] for row in split} for split in fold.values()]
        assert authors[0].isdisjoint(authors[1])


def test_folds_keep_further_splits_and_name_what_they_hold_out():
    corpus = as_corpus({"train": [(f"text {i}", "ab"[i % 2]) for i in range(8)], "test": [("t", "a")]})
    first = next(corpus.folds(2, held_out="validation"))
    assert {name: len(split) for name, split in first.items()} == {"train": 4, "validation": 4, "test": 1}
    with pytest.raises(
        DatasetError,
        match=r"there is a split 'test' already; load the data set with splits=None, .*held_out=",
    ):
        corpus.folds(2)
    with pytest.raises(DatasetError, match="their number is 2 or more, not 1"):
        corpus.folds(1)


def test_load_dataset_divides_by_group_time_and_fold():
    rows = [{"text": f"text {i}", "day": f"2024-01-{1 + i % 20:02}", "author": i % 8} for i in range(40)]
    load = partial(tp.load_dataset, "memory", rows=rows, label=None)
    by_time = load(splits={"train": 0.75, "test": 0.25}, time="day")
    assert {row["day"] for row in by_time["test"]} == {f"2024-01-{day}" for day in range(16, 21)}
    by_group = load(splits={"train": 0.75, "test": 0.25}, group="author")
    assert {row["author"] for row in by_group["test"]}.isdisjoint(row["author"] for row in by_group["train"])
    fold, other = load(fold="1/4"), load(fold="4/4")
    assert [len(fold["train"]), len(fold["test"])] == [30, 10]
    assert set(fold["test"].row_ids).isdisjoint(other["test"].row_ids)
    assert load(near_duplicates=0.9)["train"].table.equals(load()["train"].table)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"fold": "6/5"}, 'fold= is one of several, such as "1/5" to "5/5", not \'6/5\''),
        ({"fold": 2}, "fold= is one of several"),
        ({"fold": "1/1"}, "fold= is one of several"),
        ({"fold": "1/5", "time": "day"}, "fold= and time= exclude each other"),
        ({"fold": "1/5", "splits": {"train": 1.0}}, "fold= and splits= exclude each other"),
        ({"group": "writer"}, "group='writer': there is no such column; there are: "),
        ({"group": "tags"}, r"group='tags': row 0 has \['x'\]; one value per row is needed"),
        ({"group": 3}, "group= is the name of a column, not 3"),
        ({"time": "day"}, "time='day': position 5 has '06.01.2024', which is no number, date or ISO 8601"),
        ({"near_duplicates": 0.1}, "near_duplicates= is how much two texts overlap at least, from 0.5 to 1"),
        ({"near_duplicates": "many"}, "near_duplicates= is how much"),
        ({"group": "text", "splits": None}, "splits=None keeps all rows together; leave out group="),
        ({"time": "same"}, "40 rows with 1 distinct times are too few to divide"),
    ],
)
def test_ways_to_divide_that_cannot_be_used(options, message):
    def row(i):
        day = "06.01.2024" if i == 5 else "2024-01-05"
        columns = {"day": day, "tags": ["x"], "same": 7}
        return {"text": f"text {i}", "label": "ab"[i % 2], **columns}

    rows = [row(i) for i in range(40)]
    with pytest.raises(DatasetError, match=message):
        tp.load_dataset("memory", rows=rows, **options)


def test_an_error_says_which_option_to_change():
    rows = [f"text {i}" for i in range(4)]
    for options, option, value in (
        ({"seed": -1}, "seed", ...),
        ({"splits": {"train": 2}}, "splits", ...),
        ({"splits": None, "group": "author"}, "group", None),
        ({"splits": {"train": 0.5, "a": 0.1, "b": 0.1, "c": 0.1, "d": 0.1, "e": 0.1}}, "splits", None),
    ):
        with pytest.raises(DatasetError) as raised:
            tp.load_dataset("memory", rows=rows, **options)
        assert (raised.value.option, raised.value.value) == (option, value)


def test_no_split_is_divided_over_another():
    corpus = as_corpus({"train": [f"text {i}" for i in range(8)], "test": ["t"]})
    with pytest.raises(DatasetError, match="there is a split 'test' already"):
        corpus.divide({"train": 0.5, "test": 0.5})


def test_split_numbers_are_as_small_as_their_count_allows():
    texts = [f"text {i}" for i in range(400)]
    for count, dtype in ((2, np.int8), (128, np.int8), (129, np.int16)):
        numbers = assign(texts, Division.of(fold=f"1/{count}").fractions, 0)
        assert numbers.dtype == dtype
        assert sorted(set(numbers.tolist())) == list(range(count))


def test_given_splits_cannot_be_divided_otherwise():
    rows = {"train": [("a", "x")], "test": [("b", "x")]}
    with pytest.raises(
        DatasetError, match=r"'memory' comes in the splits train, test: .* by group=; leave it"
    ):
        tp.load_dataset("memory", rows=rows, group="author")


def test_the_number_of_a_fold():
    assert (Division.of(fold="10/10").held_out, len(Division.of(fold="10/10").fractions)) == (9, 10)
    assert Division.of().held_out is None


def test_points_in_time():
    assert instants("t", [3, 1.5]) == [3.0, 1.5]
    day = date(2024, 1, 5)
    same = ["2024-01-05", "2024-01-05T01:00:00+01:00", day, datetime(2024, 1, 5, tzinfo=timezone.utc)]
    assert instants("t", same) == [1704412800.0] * 4
    with pytest.raises(DatasetError, match=r"time='t': 0 and '2024' \(position 1\) are no two points on one"):
        instants("t", [0, "2024"])
    for value in (True, None, float("nan"), "yesterday", object()):
        with pytest.raises(
            DatasetError, match=r"position 0 has .*, which is no number, date or ISO 8601 text"
        ):
            instants("t", [value])


def test_rows_with_several_labels_are_stratified_by_their_combination():
    rows = [(f"text {i}", [["a"], ["a", "b"], []][i % 3]) for i in range(60)]
    corpus = tp.load_dataset("memory", rows=rows, target="classes", splits={"train": 0.9, "test": 0.1})
    held = [tuple(row["labels"]) for row in corpus["test"]]
    assert Counter(held) == {(0,): 2, (0, 1): 2, (): 2}


def grouped(tmp_path, kind, empty):
    rows = [{"text": f"text {i}", "label": i % 2, "author": author} for i, author in enumerate("ab" * 10)]
    rows += [
        {"text": f"alone {i}", "label": i % 2, **({} if empty == "no key" else {"author": empty})}
        for i in range(40)
    ]
    if kind in ("csv", "parquet"):
        frame = pd.DataFrame(rows)
        getattr(frame, f"to_{kind}")(tmp_path / f"r.{kind}", index=False)
        return {"name": kind, "path": tmp_path / f"r.{kind}"}
    if kind == "jsonl":
        (tmp_path / "r.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
        return {"name": kind, "path": tmp_path / "r.jsonl"}
    if kind == "sql":
        with sqlite3.connect(tmp_path / "r.db") as connection:
            connection.execute("create table r (text, label, author)")
            values = [(row["text"], row["label"], row.get("author")) for row in rows]
            connection.executemany("insert into r values (?, ?, ?)", values)
        return {"name": kind, "url": f"sqlite:///{tmp_path / 'r.db'}", "table": "r"}
    return {"name": "memory", "rows": pd.DataFrame(rows) if kind == "pandas" else rows}


@pytest.mark.parametrize("empty", [None, "", " ", "no key"])
@pytest.mark.parametrize("kind", ["csv", "jsonl", "sql", "parquet", "pandas", "rows"])
def test_an_empty_cell_is_no_group(tmp_path, kind, empty):
    corpus = tp.load_dataset(**grouped(tmp_path, kind, empty), group="author", label="label")
    assert corpus.notes == ("group='author': 40 rows have none, and may come into any split",)
    alone = {name: sum(row["text"].startswith("alone") for row in split) for name, split in corpus.items()}
    assert min(alone.values()) > 1
    of_a = [name for name, split in corpus.items() if any(row["author"] == "a" for row in split)]
    assert len(of_a) == 1


def test_mixed_and_numbered_groups_may_be_empty_too():
    for groups in ([1, 2, ""], [1, 2, None], [1.0, 2.0, float("nan")], ["a", "b", None]):
        rows = [{"text": f"text {i}", "author": groups[i % 3]} for i in range(30)]
        corpus = tp.load_dataset(
            "memory", rows=rows, label=None, group="author", splits={"train": 0.5, "test": 0.5}
        )
        assert corpus.notes[-1].startswith("group='author': 10 rows have none")
        (fold, *_) = corpus.folds(2, group="author", held_out="validation")
        assert fold.notes[-1].startswith("group='author': ")


@given(
    st.integers(2, 12),
    st.integers(1, 3),
    st.dictionaries(st.sampled_from("abcd"), st.floats(0.01, 1), min_size=1),
)
def test_where_there_are_as_many_texts_as_splits_none_is_empty(distinct, classes, weights):
    whole = 1 + sum(weights.values())
    splits = {name: weight / whole for name, weight in {"train": 1, **weights}.items()}
    texts = [f"text {i}" for i in range(distinct)]
    if distinct < len(splits):
        with pytest.raises(DatasetError, match="too few to divide"):
            divide(texts, [i % classes for i in range(distinct)], splits, 0)
    else:
        assert all(divide(texts, [i % classes for i in range(distinct)], splits, 0).values())


FEW = {
    "three rows": [("one", "a"), ("two", "b"), ("three", "a")],
    "one row a class": [("one", "a"), ("two", "b"), ("three", "c")],
    "two rows": [("one", "a"), ("two", "b")],
    "one text": [("one", "ab"[i % 2]) for i in range(60)],
}


@pytest.mark.parametrize("few", FEW)
def test_the_advice_on_few_rows_works(few):
    load = partial(tp.load_dataset, "memory", rows=FEW[few])
    try:
        corpus = load()
    except DatasetError as error:
        corpus = load(**{error.option: error.value})
    if few != "one text":
        assert "validation" in (corpus if "validation" in corpus else hold_out(corpus, "validation", 0.1))
        return
    with pytest.raises(DatasetError, match="give each split a file of its own") as failure:
        hold_out(corpus, "validation", 0.1)
    assert failure.value.option == "path"


def test_too_many_folds_are_said():
    with pytest.raises(DatasetError, match=r"3 distinct texts are too few .* ask for fewer folds"):
        tp.load_dataset("memory", rows=FEW["three rows"], fold="1/5")
    assert len(tp.load_dataset("memory", rows=FEW["three rows"], fold="1/3")["test"]) == 1
