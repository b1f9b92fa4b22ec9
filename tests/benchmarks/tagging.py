"""The row that measures tags brought to tokens, against the recipe of Hugging Face's examples."""

from __future__ import annotations

import gc
import re
import tempfile
from collections.abc import Callable, Iterator
from time import process_time
from typing import Any

import datasets
import numpy as np
from tokenizers import Tokenizer

import textprep as tp
from tests.benchmarks.pretrained import open_or_train
from tests.benchmarks.report import Measurement
from tests.benchmarks.setting import Setting
from tests.benchmarks.timing import IdsDifferError
from textprep.datasets.corpus import Corpus

WORDS = 24  # of a sentence, about as many as in news
TAGS = ("O", "B-PER", "I-PER", "B-LOC")


def tagging(setting: Setting) -> Iterator[Measurement]:
    """Sentences of tagged words to ids and a label for each token on disk, with WordPiece."""
    tokenizer, origin = open_or_train("WordPiece", setting.texts)
    rows = sentences(setting)
    tagged = tp.load_dataset("memory", rows=rows, text="tokens", label="tags", target="tags", splits=None)
    texts = [{"text": " ".join(row["tokens"])} for row in rows]
    plain = tp.load_dataset("memory", rows=texts, splits=None)
    table = datasets.Dataset.from_list(rows)
    _check_same(tagged, tokenizer, table)
    ours: list[float] = []
    mapped: list[float] = []
    untagged: list[float] = []
    for _ in range(setting.repeats):
        ours.append(_timed(lambda: _prepared(tagged, tokenizer)))
        mapped.append(_timed(lambda: aligned(tokenizer, table)))
        untagged.append(_timed(lambda: _prepared(plain, tokenizer)))
    work = f"{len(rows):,} sentences of tagged words, WordPiece {origin}"
    recipe = "tokenize_and_align_labels by datasets.map"
    yield Measurement("tagging", work, recipe, ours, mapped, "s CPU")
    yield Measurement("tagging", work, "the same without tags", ours, untagged, "s CPU", ratio_of="ours/peer")


def sentences(setting: Setting) -> list[dict[str, Any]]:
    """The first words of each review, without punctuation, with tags by chance."""
    chance = np.random.default_rng(0)
    words = [re.findall(r"[A-Za-z0-9]+", text)[:WORDS] for text in setting.texts.to_pylist()]
    shares = (0.8, 0.08, 0.06, 0.06)
    tags = ["B-PER" if tag == "I-PER" else tag for tag in TAGS]  # no broken sequences
    return [
        {"tokens": row, "tags": [tags[tag] for tag in chance.choice(len(TAGS), len(row), p=shares)]}
        for row in words
        if row
    ]


def aligned(tokenizer: Tokenizer, rows: datasets.Dataset) -> datasets.Dataset:
    """Ids and labels as in ``run_ner.py``: the first token of a word has its tag, later ones have -100."""

    def tokenize_and_align_labels(examples: dict[str, list[Any]]) -> dict[str, list[Any]]:
        encoded = tokenizer.encode_batch(examples["tokens"], is_pretokenized=True, add_special_tokens=False)
        ids, labels = [], []
        for each, tags in zip(encoded, examples["tags"], strict=True):
            before, of_row = None, []
            for word in each.word_ids:
                of_row.append(-100 if word == before else KEPT.index(tags[word]))
                before = word
            ids.append(each.ids)
            labels.append(of_row)
        return {"input_ids": ids, "labels": labels}

    return rows.map(tokenize_and_align_labels, batched=True, load_from_cache_file=False)


KEPT = ("O", "B-LOC", "B-PER")


def _prepared(corpus: Corpus, tokenizer: Tokenizer) -> None:
    pipeline = tp.Pipeline(tokenizer=tp.HuggingFaceTokenizer.of(tokenizer))
    with tempfile.TemporaryDirectory() as folder:
        tp.prepare(corpus, pipeline, cache_dir=folder)


def _check_same(corpus: Corpus, tokenizer: Tokenizer, rows: datasets.Dataset) -> None:
    """Compare every id and every label."""
    names = corpus.target.tags  # type: ignore[union-attr]
    pipeline = tp.Pipeline(tokenizer=tp.HuggingFaceTokenizer.of(tokenizer))
    with tempfile.TemporaryDirectory() as folder:
        split = tp.prepare(corpus, pipeline, cache_dir=folder)["train"]
        theirs = aligned(tokenizer, rows)
        for row, (ids, labels) in enumerate(zip(theirs["input_ids"], theirs["labels"], strict=True)):
            ours = [-100 if tag < 0 else KEPT.index(names[tag]) for tag in split.labels.ids(row).tolist()]
            if split.ids(row).tolist() != ids or ours != labels:
                raise IdsDifferError(f"row {row}: {ours} instead of {labels}")


def _timed(work: Callable[[], Any]) -> float:
    gc.collect()
    begun = process_time()
    work()
    return process_time() - begun
