from __future__ import annotations

import datasets as hf
import pytest

import textprep as tp
from textprep.datasets.formats.hugging_face import _no_code
from textprep.errors import DatasetError

CLASSES = hf.ClassLabel(names=["pos", "neg"])


@pytest.fixture
def data():
    rows = hf.Dataset.from_dict({"text": ["a", "b", "c"], "label": [1, 0, 1]}).cast_column("label", CLASSES)
    return hf.DatasetDict({"train": rows, "test": rows.select([0])})


def test_saved_and_in_hand_with_splits_and_class_names(tmp_path, data):
    data.save_to_disk(tmp_path / "saved")
    for path in (str(tmp_path / "saved"), data):
        corpus = tp.load_dataset("huggingface", path=path)
        assert (list(corpus), corpus.class_names) == (["train", "test"], ("pos", "neg"))
        assert corpus["train"].labels.tolist() == [1, 0, 1]
        assert len(tp.load_dataset("huggingface", path=path, split="test", splits=None)["train"]) == 1


def test_a_folder_of_data_files_is_read_by_the_package(tmp_path, monkeypatch):
    monkeypatch.setattr(hf.config, "HF_DATASETS_CACHE", tmp_path / "cache")
    (tmp_path / "local").mkdir()
    (tmp_path / "local" / "train.jsonl").write_text('{"text": "a", "label": "x"}\n')
    corpus = tp.load_dataset("huggingface", path=str(tmp_path / "local"))
    assert corpus["train"].text.to_pylist() == ["a"]


def test_code_of_a_data_set_is_never_run(tmp_path):
    (tmp_path / "coded").mkdir()
    (tmp_path / "coded" / "coded.py").write_text(f"open({str(tmp_path / 'ran')!r}, 'w')")
    with pytest.raises(DatasetError, match=r"huggingface .*coded"):
        tp.load_dataset("huggingface", path=str(tmp_path / "coded"))
    assert not (tmp_path / "ran").exists()
    assert _no_code("3.6.0") == {"trust_remote_code": False}
    assert _no_code("5.2.0") == {}


def test_what_is_not_there_is_one_line(monkeypatch):
    with pytest.raises(DatasetError, match="huggingface 'nobody/nothing': ") as caught:
        tp.load_dataset("huggingface", path="nobody/nothing")
    assert "\n" not in str(caught.value)
