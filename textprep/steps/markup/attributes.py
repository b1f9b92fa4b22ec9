"""The attributes of a tag (13.2.5.32 to 40)."""

from __future__ import annotations

import regex

from textprep.steps.markup.references import decode_attribute

# A name may begin with "=", and hold quotes; what is not quoted ends at white space. A value whose quote
# never ends takes the rest of the text, so that no ">" is left for the tag.
_NAME = r"""[^\t\n\f\r />][^\t\n\f\r />=]*+"""
_SPACE = r"""[\t\n\f\r ]*+"""
_VALUE = r"""(?: "([^"]*+) (?:"|\Z) | '([^']*+) (?:'|\Z) | ([^\t\n\f\r >"'][^\t\n\f\r >]*+) )"""
_ATTRIBUTE = rf"""({_NAME}) (?: {_SPACE} = {_SPACE} {_VALUE}?+ )?+"""

# All that is between a tag's name and its ">". Possessive throughout: nothing is read twice.
REST = rf"""(?> [\t\n\f\r /]++ | {_ATTRIBUTE.replace("(", "(?:").replace("(?:?", "(?")} )*+"""

_EACH = regex.compile(_ATTRIBUTE, regex.VERBOSE)


def attributes_of(rest: str) -> dict[str, str]:
    """The attributes in what follows a tag's name; of two with the same name the first counts.

    >>> attributes_of(' A="1>2" b=c/d a=3 =e checked')
    {'a': '1>2', 'b': 'c/d', '=e': '', 'checked': ''}
    """
    found: dict[str, str] = {}
    if not rest:
        return found
    for attribute in _EACH.finditer(rest):
        name, *values = attribute.groups()
        found.setdefault(name.lower(), decode_attribute(next(filter(None, values), "")))
    return found


def closes_itself(rest: str) -> bool:
    """Whether the tag ends with ``/>``; the slash in ``<a b=c/>`` belongs to the value."""
    if rest[-1:] != "/":
        return False
    ends = [attribute.end() for attribute in _EACH.finditer(rest)]
    return not ends or ends[-1] < len(rest)
