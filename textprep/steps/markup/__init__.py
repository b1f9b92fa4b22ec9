"""Markup: the text of pages.

``step.py`` holds the step; the other files are what it reads pages with, in one direction::

    scanner.py ──► tree.py ──► rules_*.py ──► open_elements.py ──► names.py
    text → tags    the page    what a tag     what is open,        the names of
    and strings    so far      does where     what is in scope     HTML's elements

No tree of nodes is built. A tree is needed to know three things about a piece of text: whether something
hides it, whether it goes before a table instead of into it, and whether it is dropped. What is open, and a
list of strings for each place that text can go to, tell all three.
"""

from textprep.steps.markup.step import StripMarkup

__all__ = ["StripMarkup"]
