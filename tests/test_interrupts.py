"""Ctrl-C ends an import with the process, and is elsewhere what it was."""

from __future__ import annotations

import os
import signal
import subprocess
import sys

import pytest

from textprep.interrupts import Paused, ctrl_c_ends_imports, ctrl_c_noted

IMPORTING = """
import sys
from textprep.interrupts import ctrl_c_ends_imports

with ctrl_c_ends_imports():
    try:
        import interrupted
    except KeyboardInterrupt:  # what is imported may swallow it, as compiled modules do
        pass
    print("went on")
"""


@pytest.mark.skipif(sys.platform == "win32", reason="sends SIGINT")
def test_an_import_is_not_torn(tmp_path):
    (tmp_path / "interrupted.py").write_text("import os, signal\nos.kill(os.getpid(), signal.SIGINT)\n")
    (tmp_path / "run.py").write_text(
        "import signal\nsignal.signal(2, signal.default_int_handler)\n" + IMPORTING
    )
    done = subprocess.run(
        [sys.executable, str(tmp_path / "run.py")], capture_output=True, text=True, check=False, timeout=60
    )
    assert (done.returncode, done.stdout, done.stderr) == (130, "", "stopped by Ctrl-C\n")


@pytest.mark.skipif(sys.platform == "win32", reason="sends SIGINT")
def test_elsewhere_it_is_as_ever_and_training_may_note_it():
    with pytest.raises(KeyboardInterrupt), ctrl_c_ends_imports():
        os.kill(os.getpid(), signal.SIGINT)
    with ctrl_c_ends_imports():
        with pytest.raises(Paused), ctrl_c_noted():
            os.kill(os.getpid(), signal.SIGINT)
        with pytest.raises(KeyboardInterrupt):
            os.kill(os.getpid(), signal.SIGINT)
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
