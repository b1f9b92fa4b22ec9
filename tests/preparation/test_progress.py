from __future__ import annotations

import io
import sys
import time

import pytest

from textprep.preparation.progress import Amount, announce, progress


class Terminal(io.StringIO):
    def isatty(self):
        return True


@pytest.mark.parametrize("watched", [True, False])
def test_rows_speed_and_time_left_are_shown_on_a_terminal_and_nothing_elsewhere(monkeypatch, watched):
    screen = Terminal() if watched else io.StringIO()
    monkeypatch.setattr(sys, "stderr", screen)
    announce("fitting")
    with progress(Amount(1_000, 50_000_000), Amount(100, 5_000_000)) as bar:
        for more in ((400, 20_000_000), (500, 25_000_000)):
            time.sleep(0.15)  # longer than the bar waits between two looks
            bar.add(*more)
    shown = screen.getvalue()
    if not watched:
        assert shown == ""
        return
    assert shown.startswith("fitting\n")
    for part in (" 10%", "B/s", "left", "1,000 of 1,000 rows"):
        assert part in shown
