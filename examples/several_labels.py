"""Several labels a row: the same model, the same loop, a probability for each class.

python examples/several_labels.py
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator

import torch

import textprep as tp
from textprep.training.options import TrainingOptions
from textprep.training.trainer import fit

WORDS = {"funny": ["hilarious", "witty"], "scary": ["creepy", "gory"], "sad": ["tearful", "bleak"]}
ROWS = [
    {"text": f"A {first}, {second} film, number {number}.", "label": sorted({one, other})}
    for one, firsts in WORDS.items()
    for other, seconds in WORDS.items()
    for first in firsts
    for second in seconds
    for number in range(6)
]


class WithLabels:
    """The batches of ``loader``, each with the rows of a matrix as labels, (B, C) of 0 and 1."""

    def __init__(self, loader: tp.BatchLoader, split: object) -> None:
        self.loader = loader
        self.labels = dict(
            zip(split.row_ids.tolist(), torch.from_numpy(split.multi_hot()).long(), strict=True)
        )

    def __len__(self) -> int:
        return len(self.loader)

    def __iter__(self) -> Iterator[dict[str, torch.Tensor]]:
        for batch in self.loader:
            labels = torch.stack([self.labels[row] for row in batch.row_ids.tolist()])
            yield {**batch, "labels": labels}


def main() -> dict[str, float]:
    """Train, and return the probability of each class for one text."""
    corpus = tp.load_dataset("memory", rows=ROWS, multi_label=True, splits={"train": 0.8, "validation": 0.2})
    pipeline = tp.Pipeline(steps=[tp.Lowercase()], tokenizer=tp.WordTokenizer())
    with tempfile.TemporaryDirectory() as cache:
        data = tp.prepare(corpus, pipeline, cache_dir=cache)
        torch.manual_seed(0)
        model = tp.models.GRUAttentionClassifier(len(pipeline.vocabulary), corpus.num_classes, hidden_dim=16)
        loaders = [
            WithLabels(data[name].loader(batch_size=16, shuffle=name == "train"), corpus[name])
            for name in ("train", "validation")
        ]
        options = TrainingOptions(
            epochs=12, learning_rate=0.02, patience=12, monitor="macro_f1", device="cpu"
        )
        fit(model, *loaders, options, progress=False)

    text = "A bleak, witty film."
    logits = model(torch.tensor([pipeline.encode(text)]))
    probabilities = dict(zip(corpus.class_names, logits[0].sigmoid().tolist(), strict=True))
    print(text, {name: round(probability, 2) for name, probability in probabilities.items()})
    return probabilities


if __name__ == "__main__":
    main()
