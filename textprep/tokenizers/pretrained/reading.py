"""A path or a name as a `Source`: what lies there says itself what it is."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from textprep.errors import TokenizerError
from textprep.storage.files import local_path
from textprep.tokenizers.pretrained import folder, gpt2, hub, sentencepiece, tiktoken, wordpiece
from textprep.tokenizers.pretrained.source import Source

_HEAD = 4096  # bytes that say what a file is
_KINDS = (
    "a tokenizer.json, a vocab.txt of BERT, a file of tiktoken, or the .model of a SentencePiece BPE; "
    "or the folder of a model that has one of them, or the vocab.json and merges.txt of a GPT-2 or RoBERTa"
)


def read(path: Path, pattern: str | None = None) -> Source:
    """Read the file, the folder or the hub name ``path``.

    Args:
        path: where it is.
        pattern: how a tiktoken file that is not known cuts texts.

    Raises:
        TokenizerError: there is nothing, or nothing that can be converted exactly.
    """
    local = local_path(path, TokenizerError)
    if local.is_dir():
        return _of_folder(local, pattern)
    if not local.exists() and hub.is_name(path):
        return _of_folder(hub.fetch(path.as_posix()), pattern)
    return _of_file(local, pattern)


def _of_folder(path: Path, pattern: str | None) -> Source:
    found = folder.tokenizer_file(path)
    if gpt2.is_folder(path) and (found is None or found.name != "tokenizer.json"):
        return gpt2.read(path)
    if found is None:
        raise TokenizerError(
            f"the folder {path} has no tokenizer: there is no {', '.join((*folder.FILES, *gpt2.FILES))}",
            file=str(path),
            option="path",
            hint="save one there with tokenizer.save_pretrained(folder), or give another folder",
        )
    if found.name == "tokenizer.json":
        return folder.configured(_json_of(found), path)
    return _of_file(found, pattern)


def _of_file(path: Path, pattern: str | None) -> Source:
    try:
        with path.open("rb") as file:
            head = file.read(_HEAD)
        if path.name in gpt2.FILES and gpt2.is_folder(path.parent):
            return gpt2.read(path.parent)
        if wordpiece.is_file(head) or path.suffix == ".txt":
            return wordpiece.read(path)
        if head.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] in (b"{", b"["):
            return Source(_json_of(path), name=str(path))
        if tiktoken.is_file(head):
            return tiktoken.read(path, pattern)
        if sentencepiece.is_file(head):
            return sentencepiece.read(path)
    except OSError as error:
        raise TokenizerError(
            f"cannot read {path}: {error.strerror}", file=str(path), option="path"
        ) from error
    raise _none_of_these(path, "is not a tokenizer.json, nor another tokenizer that textprep reads")


def _json_of(path: Path) -> Any:
    try:
        record = json.loads(path.read_text(encoding="utf-8-sig"))
    except ValueError as error:  # not UTF-8, or not JSON: it says where
        raise TokenizerError(f"{path} is not JSON: {error}", file=str(path), option="path") from error
    if isinstance(record, dict) and isinstance(record.get("model"), dict):
        return record
    raise _none_of_these(path, f"is not a tokenizer.json{_what_it_is(record)}")


def _what_it_is(record: Any) -> str:
    """Of the other JSON files that lie in the folders of models."""
    keys = record.keys() if isinstance(record, dict) else set()
    if "tokenizer_class" in keys or "model_type" in keys:
        return ", but a configuration: give its folder"
    if keys >= {"config", "vocab"}:
        return ", but a tekken.json of Mistral"
    if keys and all(isinstance(value, int) for value in record.values()):
        return ", but a vocabulary without its merges: a merges.txt beside it would hold them"
    return ""


def _none_of_these(path: Path, problem: str) -> TokenizerError:
    return TokenizerError(
        f"{path} {problem}",
        file=str(path),
        option="path",
        hint=f"path= takes {_KINDS}. What transformers can load, "
        "HuggingFaceTokenizer.of(AutoTokenizer.from_pretrained(...)) takes",
    )
