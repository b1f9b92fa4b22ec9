"""textprep turns raw text into padded training batches: once, fast, and the same way every time.

The front door: every public name, each imported from its room when it is first used, so that
``import textprep`` costs nothing and only those who touch batches or models import torch.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

from textprep._version import __version__

if TYPE_CHECKING:
    from textprep import models as models
    from textprep import testing as testing
    from textprep import training as training
    from textprep.batches.batch import Batch as Batch
    from textprep.batches.layout import Layout as Layout
    from textprep.batches.loader import BatchLoader as BatchLoader
    from textprep.batches.torch_data import BatchSampler as BatchSampler
    from textprep.batches.torch_data import Collate as Collate
    from textprep.batches.torch_data import RowDataset as RowDataset
    from textprep.datasets.about import dataset as dataset
    from textprep.datasets.corpus import Corpus as Corpus
    from textprep.datasets.downloads import download as download
    from textprep.datasets.loading import load_dataset as load_dataset
    from textprep.errors import TextprepError as TextprepError
    from textprep.explanation.explain import Explanation as Explanation
    from textprep.hookspecs import hookimpl as hookimpl
    from textprep.pipeline import Pipeline as Pipeline
    from textprep.preparation.prepare import prepare as prepare
    from textprep.preparation.store import PreparedDataset as PreparedDataset
    from textprep.ragged import Ragged as Ragged
    from textprep.steps.base import Step as Step
    from textprep.steps.characters import Casefold as Casefold
    from textprep.steps.characters import Lowercase as Lowercase
    from textprep.steps.characters import NormalizeQuotes as NormalizeQuotes
    from textprep.steps.characters import StripControl as StripControl
    from textprep.steps.characters import StripPunctuation as StripPunctuation
    from textprep.steps.contractions import ExpandContractions as ExpandContractions
    from textprep.steps.edits import Edit as Edit
    from textprep.steps.emoji import NameEmoji as NameEmoji
    from textprep.steps.emoji import StripEmoji as StripEmoji
    from textprep.steps.entities import ReplaceEmails as ReplaceEmails
    from textprep.steps.entities import ReplaceHashtags as ReplaceHashtags
    from textprep.steps.entities import ReplaceMentions as ReplaceMentions
    from textprep.steps.entities import ReplaceNumbers as ReplaceNumbers
    from textprep.steps.entities import ReplaceUrls as ReplaceUrls
    from textprep.steps.function import step as step
    from textprep.steps.markup import StripMarkup as StripMarkup
    from textprep.steps.patterns import ReplacePattern as ReplacePattern
    from textprep.steps.unicode import FixMojibake as FixMojibake
    from textprep.steps.unicode import NormalizeUnicode as NormalizeUnicode
    from textprep.steps.unicode import StripAccents as StripAccents
    from textprep.steps.whitespace import CollapseWhitespace as CollapseWhitespace
    from textprep.steps.words import CollapseRepeats as CollapseRepeats
    from textprep.steps.words import RemoveStopwords as RemoveStopwords
    from textprep.steps.words import Stem as Stem
    from textprep.steps.words import TruncateWords as TruncateWords
    from textprep.tokenizers.base import Tokenizer as Tokenizer
    from textprep.tokenizers.bpe import BPETokenizer as BPETokenizer
    from textprep.tokenizers.char import CharTokenizer as CharTokenizer
    from textprep.tokenizers.huggingface import HuggingFaceTokenizer as HuggingFaceTokenizer
    from textprep.tokenizers.word import WordTokenizer as WordTokenizer
    from textprep.vocabulary import Vocabulary as Vocabulary

_ROOMS = {
    "BPETokenizer": "textprep.tokenizers.bpe",
    "Batch": "textprep.batches.batch",
    "BatchLoader": "textprep.batches.loader",
    "BatchSampler": "textprep.batches.torch_data",
    "Casefold": "textprep.steps.characters",
    "CharTokenizer": "textprep.tokenizers.char",
    "CollapseRepeats": "textprep.steps.words",
    "Collate": "textprep.batches.torch_data",
    "Layout": "textprep.batches.layout",
    "CollapseWhitespace": "textprep.steps.whitespace",
    "Corpus": "textprep.datasets.corpus",
    "Edit": "textprep.steps.edits",
    "ExpandContractions": "textprep.steps.contractions",
    "Explanation": "textprep.explanation.explain",
    "FixMojibake": "textprep.steps.unicode",
    "HuggingFaceTokenizer": "textprep.tokenizers.huggingface",
    "Lowercase": "textprep.steps.characters",
    "NameEmoji": "textprep.steps.emoji",
    "NormalizeQuotes": "textprep.steps.characters",
    "NormalizeUnicode": "textprep.steps.unicode",
    "Pipeline": "textprep.pipeline",
    "PreparedDataset": "textprep.preparation.store",
    "Ragged": "textprep.ragged",
    "RemoveStopwords": "textprep.steps.words",
    "ReplaceEmails": "textprep.steps.entities",
    "ReplaceHashtags": "textprep.steps.entities",
    "ReplaceMentions": "textprep.steps.entities",
    "ReplaceNumbers": "textprep.steps.entities",
    "ReplacePattern": "textprep.steps.patterns",
    "ReplaceUrls": "textprep.steps.entities",
    "Stem": "textprep.steps.words",
    "RowDataset": "textprep.batches.torch_data",
    "Step": "textprep.steps.base",
    "StripAccents": "textprep.steps.unicode",
    "StripControl": "textprep.steps.characters",
    "StripEmoji": "textprep.steps.emoji",
    "StripMarkup": "textprep.steps.markup",
    "StripPunctuation": "textprep.steps.characters",
    "TextprepError": "textprep.errors",
    "Tokenizer": "textprep.tokenizers.base",
    "TruncateWords": "textprep.steps.words",
    "Vocabulary": "textprep.vocabulary",
    "WordTokenizer": "textprep.tokenizers.word",
    "dataset": "textprep.datasets.about",
    "download": "textprep.datasets.downloads",
    "hookimpl": "textprep.hookspecs",
    "load_dataset": "textprep.datasets.loading",
    "prepare": "textprep.preparation.prepare",
    "step": "textprep.steps.function",
}
_SUBPACKAGES = ("models", "testing", "training")

__all__ = [
    "BPETokenizer",
    "Batch",
    "BatchLoader",
    "BatchSampler",
    "Casefold",
    "CharTokenizer",
    "CollapseRepeats",
    "CollapseWhitespace",
    "Collate",
    "Corpus",
    "Edit",
    "ExpandContractions",
    "Explanation",
    "FixMojibake",
    "HuggingFaceTokenizer",
    "Layout",
    "Lowercase",
    "NameEmoji",
    "NormalizeQuotes",
    "NormalizeUnicode",
    "Pipeline",
    "PreparedDataset",
    "Ragged",
    "RemoveStopwords",
    "ReplaceEmails",
    "ReplaceHashtags",
    "ReplaceMentions",
    "ReplaceNumbers",
    "ReplacePattern",
    "ReplaceUrls",
    "RowDataset",
    "Stem",
    "Step",
    "StripAccents",
    "StripControl",
    "StripEmoji",
    "StripMarkup",
    "StripPunctuation",
    "TextprepError",
    "Tokenizer",
    "TruncateWords",
    "Vocabulary",
    "WordTokenizer",
    "__version__",
    "dataset",
    "download",
    "hookimpl",
    "load_dataset",
    "models",
    "prepare",
    "step",
    "testing",
    "training",
]


def __getattr__(name: str) -> Any:
    if name in _SUBPACKAGES:
        return importlib.import_module(f"textprep.{name}")
    if name in _ROOMS:
        return getattr(importlib.import_module(_ROOMS[name]), name)
    raise AttributeError(_unknown(name))


def _unknown(name: str) -> str:
    from difflib import get_close_matches

    like = get_close_matches(name, __all__, n=1)
    return f"module 'textprep' has no attribute {name!r}" + (f"; did you mean {like[0]!r}?" if like else "")


def __dir__() -> list[str]:
    return __all__
