"""Several processes that train one model, as ``torchrun`` starts them: each takes its share of every batch.

All processes go through the same batches. Each computes the gradients of its own rows, the sums of all are
added up, and so every step is that of one process with the whole batch, to float tolerance.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import torch
import torch.distributed.nn.functional  # before there is a group: its functions keep that of their import
from torch import Tensor, distributed, nn

from textprep.batches.batch import field_in
from textprep.errors import ConfigError


@contextmanager
def joined() -> Iterator[None]:
    """Inside, the processes that ``torchrun`` started together know each other.

    Afterwards the group is gone, and its threads with it: one that still lets go of a tensor when the
    interpreter ends would abort the process.
    """
    if not _started_by_torchrun() or distributed.is_initialized():
        yield
        return
    if torch.cuda.is_available():
        torch.cuda.set_device(int(os.environ["LOCAL_RANK"]))
    distributed.init_process_group("cpu:gloo,cuda:nccl" if torch.cuda.is_available() else "gloo")
    try:
        yield
    finally:
        distributed.destroy_process_group()


def rank() -> int:
    """Which process this is, from 0; the one that writes files and speaks is 0."""
    if distributed.is_initialized():
        return distributed.get_rank()
    return int(os.environ["RANK"]) if _started_by_torchrun() else 0


def _started_by_torchrun() -> bool:
    return "TORCHELASTIC_RUN_ID" in os.environ


def started() -> int:
    """How many processes ``torchrun`` has started, whether they know each other yet or not."""
    return int(os.environ["WORLD_SIZE"]) if _started_by_torchrun() else 1


def count() -> int:
    """How many processes train together."""
    return distributed.get_world_size() if distributed.is_initialized() else 1


def share(batch: Mapping[str, Tensor], missing: float) -> Mapping[str, Tensor]:
    """The rows of this process: every `count`-th. Where it has none, one whose label is ``missing``.

    Raises:
        ConfigError: the processes have different batches: a loader has divided them already.
    """
    if count() == 1:
        return batch
    _check_same(batch)
    mine = torch.arange(len(batch["labels"]))[rank() :: count()]
    if len(mine):
        return {name: tensor[mine] for name, tensor in batch.items()}
    some = {name: tensor[:1] for name, tensor in batch.items()}
    return {**some, "labels": torch.full_like(some["labels"], missing)}


def _check_same(batch: Mapping[str, Tensor]) -> None:
    """Rows that one process alone has would be lost."""
    ids = batch[field_in(batch)]
    mark = torch.tensor([*ids.shape, int(ids.sum())])
    if any(not torch.equal(mark, other) for other in from_all(mark)):
        raise ConfigError(
            "all processes must get the same batches: make the loader with rank=0, world_size=1"
        )


def add_up(*tensors: Tensor) -> None:
    """Replace each tensor by the sum of it over all processes."""
    if count() > 1:
        for tensor in tensors:
            distributed.all_reduce(tensor)


def add_up_gradients(model: nn.Module, sums: Tensor) -> None:
    """Add up the gradients of all processes, and ``sums`` (N,), as one flat tensor."""
    if count() == 1:
        return
    parts = [sums, *[weights.grad for weights in model.parameters() if weights.grad is not None]]
    flat = torch.cat([part.flatten() for part in parts])
    add_up(flat)
    start = 0
    for part in parts:
        part.copy_(flat[start : start + part.numel()].view_as(part))
        start += part.numel()


def from_all(tensor: Tensor) -> list[Tensor]:
    """The tensors of all processes, by rank."""
    if count() == 1:
        return [tensor]
    gathered = [torch.empty_like(tensor) for _ in range(count())]
    distributed.all_gather(gathered, tensor)
    return gathered


def from_first(value: Any) -> Any:
    """``value``, plain JSON values, as the first process has it."""
    if count() == 1:
        return value
    content = torch.tensor(list(json.dumps(value).encode()), dtype=torch.uint8)
    size = torch.tensor([len(content)])
    distributed.broadcast(size, 0)
    content = content if rank() == 0 else torch.empty(int(size), dtype=torch.uint8)
    distributed.broadcast(content, 0)
    return json.loads(bytes(content.tolist()))
