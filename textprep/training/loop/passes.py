"""How training goes through a loader: from where it stopped, a few batches at a time.

A loader is any iterable of mappings; what more it can do (a length, ``set_epoch``, ``state_dict``) is used.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sized
from itertools import islice
from typing import Any

from torch import Tensor

from textprep.training.loop.session import Session

Loader = Iterable[Mapping[str, Tensor]]


def rest_of_epoch(session: Session, loader: Any) -> Iterator[Mapping[str, Tensor]]:
    """The batches of the epoch under way that are not done; a loader with a state skips none one by one."""
    if hasattr(loader, "set_epoch"):
        loader.set_epoch(session.epoch)
    done, size = session.batch, size_of(loader)
    if done and session.loader_state and done != size:
        loader.load_state_dict(session.loader_state)
        done = 0
    return islice(iter(loader), done, None)


def in_groups(batches: Iterable[Any], size: int) -> Iterator[list[Any]]:
    """Lists of ``size`` batches, the last one perhaps of fewer."""
    batches = iter(batches)
    while group := list(islice(batches, size)):
        yield group


def size_of(loader: Loader) -> int | None:
    """How many batches a pass has, where the loader knows."""
    return len(loader) if isinstance(loader, Sized) else None
