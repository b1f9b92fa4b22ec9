"""Tokenizer objects of ``tokenizers``, ``transformers`` and ``tiktoken``."""

from __future__ import annotations

import json
from typing import Any

from tokenizers import Tokenizer as HFTokenizer

from textprep.errors import TokenizerError, cause
from textprep.tokenizers.pretrained import tiktoken
from textprep.tokenizers.pretrained.probes import check_same
from textprep.tokenizers.pretrained.source import Source


def source_of(tokenizer: Any) -> Source:
    """The source of a tokenizer object.

    Raises:
        TokenizerError: it is of no kind that is known, or cannot be converted exactly.
    """
    if isinstance(tokenizer, HFTokenizer):
        return Source(_record(tokenizer))
    classes = {f"{each.__module__.partition('.')[0]}.{each.__name__}" for each in type(tokenizer).__mro__}
    if "transformers.PreTrainedTokenizerBase" in classes:
        return _of_transformers(tokenizer)
    if "tiktoken.Encoding" in classes:
        return _of_tiktoken(tokenizer)
    if "tokenizers.BaseTokenizer" in classes:  # a wrapper in tokenizers.implementations
        return Source(_record(tokenizer._tokenizer))
    raise TokenizerError(
        f"{tokenizer!r:.60} is not a tokenizer of tokenizers, transformers or tiktoken",
        hint="HuggingFaceTokenizer(path=...) reads files, folders and names",
    )


def _record(tokenizer: HFTokenizer) -> dict[str, Any]:
    try:
        record: dict[str, Any] = json.loads(tokenizer.to_str())
    except Exception as error:  # a part is written in Python
        raise TokenizerError(
            f"the tokenizer cannot be saved, so it cannot be used: {cause(error)}"
        ) from error
    return record


def _of_transformers(tokenizer: Any) -> Source:
    backend = getattr(tokenizer, "backend_tokenizer", None)
    if not isinstance(backend, HFTokenizer):
        backend = _converted(tokenizer)
    tokens = {name: getattr(tokenizer, name, None) for name in ("pad_token", "unk_token")}
    return Source(_record(backend), tokens)


def _converted(tokenizer: Any) -> HFTokenizer:
    """The fast form of a tokenizer that is written in Python."""
    from transformers.convert_slow_tokenizer import convert_slow_tokenizer

    try:
        return convert_slow_tokenizer(tokenizer)
    except Exception as error:  # of what it cannot convert, in whatever way
        raise TokenizerError(
            f"{type(tokenizer).__name__} is written in Python and cannot be converted: {cause(error)}",
            hint="use a model that has a tokenizer.json",
        ) from error


def _of_tiktoken(encoding: Any) -> Source:
    name = f"the encoding {encoding.name!r} of tiktoken"
    source = tiktoken.source_of(encoding._mergeable_ranks, encoding._special_tokens, encoding._pat_str, name)
    check_same(
        source,
        encoding.encode_ordinary,
        lambda text: TokenizerError(f"{name} cannot be converted exactly: on {text!r:.40} its ids differ"),
    )
    return source
