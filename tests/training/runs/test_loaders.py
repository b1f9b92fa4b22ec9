"""The batches of a run: rows, or blocks of what is learned from texts alone."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
import torch

import textprep as tp
from textprep.config.experiment import config_of, parse_config
from textprep.datasets import as_corpus
from textprep.errors import ConfigError
from textprep.training.runs.loaders import scoring_loader, training_loader
from textprep.training.runs.prepared_data import load_corpus

TEXTS = [" ".join(["a", "great", "film", "of", "many"][: 1 + number % 5]) for number in range(50)]


@pytest.fixture(scope="module")
def split(tmp_path_factory):
    corpus = as_corpus({"train": TEXTS}, target="next_token")
    folder = tmp_path_factory.mktemp("cache")
    return tp.prepare(corpus, tp.Pipeline(tokenizer=tp.WordTokenizer()), cache_dir=folder)["train"]


@pytest.fixture(scope="module")
def line(split):
    return [token for row in range(len(split)) for token in [*split.ids(row).tolist(), split.template.ending]]


def loader_of(make, split, **loader):
    return make(split, config_of(dataset="memory", loader=loader))


BOTH = pytest.mark.parametrize("make", [training_loader, scoring_loader])


@BOTH
@pytest.mark.parametrize(
    ("options", "length"),
    [
        ({}, 128),
        ({"block_length": 8}, 8),
        ({"block_length": 8, "max_length": 3}, 8),
        ({"max_tokens": 500}, 128),
    ],
)
def test_blocks_are_served_whole_whatever_the_longest_text_may_be(make, options, length, split, line):
    batches = list(loader_of(make, split, **options))
    assert max(batch.input_ids.shape[1] for batch in batches) == min(length, len(line) - 1)
    pairs = torch.cat([torch.stack([b.input_ids, b.labels], 2)[b.attention_mask] for b in batches])
    assert sorted(map(tuple, pairs.tolist())) == sorted(pairwise(line))
    assert all("document_ids" in batch and "continues" not in batch for batch in batches)


@BOTH
def test_lanes_are_the_rows_of_each_batch(make, split, line):
    batches = list(loader_of(make, split, block_length=8, lanes=3))
    assert {len(batch.input_ids) for batch in batches} == {3}
    assert [batch.continues.tolist() for batch in batches] == [[at > 0] * 3 for at in range(len(batches))]
    for lane in range(3):
        read = torch.cat([batch.labels[lane][batch.attention_mask[lane]] for batch in batches]).tolist()
        at = sum(len(each) for each in np.array_split(np.arange(len(line) - 1), 3)[:lane])
        assert read == line[1 + at : 1 + at + len(read)]


@BOTH
def test_one_text_per_row(make, split):
    batches = list(loader_of(make, split, block_length=None))
    assert sorted(row for batch in batches for row in batch.row_ids.tolist()) == list(range(len(TEXTS)))


def test_the_word_none_is_one_text_per_row():
    record = {"dataset": "memory", "loader": {"block_length": "none"}}
    assert parse_config(record).loader.block_length is None
    assert parse_config({"dataset": "memory"}).loader.block_length == 128


@pytest.mark.parametrize(
    ("options", "option"),
    [
        ({"block_length": None}, "block_length"),
        ({"batch_size": 4}, "batch_size"),
        ({"max_tokens": 4000}, "max_tokens"),
        ({"window": 400}, "window"),
        ({"weights": "balanced"}, "weights"),
        ({"block_length": 1}, "block_length"),
    ],
)
def test_options_that_do_not_go_with_lanes(options, option):
    with pytest.raises(ConfigError, match=r"loader\.lanes") as caught:
        config_of(dataset="memory", loader={"lanes": 4, **options})
    assert caught.value.option == f"loader.{option}"


@pytest.mark.parametrize("options", [{"block_length": 64}, {"block_length": None}, {"lanes": 2}])
def test_other_targets_have_no_blocks(options):
    (option,) = options
    rows = [{"text": text, "label": number % 2} for number, text in enumerate(TEXTS)]
    with pytest.raises(ConfigError, match=f"loader.{option} is for .* texts alone") as caught:
        load_corpus(config_of(dataset="memory", rows=rows, loader=options))
    assert caught.value.option == f"loader.{option}"
