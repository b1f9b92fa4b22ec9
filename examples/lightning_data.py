"""textprep as the data of a Lightning model: a `LightningDataModule` in a few lines.

The loaders are given to Lightning as they are. They take their own part of the batches on several devices,
so Lightning has no sampler to put in; and Lightning saves their place with its checkpoints.

pip install "textprep-nlp[ecosystem]" && python examples/lightning_data.py
"""

from __future__ import annotations

import logging
import tempfile
from pathlib import Path

import lightning
import torch
from torch import nn

import textprep as tp

ROWS = [
    (f"The {noun} was {word}.", label)
    for label, words in (("good", ["great", "lovely", "superb"]), ("bad", ["dull", "awful", "boring"]))
    for word in words
    for noun in ("film", "plot", "cast", "ending", "music", "script", "joke", "scene")
]


class Reviews(lightning.LightningDataModule):
    """Prepared once, on one process; opened by all."""

    def __init__(self, cache: Path) -> None:
        super().__init__()
        self.cache = cache

    def prepare_data(self) -> None:
        """Clean, tokenize and encode; finds everything done the second time."""
        self._prepare()

    def setup(self, stage: str) -> None:
        """Open what is prepared."""
        self.data = self._prepare()

    def _prepare(self) -> tp.PreparedDataset:
        corpus = tp.load_dataset("memory", rows=ROWS, splits={"train": 0.75, "validation": 0.25})
        pipeline = tp.Pipeline(steps=[tp.Lowercase()], tokenizer=tp.WordTokenizer())
        return tp.prepare(corpus, pipeline, cache_dir=self.cache)

    def train_dataloader(self) -> tp.BatchLoader:
        """Another order in every epoch: Lightning calls ``set_epoch``."""
        return self.data["train"].loader(batch_size=4, shuffle=True)

    def val_dataloader(self) -> tp.BatchLoader:
        """Every row once, on however many devices."""
        return self.data["validation"].loader(batch_size=4)


class Classifier(lightning.LightningModule):
    """textprep's GRU with attention; any model that takes ids and a mask would do."""

    def __init__(self, vocab_size: int) -> None:
        super().__init__()
        self.model = tp.models.GRUAttentionClassifier(vocab_size, 2, hidden_dim=8, dropout=0.0)

    def training_step(self, batch: tp.Batch, number: int) -> torch.Tensor:
        """The loss of a batch, which is on the right device already."""
        return nn.functional.cross_entropy(self.model(batch.input_ids, batch.attention_mask), batch.labels)

    def validation_step(self, batch: tp.Batch, number: int) -> None:
        """Log the accuracy."""
        hits = self.model(batch.input_ids, batch.attention_mask).argmax(dim=1) == batch.labels
        self.log("accuracy", hits.float().mean(), batch_size=len(batch.labels))

    def configure_optimizers(self) -> torch.optim.Optimizer:
        """Adam."""
        return torch.optim.Adam(self.parameters(), lr=0.02)


def main() -> float:
    """Train for ten epochs; returns the accuracy on the validation split."""
    logging.getLogger("lightning.pytorch").setLevel(logging.ERROR)
    lightning.seed_everything(0, verbose=False)
    with tempfile.TemporaryDirectory() as folder:
        reviews = Reviews(Path(folder))
        reviews.setup("fit")
        trainer = lightning.Trainer(
            max_epochs=10,
            accelerator="cpu",
            logger=False,
            enable_checkpointing=False,
            enable_progress_bar=False,
            enable_model_summary=False,
        )
        trainer.fit(Classifier(len(reviews.data.pipeline.vocabulary)), datamodule=reviews)
        assert isinstance(trainer.train_dataloader, tp.BatchLoader), "Lightning took the loader as it is"
    accuracy = float(trainer.callback_metrics["accuracy"])
    print(f"accuracy on the validation split: {accuracy:.0%}")
    return accuracy


if __name__ == "__main__":
    main()
