"""The ``.model`` of a SentencePiece BPE that leaves text as it is, such as that of Llama or Mistral.

Only those can be converted exactly: the others add scores in another precision (unigram), or normalize text
by a table that ``tokenizers`` applies otherwise.
"""

from __future__ import annotations

import struct
from collections import Counter
from pathlib import Path
from typing import Any, NamedTuple

from textprep.errors import TokenizerError
from textprep.tokenizers.pretrained.merges import merges, run_merges
from textprep.tokenizers.pretrained.probes import check_same
from textprep.tokenizers.pretrained.protobuf import Fields, by_number, fields_of, number_in
from textprep.tokenizers.pretrained.source import Record, Source

_NORMAL, _UNKNOWN, _CONTROL, _USER_DEFINED, _UNUSED, _BYTE = 1, 2, 3, 4, 5, 6
_BPE = 2
_KINDS = {1: "unigram", 3: "word", 4: "char"}
_SPACE = "▁"


_Pair = tuple[str, str]


class _Piece(NamedTuple):
    text: str
    score: float
    kind: int


def is_file(head: bytes) -> bool:
    """Whether a file that begins so is a list of pieces, as protocol buffers write it."""
    try:
        number, first = next(fields_of(head))
        return number == 1 and isinstance(first, bytes) and 1 in by_number(first)
    except (StopIteration, IndexError, ValueError, struct.error):
        return False


def read(path: Path) -> Source:
    """The tokenizer of a ``.model``; compared with the library ``sentencepiece`` where it is installed.

    Raises:
        TokenizerError: it is damaged, or cannot be converted exactly.
    """
    try:
        model = by_number(path.read_bytes())
        pieces = [_piece(by_number(piece)) for piece in model[1]]
        trainer, normalizer = (by_number(model.get(number, [b""])[-1]) for number in (2, 3))
    except (IndexError, KeyError, ValueError, struct.error) as error:
        raise TokenizerError(f"{path} is a damaged SentencePiece model: {error}", file=str(path)) from error
    found = _merges(pieces)
    if reason := _cannot(pieces, trainer, normalizer) or _cannot_merge(pieces, found):
        raise _not_exactly(path, reason)
    record = _record(pieces, found or [], trainer, normalizer)
    source = Source(record, _tokens(pieces, trainer), str(path))
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
    kind = number_in(trainer, 3, 1)
    reasons = {
        f"it is a {_KINDS.get(kind, kind)} model, and only BPE can be": kind != _BPE,
        "it normalizes text by a table, which tokenizers applies otherwise": any(normalizer.get(2, [])),
        "it has pieces that are defined by its user": any(piece.kind == _USER_DEFINED for piece in pieces),
        "it has pieces that are not used": any(piece.kind == _UNUSED for piece in pieces),
        "it takes white space for the end of words": bool(number_in(trainer, 24, 0)),
        "it does not mark white space": not number_in(normalizer, 5, 1),
        "it has no piece for the unknown": all(piece.kind != _UNKNOWN for piece in pieces),
    }
    return next((reason for reason, holds in reasons.items() if holds), None)


def _cannot_merge(pieces: list[_Piece], found: list[_Pair] | None) -> str | None:
    if found is None:
        return "two of its pieces have the same score"
    known = {piece.text for piece in pieces}
    lacking = [part for pair in found for part in pair if part not in known]
    return f"a piece has the character {lacking[0]!r}, which is no piece" if lacking else None


def _record(pieces: list[_Piece], found: list[_Pair], trainer: Fields, normalizer: Fields) -> Record:
    flags = {"single_word": False, "lstrip": False, "rstrip": False, "normalized": False, "special": True}
    special = [(i, piece) for i, piece in enumerate(pieces) if piece.kind in (_UNKNOWN, _CONTROL)]
    prefix = bool(number_in(normalizer, 3, 1))
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
            "byte_fallback": bool(number_in(trainer, 35, 0)),
            "ignore_merges": False,
            "vocab": {piece.text: i for i, piece in enumerate(pieces)},
            "merges": [list(pair) for pair in found],
        },
    }


def _normalizers(normalizer: Fields, prefix: bool) -> list[dict[str, Any]]:
    few = [(rf"\A +|[ {_SPACE}]+\z", ""), (" {2,}", " ")] if number_in(normalizer, 4, 1) else []
    replaced = [{"type": "Replace", "pattern": {"Regex": regex}, "content": by} for regex, by in few]
    before = [{"type": "Prepend", "prepend": _SPACE}] if prefix else []
    return [*replaced, *before, {"type": "Replace", "pattern": {"String": " "}, "content": _SPACE}]


def _decoders(prefix: bool) -> list[dict[str, Any]]:
    spaces = {"type": "Replace", "pattern": {"String": _SPACE}, "content": " "}
    strip = [{"type": "Strip", "content": " ", "start": 1, "stop": 0}] if prefix else []
    return [spaces, {"type": "ByteFallback"}, {"type": "Fuse"}, *strip]


def _merges(pieces: list[_Piece]) -> list[_Pair] | None:
    """Those of all pieces, by score, the highest first; ``None`` where scores do not say which that is.

    The only pieces of the same score are the runs of spaces, which come last in the models of Llama's kind.
    """
    long = [piece for piece in pieces if piece.kind == _NORMAL and len(piece.text) > 1]
    times = Counter(piece.score for piece in long)
    runs = [piece.text for piece in long if times[piece.score] > 1]
    others = sorted((piece for piece in long if times[piece.score] == 1), key=lambda piece: -piece.score)
    found = list(merges({piece.text: rank for rank, piece in enumerate(others)}))
    if not runs:
        return found
    last = all(piece.score < others[-1].score for piece in long if times[piece.score] > 1) if others else True
    alone = all(set(run) == {_SPACE} for run in runs) and not any(
        2 * _SPACE in piece.text for piece in others
    )
    lengths = run_merges(map(len, runs)) if last and alone else None
    return None if lengths is None else found + [(left * _SPACE, right * _SPACE) for left, right in lengths]


def _tokens(pieces: list[_Piece], trainer: Fields) -> dict[str, str]:
    """The token of padding, if there is one: its id is -1 where there is none."""
    pad = number_in(trainer, 43, -1)
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
    return _Piece(fields[1][-1].decode("utf-8"), score, number_in(fields, 3, _NORMAL))
