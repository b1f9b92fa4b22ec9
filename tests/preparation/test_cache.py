from __future__ import annotations

import errno
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

import textprep as tp
from textprep.errors import PreparationError
from textprep.preparation import cache as cache_module
from textprep.preparation.cache import leftovers, open_entry, remove_entry
from textprep.storage.files import cache_folder

FILES = [f"file-{number}" for number in range(4)]


class Job:
    """Four small files; ``before`` is called ahead of each."""

    def __init__(self, before=lambda file: None):
        self.before = before
        self.made = []

    def fill(self, work):
        for file in FILES:
            if work.kept(file) is None:
                self.before(file)
                work.keep(file, file.encode())
                self.made.append(file)

    def bytes_needed(self, work):
        return sum(len(file) for file in FILES if work.kept(file) is None)


def make_entry(cache, name, job):
    return open_entry(cache, name, job, Path)


def visible(cache):
    return sorted(path.name for path in cache.iterdir())


def contents(entry):
    return {path.name: path.read_bytes() for path in entry.iterdir()}


WHOLE = {file: file.encode() for file in FILES}


def test_an_entry_is_made_once(tmp_path):
    cache = tmp_path / "new" / "cache"
    jobs = Job(), Job()
    assert [make_entry(cache, "entry", job) for job in jobs] == [cache / "entry"] * 2
    assert [job.made for job in jobs] == [FILES, []]
    assert visible(cache) == ["entry"]
    assert contents(cache / "entry") == WHOLE


def stop_at(file, error):
    def stop(current):
        if current == file:
            raise error

    return stop


def test_what_ctrl_c_leaves_is_gone_on_with(tmp_path):
    with pytest.raises(KeyboardInterrupt):
        make_entry(tmp_path, "entry", Job(stop_at(FILES[2], KeyboardInterrupt)))
    assert visible(tmp_path) == [".entry.work"]
    job = Job()
    make_entry(tmp_path, "entry", job)
    assert job.made == FILES[2:]
    assert visible(tmp_path) == ["entry"]
    assert contents(tmp_path / "entry") == WHOLE


def test_a_failure_leaves_nothing_and_does_not_stand_in_the_way(tmp_path):
    with pytest.raises(ValueError, match="no"):
        make_entry(tmp_path, "entry", Job(stop_at(FILES[2], ValueError("no"))))
    assert visible(tmp_path) == []
    make_entry(tmp_path, "entry", Job())
    assert visible(tmp_path) == ["entry"]


@pytest.mark.parametrize(
    "harm",
    [
        lambda work: (work / "store" / FILES[0]).write_bytes(b"file-X"),
        lambda work: (work / "store" / FILES[0]).write_bytes(b""),
        lambda work: (work / "store" / FILES[0]).unlink(),
        lambda work: (work / "records" / f"{FILES[0]}.json").write_bytes(b""),
        lambda work: (work / "records" / f"{FILES[0]}.json").write_bytes(b"[]"),
        lambda work: (work / "records" / f"{FILES[0]}.json").write_bytes(b'{"bytes": 6}'),
        lambda work: (work / "records" / f"{FILES[0]}.json").unlink(),
        lambda work: (work / "drafts" / "half").write_bytes(b"x"),
    ],
)
def test_what_a_crash_left_in_pieces_is_made_again(tmp_path, harm):
    with pytest.raises(KeyboardInterrupt):
        make_entry(tmp_path, "entry", Job(stop_at(FILES[3], KeyboardInterrupt)))
    harm(tmp_path / ".entry.work")
    make_entry(tmp_path, "entry", Job())
    assert contents(tmp_path / "entry") == WHOLE
    assert visible(tmp_path) == ["entry"]


def test_leftovers_of_other_things_are_kept_for_a_day(tmp_path):
    with pytest.raises(KeyboardInterrupt):
        make_entry(tmp_path, "other", Job(stop_at(FILES[1], KeyboardInterrupt)))
    make_entry(tmp_path, "entry", Job())
    assert visible(tmp_path) == [".other.work", "entry"]
    for path in (*(tmp_path / ".other.work").iterdir(), tmp_path / ".other.work"):
        os.utime(path, (time.time() - 90_000,) * 2)
    (tmp_path / ".old.gone-1").mkdir()
    make_entry(tmp_path, "third", Job())
    assert visible(tmp_path) == ["entry", "third"]


def test_what_is_left_beside_a_finished_entry_goes_with_its_next_use(tmp_path):
    make_entry(tmp_path, "entry", Job())
    (tmp_path / ".entry.work" / "store").mkdir(parents=True)
    make_entry(tmp_path, "entry", Job())
    assert visible(tmp_path) == ["entry"]


AT_WORK = """
import sys, time
from pathlib import Path
from textprep.preparation.cache import open_entry

class Job:
    def fill(self, work):
        work.keep("half", b"half")
        print("begun", flush=True)
        time.sleep(60)

open_entry(Path(sys.argv[1]), sys.argv[2], Job(), Path)
"""


def test_what_a_live_process_is_making_is_left_alone(tmp_path, monkeypatch):
    monkeypatch.setattr(cache_module, "LEFTOVERS_KEPT", -1)
    process = subprocess.Popen([sys.executable, "-c", AT_WORK, tmp_path, "other"], stdout=subprocess.PIPE)
    try:
        assert process.stdout.readline() == b"begun\n"
        assert leftovers(tmp_path) == []
        make_entry(tmp_path, "entry", Job())
        assert visible(tmp_path) == [".other.work", "entry"]
        process.send_signal(signal.SIGKILL if os.name == "posix" else signal.SIGTERM)
        process.wait()
        assert leftovers(tmp_path) == [tmp_path / ".other.work"]
        make_entry(tmp_path, "third", Job())
        assert visible(tmp_path) == ["entry", "third"]
    finally:
        process.kill()
        process.communicate()


def test_work_that_another_process_takes_away_is_begun_again(tmp_path):
    taken = []

    def take_away(file):
        if file == FILES[1] and not taken:
            taken.append(file)
            (tmp_path / ".entry.work").rename(tmp_path / ".away")

    job = Job(take_away)
    make_entry(tmp_path, "entry", job)
    assert job.made == [FILES[0], *FILES]
    assert contents(tmp_path / "entry") == WHOLE


def test_whoever_is_first_wins(tmp_path):
    def be_faster(file):
        if file == FILES[3]:
            (tmp_path / "entry").mkdir()
            (tmp_path / "entry" / "of").write_bytes(b"another")

    make_entry(tmp_path, "entry", Job(be_faster))
    assert contents(tmp_path / "entry") == {"of": b"another"}
    assert visible(tmp_path) == ["entry"]


def test_a_folder_that_is_always_taken_away_is_an_error_in_the_end(tmp_path):
    def take_away(file):
        (tmp_path / ".entry.work").rename(tmp_path / f".away-{time.monotonic_ns()}")

    with pytest.raises(PreparationError, match="other processes keep removing"):
        make_entry(tmp_path, "entry", Job(take_away))


def test_a_cache_that_cannot_be_written_is_named(tmp_path):
    (tmp_path / "taken").write_text("a file")
    with pytest.raises(PreparationError, match=r"taken.*choose another folder with cache_dir="):
        make_entry(tmp_path / "taken", "entry", Job())


@pytest.mark.parametrize("code", ["ENOSPC", "EDQUOT", "EFBIG"])
def test_a_full_disk_is_named_with_the_bytes_it_takes_and_leaves_nothing(tmp_path, code):
    full = OSError(getattr(errno, code), "it is full")
    with pytest.raises(PreparationError) as caught:
        make_entry(tmp_path, "entry", Job(stop_at(FILES[1], full)))
    assert str(caught.value).startswith(
        f"cannot write prepared data to {tmp_path / 'entry'}: it is full; it needs about 18 bytes more: make room"
    )
    assert "\n" not in str(caught.value)
    assert visible(tmp_path) == []


def test_an_entry_is_removed_at_once(tmp_path):
    entry = make_entry(tmp_path, "entry", Job())
    remove_entry(entry)
    remove_entry(entry)
    assert visible(tmp_path) == []


def test_the_folder_is_the_given_one_else_the_environments_else_the_platforms(tmp_path, monkeypatch):
    monkeypatch.setenv("TEXTPREP_CACHE", str(tmp_path / "environment"))
    assert cache_folder(tmp_path / "given") == tmp_path / "given"
    assert cache_folder(str(tmp_path)) == tmp_path
    assert cache_folder() == tmp_path / "environment"
    monkeypatch.delenv("TEXTPREP_CACHE")
    assert "textprep" in cache_folder().parts
    assert cache_folder("~/somewhere") == Path.home() / "somewhere"


@pytest.mark.parametrize(("times", "ends_well"), [(2, True), (99, False)])
def test_a_work_folder_that_vanishes_while_it_is_entered_is_entered_again(
    times, ends_well, tmp_path, monkeypatch
):
    enter, left = cache_module.sole_process, [times]

    def vanishing(lock, waiting):
        left[0] -= 1
        if left[0] >= 0:
            raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), str(lock))
        return enter(lock, waiting)

    monkeypatch.setattr(cache_module, "sole_process", vanishing)
    if ends_well:
        assert make_entry(tmp_path, "entry", Job()).is_dir()
    else:
        with pytest.raises(PreparationError, match=r"keep removing .*entry\.work \(No such file"):
            make_entry(tmp_path, "entry", Job())


@pytest.mark.parametrize("url", ["s3://bucket/cache", "memory://cache", "hf+x://a"])
def test_a_cache_elsewhere_than_on_this_machine_is_refused_in_one_line(url, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    pipeline = tp.Pipeline(tokenizer=tp.WordTokenizer())
    with pytest.raises(
        PreparationError, match=f"cannot be at {re.escape(url)}: .*a folder of this machine"
    ) as e:
        tp.prepare({"train": ["a film"]}, pipeline, cache_dir=url)
    assert "\n" not in str(e.value)
    monkeypatch.setenv("TEXTPREP_CACHE", url)
    with pytest.raises(PreparationError, match="cannot be at"):
        tp.prepare({"train": ["a film"]}, pipeline)
    assert not list(tmp_path.iterdir())


def test_a_cache_may_be_named_by_a_file_url(tmp_path):
    folder = tmp_path / "my cache é"
    pipeline = tp.Pipeline(tokenizer=tp.WordTokenizer())
    data = tp.prepare({"train": ["a film"]}, pipeline, cache_dir=folder.as_uri())
    assert data.path.parent == folder
    assert cache_folder(f"file://localhost{folder.as_posix()}") == folder
    assert cache_folder(f"file:{folder.as_posix()}") == folder
    assert cache_folder(f"FILE:{folder.as_posix()}") == folder


@pytest.mark.parametrize("path", ["a:b", r"C:\cache", "C:/cache", "C://cache", "profile:/x"])
def test_what_is_no_url_is_a_path(path):
    assert cache_folder(path) == Path(path).absolute()


@pytest.mark.parametrize(
    "url", ["file:x", "file:", "file://", "file:./x", "file://elsewhere/cache", "file:C:/x"]
)
def test_a_file_url_without_an_absolute_path_of_this_machine_is_refused(url, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(
        PreparationError, match=f"^{re.escape(url)} names no absolute path of this machine: write"
    ):
        tp.prepare({"train": ["a film"]}, tp.Pipeline(tokenizer=tp.WordTokenizer()), cache_dir=url)
    assert not list(tmp_path.iterdir())
