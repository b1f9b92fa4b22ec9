"""How a line of labels is shared out among lanes, and a lane is cut into blocks."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from textprep.batches.permutation import Rows
from textprep.errors import LoaderError

if TYPE_CHECKING:
    from textprep.batches.plan import PlanOptions


class Lanes:
    """The blocks of a line: step by step the next one of each lane, as many steps for all of them.

    >>> lanes = Lanes(9, length=4, count=2)
    >>> lanes.starts(np.arange(4)).tolist(), lanes.lengths.tolist()
    ([0, 5, 4, 8], [4, 3, 1, 1])

    Args:
        labels: how long the line is.
        length: of a block; the last ones of a lane may be shorter.
        count: how many lanes there are; their lengths differ by one at most.

    Attributes:
        lengths: (N,) int64, of each block.
    """

    def __init__(self, labels: int, length: int, count: int) -> None:
        self._length, self._count = length, max(1, min(count, labels))
        each, longer = divmod(labels, self._count)
        lanes = np.arange(self._count + 1)
        self._bounds: Rows = lanes * each + np.minimum(lanes, longer)
        self._steps = -(-(each + bool(longer)) // length)
        rows = np.arange(self._steps * self._count)
        self.lengths: Rows = self.starts(rows + self._count) - self.starts(rows)

    def starts(self, rows: Rows) -> Rows:
        """(B,) int64, where blocks begin in the line; in steps behind the last, where the lanes end."""
        step, lane = np.divmod(rows, self._count)
        last = self._bounds[lane + 1] - (self._steps - step)  # so that each step after this one has a token
        starts: Rows = np.minimum(self._bounds[lane] + step * self._length, last)
        return starts

    def continues(self) -> npt.NDArray[np.bool_]:
        """(N,) bool, False for the first block of each lane, True for the others."""
        return np.arange(len(self.lengths)) >= self._count


def check_lanes(lanes: int, options: PlanOptions, world_size: int) -> None:
    """Check that the batches of a step hold one block of each lane, in their order.

    Raises:
        LoaderError: rows come in another order, or a batch has another number of them.
    """
    for option in ("shuffle", "by_length"):
        if getattr(options, option):
            raise LoaderError(
                f"lanes={lanes} follow each other in their order, which {option}=True changes",
                option=option,
                value=False,
                hint="leave it out, or give no lanes",
            )
    if options.max_tokens is not None:
        raise LoaderError(
            f"lanes={lanes} say how many rows a batch has, and so does max_tokens={options.max_tokens}",
            option="max_tokens",
            value=None,
            hint="leave it out",
        )
    size, rest = divmod(lanes, world_size)
    if rest:
        raise LoaderError(
            f"lanes={lanes} cannot be shared by {world_size} ranks",
            option="lanes",
            value=(size + 1) * world_size,
            hint="give a multiple of their number",
        )
    if options.batch_size != size:
        of_rank = f" on each of {world_size} ranks" if world_size > 1 else ""
        raise LoaderError(
            f"lanes={lanes} need a batch_size of {size}{of_rank}, not {options.batch_size}",
            option="batch_size",
            value=size,
        )
