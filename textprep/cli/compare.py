"""``textprep compare``: did cleaning, and did attention, help?"""

from __future__ import annotations

from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from textprep.cli.arguments import AsJson, CacheDir, Overrides, Target, typed_path
from textprep.cli.output import going_on_later, print_json, say

if TYPE_CHECKING:
    from textprep.config.experiment import Config
    from textprep.records import Comparison
    from textprep.training.trials.variants import Variant


class Group(str, Enum):
    """What can be varied."""

    attention = "attention"
    tokenizer = "tokenizer"
    steps = "steps"
    extra = "extra"


@going_on_later()
def compare(
    target: Target,
    groups: Annotated[
        list[Group],
        typer.Option("--vary", help="What to vary; repeatable, all that the experiment has if not given."),
    ] = [],  # noqa: B006 - typer reads the default, which never changes
    own: Annotated[
        list[str],
        typer.Option(
            "--variant",
            metavar="'NAME KEY=VALUE …'",
            help="A variant of your own, compared with the experiment as it is; repeatable.",
        ),
    ] = [],  # noqa: B006
    seeds: Annotated[int, typer.Option(min=1, help="Train each variant so many times.")] = 3,
    out: Annotated[
        Path | None,
        typer.Option(
            parser=typed_path,
            metavar="PATH",
            help="The folder for the runs; runs/NAME-compare if not given. What is there is used again.",
        ),
    ] = None,
    cache_dir: CacheDir = None,
    overrides: Overrides = [],  # noqa: B006
    as_json: AsJson = False,
) -> None:
    """Train variants of an experiment over seeds on the same splits, and compare them.

    No attention, additive and multi-head; words, characters and byte pairs; each cleaning step left out in
    turn; each extra column left out in turn, if there are any; or variants of your own, such as
    --variant "'averaged' training.averaging=0.99". Whatever was finished when it is stopped is used again
    when it is started again.
    """
    from textprep.config.experiment import read_config
    from textprep.training.directory import making_folders
    from textprep.training.runs.experiment import run_name
    from textprep.training.trials.compare import compare as compare_variants

    config = read_config(target, overrides)
    variants = _variants(config, [group.value for group in groups], own)
    folder = out or Path("runs") / f"{run_name(config)}-compare"
    with making_folders():
        folder.mkdir(parents=True, exist_ok=True)
    result = compare_variants(config, variants, folder, seeds=seeds, cache_dir=cache_dir, report=say)
    _show(result, folder, as_json)


def _variants(config: Config, groups: list[str], own: list[str]) -> list[Variant]:
    """Those of the groups, of all groups where neither these nor own ones are wanted; and the own ones."""
    from textprep.training.trials.variants import GROUPS, own_variants

    there = {"extra": bool(config.dataset.options().get("extra"))}
    there |= dict.fromkeys(("tokenizer", "steps"), not config.reads_sequences)
    usual = [group for group in GROUPS if there.get(group, True)]
    wanted = groups or ([] if own else usual)
    variants = [variant for group in wanted for variant in GROUPS[group](config)]
    return variants + (own_variants(config, own) if own else [])


def _show(result: Comparison, folder: Path, as_json: bool) -> None:
    from textprep.errors import RunError
    from textprep.report.comparison import PICTURE, comparison_picture, comparison_tables
    from textprep.storage.files import write_text

    if as_json:
        print_json({"folder": str(folder), **result})
    else:
        print(f"\n{comparison_tables(result)}\n\nsaved in {folder}")
    write_text(folder / PICTURE, comparison_picture(result), RunError)
