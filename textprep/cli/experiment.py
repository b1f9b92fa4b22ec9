"""``textprep prepare`` and ``textprep train``."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Annotated

import typer

from textprep.cli.arguments import AsJson, CacheDir, Overrides, Target


def _say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


def prepare(
    target: Target,
    cache_dir: CacheDir = None,
    overrides: Overrides = [],  # noqa: B006 - typer reads the default, nobody changes it
    rebuild: Annotated[
        bool, typer.Option("--rebuild", help="Make it again, even if it is there; mends what is damaged.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Clean, tokenize and encode a data set once, and keep the ids on disk.

    A second call with the same data, steps and tokenizer opens what is there.
    """
    from textprep.datasets.loading import load_dataset
    from textprep.preparation.prepare import prepare as prepare_corpus
    from textprep.report.tables import table
    from textprep.training.config import read_config

    config = read_config(target, overrides)
    pipeline = config.pipeline()
    corpus = load_dataset(config.dataset.name, **config.dataset.options())
    data = prepare_corpus(corpus, pipeline, cache_dir=cache_dir, rebuild=rebuild)
    splits = {
        name: {
            "rows": len(split),
            "tokens": int(split.lengths.sum()),
            "longest": int(split.lengths.max(initial=0)),
            "unknown_rate": round(split.unknown_rate(), 6),
        }
        for name, split in data.items()
    }
    record = {
        "path": str(data.path),
        "fingerprint": data.fingerprint,
        "vocabulary": len(data.pipeline.vocabulary),
        "class_names": list(data.class_names),
        "rejected": len(corpus.rejected),
        "splits": splits,
    }
    if as_json:
        print(json.dumps(record, indent=2, ensure_ascii=False))
        return
    print(
        table(
            ["split", "rows", "tokens", "tokens a text", "longest", "unknown"],
            [
                [
                    name,
                    f"{row['rows']:,}",
                    f"{row['tokens']:,}",
                    f"{row['tokens'] / max(row['rows'], 1):.1f}",
                    f"{row['longest']:,}",
                    f"{row['unknown_rate']:.2%}",
                ]
                for name, row in splits.items()
            ],
        )
    )
    print(f"vocabulary of {record['vocabulary']:,} tokens; kept in {record['path']}")


def train(
    target: Target,
    run: Annotated[
        Path | None, typer.Option(help="The folder to save the run in; runs/NAME-1, NAME-2 … if not given.")
    ] = None,
    cache_dir: CacheDir = None,
    overrides: Overrides = [],  # noqa: B006 - typer reads the default, nobody changes it
    as_json: AsJson = False,
) -> None:
    """Train the GRU-with-attention classifier, score it on the held-out split, save the run.

    Ctrl-C ends the training and saves what was learned so far (exit code 130).
    """
    from textprep.report.scores import scores_report
    from textprep.training.config import read_config
    from textprep.training.experiment import train as train_run

    config = read_config(target, overrides)
    finished, path = train_run(config, run, cache_dir=cache_dir, report=_say)
    if as_json:
        print(json.dumps({"run": str(path), **finished.metrics}, indent=2, ensure_ascii=False))
    else:
        if finished.metrics["held_out"]:
            print(f"\nscores on the held-out split '{finished.metrics['held_out']}':\n")
            print(scores_report(finished.metrics))
        print(f'\nsaved in {path}\ntry it: textprep predict {path} "your own text"')
    if finished.metrics["interrupted"]:
        raise typer.Exit(130)
