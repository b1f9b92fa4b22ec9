"""Attention, classifiers, a tagger, language models: plain ``nn.Module``s that read like the lecture."""

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
from textprep.models.language import GRULanguageModel, LanguageModel, TransformerLanguageModel
from textprep.models.positions import LearnedPositions, SinusoidalPositions
from textprep.models.tagger import GRUTagger, TokenClassifier

MODELS: dict[str, type[TextModel]] = {
    "gru": GRUClassifier,
    "gru_attention": GRUAttentionClassifier,
    "transformer": TransformerClassifier,
    "gru_tagger": GRUTagger,
    "gru_language_model": GRULanguageModel,
    "transformer_language_model": TransformerLanguageModel,
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
    "GRULanguageModel",
    "GRUTagger",
    "LanguageModel",
    "LearnedPositions",
    "MultiHeadAttention",
    "SinusoidalPositions",
    "TextClassifier",
    "TextModel",
    "TokenClassifier",
    "TransformerClassifier",
    "TransformerLanguageModel",
    "scaled_dot_product_attention",
]
