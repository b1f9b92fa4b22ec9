"""Tokens that a configuration names and the tokenizer's file lacks: they get ids after all others."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from tokenizers import AddedToken

from textprep.tokenizers.pretrained.source import Config, Record, backend_of, token_name

_NAMED = ("bos_token", "eos_token", "unk_token", "sep_token", "pad_token", "cls_token", "mask_token")
_FLAGS = ("single_word", "lstrip", "rstrip", "normalized", "special")


def with_tokens(record: Record, config: Config, name: str) -> Record:
    """``record`` with those that it lacks, with the ids that ``tokenizers`` gives them."""
    known = {token["content"] for token in record.get("added_tokens") or []}
    lacking = {token["content"]: token for token in _named(config) if token["content"] not in known}
    if not lacking:
        return record
    backend = backend_of(record, name=name)
    backend.add_tokens([AddedToken(**token) for token in lacking.values()])
    more = [
        {"id": backend.token_to_id(content), "content": content, **{flag: token[flag] for flag in _FLAGS}}
        for content, token in lacking.items()
    ]
    return record | {"added_tokens": [*(record.get("added_tokens") or []), *more]}


def _named(config: Config) -> Iterator[dict[str, Any]]:
    added = config.get("added_tokens_decoder") or {}
    for token in _in_order(added.items()):
        yield _with_flags(token)
    more = config.get("extra_special_tokens") or config.get("additional_special_tokens") or []
    extra = more.values() if isinstance(more, dict) else more
    for token in [*(config.get(key) for key in _NAMED), *extra]:
        if token_name(token) is not None:
            yield _with_flags(token) | {"special": True}


def _in_order(added: Iterable[tuple[str, Any]]) -> list[Any]:
    return [token for _, token in sorted(added, key=lambda item: int(item[0]))]


def _with_flags(token: Any) -> dict[str, Any]:
    given = token if isinstance(token, dict) else {}
    flags = {flag: bool(given.get(flag, False)) for flag in _FLAGS}
    return {"content": str(token_name(token)), **flags}
