"""Byte-level BPE with ranks, as tiktoken has it, as the record of a ``tokenizer.json``."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

from textprep.tokenizers.pretrained.merges import merges
from textprep.tokenizers.pretrained.source import Record

Ranks = Mapping[bytes, int]


def byte_level(ranks: Ranks, special: Mapping[str, int], pattern: str, *, matches_all: bool) -> Record:
    """The record of a tokenizer.

    Args:
        ranks: the bytes of each token → its id.
        special: special token → its id.
        pattern: for Oniguruma; what it matches are the pieces, and what it does not match is left out.
        matches_all: whether there is nothing that it does not match.
    """
    names = {token: _name(token) for token in ranks}
    vocabulary = {names[token]: rank for token, rank in ranks.items()} | dict(special)
    flags = {"single_word": False, "lstrip": False, "rstrip": False, "normalized": False, "special": True}
    behavior = "Isolated" if matches_all else "Removed"
    split = {"type": "Split", "pattern": {"Regex": pattern}, "behavior": behavior, "invert": not matches_all}
    to_bytes = {"type": "ByteLevel", "add_prefix_space": False, "trim_offsets": True, "use_regex": False}
    return {
        "version": "1.0",
        "truncation": None,
        "padding": None,
        "added_tokens": [{"id": i, "content": token, **flags} for token, i in special.items()],
        "normalizer": None,
        "pre_tokenizer": {"type": "Sequence", "pretokenizers": [split, to_bytes]},
        "post_processor": None,
        "decoder": to_bytes | {"use_regex": True},
        "model": {
            "type": "BPE",
            "dropout": None,
            "unk_token": None,
            "continuing_subword_prefix": None,
            "end_of_word_suffix": None,
            "fuse_unk": False,
            "byte_fallback": False,
            "ignore_merges": True,  # tiktoken, too, first looks a whole piece up
            "vocab": vocabulary,
            "merges": [[names[left], names[right]] for left, right in merges(ranks)],
        },
    }


def _name(token: bytes) -> str:
    return "".join(map(_characters().__getitem__, token))


@cache
def _characters() -> tuple[str, ...]:
    """The visible character that stands for each byte in the files of byte-level tokenizers."""
    itself = {*range(0x21, 0x7F), *range(0xA1, 0xAD), *range(0xAE, 0x100)}
    others = iter(range(0x100, 0x200))
    return tuple(chr(byte if byte in itself else next(others)) for byte in range(256))


def readable(token: str) -> str:
    r"""The readable form of a byte-level token: ␣ for a space, ``\xe2`` for a part of a character.

    >>> print(readable("ĠcafÃ©"), readable("âĢ"), readable("<a b>"))
    ␣café \xe2\x80 <a b>
    """
    bytes_of = _bytes_of()
    if not bytes_of.keys() >= set(token):
        return token  # an added one, which is spelled as it is
    return bytes(map(bytes_of.__getitem__, token)).decode("utf-8", "backslashreplace").replace(" ", "␣")


@cache
def _bytes_of() -> dict[str, int]:
    return {character: byte for byte, character in enumerate(_characters())}
