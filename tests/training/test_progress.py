"""Progress: plain lines in a log, a bar on a terminal, silence on request."""

from __future__ import annotations

import io
import sys

from textprep.training import progress
from textprep.training.progress import tell, watch


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def go_through(monkeypatch, stream, show=None):
    monkeypatch.setattr(sys, "stderr", stream)
    batches = watch(range(3), "epoch 1 of 2", show)
    for _ in batches:
        batches.set_postfix_str("loss 0.5000")
    tell("epoch 1: done", show)
    return stream.getvalue()


def test_a_log_gets_whole_lines(monkeypatch):
    monkeypatch.setattr(progress, "SECONDS_BETWEEN_LINES", 0.0)
    lines = go_through(monkeypatch, io.StringIO()).splitlines()
    assert lines[0].startswith("epoch 1 of 2: batch 0 of 3, 00:00 gone")
    assert any(
        line.startswith("epoch 1 of 2: batch 3 of 3") and line.endswith("loss 0.5000") for line in lines
    )
    assert lines[-1] == "epoch 1: done"
    assert not any("\r" in line or "\x1b" in line for line in lines)


def test_a_log_gets_few_lines(monkeypatch):
    lines = go_through(monkeypatch, io.StringIO()).splitlines()
    assert len(lines) <= 6


def test_a_terminal_gets_a_bar(monkeypatch):
    assert "\repoch 1 of 2: " in go_through(monkeypatch, Terminal())


def test_silence(monkeypatch):
    assert go_through(monkeypatch, Terminal(), show=False) == ""
