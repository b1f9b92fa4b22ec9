"""What lies at a path says what it is; what is no tokenizer is one clear error; names come from the hub."""

from __future__ import annotations

import json
import pickle

import pytest

from tests.tokenizers.pretrained.kinds import unigram, wordpiece
from textprep.errors import TokenizerError
from textprep.tokenizers.huggingface import HuggingFaceTokenizer

TAKES = r"path= takes a tokenizer\.json, a vocab\.txt"
WRONG = {
    "broken.json": (b"{", "is not JSON"),
    "list.json": (b"[]", TAKES),
    "empty.json": (b"{}", r"is not a tokenizer\.json; " + TAKES),
    "model.json": (b'{"model": 3}', TAKES),
    "half.json": (b'{"model": {"type": "BPE", "vocab": {}}}', r"is not a tokenizer\.json: "),
    "no_vocab.json": (b'{"model": {"type": "BPE"}}', r"is not a tokenizer\.json: .*vocab"),
    "tokens.json": (
        b'{"model": {"type": "BPE", "vocab": {}, "merges": []}, "added_tokens": [3]}',
        "is not a tok",
    ),
    "unk.json": (
        b'{"model": {"type": "Unigram", "vocab": [["a", 0.0]], "unk_id": 9}}',
        r"is not a tokenizer\.json",
    ),
    "not_utf8.json": (b'{"a": "\xff"}', "is not JSON: .*utf-8"),
    "tokenizer_config.json": (
        b'{"tokenizer_class": "BertTokenizer"}',
        "but a configuration: give its folder",
    ),
    "config.json": (b'{"model_type": "bert"}', "but a configuration: give its folder"),
    "vocab.json": (b'{"a": 0, "b": 1}', "but a vocabulary without its merges"),
    "tekken.json": (b'{"config": {}, "vocab": []}', r"but a tekken\.json of Mistral"),
    "empty": (b"", TAKES),
    "nothing.txt": (b"", r"is not the vocab\.txt of a BERT: it has no line '\[UNK\]', which BERT needs"),
    "reviews.txt": (b"A great film\nnot good\n", r"has no line '\[UNK\]', which BERT needs"),
    "latin.txt": ("[UNK]\nGröße".encode("latin-1"), r"is not a vocab\.txt in UTF-8"),
    "reviews.csv": (b"text,label\na,1\n", TAKES),
    "model.safetensors": (b"\x08\x00\x00\x00\x00\x00\x00\x00{}      ", TAKES),
    "model.bin": (pickle.dumps({"a": 1}), TAKES),
    "model.gguf": (b"GGUF\x03\x00\x00\x00", TAKES),
    "zeros.model": (b"\x00" * 100, TAKES),
    "text.model": (b"A great film\n" * 50, TAKES),
    "archive.zip": (b"PK\x03\x04\x14\x00", TAKES),
}


@pytest.mark.parametrize("name", WRONG)
def test_what_is_no_tokenizer_is_one_clear_error(name, tmp_path):
    content, says = WRONG[name]
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(TokenizerError, match=says) as error:
        HuggingFaceTokenizer(path=path)
    assert str(path) in str(error.value)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize("name", ["missing.json", "deep/er/missing", "missing.model"])
def test_a_path_that_is_not_there_is_named(name, tmp_path):
    with pytest.raises(TokenizerError, match=r"cannot read .*missing.*: No such file"):
        HuggingFaceTokenizer(path=tmp_path / name)


def test_a_byte_order_mark_changes_nothing(tmp_path):
    unigram().save(str(tmp_path / "plain.json"))
    marked = tmp_path / "marked.json"
    marked.write_bytes(b"\xef\xbb\xbf" + (tmp_path / "plain.json").read_bytes())
    plain = HuggingFaceTokenizer(path=tmp_path / "plain.json")
    assert HuggingFaceTokenizer(path=marked).options() == plain.options()


def test_a_folder_and_its_file_are_the_same_without_a_configuration(tmp_path):
    wordpiece().save(str(tmp_path / "tokenizer.json"))
    in_folder, alone = (HuggingFaceTokenizer(path=path) for path in (tmp_path, tmp_path / "tokenizer.json"))
    assert in_folder.options() == alone.options()


@pytest.fixture
def hub(tmp_path, monkeypatch):
    """The cache of the hub, in which there is one model, where no network is."""
    import huggingface_hub.constants as constants

    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path))
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", True)
    monkeypatch.chdir(tmp_path)
    model = tmp_path / "models--org--small"
    (model / "refs").mkdir(parents=True)
    (model / "refs" / "main").write_text("0" * 40)
    snapshot = model / "snapshots" / ("0" * 40)
    snapshot.mkdir(parents=True)
    wordpiece().save(str(snapshot / "tokenizer.json"))
    config = {"tokenizer_class": "BertTokenizer", "do_lower_case": False}
    (snapshot / "tokenizer_config.json").write_text(json.dumps(config))


@pytest.mark.usefixtures("hub")
def test_a_name_is_found_in_the_cache_of_the_hub():
    tokenizer = HuggingFaceTokenizer(path="org/small")
    assert tokenizer.tokenize("film") != ["[UNK]"]
    assert "[UNK]" in tokenizer.tokenize("FILM")


@pytest.mark.usefixtures("hub")
@pytest.mark.parametrize("name", ["org/large", "large"])
def test_a_name_without_a_network_is_an_error_that_says_what_to_do(name):
    says = rf"there is no file or folder {name}, and the hub .*`hf download {name} --local-dir FOLDER`"
    with pytest.raises(TokenizerError, match=says):
        HuggingFaceTokenizer(path=name)
