from __future__ import annotations

import pytest

import textprep as tp
from textprep.preparation import shards
from textprep.prepared.prepare import prepare

WORDS = ["a", "great", "film", "with", "some", "dull", "parts", "and", "one", "good", "joke"]


@pytest.fixture(scope="session")
def stored(tmp_path_factory):
    """61 rows of 0 to 10 tokens in a store of several files, each of several pieces."""
    texts = [" ".join(WORDS[number % 3 :][: number * 7 % 11]) for number in range(61)]
    rows = [(text, ("bad", "good")[number % 4 == 0]) for number, text in enumerate(texts)]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(shards, "SHARD_BYTES", (700, 700))
        patch.setattr(shards, "BATCH_BYTES", 400)
        folder = tmp_path_factory.mktemp("cache")
        return prepare({"train": rows}, tp.Pipeline(tokenizer=tp.WordTokenizer()), cache_dir=folder)["train"]
