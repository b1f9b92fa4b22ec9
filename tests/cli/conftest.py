"""The command line, called in this process."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pytest

from textprep.cli import main


class Done(NamedTuple):
    """What a command did."""

    code: int
    out: str
    err: str


@pytest.fixture
def textprep(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> Callable[..., Done]:
    """Run ``textprep ARGUMENTS`` in an empty folder."""
    monkeypatch.chdir(tmp_path)

    def run(*arguments: str | Path) -> Done:
        monkeypatch.setattr("sys.argv", ["textprep", *map(str, arguments)])
        capsys.readouterr()
        try:
            main()
            code = 0
        except SystemExit as stop:
            code = stop.code if isinstance(stop.code, int) else 0 if stop.code is None else 1
        return Done(code, *capsys.readouterr())

    return run


GOOD = ["great", "lovely", "superb", "moving", "a joy"]
BAD = ["dull", "awful", "boring", "a mess", "tiresome"]


def _reviews(count: int) -> list[dict[str, str]]:
    return [
        {"text": f"A {words[i % 5]} film,<br />number {i}, {words[(i + 2) % 5]}.", "label": label}
        for i in range(count // 2)
        for words, label in ((GOOD, "good"), (BAD, "bad"))
    ]


@pytest.fixture(scope="session")
def reviews(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A JSONL file of 200 reviews that a tiny model can learn."""
    path = tmp_path_factory.mktemp("data") / "reviews.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in _reviews(200)))
    return path


@pytest.fixture(scope="session")
def pairs_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A JSONL file of rows of two texts."""
    path = tmp_path_factory.mktemp("data") / "pairs.jsonl"
    claims = [("Nobody sings.", "no"), ("Somebody sings.", "yes")]
    rows = [
        {"premise": f"Player {number} sings.", "hypothesis": claim, "label": label}
        for number in range(20)
        for claim, label in claims
    ]
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return path


SMALL = [
    "--set", "training.epochs=4", "--set", "training.learning_rate=0.02", "--set", "model.embedding_dim=16",
    "--set", "model.hidden_dim=8", "--set", "loader.batch_size=16", "--set", "training.device=cpu",
    "--set", "training.patience=4",
]  # fmt: skip


@pytest.fixture(scope="session")
def small() -> list[str]:
    """Arguments that make training take a second."""
    return SMALL


@pytest.fixture(scope="session")
def trained(reviews: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small run, trained once for all tests that only read it."""
    from textprep.config.experiment import read_config
    from textprep.training.runs.experiment import train

    folder = tmp_path_factory.mktemp("trained")
    return train(read_config(str(reviews), SMALL[1::2]), folder / "run", cache_dir=folder / "cache").path
