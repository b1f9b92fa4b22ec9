"""What every command says alike: the lists of ``--help``, and its end by Ctrl-C."""

from __future__ import annotations

import pytest


@pytest.mark.parametrize("group", [[], ["cache"], ["new"]])
def test_help_says_of_every_command_what_it_does_in_whole(group, textprep):
    listed = textprep(*group, "--help").out.split("Commands:\n")[1]
    assert "..." not in listed
    assert all(len(line) <= 80 for line in listed.splitlines())
