"""Unicode's word boundaries, with dictionaries for scripts without spaces, by ICU (the extra ``words``)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from itertools import accumulate

import regex

from textprep.errors import TokenizerError
from textprep.letters import SPACE

_INSTALL = "pip install 'textprep-nlp[words]'"
_FEW = 20  # of so many tokens, one or less in such a script is a name or a quotation
_SAMPLE = 1_000  # distinct tokens, to find their script
_LONG = 4  # characters; words in Han and kana are shorter on average
_LONG_SYLLABLES = 8  # the same of other scripts without spaces

# A letter that ends a syllable begins no word: ICU's dictionary of Burmese does not know the words of Shan,
# Mon and others that are written in its letters.
_CLOSING = r"\p{Myanmar}\u1037?[\u1039\u103a]"
_ELIDED = (
    r"(?i)(?:[cdjlmnst]|(?:jus|lors|puis|quoi|quel|pres)?qu"  # French and Catalan
    r"|(?:d|de|ne|a|da|su|co)?(?:ll|gl)|[cdpfs]oll|al|dal|un|nessun|ciascun|quest|quell|bell|sant|tutt|v)['\u2019]"
)
_HAN = ("Han", "Hiragana", "Katakana")
_OF_ICU = (*_HAN, "Thai", "Lao", "Khmer", "Myanmar")
_SCRIPTS = (*_OF_ICU, "Tai_Tham", "Tai_Le", "New_Tai_Lue", "Javanese", "Balinese", "Yi")


def check_installed() -> None:
    """Raise a `TokenizerError` if ICU is missing; the message says how to install it."""
    try:
        import icu4py.breakers  # noqa: F401
    except ImportError as error:
        raise TokenizerError(
            f"boundaries='unicode' needs the package icu4py: {_INSTALL} ({error})",
            option="boundaries",
            value="plain",
        ) from error


def words_of(text: str, elision: bool) -> Iterator[tuple[int, int]]:
    """Where the words of ``text`` are, and its other characters but white space.

    >>> text = "映画はとても面白い"
    >>> [text[start:stop] for start, stop in words_of(text, elision=False)]
    ['映画', 'は', 'とても', '面白い']
    """
    from icu4py.breakers import WordBreaker

    for match in _pattern(rf"[^{SPACE}\u200b]++").finditer(text):
        word, begin = match[0], match.start()
        # The package counts in UTF-16 where it gives places, so these come from the lengths of its pieces.
        starts = [0, *accumulate(map(len, WordBreaker(word, "root")))][:-1]
        if not word.isascii():
            starts = [start for start in starts if not start or not _pattern(_CLOSING).match(word, start)]
        if elision:
            starts = [place for start in starts for place in _elided(word, start)]
        yield from ((begin + a, begin + b) for a, b in zip(starts, [*starts[1:], len(word)], strict=True))


def _elided(word: str, start: int) -> list[int]:
    match = _pattern(_ELIDED).match(word, start)
    return [start, match.end()] if match and match.end() < len(word) else [start]


def without_spaces(counts: Mapping[str, int]) -> str | None:
    """What is wrong if many of the tokens are phrases of a script that has no spaces between words.

    >>> print(without_spaces({"ᦎᦷᦑᦺᦖᦺᦉᧈ": 2, "film": 9}))
    2 tokens in the script New Tai Lue, which has no spaces between words, are phrases of 8 characters on \
average: take the tokenizer 'bpe' or 'char'
    """
    found = [
        (token, times) for token, times in counts.items() if not token.isascii() and _unspaced().search(token)
    ]
    times = sum(times for _, times in found)
    if times * _FEW <= sum(counts.values()):
        return None
    length = sum(len(token) * times for token, times in found)
    script = max(
        _SCRIPTS, key=lambda name: sum(n for token, n in found[:_SAMPLE] if _of_script(name).search(token))
    )
    if length < (_LONG if script in _HAN else _LONG_SYLLABLES) * times:
        return None
    by_icu = f", or the option boundaries='unicode' ({_INSTALL})" if script in _OF_ICU else ""
    return (
        f"{times:,} tokens in the script {script.replace('_', ' ')}, which has no spaces between words, are "
        f"phrases of {length / times:.0f} characters on average: take the tokenizer 'bpe' or 'char'{by_icu}"
    )


def _unspaced() -> regex.Pattern[str]:
    return _pattern("[" + "".join(rf"\p{{{name}}}" for name in _SCRIPTS) + "]")


def _of_script(name: str) -> regex.Pattern[str]:
    return _pattern(rf"\p{{{name}}}")


@cache
def _pattern(expression: str) -> regex.Pattern[str]:
    return regex.compile(expression)
