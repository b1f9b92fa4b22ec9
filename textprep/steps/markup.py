"""Steps on markup."""

from __future__ import annotations

import html
from collections.abc import Iterable
from typing import TYPE_CHECKING

import regex
from bs4 import BeautifulSoup
from bs4.filter import SoupStrainer

from textprep.steps.base import Step

if TYPE_CHECKING:
    import pyarrow as pa

# What the HTML standard shows as a break, a block or a cell (its section on rendering).
_BREAK_NAMES = (
    "address article aside blockquote body br button caption center dd details dialog dir div dl dt fieldset "
    "figcaption figure footer form h1 h2 h3 h4 h5 h6 head header hgroup hr html legend li listing main menu "
    "nav ol optgroup option p pre search section select summary table tbody td tfoot th thead tr ul"
)
_BREAKS = frozenset(_BREAK_NAMES.split())
# Blocks too; but html.parser reads markup in them as text in some releases of Python and not in others.
_TEXT_BLOCKS = frozenset({"plaintext", "textarea", "title", "xmp"})

_LINE_BREAK = regex.compile(r"<br[ \t\n\f\r]*+/?+>", regex.IGNORECASE | regex.ASCII)

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


class StripMarkup(Step):
    r"""Keep the text that a reader of the page would see, without HTML tags.

    Texts from the web come with tags and entities, which are not words. Entities are decoded. A tag that
    shows as a break (a block, a table cell, a list item, ``<br>``) becomes a line break, so that no two
    words are glued; any other tag goes without a trace. Comments, declarations, processing instructions
    and the insides of ``script``, ``style``, ``template``, ``noscript`` and frames are dropped.

    What only looks like markup stays: ``a < b``, ``i <3 u``, ``AT&T``, and a tag that never gets its ``>``.
    As in a browser, a comment or a script that never ends hides the rest of the text.

    >>> StripMarkup()("A <b>great</b>er film: good<br /><br />&amp; <i>short</i>, i &lt;3 it")
    'A greater film: good\n\n& short, i <3 it'
    >>> StripMarkup()("a < b, AT&T<!-- really --><script>alert('a')</script>")
    'a < b, AT&T'
    """

    name = "strip_markup"

    def __call__(self, text: str) -> str:
        """The text of ``text``."""
        if "<" not in text:
            return _decode(text)
        if "<" not in (broken := _LINE_BREAK.sub("\n", text)):  # all the markup that most reviews have
            return _decode(broken)
        return "".join(_strings(_tame(text)))

    def clean_column(self, texts: pa.LargeStringArray) -> pa.LargeStringArray:
        """The text of many texts; what has no markup but ``<br />`` is left to Arrow's kernels."""
        import pyarrow.compute as pc

        from textprep.steps.columns import clean_rows, holding

        broken = pc.replace_substring(texts, "<br />", "\n")
        return clean_rows(self, texts, holding(broken, b"<&"), broken)


def _decode(text: str) -> str:
    """``text`` with its character references replaced, as HTML 5 says."""
    if "&" not in text:
        return text
    if "&#" in text:
        # Python refuses to read a number of thousands of digits; eight are more than there are characters.
        text = regex.sub(r"&#0*([0-9]{1,8})[0-9]*", r"&#\1", text)
    return html.unescape(text)


def _tame(text: str) -> str:
    """``text`` as markup that html.parser reads in linear time and alike in every release of Python.

    html.parser takes the square of the length over constructs that never end, refuses ``<![x``, and its
    releases differ on comments, declarations and raw text. It gets bare tags and escaped text only.
    """
    return _PIECE.sub(_tame_piece, text)


def _tame_piece(piece: regex.Match[str]) -> str:
    if piece["unfinished"] is not None or (piece["name"] is None and piece["unseen"] is None):
        return html.escape(_decode(piece[0]), quote=False)
    name = (piece["name"] or "").lower()
    if name in _TEXT_BLOCKS:
        name = "div"
    # A comment, or a name that no HTML element has: an empty element, which parts no word.
    if not (name.isascii() and name.isalnum()):
        return "<i></i>"
    # The break is text, so that an end tag without a start, which BeautifulSoup drops, is one too.
    line_break = "\n" if name in _BREAKS else ""
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
