"""Attention and the reference classifier: plain ``nn.Module``s that read like the lecture."""

from textprep.models.attention import AdditiveAttention
from textprep.models.classifier import GRUAttentionClassifier

__all__ = ["AdditiveAttention", "GRUAttentionClassifier"]
