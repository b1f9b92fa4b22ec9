"""Did cleaning, and did attention, help? Variants of an experiment, over seeds, on the same rows.

Shapes are written with S seeds, N rows of the held-out split.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Iterable, Sequence
from itertools import groupby
from pathlib import Path
from typing import NamedTuple, cast

import numpy as np
import numpy.typing as npt

from textprep.config.experiment import Config
from textprep.datasets.corpus import Corpus
from textprep.errors import ConfigError
from textprep.extra.kinds import extras_of
from textprep.prepared.dataset import PreparedDataset
from textprep.records import Baseline, Comparison, VariantFacts, VariantGroup, VariantResult
from textprep.training.directory import write_record
from textprep.training.rows import rows_of
from textprep.training.runs.prepared_data import Report, load_corpus, load_prepared, silent
from textprep.training.runs.run import Run
from textprep.training.targets.measure import Measure
from textprep.training.trials.seeds import check_seeds, seeded, spread, trained
from textprep.training.trials.variants import Variant, varied_and_held

RESULTS = "compare.json"
STUDENT = (12.71, 4.30, 3.18, 2.78, 2.57, 2.45, 2.36, 2.31, 2.26)  # 97.5 % of t, by degrees of freedom
NORMAL = 1.96
Values = npt.NDArray[np.float64]


class Trained(NamedTuple):
    """What several seeds made of one configuration.

    Attributes:
        measure: what they are compared by.
        values: (S, N) what each row has of it, such as 1 where a seed was right and 0 where not; rows by id.
        facts: about data and time, as `compare` returns them for each variant.
        baseline: what guessing gives; None of runs of an older version.
    """

    measure: Measure
    values: Values
    facts: VariantFacts
    baseline: Baseline | None = None


def compare(
    base: Config,
    variants: Sequence[Variant],
    folder: Path,
    *,
    seeds: int = 3,
    cache_dir: Path | None = None,
    report: Report = silent,
) -> Comparison:
    """Train every variant with every seed and compare them on the held-out split.

    They are compared by the first measure of the target, such as the accuracy of classes.

    What is prepared is used again wherever steps and tokenizer agree, and so are runs: a comparison that was
    stopped goes on where it was when it is started again with the same folder. A variant that is the
    experiment ``base`` itself is the reference of its group; else the first is.

    An interval of 95 % counts two kinds of chance: which rows are in the held-out split, and which seeds
    were drawn. Differences from the reference are taken row by row and seed by seed, so they are surer than
    the measures themselves are.

    Args:
        base: the experiment.
        variants: of it; those of a group stand together.
        folder: for the runs and for ``compare.json``, which holds what is returned.
        seeds: how many; the first is ``base.training.seed``.
        cache_dir: where prepared data is kept, see `textprep.prepare`.
        report: is called with a line of text at every stage.

    Returns:
        ``held_out``, ``rows``, ``measure`` (key, title, form, whether more is better), ``seeds`` and
        ``groups``, each with its ``group``, ``reference``, the keys that are ``varied``, what is ``held``
        (see `varied_and_held`) and ``variants``: ``name``, the measure by its key, such as ``accuracy``
        (see `spread`), ``interval``, ``difference`` from the reference and ``difference_interval`` (None
        for the reference), ``verdict``, ``vocabulary``, ``oov_rate`` and ``tokens_a_text`` of the held-out
        split, ``read`` (the share of its tokens that truncation leaves), ``seconds`` (spread) and ``runs``.

    Raises:
        ConfigError: there are no seeds, or no variants.
        RunError: the folder holds something else, or a run cannot be written.
        KeyboardInterrupt: Ctrl-C; start again with the same folder to go on.
    """
    check_seeds(seeds)
    if not variants:
        raise ConfigError("there are no variants to compare")
    corpus = load_corpus(base)
    report(corpus.summary())
    held_out = "test" if "test" in corpus else "validation"
    done: dict[str, Trained] = {}
    for number, variant in enumerate(variants, 1):
        key = _key(variant.config)
        if key not in done:
            report(f"variant {number} of {len(variants)}: {variant.group}, {variant.name}")
            rows = _with_own_extra(corpus, variant.config)
            data = load_prepared(variant.config, cache_dir, report, rows)
            runs = list(_runs(variant, seeds, folder, data, rows, report))
            done[key] = _summed_up(runs, data, held_out)
    first = next(iter(done.values()))
    result: Comparison = {
        "held_out": held_out,
        "rows": first.values.shape[1],
        "measure": [first.measure.name, first.measure.title, first.measure.form, first.measure.more],
        "baseline": first.baseline,
        "seeds": [base.training.seed + number for number in range(seeds)],
        "groups": [
            _group(name, list(members), done, _key(base))
            for name, members in groupby(variants, key=lambda variant: variant.group)
        ],
    }
    write_record(folder / RESULTS, result)
    return result


def _with_own_extra(corpus: Corpus, config: Config) -> Corpus:
    """The same rows, with the extra columns of a variant."""
    kept = extras_of(config.dataset.options().get("extra"))
    return corpus.with_extra({name: kind for name, kind in corpus.extra.items() if name in kept})


def _key(config: Config) -> str:
    """What two variants share that are the same experiment."""
    return hashlib.blake2b(seeded(config, 0).model_dump_json().encode(), digest_size=4).hexdigest()


def _runs(
    variant: Variant, seeds: int, folder: Path, data: PreparedDataset, corpus: Corpus, report: Report
) -> Iterable[tuple[str, Run]]:
    """Folder and run of every seed: found, gone on with, or trained."""
    first = variant.config.training.seed
    for seed in range(first, first + seeds):
        config = seeded(variant.config, seed)
        path = folder / f"{_slug(variant.name)}-{_key(config)}-seed-{seed}"
        report(f"{variant.group}: {variant.name}, seed {seed}")
        run = trained(config, path, data, corpus, report)
        if run.metrics["interrupted"]:
            raise KeyboardInterrupt
        yield path.name, run


def _summed_up(runs: Sequence[tuple[str, Run]], data: PreparedDataset, held_out: str) -> Trained:
    _, first = runs[0]
    split = data[held_out]
    longest = first.config.loader.max_length or int(split.lengths.max(initial=0))
    facts: VariantFacts = {
        "vocabulary": rows_of(data).vocabulary(data),
        "oov_rate": split.oov_rate(),
        "tokens_a_text": float(split.lengths.mean()),
        "read": float(np.minimum(split.lengths, longest).sum() / max(int(split.lengths.sum()), 1)),
        "seconds": spread([sum(epoch["seconds"] for epoch in run.metrics["epochs"]) for _, run in runs]),
        "runs": [name for name, _ in runs],
    }
    values = np.stack([run.objective.per_row(run.predictions[held_out]) for _, run in runs]).astype(
        np.float64
    )
    return Trained(first.objective.measures[0], values, facts, first.metrics.get("baseline"))


def _group(name: str, members: Sequence[Variant], trained: dict[str, Trained], base: str) -> VariantGroup:
    keys = [_key(variant.config) for variant in members]
    reference = keys.index(base) if base in keys else 0
    lines = [
        _line(variant.name, trained[key], None if number == reference else trained[keys[reference]])
        for number, (variant, key) in enumerate(zip(members, keys, strict=True))
    ]
    varied, held = varied_and_held(members)
    return {
        "group": name,
        "reference": members[reference].name,
        "varied": varied,
        "held": held,
        "variants": lines,
    }


def _line(name: str, mine: Trained, reference: Trained | None) -> VariantResult:
    measure = mine.measure
    line = {
        "name": name,
        measure.name: spread(mine.values.mean(axis=1).tolist()),
        "interval": interval(mine.values, *measure.ends),
        "difference": None,
        "difference_interval": None,
        "verdict": "reference",
        **mine.facts,
    }
    if reference is not None:
        differences = mine.values - reference.values
        low, high = interval(differences, *_ends_of_difference(measure))
        above, below = ("better", "worse") if measure.more else ("worse", "better")
        verdict = above if low > 0 else below if high < 0 else "no clear difference"
        line |= {
            "difference": float(differences.mean()),
            "difference_interval": [low, high],
            "verdict": verdict,
        }
    return cast(VariantResult, line)


def _ends_of_difference(measure: Measure) -> tuple[float | None, float | None]:
    low, high = measure.ends
    return (None, None) if low is None or high is None else (low - high, high - low)


def interval(values: Values, least: float | None = 0.0, most: float | None = 1.0) -> list[float]:
    """95 % interval of the mean of (S, N) values from ``least`` to ``most``, for other rows and other seeds.

    The errors of rows (of the mean over seeds) and of seeds (of the mean over rows; Student's t, where there
    are two or more) are added as independent ones are. What would lie beyond the ends, where there are any,
    is cut off: two seeds say so little of a third (t is 12.7, of three seeds 4.3) that the interval may well
    reach there.

    >>> interval(np.array([[1.0, 0.0, 1.0, 1.0], [1.0, 0.0, 1.0, 1.0]]))
    [0.3256..., 1.0]
    """
    seeds, rows = values.shape
    error = NORMAL * values.mean(axis=0).std() / math.sqrt(rows)
    if seeds > 1:
        student = STUDENT[seeds - 2] if seeds - 2 < len(STUDENT) else 2.2
        error = math.hypot(error, student * values.mean(axis=1).std(ddof=1) / math.sqrt(seeds))
    mean = float(values.mean())
    low, high = mean - error, mean + error
    return [low if least is None else max(low, least), high if most is None else min(high, most)]


def _slug(name: str) -> str:
    """``name`` as part of a folder's name."""
    return "".join(character if character.isalnum() else "-" for character in name.lower())
