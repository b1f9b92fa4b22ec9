"""A training step of the GRU with attention, against the usual one; and how soon `textprep predict` answers."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from time import perf_counter
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

import textprep as tp
from tests.benchmarks.report import Measurement
from tests.benchmarks.setting import Setting
from textprep.config.options import TrainingOptions
from textprep.models import AdditiveAttention, GRUAttentionClassifier
from textprep.training.loop.session import Session
from textprep.training.loop.step import OptimizerStep
from textprep.training.targets import objective_of

BATCH = 64
TEXTS = 10 * BATCH
TOLERANCE = 1e-4  # of logits
Batch = dict[str, Tensor]


class PackedGRU(nn.Module):
    """The same mathematics as `GRUAttentionClassifier`, as guides write it: packed, then padded again."""

    def __init__(self, twin: GRUAttentionClassifier) -> None:
        super().__init__()
        options = twin.options()
        features, hidden = options["embedding_dim"], options["hidden_dim"]
        self.embedding = nn.Embedding(options["vocab_size"], features, padding_idx=0)
        self.gru = nn.GRU(features, hidden, batch_first=True, bidirectional=True)
        self.attention = AdditiveAttention(2 * hidden)
        self.dropout = nn.Dropout(options["dropout"])
        self.head = nn.Linear(2 * hidden, options["num_classes"])
        for part in ("embedding", "attention", "head"):
            getattr(self, part).load_state_dict(getattr(twin, part).state_dict())
        ways = (twin.gru.forward_gru, ""), (twin.gru.backward_gru, "_reverse")
        self.gru.load_state_dict(
            {f"{name}{suffix}": weights for gru, suffix in ways for name, weights in gru.state_dict().items()}
        )

    def forward(self, input_ids: Tensor, lengths: Tensor) -> Tensor:
        """(B, T) ids and (B,) lengths → (B, C) logits."""
        embedded = self.dropout(self.embedding(input_ids))
        packed = pack_padded_sequence(embedded, lengths, batch_first=True, enforce_sorted=False)
        states, _ = pad_packed_sequence(self.gru(packed)[0], batch_first=True)
        context, _ = self.attention(states, torch.arange(states.shape[1]) < lengths[:, None])
        return self.head(self.dropout(context))


def training_step(setting: Setting) -> Iterator[Measurement]:
    """Steps on the same texts: batches from the loader, against packed sequences in unsorted batches of 64."""
    texts = setting.texts.slice(0, TEXTS).to_pylist()
    data = tp.prepare({"train": texts}, tp.Pipeline.load(setting.bpe), cache_dir=setting.work / "training")
    tokens = len(data.pipeline.vocabulary)
    for max_length in (None, 256):
        times: list[list[float]] = [[], []]
        for _ in range(setting.repeats):
            torch.manual_seed(0)
            ours = GRUAttentionClassifier(tokens, 2)
            peer = PackedGRU(ours)
            loaders = [
                data["train"].loader(
                    batch_size=BATCH, max_length=max_length, shuffle=True, by_length=by_length
                )
                for by_length in (True, False)
            ]
            _check_same_logits(ours, peer, loaders[1])
            for seconds, work, loader in zip(
                times, (_our_steps(ours), _peers_steps(peer)), loaders, strict=True
            ):
                start = perf_counter()
                for batch in _labelled(loader):
                    work(batch)
                seconds.append(perf_counter() - start)
        length = f"up to {max_length} tokens" if max_length else "whole texts"
        name = f"steps on {len(texts):,} reviews, {length}, batches of {BATCH}"
        yield Measurement(
            "training-step",
            name,
            "pack_padded_sequence, unsorted",
            *times,
            least=5 if max_length is None else None,
            aim="8x",
        )


def _labelled(loader: Iterable[tp.Batch]) -> Iterator[Batch]:
    for batch in loader:
        yield {**batch, "labels": batch.row_ids % 2}


def _our_steps(model: GRUAttentionClassifier) -> Callable[[Batch], None]:
    options = TrainingOptions(schedule="constant", device="cpu", adversarial=0)
    objective = objective_of("class")
    step = OptimizerStep(Session(model.train(), objective, options), options, objective.plain_loss())
    return lambda batch: step([batch], 0.0)


def _peers_steps(model: PackedGRU) -> Callable[[Batch], None]:
    model.train()
    optimizer = torch.optim.AdamW(model.parameters(), lr=2e-3)

    def step(batch: Batch) -> None:
        optimizer.zero_grad()
        loss = nn.functional.cross_entropy(model(batch["input_ids"], batch["lengths"]), batch["labels"])
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()

    return step


def _check_same_logits(ours: GRUAttentionClassifier, peer: PackedGRU, loader: Any) -> None:
    batch = next(iter(loader))
    with torch.inference_mode():
        mine = ours.eval()(batch.input_ids, batch.attention_mask)
        theirs = peer.eval()(batch.input_ids, batch.lengths)
    if float((mine - theirs).abs().max()) > TOLERANCE:
        raise RuntimeError("the two models do not compute the same")


def predict_start(setting: Setting) -> Iterator[Measurement]:
    """From the command line to the class of one sentence, against Python that imports torch only."""
    run = _small_run(setting.work / "run")
    commands = [
        ["-m", "textprep", "predict", str(run), "A quiet film that stayed with me."],
        ["-c", "import torch"],
    ]
    times = [[_seconds(command) for _ in range(setting.repeats)] for command in commands]
    yield Measurement(
        "predict-start", "textprep predict on one sentence", "import torch", *times, aim="1.5 s"
    )


def _seconds(command: list[str]) -> float:
    start = perf_counter()
    subprocess.run([sys.executable, *command], check=True, capture_output=True)
    return perf_counter() - start


def _small_run(path: Path) -> Path:
    from textprep.config.experiment import parse_config
    from textprep.training.runs.experiment import train

    rows = [{"text": f"a {word} film {i}", "label": word} for i in range(50) for word in ("good", "bad")]
    if not path.exists():
        config = parse_config({"dataset": {"name": "memory", "rows": rows}}, ["training.epochs=1"])
        train(config, path, cache_dir=path.parent / "cache")
    return path
