"""What each of two processes does that train together: ``python -m tests.training.loop.together FOLDER``.

First a model of its own, then a run to its end, then one in the middle of which both processes are killed. Where
there is such a run already, it is gone on with.
"""

from __future__ import annotations

import json
import os
import signal
import sys
from pathlib import Path

import torch

from tests.training.runs.test_resume import OPTIONS, Rows
from textprep.batches.loader import BatchLoader
from textprep.config.experiment import read_saved
from textprep.errors import ConfigError
from textprep.models import GRUAttentionClassifier
from textprep.training.loop import processes
from textprep.training.loop.step import OptimizerStep
from textprep.training.runs.experiment import resume, train
from textprep.training.trainer import fit

WHOLE = {"rank": 0, "world_size": 1}
TOGETHER = OPTIONS.model_copy(update={"word_dropout": 0.0, "checkpoint_every": 2, "monitor": "macro_f1"})
KILLED_AT = 11


def train_a_model(checkpoint: Path) -> dict[str, object]:
    """History and weights of a model without dropout, which draws other numbers in every process."""
    torch.manual_seed(0)
    model = GRUAttentionClassifier(6, 2, embedding_dim=8, hidden_dim=8, dropout=0.0)
    loader = BatchLoader(Rows(), batch_size=29, shuffle=True, seed=5, **WHOLE)  # the last batch has one row
    validation = BatchLoader(Rows(), batch_size=8, **WHOLE)
    history = fit(model, loader, validation, TOGETHER, progress=False, checkpoint=checkpoint)
    weights = torch.cat([tensor.flatten() for tensor in model.state_dict().values()])
    return {"history": history.to_json(), "weights": weights.tolist()}


def rows_would_be_lost() -> bool:
    """Whether a loader that gives each process other rows is refused."""
    try:
        fit(GRUAttentionClassifier(6, 2), BatchLoader(Rows()), None, TOGETHER)
    except ConfigError as error:
        return "rank=0, world_size=1" in str(error)
    return False


def die_in_a_step() -> None:
    """From here on no process survives the step `KILLED_AT` of a training."""
    step = OptimizerStep.__call__

    def mortal(self: OptimizerStep, *arguments: object) -> None:
        if self.session.step == KILLED_AT:
            os.kill(os.getpid(), signal.SIGKILL)
        step(self, *arguments)

    OptimizerStep.__call__ = mortal


def main(folder: Path) -> None:
    """Everything above, in the folder; its ``config.json`` says what is trained."""
    if (folder / "killed").exists():
        resume(folder / "killed", cache_dir=folder / "cache")
        return
    with processes.joined():
        record = train_a_model(folder / "checkpoint")
        record |= {"count": processes.count(), "refused": rows_would_be_lost()}
        record["first"] = processes.from_first({"rank": processes.rank()})
        (folder / f"{processes.rank()}.json").write_text(json.dumps(record))
        config = read_saved(folder / "config.json")
        train(config, folder / "whole", cache_dir=folder / "cache")
        die_in_a_step()
        train(config, folder / "killed", cache_dir=folder / "cache")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
