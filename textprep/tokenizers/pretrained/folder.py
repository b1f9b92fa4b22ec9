"""The folder of a model: its tokenizer's file, and what the files around it change."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from textprep.errors import TokenizerError
from textprep.tokenizers.pretrained.added_tokens import with_tokens
from textprep.tokenizers.pretrained.source import Record, Source
from textprep.tokenizers.pretrained.text_options import with_text_options

FILES = ("tokenizer.json", "vocab.txt", "*.tiktoken", "*.model")
CONFIGS = ("tokenizer_config.json", "special_tokens_map.json", "added_tokens.json", "config.json")


def tokenizer_file(folder: Path) -> Path | None:
    """The file that holds the tokenizer, the one that says most first."""
    return next((path for name in FILES for path in sorted(folder.glob(name))), None)


def configured(record: Record, folder: Path) -> Source:
    """The tokenizer as `transformers.AutoTokenizer` loads it from that folder.

    Raises:
        TokenizerError: a file there is damaged, or ``record`` is not a tokenizer.
    """
    config = configuration(folder)
    name = str(folder / "tokenizer.json")
    return Source(with_tokens(with_text_options(record, config), config, name), config, name)


def configuration(folder: Path) -> dict[str, Any]:
    """The contents of ``tokenizer_config.json``, completed from the older files."""
    config = _read(folder, "tokenizer_config.json")
    model = _read(folder, "config.json")
    of_model = ((key, model[key]) for key in ("tokenizer_class", "model_type") if model.get(key))
    config = dict(of_model) | {key: value for key, value in config.items() if value is not None}
    if "added_tokens_decoder" in config:
        return config
    config |= _read(folder, "special_tokens_map.json")
    return config | {"added_tokens_decoder": dict(_added(_read(folder, "added_tokens.json")))}


def _added(ids: dict[str, int]) -> Iterator[tuple[str, dict[str, Any]]]:
    for token, i in ids.items():
        yield str(i), {"content": token, "special": False, "normalized": True}


def _read(folder: Path, name: str) -> dict[str, Any]:
    path = folder / name
    if not path.exists():
        return {}
    try:
        record = json.loads(path.read_text(encoding="utf-8-sig"))
    except (OSError, ValueError) as error:
        raise TokenizerError(f"cannot read {path}: {error}", file=str(path), option="path") from error
    if not isinstance(record, dict):
        raise TokenizerError(f"{path} is not a configuration: it holds {record!r:.40}", file=str(path))
    return record
