"""A disk that is full is one line that names the path and the bytes it takes; nothing else is harmed."""

from __future__ import annotations

import re
import subprocess
from contextlib import contextmanager

import numpy as np
import pyarrow as pa
import pytest

import textprep as tp
from textprep.datasets.corpus import Corpus
from textprep.datasets.split import Split
from textprep.errors import PreparationError
from textprep.preparation import shards
from textprep.preparation.inventory import damages


@contextmanager
def mounted(folder, options):
    """A file system in memory, where this machine lets us mount one."""
    folder.mkdir(exist_ok=True)
    command = ["mount", "-t", "tmpfs", "-o", options, "tmpfs", str(folder)]
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False)
    except FileNotFoundError:
        pytest.skip("there is no command 'mount'")
    if done.returncode:
        pytest.skip(f"mounting needs rights that are missing here: {done.stderr.strip()[:80]}")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=True)


def many_rows(count):
    """Rows that take 26 bytes each in a store, and no time to encode."""
    texts = pa.array(["a film"] * count, pa.large_string())
    table = pa.table({"text": texts, "row_id": np.arange(count)})
    return Corpus({"train": Split(table)}, name="many")


def word_pipeline():
    return tp.Pipeline(tokenizer=tp.WordTokenizer())


@pytest.mark.slow
def test_a_disk_of_eight_megabytes(tmp_path):
    rows = many_rows(400_000)
    with mounted(tmp_path / "disk", "size=8m") as disk:
        earlier = tp.prepare({"train": ["a film"]}, word_pipeline(), cache_dir=disk).path
        with pytest.raises(PreparationError) as caught:
            tp.prepare(rows, word_pipeline(), cache_dir=disk)
        message = str(caught.value)
        assert "\n" not in message
        assert str(disk) in message
        assert "No space left on device" in message
        needed = int(re.search(r"needs about ([\d,]+) bytes more", message)[1].replace(",", ""))
        assert list(disk.iterdir()) == [earlier]
        assert damages(earlier) == []
        subprocess.run(["mount", "-o", "remount,size=64m", str(disk)], check=True)
        made = tp.prepare(rows, word_pipeline(), cache_dir=disk).path
        size = sum(path.stat().st_size for path in made.rglob("*") if path.is_file())
        assert size > 8 * 2**20
        assert (size - 8 * 2**20) / 2 < needed < 1.5 * size
        assert damages(made) == []


@pytest.mark.slow
def test_a_disk_that_may_only_be_read(tmp_path):
    with mounted(tmp_path / "disk", "size=8m") as disk:
        there = tp.prepare({"train": ["a film"]}, word_pipeline(), cache_dir=disk)
        subprocess.run(["mount", "-o", "remount,ro", str(disk)], check=True)
        again = tp.prepare({"train": ["a film"]}, word_pipeline(), cache_dir=disk)
        assert again.path == there.path
        assert again["train"].ids(0).tolist() == there["train"].ids(0).tolist()
        with pytest.raises(
            PreparationError, match=r"cannot write prepared data to .*: Read-only file system"
        ):
            tp.prepare({"train": ["another film"]}, word_pipeline(), cache_dir=disk)


@pytest.mark.slow
@pytest.mark.parametrize("pairs", [False, True])
def test_no_space_at_every_tenth_write(preparing, undisturbed, only_entry, log_of, tmp_path, pairs):
    files, _, _ = undisturbed(pairs=pairs)
    number = failures = 0
    while True:
        number += 10 if number else 1
        cache, log = tmp_path / f"{number}", tmp_path / f"{number}.log"
        ends = preparing(cache, pairs=pairs, no_space=number, log=log)["ends"]
        if ends == [0]:
            break
        failures += 1
        (message,) = log_of(log, "error")
        assert str(cache) in message
        assert re.search(r"No space left on device; it needs about [\d,]+ bytes more: make room", message)
        left = only_entry(cache) if list(cache.iterdir()) else {}
        assert left.items() <= files.items()  # the ids stay where their labels are what does not fit
        assert not left or "columns" in message
        assert preparing(cache, pairs=pairs)["ends"] == [0]
        assert only_entry(cache) == files
    assert failures > 3


@pytest.mark.slow
def test_no_space_for_corrected_labels(preparing, only_entry, log_of, tmp_path):
    cache, log, failures = tmp_path / "cache", tmp_path / "log", 0
    assert preparing(cache)["ends"] == [0]
    before = only_entry(cache)
    while preparing(cache, wrong=1, no_space=failures + 1, log=log)["ends"] == [3]:
        failures += 1
        message = log_of(log, "error")[-1]
        assert str(cache) in message
        assert re.search(
            r"columns.*No space left on device; it needs about [\d,]+ bytes more: make room", message
        )
        assert only_entry(cache) == before
    assert failures > 3
    assert only_entry(cache).items() > before.items()


def test_no_space_leaves_earlier_entries_alone(preparing, only_entry, log_of, tmp_path):
    assert preparing(tmp_path / "cache", rows=100)["ends"] == [0]
    earlier = only_entry(tmp_path / "cache")
    assert preparing(tmp_path / "cache", rows=300, no_space=9, log=tmp_path / "log")["ends"] == [3]
    assert only_entry(tmp_path / "cache") == earlier


def test_the_bytes_needed_are_told_by_the_shards_that_are_done(tmp_path, monkeypatch):
    resource = pytest.importorskip("resource")
    monkeypatch.setattr(shards, "SHARD_BYTES", (10_000, 10_000))
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (5_000, before[1]))
    try:
        with pytest.raises(
            PreparationError, match=r"File too large; it needs about [\d,]+ bytes more: make room"
        ):
            tp.prepare(many_rows(5_000), word_pipeline(), cache_dir=tmp_path)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert not list(tmp_path.iterdir())
