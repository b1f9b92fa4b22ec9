"""Two processes under torchrun train the model that one process trains."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
import torch

from textprep.training.loop import processes

SCRIPT = """
import json, sys
from pathlib import Path
import torch
from tests.training.runs.test_resume import Rows, OPTIONS
from textprep.batches.loader import BatchLoader
from textprep.errors import ConfigError
from textprep.models import GRUAttentionClassifier
from textprep.training.loop import processes
from textprep.training.trainer import fit

folder = Path(sys.argv[1])
with processes.joined():
    torch.manual_seed(0)
    model = GRUAttentionClassifier(6, 2, embedding_dim=8, hidden_dim=8, dropout=0.0)
    whole = {"rank": 0, "world_size": 1}
    loader = BatchLoader(Rows(), batch_size=29, shuffle=True, seed=5, **whole)  # the last batch has one row
    options = OPTIONS.model_copy(update={"word_dropout": 0.0, "checkpoint_every": 2, "monitor": "macro_f1"})
    history = fit(model, loader, BatchLoader(Rows(), batch_size=8, **whole), options, progress=False,
                  checkpoint=folder / "checkpoint")
    weights = torch.cat([tensor.flatten() for tensor in model.state_dict().values()]).tolist()
    if processes.count() > 1:
        try:
            fit(model, BatchLoader(Rows()), None, options)
            raise AssertionError("rows would be lost")
        except ConfigError as error:
            assert "rank=0, world_size=1" in str(error)
    name = f"{processes.count()}-{processes.rank()}.json"
    (folder / name).write_text(json.dumps({"history": history.to_json(), "weights": weights}))
    assert processes.from_first({"rank": processes.rank()}) == {"rank": 0}
"""


KILLED = """
import json, os, signal, sys
from pathlib import Path
from textprep.training.config import parse_config
from textprep.training.loop import processes
from textprep.training.loop.step import Step
from textprep.training.runs.experiment import resume, train

folder = Path(sys.argv[1])
rows = [{"text": f"A {word} film {n}.", "label": label} for n in range(20)
        for label, word in (("good", "great"), ("bad", "dull"), ("good", "lovely"), ("bad", "awful"))]
if (folder / "killed").exists():
    resume(folder / "killed", cache_dir=folder / "cache")
    sys.exit()
if processes.rank() == 0:
    (folder / "rows.jsonl").write_text("".join(json.dumps(row) + "\\n" for row in rows))
config = parse_config({
    "dataset": {"name": "jsonl", "path": str(folder / "rows.jsonl"), "text": "text", "label": "label"},
    "loader": {"batch_size": 8},
    "model": {"embedding_dim": 8, "hidden_dim": 4, "dropout": 0.5},
    "training": {"epochs": 2, "device": "cpu", "checkpoint_every": 3, "word_dropout": 0.2},
})
with processes.joined():
    processes.from_first(None)  # the rows are written
    train(config, folder / "whole", cache_dir=folder / "cache")
    step = Step.__call__

    def mortal(self, batches, done):
        if self.session.step == 11 and processes.rank() == 1:
            os.kill(os.getpid(), signal.SIGKILL)
        step(self, batches, done)

    Step.__call__ = mortal
    train(config, folder / "killed", cache_dir=folder / "cache")
"""
TWO = ("-m", "torch.distributed.run", "--standalone", "--nproc-per-node=2")


def run(folder: Path, *launcher: str, script: str = SCRIPT, dies: bool = False) -> None:
    (folder / "train.py").write_text(script)
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[3]), "OMP_NUM_THREADS": "1"}
    command = [sys.executable, *launcher, "train.py", str(folder)]
    done = subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, timeout=200, check=False
    )
    assert bool(done.returncode) == dies, done.stderr


@pytest.mark.slow
def test_two_processes_train_what_one_does(tmp_path):
    run(tmp_path)
    (tmp_path / "checkpoint").unlink()
    run(tmp_path, *TWO)
    one, first, second = (
        json.loads((tmp_path / f"{name}.json").read_text()) for name in ("1-0", "2-0", "2-1")
    )
    assert first["weights"] == second["weights"]
    torch.testing.assert_close(
        torch.tensor(first["weights"]), torch.tensor(one["weights"]), atol=1e-4, rtol=1e-3
    )
    for mine, theirs in zip(one["history"]["epochs"], first["history"]["epochs"], strict=True):
        del mine["seconds"], theirs["seconds"]
        assert mine == pytest.approx(theirs, abs=1e-4)


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="sends SIGKILL")
def test_two_processes_one_of_which_was_killed_go_on_to_the_same_weights(tmp_path):
    run(tmp_path, *TWO, script=KILLED, dies=True)
    assert (tmp_path / "killed" / "checkpoint.safetensors").exists()
    assert not (tmp_path / "killed" / "run.json").exists()
    run(tmp_path, *TWO, script=KILLED)
    for file in ("model.safetensors", "predictions.safetensors"):
        assert (tmp_path / "killed" / file).read_bytes() == (tmp_path / "whole" / file).read_bytes()


def test_each_process_has_its_rows_and_no_label_twice(monkeypatch):
    batch = {"input_ids": torch.arange(5).reshape(5, 1), "labels": torch.arange(5)}
    labels = []
    for rank in range(7):
        monkeypatch.setattr(processes, "count", lambda: 7)
        monkeypatch.setattr(processes, "rank", lambda rank=rank: rank)
        monkeypatch.setattr(processes, "from_all", lambda tensor: [tensor] * 7)
        share = processes.share(batch)
        assert len(share["input_ids"]) == len(share["labels"]) == 1
        labels += share["labels"].tolist()
    assert labels == [0, 1, 2, 3, 4, -100, -100]


def test_alone_everything_is_ones_own():
    batch = {"labels": torch.arange(3)}
    assert processes.share(batch) is batch
    assert processes.from_first([1, "a"]) == [1, "a"]
    with processes.joined():
        assert (processes.rank(), processes.count()) == (0, 1)
