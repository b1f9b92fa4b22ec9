from __future__ import annotations

import json
import random
import shutil

import numpy as np
import pyarrow as pa
import pytest

import textprep as tp
from textprep.errors import PreparationError
from textprep.preparation import writer
from textprep.preparation.prepare import prepare
from textprep.preparation.store import open_store

WORDS = ["a", "great", "film", "with", "some", "dull", "parts", "and", "one", "good", "joke"]
ROWS = [(" ".join(WORDS[number % 5 : number % 11]), ("bad", "good")[number % 2]) for number in range(60)]


@pytest.fixture(scope="module")
def pristine(tmp_path_factory):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(writer, "BLOCK_ROWS", 7)
        pipeline = tp.Pipeline([tp.Lowercase()], tokenizer=tp.WordTokenizer())
        return prepare(
            {"train": ROWS, "test": ROWS[:5]}, pipeline, cache_dir=tmp_path_factory.mktemp("cache")
        )


@pytest.fixture
def store(pristine, tmp_path):
    """A copy to be damaged."""
    return shutil.copytree(pristine.path, tmp_path / "store")


def manifest_of(store):
    return json.loads((store / "manifest.json").read_text())


def test_it_opens_by_its_path_alone(pristine, store):
    data = open_store(str(store))
    assert list(data) == ["train", "test"]
    assert data.fingerprint == pristine.fingerprint
    assert data.class_names == ("bad", "good")
    assert [data["train"].ids(row).tolist() for row in range(60)] == [
        data.pipeline.encode(text) for text, _ in ROWS
    ]
    assert data["train"].lengths.tolist() == [len(text.split()) for text, _ in ROWS]


def test_ids_are_views_of_the_memory_map(pristine):
    allocated = pa.total_allocated_bytes()
    data = open_store(pristine.path)
    assert pa.total_allocated_bytes() == allocated
    ids = data["train"].ids(10)
    assert not ids.flags.owndata
    assert not ids.flags.writeable


def test_arrays_have_the_promised_types(pristine):
    split = pristine["train"]
    assert {split.lengths.dtype, split.labels.dtype, split.row_ids.dtype} == {np.dtype(np.int64)}
    assert split.lengths.shape == split.labels.shape == split.row_ids.shape == (60,) == (len(split),)


@pytest.mark.parametrize("row", [-1, 60])
def test_a_row_that_is_not_there_is_an_error(pristine, row):
    with pytest.raises(IndexError, match=f"split 'train' has rows 0 to 59, no row {row}"):
        pristine["train"].ids(row)


def test_a_split_that_is_not_there_is_an_error_that_lists_them(pristine):
    with pytest.raises(KeyError, match="no split 'dev'; there are: train, test"):
        pristine["dev"]


def test_it_says_what_it_holds(pristine):
    assert repr(pristine["test"]).startswith("PreparedSplit('test': 5 rows, ")
    assert str(pristine.path) in repr(pristine)


def test_every_file_is_plain_arrow_or_json(pristine):
    with pa.memory_map(str(pristine.path / "train.arrow")) as source:
        reader = pa.ipc.open_file(source)
        assert reader.num_record_batches == 9
        table = reader.read_all()
    assert table.schema.names == ["input_ids", "label", "row_id"]
    assert table.schema.field("input_ids").type == pa.large_list(pa.uint8())
    assert table["input_ids"].to_pylist()[3] == pristine["train"].ids(3).tolist()
    assert tp.Pipeline.load(pristine.path / "pipeline.json").encode("a film") == pristine.pipeline.encode(
        "a film"
    )


def test_the_manifest_says_what_it_was_made_of(pristine):
    manifest = manifest_of(pristine.path)
    assert manifest["splits"]["train"] == {"rows": 60, "tokens": int(pristine["train"].lengths.sum())}
    assert manifest["class_names"] == ["bad", "good"]
    assert manifest["textprep_version"] == tp.__version__
    assert set(manifest["files"]) == {"train.arrow", "test.arrow", "pipeline.json"}
    assert manifest["made_of"]["pipeline"] == pristine.pipeline.description()


def test_hugging_face_reads_the_files(pristine):
    datasets = pytest.importorskip("datasets")
    with pa.memory_map(str(pristine.path / "train.arrow")) as source:
        table = pa.ipc.open_file(source).read_all()
    rows = datasets.Dataset(datasets.table.InMemoryTable(table))
    assert rows[4]["input_ids"] == pristine["train"].ids(4).tolist()


@pytest.mark.parametrize("name", ["train.arrow", "test.arrow", "pipeline.json"])
@pytest.mark.parametrize(
    ("damage", "reason"),
    [
        (lambda path: path.write_bytes(path.read_bytes()[:-1]), "bytes instead of"),
        (lambda path: path.write_bytes(b""), "it has 0 bytes instead of"),
        (
            lambda path: path.write_bytes(path.read_bytes().replace(b"l", b"m", 1)),
            "do not match its checksum",
        ),
        (lambda path: path.unlink(), "it is missing"),
    ],
    ids=["cut", "emptied", "edited", "removed"],
)
def test_a_damaged_file_is_named_with_what_to_do(store, name, damage, reason):
    damage(store / name)
    with pytest.raises(PreparationError) as caught:
        open_store(store)
    message = str(caught.value)
    assert message.startswith(f"{store / name} is damaged: ")
    assert reason in message
    assert message.endswith(f"delete the folder {store} and prepare again")


def test_any_single_flipped_bit_is_noticed(store):
    chosen = random.Random(0)
    for path in sorted(store.iterdir()):
        whole = path.read_bytes()
        for _ in range(60):
            flipped = bytearray(whole)
            flipped[chosen.randrange(len(whole))] ^= 1 << chosen.randrange(8)
            path.write_bytes(flipped)
            with pytest.raises(PreparationError):
                open_store(store)
        path.write_bytes(whole)
    open_store(store)


def test_any_truncation_is_noticed(store):
    chosen = random.Random(1)
    for path in sorted(store.iterdir()):
        whole = path.read_bytes()
        for _ in range(15):
            path.write_bytes(whole[: chosen.randrange(len(whole) - 1)])
            with pytest.raises(PreparationError):
                open_store(store)
        path.write_bytes(whole)


@pytest.mark.parametrize(
    "edit",
    [
        lambda manifest: manifest.update(class_names=["good", "bad"]),
        lambda manifest: manifest["splits"]["train"].update(rows=59),
        lambda manifest: manifest.update(fingerprint="0" * 32),
        lambda manifest: manifest.pop("checksum"),
        lambda manifest: manifest.pop("made_of"),
        lambda manifest: manifest.update(extra=float("nan")),
    ],
)
def test_a_manifest_edited_by_hand_is_refused(store, edit):
    manifest = manifest_of(store)
    edit(manifest)
    (store / "manifest.json").write_text(json.dumps(manifest))
    with pytest.raises(PreparationError, match=r"manifest.json is damaged: .*delete the folder"):
        open_store(store)


def test_a_manifest_of_another_version_says_which_textprep_wrote_it(store):
    manifest = {**manifest_of(store), "format_version": 99, "textprep_version": "9.9"}
    (store / "manifest.json").write_text(json.dumps(manifest))
    with pytest.raises(PreparationError, match=r"store version 99, this textprep reads 1: .*\(9\.9\)"):
        open_store(store)


@pytest.mark.parametrize("content", ["[]", "{}", "no JSON", '{"format": "textprep.pipeline"}'])
def test_something_else_under_the_manifests_name_is_refused(store, content):
    (store / "manifest.json").write_text(content)
    with pytest.raises(PreparationError, match=r"manifest\.json"):
        open_store(store)


def test_a_folder_without_a_store_is_refused(tmp_path):
    with pytest.raises(PreparationError, match="holds no prepared data"):
        open_store(tmp_path)
    with pytest.raises(PreparationError, match="holds no prepared data"):
        open_store(tmp_path / "nowhere")


def test_preparing_over_a_damaged_entry_names_it_and_works_once_it_is_deleted(pristine, tmp_path):
    def prepared():
        pipeline = tp.Pipeline([tp.Lowercase()], tokenizer=tp.WordTokenizer())
        return prepare({"train": ROWS, "test": ROWS[:5]}, pipeline, cache_dir=tmp_path)

    entry = prepared().path
    (entry / "train.arrow").write_bytes(b"")
    with pytest.raises(PreparationError, match=r"train\.arrow is damaged"):
        prepared()
    shutil.rmtree(entry)
    assert prepared()["train"].ids(3).tolist() == pristine["train"].ids(3).tolist()


def test_another_pipeline_cannot_open_it(store):
    with pytest.raises(PreparationError, match="prepared with other steps, another tokenizer"):
        open_store(store, tp.Pipeline(tokenizer=tp.WordTokenizer()))
