"""SentencePiece BPE models give the ids and texts of the library sentencepiece; other models are an error."""

from __future__ import annotations

import io
import re
from functools import cache

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.tokenizers.pretrained.kinds import AWKWARD, HOSTILE, LONG, TRAINING, many_texts
from textprep.errors import TokenizerError
from textprep.tokenizers.base import replace_surrogates
from textprep.tokenizers.huggingface import HuggingFaceTokenizer

spm = pytest.importorskip("sentencepiece")
OPTIONS = {
    "llama": {},
    "padded": {"pad_id": 3, "pad_piece": "<pad>"},
    "few spaces": {"remove_extra_whitespaces": True},
    "no prefix": {"add_dummy_prefix": False},
    "no bytes": {"byte_fallback": False},
    "digits": {"split_digits": True, "control_symbols": ["<x>"], "allow_whitespace_only_pieces": True},
}
CANNOT = {
    "it is a unigram model": {"model_type": "unigram", "vocab_size": 500},
    "it is a char model": {"model_type": "char"},
    "it normalizes text by a table": {"normalization_rule_name": "nmt_nfkc"},
    "pieces that are defined by its user": {"user_defined_symbols": ["<x>"]},
    "it takes white space for the end of words": {"treat_whitespace_as_suffix": True},
}


def printable(text: str) -> str:
    return "".join(c for c in text if c.isprintable())


@cache
def model(**options) -> bytes:
    written = io.BytesIO()
    given = {"model_type": "bpe", "vocab_size": 600, "byte_fallback": True, "character_coverage": 0.99}
    given |= {"normalization_rule_name": "identity", "remove_extra_whitespaces": False, "minloglevel": 2}
    given |= {key: list(value) if isinstance(value, tuple) else value for key, value in options.items()}
    sentences = iter([*TRAINING, *map(printable, many_texts(1_000))])
    spm.SentencePieceTrainer.train(sentence_iterator=sentences, model_writer=written, **given)
    return written.getvalue()


def made(path, **options):
    path.write_bytes(model(**{key: tuple(v) if isinstance(v, list) else v for key, v in options.items()}))
    return HuggingFaceTokenizer(path=path), spm.SentencePieceProcessor(model_file=str(path))


@pytest.fixture(scope="module")
def models(tmp_path_factory):
    folder = tmp_path_factory.mktemp("models")
    return {name: made(folder / f"{name}.model", **options) for name, options in OPTIONS.items()}


@given(name=st.sampled_from(list(OPTIONS)), text=HOSTILE)
def test_ids_and_texts_are_those_of_sentencepiece(models, name, text):
    tokenizer, processor = models[name]
    ids = processor.encode(replace_surrogates(text))
    assert tokenizer.encode(text) == ids
    assert tokenizer.vocabulary.decode(ids) == [processor.id_to_piece(i) for i in ids]


@pytest.mark.parametrize("name", OPTIONS)
def test_many_texts_are_those_of_sentencepiece(models, name):
    tokenizer, processor = models[name]
    texts = [replace_surrogates(text) for text in [*AWKWARD, *many_texts(2_000)]]
    texts += [f"{a}{' ' * n}{b}" for n in range(70) for a in ("", "a") for b in ("", "b")]
    assert tokenizer._encode_many(texts).rows() == processor.encode(texts)


@pytest.mark.slow
@pytest.mark.parametrize("text", LONG.values(), ids=LONG)
def test_a_megabyte_is_that_of_sentencepiece(models, text):
    tokenizer, processor = models["llama"]
    assert tokenizer.encode(text) == processor.encode(text)


def test_special_tokens_have_their_places(models):
    tokenizer, processor = models["padded"]
    assert tokenizer.vocabulary.tokens[:4] == ("<unk>", "<s>", "</s>", "<pad>")
    assert (tokenizer.vocabulary.pad_id, tokenizer.vocabulary.unk_id) == (
        processor.pad_id(),
        processor.unk_id(),
    )
    assert models["llama"][0].vocabulary.pad_id is None
    assert not {1, 2, 3} & set(tokenizer.encode("<s> a </s><pad>"))


@pytest.mark.parametrize("reason", CANNOT)
def test_what_cannot_be_converted_exactly_is_an_error(reason, tmp_path):
    said = f"cannot be converted exactly: .*{re.escape(reason)}.*; give the model's own tokenizer.json"
    with pytest.raises(TokenizerError, match=said):
        made(tmp_path / "tokenizer.model", **CANNOT[reason])


def test_a_damaged_model_is_an_error(tmp_path):
    path = tmp_path / "tokenizer.model"
    path.write_bytes(model()[:5_000])
    with pytest.raises(TokenizerError, match="is a damaged SentencePiece model"):
        HuggingFaceTokenizer(path=path)
    path.write_bytes(model()[:2] + b"\xff" * 40)
    with pytest.raises(TokenizerError, match=r"damaged|is not a"):
        HuggingFaceTokenizer(path=path)
