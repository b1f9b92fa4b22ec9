"""Texts that are there more than once: between splits, within one, or with another label."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import combinations

from textprep.datasets.inspection.findings import MOST_EXAMPLES, Finding, Rows
from textprep.datasets.splits.identity import DisjointSets, row_digests
from textprep.datasets.splits.near import join_near

Repeat = list[int]
"""The numbers of rows whose texts are the same, or nearly so."""


def repeats(
    rows: Rows, labels: Sequence[object], near_duplicates: float | None, contradiction: tuple[bool, str]
) -> Iterator[Finding]:
    """Leaks, rows that contradict each other, and duplicates.

    Args:
        rows: of all splits.
        labels: of each row, or None.
        near_duplicates: how much two texts overlap that are nearly the same; None: do not look for them.
        contradiction: whether it is wrong that rows contradict each other, and what to say of them.
    """
    names = list(row_digests(*rows.columns))
    sets = DisjointSets(len(rows))
    sets.join_equal(names)
    same = _of_several(sets)
    what = rows.one if rows.pair is None else "two texts"
    of_them = "leave it out of one of them" if rows.pair is None else "leave them out of one split"
    but_for = " (but for case, punctuation, markup and white space)" if rows.one == "text" else ""
    says = f"the same {what}{but_for}: {of_them}"
    yield from _leaks(rows, same, "leak", says)
    yield from _contradictions(rows, same, labels, *contradiction)
    yield from _within(rows, same, "duplicates", "are repeated within their split")
    if near_duplicates is None:
        return
    join_near(sets, rows.texts, names, near_duplicates, rows.pair)
    known = {tuple(repeat) for repeat in same}
    near = [repeat for repeat in _of_several(sets) if tuple(repeat) not in known]
    new = [repeat for repeat in near if not _leaks_already(rows, repeat, names)]
    says = (
        f"nearly the same {what} (an overlap of {near_duplicates:g} or more): {of_them}, "
        f"or divide with near_duplicates={near_duplicates:g}"
    )
    yield from _leaks(rows, new, "near_leak", says)
    yield from _within(rows, near, "near_duplicates", "are nearly repeated within their split")


def _of_several(sets: DisjointSets) -> list[Repeat]:
    return [members for members in sets.members() if len(members) > 1]


def _leaks(rows: Rows, found: list[Repeat], name: str, says: str) -> Iterator[Finding]:
    """A finding for each two splits that share texts."""
    shared: dict[tuple[str, str], list[Repeat]] = {}
    for repeat in found:
        for pair in combinations(rows.splits_of(repeat), 2):
            shared.setdefault(pair, []).append(repeat)
    for (one, other), leaks in shared.items():
        examples = [
            number for repeat in leaks[:MOST_EXAMPLES] for number in _one_of_each(rows, repeat, (one, other))
        ]
        yield Finding(
            name, True, len(leaks), f"times {one} and {other} share {says}", rows.examples(examples)
        )


def _one_of_each(rows: Rows, repeat: Repeat, pair: tuple[str, str]) -> list[int]:
    return [next(number for number in repeat if rows.splits[number] == split) for split in pair]


def _leaks_already(rows: Rows, repeat: Repeat, names: Sequence[bytes]) -> bool:
    """Whether the same splits share one of its texts exactly, which was told before."""
    whole = rows.splits_of(repeat)
    by_name: dict[bytes, Repeat] = {}
    for number in repeat:
        by_name.setdefault(names[number], []).append(number)
    return len(whole) < 2 or any(rows.splits_of(same) == whole for same in by_name.values())


def _contradictions(
    rows: Rows, same: list[Repeat], labels: Sequence[object], wrong: bool, says: str
) -> Iterator[Finding]:
    found = [
        repeat
        for repeat in same
        if len({labels[number] for number in repeat if labels[number] is not None}) > 1
    ]
    if found:
        examples = [number for repeat in found[:MOST_EXAMPLES] for number in _two_that_differ(repeat, labels)]
        yield Finding("contradiction", wrong, len(found), says, rows.examples(examples))


def _two_that_differ(repeat: Repeat, labels: Sequence[object]) -> list[int]:
    first = next(number for number in repeat if labels[number] is not None)
    return [first, next(n for n in repeat if labels[n] is not None and labels[n] != labels[first])]


def _within(rows: Rows, found: list[Repeat], name: str, says: str) -> Iterator[Finding]:
    """How many rows repeat one of their own split."""
    counts = [Counter(rows.splits[number] for number in repeat) for repeat in found]
    total = sum(count - 1 for splits in counts for count in splits.values())
    if total:
        inside = [repeat for repeat, splits in zip(found, counts, strict=True) if max(splits.values()) > 1]
        examples = [number for repeat in inside[:MOST_EXAMPLES] for number in _two_of_one_split(rows, repeat)]
        yield Finding(name, False, total, f"rows {says}", rows.examples(examples))


def _two_of_one_split(rows: Rows, repeat: Repeat) -> list[int]:
    (split, _), *_ = Counter(rows.splits[number] for number in repeat).most_common(1)
    return [number for number in repeat if rows.splits[number] == split][:2]
