"""The state that a recurrent model carries from one batch to the next.

Where batches have the field ``continues`` (B,), rows go on where the same rows of the batch before stopped,
see `textprep.batches.blocks.Blocks`. Shapes are written with B rows a batch, H hidden units.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from torch import Tensor, nn

CONTINUES = "continues"


class Carried:
    """Calls a model, a recurrent one with the state in which the batch before has left it.

    No gradient flows from one batch to another (truncated backpropagation through time: Williams and Peng,
    "An efficient gradient-based algorithm for on-line training of recurrent network trajectories", 1990).

    Attributes:
        state: (B, H) after the last batch; None where nothing is carried.
    """

    def __init__(self) -> None:
        self.state: Tensor | None = None

    def __call__(
        self,
        model: nn.Module,
        inputs: Mapping[str, Tensor],
        batch: Mapping[str, Tensor],
        forward: Callable[..., Any] | None = None,
    ) -> Tensor:
        """What ``model`` makes of ``inputs``, which are of ``batch``; by ``forward``, if it is compiled."""
        call = model if forward is None else forward
        if CONTINUES not in batch or not getattr(model, "recurrent", False):
            outputs: Tensor = call(**inputs)
            return outputs
        outputs, state = call(**inputs, state=self._before(batch[CONTINUES]), return_state=True)
        self.state = state.detach()
        return outputs

    def _before(self, continues: Tensor) -> Tensor | None:
        """(B, H), zeros in the rows that begin anew."""
        if self.state is None:
            return None
        return self.state * continues.to(self.state).unsqueeze(1)
