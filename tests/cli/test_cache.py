from __future__ import annotations

import json
import re
import shutil
from pathlib import Path

import pytest

from textprep.preparation import fingerprint, manifest
from textprep.preparation.fingerprint import STORE_VERSION


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
    assert record["bytes"] == sum(path.stat().st_size for path in entry.rglob("*") if path.is_file())


def test_list_counts_what_killed_runs_left(textprep, entry):
    (entry.parent / ".x.work").mkdir()
    assert "1 unfinished, 0 B" in textprep("cache", "list").out
    assert len(json.loads(textprep("cache", "list", "--json").out)["leftovers"]) == 1


def test_an_empty_cache_is_no_error(textprep, tmp_path):
    done = textprep("cache", "list", "--cache-dir", tmp_path / "nowhere")
    assert (done.code, done.out) == (0, f"0 prepared, 0 B in {tmp_path / 'nowhere'}\n")


def test_a_cache_may_be_named_by_a_file_url(textprep, entry, tmp_path):
    listed = textprep("cache", "list", "--cache-dir", entry.parent.as_uri())
    assert "1 prepared" in listed.out
    refused = textprep("cache", "list", "--cache-dir", "s3://bucket/cache")
    assert refused.code == 1
    assert refused.err.startswith("textprep: error: the cache cannot be at s3://bucket/cache: ")


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
    command = re.search(r"textprep (cache verify .*)", failed.err)[1]
    assert "1 damaged, removed" in textprep(*command.split()).out
    assert not entry.exists()
    assert textprep("prepare", reviews).code == 0
    assert textprep("cache", "verify").code == 0


@pytest.fixture(params=[STORE_VERSION - 1, STORE_VERSION + 1])
def other(textprep, reviews, tmp_path, monkeypatch, request):
    """The reviews, prepared by an older or a newer textprep, whose manifests have another checksum."""
    monkeypatch.setenv("TEXTPREP_CACHE", str(tmp_path / "cache"))
    with monkeypatch.context() as patched:
        for module in (fingerprint, manifest):
            patched.setattr(module, "STORE_VERSION", request.param)
        path = Path(json.loads(textprep("prepare", reviews, "--json").out)["path"])
    record = json.loads((path / "manifest.json").read_text())
    (path / "manifest.json").write_text(json.dumps({**record, "checksum": "made in another way"}))
    return path


def version_of(entry):
    return json.loads((entry / "manifest.json").read_text())["format_version"]


def test_what_another_textprep_wrote_is_not_damaged_and_is_prepared_anew(textprep, other, reviews):
    said = f"1 of another format version ({version_of(other)}; this textprep reads {STORE_VERSION})"
    listed = textprep("cache", "list").out
    assert f"(format version {version_of(other)})" in listed
    assert said in listed
    (record,) = json.loads(textprep("cache", "list", "--json").out)["entries"]
    assert record["other_version"] == version_of(other)
    why = textprep("cache", "why", reviews).out
    assert "is not prepared: nothing that could be compared is" in why
    assert said in why
    assert textprep("cache", "verify").code == 0
    assert f"0 checked, 0 damaged\n{said}" in textprep("cache", "verify").out
    assert json.loads(textprep("cache", "verify", "--json").out) == {}

    assert textprep("prepare", reviews).code == 0
    assert len(list(other.parent.glob("?*/manifest.json"))) == 2
    assert "is prepared" in textprep("cache", "why", reviews).out
    assert f"1 checked, 0 damaged\n{said}: removed" in textprep("cache", "verify", "--remove").out
    assert not other.exists()
    assert textprep("cache", "verify") == (0, "1 checked, 0 damaged\n", "")


def test_what_another_textprep_wrote_can_be_pruned(textprep, other):
    said = f"removed {other.name}: (format version {version_of(other)})"
    assert said in textprep("cache", "prune", "--max-size", "0").out
    assert not other.exists()


def test_no_flipped_bit_of_a_manifest_looks_like_another_version(textprep, entry):
    path = entry / "manifest.json"
    content = path.read_bytes()
    for name in (b'"format_version": ', b'"store_version": '):
        place = content.index(name) + len(name)
        for bit in range(8):
            flipped = bytes([content[place] ^ 1 << bit])
            path.write_bytes(content[:place] + flipped + content[place + 1 :])
            done = textprep("cache", "verify")
            assert done.code == 1
            assert f"{path} is damaged" in done.out


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


@pytest.fixture
def relabelled(entry, reviews):
    """The reviews, of which one has another label since they were prepared."""
    first, *others = reviews.read_text().splitlines()
    row = json.loads(first)
    row["label"] = {"good": "bad", "bad": "good"}[row["label"]]
    reviews.write_text("\n".join([json.dumps(row), *others]) + "\n")
    return reviews


def test_why_says_that_only_labels_differ(textprep, entry, relabelled):
    said = f"{relabelled} is prepared: {entry}, but for labels or other columns; nothing is encoded again\n"
    assert said in textprep("cache", "why", relabelled).out
    answer = json.loads(textprep("cache", "why", relabelled, "--json").out)
    assert (answer["prepared"], answer["encoded"], answer["fingerprint"]) == (False, True, entry.name)
    assert {difference["field"].split(".", 2)[2] for difference in answer["columns"]} == {
        "columns.label.values"
    }
    assert textprep("prepare", relabelled).code == 0
    assert textprep("cache", "why", relabelled).out == f"{relabelled} is prepared: {entry}\n"
    assert list(entry.parent.iterdir()) == [entry]
    assert len(list((entry / "columns").iterdir())) == 2


def test_damaged_labels_are_removed_by_themselves_and_prepared_again(textprep, entry, relabelled):
    (before,) = (entry / "columns").iterdir()
    assert textprep("prepare", relabelled).code == 0
    (other,) = {*(entry / "columns").iterdir()} - {before}
    files = {path: path.read_bytes() for path in entry.rglob("*") if path.is_file()}
    for name in ("train.arrow", "manifest.json"):
        content = files[other / name]
        (other / name).write_bytes(content[:-2] + bytes([content[-2] ^ 1]) + content[-1:])
        refused = textprep(
            "train", relabelled, "--set", "training.epochs=1", "--run", entry.parents[1] / "run"
        )
        assert refused.code == 1
        assert f"{other / name} is damaged" in refused.err
        done = textprep("cache", "verify")
        assert (done.code, str(other / name) in done.out) == (1, True)
        assert f"but damaged: {other / name}" in textprep("cache", "why", relabelled).out
        command = re.search(r"textprep (cache verify .*)", refused.err)[1]
        assert "1 damaged, removed" in textprep(*command.split()).out
        assert list((entry / "columns").iterdir()) == [before]
        assert textprep("cache", "verify").code == 0
        assert textprep("prepare", relabelled).code == 0
        assert {path: path.read_bytes() for path in entry.rglob("*") if path.is_file()} == files


def test_without_any_labels_the_ids_are_still_prepared(textprep, entry, reviews):
    shutil.rmtree(entry / "columns")
    assert "but for labels or other columns; nothing is encoded" in textprep("cache", "why", reviews).out
    assert textprep("cache", "verify").code == 0
    assert textprep("prepare", reviews).code == 0
    assert textprep("cache", "why", reviews).out == f"{reviews} is prepared: {entry}\n"


def test_downloads_are_listed_with_licenses_and_pruned(textprep, tmp_path):
    folder = tmp_path / "cache" / "downloads" / "0123456789abcdef"
    folder.mkdir(parents=True)
    (folder / "reviews.csv").write_text("text,label\n")
    about = {
        "url": "https://example.org/reviews.csv",
        "sha256": "0" * 64,
        "license": "CC BY 4.0",
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
