"""A drop-in for the course's ``create_datastreamer``: the same calls, batches from textprep.

In the course (package ``mads_datasets``) a factory gives streamers, which tokenize and pad every batch anew:

    factory = DatasetFactoryProvider.create_factory(DatasetType.IMDB)
    streamers = factory.create_datastreamer(batchsize=32, preprocessor=preprocessor)
    train, valid = streamers["train"], streamers["valid"]
    X, y = next(train.stream())

Here the preprocessor is a `tp.Pipeline`: its ids are prepared once, on disk, and every epoch only pads them.
What the course's trainer does with a streamer, ``len(train)`` steps of ``next(train.stream())``, stays.

python examples/course_datastreamer.py
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

import torch
from torch import nn

import textprep as tp

ROWS = [
    (f"The {noun} was {word}.", label)
    for label, words in (("good", ["great", "lovely", "superb"]), ("bad", ["dull", "awful", "boring"]))
    for word in words
    for noun in ("film", "plot", "cast", "ending", "music", "script", "joke", "scene")
]


class Datastreamer:
    """Batches ``(X, y)`` without end, and how many an epoch has."""

    def __init__(self, loader: tp.BatchLoader) -> None:
        self.loader = loader

    def __len__(self) -> int:
        return len(self.loader)

    def stream(self) -> Iterator[tuple[torch.Tensor, torch.Tensor]]:
        """Epoch after epoch, each in another order."""
        return self.loader.stream()


class DatasetFactory:
    """Makes streamers of a corpus, as the course's factories do.

    Args:
        corpus: with the splits "train" and "validation", which the course calls "valid".
        datadir: where what is prepared is kept.
    """

    def __init__(self, corpus: tp.Corpus, datadir: Path) -> None:
        self.corpus = corpus
        self.datadir = datadir

    def create_datastreamer(self, batchsize: int, preprocessor: tp.Pipeline) -> dict[str, Datastreamer]:
        """Streamers "train" and "valid"; whole batches only, as in the course, and a validation in order."""
        data = tp.prepare(self.corpus, preprocessor, cache_dir=self.datadir)
        train = data["train"].loader(batch_size=batchsize, shuffle=True, drop_last=True)
        valid = data["validation"].loader(batch_size=batchsize)
        return {"train": Datastreamer(train), "valid": Datastreamer(valid)}


class MeanOfEmbeddings(nn.Module):
    """The mean of a text's word vectors and a linear layer: (B, T) ids → (B, C) logits."""

    def __init__(self, vocab_size: int) -> None:
        super().__init__()
        self.embedding = nn.Embedding(vocab_size, 16, padding_idx=0)
        self.head = nn.Linear(16, 2)

    def forward(self, ids: torch.Tensor) -> torch.Tensor:
        """Padding adds zeros to the sum and nothing to the number of words."""
        words = ids.ne(0).sum(dim=1, keepdim=True).clamp(min=1)
        return self.head(self.embedding(ids).sum(dim=1) / words)


def main() -> float:
    """Train as the course's trainer does; returns the accuracy on the validation split."""
    torch.manual_seed(0)
    corpus = tp.load_dataset("memory", rows=ROWS, splits={"train": 0.75, "validation": 0.25})
    preprocessor = tp.Pipeline(steps=[tp.Lowercase()], tokenizer=tp.WordTokenizer())
    with tempfile.TemporaryDirectory() as folder:
        factory = DatasetFactory(corpus, Path(folder))
        streamers = factory.create_datastreamer(batchsize=4, preprocessor=preprocessor)
        train, valid = streamers["train"], streamers["valid"]
        model = MeanOfEmbeddings(len(preprocessor.vocabulary))
        optimizer = torch.optim.Adam(model.parameters(), lr=0.05)
        batches, held_out = train.stream(), valid.stream()
        for _ in range(10 * len(train)):
            ids, labels = next(batches)
            loss = nn.functional.cross_entropy(model(ids), labels)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
        hits = [(model(ids).argmax(dim=1) == labels).float() for ids, labels in islice(held_out, len(valid))]
    accuracy = torch.cat(hits).mean().item()
    print(f"accuracy on the validation split: {accuracy:.0%}")
    return accuracy


if __name__ == "__main__":
    main()
