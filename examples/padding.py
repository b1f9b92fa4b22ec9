"""Does padding change the answer? The usual GRU fails: it takes the state of the last column, padding or not.

python examples/padding.py
"""

from __future__ import annotations

import torch
from torch import nn

import textprep as tp
from textprep.testing import assert_padding_invariant


class LastTimeStep(nn.Module):
    """As found in many notebooks: the GRU reads padding as if it were text, and only its end counts."""

    def __init__(self, vocab_size: int, num_classes: int) -> None:
        super().__init__()
        self.embedding = nn.Embedding(vocab_size, 32, padding_idx=0)
        self.gru = nn.GRU(32, 32, batch_first=True)
        self.head = nn.Linear(32, num_classes)

    def forward(self, input_ids: torch.Tensor) -> torch.Tensor:
        """(B, T) ids → (B, C) logits."""
        states, _ = self.gru(self.embedding(input_ids))  # (B, T, 32)
        return self.head(states[:, -1])


def main() -> str:
    """Check both models; returns what is said about the usual one."""
    torch.manual_seed(0)
    ours = tp.models.GRUAttentionClassifier(vocab_size=1000, num_classes=2)
    assert_padding_invariant(ours)
    print("GRUAttentionClassifier: the same logits alone, in any batch, padded left or right")
    try:
        assert_padding_invariant(LastTimeStep(vocab_size=1000, num_classes=2))
    except AssertionError as error:
        print(error)
        return str(error)
    return ""


if __name__ == "__main__":
    main()
