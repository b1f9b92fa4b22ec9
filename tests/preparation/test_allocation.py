"""Where Arrow takes memory is changed while a store is made, and at no other time."""

from __future__ import annotations

import threading

import pyarrow as pa
import pytest

import textprep as tp
from textprep.preparation.allocation import CHOICE, kept_memory


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
