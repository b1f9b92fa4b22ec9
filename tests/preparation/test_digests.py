"""The digest of texts, which is that of their characters and ends and of nothing else."""

from __future__ import annotations

import subprocess
import sys

import pyarrow as pa

import textprep as tp
from textprep.datasets.split import Split
from textprep.preparation import fingerprint
from textprep.preparation.fingerprint import text_digest

TEXTS = ["A great film", "", "a dull one é", "𝄞 good"] * 40


def split(texts):
    row_ids = pa.array(range(len(texts)), pa.int64())
    return Split(pa.table({"text": pa.array(texts, pa.large_string()), "row_id": row_ids}))


def write(path, texts):
    table = split(texts).table
    with pa.ipc.new_file(str(path), table.schema) as file:
        file.write_table(table, max_chunksize=30)
    return path


def open_mapped(path):
    with pa.memory_map(str(path)) as source:
        return Split(pa.ipc.open_file(source).read_all())


def test_it_stays_the_same_from_one_version_to_the_next():
    assert text_digest(split(TEXTS).text) == "6e139a6c3645c69b158ca5d558630d71"


def test_it_does_not_depend_on_where_spans_end(monkeypatch):
    texts = ["é" * n for n in range(50)]
    monkeypatch.setattr(fingerprint, "SPAN", 100)
    whole = text_digest(split(texts).text)
    cut = pa.chunked_array([texts[:7], [], texts[7:31], texts[31:]], pa.large_string())
    assert text_digest(cut) == whole
    assert text_digest(split([*texts[:-1], "e" * 98]).text) != whole


def test_some_rows_of_a_file_are_not_all_of_them(tmp_path):
    whole = open_mapped(write(tmp_path / "a.arrow", TEXTS))
    for start, rows in [(0, 160), (0, 80), (80, 80), (3, 50), (4, 50), (0, 0)]:
        part = Split(whole.table.slice(start, rows))
        assert text_digest(part.text) == text_digest(split(TEXTS[start : start + rows]).text)


def test_a_file_that_changes_under_a_split_changes_its_digest(tmp_path):
    path = write(tmp_path / "a.arrow", TEXTS)
    one = open_mapped(path)
    assert text_digest(one.text) == text_digest(split(TEXTS).text)
    content = path.read_bytes().replace(b"great", b"grand")
    with path.open("r+b") as file:  # shows in the memory map
        file.write(content)
    assert text_digest(one.text) == text_digest(
        split([text.replace("great", "grand") for text in TEXTS]).text
    )


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
