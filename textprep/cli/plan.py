"""``textprep plan``: what an epoch of training costs and serves, before it is run."""

from __future__ import annotations

from typing import Annotated

import typer

from textprep.cli.arguments import AsJson, CacheDir, Overrides, Target
from textprep.cli.output import print_json


def plan(
    target: Target,
    split: Annotated[str, typer.Option(help="The split to plan an epoch of.")] = "train",
    ranks: Annotated[int, typer.Option(min=1, help="Among how many processes the steps are shared.")] = 1,
    cache_dir: CacheDir = None,
    overrides: Overrides = [],  # noqa: B006 - typer reads the default, which never changes
    as_json: AsJson = False,
) -> None:
    """Show what an epoch costs before training: steps, padding, the largest batch, what truncation cuts away.

    The batches are those of the first epoch of 'textprep train': shuffled, by length, with the options of
    the key loader, such as --set loader.max_tokens=16384. Data that is not prepared is prepared first.
    """
    from textprep.cli.loading import loaded
    from textprep.config.experiment import read_config
    from textprep.prepared.prepare import prepare
    from textprep.report.plan import length_histogram, plan_text

    config = read_config(target, overrides)
    corpus = loaded(config.dataset)
    data = prepare(corpus, config.encoding(corpus), cache_dir=cache_dir)
    options = {**config.loader.training(), "shuffle": True, "seed": config.training.seed}
    rows = data[split]
    loader = rows.loader(**options, rank=0, world_size=ranks)
    room = loader.layout.room(rows.template.specials(pair=rows.pair is not None))
    lengths = rows.lengths if rows.pair is None else rows.lengths + rows.pair.lengths
    histogram = length_histogram(lengths, room)
    stats = loader.stats.as_dict()
    if as_json:
        names = dict(enumerate(data.class_names))
        classes = [{**each, "name": names.get(each["label"])} for each in stats["classes"]]
        print_json({**stats, "classes": classes, "lengths": histogram._asdict()})
    else:
        print(plan_text(stats, data.class_names, histogram))
