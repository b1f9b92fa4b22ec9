"""A process that prepares data under faults (`preparing`), and what a cache holds afterwards."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]


class Preparing:
    """Answers jobs; see the docstring of ``preparing.py``."""

    def __init__(self) -> None:
        path = os.pathsep.join(filter(None, [str(ROOT), os.environ.get("PYTHONPATH")]))
        self.process = subprocess.Popen(
            [sys.executable, HERE / "preparing.py"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env={**os.environ, "PYTHONPATH": path, "OMP_NUM_THREADS": "1"},
        )

    def __call__(self, cache: Path, **job: object) -> dict:
        print(json.dumps({"cache": str(cache), **job}, default=str), file=self.process.stdin, flush=True)
        return json.loads(self.process.stdout.readline())


@pytest.fixture(scope="session")
def preparing():
    if not hasattr(os, "fork"):
        pytest.skip("faults are put into forked processes, which this system has not")
    made = Preparing()
    yield made
    made.process.stdin.close()
    made.process.wait(timeout=30)


def entry_files(cache: Path) -> dict[str, bytes]:
    """The files of the only entry; there is nothing else in the cache."""
    (entry,) = cache.iterdir()
    assert not entry.name.startswith(".")
    return {str(path.relative_to(entry)): path.read_bytes() for path in entry.rglob("*") if path.is_file()}


@pytest.fixture(scope="session")
def only_entry():
    return entry_files


@pytest.fixture(scope="session")
def undisturbed(preparing, tmp_path_factory):
    """The files of a store that nothing disturbed, by what it is made of; and how many calls it took."""
    made = {}

    def store(rows: int = 300, pairs: bool = False) -> tuple[dict[str, bytes], int, float]:
        if (rows, pairs) not in made:
            folder = tmp_path_factory.mktemp("undisturbed")
            answer = preparing(folder / "cache", rows=rows, pairs=pairs, log=folder / "log")
            assert answer["ends"] == [0]
            calls = (folder / "log").read_text().count("call ")
            made[rows, pairs] = entry_files(folder / "cache"), calls, answer["seconds"]
        return made[rows, pairs]

    return store


def logged(path: Path, kind: str) -> list[str]:
    """What a job has logged after the word ``kind``."""
    lines = path.read_text().splitlines() if path.exists() else []
    return [line[len(kind) + 1 :] for line in lines if line.split(" ")[0] == kind]


@pytest.fixture(scope="session")
def log_of():
    return logged
