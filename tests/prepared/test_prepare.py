from __future__ import annotations

import gc
import os
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import textprep as tp
from textprep.errors import PreparationError, StepError, TextprepError
from textprep.preparation import shards
from textprep.prepared.prepare import prepare

CORPUS = {
    "train": [("a great film", "good"), ("a dull one", "bad"), ("", "bad")],
    "test": [("a brilliant film", "good")],
}


def pipeline(steps=(), tokenizer=None):
    return tp.Pipeline(steps, tokenizer=tokenizer or tp.WordTokenizer())


def test_what_is_no_pipeline_is_named(tmp_path):
    with pytest.raises(PreparationError, match="a pipeline is needed, not 'word': "):
        prepare(CORPUS, "word", cache_dir=tmp_path)


def entries(cache):
    return sorted(path.name for path in cache.iterdir() if not path.name.startswith("."))


def bytes_of(folder):
    return {path.relative_to(folder): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@settings(max_examples=40)
@given(
    texts=st.lists(st.text(max_size=30), min_size=1, max_size=12),
    tokenizer=st.sampled_from([tp.WordTokenizer(), tp.CharTokenizer(), tp.WordTokenizer(max_size=300)]),
    block=st.integers(1, 5),
)
def test_the_store_holds_exactly_what_encode_gives(texts, tokenizer, block):
    with tempfile.TemporaryDirectory() as cache, pytest.MonkeyPatch.context() as patch:
        patch.setattr(shards, "SHARD_BYTES", (50 * block, 50 * block))
        used = pipeline([tp.Lowercase()], tokenizer).fit(["a b c", *texts, "x"])
        data = prepare({"test": texts}, used, cache_dir=cache)
        assert [data["test"].ids(row).tolist() for row in range(len(texts))] == [
            used.encode(text) for text in texts
        ]
        assert data["test"].row_ids.tolist() == list(range(len(texts)))


def test_an_unfitted_pipeline_is_fitted_on_train_only(tmp_path):
    used = pipeline()
    data = prepare(CORPUS, used, cache_dir=tmp_path)
    assert data.pipeline is used
    assert used.is_fitted
    assert "brilliant" not in used.vocabulary
    assert used.vocabulary == pipeline().fit(["a great film", "a dull one", ""]).vocabulary
    assert data["test"].ids(0).tolist() == used.encode("a brilliant film")


def test_a_fitted_pipeline_stays_as_it_is_and_needs_no_train(tmp_path):
    used = pipeline().fit(["brilliant film"])
    before = used.to_json()
    data = prepare({"test": ["a brilliant film"]}, used, cache_dir=tmp_path)
    assert used.to_json() == before
    assert data["test"].ids(0).tolist() == used.encode("a brilliant film")


def test_without_train_an_unfitted_pipeline_is_an_error_that_says_what_to_do(tmp_path):
    with pytest.raises(PreparationError, match=r"no split 'train' to fit it on \(there are: test\)"):
        prepare({"test": ["a"]}, pipeline(), cache_dir=tmp_path)
    assert not entries(tmp_path)


def test_labels_and_classes_come_along(tmp_path):
    data = prepare(CORPUS, pipeline(), cache_dir=tmp_path)
    assert data.class_names == ("bad", "good")
    assert data.num_classes == 2
    assert data["train"].labels.tolist() == [1, 0, 0]
    assert list(data) == ["train", "test"]


def test_splits_may_be_unlabelled_or_empty(tmp_path):
    data = prepare({**CORPUS, "unlabelled": ["a film"], "empty": []}, pipeline(), cache_dir=tmp_path)
    assert data["unlabelled"].labels.tolist() == [-100]
    assert data["train"].labels.tolist() == [1, 0, 0]
    assert len(data["empty"]) == len(data["empty"].loader()) == 0
    assert list(data["empty"].loader(shuffle=True)) == []


def test_a_dataset_dict_of_hugging_face_is_a_corpus_too(tmp_path):
    datasets = pytest.importorskip("datasets")
    rows = datasets.Dataset.from_dict({"text": ["a great film", "dull"], "label": [1, 0]})
    data = prepare(datasets.DatasetDict({"train": rows}), pipeline(), cache_dir=tmp_path)
    assert data["train"].ids(0).tolist() == data.pipeline.encode("a great film")
    assert data["train"].labels.tolist() == [1, 0]


def test_the_second_call_encodes_and_fits_nothing(tmp_path, monkeypatch):
    first = prepare(CORPUS, pipeline([tp.Lowercase()]), cache_dir=tmp_path)

    def unexpected(*_, **__):
        raise AssertionError("the work is done already")

    monkeypatch.setattr(tp.Pipeline, "encoder", unexpected)
    monkeypatch.setattr(tp.Pipeline, "fit", unexpected)
    used = pipeline([tp.Lowercase()])
    second = prepare(CORPUS, used, cache_dir=tmp_path)
    assert second.path == first.path
    assert second.fingerprint == first.fingerprint
    assert used.vocabulary == first.pipeline.vocabulary
    assert second["train"].ids(0).tolist() == first["train"].ids(0).tolist()

    again = prepare(CORPUS, used, cache_dir=tmp_path)  # fitted by now, as a notebook's cell run twice has it
    assert again.path == first.path
    assert entries(tmp_path) == [first.path.name]


def test_a_pipeline_fitted_on_something_else_is_prepared_anew(tmp_path):
    first = prepare(CORPUS, pipeline(), cache_dir=tmp_path)
    other = pipeline().fit(["film"])
    second = prepare(CORPUS, other, cache_dir=tmp_path)
    assert second.path != first.path
    assert second["train"].ids(0).tolist() == other.encode("a great film")


def test_a_step_of_somebodys_own_needs_no_registered_name_the_second_time(tmp_path):
    class Shout(tp.Step):
        name = "shout_unregistered"

        def __call__(self, text):
            return text.upper()

    prepare(CORPUS, pipeline([Shout()]), cache_dir=tmp_path)
    used = pipeline([Shout()])
    assert prepare(CORPUS, used, cache_dir=tmp_path)["train"].ids(0).tolist() == used.encode("a great film")
    assert len(entries(tmp_path)) == 1


def test_the_same_input_gives_the_same_bytes(tmp_path):
    stores = [prepare(CORPUS, pipeline(), cache_dir=tmp_path / name).path for name in ("one", "two")]
    assert bytes_of(stores[0]) == bytes_of(stores[1])


PROGRAM = """
import sys, textprep as tp
corpus = {"train": [("b a c a", "x"), ("d e b", "y")], "test": [("e f", "y")]}
pipeline = tp.Pipeline([tp.Lowercase()], tokenizer=tp.BPETokenizer(vocab_size=40, min_freq=1))
print(tp.prepare(corpus, pipeline, cache_dir=sys.argv[1]).path)
assert "torch" not in sys.modules, "preparing needs no torch"
"""


def test_other_processes_and_hash_seeds_give_the_same_bytes_without_torch(tmp_path):
    stores = []
    for seed in ("0", "1"):
        command = [sys.executable, "-c", PROGRAM, tmp_path / seed]
        environment = {**os.environ, "PYTHONHASHSEED": seed}
        run = subprocess.run(command, env=environment, check=True, capture_output=True, text=True)
        assert run.stderr == ""  # quiet where nobody watches
        stores.append(bytes_of(Path(run.stdout.strip())))
    assert stores[0] == stores[1]


def test_a_step_that_fails_names_split_and_row_and_leaves_nothing(tmp_path, monkeypatch):
    class Picky(tp.Step):
        name = "picky"

        def __call__(self, text):
            if text == "bad":
                raise ValueError(text)
            return text

    monkeypatch.setattr(shards, "SHARD_BYTES", (70, 70))
    used = pipeline([Picky()])
    rows = {"train": ["a", "b"], "test": ["a", "b", "a", "bad"]}
    with pytest.raises(
        StepError, match=r"split 'test', rows counted from 2: step 'picky' failed on row 1"
    ) as caught:
        prepare(rows, used, cache_dir=tmp_path)
    assert isinstance(caught.value.__cause__, StepError)
    assert not used.is_fitted
    assert not entries(tmp_path)
    assert not list(tmp_path.iterdir())


class Unversioned(tp.Step):
    """As ``@tp.step`` makes them of a function that has no source text."""

    name = "typed_at_a_prompt"
    version = None

    def __call__(self, text):
        return text.lower()


def test_a_step_without_a_version_is_prepared_but_not_kept(tmp_path):
    used = pipeline([Unversioned()])
    with pytest.warns(UserWarning, match="'typed_at_a_prompt': no version and no source text") as caught:
        data = prepare(CORPUS, used, cache_dir=tmp_path)
    assert len(caught) == 1
    assert caught[0].filename == __file__
    assert data["train"].ids(0).tolist() == used.encode("a great film")
    assert not entries(tmp_path)
    folder = data.path
    assert folder.is_dir()
    del data
    gc.collect()
    assert not folder.parent.exists()


def test_a_store_that_is_not_kept_is_removed_when_preparing_fails(tmp_path, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))

    class Failing(Unversioned):
        def __call__(self, text):
            raise ValueError(text)

    used = pipeline([Failing()])
    used.adopt(tp.Pipeline([Failing()], tokenizer=tp.WordTokenizer().fit(["a"])))
    with pytest.warns(UserWarning, match="not kept"), pytest.raises(StepError):
        prepare({"test": ["a"]}, used)
    assert not list(tmp_path.iterdir())


def test_ids_take_the_smallest_type_that_holds_the_vocabulary(tmp_path):
    for size, kind in ((254, "uint8"), (255, "uint16"), (65_535, "uint32")):
        words = [" ".join(f"w{number}" for number in range(size))]
        data = prepare({"train": words}, pipeline(), cache_dir=tmp_path)
        assert len(data.pipeline.vocabulary) == size + 2
        assert data["train"].ids(0).dtype == kind
        assert int(data["train"].ids(0).max()) == size + 1


def test_an_id_outside_the_vocabulary_is_refused(tmp_path):
    class Wrong(tp.Tokenizer):
        name = "wrong"

        def split(self, text):
            return text.split()

        def encode(self, text):
            return [300]

    used = pipeline(tokenizer=Wrong()).fit(["a b"])
    with pytest.raises(TextprepError, match="gave the id 300, its vocabulary ends at 3"):
        prepare({"test": ["a"]}, used, cache_dir=tmp_path)
    assert not entries(tmp_path)


def test_workers_do_not_change_a_byte_and_reach_the_encoder(tmp_path, monkeypatch):
    made = tp.Pipeline.encoder
    asked = []
    monkeypatch.setattr(
        tp.Pipeline, "encoder", lambda self, *, workers: asked.append(workers) or made(self, workers=workers)
    )
    monkeypatch.setattr(shards, "SHARD_BYTES", (100, 100))
    stores = [
        prepare(CORPUS, pipeline(), cache_dir=tmp_path / str(workers), workers=workers).path
        for workers in (1, 2, 4)
    ]
    assert asked == [1, 2, 4]
    assert bytes_of(stores[0]) == bytes_of(stores[1]) == bytes_of(stores[2])


def test_a_split_outlives_the_dataset_that_was_not_kept():
    with pytest.warns(UserWarning, match="not kept"):
        split = prepare(CORPUS, pipeline([Unversioned()]))["train"]
    gc.collect()
    assert split.ids(0).tolist()


def test_the_stages_are_timed(tmp_path):
    first = prepare(CORPUS, pipeline(), cache_dir=tmp_path).stages
    assert {"fingerprint", "fit", "write"} <= set(first)
    assert min(first.values()) >= 0
    assert set(prepare(CORPUS, pipeline(), cache_dir=tmp_path).stages) == {"fingerprint"}
