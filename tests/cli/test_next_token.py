"""Texts alone are enough for the next token: whatever file they are in."""

from __future__ import annotations

import json

import pytest

FILES = {
    "a.txt": "one film\ntwo films\nthree films\n" * 4,
    "a.csv": "".join(["id,text\n", *(f"{n},film {n}\n" for n in range(12))]),
    "labelled.csv": "".join(["text,label\n", *(f"film {n},{'' if n % 2 else 'good'}\n" for n in range(12))]),
    "a.jsonl": "".join(f'{{"text": "film {n}", "label": [{n}]}}\n' for n in range(12)),
}


@pytest.mark.parametrize("name", FILES)
def test_any_file_with_texts_serves(textprep, tmp_path, name):
    (tmp_path / name).write_text(FILES[name])
    target = ["--set", "dataset.target=next_token"]
    assert textprep("preview", name, *target).code == 0
    said = json.loads(textprep("check", name, *target, "--json").out)
    assert said["target"] == "next_token"
    assert sum(said["rows"].values()) == 12
    assert set(map(len, said["classes"].values())) == {0}
