"""The effect of each pre-tokenizer around a single space between solid characters."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from textprep.tokenizers.cuts.characters import is_solid
from textprep.tokenizers.cuts.normalizers import flattened, spelled_in_bytes
from textprep.tokenizers.cuts.state import NotProven, Side, State

GPT2 = r"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+"
_ANEW = "begins a new piece there"

Record = dict[str, Any]


def pre_tokenized(state: State, record: Record | None) -> State:
    """``state`` after the pre-tokenizer that ``record`` describes.

    Raises:
        NotProven: it may join what is on both sides of the space.
    """
    for part in flattened(record, "pretokenizers"):
        kind = part["type"]
        if kind not in _RULES:
            raise NotProven(f"of the pre-tokenizer {kind} nothing is known")
        state = _RULES[kind](state, part)
    if not state.tight and state.sides is not Side.DROPPED:
        raise NotProven("a normalizer may change what is before the cut, and nothing drops white space")
    if state.sides is Side.TOGETHER:
        _must_be_kept(state)
    return state


def _white_space_dropped(state: State, record: Record) -> State:
    if state.sides is not Side.TOGETHER:
        return state
    if not state.is_space:
        part = record["type"] != "WhitespaceSplit" and state.mark != "_"
        return _separated(state, record, Side.APART, _ANEW) if part else state
    if state.mark != " ":
        raise NotProven(f"the pre-tokenizer {record['type']} sees {state.mark!r} in place of the space")
    return _separated(state, record, Side.DROPPED, "drops white space")


def _separated(state: State, record: Record, sides: Side, why: str) -> State:
    return replace(state, sides=sides, why=f"the pre-tokenizer {record['type']} {why}")


def _byte_level(state: State, record: Record) -> State:
    if state.sides is not Side.TOGETHER:
        return state
    if record["add_prefix_space"] and (state.mark != " " or not state.kept):
        raise NotProven("the pre-tokenizer ByteLevel puts a space before what begins without one")
    if record["use_regex"]:
        pattern = {"Regex": GPT2}
        state = _split(state, record | {"pattern": pattern, "behavior": "Isolated", "invert": False})
    return spelled_in_bytes(state, "pre-tokenizer") if state.sides is Side.TOGETHER else state


def _split(state: State, record: Record) -> State:
    if state.sides is not Side.TOGETHER:
        return state
    _must_be_whole(state, record)
    pattern = state.pattern(f"the pre-tokenizer {record['type']}", record["pattern"])
    behavior, invert = record["behavior"], record["invert"]
    if behavior.startswith("MergedWith") and invert:
        raise NotProven(f"of the pre-tokenizer {record['type']} with {behavior} and invert nothing is known")
    if behavior == "MergedWithPrevious" and pattern.may_begin_with_mark:
        raise NotProven(f"the pre-tokenizer {record['type']} puts {state.mark!r} to what is before it")
    if behavior == "MergedWithNext" and pattern.may_end_before:
        raise NotProven(f"the pre-tokenizer {record['type']} puts {state.mark!r} to what it found before it")
    if behavior == "Contiguous" and pattern.may_end_before and pattern.may_begin_with_mark:
        raise NotProven(
            f"the pre-tokenizer {record['type']} joins what it finds before and at {state.mark!r}"
        )
    if behavior == "Removed" and invert:
        return _separated(state, record, Side.APART, "keeps only what it finds")
    return _separated(state, record, Side.APART, _ANEW) if pattern.matches_mark else state


def _must_be_whole(state: State, record: Record) -> None:
    """The space is still there, with nothing new next to it."""
    if not state.tight:
        raise NotProven(f"a normalizer may put white space next to the space, which {record['type']} sees")
    _must_be_kept(state)


def _must_be_kept(state: State) -> None:
    if not state.kept:
        raise NotProven("the normalizer Strip takes the space from a piece that begins with it")


def _digits(state: State, _: Record) -> State:
    if state.sides is Side.TOGETHER:
        _must_be_kept(state)
    return state


def _punctuation(state: State, record: Record) -> State:
    """As a pattern that matches a punctuation mark: none is a space, whatever that is by now."""
    if state.sides is Side.TOGETHER:
        _must_be_kept(state)
        if record["behavior"] == ("MergedWithNext" if state.is_space else "MergedWithPrevious"):
            raise NotProven(f"the pre-tokenizer Punctuation joins {state.mark!r} with what is before it")
        if not state.is_space:
            return _separated(state, record, Side.APART, _ANEW)
    return state


def _delimiter(state: State, record: Record) -> State:
    if state.sides is not Side.TOGETHER:
        return state
    _must_be_whole(state, record)
    if record["delimiter"] != state.mark:
        return state
    return _separated(state, record, Side.DROPPED, f"drops {state.mark!r}")


def _metaspace(state: State, record: Record) -> State:
    marker, scheme = record["replacement"], record["prepend_scheme"]
    if state.sides is Side.DROPPED:
        if scheme == "first" and not state.kept:
            raise NotProven("the pre-tokenizer Metaspace marks what is first in the text only")
        return state
    if is_solid(marker) or state.mark not in (" ", marker):
        raise NotProven(
            f"the pre-tokenizer Metaspace sees {state.mark!r} for the space, and marks by {marker!r}"
        )
    if state.sides is Side.APART:
        return state
    if not state.tight:
        raise NotProven("a normalizer may put white space next to the space, which Metaspace sees")
    if scheme != "always" or not record["split"]:
        _must_be_kept(state)
    if not record["split"]:
        return replace(state, mark=marker)
    return _separated(state, record, Side.APART, _ANEW)


def _context(state: State, record: Record) -> State:
    if state.sides is Side.TOGETHER:
        raise NotProven(f"what the pre-tokenizer {record['type']} does depends on what is before")
    return state


_RULES: dict[str, Callable[[State, Record], State]] = {
    **dict.fromkeys(("BertPreTokenizer", "Whitespace", "WhitespaceSplit"), _white_space_dropped),
    "ByteLevel": _byte_level,
    "Split": _split,
    "Digits": _digits,
    "Punctuation": _punctuation,
    "CharDelimiterSplit": _delimiter,
    "Metaspace": _metaspace,
    **dict.fromkeys(("UnicodeScripts", "FixedLength"), _context),
}
