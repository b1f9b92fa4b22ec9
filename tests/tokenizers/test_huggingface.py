"""Tokenizers that others have trained: WordPiece, byte-level BPE, Unigram, one without an unknown token."""

from __future__ import annotations

import json

import pytest
from tokenizers import Tokenizer as HFTokenizer
from tokenizers import decoders, models, normalizers, pre_tokenizers, processors, trainers

from textprep.errors import TokenizerError
from textprep.tokenizers.huggingface import HuggingFaceTokenizer

TEXTS = ["a great film, a film of great length", "not a great film", "good films are good"] * 4


def wordpiece() -> HFTokenizer:
    hf = HFTokenizer(models.WordPiece(unk_token="[UNK]"))
    hf.normalizer = normalizers.BertNormalizer()
    hf.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    hf.decoder = decoders.WordPiece()
    special = ["[PAD]", "[UNK]", "[CLS]", "[SEP]"]
    hf.train_from_iterator(
        TEXTS, trainers.WordPieceTrainer(vocab_size=80, special_tokens=special, show_progress=False)
    )
    hf.post_processor = processors.BertProcessing(("[SEP]", 3), ("[CLS]", 2))
    hf.enable_padding(pad_id=0, pad_token="[PAD]", length=32)
    hf.enable_truncation(4)
    return hf


def byte_level() -> HFTokenizer:
    hf = HFTokenizer(models.BPE())
    hf.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    hf.decoder = decoders.ByteLevel()
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    hf.train_from_iterator(
        TEXTS,
        trainers.BpeTrainer(
            vocab_size=300, initial_alphabet=alphabet, special_tokens=["<|endoftext|>"], show_progress=False
        ),
    )
    return hf


def unigram() -> HFTokenizer:
    hf = HFTokenizer(models.Unigram())
    hf.pre_tokenizer = pre_tokenizers.Metaspace()
    hf.decoder = decoders.Metaspace()
    special = ["<unk>", "<pad>"]
    hf.train_from_iterator(
        TEXTS,
        trainers.UnigramTrainer(
            vocab_size=60, special_tokens=special, unk_token="<unk>", show_progress=False
        ),
    )
    return hf


def characters_without_unknown() -> HFTokenizer:
    hf = HFTokenizer(models.BPE({c: i for i, c in enumerate("abcdefilmort")}, []))
    hf.pre_tokenizer = pre_tokenizers.WhitespaceSplit()
    return hf


KINDS = [wordpiece, byte_level, unigram, characters_without_unknown]


@pytest.fixture(params=KINDS, ids=lambda kind: kind.__name__)
def path(request, tmp_path):
    request.param().save(str(tmp_path / "tokenizer.json"))
    return tmp_path / "tokenizer.json"


def save(hf: HFTokenizer, folder):
    hf.save(str(folder / "tokenizer.json"))
    return folder / "tokenizer.json"


def test_it_is_fitted_from_the_start_and_fit_only_counts(path):
    tokenizer = HuggingFaceTokenizer(path=path)
    assert tokenizer.is_fitted
    before = tokenizer.vocabulary
    assert before.tokens[:2] == ("<pad>", "<unk>")
    counted = tokenizer.model_copy().fit(TEXTS).vocabulary
    assert counted.tokens == before.tokens
    assert sum(counted.counts.values()) == sum(len(tokenizer.tokenize(text)) for text in TEXTS)
    with pytest.raises(TokenizerError, match="no texts at all"):
        tokenizer.fit([])


def test_known_text_has_the_wrapped_tokens_in_order_and_no_others(path):
    wrapped = HFTokenizer.from_file(str(path))
    wrapped.no_truncation()
    wrapped.no_padding()
    tokenizer = HuggingFaceTokenizer(path=path)
    text = "a film of a film"
    known = wrapped.encode(text, add_special_tokens=False).tokens
    assert tokenizer.tokenize(text) == known
    assert tokenizer.vocabulary.decode(tokenizer.encode(text)) == known


@pytest.mark.parametrize(
    ("kind", "text"),
    [(wordpiece, "a great film"), (byte_level, "A great — film 🎬"), (unigram, "not a great film")],
)
def test_decoding_gives_the_text_back(kind, text, tmp_path):
    tokenizer = HuggingFaceTokenizer(path=save(kind(), tmp_path))
    assert tokenizer.decode([*tokenizer.encode(text), 0]) == text


@pytest.mark.parametrize("kind", [wordpiece, unigram, characters_without_unknown])
def test_unknown_text_is_unknown_and_never_dropped(kind, tmp_path):
    tokenizer = HuggingFaceTokenizer(path=save(kind(), tmp_path))
    assert 1 in tokenizer.encode("映")
    assert set(tokenizer.encode("映")) <= {1, tokenizer.vocabulary["▁"]}
    assert tokenizer.vocabulary.oov_rate(tokenizer.tokenize("映")) > 0


def test_special_tokens_spelled_in_a_text_are_ordinary_text(path):
    tokenizer = HuggingFaceTokenizer(path=path)
    for text in ["[PAD] [CLS] [SEP]", "<pad> <unk>", "<|endoftext|>"]:
        ids = tokenizer.encode(text)
        assert ids
        assert 0 not in ids
        assert not {"[CLS]", "[SEP]", "[PAD]", "<|endoftext|>"} & set(tokenizer.vocabulary.decode(ids))


def test_a_lone_surrogate_is_ordinary_text(path):
    tokenizer = HuggingFaceTokenizer(path=path)
    assert tokenizer.encode("a \ud800") == tokenizer.encode("a \ufffd")


def test_own_specials_come_first(path):
    tokenizer = HuggingFaceTokenizer(path=path, specials=["<url>"])
    assert tokenizer.vocabulary.tokens[:3] == ("<pad>", "<unk>", "<url>")
    assert tokenizer.encode("<url>") == [2]


def test_a_saved_one_needs_no_file(path):
    tokenizer = HuggingFaceTokenizer(path=path, specials=["<url>"]).fit(TEXTS)
    options, state = json.loads(json.dumps([tokenizer.options(), tokenizer.state()]))
    path.unlink()
    waiting = HuggingFaceTokenizer(**options)
    assert not waiting.is_fitted
    with pytest.raises(TokenizerError, match="is not here"):
        waiting.tokenize("a film")
    restored = waiting.restore(tokenizer.vocabulary, state)
    assert restored.options() == tokenizer.options()
    assert restored.encode("a great film <url>") == tokenizer.encode("a great film <url>")


def test_another_file_is_another_tokenizer(tmp_path):
    ours = HuggingFaceTokenizer(path=save(wordpiece(), tmp_path))
    other = HuggingFaceTokenizer(path=save(unigram(), tmp_path))
    assert ours.options() != other.options()
    waiting = HuggingFaceTokenizer(**ours.options())
    with pytest.raises(TokenizerError, match="it is another tokenizer"):
        waiting.restore(other.vocabulary, other.state())
    with pytest.raises(TokenizerError, match="is not that of the saved"):
        waiting.restore(other.vocabulary, ours.state())
    assert not waiting.is_fitted


@pytest.mark.parametrize(
    "content", ["{", "[]", "{}", '{"model": 3}', '{"model": {"type": "BPE", "vocab": {}}}', "\x00"]
)
def test_a_file_that_is_no_tokenizer_is_named(content, tmp_path):
    path = tmp_path / "tokenizer.json"
    path.write_text(content)
    with pytest.raises(TokenizerError, match=r"tokenizer\.json is not "):
        HuggingFaceTokenizer(path=path)


def test_a_path_is_needed_and_must_be_there(tmp_path):
    with pytest.raises(TokenizerError, match="path= is needed"):
        HuggingFaceTokenizer()
    with pytest.raises(TokenizerError, match=r"cannot read .*missing\.json: No such file"):
        HuggingFaceTokenizer(path=tmp_path / "missing.json")
