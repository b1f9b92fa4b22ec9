"""Text as people can see it, whatever is in it: for pages, notebooks and terminals."""

from __future__ import annotations

import os
import shlex
import subprocess

_JOINERS = "\u200c\u200d"  # between emoji, Persian and Indic letters they shape these, and do nothing else
_PICTURES = {chr(code): chr(0x2400 + code) for code in range(32)}
_SIGNS = {**_PICTURES, "\x7f": "␡", "\t": "⇥", "\n": "⏎\n"}


def visible(text: str) -> str:
    r"""``text`` with a sign for each character that shows nothing, or that moves others.

    Controls get Unicode's pictures of them, a line break ``⏎`` before it; others their number: unusual white
    space, marks of direction, lone surrogates. What comes out can be printed and written as UTF-8.

    >>> print(visible("a\x1b[1m\tb\u202ec"))
    a␛[1m⇥b⟨U+202E⟩c
    """
    if text.isprintable():
        return text
    last = len(text) - 1
    return "".join(
        c if c.isprintable() or (c in _JOINERS and 0 < i < last) else _sign(c) for i, c in enumerate(text)
    )


def visible_line(text: str) -> str:
    """`visible`, in one line.

    >>> visible_line("a\\nb")
    'a⏎b'
    """
    return visible(text).replace("\n", "")


def _sign(character: str) -> str:
    return _SIGNS.get(character) or f"⟨U+{ord(character):04X}⟩"


def command(*words: str | os.PathLike[str]) -> str:
    """A command as it can be pasted into a terminal.

    >>> from pathlib import Path
    >>> command("textprep", "resume", Path("my runs") / "1"), command("textprep", "resume", Path("-1"))
    ("textprep resume 'my runs/1'", 'textprep resume ./-1')
    """
    typed = [os.fspath(word) for word in words]
    for number, word in enumerate(words):
        if isinstance(word, os.PathLike) and typed[number].startswith("-"):
            typed[number] = f".{os.sep}{typed[number]}"
    return subprocess.list2cmdline(typed) if os.name == "nt" else shlex.join(typed)


def counted(number: int, noun: str) -> str:
    """So many of something.

    >>> counted(1, "text"), counted(1_200, "text"), counted(0, "class")
    ('1 text', '1,200 texts', '0 classes')
    """
    ending = "" if number == 1 else "es" if noun.endswith("s") else "s"
    return f"{number:,} {noun}{ending}"
