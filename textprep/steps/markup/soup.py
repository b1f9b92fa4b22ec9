"""The text of a page by BeautifulSoup over Python's ``html.parser``."""

from __future__ import annotations

import html
from collections.abc import Iterable

import regex
from bs4 import BeautifulSoup
from bs4.filter import SoupStrainer

from textprep.steps.markup.names import BREAKS
from textprep.steps.markup.references import decode

# Blocks; but html.parser reads markup in them as text in some releases of Python and not in others.
_TEXT_BLOCKS = frozenset({"plaintext", "textarea", "title", "xmp"})

# Linear, since nothing is read twice: quantifiers give nothing back, and what began as a construct matches
# as one, if need be up to the end of the text.
_PIECE = regex.compile(
    r"""
      [^<]++
    | (?P<unseen>
          <!-- (?: -?> | .*? (?: --!?> | \Z ) )
        | < (?P<raw> iframe | noembed | noframes | noscript | script | style | template ) (?=[\s/>])
          ATTRIBUTES
          (?: > .*? (?: </ (?P=raw) (?=[\s/>]) ATTRIBUTES >?+ | \Z ) | (?P<unfinished> \Z ) )
        | < [!?] [^>]*+ (?: > | (?P<unfinished> \Z ) )
        | </>
      )
    | < (?P<end> /?+ ) (?P<name> [a-z] [^\s/>]*+ ) ATTRIBUTES (?: > | (?P<unfinished> \Z ) )
    | <
    """.replace("ATTRIBUTES", r"""(?> (?: [^>=]++ | =\s*+ (?: "[^"]*+" | '[^']*+' )?+ )*+ )"""),
    regex.VERBOSE | regex.DOTALL | regex.IGNORECASE | regex.ASCII,
)


def text_of(page: str) -> str:
    """The text of a page, as BeautifulSoup finds it in what `_tame` leaves.

    >>> text_of("<p>A <b>great</b>er film</p>")
    '\\nA greater film\\n'
    """
    return "".join(_strings(_tame(page)))


def _tame(text: str) -> str:
    """``text`` as markup that html.parser reads in linear time and alike in every release of Python.

    html.parser takes the square of the length over constructs that never end, refuses ``<![x``, and its
    releases differ on comments, declarations and raw text. It gets bare tags and escaped text only.
    """
    return _PIECE.sub(_tame_piece, text)


def _tame_piece(piece: regex.Match[str]) -> str:
    if piece["unfinished"] is not None or (piece["name"] is None and piece["unseen"] is None):
        return html.escape(decode(piece[0]), quote=False)
    name = (piece["name"] or "").lower()
    if name in _TEXT_BLOCKS:
        name = "div"
    # A comment, or a name that no HTML element has: an empty element, which parts no word.
    if not (name.isascii() and name.isalnum()):
        return "<i></i>"
    # The break is text, so that an end tag without a start, which BeautifulSoup drops, is one too.
    line_break = "\n" if name in BREAKS else ""
    return f"{line_break}<{piece['end']}{name}>"


def _strings(tamed: str) -> Iterable[str]:
    """The strings between the tags, without a tree: deep in one, a node more costs a walk up to its root."""
    soup = BeautifulSoup(
        tamed,
        "html.parser",
        parse_only=SoupStrainer(string=True),
        # Otherwise a string that is nothing but white space would become one space.
        preserve_whitespace_tags={BeautifulSoup.ROOT_TAG_NAME},
        store_line_numbers=False,
    )
    return map(str, soup.strings)
