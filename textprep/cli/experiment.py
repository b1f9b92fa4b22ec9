"""``textprep prepare``, ``train``, ``resume`` and ``report``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from typing_extensions import TypedDict

from textprep.cli.arguments import AsJson, CacheDir, Overrides, RunPath, Target, typed_path
from textprep.cli.output import going_on_later, print_json, say
from textprep.visible import command

if TYPE_CHECKING:
    from textprep.prepared.dataset import PreparedDataset
    from textprep.prepared.split import PreparedSplit
    from textprep.records import SeedsSummary
    from textprep.training.runs.run import Run


class SplitCounts(TypedDict):
    """A prepared split, for programs."""

    rows: int
    tokens: int
    longest: int
    oov_rate: float


@going_on_later()
def prepare(
    target: Target,
    cache_dir: CacheDir = None,
    overrides: Overrides = [],  # noqa: B006 - typer reads the default, which never changes
    rebuild: Annotated[
        bool, typer.Option("--rebuild", help="Make it again, even if it is there; mends what is damaged.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Clean, tokenize and encode a data set once, and keep the ids on disk.

    A second call with the same data, steps and tokenizer opens what is there.
    """
    from textprep.cli.loading import loaded
    from textprep.config.experiment import read_config
    from textprep.prepared.prepare import prepare as prepare_corpus
    from textprep.tables import table

    config = read_config(target, overrides)
    config.pipeline()  # wrong steps and options show before anything is read
    corpus = loaded(config.dataset)
    say(corpus.contents())
    data = prepare_corpus(corpus, config.encoding(corpus), cache_dir=cache_dir, rebuild=rebuild)
    splits = {name: _counts(split) for name, split in data.items()}
    if as_json:
        print_json(
            {
                "path": str(data.path),
                "fingerprint": data.path.name,
                **_learned(data),
                "target": data.target.record() if data.target else None,
                "class_names": list(data.class_names),
                "rejected": len(corpus.rejected),
                "notes": (*corpus.notes, *data.notes()),
                "splits": splits,
            }
        )
        return
    unit = data["train" if "train" in data else next(iter(data))].unit
    print(table(["split", "rows", f"{unit}s", f"{unit}s per row", "longest", "unknown"], _lines(splits)))
    print("; ".join(f"{name}: {said}" for name, said in _learned(data).items()) + f"; kept in {data.path}")
    for note in data.notes():
        print(note)


def _learned(data: PreparedDataset) -> dict[str, Any]:
    """How large the vocabulary is; of sequences of numbers, what these are called."""
    if data.features is None:
        return {"vocabulary": len(data.pipeline.vocabulary)}
    return {"features": list(data.features)}


def _counts(split: PreparedSplit) -> SplitCounts:
    """Of rows of two texts, those of both."""
    lengths = split.lengths if split.pair is None else split.lengths + split.pair.lengths
    return {
        "rows": len(split),
        "tokens": split.tokens,
        "longest": int(lengths.max(initial=0)),
        "oov_rate": round(split.oov_rate(), 6),
    }


def _lines(splits: dict[str, SplitCounts]) -> list[list[str]]:
    return [
        [
            name,
            f"{counts['rows']:,}",
            f"{counts['tokens']:,}",
            f"{counts['tokens'] / max(counts['rows'], 1):.1f}",
            f"{counts['longest']:,}",
            f"{counts['oov_rate']:.2%}",
        ]
        for name, counts in splits.items()
    ]


@going_on_later()
def train(
    target: Target,
    run: Annotated[
        Path | None,
        typer.Option(
            parser=typed_path,
            metavar="PATH",
            help="The folder to save the run in; runs/NAME-1, NAME-2 … if not given.",
        ),
    ] = None,
    seeds: Annotated[
        int, typer.Option(min=1, help="Train so many times, each with another seed, and print the spread.")
    ] = 1,
    cache_dir: CacheDir = None,
    overrides: Overrides = [],  # noqa: B006 - typer reads the default, which never changes
    as_json: AsJson = False,
) -> None:
    """Train a classifier, score it on the held-out split, save the run.

    Ctrl-C ends the training after the step under way (pressed twice, in the middle of it), and saves and
    scores what was learned so far (exit code 130). 'textprep resume' goes on with the next step; with a
    training that was killed, from its last checkpoint. Several processes train together under torchrun.
    """
    from textprep.config.experiment import read_config
    from textprep.training.runs.experiment import train as train_run
    from textprep.training.trials.seeds import train_seeds

    config = read_config(target, overrides)
    if seeds > 1:
        _show_seeds(*train_seeds(config, seeds, run, cache_dir=cache_dir, report=say), as_json)
    else:
        _show_trained(train_run(config, run, cache_dir=cache_dir, report=say), as_json)


@going_on_later()
def resume(run: RunPath, cache_dir: CacheDir = None, as_json: AsJson = False) -> None:
    """Go on with a training that was killed or stopped; it ends as if it had not been.

    RUN is the folder that 'textprep train' made; with --seeds the one that holds a run for each seed.
    Weights, optimizer, place in the data and random state are those of the last checkpoint: there is one of
    the step at which Ctrl-C stopped it, one after each epoch, and one every training.checkpoint_every steps.
    Options that have changed since are refused.
    """
    from textprep.training.directory import UNFINISHED
    from textprep.training.runs.experiment import resume as resume_run
    from textprep.training.trials.seeds import resume_seeds

    if (run / UNFINISHED).exists():
        _show_seeds(*resume_seeds(run, cache_dir=cache_dir, report=say), as_json)
    else:
        _show_trained(resume_run(run, cache_dir=cache_dir, report=say), as_json)


def report(run: RunPath, cache_dir: CacheDir = None) -> None:
    """Write RUN/report.html again: the run as one page, which every training writes at its end.

    It reads the training data again; after 'textprep evaluate RUN --min-recall' it shows that threshold.
    """
    from textprep.training.runs.experiment import report_on

    say(f"wrote {report_on(run, cache_dir=cache_dir, report=say)}: open it in a browser")


def _show_trained(run: Run, as_json: bool) -> None:
    from textprep.report.scores import optimistic
    from textprep.training.loop import processes

    held_out, path = run.metrics["held_out"], run.path
    if processes.rank() or path is None:
        return  # one of several processes speaks
    if as_json:
        print_json({"run": str(path), **run.metrics})
    else:
        if held_out:
            print(f"\nscores on the held-out split {held_out!r}{optimistic(held_out)}:\n")
            print(run.objective.summary(run.metrics))
        else:
            print("\nnot scored")
        texts = '"your own text"' + (' --pair "and the second"' if run.pairs else "")
        texts = texts if run.model.features is None else "--data FILE"
        print(f"\nsaved in {path}\ntry it: {command('textprep', 'predict', path)} {texts}")
    _end_interrupted(run.metrics["interrupted"], path)


def _end_interrupted(interrupted: bool, path: Path) -> None:
    if interrupted:
        say(f"stopped; to go on from what was saved: {command('textprep', 'resume', path)}")
        raise typer.Exit(130)


def _show_seeds(summary: SeedsSummary, path: Path, as_json: bool) -> None:
    from textprep.report.scores import seeds_table

    if as_json:
        print_json({"run": str(path), **summary})
    else:
        print(f"\n{seeds_table(summary)}\n\nsaved in {path}")
    _end_interrupted(summary["interrupted"], path)
