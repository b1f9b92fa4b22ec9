"""The ``vocab.txt`` of a BERT: a token per line, whose number is its id."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from textprep.errors import TokenizerError
from textprep.tokenizers.pretrained.folder import configuration
from textprep.tokenizers.pretrained.source import Config, Record, Source, token_name
from textprep.tokenizers.pretrained.text_options import bert_normalizer

_NAMES = {
    "unk_token": "[UNK]",
    "cls_token": "[CLS]",
    "sep_token": "[SEP]",
    "pad_token": "[PAD]",
    "mask_token": "[MASK]",
}
_SHOWS = (b"[PAD]", b"[UNK]", b"[CLS]")


def is_file(head: bytes) -> bool:
    """Whether a file that begins so holds, a line each, the tokens that every BERT has."""
    return any(token in head.splitlines() for token in _SHOWS)


def read(path: Path) -> Source:
    """The tokenizer of a ``vocab.txt``, with the options of a ``tokenizer_config.json`` in its folder.

    Raises:
        TokenizerError: it is not UTF-8, or lacks a token that BERT needs.
    """
    try:
        lines = path.read_text(encoding="utf-8").removesuffix("\n").split("\n")
    except UnicodeDecodeError as error:
        raise TokenizerError(f"{path} is not a vocab.txt in UTF-8: {error}", file=str(path)) from error
    ids = {line.rstrip(): i for i, line in enumerate(lines)}
    config = configuration(path.parent)
    names = {key: token_name(config.get(key)) or name for key, name in _NAMES.items()}
    for key in ("unk_token", "cls_token", "sep_token"):
        if names[key] not in ids:
            raise TokenizerError(
                f"{path} is not the vocab.txt of a BERT: it has no line {names[key]!r}, which BERT needs",
                file=str(path),
                option="path",
                hint="give another file; or, if it is one, a tokenizer_config.json in the same folder that "
                f"names its {key!r}",
            )
    return Source(_record(ids, names, config), {**config, **names}, str(path))


def _record(ids: dict[str, int], names: dict[str, str], config: Config) -> Record:
    special = sorted((ids[token], token) for token in set(names.values()) if token in ids)
    flags = {"single_word": False, "lstrip": False, "rstrip": False, "normalized": False, "special": True}
    return {
        "version": "1.0",
        "truncation": None,
        "padding": None,
        "added_tokens": [{"id": i, "content": token, **flags} for i, token in special],
        "normalizer": bert_normalizer(config),
        "pre_tokenizer": {"type": "BertPreTokenizer"},
        "post_processor": _template(names["cls_token"], names["sep_token"], ids),
        "decoder": {"type": "WordPiece", "prefix": "##", "cleanup": True},
        "model": {
            "type": "WordPiece",
            "unk_token": names["unk_token"],
            "continuing_subword_prefix": "##",
            "max_input_chars_per_word": 100,
            "vocab": ids,
        },
    }


def _template(cls: str, sep: str, ids: dict[str, int]) -> dict[str, Any]:
    """``[CLS] A [SEP]``, and ``[CLS] A [SEP] B [SEP]`` with type 1 from B on."""
    first, end, end_of_pair = _special(cls, 0), _special(sep, 0), _special(sep, 1)
    a, b = ({"Sequence": {"id": text, "type_id": type_id}} for text, type_id in (("A", 0), ("B", 1)))
    return {
        "type": "TemplateProcessing",
        "single": [first, a, end],
        "pair": [first, a, end, b, end_of_pair],
        "special_tokens": {
            token: {"id": token, "ids": [ids[token]], "tokens": [token]} for token in (cls, sep)
        },
    }


def _special(token: str, type_id: int) -> dict[str, Any]:
    return {"SpecialToken": {"id": token, "type_id": type_id}}
