"""Stems for texts in several scripts: each word by the Snowball algorithm of the language of its script."""

from __future__ import annotations

from functools import lru_cache

import regex
from pydantic import field_validator

import textprep as tp
from textprep.steps.words import stem_word

SCRIPTS = {
    "arabic": "Arabic",
    "armenian": "Armenian",
    "greek": "Greek",
    "hindi": "Devanagari",
    "nepali": "Devanagari",
    "persian": "Arabic",
    "russian": "Cyrillic",
    "tamil": "Tamil",
    "yiddish": "Hebrew",
}
LATIN = (
    "basque", "catalan", "czech", "danish", "dutch", "dutch_porter", "english", "esperanto", "estonian",
    "finnish", "french", "german", "hungarian", "indonesian", "irish", "italian", "lithuanian", "norwegian",
    "polish", "porter", "portuguese", "romanian", "serbian", "sesotho", "spanish", "swedish", "turkish",
)  # fmt: skip
LANGUAGES = {**SCRIPTS, **dict.fromkeys(LATIN, "Latin")}


class Snowball(tp.Step):
    """Reduce words to their stems, each by the language that its script tells.

    textprep's own step ``stem`` knows one language a text. This one tells languages apart by their letters,
    for texts that mix them, and leaves the words of ``keep`` as they are. Words are divided where letters
    end; the rest of a text stays. A stem is in lower case and need not be a word.

    >>> Snowball(languages=("english", "russian"))("Running films, \u0444\u0438\u043b\u044c\u043c\u044b!")
    'run film, \u0444\u0438\u043b\u044c\u043c!'
    >>> Snowball(keep=("news",))("News of the houses")
    'News of the hous'

    Attributes:
        languages: Snowball's names of algorithms, one a script.
        keep: words that stay as they are, however they are capitalized.

    Raises:
        StepError: there is no such algorithm, or two languages have one script.
    """

    name = "snowball"
    version = 1
    scope = "word"

    languages: tuple[str, ...] = ("english",)
    keep: tuple[str, ...] = ()

    @field_validator("languages")
    @classmethod
    def _known(cls, languages: tuple[str, ...]) -> tuple[str, ...]:
        scripts: dict[str, str] = {}
        for language in languages:
            if language not in LANGUAGES:
                raise ValueError(
                    f"no algorithm is called {language!r}; there are: {', '.join(sorted(LANGUAGES))}"
                )
            other = scripts.setdefault(LANGUAGES[language], language)
            if other != language:
                script = LANGUAGES[language]
                raise ValueError(
                    f"{other} and {language} are both written in {script}: a word does not tell which"
                )
        return languages

    def __call__(self, text: str) -> str:
        """The text with each word reduced to its stem."""
        for language in self.languages:
            text = _words(LANGUAGES[language]).sub(lambda word: self._stem(language, word[0]), text)  # noqa: B023
        return text

    def _stem(self, language: str, word: str) -> str:
        kept = word.lower() in {kept.lower() for kept in self.keep}
        return word if kept else stem_word(language, word)


@lru_cache
def _words(script: str) -> regex.Pattern[str]:
    r"""Words in a script; combining marks belong to the letter before them."""
    return regex.compile(rf"\p{{Script={script}}}[\p{{Script={script}}}\p{{M}}]*")


@tp.hookimpl
def textprep_steps() -> dict[str, type[tp.Step]]:
    """The step ``snowball``."""
    return {"snowball": Snowball}
