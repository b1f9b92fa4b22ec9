"""Classes in an order, such as stars, as a target of its own.

Loss and scores are in `textprep_ordinal_training`, which needs torch and is imported only for training.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

import textprep as tp


class OrdinalTarget(tp.ClassTarget):
    """One class a row, in the order of ``class_names``; whole numbers are in order by themselves.

    >>> import textprep as tp
    >>> rows = [("Dull.", 1), ("A joy.", 5), ("So so.", 3)]
    >>> data = [{"text": text, "label": stars} for text, stars in rows]
    >>> tp.load_dataset("memory", rows=data, target="ordinal", splits=None).class_names
    ('1', '3', '5')
    """

    name: ClassVar[str] = "ordinal"
    objective: ClassVar[str] = "textprep_ordinal_training:OrdinalObjective"

    def settled(self, blocks: Sequence[Any], columns: Sequence[str]) -> tuple[tp.Target, list[str]]:
        """With a note where words have their order from the alphabet."""
        target, notes = super().settled(blocks, columns)
        if self.class_names is None and not all(_is_whole(name) for name in target.classes):
            order = " < ".join(target.classes)
            notes = [*notes, f"the classes are in alphabetical order: {order}; class_names=[…] says another"]
        return target, notes


def _is_whole(name: str) -> bool:
    return name.removeprefix("-").isdecimal()


@tp.hookimpl
def textprep_targets() -> dict[str, type[tp.Target]]:
    """The target ``ordinal``."""
    return {"ordinal": OrdinalTarget}
