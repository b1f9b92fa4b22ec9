"""Pretrained tokenizers give what the library ``tokenizers`` itself gives: ids, tokens, offsets, rows, texts."""

from __future__ import annotations

import json
import pickle
from collections import Counter
from copy import deepcopy
from functools import cache

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tokenizers import AddedToken, models, pre_tokenizers
from tokenizers import Tokenizer as HFTokenizer

import textprep as tp
from tests.tokenizers.pretrained.kinds import (
    AWKWARD,
    HOSTILE,
    KINDS,
    LONG,
    TRAINING,
    byte_level,
    chain_of_patterns,
    characters_without_unknown,
    llama,
    many_texts,
    plain,
    roberta,
    unigram,
    wordpiece,
    words_with_holes,
)
from textprep.errors import PipelineError, TokenizerError
from textprep.testing import check_tokenizer
from textprep.tokenizers.base import replace_surrogates
from textprep.tokenizers.huggingface import HuggingFaceTokenizer

made = cache(lambda kind: (HuggingFaceTokenizer.of(kind()), plain(kind())))
of_all_kinds = pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)


def encodings(wrapped: HFTokenizer, texts: list[str]):
    return wrapped.encode_batch(texts, add_special_tokens=False)


@given(kind=st.sampled_from(KINDS), text=HOSTILE)
def test_ids_tokens_and_offsets_are_those_of_tokenizers(kind, text):
    tokenizer, wrapped = made(kind)
    [encoding] = encodings(wrapped, [replace_surrogates(text)])
    assert tokenizer.encode(text) == encoding.ids
    assert tokenizer.tokenize(text) == encoding.tokens
    assert tokenizer.token_spans(text) == encoding.offsets


@of_all_kinds
def test_columns_have_the_ids_of_tokenizers(kind):
    tokenizer, wrapped = made(kind)
    texts = [replace_surrogates(text) for text in [*AWKWARD, *many_texts(2_000)]]
    expected = [encoding.ids for encoding in encodings(wrapped, texts)]
    assert tokenizer.encode_column(pa.array(texts, pa.large_string())).rows() == expected
    assert tp.Pipeline(tokenizer=tokenizer).encode_batch(texts).rows() == expected


@pytest.mark.slow
@of_all_kinds
def test_a_hundred_thousand_texts_have_the_ids_of_tokenizers(kind):
    tokenizer, wrapped = made(kind)
    texts = many_texts(100_000)
    ids = tp.Pipeline(tokenizer=tokenizer).encode_batch(texts).rows()
    for start in range(0, len(texts), 10_000):
        expected = encodings(wrapped, texts[start : start + 10_000])
        assert ids[start : start + 10_000] == [encoding.ids for encoding in expected]


@pytest.mark.slow
@of_all_kinds
@pytest.mark.parametrize("text", LONG.values(), ids=LONG)
def test_a_megabyte_without_an_end_has_the_ids_of_tokenizers(kind, text):
    tokenizer, wrapped = made(kind)
    [encoding] = encodings(wrapped, [text])
    assert tokenizer.encode(text) == encoding.ids
    assert tokenizer.token_spans(text) == encoding.offsets


@of_all_kinds
def test_the_vocabulary_has_the_ids_of_tokenizers(kind):
    tokenizer, wrapped = made(kind)
    vocabulary = tokenizer.vocabulary
    ids = set(wrapped.get_vocab(with_added_tokens=True).values())
    assert len(vocabulary) == max(ids) + 1
    assert {i: vocabulary.tokens[i] for i in ids} == {i: wrapped.id_to_token(i) for i in ids}
    assert set(vocabulary.unused) == set(range(len(vocabulary))) - ids
    assert vocabulary.is_pretrained


@pytest.mark.parametrize(
    ("kind", "pad", "unk"),
    [
        (wordpiece, "[PAD]", "[UNK]"),
        (byte_level, None, None),
        (roberta, "<pad>", None),
        (chain_of_patterns, "<｜▁pad▁｜>", None),
        (unigram, "<pad>", "<unk>"),
        (llama, None, "<unk>"),
        (words_with_holes, "[PAD]", "[UNK]"),
        (characters_without_unknown, None, None),
    ],
    ids=lambda value: getattr(value, "__name__", str(value)),
)
def test_padding_and_unknown_are_those_of_the_file_or_none(kind, pad, unk):
    tokenizer, wrapped = made(kind)
    ids = [None if token is None else wrapped.token_to_id(token) for token in (pad, unk)]
    assert [tokenizer.vocabulary.pad_id, tokenizer.vocabulary.unk_id] == ids
    assert tokenizer.template.pad_id == (ids[0] or 0)


@of_all_kinds
def test_rows_of_one_text_and_of_two_are_those_of_tokenizers(kind):
    tokenizer, wrapped = made(kind)
    first, second = "a great film", "film of a film"
    row = wrapped.encode(first), wrapped.encode(first, second)
    ids = tokenizer.encode(first), tokenizer.encode(second)
    assert tokenizer.template.row(ids[0]) == (row[0].ids, row[0].type_ids)
    assert tokenizer.template.row(*ids) == (row[1].ids, row[1].type_ids)
    bare = HuggingFaceTokenizer.of(kind(), special_tokens=False)
    assert bare.template == tokenizer.template.bare()
    assert bare.template.row(*ids)[0] == wrapped.encode(first, second, add_special_tokens=False).ids


@pytest.mark.parametrize("kind", [wordpiece, byte_level, roberta, chain_of_patterns, llama, words_with_holes])
def test_special_tokens_spelled_in_a_text_are_ordinary_text(kind):
    tokenizer, wrapped = made(kind)
    special = {i: token.content for i, token in wrapped.get_added_tokens_decoder().items() if token.special}
    of_no_byte = {i: token for i, token in special.items() if not token.startswith(("<0x", "<unk>", "[UNK]"))}
    assert of_no_byte
    assert not of_no_byte.keys() & set(tokenizer.encode(" ".join(of_no_byte.values())))


@pytest.mark.parametrize(("kind", "token"), [(wordpiece, "[SEP]"), (roberta, "<mask>"), (llama, "</s>")])
@given(text=HOSTILE)
def test_specials_are_found_as_hugging_face_finds_them_by_default(kind, token, text):
    text = replace_surrogates(f"a {text} {token} film{token}")
    wrapped = plain(kind())
    wrapped.encode_special_tokens = False
    others = {t.content for t in wrapped.get_added_tokens_decoder().values()} - {token}
    if not any(other in text for other in others):
        found = HuggingFaceTokenizer.of(kind(), specials=[token])
        assert found.encode(text) == wrapped.encode(text, add_special_tokens=False).ids


@pytest.mark.parametrize(
    "kind", [kind for kind in KINDS if kind is not words_with_holes], ids=lambda kind: kind.__name__
)
def test_new_specials_get_ids_after_all_others(kind):
    wrapped = plain(kind())
    wrapped.add_tokens([AddedToken("<url>", normalized=False)])
    tokenizer = HuggingFaceTokenizer.of(kind(), specials=["<url>"])
    assert tokenizer.vocabulary["<url>"] == wrapped.token_to_id("<url>")
    text = "a film<url> of <url>"
    assert tokenizer.encode(text) == wrapped.encode(text, add_special_tokens=False).ids


def test_a_new_special_never_takes_the_id_of_another_token():
    with pytest.raises(TokenizerError, match="would get the id 12, which 'İ' has"):
        HuggingFaceTokenizer.of(words_with_holes(), specials=["<url>"])


@given(kind=st.sampled_from(KINDS), text=HOSTILE)
def test_decoding_gives_the_text_of_tokenizers_without_padding(kind, text):
    tokenizer, wrapped = made(kind)
    ids = [*tokenizer.template.row(tokenizer.encode(text))[0], *[tokenizer.vocabulary.pad_id or 0] * 2]
    kept = [i for i in ids if i != tokenizer.vocabulary.pad_id]
    assert tokenizer.decode(ids) == wrapped.decode(kept, skip_special_tokens=False)


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        (wordpiece, "a great film"),
        (byte_level, "A great — film 🎬"),
        (unigram, "not a great film"),
        (llama, "映 a"),
    ],
)
def test_decoding_gives_the_text_back(kind, text):
    tokenizer, _ = made(kind)
    assert tokenizer.decode(tokenizer.encode(text)) == text


def test_decoding_names_an_id_that_is_out_of_range():
    with pytest.raises(TokenizerError, match="id 9999 is not in the vocabulary"):
        made(wordpiece)[0].decode([9999])


@of_all_kinds
def test_fitting_only_counts_ids(kind):
    tokenizer, wrapped = made(kind)
    counted = tokenizer.model_copy().fit([*TRAINING, "\ud800"])
    times = Counter(i for each in encodings(wrapped, [*TRAINING, "\ufffd"]) for i in each.ids)
    assert list(counted.vocabulary.counts.values()) == [times[i] for i in range(len(counted.vocabulary))]
    assert counted.vocabulary.tokens == tokenizer.vocabulary.tokens
    assert not any(tokenizer.vocabulary.counts.values())
    with pytest.raises(TokenizerError, match="no texts at all"):
        tokenizer.model_copy().fit([])
    with pytest.raises(TokenizerError, match="the texts hold none"):
        tokenizer.model_copy().fit([""])


def test_a_text_that_the_library_cannot_encode_is_named():
    hf = HFTokenizer(models.WordLevel({"a": 0}, unk_token="[UNK]"))
    hf.pre_tokenizer = pre_tokenizers.WhitespaceSplit()
    tokenizer = HuggingFaceTokenizer.of(hf)
    assert tokenizer.vocabulary.unk_id is None
    with pytest.raises(TokenizerError, match=r"failed on row 1: .*UNK"):
        tokenizer.fit(["a", "a film"])


def test_dropout_of_merges_is_off():
    hf = byte_level()
    hf.model.dropout = 0.9
    tokenizer = HuggingFaceTokenizer.of(hf)
    assert tokenizer.encode("a great film" * 20) == made(byte_level)[0].encode("a great film" * 20)


@of_all_kinds
def test_a_saved_pipeline_needs_no_file(kind, tmp_path):
    path = tmp_path / "tokenizer.json"
    kind().save(str(path))
    pipeline = tp.Pipeline(tokenizer=HuggingFaceTokenizer(path=path, specials=["film"])).fit(TRAINING)
    pipeline.save(tmp_path / "pipeline.json")
    path.unlink()
    loaded = tp.Pipeline.load(tmp_path / "pipeline.json")
    assert loaded.description() == pipeline.description()
    assert loaded.vocabulary == pipeline.vocabulary
    assert loaded.tokenizer.template == pipeline.tokenizer.template
    assert loaded.encode_batch(AWKWARD).rows() == pipeline.encode_batch(AWKWARD).rows()


@of_all_kinds
@pytest.mark.parametrize(
    "again", [lambda t: pickle.loads(pickle.dumps(t)), deepcopy, lambda t: t.model_copy(deep=True)]
)
def test_a_copy_for_another_process_gives_the_same(kind, again):
    tokenizer, _ = made(kind)
    copied = again(HuggingFaceTokenizer.of(kind(), specials=["film"]).fit(TRAINING))
    assert copied.vocabulary["film"] in copied.encode(" film ")
    copied = again(tokenizer)
    assert copied.options() == tokenizer.options()
    assert copied.vocabulary == tokenizer.vocabulary
    for text in [*AWKWARD[:20], "[SEP] </s> <pad> <|endoftext|> <mask>"]:
        assert copied.encode(text) == tokenizer.encode(text)


def test_one_that_waits_says_so():
    waiting = HuggingFaceTokenizer(**made(wordpiece)[0].options())
    assert not waiting.is_fitted
    for ask in (lambda: waiting.tokenize("a film"), lambda: waiting.template, lambda: waiting.fit(["a"])):
        with pytest.raises(TokenizerError, match=r"is not here: give its path|is not fitted"):
            ask()


def test_a_pipeline_of_an_earlier_version_is_refused(tmp_path):
    path = tmp_path / "pipeline.json"
    tp.Pipeline(tokenizer=made(wordpiece)[0]).fit(TRAINING).save(path)
    record = json.loads(path.read_text())
    record["tokenizer"]["version"] = 1
    path.write_text(json.dumps(record))
    with pytest.raises(PipelineError, match=r"saved with version 1 .* here is 3: .* fit and save again"):
        tp.Pipeline.load(path)


def test_the_digest_is_of_what_decides_ids(tmp_path):
    kinds = [HuggingFaceTokenizer.of(kind()).options()["digest"] for kind in KINDS]
    assert len(set(kinds)) == len(KINDS)
    padded = wordpiece()
    padded.no_padding()
    padded.no_truncation()
    assert HuggingFaceTokenizer.of(padded).options() == made(wordpiece)[0].options()
    wordpiece().save(str(tmp_path / "tokenizer.json"))
    from_file = HuggingFaceTokenizer(path=tmp_path / "tokenizer.json")
    assert from_file.options() == made(wordpiece)[0].options()


def test_another_tokenizer_is_not_taken_for_a_saved_one():
    (ours, _), (other, _) = made(wordpiece), made(unigram)
    waiting = HuggingFaceTokenizer(**ours.options())
    with pytest.raises(TokenizerError, match="it is another tokenizer"):
        waiting.restore(other.vocabulary, other.state())
    with pytest.raises(TokenizerError, match="is not that of the saved"):
        waiting.restore(other.vocabulary, ours.state())
    with pytest.raises(TokenizerError, match="lacks 'tokenizer'"):
        waiting.restore(ours.vocabulary, {})
    assert not waiting.is_fitted


@of_all_kinds
def test_the_conformance_kit_passes(kind):
    check_tokenizer(made(kind)[0])


def test_a_path_is_needed():
    with pytest.raises(TokenizerError, match="path= is needed"):
        HuggingFaceTokenizer()


@pytest.mark.parametrize(
    ("special", "message"),
    [("[PAD]", "is the padding of the tokenizer"), ("<pad>", "a tokenizer brings its own padding")],
)
def test_padding_is_no_special_that_texts_hold(special, message):
    hf = HFTokenizer(models.WordLevel({"[PAD]": 0, "[UNK]": 1}, "[UNK]"))
    hf.add_special_tokens(["[PAD]"])
    with pytest.raises(TokenizerError, match=message):
        HuggingFaceTokenizer.of(hf, specials=[special])
