"""The row on markup: how fast `strip_markup` is, against selectolax's text and against looking for a ``<``."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence

import numpy as np
from selectolax.lexbor import LexborHTMLParser

import textprep as tp
from tests.benchmarks.report import Measurement
from tests.benchmarks.setting import Setting
from tests.benchmarks.timing import Contestant, by_turns, fastest

TRIALS = 2
FEW = 1_000


def markup(setting: Setting) -> Iterator[Measurement]:
    """Reviews as they are, those without markup, and reviews with a tag every few words."""
    # "</3" is text to us and hides what comes after it from a browser.
    texts = [text for text in setting.texts.to_pylist() if not re.search("</[0-9]", text)]
    plain = [text for text in texts if "<" not in text and "&" not in text]
    pages = [_page(text) for text in texts[:FEW]]
    strip = tp.StripMarkup()
    best = _best_selectolax(setting, texts)
    for work, of, least, aim in ((setting.describe(), texts, 1, ">= 1x"), ("many tags", pages, None, "")):
        seconds = by_turns([_contestant(of, strip), _contestant(of, best)], setting.repeats, setting.work)
        yield Measurement("markup", f"{work}: strip_markup", f"selectolax ({best.__name__})", *seconds, least=least, aim=aim)  # fmt: skip
    many_times = [_contestant(plain, way, times=20) for way in (strip, find)]
    seconds = by_turns(many_times, setting.repeats, setting.work)
    yield Measurement(
        "markup", f"the {len(plain):,} of them without markup, 20 times", 'str.find("<")', *seconds,
        least=1.2, aim="<= 1.2x", ratio_of="ours/peer",
    )  # fmt: skip


def find(text: str) -> str:
    """The least that must be done to know that there is no tag."""
    text.find("<")
    return text


def whole(page: str) -> str:
    """The text of selectolax's whole tree."""
    return LexborHTMLParser(page).text()


def body(page: str) -> str:
    """The text of its body."""
    found = LexborHTMLParser(page).body
    return found.text() if found else ""


def _page(text: str) -> str:
    words = text.split()
    lines = (" ".join(words[start : start + 8]) for start in range(0, len(words), 8))
    return "".join(f"<div class=line><a href='#x'>{line}</a>, <b>so</b></div>" for line in lines)


def _best_selectolax(setting: Setting, texts: Sequence[str]) -> Callable[[str], str]:
    forms = (whole, body)
    contestants = [_contestant(texts[:FEW], form) for form in forms]
    best, times = fastest(contestants, setting.work, min(TRIALS, setting.repeats))
    setting.notes.append(f"markup, forms of selectolax tried on {min(FEW, len(texts)):,} texts: {times}")
    return forms[contestants.index(best)]


def _contestant(texts: Sequence[str], way: Callable[[str], str], times: int = 1) -> Contestant:
    def run() -> list[str]:
        for _ in range(times):
            results = [way(text) for text in texts]
        return results

    return Contestant(getattr(way, "__name__", "strip_markup"), lambda _: run, _characters)


def _characters(texts: Sequence[str]) -> tp.Ragged:
    """The characters of each text as numbers, white space aside."""
    rows = ["".join(text.split()) for text in texts]
    values = np.frombuffer("".join(rows).encode("utf-32-le", "surrogatepass"), dtype=np.int32)
    return tp.Ragged(values, np.cumsum([0, *map(len, rows)]))
