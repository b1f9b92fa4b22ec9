"""Options of a configuration that decide how text is read, where the tokenizer's file says something else."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from textprep.tokenizers.pretrained.source import Config, Record

# Classes of transformers with options for lower case, accents and Chinese characters, and their defaults.
_LIKE_BERT = {"bert", "convbert", "distilbert", "electra", "funnel", "layoutlm", "lxmert", "mobilebert"}
_LIKE_BERT |= {"mpnet", "retribert", "squeezebert", "splinter"}
_OF_BERT = {
    "lowercase": ("do_lower_case", True),
    "strip_accents": ("strip_accents", None),
    "handle_chinese_chars": ("tokenize_chinese_chars", True),
}
_OF_ANY_MODEL = ("", "pretrainedtokenizer", "tokenizersbackend", "pretrained")  # they read the file as it is


def with_text_options(record: Record, config: Config) -> Record:
    """``record`` as the class that ``config`` names reads text."""
    kind = kind_of(config)
    if kind in _LIKE_BERT:
        return _changed(record, "normalizer", lambda part: _as_bert(part, config))
    if kind in _OF_ANY_MODEL or "add_prefix_space" not in config:
        return record
    return _changed(
        record, "pre_tokenizer", lambda part: _with_prefix(part, bool(config["add_prefix_space"]))
    )


def kind_of(config: Config) -> str:
    """The class of ``transformers`` without what all of them end with."""
    name = str(config.get("tokenizer_class") or config.get("model_type") or "").lower()
    return name.removesuffix("fast").removesuffix("tokenizer")


def _changed(record: Record, name: str, change: Callable[[Any], Any]) -> Record:
    """``record`` with a part, or each of a sequence of parts, changed."""
    part = record.get(name)
    if not isinstance(part, dict):
        return record
    for listed in ("normalizers", "pretokenizers"):
        if listed in part:
            return record | {name: part | {listed: [change(each) for each in part[listed]]}}
    return record | {name: change(part)}


def bert_normalizer(config: Config) -> dict[str, Any]:
    """That of a BERT with the options of ``config``; lower case, unless it says otherwise."""
    options = {ours: config.get(theirs, default) for ours, (theirs, default) in _OF_BERT.items()}
    return {"type": "BertNormalizer", "clean_text": True, **options}


def _as_bert(part: dict[str, Any], config: Config) -> dict[str, Any]:
    return part | bert_normalizer(config) if part.get("type") == "BertNormalizer" else part


def _with_prefix(part: dict[str, Any], prefix: bool) -> dict[str, Any]:
    if part.get("type") == "ByteLevel":
        return part | {"add_prefix_space": prefix}
    if part.get("type") == "Metaspace" and prefix == (part.get("prepend_scheme") == "never"):
        return part | {"prepend_scheme": "always" if prefix else "never"}
    return part
