"""The ``.model`` of a SentencePiece BPE that leaves text as it is, such as that of Llama or Mistral.

Only those can be converted exactly. Like a token of `byte_level`, a piece comes from one pair, so merges are
found alike; other models add scores in another precision (unigram), or normalize text by a table that
``tokenizers`` applies otherwise.
"""

from __future__ import annotations

import struct
from collections import Counter
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any, NamedTuple

from textprep.errors import TokenizerError
from textprep.tokenizers.pretrained.probes import check_same
from textprep.tokenizers.pretrained.source import Record, Source

Fields = dict[int, list[Any]]
_NORMAL, _UNKNOWN, _CONTROL, _USER_DEFINED, _UNUSED, _BYTE = 1, 2, 3, 4, 5, 6
_BPE = 2
_KINDS = {1: "unigram", 3: "word", 4: "char"}
_SPACE = "▁"


class _Piece(NamedTuple):
    text: str
    score: float
    kind: int


def is_file(head: bytes) -> bool:
    """Whether a file that begins so is a list of pieces, as protocol buffers write it."""
    try:
        number, first = next(_fields(head))
        return number == 1 and isinstance(first, bytes) and 1 in _by_number(first)
    except (StopIteration, IndexError, ValueError, struct.error):
        return False


def read(path: Path) -> Source:
    """The tokenizer of a ``.model``; compared with the library ``sentencepiece`` where it is installed.

    Raises:
        TokenizerError: it is damaged, or cannot be converted exactly.
    """
    try:
        model = _by_number(path.read_bytes())
        pieces = [_piece(_by_number(piece)) for piece in model[1]]
        trainer, normalizer = (_by_number(model.get(number, [b""])[-1]) for number in (2, 3))
    except (IndexError, KeyError, ValueError, struct.error) as error:
        raise TokenizerError(f"{path} is a damaged SentencePiece model: {error}", file=str(path)) from error
    if reason := _cannot(pieces, trainer, normalizer):
        raise _not_exactly(path, reason)
    source = Source(_record(pieces, trainer, normalizer), _tokens(pieces, trainer), str(path))
    _compare(source, path)
    return source


def _not_exactly(path: Path, reason: str) -> TokenizerError:
    return TokenizerError(
        f"{path} cannot be converted exactly: {reason}",
        file=str(path),
        option="path",
        hint="give the model's own tokenizer.json, or, with ids that may differ on unusual texts, "
        "HuggingFaceTokenizer.of(AutoTokenizer.from_pretrained(folder))",
    )


def _cannot(pieces: list[_Piece], trainer: Fields, normalizer: Fields) -> str | None:
    """Why a model cannot be converted exactly."""
    kind = _number(trainer, 3, 1)
    scores = Counter(piece.score for piece in pieces if piece.kind == _NORMAL and len(piece.text) > 1)
    reasons = {
        f"it is a {_KINDS.get(kind, kind)} model, and only BPE can be": kind != _BPE,
        "it normalizes text by a table, which tokenizers applies otherwise": any(normalizer.get(2, [])),
        "it has pieces that are defined by its user": any(piece.kind == _USER_DEFINED for piece in pieces),
        "it has pieces that are not used": any(piece.kind == _UNUSED for piece in pieces),
        "two of its pieces have the same score": any(times > 1 for times in scores.values()),
        "it takes white space for the end of words": bool(_number(trainer, 24, 0)),
        "it does not mark white space": not _number(normalizer, 5, 1),
        "it has no piece for the unknown": all(piece.kind != _UNKNOWN for piece in pieces),
    }
    return next((reason for reason, holds in reasons.items() if holds), None)


def _record(pieces: list[_Piece], trainer: Fields, normalizer: Fields) -> Record:
    flags = {"single_word": False, "lstrip": False, "rstrip": False, "normalized": False, "special": True}
    special = [(i, piece) for i, piece in enumerate(pieces) if piece.kind in (_UNKNOWN, _CONTROL)]
    prefix = bool(_number(normalizer, 3, 1))
    return {
        "version": "1.0",
        "truncation": None,
        "padding": None,
        "added_tokens": [{"id": i, "content": piece.text, **flags} for i, piece in special],
        "normalizer": {"type": "Sequence", "normalizers": _normalizers(normalizer, prefix)},
        "pre_tokenizer": None,
        "post_processor": None,
        "decoder": {"type": "Sequence", "decoders": _decoders(prefix)},
        "model": {
            "type": "BPE",
            "dropout": None,
            "unk_token": next(piece.text for piece in pieces if piece.kind == _UNKNOWN),
            "continuing_subword_prefix": None,
            "end_of_word_suffix": None,
            "fuse_unk": True,
            "byte_fallback": bool(_number(trainer, 35, 0)),
            "ignore_merges": False,
            "vocab": {piece.text: i for i, piece in enumerate(pieces)},
            "merges": [list(pair) for pair in _merges(pieces)],
        },
    }


def _normalizers(normalizer: Fields, prefix: bool) -> list[dict[str, Any]]:
    few = [(r"\A +| +\z", ""), (" {2,}", " ")] if _number(normalizer, 4, 1) else []
    replaced = [{"type": "Replace", "pattern": {"Regex": regex}, "content": by} for regex, by in few]
    before = [{"type": "Prepend", "prepend": _SPACE}] if prefix else []
    return [*replaced, *before, {"type": "Replace", "pattern": {"String": " "}, "content": _SPACE}]


def _decoders(prefix: bool) -> list[dict[str, Any]]:
    spaces = {"type": "Replace", "pattern": {"String": _SPACE}, "content": " "}
    strip = [{"type": "Strip", "content": " ", "start": 1, "stop": 0}] if prefix else []
    return [spaces, {"type": "ByteFallback"}, {"type": "Fuse"}, *strip]


def _merges(pieces: list[_Piece]) -> Iterator[tuple[str, str]]:
    """The pair that becomes each piece, the one with the highest score first."""
    scores = {piece.text: piece.score for piece in pieces if piece.kind == _NORMAL}
    for text in sorted(scores, key=scores.__getitem__, reverse=True):
        if len(text) > 1 and (pair := _last_two(text, scores)):
            yield pair


def _last_two(text: str, scores: dict[str, float]) -> tuple[str, str] | None:
    """What merging makes of the characters of ``text`` before they are one."""
    parts = list(text)
    while len(parts) > 2:
        joined = [left + right for left, right in pairwise(parts)]
        known = [(-scores[both], i) for i, both in enumerate(joined) if both in scores]
        if not known:
            return None
        i = min(known)[1]
        parts[i : i + 2] = [joined[i]]
    return parts[0], parts[1]


def _tokens(pieces: list[_Piece], trainer: Fields) -> dict[str, str]:
    """The token of padding, if there is one: its id is -1 where there is none."""
    pad = _number(trainer, 43, -1)
    return {"pad_token": pieces[pad].text} if 0 <= pad < len(pieces) else {}


def _compare(source: Source, path: Path) -> None:
    try:
        from sentencepiece import SentencePieceProcessor
    except ImportError:
        return
    processor = SentencePieceProcessor(model_file=str(path))
    check_same(source, processor.encode, lambda text: _not_exactly(path, f"on {text!r:.40} its ids differ"))


def _piece(fields: Fields) -> _Piece:
    score = struct.unpack("<f", fields[2][-1])[0] if 2 in fields else 0.0
    return _Piece(fields[1][-1].decode("utf-8"), score, _number(fields, 3, _NORMAL))


def _number(fields: Fields, number: int, default: int) -> int:
    """A whole number with its sign, which protocol buffers write with 64 bits."""
    value = int(fields.get(number, [default])[-1])
    return value - 2**64 if value >= 2**63 else value


def _by_number(message: bytes) -> Fields:
    """The values of each field of a message."""
    fields: Fields = {}
    for number, value in _fields(message):
        fields.setdefault(number, []).append(value)
    return fields


def _fields(message: bytes) -> Iterator[tuple[int, Any]]:
    """Number and value of each field: whole numbers, or the bytes of what is longer.

    Source: https://protobuf.dev/programming-guides/encoding/
    """
    place = 0
    while place < len(message):
        key, place = _varint(message, place)
        size, value = {1: 8, 5: 4}.get(key & 7, 0), None
        if key & 7 in (0, 2):
            size, place = _varint(message, place)
            value = size if key & 7 == 0 else None
        elif not size:
            raise ValueError(f"there is no type {key & 7} at byte {place}")
        if value is None:
            value, place = message[place : place + size], place + size
            if place > len(message):
                raise ValueError("it ends within a field")
        yield key >> 3, value


def _varint(message: bytes, place: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        byte = message[place]
        value |= (byte & 0x7F) << shift
        place, shift = place + 1, shift + 7
        if byte < 0x80:
            return value, place
        if shift > 63:
            raise ValueError(f"there is no number at byte {place}")
