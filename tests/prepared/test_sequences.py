"""Sequences of numbers are stored as ids are: the same bytes, checked, found again, standardized by train."""

import pickle

import numpy as np
import pyarrow as pa
import pytest

import textprep as tp
from textprep.datasets.split import Split
from textprep.errors import PreparationError
from textprep.inputs import sequence_type
from textprep.prepared.dataset import open_store


def made(rows=60, *, seed=0):
    random = np.random.default_rng(seed)
    given = [
        (random.normal(place, 2, (int(random.integers(1, 30)), 3)), str(place % 3)) for place in range(rows)
    ]
    return tp.load_dataset("sequences", rows=given, features=["x", "y", "z"])


def files_of(data):
    return {path.name: path.read_bytes() for path in data.path.iterdir() if path.is_file()}


def test_the_store_holds_what_the_scaler_gives(tmp_path):
    corpus = made()
    data = tp.prepare(corpus, cache_dir=tmp_path)
    scaler = tp.Scaler(corpus.features).fit(corpus["train"])
    assert data.pipeline.learned() == scaler.learned()
    assert data.features == ("x", "y", "z")
    for name, split in corpus.items():
        for row, raw in enumerate(split.sequence.to_pylist()):
            assert np.array_equal(data[name].ids(row), scaler.encode(np.array(raw, np.float32)))
        assert data[name].ids(0).dtype == np.float32
        assert data[name].features == 3
        assert data[name].labels.tolist() == split.labels.tolist()


@pytest.mark.parametrize("workers", [1, 3])
def test_the_store_is_the_same_for_any_workers_and_chunks(workers, tmp_path):
    corpus = made()
    first = tp.prepare(corpus, cache_dir=tmp_path / "one")
    cut = {
        name: Split(pa.concat_tables([split.table[:1], split.table[1:]]), split.target)
        for name, split in corpus.items()
    }
    again = corpus.with_splits(cut)
    second = tp.prepare(again, cache_dir=tmp_path / "other", workers=workers)
    assert first.path.name == second.path.name
    assert files_of(first) == files_of(second)


def test_another_number_or_row_id_is_another_store(tmp_path):
    paths = {tp.prepare(made(seed=seed), cache_dir=tmp_path).path for seed in (0, 0, 1)}
    assert len(paths) == 2


def test_nothing_but_train_reaches_the_scaler(tmp_path):
    corpus = made()
    other = corpus.with_splits({**corpus, "test": corpus["validation"]})
    learned = [tp.prepare(each, cache_dir=tmp_path).pipeline.learned() for each in (corpus, other)]
    assert learned[0] == learned[1]


def test_a_store_is_opened_and_pickled_by_its_path(tmp_path):
    data = tp.prepare(made(), cache_dir=tmp_path)
    opened = open_store(data.path, verify="all")
    copied = pickle.loads(pickle.dumps(opened["train"]))
    assert opened.pipeline.learned() == data.pipeline.learned()
    assert np.array_equal(copied.ids(3), data["train"].ids(3))
    assert copied.features == 3
    assert opened["train"][0]["inputs"] == data["train"].ids(0).tolist()
    assert opened["train"].to_hf().num_rows == len(data["train"])


def test_a_fitted_scaler_is_taken_as_it_is(tmp_path):
    corpus, scaler = made(), tp.Scaler(["x", "y", "z"]).fit([np.zeros((2, 3)), np.full((2, 3), 2.0)])
    data = tp.prepare(corpus, scaler, cache_dir=tmp_path)
    assert data.pipeline.learned()[1:] == [[1.0] * 3, [1.0] * 3]


def test_a_damaged_file_is_found(tmp_path):
    data = tp.prepare(made(), cache_dir=tmp_path)
    shard = next(path for path in data.path.iterdir() if path.name.startswith("train"))
    content = bytearray(shard.read_bytes())
    content[-20] ^= 1
    shard.write_bytes(content)
    with pytest.raises(PreparationError, match=shard.name):
        open_store(data.path, verify="all")


def test_a_pipeline_is_refused_and_a_scaler_for_texts():
    with pytest.raises(PreparationError, match="which a Scaler encodes"):
        tp.prepare(made(), tp.Pipeline(tokenizer=tp.WordTokenizer()))
    with pytest.raises(PreparationError, match="a pipeline is needed"):
        tp.prepare({"train": ["a text"]}, tp.Scaler())


def test_sequences_without_a_step_are_rows_like_others(tmp_path):
    rows = [np.zeros((0, 2)), np.ones((3, 2)), np.zeros((2, 2))]
    corpus = tp.load_dataset("sequences", rows=rows, splits=None)
    assert corpus["train"].sequence.type == sequence_type(2)
    data = tp.prepare(corpus, cache_dir=tmp_path)
    assert data["train"].lengths.tolist() == [0, 3, 2]
    assert data["train"].ids(0).shape == (0, 2)


def test_tags_of_steps_are_labels_of_a_batch(tmp_path):
    rows = [
        {"recording": f"r{number}", "x": float(step), "state": f"s{step % 2}"}
        for number, length in enumerate((4, 1, 6))
        for step in range(length)
    ]
    corpus = tp.load_dataset(
        "sequences",
        rows=rows,
        sequence="recording",
        features=["x"],
        label="state",
        target="tags",
        splits=None,
    )
    data = tp.prepare(corpus, cache_dir=tmp_path)
    for batch in data["train"].loader(batch_size=2, max_length=5, shuffle=True):
        assert batch.labels.shape == batch.inputs.shape[:2]
        assert (batch.labels[~batch.attention_mask] == -100).all()
        steps = data.pipeline.decode(batch.inputs).round()[..., 0]
        assert (batch.labels == batch.attention_mask * 0 + (steps % 2))[batch.attention_mask].all()


def test_a_preparation_that_was_stopped_goes_on_with_what_it_had_finished(tmp_path, monkeypatch):
    from textprep.preparation.cache import Work

    corpus, kept = made(), Work.keep_all
    wanted = files_of(tp.prepare(corpus, cache_dir=tmp_path / "whole"))
    files = []

    def stop_after_two(work, file, parts, **facts):
        if len(files) == 2:
            raise KeyboardInterrupt
        files.append(file)
        return kept(work, file, parts, **facts)

    monkeypatch.setattr(Work, "keep_all", stop_after_two)
    with pytest.raises(KeyboardInterrupt):
        tp.prepare(corpus, cache_dir=tmp_path / "stopped")
    again = []

    def watched(work, file, parts, **facts):
        again.append(file)
        return kept(work, file, parts, **facts)

    monkeypatch.setattr(Work, "keep_all", watched)
    assert files_of(tp.prepare(corpus, cache_dir=tmp_path / "stopped")) == wanted
    assert files[0] not in again
