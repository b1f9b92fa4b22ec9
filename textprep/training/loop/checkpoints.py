"""Where a training is kept, so that it can go on."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from textprep.training.loop.session import Session


class Checkpoints:
    """The checkpoint of a session: one file, written before the first step and again at every `keep`.

    Args:
        session: what is kept. Where the file is there already, the session goes on from it.
        path: the file; None keeps nothing.

    Attributes:
        step: the training is kept up to there; None where it is not kept.

    Raises:
        RunError: the checkpoint cannot be read or written, or is of other options.
    """

    def __init__(self, session: Session, path: Path | None) -> None:
        self.session, self.path = session, path
        self.step: int | None = None
        if path and path.exists():
            session.restore(path)
            self.step = session.step
        else:
            self.keep()

    def keep(self, loader: Any = None) -> None:
        """Write the checkpoint of now, between two steps.

        Args:
            loader: gives the training batches; in the middle of an epoch alone it matters where it is.
        """
        if self.path:
            self.session.save(self.path, loader)
            self.step = self.session.step
