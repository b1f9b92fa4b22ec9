from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest

from textprep.errors import RunError
from textprep.storage.files import publish_folder, write_atomically, write_bytes


def full(*_):
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


@pytest.mark.parametrize("broken", [(os, "fsync"), (Path, "replace")])
def test_a_failure_leaves_the_earlier_file_and_nothing_else(tmp_path, monkeypatch, broken):
    path = tmp_path / "a.json"
    write_atomically(path, b"before")
    monkeypatch.setattr(*broken, full)
    with pytest.raises(RunError, match=r"cannot write .*a\.json: No space left on device"):
        write_bytes(path, b"after", RunError)
    assert path.read_bytes() == b"before"
    assert list(tmp_path.iterdir()) == [path]


def test_a_draft_may_lie_in_another_folder(tmp_path, monkeypatch):
    drafts, names = tmp_path / "drafts", []
    drafts.mkdir()
    replace = Path.replace
    monkeypatch.setattr(Path, "replace", lambda self, to: names.append(self.parent) or replace(self, to))
    write_atomically(tmp_path / "a", b"x", drafts=drafts)
    assert names == [drafts]
    assert not list(drafts.iterdir())
    assert (tmp_path / "a").read_bytes() == b"x"


def test_of_two_folders_the_first_stays(tmp_path):
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "file").write_text(name)
    assert publish_folder(tmp_path / "one", tmp_path / "entry")
    assert not publish_folder(tmp_path / "two", tmp_path / "entry")
    assert (tmp_path / "entry" / "file").read_text() == "one"
    with pytest.raises(FileNotFoundError):
        publish_folder(tmp_path / "absent", tmp_path / "entry-2")
