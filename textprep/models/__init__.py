"""Attention, classifiers and language models: plain ``nn.Module``s that read like the lecture."""

from textprep.models.attention import (
    AdditiveAttention,
    DotAttention,
    MultiHeadAttention,
    scaled_dot_product_attention,
)
from textprep.models.base import TextClassifier
from textprep.models.classifier import (
    MODELS,
    GRUAttentionClassifier,
    GRUClassifier,
    TransformerClassifier,
)
from textprep.models.encoder import BidirectionalGRU, EncoderBlock
from textprep.models.language import GRULanguageModel, LanguageModel, TransformerLanguageModel
from textprep.models.positions import LearnedPositions, SinusoidalPositions

__all__ = [
    "MODELS",
    "AdditiveAttention",
    "BidirectionalGRU",
    "DotAttention",
    "EncoderBlock",
    "GRUAttentionClassifier",
    "GRUClassifier",
    "GRULanguageModel",
    "LanguageModel",
    "LearnedPositions",
    "MultiHeadAttention",
    "SinusoidalPositions",
    "TextClassifier",
    "TransformerClassifier",
    "TransformerLanguageModel",
    "scaled_dot_product_attention",
]
