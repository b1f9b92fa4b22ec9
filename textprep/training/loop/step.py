"""One step of training: what happens between two batches.

Shapes are written with B texts a batch, T tokens a text, C classes.
"""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import Tensor, nn

from textprep.config.options import TrainingOptions
from textprep.errors import ConfigError
from textprep.training.loop import processes
from textprep.training.loop.adversary import embedding_of, moved, watched, worst_move
from textprep.training.loop.devices import device_of, forward_of, mixed_precision, to_device
from textprep.training.loop.schedule import learning_rate
from textprep.training.loop.session import Session
from textprep.training.targets.base import Loss


class OptimizerStep:
    """One step of the optimizer: the gradients of a few batches, clipped, and the weights moved against them.

    Attributes:
        session: what is trained.
        loss_now: of the last step, a mean over its rows.
        norm: of its gradients, before clipping.
    """

    def __init__(
        self, session: Session, options: TrainingOptions, loss: Loss, unk_id: int | None = 1
    ) -> None:
        if options.word_dropout and unk_id is None:
            raise ConfigError(
                "training.word_dropout makes words unknown, and the vocabulary has no token for that",
                option="training.word_dropout",
                hint="leave it out",
            )
        self.session, self.options, self.loss, self.unk_id = session, options, loss, unk_id
        self.forward = forward_of(session.model, options.compile)
        moves = options.adversarial and not options.compile  # a compiled model hides its embeddings
        self.embedding = embedding_of(session.model) if moves else None
        self.precision = mixed_precision(device_of(session.model), options.precision)
        self.loss_now = self.norm = 0.0

    def __call__(self, batches: list[Mapping[str, Tensor]], done: float) -> None:
        """Learn from ``batches`` when the share ``done`` of all training is done."""
        session, options = self.session, self.options
        model, optimizer = session.model, session.optimizer
        optimizer.zero_grad()
        sums = torch.stack([self._backward(batch) for batch in batches]).sum(dim=0)  # loss and weight
        make_dense(model)
        processes.add_up_gradients(model, sums)
        total, weight = sums.tolist()
        self.loss_now, self.norm = total / (weight or 1), scale(model, weight or 1, options.clip_norm)
        for group in optimizer.param_groups:
            group["lr"] = learning_rate(done, options)
        optimizer.step()
        if session.average:
            session.average.update(session.step)
        session.step += 1
        session.batch += len(batches)

    def _backward(self, batch: Mapping[str, Tensor]) -> Tensor:
        """Add up the gradients of a batch's summed loss; returns that and what it weighs, (2,)."""
        batch = processes.share(batch, self.session.objective.target.missing)
        inputs, labels = to_device(batch, self.session.model)
        if self.options.word_dropout and self.unk_id is not None:
            inputs["input_ids"] = drop_words(
                inputs["input_ids"], inputs["attention_mask"], self.unk_id, share=self.options.word_dropout
            )
        if self.embedding is None:
            return self._learn(batch, inputs, labels)
        with watched(self.embedding) as seen:
            learned = self._learn(batch, inputs, labels)
        with moved(self.embedding, [worst_move(embedded, self.options.adversarial) for embedded in seen]):
            self.loss(self._logits(inputs, batch), labels)[0].backward()  # type: ignore[no-untyped-call]
        return learned

    def _learn(self, batch: Mapping[str, Tensor], inputs: dict[str, Tensor], labels: Tensor) -> Tensor:
        logits = self._logits(inputs, batch)
        self.session.objective.check(batch, logits.shape[-1])
        total, weight = self.loss(logits, labels)
        total.backward()  # type: ignore[no-untyped-call]
        self.session.tally.add(logits, labels, total, weight)
        return torch.stack([total.detach(), weight])

    def _logits(self, inputs: dict[str, Tensor], batch: Mapping[str, Tensor]) -> Tensor:
        """(B, C), or (B, T, C) where the target is per token."""
        session = self.session
        with self.precision:
            return session.carried(session.model, inputs, batch, self.forward)


def drop_words(input_ids: Tensor, attention_mask: Tensor, unk_id: int, *, share: float) -> Tensor:
    """Ids (B, T) in which a random ``share`` of the real tokens is ``unk_id``."""
    dropped = torch.rand(input_ids.shape, device=input_ids.device) < share
    return input_ids.masked_fill(dropped & attention_mask.bool(), unk_id)


def make_dense(model: nn.Module) -> None:
    """Make gradients dense that ``nn.Embedding(…, sparse=True)`` gives: AdamW takes no others."""
    for weights in model.parameters():
        if weights.grad is not None and weights.grad.is_sparse:
            weights.grad = weights.grad.to_dense()


def scale(model: nn.Module, weight: float, clip_norm: float) -> float:
    """Make summed gradients those of the mean, no longer than ``clip_norm``; returns their length before."""
    gradients = [weights.grad for weights in model.parameters() if weights.grad is not None]
    norm = float(nn.utils.get_total_norm(gradients)) / weight
    for gradient in gradients:
        gradient.mul_(min(1.0, clip_norm / (norm + 1e-6)) / weight)
    return norm
