"""How the steps of a pipeline and its tokenizer run over a column, and why."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from textprep.steps.base import Step
from textprep.tokenizers.base import Tokenizer

PER_TEXT = "text by text"
TEXT_KERNEL = "whole column"
PER_WORD = "once a distinct word"
PER_PIECE = "once a distinct piece"


class Mode(NamedTuple):
    """How one step, or the tokenizer, runs.

    Attributes:
        name: the registered name.
        runs: ``"text by text"``, ``"whole column"`` (a kernel takes many texts at once), ``"once a distinct
            word"`` or ``"once a distinct piece"``.
        why: the reason, for people.
    """

    name: str
    runs: str
    why: str


class Execution:
    """How a pipeline runs over a column.

    Steps run on whole texts up to the last one with the scope ``"document"``; from there on, if the
    tokenizer has the scope ``"word"``, each distinct word is cleaned and tokenized once. With another
    tokenizer all steps run on whole texts; where it knows that these may be cut, each distinct piece is
    tokenized once.

    >>> from textprep import Lowercase, StripMarkup, WordTokenizer
    >>> print(Execution([StripMarkup(), Lowercase()], WordTokenizer()))
    strip_markup  whole column          it may look across white space
    lowercase     once a distinct word  it never looks across white space
    word          once a distinct word  it never looks across white space

    Attributes:
        modes: a `Mode` for each step, in order, and one for the tokenizer.
        on_texts: the steps that run on whole texts.
        on_words: the steps that run on distinct words.
        is_cut: whether the tokenizer sees each distinct word or piece once, and not texts.
        cuts: how texts are cut into pieces; None where they are not.
    """

    def __init__(self, steps: Sequence[Step], tokenizer: Tokenizer) -> None:
        by_word = tokenizer.scope == "word"
        cuts = None if by_word else tokenizer.cuts
        self.cuts = cuts if cuts and cuts.proven else None
        self.is_cut = by_word or self.cuts is not None
        last = max((i for i, step in enumerate(steps, start=1) if step.scope != "word"), default=0)
        whole = last if by_word else len(steps)
        self.on_texts, self.on_words = tuple(steps[:whole]), tuple(steps[whole:])
        reason = f"{steps[last - 1].name!r}" if by_word and last else f"tokenizer {tokenizer.name!r}"
        self.modes = (
            *(_on_text(step, reason) for step in self.on_texts),
            *(Mode(step.name, PER_WORD, _WITHIN) for step in self.on_words),
            Mode(tokenizer.name, PER_WORD, _WITHIN) if by_word else _of_document(tokenizer),
        )

    def __str__(self) -> str:
        widths = [max(len(mode[column]) for mode in self.modes) for column in (0, 1)]
        return "\n".join(f"{p.name:{widths[0]}}  {p.runs:{widths[1]}}  {p.why}" for p in self.modes)

    def __repr__(self) -> str:
        return f"<Execution\n{self}\n>"


_WITHIN = "it never looks across white space"
_ACROSS = "it may look across white space"


def _on_text(part: Step | Tokenizer, reason: str) -> Mode:
    why = _ACROSS if part.scope != "word" else f"{reason}, which comes later, needs whole texts"
    return Mode(part.name, TEXT_KERNEL if part.has_kernel else PER_TEXT, why)


def _of_document(tokenizer: Tokenizer) -> Mode:
    cuts = tokenizer.cuts
    if cuts and cuts.proven:
        return Mode(tokenizer.name, PER_PIECE, f"texts may be cut at single spaces: {cuts.why}")
    mode = _on_text(tokenizer, "")
    return mode._replace(why=f"it is not proven that texts may be cut: {cuts.why}") if cuts else mode
