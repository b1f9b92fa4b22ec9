"""Where Arrow takes memory is changed while a store is made, and at no other time."""

from __future__ import annotations

import platform
import threading
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

import textprep as tp
from textprep.preparation.allocation import CHOICE, give_back_memory, kept_memory


def backend() -> str:
    return pa.default_memory_pool().backend_name


@pytest.fixture(autouse=True)
def nobody_has_chosen(monkeypatch):
    monkeypatch.delenv(CHOICE, raising=False)


def test_it_is_put_back_also_after_an_error():
    before = backend()
    with pytest.raises(ZeroDivisionError, match="system"), kept_memory():
        raise ZeroDivisionError(backend())
    assert backend() == before


def test_the_last_to_leave_puts_it_back():
    before, entered, leave = backend(), threading.Event(), threading.Event()

    def work() -> None:
        with kept_memory():
            entered.set()
            leave.wait()

    thread = threading.Thread(target=work)
    with kept_memory():
        thread.start()
        entered.wait()
    assert backend() == "system"
    leave.set()
    thread.join()
    assert backend() == before


def test_what_somebody_has_chosen_stays(monkeypatch):
    before = backend()
    monkeypatch.setenv(CHOICE, before)
    with kept_memory():
        assert backend() == before


def test_prepare_leaves_it_as_it_was(tmp_path):
    before = backend()
    data = tp.prepare({"train": ["a film"]}, tp.Pipeline(tokenizer=tp.WordTokenizer()), cache_dir=tmp_path)
    assert backend() == before
    assert data["train"].ids(0).tolist() == [2, 3]


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="needs /proc")
@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="only the GNU C library can be asked")
def test_what_is_freed_goes_back():
    many = [np.ones(60_000, dtype=np.uint8) for _ in range(2000)]
    few = many[::100]
    full = resident()
    del many
    give_back_memory()
    assert full - resident() > 60e6, "most of the 120 MB"
    assert len(few) == 20


def resident() -> int:
    """Bytes of this process's own that are in memory."""
    line = next(line for line in Path("/proc/self/status").read_text().splitlines() if "RssAnon" in line)
    return int(line.split()[1]) * 1024
