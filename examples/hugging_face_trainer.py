"""textprep as the data of Hugging Face's ``Trainer``: a data set, a collator, and batches of similar length.

pip install "textprep-nlp[ecosystem]" && python examples/hugging_face_trainer.py
"""

from __future__ import annotations

import tempfile

import numpy as np
import torch
from torch.utils.data import DataLoader
from transformers import BertConfig, BertForSequenceClassification, Trainer, TrainingArguments
from transformers.trainer_utils import EvalPrediction

import textprep as tp

ROWS = [
    (f"The {noun} was {word}.", label)
    for label, words in (("good", ["great", "lovely", "superb"]), ("bad", ["dull", "awful", "boring"]))
    for word in words
    for noun in ("film", "plot", "cast", "ending", "music", "script", "joke", "scene")
]
COLUMNS = ("input_ids", "attention_mask", "labels")  # what models of Hugging Face take


class BatchTrainer(Trainer):
    """A ``Trainer`` whose training batches hold texts of similar length; leave it out and it works, too."""

    def get_train_dataloader(self) -> DataLoader:
        """Batches as a `BatchLoader` plans them; the trainer sets the epoch."""
        rows = self.train_dataset
        sampler = tp.BatchSampler(rows.split.lengths, batch_size=self._train_batch_size, shuffle=True)
        return DataLoader(rows, batch_sampler=sampler, collate_fn=self.data_collator)


def accuracy_of(prediction: EvalPrediction) -> dict[str, float]:
    """The share of rows whose class is right."""
    return {"accuracy": float(np.mean(prediction.predictions.argmax(axis=1) == prediction.label_ids))}


def main() -> float:
    """Train a small BERT from nothing; returns the accuracy on the validation split."""
    with tempfile.TemporaryDirectory() as folder:
        corpus = tp.load_dataset("memory", rows=ROWS, splits={"train": 0.75, "validation": 0.25})
        pipeline = tp.Pipeline(steps=[tp.Lowercase()], tokenizer=tp.WordTokenizer())
        data = tp.prepare(corpus, pipeline, cache_dir=folder)
        torch.manual_seed(0)
        sizes = {"hidden_size": 32, "num_hidden_layers": 1, "num_attention_heads": 2, "intermediate_size": 64}
        model = BertForSequenceClassification(
            BertConfig(vocab_size=len(pipeline.vocabulary), num_labels=corpus.num_classes, **sizes)
        )
        arguments = TrainingArguments(
            output_dir=folder,
            num_train_epochs=15,
            per_device_train_batch_size=4,
            learning_rate=5e-3,
            use_cpu=True,
            save_strategy="no",
            report_to="none",
            disable_tqdm=True,
            logging_strategy="no",
        )
        trainer = BatchTrainer(
            model=model,
            args=arguments,
            train_dataset=tp.RowDataset(data["train"]),
            eval_dataset=tp.RowDataset(data["validation"]),
            data_collator=tp.Collate(max_length=64, columns=COLUMNS),
            compute_metrics=accuracy_of,
        )
        trainer.train()
        accuracy = trainer.evaluate()["eval_accuracy"]
    print(f"accuracy on the validation split: {accuracy:.0%}")
    return accuracy


if __name__ == "__main__":
    main()
