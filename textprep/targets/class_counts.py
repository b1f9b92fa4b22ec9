"""How many rows each class has, in words, and what is to be said about it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from textprep.targets.label_mapping import merging, says_merging
from textprep.targets.problems import Problem

IMBALANCE = 10  # times as many rows in the largest class as in the smallest
MOST_CLASSES_SHOWN = 6


def described(counts: Mapping[str, int]) -> str:
    """The counts of the first classes.

    >>> described({"bad": 2, "good": 1000})
    'bad 2, good 1,000'
    """
    shown = [f"{name} {count:,}" for name, count in counts.items()][:MOST_CLASSES_SHOWN]
    more = f" and {len(counts) - len(shown)} more classes" if len(counts) > len(shown) else ""
    return ", ".join(shown) + more


def class_problems(classes: Sequence[str], counts: Mapping[str, Mapping[str, int]]) -> Iterator[Problem]:
    """Names that are nearly the same, classes without rows, and large differences of their sizes.

    >>> [problem.name for problem in class_problems(["a", "b"], {"train": {"a": 20, "b": 1}})]
    ['imbalance']

    Args:
        classes: their names.
        counts: split name → class name → rows.
    """
    if merged := merging(classes):
        yield Problem("alike_labels", True, len(merged), says_merging(merged))
    for name, rows in counts.items():
        missing = [label for label, count in rows.items() if not count]
        if missing:
            what = "a model cannot learn them" if name == "train" else "a score says nothing of them"
            says = f"classes have no row in {name}: {', '.join(missing)}; {what}"
            yield Problem("missing_class", name == "train", len(missing), says)
    train = counts.get("train", {}).values()
    least, most = min(train, default=0), max(train, default=0)
    if least and most >= IMBALANCE * least:
        says = f"times as many rows of the largest class as of the smallest in train ({most:,} and {least:,})"
        yield Problem("imbalance", False, most // least, says)
