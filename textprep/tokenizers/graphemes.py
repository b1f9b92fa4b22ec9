"""Each grapheme of several characters as one character, so that no merge can begin or end inside of one.

A grapheme is what a reader takes for one character, a letter with its vowel sign or an emoji with its tone.
Pieces are cut and merged with a stand-in for each; those of word characters are rare ideographs, those of
others are of private use. Where a text holds one of these itself, it gets a stand-in too.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable

import pyarrow as pa
import pyarrow.compute as pc
import regex

_HEAD = "▁"  # of `textprep.tokenizers.bpe`; what follows it is a grapheme of its own
_GRAPHEME = regex.compile(rf"{_HEAD}|\X")
_WORD_CHARACTER = regex.compile(r"\w")
_WORD = re.compile(r"\S+")
_STAND_INS = {True: range(0x20000, 0x2A6DF), False: range(0xF0000, 0xFFFFD)}  # of word characters, of others
_UNKNOWN = {kind: chr(stand_ins.stop) for kind, stand_ins in _STAND_INS.items()}


def graphemes_of(text: str) -> list[str]:
    """The graphemes of a text without white space.

    >>> graphemes_of("किताब")
    ['कि', 'ता', 'ब']
    """
    return _GRAPHEME.findall(text)


class Graphemes:
    """Stand-ins for graphemes.

    Args:
        counts: how often each grapheme occurs; of more than there are stand-ins, the rarest become unknown.
    """

    def __init__(self, counts: Counter[str]) -> None:
        kinds: dict[bool, list[str]] = {True: [], False: []}
        for grapheme in sorted(filter(_needs_one, counts), key=lambda one: (-counts[one], one)):
            kinds[_is_word(grapheme)].append(grapheme)
        self._hidden = {
            grapheme: chr(code)
            for kind, graphemes in kinds.items()
            for code, grapheme in zip(_STAND_INS[kind], graphemes, strict=False)
        }
        self._shown = {stand_in: grapheme for grapheme, stand_in in self._hidden.items()}

    @classmethod
    def of(cls, texts: Iterable[tuple[str, int]]) -> Graphemes:
        """Of texts that occur so many times each."""
        counts: Counter[str] = Counter()
        for text, times in texts:
            if not text.isascii():
                for word in text.split():
                    for grapheme in graphemes_of(word):
                        counts[grapheme] += times
        return cls(counts)

    def hide(self, text: str) -> str:
        """``text`` with a stand-in for each grapheme of several characters."""
        return text if text.isascii() else _WORD.sub(self._hide_word, text)

    def _hide_word(self, word: re.Match[str]) -> str:
        return "".join(map(self._hide_grapheme, graphemes_of(word[0])))

    def _hide_grapheme(self, grapheme: str) -> str:
        if _needs_one(grapheme):
            return self._hidden.get(grapheme) or _UNKNOWN[_is_word(grapheme)]
        return grapheme

    def hide_column(self, texts: pa.LargeStringArray) -> pa.LargeStringArray:
        """Many texts, each as `hide` gives it."""
        rows = pc.invert(pc.string_is_ascii(texts))
        if not rows.true_count:
            return texts
        hidden = pa.array(map(self.hide, texts.filter(rows).to_pylist()), pa.large_string())
        return pc.replace_with_mask(texts, rows, hidden)

    def show(self, token: str) -> str:
        """The token that was made of stand-ins."""
        return token if token.isascii() else "".join(self._shown.get(one, one) for one in token)


def _needs_one(grapheme: str) -> bool:
    return len(grapheme) > 1 or grapheme >= "\U00020000"


def _is_word(grapheme: str) -> bool:
    return _WORD_CHARACTER.match(grapheme) is not None
