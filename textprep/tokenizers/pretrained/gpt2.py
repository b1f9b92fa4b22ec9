"""The ``vocab.json`` and ``merges.txt`` of a GPT-2 or a RoBERTa, in one folder."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from tokenizers import Tokenizer as HFTokenizer
from tokenizers import decoders, models, pre_tokenizers, processors

from textprep.errors import TokenizerError, cause
from textprep.tokenizers.pretrained.added_tokens import with_tokens
from textprep.tokenizers.pretrained.folder import configuration
from textprep.tokenizers.pretrained.source import Config, Source, token_name
from textprep.tokenizers.pretrained.text_options import kind_of

FILES = ("vocab.json", "merges.txt")
_GPT2 = dict.fromkeys(("unk_token", "bos_token", "eos_token"), "<|endoftext|>")
_ROBERTA = {"bos_token": "<s>", "eos_token": "</s>", "sep_token": "</s>", "cls_token": "<s>"}
_ROBERTA |= {"unk_token": "<unk>", "pad_token": "<pad>", "mask_token": "<mask>"}
_TOKENS = {"gpt2": _GPT2, **dict.fromkeys(("roberta", "bart", "longformer"), _ROBERTA)}


def is_folder(path: Path) -> bool:
    """Whether both files are there."""
    return all((path / name).is_file() for name in FILES)


def read(path: Path) -> Source:
    """The tokenizer of the folder ``path``.

    Raises:
        TokenizerError: its configuration names no model that reads texts so, a file is damaged, or a token
            that the model needs is missing.
    """
    config = configuration(path)
    kind = kind_of(config)
    if kind not in _TOKENS:
        raise TokenizerError(
            f"{path} has a vocab.json and a merges.txt, which models read in several ways, and "
            + (f"textprep does not know that of {kind!r}" if kind else "nothing says in which"),
            file=str(path),
            option="path",
            hint='put a tokenizer_config.json beside them, with {"tokenizer_class": "GPT2Tokenizer"} or '
            '{"tokenizer_class": "RobertaTokenizer"} if it is one of these; else give a tokenizer.json',
        )
    config = {**_TOKENS[kind], **config}
    try:
        vocabulary, merges = models.BPE.read_file(*(str(path / name) for name in FILES))
        record = json.loads(_made(vocabulary, merges, config, framed=kind != "gpt2").to_str())
    except TokenizerError:
        raise
    except Exception as error:  # of many classes: not JSON, not UTF-8, a merge of what is no token
        raise TokenizerError(
            f"{path / FILES[0]} and {FILES[1]} are not the files of a GPT-2: {cause(error)}",
            file=str(path),
            option="path",
        ) from error
    return Source(with_tokens(record, config, str(path)), config, str(path))


def _made(vocabulary: Any, merges: Any, config: Config, *, framed: bool) -> HFTokenizer:
    prefix = bool(config.get("add_prefix_space", False))
    made = HFTokenizer(models.BPE(vocabulary, merges))
    made.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=prefix)
    made.decoder = decoders.ByteLevel()
    if framed:
        sep, cls = (_with_id(config, vocabulary, key) for key in ("sep_token", "cls_token"))
        trim = bool(config.get("trim_offsets", True))
        made.post_processor = processors.RobertaProcessing(sep, cls, trim, prefix)
    return made


def _with_id(config: Config, vocabulary: Any, key: str) -> tuple[str, int]:
    token = str(token_name(config[key]))
    if token not in vocabulary:
        raise TokenizerError(
            f"the vocab.json has no token {token!r}, which rows need",
            option="path",
            hint=f"name another {key} in the tokenizer_config.json",
        )
    return token, vocabulary[token]
