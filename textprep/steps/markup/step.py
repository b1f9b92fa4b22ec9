"""The step that takes the text out of markup."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import regex
from pydantic import field_validator, model_validator

from textprep.steps.base import Step
from textprep.steps.markup import scanner, xml
from textprep.steps.markup.edits import edits_of
from textprep.steps.markup.names import HIDDEN
from textprep.steps.markup.references import decode, reference_edits

if TYPE_CHECKING:
    from collections.abc import Iterable

    import pyarrow as pa

    from textprep.steps.edits import Edit

_LINE_BREAK = regex.compile(r"<br[ \t\n\f\r]*+/?+>", regex.IGNORECASE | regex.ASCII)


class StripMarkup(Step):
    r"""Keep the text that a reader of the page would see, without tags.

    Texts from the web come with tags and entities, which are not words. They are read as a browser reads
    them, by the HTML standard's rules for tokens and for building the tree, whatever state they are in: text
    that a table cannot hold comes before it, a script ends where it ends in a browser. A tag that shows as a
    break (a block, a table cell, a list item, ``<br>``) becomes a line break, so that no two words are glued;
    any other tag goes without a trace. Comments and declarations are dropped, and so is what a page does not
    show of itself: ``script``, ``style``, ``template``, ``noscript``, ``title``, ``textarea``, ``iframe``,
    ``noembed`` and ``noframes``.

    What only looks like markup stays: ``a < b``, ``i <3 u``, ``AT&T``, and ``i </3 u``, which to the standard
    begins a comment. As in a browser, a tag, a comment or a script that never ends hides the rest of the
    text, and a text with tags loses its NULs. As where scripts do not run, what is in ``noscript`` is read,
    and then left out.

    The time is linear in the text, at any depth and in any state of disrepair.

    Attributes:
        mode: ``"xml"`` reads well-formed and broken XML: all text but comments, processing instructions and
            declarations, the content of CDATA sections as it is, entities that the document itself declares
            (never from outside, and only up to ten times the document's length; otherwise the reference
            stays), and a line break for every tag but those whose names HTML shows within a line.
        engine: ``"beautifulsoup4"`` uses that package over Python's ``html.parser`` on a tamed text, which
            builds no tree as browsers do. It is the older one, and slower; for comparison.
        keep: names of elements to keep the text of though a page does not show it, e.g. ``["title"]``.
        alt: whether an image becomes its ``alt`` text.

    Raises:
        StepError: an element to keep is shown anyway, or an option is for another mode or engine.

    >>> StripMarkup()("A <b>great</b>er film: good<br /><br />&amp; <i>short</i>, i &lt;3 it")
    'A greater film: good\n\n& short, i <3 it'
    >>> StripMarkup()("a < b, AT&T<!-- really --><script>alert('a')</script>")
    'a < b, AT&T'
    >>> StripMarkup(keep=["title"], alt=True)("<title>Psycho</title>Five <img alt='stars'>")
    '\nPsycho\nFive stars'
    >>> StripMarkup(mode="xml")('<!DOCTYPE p [<!ENTITY b "c">]><p>&b; <![CDATA[<d>]]></p>')
    '\nc <d>\n'
    """

    name = "strip_markup"
    version = 3

    mode: Literal["html", "xml"] = "html"
    engine: Literal["html5", "beautifulsoup4"] = "html5"
    keep: tuple[str, ...] = ()
    alt: bool = False

    @field_validator("keep")
    @classmethod
    def _check_hidden(cls, keep: tuple[str, ...]) -> tuple[str, ...]:
        if unknown := sorted(set(keep) - HIDDEN):
            raise ValueError(f"{unknown[0]!r} is not one of those left out: {', '.join(sorted(HIDDEN))}")
        return keep

    @model_validator(mode="after")
    def _check_together(self) -> StripMarkup:
        if (self.mode, self.engine) != ("html", "html5") and (self.keep or self.alt):
            raise ValueError("keep and alt are for mode 'html' and engine 'html5'")
        if self.mode == "xml" and self.engine != "html5":
            raise ValueError(f"engine {self.engine!r} is for mode 'html'")
        return self

    def __call__(self, text: str) -> str:
        """The text of ``text``."""
        if "<" not in text and "&" not in text:
            return text
        if self.mode == "xml":
            return xml.text_of(text)
        return self._with_tags(text) if "<" in text else decode(text)

    def _with_tags(self, text: str) -> str:
        broken = text.replace("<br />", "\n")  # all the markup that most reviews have
        if "<" in broken:
            broken = _LINE_BREAK.sub("\n", broken)
        if "<" not in broken and "\0" not in broken:
            return decode(broken)
        if self.engine == "beautifulsoup4":
            from textprep.steps.markup import soup  # a package that only this engine needs

            return soup.text_of(text)
        return scanner.text_of(text, HIDDEN.difference(self.keep), self.alt)

    def edits(self, text: str) -> Iterable[Edit] | None:
        """What is replaced; None if text changes its place, or BeautifulSoup reads it."""
        if self.mode == "xml":
            return xml.edits_of(text)
        if "<" not in text:
            return reference_edits(text, 0, len(text))
        if self.engine == "beautifulsoup4":
            return None
        return edits_of(text, HIDDEN.difference(self.keep), self.alt)

    def clean_column(self, texts: pa.LargeStringArray) -> pa.LargeStringArray:
        """The text of many texts; what has no markup but ``<br />`` is left to Arrow's kernels."""
        import pyarrow.compute as pc

        from textprep.steps.columns import clean_rows, holding

        if self.mode == "xml":
            return super().clean_column(texts)
        broken = pc.replace_substring(texts, "<br />", "\n")
        return clean_rows(self, texts, holding(broken, b"<&\0"), broken)
