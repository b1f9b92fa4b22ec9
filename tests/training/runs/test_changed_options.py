"""A training that was killed goes on with its own options, or says which of them have changed."""

from __future__ import annotations

import json
import shutil

import pytest

from tests.training.stopping import Killed, small_config, stop_at
from textprep.errors import RunError
from textprep.training.runs.experiment import resume, train


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("killed")


@pytest.fixture(scope="module")
def killed(folder):
    """A training that was killed in its sixth step."""
    with pytest.MonkeyPatch.context() as patched:
        stop_at(patched, 5, Killed())
        with pytest.raises(Killed):
            train(small_config(folder), folder / "killed", cache_dir=folder / "cache")
    return folder / "killed"


@pytest.mark.parametrize(
    ("section", "option", "value", "named"),
    [
        ("model", "dropout", 0.25, "model.dropout=0.5"),
        ("training", "learning_rate", 0.5, "training.learning_rate=0.002"),
        ("training", "seed", 4, "training.seed=0"),
        ("training", "compile", True, "training.compile=false"),  # which makes no adversarial moves
        ("loader", "batch_size", 4, "loader.batch_size=8"),
        ("dataset", "seed", 7, "dataset.fingerprint="),
        (None, "steps", ["lowercase"], "steps="),
    ],
)
def test_a_training_does_not_go_on_with_other_options(
    section, option, value, named, killed, folder, tmp_path
):
    path = shutil.copytree(killed, tmp_path / "run")
    saved = path / "config.json"
    record = json.loads(saved.read_text())
    record = (
        {**record, option: value}
        if section is None
        else {**record, section: {**record[section], option: value}}
    )
    saved.write_text(json.dumps(record))
    with pytest.raises(RunError, match=rf"safetensors was written with .*{named}.* \(here .*set that back"):
        resume(path, cache_dir=folder / "cache")


def test_what_changes_no_weight_may_change(killed, folder, tmp_path):
    path = shutil.copytree(killed, tmp_path / "run")
    record = json.loads((path / "config.json").read_text())
    free = {**record["training"], "checkpoint_every": 2}
    (path / "config.json").write_text(json.dumps({**record, "training": free}))
    resume(path, cache_dir=folder / "cache")
    whole = train(small_config(folder), tmp_path / "whole", cache_dir=folder / "cache").path
    assert (path / "model.safetensors").read_bytes() == (whole / "model.safetensors").read_bytes()
