"""The names of elements, in the groups that the HTML standard treats alike (sections 13.2.4 and 13.2.6)."""

from __future__ import annotations


def _names(text: str) -> frozenset[str]:
    return frozenset(text.split())


HEADINGS = _names("h1 h2 h3 h4 h5 h6")
CELLS = _names("td th")
ROW_GROUPS = _names("tbody tfoot thead")
TABLE_PARTS = ROW_GROUPS | CELLS | _names("caption col colgroup tr")
# Text that is not white space does not stay in these: it goes before the table.
FOSTERING = ROW_GROUPS | _names("table tr")

# Closed by their own end tag, with whatever is open in them.
BLOCKS = _names(
    "address article aside blockquote center details dialog dir div dl fieldset figcaption figure footer "
    "header hgroup main menu nav ol search section summary ul"
)
CLOSED_BY_NAME = BLOCKS | _names("button listing pre select")
FORMATTING = _names("a b big code em font i nobr s small strike strong tt u")
IMPLIED_ENDS = _names("dd dt li optgroup option p rb rp rt rtc")
THOROUGHLY_IMPLIED_ENDS = IMPLIED_ENDS | ROW_GROUPS | CELLS | _names("caption colgroup tr")
SPECIAL = (
    (BLOCKS - {"dialog"})
    | HEADINGS
    | TABLE_PARTS
    | _names(
        "applet area base basefont bgsound body br button dd dt embed form frame frameset head hr html "
        "iframe img input keygen li link listing marquee meta noembed noframes noscript object p param "
        "plaintext pre script select source style table template textarea title track wbr xmp"
    )
)

# What an element that is looked for must not be outside of.
BARRIERS = _names("applet caption html marquee object select table td template th")
TABLE_BARRIERS = _names("html table template")
# Specials that the search for an open ``li``, ``dd`` or ``dt`` passes.
NO_WALLS = _names("address div p")
# What decides the insertion mode.
STRUCTURE = TABLE_PARTS | _names("body frameset head table template")

TEXT_POINTS = _names("mi mn mo ms mtext")  # in MathML
PAGE_POINTS = _names("desc foreignobject title")  # in SVG
BREAKOUTS = _names(
    "b big blockquote body br center code dd div dl dt em embed h1 h2 h3 h4 h5 h6 head hr i img li listing "
    "menu meta nobr ol p pre ruby s small span strike strong sub sup table tt u ul var"
)

# What a page does not show.
HIDDEN = _names("iframe noembed noframes noscript script style template textarea title")

# What the HTML standard shows as a break, a block or a cell (its section on rendering).
BREAKS = (
    BLOCKS
    | HEADINGS
    | TABLE_PARTS
    | _names(
        "body br button dd dt form head hr html legend li listing optgroup option p plaintext pre select "
        "table textarea title xmp"
    )
)

# What the HTML standard shows within a line, for XML, where nothing says so.
INLINE = FORMATTING | _names(
    "abbr acronym bdi bdo bold cite del dfn ins italic kbd mark q rp rt ruby samp span sub sup time "
    "underline var wbr"
)
