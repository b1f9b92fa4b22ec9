"""A digest is remembered only of what cannot have changed, and is the same either way."""

from __future__ import annotations

import os
import subprocess
import sys
import time

import pyarrow as pa
import pytest

import textprep as tp
from textprep.datasets.split import Split
from textprep.preparation import digests, mapped
from textprep.preparation.digests import FOLDER, text_digest

TEXTS = ["A great film", "", "a dull one é", "𝄞 good"] * 40
linux = pytest.mark.skipif(sys.platform != "linux", reason="only Linux says which memory is a file's")


def split(texts):
    row_ids = pa.array(range(len(texts)), pa.int64())
    return Split(pa.table({"text": pa.array(texts, pa.large_string()), "row_id": row_ids}))


def write(path, texts, age=60):
    """An Arrow file that was last changed some seconds ago, by what it says itself."""
    table = split(texts).table
    with pa.ipc.new_file(str(path), table.schema) as file:
        file.write_table(table, max_chunksize=30)
    os.utime(path, (time.time() - age,) * 2)
    return path


def open_mapped(path):
    with pa.memory_map(str(path)) as source:
        return Split(pa.ipc.open_file(source).read_all())


@pytest.fixture
def settled(monkeypatch):
    """Files are settled at once, since the time of change that the system keeps cannot be set."""
    monkeypatch.setattr(mapped, "SETTLED", 0)


@pytest.fixture
def taken(monkeypatch):
    """Counts how often characters are read."""
    calls, digest = [], digests._characters_digest
    monkeypatch.setattr(digests, "_characters_digest", lambda parts: calls.append(1) or digest(parts))
    return calls


def test_it_does_not_depend_on_where_spans_end(monkeypatch):
    texts = ["é" * n for n in range(50)]
    monkeypatch.setattr(digests, "SPAN", 100)
    whole = text_digest(split(texts))
    cut = pa.chunked_array([texts[:7], [], texts[7:31], texts[31:]], pa.large_string())
    assert text_digest(Split(pa.table({"text": cut, "row_id": range(50)}))) == whole
    assert text_digest(split([*texts[:-1], "e" * 98])) != whole


@linux
def test_texts_in_memory_are_read_once_for_each_split(taken):
    one = split(TEXTS)
    assert text_digest(one) == text_digest(one) == text_digest(split(TEXTS))
    assert len(taken) == 2
    one.table = split(["other"]).table
    assert text_digest(one) == text_digest(split(["other"])) != text_digest(split(TEXTS))


@linux
@pytest.mark.usefixtures("settled")
def test_texts_of_a_file_are_read_once_for_all_processes(tmp_path, taken):
    path, cache = write(tmp_path / "a.arrow", TEXTS), tmp_path / "cache"
    assert text_digest(open_mapped(path), cache) == text_digest(open_mapped(path), cache)
    assert len(taken) == 1
    assert (
        text_digest(open_mapped(path)) == text_digest(split(TEXTS)) == text_digest(open_mapped(path), cache)
    )


@linux
@pytest.mark.usefixtures("settled")
def test_some_rows_of_a_file_are_not_all_of_them(tmp_path):
    whole, cache = open_mapped(write(tmp_path / "a.arrow", TEXTS)), tmp_path / "cache"
    for start, rows in [(0, 160), (0, 80), (80, 80), (3, 50), (4, 50), (0, 0)]:
        assert text_digest(Split(whole.table.slice(start, rows)), cache) == text_digest(
            split(TEXTS[start : start + rows])
        )


@linux
@pytest.mark.usefixtures("settled")
@pytest.mark.parametrize("same_time", [False, True])
def test_a_file_that_was_written_again_is_read_again(tmp_path, same_time):
    path, cache = write(tmp_path / "a.arrow", TEXTS), tmp_path / "cache"
    before = text_digest(open_mapped(path), cache)
    times = path.stat().st_mtime_ns
    content = path.read_bytes().replace(b"great", b"grand")
    with path.open("r+b") as file:  # the same file, of the same size
        file.write(content)
    if same_time:
        os.utime(path, ns=(times, times))
    changed = text_digest(open_mapped(path), cache)
    assert changed == text_digest(split([text.replace("great", "grand") for text in TEXTS])) != before


@linux
@pytest.mark.usefixtures("settled")
@pytest.mark.parametrize("with_cache", [False, True])
def test_a_split_that_stays_open_knows_its_digest_until_its_file_changes(tmp_path, taken, with_cache):
    path, cache = write(tmp_path / "a.arrow", TEXTS), tmp_path / "cache" if with_cache else None
    one = open_mapped(path)
    before = text_digest(one, cache)
    assert text_digest(one, cache) == before
    assert len(taken) == 1
    content = path.read_bytes().replace(b"great", b"grand")
    with path.open("r+b") as file:  # shows in the memory map
        file.write(content)
    changed = [text.replace("great", "grand") for text in TEXTS]
    assert text_digest(one, cache) == text_digest(split(changed)) != before
    path.rename(tmp_path / "b.arrow")
    write(path, TEXTS[::-1])  # another file, which the split does not hold
    assert text_digest(one, cache) == text_digest(split(changed))


@linux
def test_a_file_that_has_just_changed_is_not_trusted(tmp_path, taken):
    path, cache = write(tmp_path / "a.arrow", TEXTS), tmp_path / "cache"
    text_digest(open_mapped(path), cache)
    text_digest(open_mapped(path), cache)
    assert len(taken) == 2
    assert not (cache / FOLDER).exists()


@linux
@pytest.mark.usefixtures("settled")
def test_a_file_without_a_name_is_not_trusted(tmp_path, taken):
    path, cache = write(tmp_path / "a.arrow", TEXTS), tmp_path / "cache"
    unnamed = open_mapped(path)
    write(tmp_path / "b.arrow", TEXTS[::-1]).replace(path)
    assert text_digest(unnamed, cache) == text_digest(split(TEXTS))
    assert text_digest(unnamed, cache) != text_digest(open_mapped(path), cache)


@linux
@pytest.mark.usefixtures("settled")
@pytest.mark.parametrize("damage", [b"", b"\xff\xfe", b"0" * 32, b"0" * 32 + b" " + b"0" * 32])
def test_a_damaged_note_is_not_believed(tmp_path, damage, taken):
    path, cache = write(tmp_path / "a.arrow", TEXTS), tmp_path / "cache"
    right = text_digest(open_mapped(path), cache)
    (note,) = (cache / FOLDER).iterdir()
    note.write_bytes(damage)
    assert text_digest(open_mapped(path), cache) == right
    assert text_digest(open_mapped(path), cache) == right
    assert len(taken) == 2


@linux
@pytest.mark.usefixtures("settled")
def test_old_notes_go_and_a_cache_that_cannot_be_written_does_no_harm(tmp_path):
    path, cache = write(tmp_path / "a.arrow", TEXTS), tmp_path / "cache"
    (cache / FOLDER).mkdir(parents=True)
    (cache / FOLDER / "old").touch()
    os.utime(cache / FOLDER / "old", (0, 0))
    right = text_digest(open_mapped(path), cache)
    assert len(list((cache / FOLDER).iterdir())) == 1
    (tmp_path / "file").touch()
    assert text_digest(open_mapped(path), tmp_path / "file") == right


def test_where_the_system_does_not_tell_texts_are_read_each_time(tmp_path, taken, monkeypatch):
    monkeypatch.setattr(mapped, "_MAPS", tmp_path / "absent")
    one = split(TEXTS)
    assert text_digest(one, tmp_path) == text_digest(one, tmp_path)
    assert len(taken) == 2


@linux
@pytest.mark.usefixtures("settled")
def test_preparing_again_reads_no_text(tmp_path, taken):
    path, cache = write(tmp_path / "a.arrow", TEXTS), tmp_path / "cache"
    pipeline = tp.Pipeline(tokenizer=tp.WordTokenizer()).fit(TEXTS)
    for _ in range(3):
        tp.prepare({"train": open_mapped(path)}, pipeline, cache_dir=cache)
    assert len(taken) == 1


WARM = """
import sys
import pyarrow as pa
import textprep as tp
from textprep.datasets.split import Split

with pa.memory_map(sys.argv[1]) as source:
    corpus = tp.Corpus({"train": Split(pa.ipc.open_file(source).read_all())})
data = tp.prepare(corpus, tp.Pipeline.load(sys.argv[2]), cache_dir=sys.argv[3])
print(data["train"].ids(0).tolist(), sorted({"pandas", "torch"} & set(sys.modules)))
"""


def test_another_process_finds_what_is_prepared_without_importing_what_is_slow_to_import(tmp_path):
    path, cache, saved = write(tmp_path / "a.arrow", TEXTS), tmp_path / "cache", tmp_path / "words.json"
    pipeline = tp.Pipeline(tokenizer=tp.WordTokenizer()).fit(TEXTS)
    pipeline.save(saved)
    ids = tp.prepare({"train": open_mapped(path)}, pipeline, cache_dir=cache)["train"].ids(0).tolist()
    command = [sys.executable, "-c", WARM, path, saved, cache]
    assert subprocess.run(command, capture_output=True, text=True, check=True).stdout == f"{ids} []\n"
