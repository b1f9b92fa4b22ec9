"""The next token: a row brings nothing, so that every text can be learned from."""

from __future__ import annotations

import json

import datasets
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tokenizers import Tokenizer, models, pre_tokenizers, processors

import textprep as tp
from textprep.batches.reader import EncodedTexts
from textprep.datasets import as_corpus
from textprep.errors import DatasetError, LoaderError
from textprep.prepared.dataset import open_store
from textprep.prepared.split import open_split
from textprep.ragged import Ragged
from textprep.targets import NextTokenTarget

ROWS = [{"text": f"film {n} is a film", "label": ["good", "", None, 7][n % 4], "year": n} for n in range(40)]
TOKENIZERS = [tp.WordTokenizer(), tp.CharTokenizer(), tp.BPETokenizer(vocab_size=60)]


@pytest.fixture(scope="module")
def corpus():
    return tp.load_dataset("memory", rows=ROWS, target="next_token")


@pytest.fixture(scope="module")
def data(corpus, tmp_path_factory):
    pipeline = tp.Pipeline(tokenizer=tp.WordTokenizer())
    return tp.prepare(corpus, pipeline, cache_dir=tmp_path_factory.mktemp("cache"))


def test_labels_are_not_read_whatever_they_are(corpus):
    assert corpus.target == NextTokenTarget()
    assert corpus.rows_read == sum(map(len, corpus.values())) == 40
    assert corpus.rejected == corpus.class_names == ()
    assert corpus.target_columns() == {}
    assert corpus["train"].labels is None
    assert "label_in_source" in corpus["train"].table.column_names
    assert corpus.summary() == "train       32 rows\nvalidation  4 rows\ntest        4 rows"


def test_it_is_read_again_as_it_was(corpus):
    reading = {**corpus.reading, "rows": ROWS}
    again = tp.load_dataset(reading.pop("name"), **json.loads(json.dumps(reading)))
    assert {name: split.row_ids.tolist() for name, split in again.items()} == {
        name: split.row_ids.tolist() for name, split in corpus.items()
    }
    assert (again.target, again.reading) == (corpus.target, corpus.reading)


@pytest.mark.parametrize(
    ("options", "option"),
    [({"label": "stars"}, "label"), ({"label": ["a", "b"]}, "label"), ({"pair": "label"}, "pair")],
)
def test_what_is_not_read_is_not_to_be_named(options, option):
    with pytest.raises(DatasetError, match=f"reads no {option}") as caught:
        tp.load_dataset("memory", rows=ROWS, target="next_token", **options)
    assert (caught.value.option, caught.value.value) == (option, None)


@pytest.mark.parametrize("options", [{}, {"label": None}, {"label": "label"}])
def test_the_usual_label_is_as_good_as_none(options):
    rows = [{"text": "a"}, {"text": "b"}]
    assert (
        tp.load_dataset("memory", rows=rows, target="next_token", splits=None, **options)["train"].labels
        is None
    )


def test_what_is_in_hand_has_it_too():
    corpus = as_corpus({"train": ["a film", "a dull one"], "test": ["a film"]}, target="next_token")
    assert corpus.target == corpus["test"].target == NextTokenTarget()


def test_a_hub_dataset_has_it_with_all_its_splits():
    features = datasets.Features(
        {"text": datasets.Value("string"), "label": datasets.ClassLabel(names=["a", "b"])}
    )
    splits = {"train": ["a film", "a joy"], "unsupervised": ["a film of 1994"]}
    made = {
        name: datasets.Dataset.from_dict({"text": texts, "label": [-1] * len(texts)}, features)
        for name, texts in splits.items()
    }
    corpus = as_corpus(datasets.DatasetDict(made), target="next_token")
    assert corpus.target == NextTokenTarget()
    assert {name: list(split.text.to_pylist()) for name, split in corpus.items()} == splits


def test_splits_in_hand_keep_it(corpus):
    assert as_corpus({"train": corpus["test"]}).target == NextTokenTarget()
    assert corpus.divide({"train": 0.5, "more": 0.5}).target == NextTokenTarget()
    assert next(corpus.folds(4, held_out="held")).target == NextTokenTarget()


def test_it_has_no_options():
    with pytest.raises(DatasetError, match="no option"):
        NextTokenTarget(length=3)
    with pytest.raises(DatasetError, match="class_names= has no meaning"):
        tp.load_dataset("memory", rows=ROWS, target="next_token", class_names=["a"])


# Prepared


def test_each_label_is_the_next_token_and_the_last_an_end(data):
    split, end = data["train"], data.pipeline.vocabulary["<end>"]
    assert len(split.labels) == len(split)
    assert split.labels.lengths.tolist() == split.lengths.tolist()
    for row in range(len(split)):
        assert split.labels.ids(row).tolist() == [*split.ids(row).tolist()[1:], end]


@given(st.lists(st.lists(st.integers(3, 9), max_size=4), max_size=4), st.sampled_from([None, 2]))
def test_labels_of_texts_in_memory(texts, end_id):
    rows = EncodedTexts(Ragged.from_rows(texts))
    labels = NextTokenTarget().of_texts(rows, end_id)
    last = -100 if end_id is None else end_id
    found = [labels.ids(row).tolist() for row in range(len(texts))]
    assert found == [[*text[1:], last][: len(text)] for text in texts]
    assert NextTokenTarget().labelled(labels).tolist() == [True] * len(texts)


def test_a_batch_of_texts_has_a_label_for_each_token(data):
    batch = next(iter(data["train"].loader(batch_size=3)))
    assert batch.labels.shape == batch.input_ids.shape
    assert (
        batch.labels[:, :-1][batch.attention_mask[:, 1:]].tolist()
        == batch.input_ids[:, 1:][batch.attention_mask[:, 1:]].tolist()
    )
    assert (batch.labels[~batch.attention_mask] == -100).all()


def test_nothing_is_stored_beside_the_ids(data):
    assert data["train"].column_names == ()
    assert data.target == data["train"].target == NextTokenTarget()
    assert "labels" not in data["train"].to_hf().column_names
    assert open_split(data.path, "train").labels.ids(0).tolist() == data["train"].labels.ids(0).tolist()


@pytest.mark.parametrize("tokenizer", TOKENIZERS, ids=lambda tokenizer: tokenizer.name)
def test_a_tokenizer_gets_an_end_when_it_is_fitted(corpus, tokenizer, tmp_path):
    pipeline = tp.Pipeline(tokenizer=tokenizer)
    data = tp.prepare(corpus, pipeline, cache_dir=tmp_path)
    assert pipeline.tokenizer.specials == ("<end>",)
    assert data["train"].template.ending == pipeline.vocabulary["<end>"] == 2
    again = tp.Pipeline(tokenizer=tokenizer)
    assert tp.prepare(corpus, again, cache_dir=tmp_path).path == data.path
    assert again.vocabulary.tokens == pipeline.vocabulary.tokens
    assert open_store(data.path, tp.Pipeline(tokenizer=tokenizer)).pipeline.tokenizer.specials == ("<end>",)
    assert tp.Pipeline(tokenizer=tokenizer).fit(corpus["train"]).tokenizer.specials == ("<end>",)


def test_one_that_was_fitted_stays_as_it_is(corpus, tmp_path):
    fitted = tp.Pipeline(tokenizer=tp.WordTokenizer()).fit(["a film"])
    data = tp.prepare(corpus, fitted, cache_dir=tmp_path)
    assert fitted.tokenizer.specials == ()
    assert data["train"].labels.ids(0).tolist()[-1] == -100
    with pytest.raises(LoaderError, match="no token to put behind each text") as caught:
        data["train"].blocks()
    assert caught.value.option == "end_id"
    assert data["train"].blocks(end_id=1).end_id == 1


def test_an_end_of_ones_own_will_do(corpus, tmp_path):
    fitted = tp.Pipeline(tokenizer=tp.WordTokenizer(specials=["</s>"])).fit(["a film"])
    assert tp.prepare(corpus, fitted, cache_dir=tmp_path)["train"].blocks().end_id == 2


def test_the_tokens_of_all_blocks_are_those_of_the_texts(data):
    split = data["train"]
    blocks = split.blocks(7)
    found = np.concatenate([blocks.labels.ids(row) for row in range(len(blocks))])
    line = [token for row in range(len(split)) for token in [*split.ids(row).tolist(), blocks.end_id]]
    assert found.tolist() == line[1:]
    assert repr(blocks).startswith("Blocks(PreparedSplit('train'")


# Pretrained


def pretrained(processor=None, added=(), **options):
    words = {"<unk>": 0, "a": 1, "film": 2, "<s>": 3, "</s>": 4, "[CLS]": 5, "[SEP]": 6, "<|endoftext|>": 7}
    made = Tokenizer(models.WordLevel(words, "<unk>"))
    made.pre_tokenizer = pre_tokenizers.Whitespace()
    made.post_processor = processor
    made.add_special_tokens(list(added))
    return tp.HuggingFaceTokenizer.of(made, **options)


BERT = processors.BertProcessing(("[SEP]", 6), ("[CLS]", 5))
LLAMA = processors.TemplateProcessing(single="<s> $A", special_tokens=[("<s>", 3)])


@pytest.mark.parametrize(
    ("tokenizer", "end_id"),
    [
        (pretrained(BERT), 6),
        (pretrained(BERT, special_tokens=False, added=["[CLS]", "[SEP]"]), 6),
        (pretrained(LLAMA, ["<s>", "</s>"]), 4),
        (pretrained(added=["<|endoftext|>"]), 7),
        (pretrained(specials=["<end>"]), 8),
        (pretrained(), None),  # that a word is spelled so makes it no special token
    ],
)
def test_a_pretrained_tokenizer_brings_its_end(tokenizer, end_id, tmp_path):
    corpus = as_corpus({"train": ["a film", "film a"]}, target="next_token")
    split = tp.prepare(corpus, tp.Pipeline(tokenizer=tokenizer), cache_dir=tmp_path)["train"]
    assert split.template == tokenizer.template
    assert split.template.ending == end_id
    if end_id is None:
        with pytest.raises(LoaderError, match="say which id it is"):
            split.blocks()
    else:
        assert split.blocks(3).ids(0).tolist() == [1, 2, end_id]
        assert split.labels.ids(1).tolist() == [1, end_id]
