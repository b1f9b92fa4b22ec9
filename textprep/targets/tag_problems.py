"""What `textprep check` says of the tags of a corpus."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from textprep.targets.label_mapping import merging, says_merging
from textprep.targets.problems import Problem


def tag_problems(counts: Mapping[str, Mapping[str, int]]) -> Iterator[Problem]:
    """Types that are nearly the same, and types that a split lacks.

    >>> [problem.says for problem in tag_problems({"train": {"LOC": 3}, "test": {"LOC": 0}})]
    ['types of tags never occur in test: LOC; a score says nothing of them']

    Args:
        counts: split name → type → how many entities are of it.
    """
    names = list(dict.fromkeys(name for of_split in counts.values() for name in of_split))
    if alike := merging(names):
        yield Problem("alike_labels", True, len(alike), says_merging(alike))
    for split, of_split in counts.items():
        if missing := [name for name, count in of_split.items() if not count]:
            what = "a model cannot learn them" if split == "train" else "a score says nothing of them"
            says = f"types of tags never occur in {split}: {', '.join(missing)}; {what}"
            yield Problem("missing_class", split == "train", len(missing), says)
