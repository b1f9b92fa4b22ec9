"""What a plan costs and whom it serves, known before training."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any, NamedTuple

import numpy as np

from textprep.batches.permutation import Rows
from textprep.batches.plan import Plan
from textprep.batches.reader import EncodedRows, target_of_rows
from textprep.batches.schedule import count_steps
from textprep.batches.served import ServedRows


class Spread(NamedTuple):
    """Of all batches: the mean, the least and the most."""

    mean: float
    least: int
    most: int


@dataclass(frozen=True)
class ClassStats:
    """One class in an epoch.

    Attributes:
        label: the class; -100 for rows without one.
        rows: how many rows it has.
        drawn: how many rows of it are served, each counted as often as it comes.
        distinct: how many different rows that are.
        effective: Kish's effective sample size, drawn² / Σ (times a row comes)²: what the draws are worth.
        tokens: of the drawn rows, of both texts where they have two, before truncation and special tokens.
        truncated: how many of the drawn rows are cut.
        tokens_cut: how many tokens are cut away.
    """

    label: int
    rows: int
    drawn: int
    distinct: int
    effective: float
    tokens: int
    truncated: int
    tokens_cut: int


@dataclass(frozen=True)
class PlanStats:
    """One epoch of a loader, all ranks together.

    Attributes:
        rows: how many rows there are.
        drawn: how many are served, each counted as often as it comes.
        left_out: how many rows are not served at all.
        batches: how many batches there are.
        steps: how many each rank has.
        world_size: how many ranks.
        tokens: what is served, special tokens included and padding not.
        padded_tokens: the same with padding: what a model computes.
        peak_area: the most of it in one batch, rows times width.
        texts_a_step, tokens_a_step: of a batch, without padding.
        classes: each class, by label; none where the target has no classes.
    """

    rows: int
    drawn: int
    left_out: int
    batches: int
    steps: int
    world_size: int
    tokens: int
    padded_tokens: int
    peak_area: int
    texts_a_step: Spread
    tokens_a_step: Spread
    classes: tuple[ClassStats, ...]

    @property
    def padding_share(self) -> float:
        """How much of what a model computes is padding, from 0 to 1."""
        return 1 - self.tokens / self.padded_tokens if self.padded_tokens else 0.0

    def as_dict(self) -> dict[str, Any]:
        """All of it as JSON values."""
        spreads = {name: getattr(self, name)._asdict() for name in ("texts_a_step", "tokens_a_step")}
        return {**asdict(self), **spreads, "padding_share": self.padding_share}


def plan_stats(plan: Plan, served: ServedRows, split: EncodedRows, world_size: int = 1) -> PlanStats:
    """What ``plan`` costs and serves.

    Args:
        plan: an epoch of ``split``, of the lengths of ``served``.
        served: the rows as they are laid out.
        split: the rows.
        world_size: how many ranks share it.
    """
    rectangles = served.rectangles.values()
    times = np.zeros(len(split), dtype=np.int64)
    sizes, tokens, areas = [np.zeros(0, np.int64)], [np.zeros(0, np.int64)], [np.zeros(0, np.int64)]
    for number in range(plan.windows):
        batches = plan.window(number)
        rows = np.concatenate(batches)
        np.add.at(times, rows, 1)
        starts = np.cumsum([0, *map(len, batches)])[:-1]
        sizes.append(np.array([len(batch) for batch in batches]))
        served_each = [np.add.reduceat(each.lengths[rows], starts) for each in rectangles]
        tokens.append(np.add.reduce(served_each))
        areas.append(sizes[-1] * np.add.reduce([each.widths(rows, starts) for each in rectangles]))
    size, token, area = np.concatenate(sizes), np.concatenate(tokens), np.concatenate(areas)
    return PlanStats(
        rows=len(split),
        drawn=int(size.sum()),
        left_out=int((times == 0).sum()),
        batches=len(size),
        steps=count_steps(plan, len(size), world_size),
        world_size=world_size,
        tokens=int(token.sum()),
        padded_tokens=int(area.sum()),
        peak_area=int(area.max(initial=0)),
        texts_a_step=_spread(size),
        tokens_a_step=_spread(token),
        classes=_classes(split, times, served),
    )


def _spread(numbers: Rows) -> Spread:
    if not len(numbers):
        return Spread(0.0, 0, 0)
    return Spread(float(numbers.mean()), int(numbers.min()), int(numbers.max()))


def _classes(split: EncodedRows, times: Rows, served: ServedRows) -> tuple[ClassStats, ...]:
    whole, kept = served.tokens()
    return tuple(
        _class(label, times[rows], whole[rows], kept[rows])
        for label, rows in target_of_rows(split).groups(split.labels)
    )


def _class(label: int, times: Rows, whole: Rows, kept: Rows) -> ClassStats:
    """Of the rows of one class: how often each comes, its tokens, and how many of them are kept."""
    drawn = int(times.sum())
    return ClassStats(
        label=label,
        rows=len(times),
        drawn=drawn,
        distinct=int((times > 0).sum()),
        effective=drawn**2 / max(int((times**2).sum()), 1),
        tokens=int((whole * times).sum()),
        truncated=int(times[whole > kept].sum()),
        tokens_cut=int(((whole - kept) * times).sum()),
    )
