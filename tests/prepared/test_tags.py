"""Tags on the raw text are kept as labels of the tokens that came from there, beside the ids."""

from __future__ import annotations

import json
import pickle

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import textprep as tp
from tests.encoding.stacks import STEPS_OF_ALL_KINDS
from textprep.encoding.engine import Encoder
from textprep.errors import LoaderError, PreparationError
from textprep.prepared.memory import encode_in_memory

WORDS = ["Ada", "Lovelace", "met", "<b>Bob</b>", ",", "in", "New", "York"]
TAGS = ["B-PER", "I-PER", "O", "B-PER", "O", "O", "B-LOC", "I-LOC"]


def corpus_of(folder, rows, **options) -> tp.Corpus:
    file = folder / "train.jsonl"
    file.write_text("".join(f"{json.dumps({'tokens': words, 'tags': tags})}\n" for words, tags in rows))
    return tp.load_dataset(
        "jsonl", path={"train": str(file)}, text="tokens", label="tags", target={"name": "tags", **options}
    )


@pytest.fixture
def corpus(tmp_path) -> tp.Corpus:
    return corpus_of(tmp_path, [(WORDS, TAGS)] * 5)


@pytest.fixture
def pipeline() -> tp.Pipeline:
    steps = [tp.StripMarkup(), tp.Lowercase(), tp.StripPunctuation()]
    return tp.Pipeline(steps, tokenizer=tp.BPETokenizer(vocab_size=60))


def test_every_token_has_the_tag_of_the_raw_text_that_it_came_from(corpus, pipeline, tmp_path):
    split = tp.prepare(corpus, pipeline, cache_dir=tmp_path / "cache")["train"]
    text = corpus["train"].text[0].as_py()
    tags = [split.target.tags[tag] for tag in split.labels.ids(0)]
    found = {text[start:stop]: tag for (start, stop), tag in zip(split.spans(0), tags, strict=True)}
    assert found == {
        "Ada": "B-PER", "Lovelace": "I-PER", "met": "O", "Bob": "B-PER", "in": "O", "New": "B-LOC", "York": "I-LOC"
    }  # fmt: skip
    assert split.labels.ids(0).dtype == split.spans(0).dtype == np.int64
    assert len(split.labels) == 5
    assert split.labels.lengths.tolist() == split.lengths.tolist()


def test_other_tags_of_the_same_texts_encode_nothing_again(corpus, pipeline, tmp_path, monkeypatch):
    data = tp.prepare(corpus, pipeline, cache_dir=tmp_path / "cache")
    monkeypatch.delattr(Encoder, "encode_many")
    other = tp.prepare(
        corpus_of(tmp_path, [(WORDS, ["O", *TAGS[1:]])] * 5, repair=True),
        pipeline,
        cache_dir=tmp_path / "cache",
    )
    assert other.path == data.path
    assert other.fingerprint != data.fingerprint
    assert other["train"].labels.ids(0).tolist() != data["train"].labels.ids(0).tolist()


def test_what_steps_delete_or_join_is_counted_and_said(corpus, tmp_path):
    steps = [tp.ReplacePattern(pattern="Ada|New (?=York)", replacement="")]
    pipeline = tp.Pipeline(steps, tokenizer=tp.WordTokenizer())
    data = tp.prepare(corpus, pipeline, cache_dir=tmp_path / "cache")
    assert data.alignment == {"train": {"tags": 25, "deleted": 10, "joined": 0}}
    assert list(data.notes()) == [
        "of 25 tags in 'train', 10 are lost: steps deleted the text of 10, and joined that of 0 to the word before"
    ]
    steps = [tp.ReplacePattern(pattern="New York", replacement="NYC")]
    joined = tp.prepare(
        corpus, tp.Pipeline(steps, tokenizer=tp.WordTokenizer()), cache_dir=tmp_path / "cache"
    )
    assert joined.alignment == {"train": {"tags": 25, "deleted": 0, "joined": 5}}


@given(
    steps=st.lists(st.sampled_from(STEPS_OF_ALL_KINDS), max_size=3), pieces=st.sampled_from(["first", "all"])
)
@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_tags_are_kept_lost_and_counted_and_never_moved(steps, pieces, tmp_path):
    corpus = corpus_of(tmp_path, [(WORDS, TAGS)] * 2, pieces=pieces)
    pipeline = tp.Pipeline(steps, tokenizer=tp.WordTokenizer()).fit(["a", *WORDS])
    data = tp.prepare(corpus, pipeline, cache_dir=tmp_path / "cache", rebuild=True)
    split, given_tags = data["train"], corpus["train"].table["tags"][0].as_py()
    lost = data.alignment["train"]
    tagged: set[int] = set()
    for (start, _), label in zip(split.spans(0), split.labels.ids(0), strict=True):
        piece = next((p for p in given_tags if p["start"] <= start < p["stop"]), None)
        kind = split.target.tags[piece["tag"]][1:] if piece else "O"
        assert label == -100 or split.target.tags[label].endswith(kind)
        tagged |= {piece["start"]} if label > 0 else set()
    if pieces == "first":
        assert 2 * len(tagged) == lost["tags"] - lost["deleted"] - lost["joined"]


def test_a_split_goes_to_another_process_and_to_datasets(corpus, pipeline, tmp_path):
    split = tp.prepare(corpus, pipeline, cache_dir=tmp_path / "cache")["train"]
    assert pickle.loads(pickle.dumps(split)).labels.ids(3).tolist() == split.labels.ids(3).tolist()
    assert split.to_hf()[0]["token_labels"] == split.labels.ids(0).tolist()


def test_places_are_refused_where_they_are_not_known(pipeline, tmp_path):
    split = tp.prepare({"train": ["a film"]}, pipeline, cache_dir=tmp_path / "cache")["train"]
    with pytest.raises(PreparationError, match="does not say where tokens came from"):
        split.spans(0)
    with pytest.raises(LoaderError, match="give spans="):
        encode_in_memory(pipeline, ["a film"]).spans(0)
    assert encode_in_memory(pipeline, ["A film"], spans=True).spans(0)[-1].tolist()[1] == 6
