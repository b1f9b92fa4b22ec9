"""How fast data files become a corpus, against Arrow's own readers on the same good files.

Each run is a process of its own, by turns; what is compared is CPU time, since a corpus is read with one
thread and a table by Arrow with all cores, and own memory, which pages mapped from files are no part of.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from pathlib import Path

import pyarrow.csv

import textprep as tp
from tests.benchmarks import child
from tests.benchmarks.report import Measurement
from tests.benchmarks.setting import Setting
from tests.benchmarks.timing import IdsDifferError

PEERS = {
    "arrow": "pyarrow's reader into memory",
    "stream": "pyarrow's streaming reader into a file",
}
LEAST_MB = 1.0  # what a process takes and gives back without being asked


def adapters(setting: Setting) -> Iterator[Measurement]:
    """CSV and JSON Lines: CPU seconds and peak memory."""
    for kind, write in {"csv": _write_csv, "jsonl": _write_jsonl}.items():
        path = setting.work / f"adapters.{kind}"
        size = write(path, setting)
        if kind == "csv":
            _check_same(path)
        runs: dict[str, list[dict[str, float]]] = {"load": [], **{peer: [] for peer in PEERS}}
        if kind == "jsonl":
            del runs["stream"]  # pyarrow has none that could be written on as it goes
        for _ in range(setting.repeats):
            for command, reports in runs.items():
                reports.append(child.start(command, kind, path, setting.work))
        work = f"{kind} of {size / 10**6:,.0f} MB to a corpus, every row checked"
        own = runs.pop("load")
        for peer, reports in runs.items():
            cpu = [[report["cpu"] for report in some] for some in (own, reports)]
            least = 0.5 if peer == "arrow" else None
            yield Measurement("adapters", work, PEERS[peer], *cpu, unit="CPU s", least=least)
        peaks = [
            [max(one["peak"] - one["before"], LEAST_MB) for one in some] for some in (own, runs["arrow"])
        ]
        yield Measurement("adapters", f"{work}: memory", PEERS["arrow"], *peaks, unit="MB")


def _write_csv(path: Path, setting: Setting) -> int:
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(["text", "label"])
        for row in _rows(setting, file):
            writer.writerow(row)
    return path.stat().st_size


def _write_jsonl(path: Path, setting: Setting) -> int:
    with path.open("w", encoding="utf-8") as file:
        for text, label in _rows(setting, file):
            file.write(json.dumps({"text": text, "label": label}, ensure_ascii=False) + "\n")
    return path.stat().st_size


def _rows(setting: Setting, file: object) -> Iterator[tuple[str, str]]:
    """The reviews over and over, until ``file`` is large enough; each tenth has a line end in it."""
    texts, size = setting.texts.to_pylist(), setting.adapters_mb * 10**6
    while True:
        for number, text in enumerate(texts):
            yield (f"{text}\n" if number % 10 == 0 else text), "pos" if number % 2 else "neg"
        if file.tell() >= size:  # type: ignore[attr-defined]
            return


def _check_same(path: Path) -> None:
    options = pyarrow.csv.ParseOptions(newlines_in_values=True)
    expected = pyarrow.csv.read_csv(path, parse_options=options)
    corpus = tp.load_dataset("csv", path=path, splits=None)["train"]
    names = [corpus.class_names[label] for label in (corpus.labels if corpus.labels is not None else ())]
    if corpus.text.to_pylist() != expected["text"].to_pylist() or names != expected["label"].to_pylist():
        raise IdsDifferError("the corpus has other rows than pyarrow's table")
