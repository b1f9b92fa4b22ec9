"""Each change of texts or pipeline is a miss, each of labels encodes nothing again, any other is a hit."""

from __future__ import annotations

import tempfile
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
import tokenizers

import textprep as tp
from textprep.datasets.corpus import Corpus
from textprep.datasets.split import Split
from textprep.preparation import fingerprint
from textprep.targets import ClassTarget, NumberTarget

TEXTS = ["A great film", "", "a <b>dull</b> one é", "good good", "a film"]
CLASSES = ("bad", "good")


def split(texts=TEXTS, labels=(0, 1, 0, 1, 1), row_ids=(0, 1, 2, 3, 4), classes=CLASSES, chunks=1, **further):
    size = -(-len(texts) // chunks)
    pieces = [pa.array(texts[at : at + size], pa.large_string()) for at in range(0, len(texts), size)]
    columns = {"text": pa.chunked_array(pieces), "row_id": np.array(row_ids, dtype=np.int64)}
    if labels is not None:
        columns["label"] = np.array(labels, dtype=np.int64)
    return Split(
        pa.table(columns | further), ClassTarget(class_names=classes) if labels is not None else None
    )


def corpus(train=None, test=None, classes=CLASSES, name="films", **others):
    made = {"train": train or split(classes=classes), "test": test or split(classes=classes), **others}
    return Corpus(made, ClassTarget(class_names=classes), name=name)


def texts(*changed):
    return [
        changed[n] if n < len(changed) and changed[n] is not None else text for n, text in enumerate(TEXTS)
    ]


def steps(**options):
    return [
        tp.StripMarkup(),
        tp.Lowercase(),
        tp.StripPunctuation(keep=options.get("keep", "'")),
        tp.ReplacePattern(pattern=options.get("pattern", "x+"), replacement=options.get("replacement", "y")),
        tp.NormalizeUnicode(form=options.get("form", "NFC")),
    ]


def pipeline(made=None, tokenizer=None):
    return tp.Pipeline(steps() if made is None else made, tokenizer=tokenizer or tp.WordTokenizer())


def versioned(version, scope="document"):
    class Own(tp.Step):
        name = "own_step"

        def __call__(self, text):
            return text

    Own.version = version
    Own.scope = scope
    return [*steps(), Own()]


def of_function(source):
    """A step of a function with this body; `tp.step` reads its source text from a file."""
    if source == 1:

        @tp.step(name="own_function")
        def made(text):
            return text
    else:

        @tp.step(name="own_function")
        def made(text):
            return text + ""

    return [*steps(), made()]


def word(**options):
    return pipeline(tokenizer=tp.WordTokenizer(**options))


def bpe(**options):
    return pipeline(tokenizer=tp.BPETokenizer(**options))


def hugging_face(word):
    """Of a ``tokenizer.json`` that knows one word; the path of the file does not matter."""
    model = tokenizers.models.WordLevel({"[UNK]": 0, word: 1}, unk_token="[UNK]")
    made = tokenizers.Tokenizer(model)
    made.pre_tokenizer = tokenizers.pre_tokenizers.Whitespace()
    with tempfile.TemporaryDirectory() as elsewhere:
        path = Path(elsewhere) / "tokenizer.json"
        made.save(str(path))
        return tp.HuggingFaceTokenizer(path=path)


CHANGES = {
    "first text": lambda: (corpus(split(texts("B great film"))), pipeline()),
    "last text": lambda: (corpus(split(texts(None, None, None, None, "a film."))), pipeline()),
    "a space more": lambda: (corpus(split(texts("A great  film"))), pipeline()),
    "another case": lambda: (corpus(split(texts("a great film"))), pipeline()),
    "a text moved to its neighbour": lambda: (corpus(split(texts("A great ", "film"))), pipeline()),
    "composed differently": lambda: (
        corpus(split(texts(None, None, "a <b>dull</b> one e\u0301"))),
        pipeline(),
    ),
    "a text of the test split": lambda: (corpus(test=split(texts("B great film"))), pipeline()),
    "a row less": lambda: (corpus(split(TEXTS[:4], (0, 1, 0, 1), (0, 1, 2, 3))), pipeline()),
    "a row more": lambda: (corpus(split([*TEXTS, ""], (0, 1, 0, 1, 1, 0), range(6))), pipeline()),
    "a row id": lambda: (corpus(split(row_ids=(0, 1, 2, 3, 9))), pipeline()),
    "a split more": lambda: (corpus(more=split()), pipeline()),
    "a split's name": lambda: (
        Corpus({"train": split(), "dev": split()}, ClassTarget(class_names=CLASSES)),
        pipeline(),
    ),
    "a step less": lambda: (corpus(), pipeline(steps()[1:])),
    "a step twice": lambda: (corpus(), pipeline([*steps(), tp.Lowercase()])),
    "steps in another order": lambda: (corpus(), pipeline(steps()[::-1])),
    "option keep": lambda: (corpus(), pipeline(steps(keep="-"))),
    "option pattern": lambda: (corpus(), pipeline(steps(pattern="z+"))),
    "option replacement": lambda: (corpus(), pipeline(steps(replacement="z"))),
    "option form": lambda: (corpus(), pipeline(steps(form="NFKC"))),
    "a step of one's own": lambda: (corpus(), pipeline(versioned(1))),
    "its version": lambda: (corpus(), pipeline(versioned(2))),
    "a function as a step": lambda: (corpus(), pipeline(of_function(1))),
    "its source text": lambda: (corpus(), pipeline(of_function(2))),
    "min_freq": lambda: (corpus(), word(min_freq=2)),
    "max_size": lambda: (corpus(), word(max_size=6)),
    "pattern of the tokenizer": lambda: (corpus(), word(pattern=r"\w+")),
    "specials": lambda: (corpus(), word(specials=("<num>",))),
    "characters": lambda: (corpus(), pipeline(tokenizer=tp.CharTokenizer())),
    "a tokenizer.json": lambda: (corpus(), pipeline(tokenizer=hugging_face("film"))),
    "another tokenizer.json": lambda: (corpus(), pipeline(tokenizer=hugging_face("good"))),
    "bpe": lambda: (corpus(), bpe(vocab_size=50)),
    "vocab_size": lambda: (corpus(), bpe(vocab_size=40)),
    "fitted before": lambda: (corpus(), pipeline().fit(["a great film"])),
    "fitted on something else": lambda: (corpus(), pipeline().fit(["a dull film"])),
}


def used():
    made = pipeline().fit(corpus()["train"])
    made.encode("a great film")
    made.encode_batch(TEXTS)
    return made


LABELS = {
    "a label": lambda: (corpus(split(labels=(1, 1, 0, 1, 1))), pipeline()),
    "a label of the test split": lambda: (corpus(test=split(labels=(1, 1, 0, 1, 1))), pipeline()),
    "no labels in a split": lambda: (corpus(test=split(labels=None)), pipeline()),
    "a class name": lambda: (corpus(classes=("bad", "fine")), pipeline()),
    "the order of classes": lambda: (corpus(classes=("good", "bad")), pipeline()),
    "a class that no row has": lambda: (corpus(classes=("bad", "good", "odd")), pipeline()),
    "a value between two": lambda: (numbers(1.0, 2.0, 2.5, 0.0, 3.0), pipeline()),
    "one of these numbers": lambda: (numbers(1.0, 2.0, 2.5, 0.0, 4.0), pipeline()),
    "no labels at all": lambda: (Corpus(dict.fromkeys(("train", "test"), split(labels=None))), pipeline()),
}


def numbers(*values):
    target = NumberTarget()
    rows = Split(split(labels=None).table.append_column("label", pa.array(values)), target)
    return Corpus({"train": rows, "test": rows}, target)


SAME = {
    "the same once more": lambda: (corpus(), pipeline()),
    "the name of the data set": lambda: (corpus(name="elsewhere/films.csv"), pipeline()),
    "splits in another order": lambda: (
        Corpus({"test": split(), "train": split()}, ClassTarget(class_names=CLASSES)),
        pipeline(),
    ),
    "a further column": lambda: (corpus(split(stars=np.arange(5))), pipeline()),
    "texts in several chunks": lambda: (corpus(split(chunks=3)), pipeline()),
    "texts that are a slice": lambda: (corpus(sliced()), pipeline()),
    "options spelled out": lambda: (corpus(), word(min_freq=1, max_size=None)),
    "specials as a list": lambda: (corpus(), word(specials=[])),
    "the pipeline was used": lambda: (corpus(), used()),
    "steps as a tuple": lambda: (corpus(), pipeline(tuple(steps()))),
}


def sliced():
    whole = split(["before", *TEXTS, "after"], (0, 0, 1, 0, 1, 1, 0), (9, 0, 1, 2, 3, 4, 9))
    return Split(whole.table.slice(1, 5), ClassTarget(class_names=CLASSES))


@pytest.fixture(scope="module")
def cache(tmp_path_factory):
    folder = tmp_path_factory.mktemp("cache")
    tp.prepare(corpus(), pipeline(), cache_dir=folder)
    return folder


@pytest.mark.usefixtures("restored_registries")
def test_every_change_is_a_miss_and_everything_else_a_hit(cache, monkeypatch):
    assert (len(CHANGES), len(LABELS), len(SAME)) == (34, 9, 10)
    (store,) = cache.iterdir()
    with monkeypatch.context() as patch:
        patch.setattr(tp.Pipeline, "encoder", None)  # nothing is encoded
        for case in SAME.values():
            tp.prepare(*case(), cache_dir=cache)
        for number, (name, case) in enumerate(LABELS.items(), start=2):
            tp.prepare(*case(), cache_dir=cache)
            assert len(list((store / "columns").iterdir())) == number, name
        assert list(cache.iterdir()) == [store]
    for number, (name, case) in enumerate(CHANGES.items(), start=2):
        tp.prepare(*case(), cache_dir=cache)
        assert len(list(cache.iterdir())) == number, name
    for case in [*SAME.values(), *LABELS.values()]:
        tp.prepare(*case(), cache_dir=cache)
    assert len(list(cache.iterdir())) == 35
    assert len(list((store / "columns").iterdir())) == 10


def test_another_format_of_stores_is_a_miss(cache, monkeypatch):
    before = fingerprint.digest(fingerprint.made_of(corpus(), pipeline()))
    monkeypatch.setattr(fingerprint, "STORE_VERSION", fingerprint.STORE_VERSION + 1)
    assert fingerprint.digest(fingerprint.made_of(corpus(), pipeline())) != before
