"""textprep as the data layer of your own loop: CSV in, batches out, a model of your own in the middle.

python examples/own_training_loop.py
"""

from __future__ import annotations

import csv
import tempfile
from pathlib import Path

import torch
from torch import nn

import textprep as tp


@tp.step
def drop_quotes(text: str, *, marks: str = "\"'") -> str:
    """A step of our own: without quotation marks."""
    return "".join(character for character in text if character not in marks)


class MeanOfEmbeddings(nn.Module):
    """The mean of a text's word vectors, (B, E), and a linear layer: (B, C) logits."""

    def __init__(self, vocab_size: int, num_classes: int) -> None:
        super().__init__()
        self.embedding = nn.Embedding(vocab_size, 16, padding_idx=0)
        self.head = nn.Linear(16, num_classes)

    def forward(self, input_ids: torch.Tensor, lengths: torch.Tensor) -> torch.Tensor:
        """(B, T) ids and (B,) lengths → (B, C) logits; padding adds zeros to the sum."""
        return self.head(self.embedding(input_ids).sum(dim=1) / lengths.clamp(min=1)[:, None])


def write_reviews(path: Path) -> None:
    """Sixty made-up reviews with stars."""
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(["review", "stars"])
        for number in range(30):
            writer.writerow([f'A "great" film, number {number}', 5])
            writer.writerow([f"A 'dull' film, number {number}", 1])


def main() -> float:
    """Train for twenty epochs; returns the accuracy on the test split."""
    with tempfile.TemporaryDirectory() as folder:
        write_reviews(Path(folder) / "reviews.csv")
        corpus = tp.load_dataset("csv", path=f"{folder}/reviews.csv", text="review", label="stars")
        pipeline = tp.Pipeline(steps=[drop_quotes(), tp.Lowercase()], tokenizer=tp.WordTokenizer())
        data = tp.prepare(corpus, pipeline, cache_dir=folder)

        torch.manual_seed(0)
        model = MeanOfEmbeddings(len(pipeline.vocabulary), corpus.num_classes)
        optimizer = torch.optim.Adam(model.parameters(), lr=0.05)
        loader = data["train"].loader(batch_size=8, shuffle=True, seed=0)
        for _ in range(20):
            for batch in loader:  # another order in every epoch
                loss = nn.functional.cross_entropy(model(batch.input_ids, batch.lengths), batch.labels)
                optimizer.zero_grad()
                loss.backward()
                optimizer.step()

        hits = [
            (model(batch.input_ids, batch.lengths).argmax(dim=1) == batch.labels).float()
            for batch in data["test"].loader(batch_size=8)
        ]
    accuracy = torch.cat(hits).mean().item()
    print(f"accuracy on the test split: {accuracy:.0%}")
    return accuracy


if __name__ == "__main__":
    main()
