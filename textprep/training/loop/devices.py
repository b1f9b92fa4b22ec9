"""Where tensors are: CUDA, MPS or the CPU."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from threading import Lock

import torch
from torch import Tensor, nn

from textprep.batches.batch import field_in
from textprep.errors import ConfigError


def pick_device(name: str = "auto") -> torch.device:
    """The torch device called ``name``; "auto" is CUDA, else MPS, else the CPU.

    Raises:
        ConfigError: there is no such device here.

    >>> pick_device("cpu")
    device(type='cpu')
    """
    if name == "auto":
        name = "cuda" if torch.cuda.is_available() else "mps" if torch.backends.mps.is_available() else "cpu"
    try:
        device = torch.device(name)
        torch.zeros(1, device=device).item()  # torch finds out only now whether the device is there
    except (RuntimeError, AssertionError, NotImplementedError) as error:
        cause = str(error).strip().splitlines()[0]
        raise ConfigError(f"device {name!r} cannot be used here ({cause}): use 'auto' or 'cpu'") from error
    return device


def device_of(model: nn.Module) -> torch.device:
    """Where the model's weights are."""
    return next(model.parameters()).device


def to_device(batch: Mapping[str, Tensor], model: nn.Module) -> tuple[dict[str, Tensor], Tensor]:
    """What the model is called with, and the labels, both where the model is.

    These are ids and mask, the extra columns that the model takes, and what else it reads where it is there.
    """
    device, beside = device_of(model), getattr(model, "extra_names", ())
    there = [name for name in getattr(model, "optional_names", ()) if name in batch]
    inputs = {name: batch[name].to(device) for name in (field_in(batch), "attention_mask", *beside, *there)}
    return inputs, batch["labels"].to(device)


def mixed_precision(device: torch.device, precision: str = "auto") -> AbstractContextManager[None]:
    """Inside, matrices are multiplied in bfloat16, if ``precision`` says so, or is "auto" and a GPU can.

    >>> with mixed_precision(torch.device("cpu"), "bfloat16"):
    ...     (torch.ones(2, 2) @ torch.ones(2, 2)).dtype
    torch.bfloat16
    """
    able = device.type == "cuda" and torch.cuda.is_bf16_supported()
    wanted = precision == "bfloat16" or (precision == "auto" and able)
    return torch.autocast(device.type, dtype=torch.bfloat16, enabled=wanted)


def forward_of(model: nn.Module, compiled: bool = False) -> Callable[..., Tensor]:
    """What to call for logits: the model, or what ``torch.compile`` makes of it, for any length of text."""
    return torch.compile(model, dynamic=True) if compiled else model


_moving = Lock()


def move(model: nn.Module, device: torch.device) -> None:
    """Bring ``model`` to ``device``, once: while it lies there already, other threads may be using it."""
    with _moving:
        here = device_of(model)
        if here.type != device.type or device.index not in (None, here.index):
            model.to(device)
