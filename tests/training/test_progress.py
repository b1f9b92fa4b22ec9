"""Progress: plain lines in a log, a bar on a terminal, silence on request."""

from __future__ import annotations

import io
import os
import sys

import pytest

from textprep.training import progress
from textprep.training.progress import tell, watch


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def go_through(monkeypatch, stream, show=None):
    monkeypatch.setattr(sys, "stderr", stream)
    batches = watch(range(3), "epoch 1 of 2", show)
    for _ in batches:
        batches.set_postfix_str("loss 0.5000", refresh=False)  # as training does
    tell("epoch 1: done", show)
    return stream.getvalue()


def test_a_log_gets_whole_lines(monkeypatch):
    monkeypatch.setattr(progress, "SECONDS_BETWEEN_LINES", 0.0)
    monkeypatch.setattr(progress, "SECONDS_BEFORE_LINES", 0.0)
    lines = go_through(monkeypatch, io.StringIO()).splitlines()
    assert lines[0].startswith("epoch 1 of 2: batch 0 of 3, 00:00 gone")
    assert any(
        line.startswith("epoch 1 of 2: batch 3 of 3") and line.endswith("loss 0.5000") for line in lines
    )
    assert lines[-1] == "epoch 1: done"
    assert not any("\r" in line or "\x1b" in line for line in lines)


def test_what_is_done_at_once_gets_no_line(monkeypatch):
    assert go_through(monkeypatch, io.StringIO()) == "epoch 1: done\n"


@pytest.mark.skipif(sys.platform == "win32", reason="needs a pseudo-terminal")
def test_a_terminal_that_says_it_is_0_wide_gets_lines(monkeypatch):
    import pty

    ours, theirs = pty.openpty()
    with os.fdopen(theirs, "w") as stream, os.fdopen(ours, "rb") as reader:
        monkeypatch.setattr(progress, "SECONDS_BETWEEN_LINES", 0.0)
        monkeypatch.setattr(progress, "SECONDS_BEFORE_LINES", 0.0)
        monkeypatch.setattr(sys, "stderr", stream)
        for _ in watch(range(3), "epoch 1 of 2"):
            pass
        stream.flush()
        assert b"epoch 1 of 2: batch 0 of 3" in reader.read1()


def test_a_terminal_gets_a_bar(monkeypatch):
    assert "\repoch 1 of 2: " in go_through(monkeypatch, Terminal())


def test_silence(monkeypatch):
    assert go_through(monkeypatch, Terminal(), show=False) == ""
