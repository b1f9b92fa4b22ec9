"""Windows are parts of one recording of one split, with the target of the step behind them."""

import re
from itertools import groupby, pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import textprep as tp
from tests.datasets.sequences.recordings import FEATURES, long_rows
from textprep.errors import DatasetError
from textprep.inputs import sequences

sizes = st.integers(1, 6)


def corpus_of(lengths):
    """Recordings whose steps count on over all of them, with a class that changes every third step."""
    ends = np.cumsum([0, *lengths])
    rows = [
        {"sequence": str(number), "x": step, "kind": f"k{step // 3 % 2}"}
        for number, (start, stop) in enumerate(pairwise(ends))
        for step in range(start, stop)
    ]
    return tp.load_dataset("sequences", rows=rows, sequence="sequence", features=["x"], splits=None)


@given(st.lists(st.integers(1, 15), min_size=1, max_size=4), sizes, sizes, sizes)
def test_a_window_is_a_part_of_one_recording_and_its_target_is_ahead(lengths, length, stride, horizon):
    corpus = corpus_of(lengths)
    wanted, ends = [], np.cumsum([0, *lengths])
    for start, stop in zip(ends.tolist(), ends[1:].tolist(), strict=False):
        wanted += [
            (list(range(first, first + length)), first + length - 1 + horizon)
            for first in range(start, stop, stride)
            if first + length - 1 + horizon < stop
        ]
    options = {"length": length, "stride": stride, "horizon": horizon, "target": "next_values"}
    if not wanted:
        with pytest.raises(DatasetError, match="no window of"):
            tp.windows(corpus, **options)
        return
    split = tp.windows(corpus, **options)["train"]
    found = [values[:, 0].astype(int).tolist() for values in sequences(split.sequence)]
    assert list(zip(found, split.labels.astype(int).tolist(), strict=True)) == wanted
    assert split.row_ids.tolist() == list(range(len(wanted)))
    if "kind" not in corpus["train"].table.column_names or not re.match(
        "large_list", str(corpus["train"].table.schema.field("kind").type)
    ):
        return
    kinds = tp.windows(corpus, length=length, stride=stride, horizon=horizon, label="kind")["train"]
    assert [kinds.class_names[label] for label in kinds.labels] == [f"k{step // 3 % 2}" for _, step in wanted]


def test_runs_of_one_label_are_sequences_of_their_own_length():
    corpus = corpus_of([7, 4])
    split = tp.windows(corpus, by="kind")["train"]
    kinds = [f"k{step // 3 % 2}" for step in range(11)]
    wanted = [(kind, len(list(run))) for part in (kinds[:7], kinds[7:]) for kind, run in groupby(part)]
    found = [
        (split.class_names[label], len(steps))
        for label, steps in zip(split.labels, sequences(split.sequence), strict=True)
    ]
    assert found == wanted
    assert np.concatenate(list(sequences(split.sequence)))[:, 0].tolist() == list(range(11))


def test_windows_have_the_label_of_their_recording_unless_told_otherwise():
    corpus = tp.load_dataset(
        "sequences",
        rows=long_rows((5, 6)),
        sequence="recording",
        features=FEATURES,
        label="label",
        splits=None,
    )
    split = tp.windows(corpus, length=2)["train"]
    names = split.table["recording"].to_pylist()
    assert [split.class_names[label] for label in split.labels] == [
        {"r0": "push", "r1": "wave"}[name] for name in names
    ]
    assert split.table["state"].to_pylist()[1] == ["on", "on"]


def steps_of(split):
    """Which steps of which recording a split holds."""
    held = set()
    for name in split.table["name"].to_pylist():
        whole, start, stop = re.fullmatch(r"(.*)\[(\d+):(\d+)\]", name).groups()
        held |= {(whole, step) for step in range(int(start), int(stop))}
    return held


@pytest.mark.parametrize("recordings", [1, 2, 12])
def test_windows_that_overlap_are_never_in_two_splits(recordings):
    corpus = tp.load_dataset(
        "sequences", rows=long_rows((60,) * recordings), sequence="recording", features=FEATURES,
        label="state", windows={"length": 4, "stride": 1},
    )  # fmt: skip
    held = [steps_of(split) for split in corpus.values()]
    assert all(held)
    assert not held[0] & held[1]
    assert not held[0] & held[2]
    assert not held[1] & held[2]
    whole = {frozenset({name for name, _ in steps}) for steps in held}
    assert (len(whole) == 3) == (recordings > 2)  # few recordings are divided in time


def test_what_is_in_no_window_is_said():
    assert "1 window of 2 sequences; 3 steps in none" in tp.windows(corpus_of([5, 2]), length=4).notes


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({}, "give length=, or by="),
        ({"length": 0}, "length"),
        ({"by": "kind", "label": "kind"}, "the label of a run"),
        ({"by": "kind", "stride": 2}, "no stride"),
        ({"length": 2, "target": "next_values", "horizon": 0}, "own last step"),
        ({"length": 2, "label": "colour"}, "no column 'colour'"),
        ({"length": 2, "target": "number"}, "no label is named"),
        ({"length": 99}, "no window of 99 steps"),
    ],
)
def test_an_option_that_cannot_be_used_is_named(options, says):
    with pytest.raises(DatasetError, match=says):
        tp.windows(corpus_of([7]), **options)


def test_texts_have_no_windows():
    with pytest.raises(DatasetError, match="rows are texts"):
        tp.windows(tp.load_dataset("memory", rows=["a text"], splits=None), length=2)


def test_a_split_gives_a_split():
    assert len(tp.windows(corpus_of([8])["train"], length=4)) == 2


@pytest.mark.parametrize("windows", [None, {"length": 3, "stride": 2}])
def test_a_tag_for_each_step_goes_with_it(windows):
    rows = long_rows((5, 7))
    corpus = tp.load_dataset(
        "sequences", rows=rows, sequence="recording", features=FEATURES, label="state", target="tags",
        windows=windows, splits=None,
    )  # fmt: skip
    split = corpus["train"]
    for values, pieces in zip(sequences(split.sequence), split.table["tags"].to_pylist(), strict=True):
        assert [(piece["start"], piece["stop"]) for piece in pieces] == [
            (step, step + 1) for step in range(len(values))
        ]
        wanted = ["on" if step >= 2 else "off" for step in values[:, 1]]
        assert [corpus.target.tags[piece["tag"]] for piece in pieces] == wanted


@pytest.mark.parametrize(
    ("windows", "option"),
    [({"length": 99}, "length"), ({"length": 0}, "length"), ({"lenght": 3}, "lenght"), ({"by": "z"}, "by")],
)
def test_an_option_of_windows_is_named_where_a_data_set_has_it(windows, option):
    with pytest.raises(DatasetError) as caught:
        tp.load_dataset("sequences", rows=[np.arange(30.0)], windows=windows)
    assert caught.value.option == f"windows.{option}"
