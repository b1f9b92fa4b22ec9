"""Devices: the best that is there, or a clear word that one is not."""

from __future__ import annotations

import pytest
import torch

from textprep.errors import ConfigError
from textprep.training.loop.devices import pick_device


def test_auto_takes_cuda_then_mps_then_the_cpu(monkeypatch):
    tried = []
    monkeypatch.setattr(torch, "zeros", lambda *_, device: tried.append(str(device)) or torch.ones(()))
    for cuda, mps in [(True, True), (False, True), (False, False)]:
        monkeypatch.setattr(torch.cuda, "is_available", lambda there=cuda: there)
        monkeypatch.setattr(torch.backends.mps, "is_available", lambda there=mps: there)
        pick_device("auto")
    assert tried == ["cuda", "mps", "cpu"]


@pytest.mark.parametrize("name", ["cuda:99", "toaster", "meta", ""])
def test_a_device_that_is_not_there_is_named(name):
    with pytest.raises(ConfigError, match=f"device '{name}' cannot be used here .*'cpu'"):
        pick_device(name)
