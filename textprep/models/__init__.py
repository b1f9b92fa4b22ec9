"""Attention, the reference classifiers, and a tagger: plain ``nn.Module``s that read like the lecture."""

from textprep.models.attention import (
    AdditiveAttention,
    DotAttention,
    MultiHeadAttention,
    scaled_dot_product_attention,
)
from textprep.models.base import TextClassifier, TextModel
from textprep.models.classifier import (
    GRUAttentionClassifier,
    GRUClassifier,
    TransformerClassifier,
)
from textprep.models.encoder import BidirectionalGRU, EncoderBlock
from textprep.models.positions import LearnedPositions, SinusoidalPositions
from textprep.models.tagger import GRUTagger, TokenClassifier

MODELS: dict[str, type[TextModel]] = {
    "gru": GRUClassifier,
    "gru_attention": GRUAttentionClassifier,
    "transformer": TransformerClassifier,
    "gru_tagger": GRUTagger,
}
"""What ``model.name`` may be."""

__all__ = [
    "MODELS",
    "AdditiveAttention",
    "BidirectionalGRU",
    "DotAttention",
    "EncoderBlock",
    "GRUAttentionClassifier",
    "GRUClassifier",
    "GRUTagger",
    "LearnedPositions",
    "MultiHeadAttention",
    "SinusoidalPositions",
    "TextClassifier",
    "TextModel",
    "TokenClassifier",
    "TransformerClassifier",
    "scaled_dot_product_attention",
]
