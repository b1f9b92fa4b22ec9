"""What holds data can be pickled, copied and given to another process, or says what to give instead."""

from __future__ import annotations

import copy
import multiprocessing
import pickle
import re
from typing import Any

import pytest
from tokenizers import Tokenizer
from tokenizers.models import WordLevel

import textprep as tp
from tests.steps.test_all import TABLE
from textprep.batches.reader import EncodedTexts
from textprep.datasets.split import Split
from textprep.prepared.split import PreparedSplit
from textprep.registry import STEPS

ROWS = [(f"{word} film {i}", label) for i in range(20) for word, label in (("good", "pos"), ("bad", "neg"))]
WAYS = {"pickle": lambda one: pickle.loads(pickle.dumps(one)), "copy": copy.copy, "deepcopy": copy.deepcopy}


@pytest.fixture(scope="module")
def things(tmp_path_factory) -> dict[str, Any]:
    """One of each public class that holds data, and of what those give."""
    folder = tmp_path_factory.mktemp("things")
    (folder / "rows.csv").write_text("text,label\n" + "".join(f"{t},{y}\n" for t, y in ROWS) + "a,b,c\n")
    Tokenizer(WordLevel({"<unk>": 0, "film": 1}, "<unk>")).save(str(folder / "tokenizer.json"))
    corpus = tp.load_dataset("csv", path=folder / "rows.csv", splits=None, on_error="skip")
    pipeline = tp.Pipeline([tp.Lowercase()], tokenizer=tp.WordTokenizer()).fit(corpus["train"])
    data = tp.prepare(corpus, pipeline, cache_dir=folder)
    loader = data["train"].loader(batch_size=4)
    ragged = pipeline.encode_batch(["a film", "film"])
    return {
        "corpus": corpus,
        "fold": next(corpus.folds(4)),
        "split": corpus["train"],
        "record": tp.Record({"text": "a"}, "a.csv", 2),
        "rejected": corpus.rejected[0],
        "rows": tp.read_csv(path=folder / "rows.csv"),
        "pipeline": pipeline,
        "pipeline that is not fitted": tp.Pipeline(tokenizer=tp.BPETokenizer(vocab_size=60)),
        "encoder": pipeline.encoder(),
        "bpe": tp.BPETokenizer(vocab_size=60).fit(["a film about film"] * 5),
        "char": tp.CharTokenizer().fit(["a film"]),
        "huggingface": tp.HuggingFaceTokenizer(path=folder / "tokenizer.json"),
        "vocabulary": pipeline.vocabulary,
        "run": tp.train(
            dataset="memory",
            rows=ROWS,
            tokenizer={"name": "word"},
            model={"hidden_dim": 2, "word_pairs": 0},
            training={"epochs": 1},
            run_dir=folder / "run",
            cache_dir=folder,
        ),
        "explanation": pipeline.explain("A good film"),
        "ragged": ragged,
        "prepared": data,
        "prepared split": data["train"],
        "texts in memory": EncodedTexts(ragged),
        "loader": loader,
        "batch": next(iter(loader)),
        "stats": loader.stats,
        "sampler": tp.BatchSampler(data["train"].lengths, batch_size=4, shuffle=True),
        "collate": tp.Collate(max_length=3),
        "rows of a split": tp.RowDataset(data["train"]),
        "layout": tp.Layout(truncation="tail"),
        "edit": tp.Edit(0, 1, "b"),
        "target": corpus.target,
        "target of classes": tp.ClassesTarget(separator="|", class_names=["a", "b"]),
        "target of numbers": tp.NumberTarget(names=["price", "stars"]),
        "scaler": tp.Scaler(["x", "y"]).fit([[[0.0, 1.0], [2.0, 5.0]]]),
        "error": tp.TextprepError("no", option="text", hint="yes"),
        **{name: STEPS.get(name)(**options[0]) for name, (options, _) in TABLE.items()},
    }


REFUSED = {
    "loader": "a loader is neither pickled nor copied: hand over its split, and make a loader of that there",
    "encoder": "an encoder is neither pickled nor copied: hand over its pipeline, and call encoder() there",
    "rows": "neither pickled nor copied: hand over the path and the options, and read them there",
}


def seen(thing: Any) -> Any:
    """What two that are the same have in common."""
    match thing:
        case tp.Corpus() | tp.PreparedDataset():
            return {name: seen(split) for name, split in thing.items()}
        case tp.Pipeline():
            return thing.tokenizer.is_fitted and thing.encode_batch(["a good film"]).rows()
        case tp.BatchSampler():
            thing.set_epoch(0)
            return [*thing, thing.set_epoch(0)]
        case tp.Run():
            return thing.predict(["a good film"])
        case tp.Vocabulary():
            return thing.to_json()
        case tp.Batch():
            return [thing.input_ids.tolist(), thing.labels.tolist(), thing.row_ids.tolist()]
        case tp.RowDataset() | tp.Ragged() | Split():
            return [str(thing[row]) for row in range(len(thing))]
        case PreparedSplit() | EncodedTexts():
            return [thing.ids(row).tolist() for row in range(len(thing))]
        case tp.Collate():
            return seen(thing([{"input_ids": [4, 3], "label": 1}]))
    return repr(thing)


@pytest.mark.parametrize("way", WAYS)
def test_each_is_the_same_afterwards_or_says_what_to_give(way, things) -> None:
    for name, thing in things.items():
        if name in REFUSED:
            with pytest.raises(tp.TextprepError, match=re.escape(REFUSED[name])):
                WAYS[way](thing)
        else:
            again = WAYS[way](thing)
            assert type(again) is type(thing), name
            assert seen(again) == seen(thing), name


def test_each_goes_to_a_spawned_process_and_back(things) -> None:
    given = {name: thing for name, thing in things.items() if name not in REFUSED}
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        back = dict(zip(given, pool.map(copy.copy, given.values()), strict=True))
    assert {name: seen(thing) for name, thing in back.items()} == {name: seen(given[name]) for name in given}


def test_every_public_class_is_among_them(things) -> None:
    public = {value for value in (getattr(tp, name) for name in tp.__all__) if isinstance(value, type)}
    held = {
        kind for thing in (*things.values(), things["pipeline"].tokenizer) for kind in type(thing).__mro__
    }
    assert not public - held
