"""Columns stored with the ids: the same for every kind of target, and never a reason to encode again."""

from __future__ import annotations

import pickle
import shutil
import tempfile
from itertools import pairwise

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import textprep as tp
from textprep.batches.state import data_digest
from textprep.datasets.split import Split
from textprep.errors import PreparationError, UnknownNameError
from textprep.preparation import columns, shards
from textprep.preparation.columns import columns_of, columns_stream, values_digest
from textprep.preparation.inventory import damages
from textprep.preparation.manifest import read_manifest
from textprep.prepared.dataset import open_store
from textprep.prepared.prepare import prepare
from textprep.prepared.split import open_split
from textprep.targets import ClassesTarget, ClassTarget, NumberTarget

ROWS = 90
TEXTS = [
    " ".join(["good", "film", "with", "a", "dull", "part"][n % 3 : n % 7]) + f" {n}" for n in range(ROWS)
]
CLASSES = ("bad", "fine", "good")


def of_lists(values):
    return pa.array(
        [[each for each in range(3) if value >> each & 1] for value in values], pa.large_list(pa.int64())
    )


def of_pairs(values):
    return pa.FixedSizeListArray.from_arrays(
        pa.array([x for value in values for x in (value, -value / 2)], pa.float64()), 2
    )


KINDS = {
    "class": (
        ClassTarget(class_names=CLASSES),
        lambda values: pa.array([value % 3 for value in values], pa.int64()),
    ),
    "classes": (ClassesTarget(class_names=CLASSES), of_lists),
    "number": (NumberTarget(), lambda values: pa.array([value / 4 for value in values], pa.float64())),
    "numbers": (NumberTarget(names=("stars", "price")), of_pairs),
    "none": (None, None),
}


def corpus(kind, values=range(ROWS), cuts=(), texts=TEXTS):
    """A labelled split, an unlabelled and an empty one."""
    target, column = KINDS[kind]
    bare = pa.table({"text": pa.array(texts, pa.large_string()), "row_id": np.arange(len(texts))})
    whole = bare
    if target is not None:
        edges = [0, *sorted(cuts), len(texts)]
        labels = column(list(values))
        parts = [labels.slice(start, stop - start) for start, stop in pairwise(edges)]
        whole = bare.append_column(target.column, pa.chunked_array(parts, labels.type))
    splits = {"train": whole, "new": bare.slice(0, 4), "empty": whole.slice(0, 0)}
    return tp.Corpus({name: Split(table, target) for name, table in splits.items()}, target, name=kind)


def pipeline():
    return tp.Pipeline([tp.Lowercase()], tokenizer=tp.WordTokenizer())


@pytest.fixture
def counted(monkeypatch):
    """How many rows were encoded, and pipelines fitted."""
    monkeypatch.setattr(shards, "SHARD_BYTES", (500, 500))
    encoder, fit, counts = tp.Pipeline.encoder, tp.Pipeline.fit, {"rows": 0, "fits": 0}

    def counting(self, **options):
        made = encoder(self, **options)
        many = made.encode_many

        def encode_many(columns):
            for ids in many(columns):
                counts["rows"] += len(ids)
                yield ids

        made.encode_many = encode_many
        return made

    def fitted(self, *arguments, **options):
        counts["fits"] += 1
        return fit(self, *arguments, **options)

    monkeypatch.setattr(tp.Pipeline, "encoder", counting)
    monkeypatch.setattr(tp.Pipeline, "fit", fitted)
    return counts


def check_same(prepared, split):
    """The columns stored with the ids are those of the corpus."""
    target, column = split.target, split.target_column
    expected = np.full(len(split), -100) if target is None else target.array(column, len(split))
    np.testing.assert_array_equal(prepared.labels, expected)
    assert (prepared.target, prepared.labels.dtype) == (target, expected.dtype)
    stored = {} if column is None else {target.column: column}
    assert prepared.column_names == tuple(stored)
    for name, values in stored.items():
        assert prepared.column(name).type == values.type
        assert prepared.column(name).to_pylist() == prepared.to_hf()[name][:] == values.to_pylist()
    for row in (0, len(split) - 1) if len(split) else ():
        assert prepared[row] == prepared.to_hf()[row] == prepared[row - len(split)]
        assert list(prepared[row]) == ["input_ids", "length", "row_id", *stored]


@pytest.mark.parametrize("kind", KINDS)
def test_labels_are_those_of_the_corpus(kind, tmp_path):
    given_ = corpus(kind)
    data = prepare(given_, pipeline(), cache_dir=tmp_path)
    for opened in (data, open_store(data.path, verify="all"), pickle.loads(pickle.dumps(data))):
        assert opened.target == given_.target
        for name, split in given_.items():
            check_same(opened[name], split)
            with pytest.raises(UnknownNameError, match=f"split '{name}' has no column 'author'; there are: "):
                opened[name].column("author")


@pytest.mark.parametrize("kind", sorted(set(KINDS) - {"none"}))
def test_a_corrected_label_encodes_nothing_again(kind, tmp_path, counted):
    first = prepare(corpus(kind), pipeline(), cache_dir=tmp_path)
    assert counted == {"rows": ROWS + 4, "fits": 1}
    files = {path: path.read_bytes() for path in first.path.rglob("*") if path.is_file()}
    values = list(range(ROWS))
    values[7] += 1
    second = prepare(corpus(kind, values), pipeline(), cache_dir=tmp_path)
    assert counted == {"rows": ROWS + 4, "fits": 1}
    assert second.path == first.path
    assert {path: path.read_bytes() for path in files} == files
    assert (first["train"].labels != second["train"].labels).reshape(ROWS, -1).any(axis=1).nonzero()[
        0
    ].tolist() == [7]
    assert first.fingerprint != second.fingerprint
    assert data_digest(first["train"]) != data_digest(second["train"])
    assert prepare(corpus(kind), pipeline(), cache_dir=tmp_path).fingerprint == first.fingerprint


def test_all_targets_of_the_same_texts_share_their_ids(tmp_path, counted):
    made = [prepare(corpus(kind), pipeline(), cache_dir=tmp_path) for kind in KINDS]
    again = [
        prepare(corpus(kind), data.pipeline, cache_dir=tmp_path)
        for kind, data in zip(KINDS, made, strict=True)
    ]
    assert counted == {"rows": ROWS + 4, "fits": 1}
    assert {data.path for data in made + again} == {made[0].path}
    assert [data.fingerprint for data in made] == [data.fingerprint for data in again]
    assert len({data.fingerprint for data in made}) == len(KINDS)
    assert len({data["train"].fingerprint for data in made}) == len(KINDS)


def test_class_names_are_among_what_labels_are(tmp_path):
    made = []
    for names in (CLASSES, CLASSES[::-1], (*CLASSES, "odd")):
        target = ClassTarget(class_names=names)
        rows = Split(corpus("class")["train"].table, target)
        made.append(prepare(tp.Corpus({"train": rows}, target), pipeline(), cache_dir=tmp_path))
        assert made[-1].class_names == names
    assert len({data.path for data in made}) == 1
    assert len({data.fingerprint for data in made}) == 3


def test_without_more_those_are_opened_that_were_prepared_last(tmp_path):
    values = {name: [value + add for value in range(ROWS)] for add, name in enumerate(("one", "two"))}
    made = {
        name: prepare(corpus("number", values[name]), pipeline(), cache_dir=tmp_path)
        for name in ("one", "two")
    }
    path = made["one"].path
    handed = {name: (pickle.dumps(data), pickle.dumps(data["train"])) for name, data in made.items()}
    for last in ("two", "one", "two", "two", "one"):
        prepare(corpus("number", values[last]), pipeline(), cache_dir=tmp_path)
        assert open_store(path).fingerprint == made[last].fingerprint
        assert open_split(path, "train").labels.tolist() == made[last]["train"].labels.tolist()
        for name, (data, split) in handed.items():  # each opens its own
            assert pickle.loads(data).fingerprint == made[name].fingerprint
            assert pickle.loads(data)["train"].labels.tolist() == made[name]["train"].labels.tolist()
            assert pickle.loads(split).labels.tolist() == made[name]["train"].labels.tolist()
            assert pickle.loads(split).fingerprint == made[name]["train"].fingerprint


@settings(max_examples=30, deadline=None)
@given(
    kind=st.sampled_from(sorted(KINDS)),
    values=st.lists(st.integers(-9, 9), min_size=1, max_size=20),
    cuts=st.lists(st.integers(0, 20), max_size=4),
    workers=st.integers(1, 3),
)
def test_the_same_values_give_the_same_bytes(kind, values, cuts, workers):
    texts = TEXTS[: len(values)]
    cuts = [cut for cut in cuts if cut <= len(values)]
    with tempfile.TemporaryDirectory() as folder:
        stores = []
        for number, (at, threads) in enumerate([((), 1), (cuts, workers)]):
            given_ = corpus(kind, values, at, texts)
            data = prepare(given_, pipeline(), cache_dir=f"{folder}/{number}", workers=threads)
            expected = given_["train"].labels
            if expected is not None:
                np.testing.assert_array_equal(data["train"].labels, expected)
            files = (path for path in data.path.rglob("*") if path.is_file())
            stores.append({path.relative_to(data.path): path.read_bytes() for path in files})
        assert stores[0] == stores[1]


TYPES = {
    "bool": st.booleans(),
    "int8": st.integers(-128, 127),
    "double": st.floats(allow_nan=False),
    "large_string": st.text(st.characters(exclude_categories=["Cs"]), max_size=4),
}


@given(data=st.data(), kind=st.sampled_from(sorted(TYPES)), in_lists=st.booleans())
def test_a_digest_is_of_the_values_and_not_of_how_arrow_holds_them(data, kind, in_lists):
    type_ = getattr(pa, {"double": "float64", "bool": "bool_"}.get(kind, kind))()
    each = st.none() | TYPES[kind]
    if in_lists:
        type_, each = pa.large_list(type_), st.none() | st.lists(each, max_size=3)
    one, other = (data.draw(st.lists(each, max_size=6)) for _ in range(2))
    before = data.draw(st.lists(each, max_size=3))
    cut = data.draw(st.integers(0, len(one)))
    whole = pa.chunked_array([pa.array(one, type_)])
    shifted = pa.array(before + one, type_).slice(len(before))
    cut_up = pa.chunked_array([shifted.slice(0, cut), shifted.slice(cut)], type_)
    assert values_digest(whole) == values_digest(cut_up)
    same = whole.equals(pa.chunked_array([pa.array(other, type_)])) and repr(one) == repr(
        other
    )  # -0.0 is not 0.0
    assert (values_digest(whole) == values_digest(pa.chunked_array([pa.array(other, type_)]))) == same


def test_a_column_of_any_other_type_is_refused():
    with pytest.raises(PreparationError, match=r"a column of date32.* cannot be kept beside the ids"):
        values_digest(pa.chunked_array([pa.array([1], pa.date32())]))


def test_further_columns_need_nothing_more(tmp_path, monkeypatch, counted):
    """What `columns_of` collects is all that the store knows of them."""
    given_ = corpus("class")
    plain = prepare(given_, pipeline(), cache_dir=tmp_path)
    years = pa.chunked_array([pa.array(range(ROWS), pa.int16())])
    authors = pa.chunked_array([pa.array([f"author {n % 5}" for n in range(ROWS)], pa.large_string())])

    def with_more(corpus):
        return columns_of(corpus) | {
            "train": {**columns_of(corpus)["train"], "year": years, "author": authors}
        }

    monkeypatch.setattr("textprep.preparation.columns.columns_of", with_more)
    more = prepare(given_, pipeline(), cache_dir=tmp_path)
    assert counted == {"rows": ROWS + 4, "fits": 1}
    assert more["train"].column_names == ("label", "year", "author")
    assert more["train"].column("year").equals(years)
    assert more["train"].to_hf()["author"][:] == authors.to_pylist()
    assert more["train"][3]["author"] == "author 3"
    assert plain["train"].column_names == ("label",)
    assert more.fingerprint != plain.fingerprint


def test_files_are_plain_arrow():
    column = columns_of(corpus("numbers"))["train"]
    content = b"".join(map(bytes, columns_stream(column)))
    table = pa.ipc.open_stream(content).read_all()
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, table.schema) as writer:
        writer.write_table(table)
    assert sink.getvalue().to_pybytes() == content
    assert table.schema == pa.schema({"labels": pa.list_(pa.float64(), 2)})
    assert table["labels"].to_pylist() == column["labels"].to_pylist()


DAMAGE = {
    "cut": lambda path: path.write_bytes(path.read_bytes()[:-1]),
    "removed": lambda path: path.unlink(),
    "flipped": lambda path: path.write_bytes(path.read_bytes()[:-90] + b"~" + path.read_bytes()[-89:]),
}


@pytest.mark.parametrize("how", DAMAGE)
@pytest.mark.parametrize("name", ["train.arrow", "manifest.json"])
def test_damage_is_named_when_it_is_read_and_rebuilt_when_told(tmp_path, name, how):
    whole = prepare(corpus("class"), pipeline(), cache_dir=tmp_path)
    (folder,) = (whole.path / "columns").iterdir()
    DAMAGE[how](folder / name)
    with pytest.raises(PreparationError) as caught:
        prepare(corpus("class"), pipeline(), cache_dir=tmp_path)["train"].labels  # noqa: B018
    assert str(caught.value).startswith(f"{folder / name} is damaged: ")
    assert f"textprep cache verify {whole.path.name} --remove --cache-dir {tmp_path}" in str(caught.value)
    with pytest.raises(PreparationError, match="is damaged"):
        open_store(whole.path, verify="all")
    assert len(damages(whole.path)) == 1
    data = prepare(corpus("number"), pipeline(), cache_dir=tmp_path)  # others beside the same ids are whole
    assert data["train"].labels.tolist() == corpus("number")["train"].labels.tolist()
    rebuilt = prepare(corpus("class"), pipeline(), cache_dir=tmp_path, rebuild=True)
    assert rebuilt["train"].labels.tolist() == corpus("class")["train"].labels.tolist()
    assert damages(whole.path) == []


def test_check_files_sees_that_labels_are_gone(tmp_path):
    data = prepare(corpus("class"), pipeline(), cache_dir=tmp_path)
    data["train"].check_files()
    shutil.rmtree(data.path / "columns")
    with pytest.raises(PreparationError, match=r"train\.arrow is damaged: it cannot be read"):
        data["train"].check_files()
    with pytest.raises(
        PreparationError, match="holds ids, but not what goes with them, such as labels: prepare again"
    ):
        open_store(data.path)
    assert prepare(corpus("class"), pipeline(), cache_dir=tmp_path).fingerprint == data.fingerprint


def test_columns_are_never_put_into_a_store_that_was_just_removed(tmp_path, monkeypatch):
    """Another process rebuilds the store between two steps of this one: it is made again, whole."""
    first = prepare(corpus("class"), pipeline(), cache_dir=tmp_path)
    gone = []

    fill = columns.ColumnsJob.fill

    def filling(self, work):
        if not gone:
            gone.append(first.path.rename(tmp_path / ".away"))
        return fill(self, work)

    monkeypatch.setattr(columns.ColumnsJob, "fill", filling)
    data = prepare(corpus("number"), pipeline(), cache_dir=tmp_path)
    assert gone
    assert data["train"].labels.tolist() == corpus("number")["train"].labels.tolist()
    assert read_manifest(data.path)["fingerprint"] == data.path.name
    assert damages(data.path) == []
