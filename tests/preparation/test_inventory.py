from __future__ import annotations

import os
import subprocess
import sys
import time

import pytest

import textprep as tp
from textprep.preparation.cache import leftovers
from textprep.preparation.fingerprint import made_of
from textprep.preparation.inventory import damages, entries, last_use, nearest, prune
from textprep.prepared.dataset import open_store
from textprep.prepared.prepare import as_corpus


def prepared(cache, text="a film", **options):
    pipeline = tp.Pipeline([tp.Lowercase()], tokenizer=tp.WordTokenizer(**options))
    return tp.prepare({"train": [text, "b"], "test": ["c"]}, pipeline, cache_dir=cache).path


def used_at(entry, seconds):
    os.utime(entry / "manifest.json", (seconds, seconds))


@pytest.fixture
def three(tmp_path):
    """Three entries, used one after another."""
    made = [prepared(tmp_path, text) for text in ("one", "two", "three")]
    for seconds, entry in enumerate(made):
        used_at(entry, 1_000_000 + seconds)
    return made


def test_entries_are_listed_last_used_first(tmp_path, three):
    found = entries(tmp_path)
    assert [entry.path for entry in found] == three[::-1]
    assert {(entry.dataset, entry.rows) for entry in found} == {("data", 3)}
    assert found[0].bytes == sum(path.stat().st_size for path in three[2].rglob("*") if path.is_file())
    assert entries(tmp_path / "nowhere") == []


def test_opening_is_a_use(tmp_path, three):
    before = time.time() - 5
    open_store(three[0])
    assert last_use(three[0]) > before
    prepared(tmp_path, "two")
    assert [entry.path for entry in entries(tmp_path)][2] == three[2]


def test_what_lost_its_manifest_is_listed_and_named_and_goes_first_or_last_like_any_other(tmp_path, three):
    (three[1] / "manifest.json").unlink()
    found = {entry.path: entry for entry in entries(tmp_path)}
    assert (found[three[1]].dataset, found[three[1]].rows) == ("(unreadable)", 0)
    assert "no file" in damages(three[1])[0]
    assert damages(three[0]) == []
    assert len(prune(tmp_path, 0).entries) == 3
    assert not list(tmp_path.iterdir())


def test_pruning_removes_what_was_not_used_for_longest(tmp_path, three):
    size = entries(tmp_path)[0].bytes
    total = sum(entry.bytes for entry in entries(tmp_path))
    assert prune(tmp_path, total).entries == []
    assert [entry.path for entry in prune(tmp_path, size, dry_run=True).entries] == three[:2]
    assert len(entries(tmp_path)) == 3
    assert [entry.path for entry in prune(tmp_path, size).entries] == three[:2]
    assert list(tmp_path.iterdir()) == [three[2]]


def test_what_is_open_stays_until_it_is_closed(tmp_path, three):
    split = open_store(three[0])["train"]
    used_at(three[0], 1)
    pruned = prune(tmp_path, 0)
    assert [entry.path for entry in pruned.in_use] == [three[0]]
    assert list(tmp_path.iterdir()) == [three[0]]
    assert split.ids(0).tolist()
    del split
    assert prune(tmp_path, 0).in_use == []
    assert not list(tmp_path.iterdir())


OPEN = """
import sys
from textprep.prepared.dataset import open_store
data = open_store(sys.argv[1])
print("open", flush=True)
sys.stdin.read()
"""


def test_what_another_process_has_open_stays_until_that_ends(tmp_path, three):
    process = subprocess.Popen(
        [sys.executable, "-c", OPEN, three[1]], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    try:
        assert process.stdout.readline() == b"open\n"
        assert [entry.path for entry in prune(tmp_path, 0).in_use] == [three[1]]
    finally:
        process.kill()
        process.communicate()
    assert [entry.path for entry in prune(tmp_path, 0).entries] == [three[1]]


def test_leftovers_go_and_work_in_progress_stays(tmp_path):
    from textprep.storage.locks import sole_process

    (tmp_path / ".dead.work" / "store").mkdir(parents=True)
    (tmp_path / ".x.gone-1").mkdir()
    with sole_process(tmp_path / ".live.work" / "lock", print):
        assert len(prune(tmp_path, 0, dry_run=True).leftovers) == 2
        assert len(prune(tmp_path, 0).leftovers) == 2
        assert [path.name for path in tmp_path.iterdir()] == [".live.work"]


def test_what_a_killed_run_left_of_labels_goes_like_other_leftovers(tmp_path):
    entry = prepared(tmp_path)
    left = entry / "columns" / ".0123.work"
    (left / "store").mkdir(parents=True)
    assert leftovers(tmp_path) == prune(tmp_path, 10**9, dry_run=True).leftovers == [left]
    assert prune(tmp_path, 10**9).entries == []
    assert not left.exists()
    assert damages(entry) == []


def test_an_entry_that_is_pruned_is_prepared_again(tmp_path):
    first = prepared(tmp_path)
    prune(tmp_path, 0)
    assert prepared(tmp_path) == first
    assert damages(first) == []


def test_the_nearest_is_what_differs_least(tmp_path):
    near = prepared(tmp_path, min_freq=2)
    prepared(tmp_path, "another film", min_freq=2)
    wanted = made_of(
        as_corpus({"train": ["a film", "b"], "test": ["c"]}),
        tp.Pipeline([tp.Lowercase()], tokenizer=tp.WordTokenizer(min_freq=3)),
    )
    entry, fields = nearest(wanted, entries(tmp_path))
    assert entry.path == near
    assert [str(field) for field in fields] == ["tokenizer.options.min_freq 2 → 3"]
    assert nearest(wanted, []) is None
