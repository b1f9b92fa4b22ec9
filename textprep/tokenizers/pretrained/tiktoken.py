"""Files and encodings of tiktoken: byte-level BPE. A file has the tokens, and not how texts are cut."""

from __future__ import annotations

import hashlib
import re
from base64 import b64decode
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

from textprep.errors import TokenizerError
from textprep.tokenizers.pretrained.byte_level import Ranks, byte_level
from textprep.tokenizers.pretrained.patterns import for_oniguruma
from textprep.tokenizers.pretrained.source import Source, backend_of

_LINE = re.compile(rb"[A-Za-z0-9+/]+={0,2} \d+")
_CONTRACTIONS = "(?i:'s|'t|'re|'ve|'m|'ll|'d)?"
_UPPER, _LOWER = r"[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]", r"[\p{Ll}\p{Lm}\p{Lo}\p{M}]"
_GPT2 = r"'(?:[sdmt]|ll|ve|re)| ?\p{L}++| ?\p{N}++| ?[^\s\p{L}\p{N}]++|\s++$|\s+(?!\S)|\s"
_CL100K = (
    r"'(?i:[sdmt]|ll|ve|re)|[^\r\n\p{L}\p{N}]?+\p{L}++|\p{N}{1,3}+| ?[^\s\p{L}\p{N}]++[\r\n]*+"
    r"|\s++$|\s*[\r\n]|\s+(?!\S)|\s"
)
_O200K = (
    rf"[^\r\n\p{{L}}\p{{N}}]?{_UPPER}*{_LOWER}+{_CONTRACTIONS}"
    rf"|[^\r\n\p{{L}}\p{{N}}]?{_UPPER}+{_LOWER}*{_CONTRACTIONS}"
    r"|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+"
)


class _Encoding(NamedTuple):
    """What the file of a published encoding leaves out.

    Attributes:
        sha256: of its file.
        pattern: how it cuts texts.
        special: special token → id.
    """

    sha256: str
    pattern: str
    special: Mapping[str, int]


_END = "<|endoftext|>"
_CODE = {"<|fim_prefix|>": 100258, "<|fim_middle|>": 100259, "<|fim_suffix|>": 100260}
_KNOWN = {
    "r50k_base": _Encoding(
        "306cd27f03c1a714eca7108e03d66b7dc042abe8c258b44c199a7ed9838dd930", _GPT2, {_END: 50256}
    ),
    "p50k_base": _Encoding(
        "94b5ca7dff4d00767bc256fdd1b27e5b17361d7b8a5f968547f9f23eb70d2069", _GPT2, {_END: 50256}
    ),
    "cl100k_base": _Encoding(
        "223921b76ee99bde995b7ff738513eef100fb51d18c93597a113bcffe865b2a7",
        _CL100K,
        {_END: 100257, **_CODE, "<|endofprompt|>": 100276},
    ),
    "o200k_base": _Encoding(
        "446a9538cb6c348e3516120d7c08b09f57c36495e2acfffe59a5bf8b0cfb1a2d",
        _O200K,
        {_END: 199999, "<|endofprompt|>": 200018},
    ),
}
_KNOWN["gpt2"] = _KNOWN["r50k_base"]


def is_file(head: bytes) -> bool:
    """Whether a file that begins so has a line of base64 and a rank for each token."""
    first, *rest = head.splitlines()[:8] or [b""]
    return all(_LINE.fullmatch(line) for line in [first, *rest[:-1]])


def read(path: Path, pattern: str | None) -> Source:
    """The tokenizer of a file of tiktoken.

    Args:
        path: of the file.
        pattern: how it cuts texts; that of the encodings of OpenAI is known.

    Raises:
        TokenizerError: the file is damaged, or no pattern is given and none known.
    """
    content = path.read_bytes()
    digest = hashlib.sha256(content).hexdigest()
    named = next((known for name, known in _KNOWN.items() if digest == known.sha256), _KNOWN.get(path.stem))
    if pattern is None and named is None:
        raise TokenizerError(
            f"{path} is a tiktoken file that textprep does not know, and it does not say how texts are cut",
            file=str(path),
            option="pattern",
            hint="give the encoding's pat_str as pattern=, or HuggingFaceTokenizer.of(encoding)",
        )
    cut = pattern or (named.pattern if named else "")
    return source_of(dict(_ranks(content, path)), named.special if named else {}, cut, str(path))


def source_of(ranks: Ranks, special: Mapping[str, int], pattern: str, name: str) -> Source:
    """The tokenizer with these tokens and this pattern.

    Raises:
        TokenizerError: it cannot be converted exactly.
    """
    if missing := [byte for byte in range(256) if bytes([byte]) not in ranks]:
        raise TokenizerError(
            f"{name} has no token for the byte {missing[0]}, and so no ids for some texts", option="path"
        )
    matches_all = pattern in (known.pattern for known in _KNOWN.values())
    record = byte_level(ranks, special, for_oniguruma(pattern), matches_all=matches_all)
    source = Source(record, name=name)
    _check_special(source, special, name)
    return source


def _check_special(source: Source, special: Mapping[str, int], name: str) -> None:
    """A special token that is a piece of a text would be looked up as a whole, and tiktoken would not."""
    model = source.record["model"] | {"vocab": {}, "merges": []}
    cut = backend_of(source.record | {"model": model, "added_tokens": []}, name=name).pre_tokenizer
    for token in special:
        if token in (piece for piece, _ in cut.pre_tokenize_str(token)):
            raise TokenizerError(
                f"{name} cannot be converted exactly: its pattern takes {token!r} for a word",
                option="pattern",
            )


def _ranks(content: bytes, path: Path) -> Iterator[tuple[bytes, int]]:
    for number, line in enumerate(content.splitlines(), start=1):
        if not line:
            continue
        if not _LINE.fullmatch(line):
            raise TokenizerError(
                f"{path}, line {number}: {line!r:.40} is not a token in base64 and its rank",
                file=str(path),
                line=number,
                option="path",
            )
        token, rank = line.split()
        yield b64decode(token), int(rank)
