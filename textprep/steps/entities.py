"""Steps on what has a form of its own inside running text: addresses, mentions, tags, numbers.

Each puts one token in the place of the many that are seen too seldom to be learned. Give the token to the
tokenizer as well (``specials=["<url>"]``), and run these steps before those that remove punctuation.
"""

from __future__ import annotations

import regex

from textprep.letters import SPACE
from textprep.steps.matching import WORD, MatchStep

_CLOSING = {")": "(", "]": "[", "}": "{"}
_TRAILING = "?!.,:;*_~'\u2018\u2019\u2026"
_LOCAL = rf"{WORD}%+\-"
_LABEL = r"[\p{L}\p{M}\p{N}]++(?:-++[\p{L}\p{M}\p{N}]++)*+"


class ReplaceUrls(MatchStep):
    """Replace every web address by one token.

    Nearly every address is a word of its own that never comes twice; that there is one may matter, which
    one hardly does. An address begins with ``http://``, ``https://``, ``ftp://`` or ``www.`` and ends at
    white space, a double quotation mark, ``<`` or ``>``. Punctuation at its end belongs to the sentence,
    and so does a closing bracket that was not opened in it (as in GitHub's autolinks). ``example.org`` alone
    stays: ``end.Start`` looks the same.

    Attributes:
        replacement: what stands for an address.

    >>> ReplaceUrls()("See https://en.wikipedia.org/wiki/Alien_(film), or (www.imdb.com).")
    'See <url>, or (<url>).'
    """

    name = "replace_urls"

    expression = (
        rf"(?i)(?:(?<![{WORD}])(?:https?|ftps?)://|(?<![{WORD}@/\-])(?<![{WORD}]\.)www\.)"
        rf"(?=[\p{{L}}\p{{N}}\[])[^{SPACE}<>\"\u201c\u201d\u00ab\u00bb]++"
    )

    replacement: str = "<url>"

    def _replaced(self, match: regex.Match[str]) -> str:
        return self.replacement + match[0][_length(match[0]) :]


def _length(url: str) -> int:
    """How much of what looks like an address is one: without the punctuation of the sentence around it."""
    unopened = {closing: url.count(closing) - url.count(opening) for closing, opening in _CLOSING.items()}
    length = len(url)
    while url[length - 1] in _TRAILING or unopened.get(url[length - 1], 0) > 0:
        length -= 1
        if url[length] in unopened:
            unopened[url[length]] -= 1
    return length


class ReplaceEmails(MatchStep):
    """Replace every e-mail address by one token.

    Addresses are rare words, and often somebody's personal data, which a vocabulary should not keep. What
    counts is ``local.part@host.name`` in the letters and digits of any script, with ``_ % + -``; the
    quoted forms of the standard, which nobody uses, do not. Handles such as ``@user@example.org`` are no
    addresses, see `ReplaceMentions`.

    Attributes:
        replacement: what stands for an address.

    >>> ReplaceEmails()("Write to first.last+film@mail.example.org.")
    'Write to <email>.'
    """

    name = "replace_emails"

    expression = (
        rf"(?<![{_LOCAL}@])(?<![{_LOCAL}]\.)[{_LOCAL}]++(?:\.[{_LOCAL}]++)*+@{_LABEL}(?:\.{_LABEL})++"
        rf"(?:[{_LOCAL}.]*+@[{_LOCAL}.@]*+)?+"  # what is glued to an address and holds an @ goes with it
    )

    replacement: str = "<email>"

    def _replaced(self, match: regex.Match[str]) -> str:
        return self.replacement


class ReplaceMentions(MatchStep):
    """Replace every mention of a user, ``@user`` or ``@user@example.org``, by one token.

    Who is spoken to is seldom what a model should learn, and names of users fill a vocabulary. An ``@``
    inside a word or an address (``me@example.org``, ``example.org/@user``) begins no mention.

    Attributes:
        replacement: what stands for a mention.

    >>> ReplaceMentions()("@anna saw it with @ben_2, not with me@example.org")
    '<mention> saw it with <mention>, not with me@example.org'
    """

    name = "replace_mentions"

    expression = rf"(?<![{WORD}@/])@[{WORD}]++(?:@[{WORD}]++(?:[.-][{WORD}]++)*+)*+"

    replacement: str = "<mention>"

    def _replaced(self, match: regex.Match[str]) -> str:
        return self.replacement


class ReplaceHashtags(MatchStep):
    """Replace every hashtag by one token.

    Tags are made up by the thousand, and in many data sets they were what texts were searched by, so that
    they give the label away. A tag holds a letter: ``#1`` is a rank and stays, and so does what follows
    ``&`` (``&#39;``) or a letter (``C#minor``, ``page#top``).

    Attributes:
        replacement: what stands for a tag.

    >>> ReplaceHashtags()("My #1 film: #Alien#scary, in C#minor")
    'My #1 film: <hashtag><hashtag>, in C#minor'
    """

    name = "replace_hashtags"

    expression = rf"(?<![{WORD}&#\uff03/])(?:[#\uff03](?=[\p{{N}}_]*+\p{{L}})[{WORD}]++)++"

    replacement: str = "<hashtag>"

    def _replaced(self, match: regex.Match[str]) -> str:
        return self.replacement * (match[0].count("#") + match[0].count("\uff03"))


class ReplaceNumbers(MatchStep):
    """Replace every number by one token, or every digit by one character.

    There is no end of numbers, and few come twice. A token says that there was one; ``"0"`` for each digit
    keeps what it looked like, so that ``1968`` and ``2001`` are both ``0000`` and ``3.5`` is not. A number
    is a run of decimal digits of any script, with points and commas between them; signs and units stay,
    also in ``B2B`` and ``10th``. Superscripts and fractions are digits after `NormalizeUnicode` to NFKC.

    Attributes:
        replacement: what stands for a number, or for each digit.
        each_digit: whether every digit is replaced by itself.

    >>> ReplaceNumbers()("In 1968 it made $1,000.50, minus 3%.")
    'In <number> it made $<number>, minus <number>%.'
    >>> ReplaceNumbers(replacement="0", each_digit=True)("In 1968 it made $1,000.50")
    'In 0000 it made $0,000.00'
    """

    name = "replace_numbers"

    expression = r"\p{Nd}++(?:[.,]\p{Nd}++)*+"

    replacement: str = "<number>"
    each_digit: bool = False

    def _replaced(self, match: regex.Match[str]) -> str:
        if not self.each_digit:
            return self.replacement
        return "".join(sign if sign in ".," else self.replacement for sign in match[0])
