"""In what two records differ that digests are made of, field by field, for people."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple


class Difference(NamedTuple):
    """One field of what two stores are made of.

    >>> print(Difference("steps[1].version", 1, 2))
    steps[1].version 1 → 2
    >>> print(Difference("splits.train.content", "0" * 32, "1" * 32))
    splits.train.content
    """

    field: str
    before: Any
    after: Any

    def __str__(self) -> str:
        if _is_digest(self.before) or _is_digest(self.after):
            return self.field
        return f"{self.field} {_short(self.before)} → {_short(self.after)}"


def differences(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[Difference]:
    """In what two records of `textprep.preparation.fingerprint.made_of` differ, field by field.

    >>> old = {"tokenizer": {"name": "bpe", "options": {"vocab_size": 8000}}}
    >>> new = {"tokenizer": {"name": "bpe", "options": {"vocab_size": 16000}}}
    >>> [str(difference) for difference in differences(old, new)]
    ['tokenizer.options.vocab_size 8000 → 16000']
    """
    return list(_compare("", before, after))


def _compare(field: str, before: Any, after: Any) -> Iterator[Difference]:
    if json.dumps(before) == json.dumps(after):
        return
    if isinstance(before, Mapping) and isinstance(after, Mapping) and _name(before) == _name(after):
        keys = [*before, *(key for key in after if key not in before)]
        found = [d for key in keys for d in _compare(_join(field, key), before.get(key), after.get(key))]
        yield from found or [Difference(field, list(before), list(after))]  # only the order differs
    elif _are_components(before, after) and list(map(_name, before)) == list(map(_name, after)):
        for position, pair in enumerate(zip(before, after, strict=True)):
            yield from _compare(f"{field}[{position}]", *pair)
    else:
        yield Difference(field, _named(before), _named(after))


def _join(field: str, key: str) -> str:
    return f"{field}.{key}" if field else key


def _are_components(*lists: Any) -> bool:
    return all(isinstance(items, list) and all(map(_name, items)) for items in lists)


def _name(value: Any) -> Any:
    """The name of a step or tokenizer."""
    return value.get("name") if isinstance(value, Mapping) and "version" in value else None


def _named(value: Any) -> Any:
    """Steps and tokenizers by their names."""
    if isinstance(value, list):
        return [_name(item) or item for item in value]
    return _name(value) or value


def _is_digest(value: Any) -> bool:
    return isinstance(value, str) and re.fullmatch("[0-9a-f]{32}", value) is not None


def _short(value: Any) -> str:
    text = "none" if value is None else value if isinstance(value, str) else json.dumps(value)
    return text if len(text) <= 100 else text[:99] + "…"
