"""`Measure`: a score by which epochs and trainings are compared."""

from __future__ import annotations

from typing import NamedTuple


class Measure(NamedTuple):
    """A score by which trainings are compared.

    Attributes:
        name: its key in JSON, and in ``training.monitor``: ``macro_f1``.
        title: what people call it: ``mean F1``.
        form: how a value is written: ``.2%``.
        more: whether more of it is better.
        ends: its least and its most; ``None`` where there is no end.
    """

    name: str
    title: str
    form: str
    more: bool
    ends: tuple[float | None, float | None] = (0.0, 1.0)

    def written(self, value: float) -> str:
        """A value as a person reads it.

        >>> Measure("accuracy", "accuracy", ".1%", True).written(0.911)
        '91.1%'
        """
        return format(value, self.form)
