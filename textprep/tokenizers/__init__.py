"""Tokenizers: ``str`` → tokens → ids. They reach the registry by the hook that plugins use."""

from __future__ import annotations

from textprep.hookspecs import hookimpl
from textprep.tokenizers.base import Tokenizer
from textprep.tokenizers.bpe import BPETokenizer
from textprep.tokenizers.char import CharTokenizer
from textprep.tokenizers.huggingface import HuggingFaceTokenizer
from textprep.tokenizers.word import WordTokenizer

__all__ = ["BPETokenizer", "CharTokenizer", "HuggingFaceTokenizer", "Tokenizer", "WordTokenizer"]


@hookimpl
def textprep_tokenizers() -> dict[str, type[Tokenizer]]:
    """The built-in tokenizers by name."""
    return {
        "word": WordTokenizer,
        "char": CharTokenizer,
        "bpe": BPETokenizer,
        "huggingface": HuggingFaceTokenizer,
    }
