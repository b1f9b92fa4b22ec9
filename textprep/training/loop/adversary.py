"""Adversarial training: learn each text once more, its embeddings moved to where the loss grows fastest.

Miyato, Dai and Goodfellow, "Adversarial training methods for semi-supervised text classification" (ICLR
2017, https://arxiv.org/abs/1605.07725). Their move has one length, for embeddings of one scale; here it is a
share of the text's own embeddings, so that neither their scale nor the text's length matters.

Shapes are written with B texts a batch, T tokens a text, E embedding features.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import torch
from torch import Tensor, nn

FLAT = 1e-16  # a slope below it says nothing: the squares that make it up are rounded away in float32


def embedding_of(model: nn.Module) -> nn.Embedding | None:
    """The model's first embedding, which is that of its tokens; None where it has none, or reads numbers."""
    if getattr(model, "features", None) is not None:
        return None
    return next((module for module in model.modules() if isinstance(module, nn.Embedding)), None)


@contextmanager
def watched(embedding: nn.Embedding) -> Iterator[list[Tensor]]:
    """What comes out of ``embedding`` in here, (B, T, E) a call, with the gradients that reach it later."""
    seen: list[Tensor] = []

    def keep(module: nn.Module, inputs: Any, embedded: Tensor) -> Tensor:
        seen.append(embedded)
        if not embedded.requires_grad:  # frozen; a copy goes on, which may be changed in place
            return embedded.requires_grad_().clone()
        embedded.retain_grad()
        return embedded

    handle = embedding.register_forward_hook(keep)
    try:
        yield seen
    finally:
        handle.remove()


@contextmanager
def moved(embedding: nn.Embedding, moves: Sequence[Tensor]) -> Iterator[None]:
    """What comes out of ``embedding`` in here has the next of ``moves`` added, as long as there is one."""
    left = iter(moves)
    handle = embedding.register_forward_hook(lambda module, inputs, embedded: embedded + next(left, 0))
    try:
        yield
    finally:
        handle.remove()


def worst_move(embedded: Tensor, share: float) -> Tensor:
    """(B, T, E) along the gradient of ``embedded``, as long as ``share`` of each text's embeddings.

    Where a text is learned so well that it has hardly any gradient, the move is shorter.

    >>> embedded = torch.tensor([[[3.0, 4.0]]], requires_grad=True)
    >>> embedded.square().sum().backward()
    >>> worst_move(embedded, share=0.1)
    tensor([[[0.3000, 0.4000]]])
    """
    gradient = embedded.grad
    if gradient is None:  # the loss does not depend on it
        return torch.zeros_like(embedded)
    slope, length = (of.flatten(1).norm(dim=1)[:, None, None] for of in (gradient, embedded.detach()))
    move: Tensor = share * length * gradient / slope.clamp(min=max(FLAT, torch.finfo(gradient.dtype).tiny))
    return move
