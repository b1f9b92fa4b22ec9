"""Variants of an experiment change what they say, and nothing else."""

from __future__ import annotations

from textprep.config.experiment import parse_config
from textprep.training.trials.variants import own_variants


def test_what_nobody_gave_stays_what_the_target_finds_usual():
    config = parse_config({"dataset": "memory"})
    _, variant = own_variants(config, ["attention model.attention=multihead"])
    assert "steps" not in variant.config.model_fields_set
    assert variant.config.model.model_fields_set == {"attention"}
