from __future__ import annotations

import json
import re
import shutil
from pathlib import Path

import pytest

from textprep.cli.cache import _bytes
from textprep.errors import ConfigError


@pytest.fixture
def entry(textprep, reviews, tmp_path, monkeypatch):
    """The reviews, prepared with the default pipeline."""
    monkeypatch.setenv("TEXTPREP_CACHE", str(tmp_path / "cache"))
    assert textprep("prepare", reviews).code == 0
    (path,) = (tmp_path / "cache").iterdir()
    return path


def test_list_shows_fingerprint_data_set_rows_size_and_last_use(textprep, entry):
    done = textprep("cache", "list")
    assert done.code == 0
    line = done.out.splitlines()[2]
    assert re.fullmatch(rf"{entry.name}  jsonl +200 +\d+\.\d kB +\d{{4}}-\d\d-\d\d \d\d:\d\d", line)
    assert "1 prepared, " in done.out
    (record,) = json.loads(textprep("cache", "list", "--json").out)["entries"]
    assert (record["fingerprint"], record["dataset"], record["rows"]) == (entry.name, "jsonl", 200)
    assert record["bytes"] == sum(path.stat().st_size for path in entry.iterdir())


def test_list_counts_what_killed_runs_left(textprep, entry):
    (entry.parent / ".x.work").mkdir()
    assert "1 unfinished, 0 B" in textprep("cache", "list").out
    assert len(json.loads(textprep("cache", "list", "--json").out)["leftovers"]) == 1


def test_an_empty_cache_is_no_error(textprep, tmp_path):
    done = textprep("cache", "list", "--cache-dir", tmp_path / "nowhere")
    assert (done.code, done.out) == (0, f"0 prepared, 0 B in {tmp_path / 'nowhere'}\n")


def test_why_names_the_field_that_differs(textprep, entry, reviews):
    same = textprep("cache", "why", reviews)
    assert (same.code, same.out) == (0, f"{reviews} is prepared: {entry}\n")
    done = textprep(
        "cache", "why", reviews, "--set", "tokenizer.name=word", "--set", "tokenizer.min_freq=3",
        "--set", "tokenizer.max_size=30000",
    )  # fmt: skip
    assert f"the nearest is {entry.name}, of 'jsonl':\n  tokenizer.options.min_freq 2 → 3\n" in done.out
    answer = json.loads(textprep("cache", "why", reviews, "--set", "dataset.seed=1", "--json").out)
    assert (answer["prepared"], answer["nearest"]) == (False, entry.name)
    assert "splits.train.content" in [difference["field"] for difference in answer["differences"]]
    assert "nothing is, in" in textprep("cache", "why", reviews, "--cache-dir", entry / "nowhere").out


def test_verify_names_every_damaged_file_and_removes_it_when_told(textprep, entry, reviews):
    assert textprep("cache", "verify") == (0, "1 checked, 0 damaged\n", "")
    (entry / "pipeline.json").write_text("{}")
    shard = sorted(entry.glob("train-*.arrow"))[0]
    content = shard.read_bytes()
    shard.write_bytes(content[:-1] + bytes([content[-1] ^ 1]))
    done = textprep("cache", "verify", entry.name[:6])
    assert done.code == 1
    assert f"{entry / 'pipeline.json'} is damaged" in done.out
    assert f"{shard} is damaged: its contents do not match its checksum" in done.out
    assert len(json.loads(textprep("cache", "verify", "--json").out)[entry.name]) == 2

    failed = textprep("prepare", reviews)
    assert failed.code == 1
    command = re.search(r"'textprep (cache verify [^']*)'", failed.err)[1]
    assert "1 damaged, removed" in textprep(*command.split()).out
    assert not entry.exists()
    assert textprep("prepare", reviews).code == 0
    assert textprep("cache", "verify").code == 0


def test_prepare_rebuilds_when_told(textprep, entry, reviews):
    (entry / "pipeline.json").unlink()
    assert textprep("prepare", reviews).code == 1
    assert textprep("prepare", reviews, "--rebuild").code == 0
    assert textprep("cache", "verify").code == 0


def test_verify_of_what_is_not_there_lists_what_is(textprep, entry):
    done = textprep("cache", "verify", "nothing")
    assert done.code == 1
    assert f"nothing prepared is called 'nothing'; there are: {entry.name}" in done.err


def test_prune_makes_room(textprep, entry):
    shutil.copytree(entry, entry.with_name("0" * 32))
    (entry.parent / ".x.work").mkdir()
    assert "would remove 0 prepared" in textprep("cache", "prune", "--max-size", "1GB", "--dry-run").out
    done = textprep("cache", "prune", "--max-size", "0", "--dry-run")
    assert "would remove 2 prepared" in done.out
    assert len(list(entry.parent.iterdir())) == 3
    answer = json.loads(textprep("cache", "prune", "--max-size", "0", "--json").out)
    assert (len(answer["removed"]), len(answer["leftovers"]), answer["in_use"]) == (2, 1, [])
    assert not list(entry.parent.iterdir())


def test_prune_wants_a_size(textprep):
    assert textprep("cache", "prune").code == 2
    done = textprep("cache", "prune", "--max-size", "much")
    assert (done.code, done.err) == (
        1,
        "textprep: error: --max-size 'much' is no size: write 2GB, 500MB, 1.5GiB or a number of bytes\n",
    )


@pytest.mark.parametrize(
    ("text", "size"),
    [
        ("2GB", 2 * 10**9),
        ("2 gb", 2 * 10**9),
        ("1.5GiB", 1_610_612_736),
        ("10k", 10_000),
        ("7", 7),
        ("7B", 7),
    ],
)
def test_sizes_are_written_as_people_write_them(text, size):
    assert _bytes(text) == size


@pytest.mark.parametrize("text", ["", "GB", "-1", "2XB", "2 G B", "1e9", "2iB"])
def test_other_words_are_no_sizes(text):
    with pytest.raises(ConfigError, match="is no size"):
        _bytes(text)


def test_why_says_that_what_is_there_is_damaged(textprep, reviews):
    path = Path(json.loads(textprep("prepare", reviews, "--json").out)["path"])
    assert "damaged" not in textprep("cache", "why", reviews).out
    (path / "manifest.json").unlink()
    assert "is prepared" in textprep("cache", "why", reviews).out
    assert "but damaged" in textprep("cache", "why", reviews).out
    refused = textprep("prepare", reviews)
    assert refused.code == 1
    assert "--rebuild" in refused.err
    assert textprep("prepare", reviews, "--rebuild").code == 0


def test_downloads_are_listed_with_licences_and_pruned(textprep, tmp_path):
    folder = tmp_path / "cache" / "downloads" / "0123456789abcdef"
    folder.mkdir(parents=True)
    (folder / "reviews.csv").write_text("text,label\n")
    about = {
        "url": "https://example.org/reviews.csv",
        "sha256": "0" * 64,
        "licence": "CC BY 4.0",
        "citation": "Writer (2026)",
        "file": "reviews.csv",
        "downloaded": "2026-01-01T00:00:00+00:00",
    }
    (folder / "about.json").write_text(json.dumps(about))
    listed = textprep("cache", "downloads", "--cache-dir", str(tmp_path / "cache")).out
    assert "CC BY 4.0" in listed
    assert "reviews.csv: Writer (2026)" in listed
    pruned = textprep("cache", "downloads", "--max-size", "0", "--cache-dir", str(tmp_path / "cache")).out
    assert "removed 1, 11 B" in pruned
    assert not folder.exists()
