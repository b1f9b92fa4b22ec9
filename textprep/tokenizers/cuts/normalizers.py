"""The effect of each normalizer around a single space between solid characters."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from textprep.tokenizers.cuts.characters import is_solid, problem_of_charsmap
from textprep.tokenizers.cuts.state import NotProven, State

Record = dict[str, Any]


def normalized(state: State, record: Record | None) -> State:
    """``state`` after the normalizer that ``record`` describes.

    Raises:
        NotProven: it may look across the space.
    """
    before = "Prepend"
    for part in flattened(record, "normalizers"):
        kind = part["type"]
        if kind not in _RULES:
            raise NotProven(f"of the normalizer {kind} nothing is known")
        if kind == "Prepend" != before:
            raise NotProven("the normalizer Prepend is not the first")
        state, before = _RULES[kind](state, part), kind
    return state


def flattened(record: Record | None, parts: str) -> list[Record]:
    """The parts of sequences of sequences, in order; ``parts`` is what a sequence calls them."""
    if record is None:
        return []
    if record["type"] != "Sequence":
        return [record]
    return [one for part in record[parts] for one in flattened(part, parts)]


def _each_character(state: State, record: Record) -> State:
    if state.mark == "Ġ":
        raise NotProven(
            f"the normalizer {record['type']} comes after ByteLevel, which spelled the space as 'Ġ'"
        )
    return state


def _nmt(state: State, _: Record) -> State:
    if state.mark in "▁Ġ":
        raise NotProven(f"the normalizer Nmt replaces {state.mark!r}")
    return state


def _bert(state: State, record: Record) -> State:
    state = _each_character(state, record)
    spaces = state.is_space and record["handle_chinese_chars"]
    return replace(state, tight=state.tight and not spaces)


def _strip(state: State, record: Record) -> State:
    if not state.is_space:
        return state
    if state.mark != " ":
        raise NotProven(f"the normalizer Strip comes after the space was replaced by {state.mark!r}")
    return replace(state, kept=state.kept and not record["strip_left"])


def _prepend(state: State, record: Record) -> State:
    return replace(state, prefix=record["prepend"] + state.prefix)


def _replace(state: State, record: Record) -> State:
    new, what = record["content"], f"the normalizer Replace by {record['content']!r}"
    _must_be_tight(state, what)
    if record["pattern"] == {"String": state.mark}:
        if not state.is_space or new not in (" ", "▁"):
            raise NotProven(f"{what} takes the space away")
        return replace(state, mark=new)
    pattern = state.pattern(what, record["pattern"])
    if pattern.may_begin_with_single_mark and (pattern.may_hold_solid or new != state.mark):
        raise NotProven(f"{what} may take the space away")
    if not pattern.may_hold_solid or (state.is_space and is_solid(new)):
        return state
    return replace(state, tight=False)


def _must_be_tight(state: State, what: str) -> None:
    if not state.tight:
        raise NotProven(f"{what} comes after what may have put white space next to the space")


def _precompiled(state: State, record: Record) -> State:
    _must_be_tight(state, "the normalizer Precompiled")
    if state.mark != " ":
        raise NotProven(f"the normalizer Precompiled comes after the space was replaced by {state.mark!r}")
    if problem := problem_of_charsmap(record["precompiled_charsmap"]):
        raise NotProven(f"the normalizer Precompiled {problem}")
    return state


def _byte_level(state: State, _: Record) -> State:
    _must_be_tight(state, "the normalizer ByteLevel")
    return spelled_in_bytes(state, "normalizer")


def spelled_in_bytes(state: State, what: str) -> State:
    """The mark as byte-level tokenizers spell it."""
    if not state.is_space:
        return state
    if state.mark != " ":
        raise NotProven(f"the {what} ByteLevel comes after the space was replaced by {state.mark!r}")
    return replace(state, mark="Ġ")


_RULES: dict[str, Callable[[State, Record], State]] = {
    **dict.fromkeys(("NFC", "NFD", "NFKC", "NFKD", "Lowercase", "StripAccents"), _each_character),
    "Nmt": _nmt,
    "BertNormalizer": _bert,
    "Strip": _strip,
    "Prepend": _prepend,
    "Replace": _replace,
    "Precompiled": _precompiled,
    "ByteLevel": _byte_level,
}
