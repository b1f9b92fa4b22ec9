r"""What a step changed, found by comparing the text before and after it.

Words that both texts hold equally often are matched in order, as in a patience diff, and again within each
gap; where a gap holds none, each word with its next occurrence; what is left is compared by character,
without a search. All of it takes time in proportion to the length (times its logarithm), whatever the texts
are. Of a step that only deletes words, or puts others than the text's own in their place, every word that
it leaves is found.

A comparison is exact where the change can be made in one smallest way only:

    "a <b>b</b>" → "a b"    can also be had by keeping the b of "<b>": a guess
    "a <i>b</i>" → "a b"    exact
    "the the"    → "the"    which one went? a guess

For a step with the scope ``"word"`` each word is cleaned by itself, so that it is certain which words came
from which.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import Counter, defaultdict, deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import pairwise
from typing import NamedTuple

from textprep.steps.edits import Edit

_UNIT = re.compile(r"[^\W_]+|[\W_]")
_WORD = re.compile(r"\S+")  # the words of str.split()
_DEPTH = 6  # gaps within gaps within …

Match = tuple[int, int]


class Differences(NamedTuple):
    """Edits that make one text of another.

    Attributes:
        edits: in order.
        exact: whether there is one smallest way only.
    """

    edits: list[Edit]
    exact: bool


def compare(before: str, after: str) -> Differences:
    """The differences of two texts.

    >>> compare("a <i>good</i> film", "a good film")
    Differences(edits=[Edit(start=2, stop=5, replacement=''), Edit(start=9, stop=13, replacement='')],
                exact=True)
    >>> compare("the the", "the")
    Differences(edits=[Edit(start=3, stop=7, replacement='')], exact=False)
    """
    if (certain := _certain(before, after)) is not None:
        return Differences(certain, exact=True)
    gaps = list(_gaps(before, after))
    edits = [
        edit
        for start, stop, start_after, stop_after in gaps
        for edit in _shifted(_characters(before[start:stop], after[start_after:stop_after]).edits, start)
    ]
    if _is_mixed(edits) and (places := _places(before, after)):
        return Differences(_edits_at(places[0], before, after), exact=False)
    return Differences(edits, len(gaps) == 1 and _trimmed(before, after).exact)


def compare_words(clean: Callable[[str], str], before: str, after: str) -> Differences:
    """The differences of a text and what a step with the scope ``"word"`` makes of it.

    Falls back on `compare` where ``clean`` breaks the promise of that scope.

    >>> compare_words(str.upper, "so so film", "SO SO FILM").edits[0]
    Edit(start=0, stop=1, replacement='S')
    """
    spans = [match.span() for match in _WORD.finditer(before)]
    spans_after = [match.span() for match in _WORD.finditer(after)]
    words = [before[start:stop] for start, stop in spans]
    try:
        cleaned = {word: clean(word).split() for word in set(words)}
    except Exception:  # somebody's step that takes whole texts only
        return compare(before, after)
    if [part for word in words for part in cleaned[word]] != [
        after[start:stop] for start, stop in spans_after
    ]:
        return compare(before, after)
    edits: list[Edit] = []
    exact, done, done_after, parts = True, 0, 0, iter(spans_after)
    for word, (start, stop) in zip(words, spans, strict=True):
        if not (places := [next(parts) for _ in cleaned[word]]):
            continue  # it vanished, with the white space around it
        start_after, stop_after = places[0][0], places[-1][1]
        edits += _replaced(before, done, start, after[done_after:start_after])
        inner = _characters(word, after[start_after:stop_after])
        edits += _shifted(inner.edits, start)
        exact, done, done_after = exact and inner.exact, stop, stop_after
    edits += _replaced(before, done, len(before), after[done_after:])
    return Differences(edits, exact)


def _replaced(text: str, start: int, stop: int, replacement: str) -> list[Edit]:
    return [] if text[start:stop] == replacement else [Edit(start, stop, replacement)]


def _shifted(edits: Iterable[Edit], by: int) -> list[Edit]:
    return [Edit(by + start, by + stop, replacement) for start, stop, replacement in edits]


def _is_mixed(edits: Iterable[Edit]) -> bool:
    """Whether something was deleted and something put in."""
    kinds = {(edit.start < edit.stop, edit.replacement != "") for edit in edits}
    return any(deletes for deletes, _ in kinds) and any(inserts for _, inserts in kinds)


def _characters(before: str, after: str) -> Differences:
    """What is certain; or else, between what both begin and end with, a guess or one piece replaced."""
    certain = _certain(before, after)
    return _trimmed(before, after) if certain is None else Differences(certain, exact=True)


def _certain(before: str, after: str) -> list[Edit] | None:
    """The edits, where letters only changed their case, or where there is one way to delete or to put in."""
    if [*map(str.casefold, before)] == [*map(str.casefold, after)]:
        pairs = enumerate(zip(before, after, strict=True))
        return [Edit(i, i + 1, new) for i, (old, new) in pairs if old != new]
    places = _places(before, after)
    return _edits_at(places[0], before, after) if places and places[0] == places[1] else None


def _trimmed(before: str, after: str) -> Differences:
    """What lies between the longest beginning and end that both have, first by deleting or putting in."""
    shorter = min(len(before), len(after))
    head = _common(before, after)
    tail = _common(before[::-1], after[::-1])
    start, kept = head, min(tail, shorter - head)
    old, new = before[start : len(before) - kept], after[start : len(after) - kept]
    if places := _places(old, new):
        return Differences(_shifted(_edits_at(places[0], old, new), start), exact=False)
    return Differences([Edit(start, start + len(old), new)], head + tail <= shorter)


def _places(before: str, after: str) -> tuple[list[int], list[int]] | None:
    """Where the characters of the shorter text lie in the longer one, as early and as late as can be."""
    shorter, longer = sorted((before, after), key=len)
    early, late, at = [], [], -1
    for character in shorter:
        at = longer.find(character, at + 1)
        if at < 0:
            return None
        early.append(at)
    at = len(longer)
    for character in reversed(shorter):
        at = longer.rfind(character, 0, at)
        late.append(at)
    return early, late[::-1]


def _edits_at(places: list[int], before: str, after: str) -> list[Edit]:
    """What lies in the longer text beside ``places`` was deleted, or put in."""
    deleted = len(before) > len(after)
    bounds = pairwise([-1, *places, max(len(before), len(after))])
    gaps = [(i, left + 1, right) for i, (left, right) in enumerate(bounds) if right > left + 1]
    if deleted:
        return [Edit(start, stop, "") for _, start, stop in gaps]
    return [Edit(i, i, after[start:stop]) for i, start, stop in gaps]


def _gaps(before: str, after: str) -> Iterator[tuple[int, int, int, int]]:
    """The pieces of both texts between the words that match: start and stop in each."""
    spans, spans_after = ([match.span() for match in _UNIT.finditer(text)] for text in (before, after))
    words = [before[start:stop] for start, stop in spans]
    words_after = [after[start:stop] for start, stop in spans_after]
    done = done_after = 0
    for i, j in [*_matches(words, words_after, _DEPTH), (len(words), len(words_after))]:
        start, stop = spans[i] if i < len(words) else (len(before), 0)
        start_after, stop_after = spans_after[j] if j < len(words_after) else (len(after), 0)
        if start > done or start_after > done_after:
            yield done, start, done_after, start_after
        done, done_after = stop, stop_after


def _matches(words: Sequence[str], others: Sequence[str], depth: int) -> Iterator[Match]:
    """Pairs of places at which both hold the same word, rising in both."""
    shorter = min(len(words), len(others))
    head = _common(words, others)
    tail = min(_common(words[::-1], others[::-1]), shorter - head)
    yield from ((i, i) for i in range(head))
    inner, inner_others = words[head : len(words) - tail], others[head : len(others) - tail]
    within = _matches_within(inner, inner_others, depth) if inner and inner_others else ()
    yield from ((head + i, head + j) for i, j in within)
    yield from zip(range(len(words) - tail, len(words)), range(len(others) - tail, len(others)), strict=True)


def _matches_within(words: Sequence[str], others: Sequence[str], depth: int) -> Iterator[Match]:
    """The longest rising chain of words that occur equally often, and what matches between its links."""
    chain = _rising(_equally_often(words, others)) if depth else []
    if not chain:
        yield from _in_turn(words, others)
        return
    start = start_other = 0
    for i, j in [*chain, (len(words), len(others))]:
        between = _matches(words[start:i], others[start_other:j], depth - 1)
        yield from ((start + before, start_other + after) for before, after in between)
        if i < len(words):
            yield i, j
        start, start_other = i + 1, j + 1


def _in_turn(words: Sequence[str], others: Sequence[str]) -> Iterator[Match]:
    """Each of ``others`` with the next place of that word, if there is one."""
    places: dict[str, list[int]] = defaultdict(list)
    for i, word in enumerate(words):
        places[word].append(i)
    at = 0
    for j, other in enumerate(others):
        found = places.get(other, [])
        if (nearest := bisect_left(found, at)) < len(found):
            yield found[nearest], j
            at = found[nearest] + 1


def _common(words: Sequence[str], others: Sequence[str]) -> int:
    """How many words, or characters, both begin with."""
    pairs = zip(words, others, strict=False)
    return next((i for i, (word, other) in enumerate(pairs) if word != other), min(len(words), len(others)))


def _equally_often(words: Sequence[str], others: Sequence[str]) -> list[Match]:
    """The first, second … place of each word in the one with that in the other, in the order of the one."""
    counts, counts_other = Counter(words), Counter(others)
    places: dict[str, deque[int]] = defaultdict(deque)
    for j, other in enumerate(others):
        places[other].append(j)
    return [(i, places[word].popleft()) for i, word in enumerate(words) if counts[word] == counts_other[word]]


def _rising(pairs: Sequence[Match]) -> list[Match]:
    """The longest part of ``pairs`` that rises in the second place too (patience sorting)."""
    ends: list[int] = []  # the lowest second place that ends a chain of so many pairs
    heads: list[int] = []  # and its pair
    before: list[int] = []
    for number, (_, j) in enumerate(pairs):
        length = bisect_left(ends, j)
        ends[length : length + 1] = [j]
        heads[length : length + 1] = [number]
        before.append(heads[length - 1] if length else -1)
    chain = []
    at = heads[-1] if heads else -1
    while at >= 0:
        chain.append(pairs[at])
        at = before[at]
    return chain[::-1]
