"""The row that measures blocks for language models, against the recipe of Hugging Face's examples."""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterable, Iterator
from itertools import chain
from time import process_time
from typing import Any

import datasets
from torch.utils.data import DataLoader

import textprep as tp
from tests.benchmarks.report import Measurement
from tests.benchmarks.setting import Setting
from tests.benchmarks.timing import IdsDifferError
from textprep.batches.blocks import Blocks
from textprep.datasets import as_corpus
from textprep.prepared.split import PreparedSplit

SIZE, LENGTH = 64, 128
END = 0  # that of padding, which no text has


def blocks(setting: Setting) -> Iterator[Measurement]:
    """Encoded reviews as blocks of 128 tokens: made, and gone through once, shuffled, in batches of 64."""
    corpus = as_corpus({"train": setting.corpus["train"].table.select(["text"])}, target="next_token")
    split = tp.prepare(corpus, tp.Pipeline.load(setting.bpe), cache_dir=setting.work / "loading")["train"]
    rows = datasets.Dataset.from_dict(
        {"input_ids": [[*split.ids(row).tolist(), END] for row in range(len(split))]},
        datasets.Features({"input_ids": datasets.Sequence(datasets.Value("int32"))}),
    )
    _check_same(split, rows)
    ours: list[list[float]] = [[], [], []]
    peers: list[list[float]] = [[], [], []]
    for _ in range(setting.repeats):
        made, took = _timed(lambda: split.blocks(LENGTH, end_id=END))
        theirs, peer_took = _timed(lambda: grouped(rows))
        ours[0].append(took)
        peers[0].append(peer_took)
        ours[1].append(_each_token(made.loader(batch_size=SIZE, shuffle=True)))
        peers[1].append(_each_token(_loader(theirs)))
        ours[2].append(ours[1][-1])
        peers[2].append(_each_token(split.loader(max_tokens=SIZE * LENGTH, shuffle=True)))
    texts = f"{len(split):,} encoded reviews"
    yield Measurement(
        "blocks", f"{texts} to blocks of {LENGTH}", "group_texts by datasets.map", ours[0], peers[0], "s CPU"
    )
    yield Measurement(
        "blocks",
        f"batches of {SIZE} blocks, a token",
        "DataLoader and default_data_collator",
        ours[1],
        peers[1],
        "ns CPU",
    )
    yield Measurement(
        "blocks",
        "the same",
        f"our own batches of one review per row, up to {SIZE * LENGTH:,} tokens",
        ours[2],
        peers[2],
        "ns CPU",
    )


def grouped(rows: datasets.Dataset) -> datasets.Dataset:
    """The texts joined and cut as in ``run_clm.py``, which drops up to a block for each thousand texts."""

    def group_texts(examples: dict[str, list[list[int]]]) -> dict[str, list[list[int]]]:
        line = list(chain(*examples["input_ids"]))
        total = len(line) // LENGTH * LENGTH
        ids = [line[start : start + LENGTH] for start in range(0, total, LENGTH)]
        return {"input_ids": ids, "labels": [each.copy() for each in ids]}

    return rows.map(group_texts, batched=True, load_from_cache_file=False)


def _loader(rows: datasets.Dataset) -> Iterable[Any]:
    from transformers import default_data_collator

    return DataLoader(rows, batch_size=SIZE, shuffle=True, collate_fn=default_data_collator)


def _check_same(split: PreparedSplit, rows: datasets.Dataset) -> None:
    """Whether the first thousand texts, which the recipe joins at once, are the same blocks."""
    theirs = grouped(rows.select(range(min(1000, len(rows)))))["input_ids"]
    ours = Blocks(split, LENGTH, end_id=END)
    for row, ids in enumerate(theirs):
        if ours.ids(row).tolist() != list(ids):
            raise IdsDifferError(f"block {row} is another one")


def _timed(work: Callable[[], Any]) -> tuple[Any, float]:
    gc.collect()
    begun = process_time()
    found = work()
    return found, process_time() - begun


def _each_token(batches: Iterable[Any]) -> float:
    """Nanoseconds of CPU time, threads added up, for each token of all batches."""
    gc.collect()
    begun, tokens = process_time(), 0
    for batch in batches:
        tokens += int(batch["lengths"].sum()) if "lengths" in batch else batch["input_ids"].numel()
    return 1e9 * (process_time() - begun) / tokens
