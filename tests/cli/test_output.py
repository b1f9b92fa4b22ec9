"""What every command says alike: the lists of ``--help``, and its end by Ctrl-C."""

from __future__ import annotations

import pytest


@pytest.mark.parametrize("group", [[], ["cache"], ["new"]])
def test_help_says_of_every_command_what_it_does_in_whole(group, textprep):
    listed = textprep(*group, "--help").out.split("Commands:\n")[1]
    assert "..." not in listed
    assert all(len(line) <= 80 for line in listed.splitlines())


@pytest.mark.parametrize("cause", [KeyboardInterrupt(), ValueError("broken")])
def test_ctrl_c_within_a_compiled_import_is_no_traceback(cause, textprep, monkeypatch):
    def interrupted():
        try:
            raise SystemError("returned a result with an exception set") from cause
        except SystemError as inner:
            raise SystemError("returned a result with an exception set") from inner

    monkeypatch.setattr("textprep.cli.app.app", interrupted)
    if isinstance(cause, KeyboardInterrupt):
        assert textprep("list") == (130, "", "")
    else:
        with pytest.raises(SystemError):
            textprep("list")
