"""Recordings in every format become the same sequences; what is wrong with one is named and counted."""

import random

import datasets
import numpy as np
import pyarrow as pa
import pytest

import textprep as tp
from tests.datasets.sequences.recordings import FEATURES, WRITERS, arrays_of, long_rows, write_csv
from textprep.errors import DatasetError
from textprep.inputs import sequence_type, sequences

LONG = {"sequence": "recording", "features": FEATURES, "time": "t", "label": "label", "splits": None}


def load(rows, **options):
    return tp.load_dataset("sequences", rows=rows, **{**LONG, **options})


@pytest.mark.parametrize("kind", WRITERS)
def test_every_format_gives_the_same_sequences(kind, tmp_path):
    rows = long_rows()
    path = WRITERS[kind](tmp_path, rows)
    wanted, found = load(rows), tp.load_dataset("sequences", path=path, **LONG)
    assert (
        found["train"]
        .table.select(["sequence", "label", "row_id"])
        .equals(wanted["train"].table.select(["sequence", "label", "row_id"]))
    )
    assert found.features == ("x", "y")
    assert found.class_names == ("push", "wave")
    assert found["train"].sequence.type == sequence_type(2)


def test_a_registered_format_reads_them_too(tmp_path):
    path = write_csv(tmp_path, long_rows())
    assert tp.load_dataset("csv", path=path, **LONG)["train"].table.equals(load(long_rows())["train"].table)


def test_arrays_and_an_npz_are_the_same_as_rows_of_steps(tmp_path):
    rows = long_rows()
    arrays, labels = arrays_of(rows), ["push", "wave", "push"]
    padded = np.zeros((3, 4, 2))
    for place, array in enumerate(arrays.values()):
        padded[place, : len(array)] = array
    path = tmp_path / "all.npz"
    np.savez(path, X=padded, lengths=np.array([3, 1, 4]), y=np.array(labels))
    given = {"splits": None, "features": FEATURES}
    wanted = load(rows)["train"].table.select(["sequence", "label"])
    for found in (
        tp.load_dataset("sequences", path=path, **given),
        tp.load_dataset("sequences", rows=list(zip(arrays.values(), labels, strict=True)), **given),
        tp.load_dataset(
            "sequences",
            rows=[{"sequence": a.tolist(), "label": y} for a, y in zip(arrays.values(), labels, strict=True)],
            **given,
        ),
    ):
        assert found["train"].table.select(["sequence", "label"]).equals(wanted)


def test_an_npz_of_python_objects_is_refused(tmp_path):
    path = tmp_path / "objects.npz"
    np.savez(path, X=np.array([[1], [2, 3]], dtype=object))
    with pytest.raises(DatasetError, match="Python objects"):
        tp.load_dataset("sequences", path=path)


def test_steps_are_put_in_the_order_of_time():
    rows = long_rows((5, 4))
    mixed = rows.copy()
    random.Random(0).shuffle(mixed)
    first = [row for row in mixed if row["recording"] == "r0"][:1]
    mixed = first + [row for row in mixed if row is not first[0]]
    assert load(mixed)["train"].table.equals(load(rows)["train"].table)


def test_without_a_column_each_file_is_a_recording(tmp_path):
    rows = long_rows((3, 2))
    for name in ("r0", "r1"):
        (tmp_path / name).mkdir()
        write_csv(tmp_path / name, [row for row in rows if row["recording"] == name]).rename(
            tmp_path / f"{name}.csv"
        )
    files = [tmp_path / "r0.csv", tmp_path / "r1.csv"]
    found = tp.load_dataset("sequences", path=files, features=FEATURES, label="label", splits=None)
    assert found["train"].table["name"].to_pylist() == ["r0", "r1"]
    assert found["train"].sequence.equals(load(rows)["train"].sequence)


def test_what_stays_the_same_is_a_column_and_what_changes_a_value_per_step():
    table = load(long_rows())["train"].table
    assert table["person"].to_pylist() == ["p0", "p0", "p1"]
    assert table["state"].to_pylist() == [["off", "off", "on"], ["off"], ["off", "off", "on", "on"]]


def with_hole(how, *, step=1, value=None):
    rows = long_rows((4,))
    if value == "gone":
        del rows[step]
    else:
        rows[step]["y"] = value
    rows = [{**row, "y": None if row["y"] is None else float(row["y"])} for row in rows]
    return load([*rows, *({**row, "recording": "other"} for row in long_rows((8,)))], missing=how)


@pytest.mark.parametrize(
    ("how", "value", "filled"),
    [("forward", None, 0.0), ("linear", None, 1.0), ("mean", None, 5 / 3), (7, None, 7.0)],
)
def test_missing_numbers_are_filled_and_reported(how, value, filled):
    corpus = with_hole(how, value=value)
    assert next(sequences(corpus["train"].sequence))[1, 1] == pytest.approx(filled)
    assert f"1 missing number in 1 sequence filled: missing={how!r}" in corpus.notes


def test_missing_steps_are_filled_and_reported():
    rows = long_rows((12,))
    del rows[5]
    corpus = load(rows, missing="linear")
    assert next(sequences(corpus["train"].sequence))[:, 1].tolist() == list(range(12))
    assert "1 missing step in 1 sequence filled: missing='linear'" in corpus.notes
    assert corpus["train"].table["state"].to_pylist()[0].count("off") == 2


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (lambda rows: rows[1].update(y=None), "row 1, column 'y': the number is missing.*'r0'.*\"linear\""),
        (lambda rows: rows[1].update(y="high"), "row 1, column 'y': 'high' is not a number.*'r0'"),
        (lambda rows: rows[1].update(y=1e300), "row 1, column 'y': .*too large.*'r0'"),
        (lambda rows: rows.pop(1), "'r0': 1 step is missing, the first after the time 0.*linear"),
        (lambda rows: rows[1].update(t=0), "'r0': two steps have the time 0"),
        (
            lambda rows: rows[1].update(label="wave"),
            "'r0': its 'label' is 'push' and becomes 'wave' at step 1",
        ),
        (lambda rows: rows[1].update(recording=" "), "row 1.*'recording': it does not say which sequence"),
    ],
)
def test_what_is_wrong_with_a_sequence_is_named(change, says):
    rows = [row | {"y": row["y"]} for row in long_rows((12, 12))]
    change(rows)
    with pytest.raises(DatasetError, match=says):
        load(rows)


def test_a_bad_step_is_named_by_file_line_and_column_and_its_sequence_counted(tmp_path):
    path = write_csv(tmp_path, long_rows((3, 3, 3)))
    lines = path.read_text().splitlines()
    lines[5] = lines[5].replace(",1.0,", ",?!,")
    path.write_text("\n".join(lines) + "\n")
    corpus = tp.load_dataset("sequences", path=path, on_error="skip", **LONG)
    (bad,) = corpus.rejected
    assert (bad.file, bad.line, bad.column) == (str(path), 6, "y")
    assert (len(corpus["train"]), corpus.rows_read) == (2, 3)
    with pytest.raises(DatasetError) as raised:
        tp.load_dataset("sequences", path=path, **LONG)
    assert (raised.value.file, raised.value.line, raised.value.column) == (str(path), 6, "y")


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({"features": ["x", "z"]}, "no column 'z'"),
        ({"sequence": "who"}, "no column 'who'"),
        ({"time": "when"}, "no column 'when'"),
        ({"label": "what"}, "no column 'what'"),
        ({"missing": "often"}, "missing= is one of"),
        ({"features": ["x", "t"]}, "'t' is named twice"),
        ({"on_error": "quarantine"}, "a whole sequence"),
        ({"near_duplicates": 0.8, "splits": {"train": 0.5, "test": 0.5}}, "near_duplicates= compares texts"),
        ({"target": "next_values"}, "there are no windows"),
    ],
)
def test_an_option_that_cannot_be_used_is_named(options, says):
    with pytest.raises(DatasetError, match=says):
        load(long_rows(), **options)


def test_the_same_sequences_are_never_in_two_splits():
    arrays = [np.full((3, 2), float(place // 4)) for place in range(80)]
    corpus = tp.load_dataset("sequences", rows=[(array, "a") for array in arrays])
    held = [{value[0, 0] for value in sequences(split.sequence)} for split in corpus.values()]
    assert sum(map(len, corpus.values())) == 80
    assert not held[0] & held[1]
    assert not held[0] & held[2]
    assert not held[1] & held[2]


def test_a_group_stays_together():
    corpus = load(long_rows((3,) * 40), splits={"train": 0.7, "test": 0.3}, group="person")
    people = [set(split.table["person"].to_pylist()) for split in corpus.values()]
    assert not people[0] & people[1]


def test_a_split_of_sequences_says_that_it_has_no_texts():
    split = load(long_rows())["train"]
    with pytest.raises(DatasetError, match="have no texts"):
        _ = split.text
    with pytest.raises(DatasetError, match="no sequences of numbers"):
        _ = tp.load_dataset("memory", rows=["a text"], splits=None)["train"].sequence


def test_numbers_may_be_labels():
    rows = [row | {"label": len(row["recording"]) + int(row["recording"][1:])} for row in long_rows()]
    assert load(rows, target="number")["train"].labels.tolist() == [2.0, 3.0, 4.0]


def test_a_table_of_arrow_may_have_been_cut_anywhere():
    table = pa.Table.from_pylist(long_rows((5, 6, 7)))
    pieces = pa.concat_tables([table[:4], table[4:5], table[5:]])
    assert load(pieces)["train"].table.equals(load(long_rows((5, 6, 7)))["train"].table)


def test_a_dataset_of_hugging_face_is_read():
    rows = datasets.Dataset.from_list(long_rows())
    found = tp.load_dataset("sequences", rows=rows, **LONG)
    assert found["train"].sequence.equals(load(long_rows())["train"].sequence)


def made(*, lengths=(10,) * 12, **changed):
    """Steps of recordings; ``changed`` values of the sixth step of the first."""
    rows = [
        {"recording": f"r{n}", "t": step, "x": n + step / 7, "y": step * 0.1, "label": n % 2}
        for n, length in enumerate(lengths)
        for step in range(length)
    ]
    rows[5].update(changed)
    return rows


def test_a_label_of_numbers_is_a_label_and_no_number_of_a_step():
    found = tp.load_dataset("sequences", rows=made(), sequence="recording", time="t")
    assert (found.features, found.class_names) == (("x", "y"), ("0", "1"))


def test_the_second_axis_is_no_label():
    rows = [{name: row[name] for name in ("recording", "t", "x", "y")} for row in made()]
    found = tp.load_dataset("sequences", rows=rows, sequence="recording", time="t")
    assert (found.features, found.target) == (("x", "y"), None)


def test_a_word_among_numbers_is_an_error_and_leaves_no_column_out():
    with pytest.raises(DatasetError, match="'x': 'abc' is not a number"):
        tp.load_dataset("sequences", rows=made(x="abc"), sequence="recording", time="t")


@pytest.mark.parametrize("missing", ["forward", "linear", "mean"])
def test_the_advice_for_a_feature_that_is_never_there_works(missing):
    rows = [{**row, "x": None if row["recording"] == "r3" else row["x"]} for row in made()]
    with pytest.raises(DatasetError, match="nothing to fill it from") as caught:
        load(rows, missing=missing)
    assert (caught.value.option, caught.value.value) == ("missing", 0)
    assert "10 missing numbers" in str(load(rows, missing=caught.value.value).notes)


@pytest.mark.parametrize("length", [4, 5, 10, 40])
def test_a_hole_is_found_in_a_short_recording_too(length):
    rows = [row for row in made(lengths=(length + 2,)) if row["t"] != length // 2]
    with pytest.raises(DatasetError, match="1 step is missing, the first after the time"):
        load(rows)
    assert "1 missing step in 1 sequence" in str(load(rows, missing="linear").notes)


def test_times_that_are_uneven_are_told():
    rows = [{**row, "t": row["t"] ** 2} for row in made()]
    assert "t: uneven in 12 sequences, where no step counts as missing" in load(rows).notes


@pytest.mark.parametrize("missing", ["error", "linear", 0])
@pytest.mark.parametrize("time", [1e13, 1e300, 10_000])
def test_a_time_that_is_wrong_by_far_is_an_error(missing, time):
    rows = made(lengths=(12,) * 3)
    rows[11]["t"] = time
    with pytest.raises(DatasetError, match="a time is wrong, or they are two sequences"):
        load(rows, missing=missing)
    assert len(load(rows, missing=missing, on_error="skip").rejected) == 1


def test_files_of_one_name_in_two_folders_are_two_recordings(tmp_path):
    for folder, label in (("wave", 1), ("push", 0)):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "1.csv").write_text("x,label\n" + f"{label},{label}\n" * 4)
    corpus = tp.load_dataset("csv", path=str(tmp_path / "*" / "1.csv"), features=["x"], splits=None)
    assert [row["label"] for row in corpus["train"]] == [0, 1]
    assert [name.rpartition("wave")[2] for name in corpus["train"].table["name"].to_pylist()] == [
        "1",
        "/1.csv",
    ]


@pytest.mark.parametrize("rows", [[], [np.ones((3, 2), complex)], [np.zeros((0, 2))]])
def test_rows_of_which_none_is_good_are_an_error(rows):
    with pytest.raises(DatasetError):
        tp.load_dataset("sequences", rows=rows, splits=None, on_error="skip")


def test_a_recording_too_short_to_be_divided_is_an_error():
    with pytest.raises(DatasetError, match="5 steps is too short to be divided in time"):
        tp.load_dataset("sequences", rows=[np.arange(5.0)])


@pytest.mark.parametrize("time", ["", None, "abc", float("nan")])
def test_a_step_without_a_time_is_named_and_its_sequence_left_out(time):
    with pytest.raises(
        DatasetError, match=r"row 5, column 't': .*(missing|no time) .a step of sequence 'r0'"
    ):
        load(made(t=time))
    assert len(load(made(t=time), on_error="skip").rejected) == 1


def test_what_grows_as_times_do_is_told():
    corpus = tp.load_dataset("sequences", rows=made(), sequence="recording")
    said = "'t' grows from step to step: if it says when a step was, say time='t'"
    assert said in corpus.notes
    assert said not in str(load(made()).notes)


def test_a_file_of_numbers_says_how_recordings_are_read(tmp_path):
    path = write_csv(tmp_path, long_rows())
    with pytest.raises(DatasetError, match="features= lists the columns of their numbers"):
        tp.load_dataset("csv", path=path)


@pytest.mark.parametrize("options", [{}, {"windows": {"length": 3}}, {"target": "tags"}])
def test_a_sequence_without_a_label_is_named_or_left_out(options):
    with pytest.raises(DatasetError, match=r"sequence 'r0', step 5: the (label|tag) is missing"):
        load(made(label=""), **options)
    corpus = load(made(label=""), **options, on_error="skip")
    assert [row.raw for row in corpus.rejected] == [{"sequence": "r0"}]
    table = corpus["train"].table
    names = table["recording" if "windows" in options else "name"].to_pylist()
    assert set(names) == {f"r{n}" for n in range(1, 12)}
    wanted = [n for n in range(1, 12) for x in range(10)]
    values = [step[0] for row in table["sequence"].to_pylist() for step in row]
    assert (
        "windows" in options
        or np.floor(np.array(values) - np.tile(np.arange(10) / 7, 11) + 0.5).tolist() == wanted
    )


@pytest.mark.parametrize("option", [{"text": "label"}, {"pair": "label"}, {"extra": ["label"]}])
def test_an_option_about_texts_is_refused(option):
    with pytest.raises(DatasetError, match="is read with texts"):
        load(made(), **option)


def test_the_next_token_is_of_texts():
    with pytest.raises(DatasetError, match="'next_values' learns"):
        load(made(), target="next_token", label=None)


@pytest.mark.parametrize("target", ["class", "tags"])
def test_recordings_that_are_divided_in_time_keep_their_labels(target):
    rows = [{**row, "label": 1} for row in made(lengths=(30,))]
    corpus = tp.load_dataset(
        "sequences", rows=rows, features=["x"], time="t", label="label", target=target,
    )  # fmt: skip
    assert [len(split.class_counts()) for split in corpus.values()] == [1, 1, 1]
    assert len(corpus["test"].labels if target == "class" else corpus["test"].table["tags"][0]) in (1, 3)


def test_a_group_of_numbers_is_no_number_of_a_step():
    rows = [{**row, "person": int(row["recording"][1:]) % 5} for row in made()]
    corpus = tp.load_dataset("sequences", rows=rows, sequence="recording", time="t", group="person")
    assert corpus.features == ("x", "y")


@pytest.mark.parametrize("name", ["y", "labels"])
def test_an_npz_of_an_array_for_each_has_labels_too(name, tmp_path):
    arrays = {f"r{n}": np.ones((2 + n, 2)) * n for n in range(4)}
    np.savez(tmp_path / "all.npz", **arrays, **{name: np.array(["a", "b", "a", "b"])})
    split = tp.load_dataset("sequences", path=tmp_path / "all.npz", splits=None)["train"]
    assert split.table["name"].to_pylist() == list(arrays)
    assert [split.target.shown(label) for label in split.table["label"].to_pylist()] == ["a", "b", "a", "b"]


def test_the_advice_for_a_label_that_changes_works():
    rows = [{**row, "label": row["t"] // 5} for row in made()]
    with pytest.raises(DatasetError, match="becomes 1 at step 5") as caught:
        load(rows)
    assert caught.value.option == "windows"
    assert load([{**row} for row in rows], windows={"length": 4})["train"].class_counts() == {
        "0": 12,
        "1": 12,
    }
    assert load(rows, windows={"by": "label"})["train"].class_counts() == {"0": 12, "1": 12}


def test_where_no_sequence_is_good_the_advice_is_that_for_the_first():
    rows = made(lengths=(10,), x=None)
    with pytest.raises(DatasetError, match=r'holds no good sequence.*missing="linear" fills it') as caught:
        load(rows, on_error="skip")
    assert (caught.value.option, caught.value.value) == ("missing", "linear")
    assert len(load(rows, missing=caught.value.value)["train"]) == 1
