"""Two processes train the model that one process trains, and go on together where they were killed."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest
import torch

from tests.training.loop.together import train_a_model
from tests.training.stopping import small_config
from textprep.training.loop import processes

AFTERWARDS = """
import weakref
import torch
from textprep.training.loop import processes

model = torch.nn.Linear(2, 2)
with processes.joined():
    group = weakref.ref(torch.distributed.group.WORLD)
    optimizer = torch.optim.AdamW(model.parameters())  # imports most of what torch imports late
    model(torch.ones(2, 2)).sum().backward()
    processes.add_up(model.weight.grad)
    optimizer.step()
print(group())
"""


def environment(world_size: int) -> dict[str, str]:
    """What ``torchrun`` tells each of its processes, but for their ranks."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    return {
        **os.environ,
        "TORCHELASTIC_RUN_ID": "some",
        "WORLD_SIZE": str(world_size),
        "MASTER_ADDR": "127.0.0.1",
        "MASTER_PORT": str(port),
        "PYTHONPATH": str(Path(__file__).parents[3]),
        "OMP_NUM_THREADS": "1",
    }


def run_two(folder: Path) -> list[int]:
    """The exit codes of two processes that know of each other."""
    shared = environment(2)
    started = [
        subprocess.Popen(
            [sys.executable, "-m", "tests.training.loop.together", str(folder)],
            cwd=folder, env={**shared, "RANK": rank, "LOCAL_RANK": rank},
        )
        for rank in "01"
    ]  # fmt: skip
    return [process.wait(timeout=200) for process in started]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Two processes have been here, and were killed."""
    path = tmp_path_factory.mktemp("two")
    (path / "config.json").write_text(small_config(path).model_dump_json())
    assert run_two(path) == [-signal.SIGKILL] * 2
    return path


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="sends SIGKILL")
def test_two_processes_train_what_one_does(folder, tmp_path):
    one = train_a_model(tmp_path / "checkpoint")
    first, second = (json.loads((folder / f"{rank}.json").read_text()) for rank in (0, 1))
    for two in (first, second):
        assert two["count"] == 2
        assert two["refused"]
        assert two["first"] == {"rank": 0}
    assert first["weights"] == second["weights"]
    torch.testing.assert_close(
        torch.tensor(first["weights"]), torch.tensor(one["weights"]), atol=1e-4, rtol=1e-3
    )
    for mine, theirs in zip(one["history"]["epochs"], first["history"]["epochs"], strict=True):
        del mine["seconds"], theirs["seconds"]
        assert mine == pytest.approx(theirs, abs=1e-4)


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="sends SIGKILL")
def test_two_processes_that_were_killed_go_on_to_the_same_weights(folder):
    killed, whole = folder / "killed", folder / "whole"
    assert (killed / "checkpoint.safetensors").exists()
    assert not (killed / "run.json").exists()
    assert run_two(folder) == [0, 0]
    assert (killed / "run.json").exists()
    assert not (killed / "checkpoint.safetensors").exists()
    for file in ("model.safetensors", "predictions.safetensors"):
        assert (killed / file).read_bytes() == (whole / file).read_bytes()


@pytest.mark.slow
def test_nothing_of_the_group_is_left_that_could_abort_the_process_at_its_end():
    done = subprocess.run(
        [sys.executable, "-c", AFTERWARDS], env={**environment(1), "RANK": "0", "LOCAL_RANK": "0"},
        capture_output=True, text=True, timeout=200, check=False,
    )  # fmt: skip
    assert (done.returncode, done.stdout) == (0, "None\n"), done.stderr


def test_each_process_has_its_rows_and_no_label_twice(monkeypatch):
    batch = {"input_ids": torch.arange(5).reshape(5, 1), "labels": torch.arange(5)}
    labels = []
    for rank in range(7):
        monkeypatch.setattr(processes, "count", lambda: 7)
        monkeypatch.setattr(processes, "rank", lambda rank=rank: rank)
        monkeypatch.setattr(processes, "from_all", lambda tensor: [tensor] * 7)
        share = processes.share(batch, -100)
        assert len(share["input_ids"]) == len(share["labels"]) == 1
        labels += share["labels"].tolist()
    assert labels == [0, 1, 2, 3, 4, -100, -100]


def test_alone_everything_is_ones_own():
    batch = {"labels": torch.arange(3)}
    assert processes.share(batch, -100) is batch
    assert processes.from_first([1, "a"]) == [1, "a"]
    with processes.joined():
        assert (processes.rank(), processes.count()) == (0, 1)
