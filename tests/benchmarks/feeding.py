"""How others feed batches and group texts by length, each in its usual form."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import datasets
import numpy as np
import torch
from torch.nn.utils.rnn import pad_sequence
from torch.utils.data import DataLoader

from textprep.prepared.split import PreparedSplit


class _Pairs(torch.utils.data.Dataset[tuple[torch.Tensor, torch.Tensor]]):
    """Rows as tensors in memory, cut beforehand: nothing is left to do but to pad."""

    def __init__(self, split: PreparedSplit, longest: int) -> None:
        ids = (split.ids(row)[:longest].astype(np.int64) for row in range(len(split)))
        self.rows = [torch.from_numpy(row) for row in ids]
        self.labels = torch.from_numpy(split.labels)

    def __len__(self) -> int:
        return len(self.rows)

    def __getitem__(self, row: int) -> tuple[torch.Tensor, torch.Tensor]:
        return self.rows[row], self.labels[row]


def pad_sequence_loader(split: PreparedSplit, size: int, longest: int) -> Callable[[], Iterable[Any]]:
    """``DataLoader`` with ``pad_sequence`` in the collate function, as in most tutorials."""

    def collate(rows: list[tuple[torch.Tensor, torch.Tensor]]) -> tuple[torch.Tensor, torch.Tensor]:
        ids, labels = zip(*rows, strict=True)
        return pad_sequence(list(ids), batch_first=True), torch.stack(labels)

    loader = DataLoader(_Pairs(split, longest), batch_size=size, shuffle=True, collate_fn=collate)
    return lambda: loader


def hub_loader(split: PreparedSplit, size: int, longest: int) -> Callable[[], Iterable[Any]]:
    """``datasets`` and ``DataCollatorWithPadding``, as in the course of Hugging Face."""
    from tokenizers import Tokenizer, models
    from transformers import DataCollatorWithPadding, PreTrainedTokenizerFast
    from transformers.utils import logging

    logging.set_verbosity_error()
    empty = Tokenizer(models.WordLevel({"<pad>": 0, "<unk>": 1}, unk_token="<unk>"))
    tokenizer = PreTrainedTokenizerFast(tokenizer_object=empty, pad_token="<pad>", unk_token="<unk>")
    ids = [split.ids(row)[:longest].tolist() for row in range(len(split))]
    rows = datasets.Dataset.from_dict({"input_ids": ids, "label": split.labels})
    loader = DataLoader(rows, batch_size=size, shuffle=True, collate_fn=DataCollatorWithPadding(tokenizer))
    return lambda: loader


def tokenizing_loader(
    encode: Callable[[list[str]], list[list[int]]],
    texts: Sequence[str],
    size: int,
    longest: int,
    *,
    shuffle: bool = True,
) -> DataLoader[str]:
    """``DataLoader`` over raw texts that are cleaned and encoded in the collate function, and padded."""

    def collate(batch: list[str]) -> tuple[torch.Tensor, torch.Tensor]:
        ids = [torch.tensor(row[:longest]) for row in encode(batch)]
        return pad_sequence(ids, batch_first=True), torch.zeros(len(batch), dtype=torch.int64)

    return DataLoader(texts, batch_size=size, shuffle=shuffle, collate_fn=collate)


def looking_up(texts: Sequence[str], size: int, longest: int) -> Callable[[], Iterable[Any]]:
    """The least that others do to a text: two patterns, lower case, split, a dictionary; other ids than ours."""
    markup, marks = re.compile(r"<[^>]+>"), re.compile(r"[^\w\s]")

    def words(text: str) -> list[str]:
        return marks.sub("", markup.sub(" ", text.lower())).split()

    counts = Counter(word for text in texts for word in words(text))
    vocabulary = {word: number + 2 for number, (word, _) in enumerate(counts.most_common(10_000))}

    def encode(batch: list[str]) -> list[list[int]]:
        return [[vocabulary.get(word, 1) for word in words(text)] for text in batch]

    loader = tokenizing_loader(encode, texts, size, longest)
    return lambda: loader


def ids_of(batch: Any) -> torch.Tensor:
    """The ids of a batch, whoever made it."""
    return batch["input_ids"] if not isinstance(batch, tuple) else batch[0]


def at_random(lengths: np.ndarray, size: int) -> list[np.ndarray]:
    """Random batches."""
    rows = np.random.default_rng(0).permutation(len(lengths))
    return [rows[start : start + size] for start in range(0, len(rows), size)]


def grouped(lengths: np.ndarray, size: int) -> list[np.ndarray]:
    """As ``group_by_length`` of Hugging Face's ``Trainer``: blocks of 50 random batches, each sorted."""
    rows = np.random.default_rng(0).permutation(len(lengths))
    blocks = [rows[start : start + 50 * size] for start in range(0, len(rows), 50 * size)]
    rows = np.concatenate([block[np.argsort(-lengths[block], kind="stable")] for block in blocks])
    return [rows[start : start + size] for start in range(0, len(rows), size)]


def bucketed(lengths: np.ndarray, size: int, buckets: int = 30) -> list[np.ndarray]:
    """As lhotse: rows go into 30 buckets of equally many tokens, batches are random within a bucket."""
    order = np.argsort(lengths, kind="stable")
    bucket = np.minimum(np.cumsum(lengths[order]) * buckets // max(1, lengths.sum()), buckets - 1)
    random = np.random.default_rng(0)
    parts = [random.permutation(order[bucket == number]) for number in range(buckets)]
    return [part[start : start + size] for part in parts for start in range(0, len(part), size)]


SAMPLERS: dict[str, Callable[[np.ndarray, int], list[np.ndarray]]] = {
    "random batches": at_random,
    "blocks of 50 batches, sorted (group_by_length)": grouped,
    "30 buckets (lhotse)": bucketed,
}


def sorted_at_once(lengths: np.ndarray, size: int) -> list[np.ndarray]:
    """All rows in random order, sorted by length with ``np.lexsort``, cut, the batches shuffled."""
    random = np.random.default_rng(0)
    rows = np.lexsort((random.random(len(lengths)), lengths))
    batches = [rows[start : start + size] for start in range(0, len(rows), size)]
    return [batches[number] for number in random.permutation(len(batches))]
