"""How fast `tp.prepare` is, against its peers in the same run, on the same texts, with all ids compared.

python -m tests.benchmarks [--only bpe,word] [--texts N] [--repeats N] [--stages] [--json FILE]
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

import datasets

import textprep as tp
from tests.benchmarks.report import Measurement, as_json, as_text
from tests.benchmarks.rows import ROWS
from tests.benchmarks.setting import Setting
from tests.benchmarks.timing import IdsDifferError, scratch


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and print; the exit status is 1 where ids differ, whatever the times."""
    options = _parser().parse_args(arguments)
    datasets.disable_progress_bars()
    with tempfile.TemporaryDirectory(dir=options.work) as work:
        sizes = {"rows": options.texts, "repeats": options.repeats, "times": options.times}
        mb = {"memory_mb": tuple(options.memory_mb), "adapters_mb": options.adapters_mb}
        setting = Setting(Path(work), **mb, **sizes, until_seconds=options.until_seconds)
        try:
            measured = _measure(setting, options.only)
        except IdsDifferError as error:
            print(f"ids differ: {error}", file=sys.stderr)
            return 1
        stages = _stages(setting) if options.stages else {}
    print(as_text(measured, setting.notes, stages))
    if options.json:
        record = as_json(measured, setting.notes, stages)
        Path(options.json).write_text(json.dumps(record, indent=1) + "\n")
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks", description=__doc__.splitlines()[0])
    add = parser.add_argument
    add("--only", type=_names, default=list(ROWS), help=f"some of {','.join(ROWS)}")
    add("--texts", type=int, metavar="N", help="the first N of the 25,000 reviews")
    add(
        "--repeats",
        type=int,
        default=5,
        metavar="N",
        help="how often each side runs, seeds where models learn (5)",
    )
    add("--times", type=int, default=10, metavar="N", help="how many times the texts 'scale' takes (10)")
    add("--memory-mb", type=float, nargs=2, default=(100, 1000), metavar="MB", help="for 'memory' (100 1000)")
    add("--adapters-mb", type=float, default=100, metavar="MB", help="size of the files of 'adapters' (100)")
    add("--until-seconds", type=float, default=1200, metavar="S", help="for the peer of 'until-87' (1200)")
    add("--stages", action="store_true", help="print what each stage of tp.prepare costs")
    add("--json", metavar="FILE", help="write all figures there")
    add("--work", metavar="FOLDER", help="where to put some GB of files (the system's temporary folder)")
    return parser


def _names(text: str) -> list[str]:
    names = [name.strip() for name in text.split(",")]
    unknown = [name for name in names if name not in ROWS]
    if unknown:
        raise argparse.ArgumentTypeError(f"no row {unknown[0]!r}; there are: {', '.join(ROWS)}")
    return names


def _measure(setting: Setting, names: Sequence[str]) -> list[Measurement]:
    measured = []
    for name in names:
        print(f"measuring {name} ...", file=sys.stderr, flush=True)
        measured += ROWS[name](setting)
    return measured


def _stages(setting: Setting) -> dict[str, float]:
    """Stage and seconds of one `tp.prepare`, as it tells them."""
    with scratch(setting.work) as cache:
        data = tp.prepare(setting.corpus, tp.Pipeline.load(setting.bpe), cache_dir=cache)
        return dict(getattr(data, "stages", {}))


if __name__ == "__main__":
    sys.exit(main())
