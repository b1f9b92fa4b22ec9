from __future__ import annotations

import json
import pickle
import shutil

import numpy as np
import pyarrow as pa
import pytest

import textprep as tp
from textprep.errors import LoaderError, PreparationError
from textprep.preparation import shards
from textprep.prepared.dataset import open_store
from textprep.prepared.prepare import prepare

WORDS = ["a", "great", "film", "with", "some", "dull", "parts", "and", "one", "good", "joke"]
TEST_ROWS = [("a strange film", "good"), ("an odd joke", "bad"), *[("", "bad")] * 3]
ROWS = [(" ".join(WORDS[number % 5 : number % 11]), ("bad", "good")[number % 2]) for number in range(60)]


@pytest.fixture(scope="module")
def pristine(tmp_path_factory):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(shards, "SHARD_BYTES", (1000, 1000))
        patch.setattr(shards, "BATCH_BYTES", 200)
        pipeline = tp.Pipeline([tp.Lowercase()], tokenizer=tp.WordTokenizer())
        return prepare(
            {"train": ROWS, "test": TEST_ROWS}, pipeline, cache_dir=tmp_path_factory.mktemp("cache")
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


def test_an_option_that_no_loader_has_is_named_with_the_nearest(pristine):
    with pytest.raises(
        LoaderError, match="no option 'batchsize': did you mean 'batch_size'\\? There are: batch_size, "
    ):
        pristine["train"].loader(batchsize=2)


def test_it_says_what_it_holds(pristine):
    assert repr(pristine["test"]).startswith("PreparedSplit('test': 5 rows, ")
    assert str(pristine.path) in repr(pristine)


def test_every_file_is_plain_arrow_or_json(pristine):
    files = sorted(pristine.path.glob("train-*.arrow"))
    assert len(files) > 2
    batches = [list(pa.ipc.open_stream(pa.memory_map(str(file)))) for file in files]
    assert min(map(len, batches)) > 1
    table = pa.Table.from_batches([batch for file in batches for batch in file])
    assert {field.name: str(field.type) for field in table.schema} == {
        "input_ids": "large_list<item: uint8>",
        "length": "int64",
        "row_id": "int64",
    }
    split = pristine["train"]
    assert table["input_ids"].to_pylist() == [split.ids(row).tolist() for row in range(60)]
    assert table["length"].to_pylist() == split.lengths.tolist()
    assert tp.Pipeline.load(pristine.path / "pipeline.json").encode("a film") == pristine.pipeline.encode(
        "a film"
    )


def test_the_manifest_says_what_it_was_made_of(pristine):
    manifest = manifest_of(pristine.path)
    train = manifest["splits"]["train"]
    assert (train["rows"], train["tokens"]) == (60, int(pristine["train"].lengths.sum()))
    assert sum(shard["rows"] for shard in train["shards"]) == 60
    assert manifest["textprep_version"] == tp.__version__
    assert {path.name for path in pristine.path.iterdir()} == {*manifest["files"], "manifest.json", "columns"}
    made_of = manifest["made_of"]
    assert {key: made_of[key] for key in ("steps", "tokenizer")} == pristine.pipeline.description()


def test_the_oov_rate_is_counted_when_it_is_written(pristine):
    split = pristine["test"]
    ids = np.concatenate([split.ids(row) for row in range(len(split))])
    assert split.oov_rate() == np.mean(ids == 1) > 0


def read_all(data):
    """Every number of a store, by its splits."""
    return {
        name: (
            [split.ids(row).tolist() for row in range(len(split))],
            split.lengths.tolist(),
            split.labels.tolist(),
            split.row_ids.tolist(),
        )
        for name, split in data.items()
    }


@pytest.mark.parametrize("name", ["train-00001.arrow", "test-00000.arrow", "pipeline.json"])
@pytest.mark.parametrize(
    ("damage", "reason"),
    [
        (lambda path: path.write_bytes(path.read_bytes()[:-1]), "bytes instead of"),
        (lambda path: path.write_bytes(b""), "it has 0 bytes instead of"),
        (lambda path: path.unlink(), "it cannot be read (No such file or directory)"),
        (
            lambda path: path.write_bytes(path.read_bytes().replace(b"l", b"m", 1)),
            "do not match its checksum",
        ),
    ],
    ids=["cut", "emptied", "removed", "edited"],
)
def test_a_damaged_file_is_named_with_what_rebuilds_it(store, name, damage, reason):
    damage(store / name)
    with pytest.raises(PreparationError) as caught:
        read_all(open_store(store))
    message = str(caught.value)
    assert message.startswith(f"{store / name} is damaged: ")
    assert reason in message
    assert "rebuild it with tp.prepare(..., rebuild=True)" in message
    assert f"textprep cache verify {store.name} --remove --cache-dir {store.parent}" in message


def edit_shard(store):
    path = store / "train-00001.arrow"
    content = bytearray(path.read_bytes())
    content[-100] ^= 1
    path.write_bytes(content)


def test_a_shard_is_checked_when_it_is_first_read(store):
    edit_shard(store)
    split = open_store(store)["train"]
    split.ids(0)
    rows = manifest_of(store)["splits"]["train"]["shards"][0]["rows"]
    split.ids(rows - 1)
    for read in (lambda: split.ids(rows), lambda: split.lengths, split.to_hf):
        with pytest.raises(PreparationError, match=r"train-00001\.arrow is damaged"):
            read()


def test_verify_all_reads_everything_at_once_and_none_trusts_the_disk(store):
    edit_shard(store)
    with pytest.raises(PreparationError, match=r"train-00001\.arrow is damaged"):
        open_store(store, verify="all")
    data = open_store(store, verify="none")
    assert len(data["train"].lengths) == 60
    with pytest.raises(PreparationError, match="verify='al' is none of 'lazy', 'all', 'none'"):
        open_store(store, verify="al")


def test_a_split_goes_to_another_process_by_its_files(pristine):
    copy = pickle.loads(pickle.dumps(pristine["train"]))
    assert read_all({"train": copy}) == read_all({"train": pristine["train"]})
    fresh = open_store(pristine.path)["train"]
    fresh.ids(0)
    assert len(pickle.dumps(fresh)) < 10_000


@pytest.mark.parametrize(
    "edit",
    [
        lambda manifest: manifest.update(dataset="other"),
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
    with pytest.raises(PreparationError, match=r"manifest.json is damaged: .*rebuild it with"):
        open_store(store)


def test_a_manifest_of_another_version_says_which_textprep_wrote_it(store):
    manifest = {**manifest_of(store), "format_version": 99, "textprep_version": "9.9"}
    manifest["made_of"]["store_version"] = 99
    (store / "manifest.json").write_text(json.dumps(manifest))
    said = r"of another format version \(99; this textprep reads 6\): .*\(9\.9\)"
    with pytest.raises(PreparationError, match=said):
        open_store(store)


@pytest.mark.parametrize(
    "content",
    ["[]", "{}", "no JSON", '{"format": "textprep.pipeline"}', "[" * 100_000, f'{{"rows": {"9" * 5000}}}'],
    ids=["list", "empty", "text", "pipeline", "nested too deep", "too many digits"],
)
def test_something_else_under_the_manifests_name_is_refused(store, content):
    (store / "manifest.json").write_text(content)
    with pytest.raises(PreparationError, match=r"manifest\.json"):
        open_store(store)


def test_a_folder_without_a_store_is_refused(tmp_path):
    with pytest.raises(PreparationError, match="holds no prepared data"):
        open_store(tmp_path)
    with pytest.raises(PreparationError, match="holds no prepared data"):
        open_store(tmp_path / "nowhere")


def test_preparing_over_a_damaged_entry_names_it_and_rebuilds_it_when_told(pristine, tmp_path):
    def prepared(**options):
        pipeline = tp.Pipeline([tp.Lowercase()], tokenizer=tp.WordTokenizer())
        return prepare({"train": ROWS, "test": TEST_ROWS}, pipeline, cache_dir=tmp_path, **options)

    entry = prepared().path
    (entry / "train-00000.arrow").write_bytes(b"")
    with pytest.raises(PreparationError, match=r"train-00000\.arrow is damaged"):
        prepared()
    assert prepared(rebuild=True)["train"].ids(3).tolist() == pristine["train"].ids(3).tolist()
    shutil.rmtree(entry)
    assert prepared()["train"].ids(3).tolist() == pristine["train"].ids(3).tolist()


def test_another_pipeline_cannot_open_it(store):
    with pytest.raises(PreparationError, match="prepared with other steps, another tokenizer"):
        open_store(store, tp.Pipeline(tokenizer=tp.WordTokenizer()))
