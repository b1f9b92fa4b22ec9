"""One run among several: found, gone on with, or trained."""

from __future__ import annotations

from pathlib import Path

from textprep.datasets.corpus import Corpus
from textprep.errors import RunError, Stopped
from textprep.preparation.store import PreparedDataset
from textprep.training.config import Config
from textprep.training.loop.session import differences
from textprep.training.runs.directory import MANIFEST, can_go_on
from textprep.training.runs.experiment import Report, train
from textprep.training.runs.run import Run


def trained(config: Config, path: Path, data: PreparedDataset, corpus: Corpus, report: Report) -> Run:
    """The run of ``config`` in the folder ``path``.

    Raises:
        RunError: there is a run of another experiment.
        KeyboardInterrupt: Ctrl-C; the next call goes on.
    """
    if not (path / MANIFEST).exists() or can_go_on(path):
        try:
            return train(config, path, report=report, data=data, corpus=corpus, resume=path.exists())[0]
        except Stopped as stopped:  # whoever trains several says how they go on
            raise KeyboardInterrupt from stopped
    run = Run.load(path)
    if changed := differences(run.config.model_dump(mode="json"), config.model_dump(mode="json")):
        raise RunError(
            f"{path} is a run of another experiment, with {', '.join(changed)}: name another folder"
        )
    return run
