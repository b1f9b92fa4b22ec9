"""The shell of every page: one self-contained file that needs no network, calm in the light and in the dark.

A page is a Jinja template of `templates/` that extends `page.html`, with a style sheet and a script beside it
under its own name. Templates escape whatever is put into them; the filter ``visible`` shows what else would
be invisible. The browser is told to run no other script and to fetch nothing.
"""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Sequence
from functools import cache
from importlib.resources import files
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from textprep._version import __version__
from textprep.report.linear import signed
from textprep.visible import counted, visible


def render(
    name: str,
    *,
    title: str,
    styles: Sequence[str] = (),
    scripts: Sequence[str] = (),
    data: Any = None,
    **context: Any,
) -> str:
    """The page of the template ``name``.html.

    Args:
        name: of the template, and of the style sheet and the script that belong to it.
        title: of the page.
        styles: further style sheets, which it shares with other pages.
        scripts: those that it has in place of its own, in this order.
        data: JSON values that the script reads: ``JSON.parse(document.getElementById("data").textContent)``.
        context: what the template is filled with.
    """
    code = Markup("").join(asset(f"{script}.js") for script in scripts or (name,))
    return (
        _environment()
        .get_template(f"{name}.html")
        .render(
            **context,
            title=title,
            style=Markup("").join(asset(f"{sheet}.css") for sheet in ("page", *styles, name)),
            script=code,
            policy=f"default-src 'none'; style-src 'unsafe-inline'; script-src '{_digest(code)}'",
            data=script_json(data),
            version=__version__,
        )
    )


def asset(name: str) -> Markup:
    """A style sheet or a script of ours, which goes into a page as it is."""
    return Markup(files("textprep.report").joinpath("templates", name).read_text(encoding="utf-8"))  # noqa: S704 - our own file


def script_json(data: Any) -> Markup:
    r"""JSON that can stand within ``<script type="application/json">``, whatever the texts in it are.

    >>> print(script_json({"text": "</script><!--"}))
    {"text": "\u003c/script\u003e\u003c!--"}
    """
    written = json.dumps(data)  # ASCII only, so that U+2028 and lone surrogates are escapes already
    for sign in "<>&":
        written = written.replace(sign, f"\\u{ord(sign):04x}")
    return Markup(written)  # noqa: S704 - no sign is left that HTML knows


def _digest(script: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()


def _signed(value: float) -> str:
    """With the minus sign that is as wide as the plus, where no line breaks."""
    return signed(value).replace("-", "\N{MINUS SIGN}")


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("textprep.report"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {"visible": visible, "signed": _signed, "counted": counted}
    return environment
