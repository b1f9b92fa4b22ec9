"""The folder of a model gives what ``transformers`` loads from it: ids, added tokens, padding, rows."""

from __future__ import annotations

import json

import pytest
from tokenizers import models, pre_tokenizers

from tests.tokenizers.pretrained.kinds import (
    byte_level,
    llama,
    many_texts,
    plain,
    roberta,
    unigram,
    wordpiece,
)
from textprep.errors import TokenizerError
from textprep.tokenizers.huggingface import HuggingFaceTokenizer

transformers = pytest.importorskip("transformers")
TEXTS = [*many_texts(400), "A Great FILM Größe 映画", " film", "great film <new>"]


def _model(hf):
    return json.loads(hf.to_str())["model"]


def words():
    return _model(wordpiece())["vocab"]


def pieces(hf):
    return {"vocab": [tuple(piece) for piece in _model(hf)["vocab"]]}


def merged(hf):
    model = _model(hf)
    return {"vocab": model["vocab"], "merges": [tuple(pair) for pair in model["merges"]]}


MPNET = {
    "unk_token": "[UNK]",
    "cls_token": "[CLS]",
    "bos_token": "[CLS]",
    "sep_token": "[SEP]",
    "eos_token": "[SEP]",
}
MPNET |= {"pad_token": "[PAD]", "mask_token": "[MASK]"}
SAVED = {
    "BertTokenizer": lambda: transformers.BertTokenizer(vocab=words()),
    "BertTokenizer, cased": lambda: transformers.BertTokenizer(vocab=words(), do_lower_case=False),
    "BertTokenizer, accents": lambda: transformers.BertTokenizer(
        vocab=words(), strip_accents=False, tokenize_chinese_chars=False
    ),
    "DistilBertTokenizer": lambda: transformers.DistilBertTokenizer(vocab=words()),
    "MPNetTokenizer": lambda: transformers.MPNetTokenizer(vocab=words(), **MPNET),
    "GPT2Tokenizer": lambda: transformers.GPT2Tokenizer(**merged(byte_level())),
    "GPT2Tokenizer, padded": lambda: transformers.GPT2Tokenizer(
        **merged(byte_level()), pad_token="[PAD]", additional_special_tokens=["<x>"]
    ),
    "RobertaTokenizer": lambda: transformers.RobertaTokenizer(**merged(roberta())),
    "RobertaTokenizer, prefix": lambda: transformers.RobertaTokenizer(
        **merged(roberta()), add_prefix_space=True
    ),
    "T5Tokenizer": lambda: transformers.T5Tokenizer(**pieces(unigram()), extra_ids=3),
    "LlamaTokenizer": lambda: transformers.LlamaTokenizer(**merged(llama()), add_eos_token=True),
    "PreTrainedTokenizerFast": lambda: transformers.PreTrainedTokenizerFast(
        tokenizer_object=wordpiece(), unk_token="[UNK]", pad_token="[PAD]", bos_token="<bos>"
    ),
}
CHANGED = [
    ("BertTokenizer", {"do_lower_case": False}),
    ("BertTokenizer, cased", {"do_lower_case": None}),
    ("BertTokenizer", {"strip_accents": False, "tokenizer_class": "BertTokenizerFast"}),
    ("BertTokenizer", {"pad_token": "[MASK]"}),
    ("BertTokenizer", {"pad_token": "<new>"}),
    ("GPT2Tokenizer", {"add_prefix_space": True}),
    ("GPT2Tokenizer", {"additional_special_tokens": ["<new>", "film"]}),
    ("RobertaTokenizer, prefix", {"add_prefix_space": False}),
    ("LlamaTokenizer", {"add_bos_token": False, "add_eos_token": False}),
    ("LlamaTokenizer", {"add_prefix_space": False}),
    ("PreTrainedTokenizerFast", {"do_lower_case": True, "add_prefix_space": True}),
    (
        "GPT2Tokenizer",
        {"added_tokens_decoder": {"400": {"content": " film", "special": False, "normalized": False}}},
    ),
]


def assert_same(tokenizer, theirs):
    wrapped = plain(theirs.backend_tokenizer)
    for text in TEXTS:
        assert tokenizer.encode(text) == wrapped.encode(text, add_special_tokens=False).ids
    vocabulary = tokenizer.vocabulary
    assert {vocabulary.tokens[i]: i for i in set(theirs.get_vocab().values())} == theirs.get_vocab()
    assert (vocabulary.pad_id, vocabulary.unk_id) == (theirs.pad_token_id, theirs.unk_token_id)
    row = wrapped.encode("a film", "so great")
    made = tokenizer.template.row(tokenizer.encode("a film"), tokenizer.encode("so great"))
    assert made == (row.ids, row.type_ids)


def loaded(folder):
    return transformers.AutoTokenizer.from_pretrained(folder)


@pytest.mark.parametrize("kind", SAVED)
def test_what_transformers_has_saved(kind, tmp_path):
    SAVED[kind]().save_pretrained(tmp_path)
    theirs = loaded(tmp_path)
    assert_same(HuggingFaceTokenizer(path=tmp_path), theirs)
    assert_same(HuggingFaceTokenizer.of(theirs), theirs)


@pytest.mark.parametrize(("kind", "changes"), CHANGED, ids=str)
def test_what_its_configuration_changes(kind, changes, tmp_path):
    SAVED[kind]().save_pretrained(tmp_path)
    path = tmp_path / "tokenizer_config.json"
    changed = json.loads(path.read_text()) | changes
    path.write_text(json.dumps({key: value for key, value in changed.items() if value is not None}))
    assert_same(HuggingFaceTokenizer(path=tmp_path), loaded(tmp_path))


@pytest.mark.parametrize(
    ("name", "content"),
    [("special_tokens_map.json", {"pad_token": "[MASK]"}), ("added_tokens.json", {"great film": 120})],
)
def test_older_files_are_read_too(name, content, tmp_path):
    SAVED["BertTokenizer"]().save_pretrained(tmp_path)
    (tmp_path / name).write_text(json.dumps(content))
    assert_same(HuggingFaceTokenizer(path=tmp_path), loaded(tmp_path))


@pytest.mark.parametrize("lower", [True, False])
def test_a_vocab_txt_with_its_configuration(lower, tmp_path):
    ids = words()
    (tmp_path / "vocab.txt").write_text("".join(f"{token}\n" for token in sorted(ids, key=ids.get)))
    config = {"tokenizer_class": "BertTokenizer", "do_lower_case": lower}
    (tmp_path / "tokenizer_config.json").write_text(json.dumps(config))
    for path in (tmp_path, tmp_path / "vocab.txt"):
        assert_same(HuggingFaceTokenizer(path=path), loaded(tmp_path))


def test_a_vocab_txt_alone_is_in_lower_case(tmp_path):
    path = tmp_path / "vocab.txt"
    path.write_text("[PAD]\n[UNK]\n[CLS]\n[SEP]\nfilm\ngr\n##eat")
    tokenizer = HuggingFaceTokenizer(path=path)
    assert tokenizer.tokenize("Great FILM!") == ["gr", "##eat", "film", "[UNK]"]
    assert tokenizer.template.row(tokenizer.encode("film"), [5]) == ([2, 4, 3, 5, 3], [0, 0, 0, 1, 1])
    assert (tokenizer.vocabulary.pad_id, tokenizer.vocabulary.unk_id) == (0, 1)


@pytest.mark.parametrize("kind", ["GPT2Tokenizer", "RobertaTokenizer"])
@pytest.mark.parametrize("prefix", [False, True])
def test_a_vocab_json_with_its_merges(kind, prefix, tmp_path):
    model = _model(roberta() if kind == "RobertaTokenizer" else byte_level())
    (tmp_path / "vocab.json").write_text(json.dumps(model["vocab"]))
    lines = ["#version: 0.2", *map(" ".join, model["merges"])]
    (tmp_path / "merges.txt").write_text("\n".join(lines) + "\n")
    with pytest.raises(TokenizerError, match="nothing says in which") as error:
        HuggingFaceTokenizer(path=tmp_path)
    assert f'{{"tokenizer_class": "{kind}"}}' in error.value.hint
    config = {"tokenizer_class": kind, "add_prefix_space": prefix}
    (tmp_path / "tokenizer_config.json").write_text(json.dumps(config))
    for path in (tmp_path, tmp_path / "vocab.json", tmp_path / "merges.txt"):
        assert_same(HuggingFaceTokenizer(path=path), loaded(tmp_path))


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("vocab.json", "[1]", "are not the files of a GPT-2"),
        ("merges.txt", "a b c\n", "are not the files of a GPT-2"),
        ("merges.txt", "x film\n", "are not the files of a GPT-2"),
        ("vocab.json", '{"a": 0}', "has no token '</s>', which rows need"),
        ("tokenizer_config.json", '{"tokenizer_class": "CLIPTokenizer"}', "does not know that of 'clip'"),
    ],
)
def test_a_damaged_vocab_json_or_merges_is_an_error(name, content, message, tmp_path):
    (tmp_path / "vocab.json").write_text('{"<s>": 0, "</s>": 1, "a": 2, "b": 3, "ab": 4}')
    (tmp_path / "merges.txt").write_text("#version: 0.2\na b\n")
    (tmp_path / "tokenizer_config.json").write_text('{"tokenizer_class": "RobertaTokenizer"}')
    assert HuggingFaceTokenizer(path=tmp_path).encode("abb") == [4, 3]
    (tmp_path / "merges.txt").write_text("" if name == "vocab.json" else "a b\n")
    (tmp_path / name).write_text(content)
    with pytest.raises(TokenizerError, match=message):
        HuggingFaceTokenizer(path=tmp_path)


def test_a_tokenizer_written_in_python_is_converted_or_an_error():
    class Own(transformers.PreTrainedTokenizer):
        vocab_size = 1

        def get_vocab(self):
            return {"a": 0}

        def _convert_token_to_id(self, token):
            return 0

        def _convert_id_to_token(self, index):
            return "a"

    with pytest.raises(TokenizerError, match="Own is written in Python and cannot be converted"):
        HuggingFaceTokenizer.of(Own())


def test_a_folder_without_a_tokenizer_is_an_error(tmp_path):
    with pytest.raises(TokenizerError, match=r"has no tokenizer: there is no tokenizer\.json, vocab\.txt"):
        HuggingFaceTokenizer(path=tmp_path)


def test_a_damaged_configuration_is_an_error(tmp_path):
    wordpiece().save(str(tmp_path / "tokenizer.json"))
    (tmp_path / "tokenizer_config.json").write_text("{")
    with pytest.raises(TokenizerError, match=r"cannot read .*tokenizer_config\.json"):
        HuggingFaceTokenizer(path=tmp_path)


def test_a_tokenizer_with_a_part_in_python_is_an_error():
    class Own:
        def pre_tokenize(self, text):
            pass

    hf = wordpiece()
    hf.model = models.WordPiece({"[UNK]": 0}, unk_token="[UNK]")
    hf.pre_tokenizer = pre_tokenizers.PreTokenizer.custom(Own())
    with pytest.raises(TokenizerError, match="cannot be saved, so it cannot be used"):
        HuggingFaceTokenizer.of(hf)


@pytest.mark.parametrize("other", ["tokenizer.json", 3, None, HuggingFaceTokenizer])
def test_anything_else_in_hand_is_an_error(other):
    with pytest.raises(TokenizerError, match="is not a tokenizer of tokenizers, transformers or tiktoken"):
        HuggingFaceTokenizer.of(other)
