"""`ExpandContractions`, with its table of English contractions."""

from __future__ import annotations

import regex

from textprep.steps.matching import WORD, MatchStep

_PRONOUNS = ("i", "you", "he", "she", "it", "we", "they", "that", "this", "there", "here")
_QUESTIONS = ("what", "who", "where", "when", "how", "why")
_BODIES = ("one", "someone", "somebody", "everyone", "everybody", "everything", "nobody", "nothing")
_NEGATED = (
    *("are", "could", "dare", "did", "does", "do", "had", "has", "have", "is", "may", "might", "must"),
    *("need", "ought", "should", "was", "were", "would"),
)

# Whole words that the suffixes below do not explain.
WORDS = {
    "ain't": "is not",
    "can't": "cannot",
    "shan't": "shall not",
    "won't": "will not",
    "let's": "let us",
    "y'all": "you all",
    "ma'am": "madam",
    "o'er": "over",
    "ne'er": "never",
    "e'er": "ever",
    "c'mon": "come on",
    "'tis": "it is",
    "'twas": "it was",
    "'twere": "it were",
    "'twill": "it will",
    "'twould": "it would",
    "'em": "them",
    "'cause": "because",
    "'til": "until",
    "gonna": "going to",
    "gotta": "got to",
    "wanna": "want to",
    "gimme": "give me",
    "lemme": "let me",
    "dunno": "do not know",
    "kinda": "kind of",
    "sorta": "sort of",
    "outta": "out of",
    "coulda": "could have",
    "shoulda": "should have",
    "woulda": "would have",
    "musta": "must have",
    # written without an apostrophe, and no words of their own
    **{f"{verb}nt": f"{verb} not" for verb in _NEGATED},
    "youre": "you are",
    "theyre": "they are",
    "youve": "you have",
    "theyve": "they have",
    "youll": "you will",
    "theyll": "they will",
    "im": "i am",
    "ive": "i have",
    # the more frequent of two meanings: 's may be "has", 'd may be "had"
    **{f"{word}'s": f"{word} is" for word in (*_PRONOUNS, *_QUESTIONS)},
    **{f"{word}'d": f"{word} would" for word in (*_PRONOUNS, *_QUESTIONS, *_BODIES)},
}
SUFFIXES = {"n't": " not", "'ll": " will", "'re": " are", "'ve": " have", "'m": " am"}


class ExpandContractions(MatchStep):
    """Write English contractions out: ``don't`` becomes ``do not``, ``they'll`` ``they will``.

    ``don't`` and ``do not`` are then the same words, and ``not`` is seen wherever it is meant. All of
    ``n't``, ``'ll``, ``'re``, ``'ve`` and ``'m`` are written out, also several in a row; ``'s`` and ``'d``
    after pronouns and question words only, as ``is`` and ``would``, the more frequent meaning (``it's
    been`` becomes ``it is been``), since elsewhere ``'s`` is a genitive. So are some that are spoken
    (``gonna``, ``'tis``) or written without their apostrophe, where that is no word itself (``dont``, but
    not ``wont`` or ``ill``). A capital letter stays, and so do all of them.

    >>> ExpandContractions()("I don't think they'll like John's film. IT'S gonna fail")
    "I do not think they will like John's film. IT IS going to fail"
    """

    name = "expand_contractions"

    expression = (
        rf"(?<![{WORD}'\u2019\u02bc])['\u2019\u02bc]?+[A-Za-z]{{1,12}}+(?:['\u2019\u02bc][A-Za-z]{{1,4}}+){{0,3}}+"
        rf"(?![{WORD}]|['\u2019\u02bc][{WORD}])"
    )

    def _replaced(self, match: regex.Match[str]) -> str:
        word = match[0].lower().replace("\u2019", "'").replace("\u02bc", "'")
        expanded = _expanded(word)
        return match[0] if expanded == word else _cased(expanded, match[0])


def _expanded(word: str) -> str:
    """The words that a lower-case word contracts; the word itself if there are none."""
    if word in WORDS:
        return WORDS[word]
    for suffix, expansion in SUFFIXES.items():
        rest = word[: -len(suffix)]
        if word.endswith(suffix) and (rest.isalpha() or _expanded(rest) != rest):
            return _expanded(rest) + expansion
    return word


def _cased(expanded: str, word: str) -> str:
    """``expanded`` in capitals, or with a capital first, as ``word`` is."""
    letters = [letter for letter in word if letter.isalpha()]
    if len(letters) > 1 and all(letter.isupper() for letter in letters):
        return expanded.upper()
    return expanded[0].upper() + expanded[1:] if letters[0].isupper() else expanded
