"""Regular expressions of tiktoken, written so that ``tokenizers`` matches the same with them.

One is matched by Rust's ``fancy_regex``, the other by Oniguruma, which reads some signs in another way.
"""

from __future__ import annotations

import re

from textprep.errors import TokenizerError

_SAME_ESCAPES = frozenset("sSdDrntpP")  # what they match is the same; of punctuation, too
_TOKEN = re.compile(
    r"(?P<escape>\\(?:[pP]\{\^?\w+\}|[pP]\w|.))"
    r"|(?P<set>\[\^?\]?(?:\\.|\[:\w+:\]|[^\]\\\[])*\])"
    r"|(?P<open>\((?:\?(?:i?:|[=!>]|<[=!])|(?!\?)))"
    r"|(?P<close>\))"
    r"|(?P<times>\{\d*,?\d*\})"
    r"|(?P<repeat>[*+?])"
    r"|(?P<end>\$)"
    r"|(?P<start>\^)"
    r"|(?P<or>\|)"
    r"|(?P<other>[^\\\[\](){}*+?$^|])",
    re.DOTALL,
)


def for_oniguruma(pattern: str) -> str:
    r"""``pattern`` for ``tokenizers``: possessive counts as atomic groups, the ends of a text by their names.

    >>> for_oniguruma(r"\p{N}{1,3}+|\s++$")
    '(?>\\p{N}{1,3})|\\s++\\z'

    Raises:
        TokenizerError: it has a sign that the two libraries may read differently.
    """
    written: list[str] = []
    opened: list[int] = []
    place = atom = 0
    while place < len(pattern):
        token = _TOKEN.match(pattern, place)
        if token is None or _is_read_otherwise(token):
            raise _unknown(pattern, place)
        place, sign = token.end(), token.group()
        kind = token.lastgroup
        if kind == "times" and pattern.startswith("+", place):
            written[atom:] = ["(?>", *written[atom:], sign, ")"]
            place += 1
            continue
        if kind == "open":
            opened.append(len(written))
        elif kind == "close" and not opened:
            raise _unknown(pattern, place - 1)
        elif kind == "close":
            atom = opened.pop()
        elif kind not in ("times", "repeat"):
            atom = len(written)
        written.append({"end": r"\z", "start": r"\A"}.get(str(kind), sign))
    if opened:
        raise _unknown(pattern, place)
    return "".join(written)


def _is_read_otherwise(token: re.Match[str]) -> bool:
    escapes = re.findall(r"\\(.)", token.group(), re.DOTALL) if token.lastgroup in ("escape", "set") else []
    return any(sign not in _SAME_ESCAPES and sign.isalnum() for sign in escapes) or "&&" in token.group()


def _unknown(pattern: str, place: int) -> TokenizerError:
    found = repr(pattern[place : place + 8]) if place < len(pattern) else "its end"
    return TokenizerError(
        f"the pattern {pattern!r:.60} of tiktoken has {found} at character {place}, "
        "which the library tokenizers may read otherwise, so the ids could be others",
        option="pattern",
        hint=r"write it with other signs, such as [\p{L}\p{N}_] for \w",
    )
