"""A damaged store never gives a wrong token: it gives an error, or the damage touched nothing that matters."""

from __future__ import annotations

import random
import shutil

import pytest

import textprep as tp
from textprep.datasets import as_corpus
from textprep.errors import PreparationError
from textprep.preparation import shards
from textprep.preparation.inventory import damages
from textprep.prepared.dataset import open_store

WORDS = ["great", "film", "with", "some", "dull", "parts", "and", "one", "good", "joke"]
ROWS = {
    "train": [(" ".join(WORDS[n % 5 : n % 11]), ("bad", "good")[n % 2]) for n in range(60)],
    "test": ["a text without a label", "film"],
}


PAIRS = {
    "train": [{"text": text, "pair": text[::-1], "label": label} for text, label in ROWS["train"]],
    "test": [{"text": text, "pair": "film"} for text in ROWS["test"]],
}


@pytest.fixture(scope="module", params=["texts", "pairs"])
def store(tmp_path_factory, request):
    rows = ROWS if request.param == "texts" else as_corpus(PAIRS, pair="pair")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(shards, "SHARD_BYTES", (1500, 1500))
        patch.setattr(shards, "BATCH_BYTES", 300)
        pipeline = tp.Pipeline([tp.Lowercase()], tokenizer=tp.WordTokenizer())
        path = tp.prepare(rows, pipeline, cache_dir=tmp_path_factory.mktemp("cache")).path
    assert damages(path) == []
    return path


def ids_of(split):
    texts = [split] if split.pair is None else [split, split.pair]
    ids = [[each.ids(row).tolist() for row in range(len(split))] for each in texts]
    return ids, [each.lengths.tolist() for each in texts], split.oov_rate(), split.template


def everything(path):
    """All that a store tells: ids, numbers, classes, and what its pipeline makes of a text."""
    data = open_store(path)
    numbers = [
        (name, ids_of(split), split.labels.tolist(), split.row_ids.tolist()) for name, split in data.items()
    ]
    for split in data.values():
        split.check_files()
    return numbers, data.class_names, data.fingerprint, data.pipeline.encode("some good film")


def survey(store, copy, damage, times):
    """Damage one file after another; how often that was refused."""
    whole = everything(store)
    files = sorted(path.relative_to(store) for path in store.rglob("*") if path.is_file())
    assert sum(file.parts[0] == "columns" for file in files) == 2
    refused = 0
    for number in range(times):
        path = copy / files[number % len(files)]
        content = path.read_bytes()
        path.write_bytes(damage(content))
        refusal = ""
        try:
            assert everything(copy) == whole, (number, path)
        except PreparationError as error:
            refusal = str(error)
            refused += 1
        assert not refusal or (str(path) in refusal and "rebuild it with" in refusal)
        found = damages(copy)
        assert len(found) == 1, (number, path)
        assert str(path) in found[0]
        path.write_bytes(content)
    assert damages(copy) == []
    return refused


@pytest.mark.slow
def test_five_hundred_single_bits(store, tmp_path):
    chosen = random.Random(0)

    def flip(content):
        flipped = bytearray(content)
        flipped[chosen.randrange(len(content))] ^= 1 << chosen.randrange(8)
        return bytes(flipped)

    copy = shutil.copytree(store, tmp_path / "copy")
    assert survey(store, copy, flip, 500) == 500


@pytest.mark.slow
def test_a_hundred_truncations(store, tmp_path):
    chosen = random.Random(1)
    copy = shutil.copytree(store, tmp_path / "copy")
    assert survey(store, copy, lambda content: content[: chosen.randrange(len(content))], 100) == 100


def test_several_damaged_files_are_all_named(store, tmp_path):
    copy = shutil.copytree(store, tmp_path / "copy")
    (copy / "pipeline.json").write_bytes(b"{}")
    (copy / "train-00000.arrow").unlink()
    found = damages(copy)
    assert ["pipeline.json" in found[0], "train-00000.arrow" in found[1], len(found)] == [True, True, 2]
