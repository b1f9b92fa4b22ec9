"""Texts are cut before single spaces and marks exactly where the rule says, and pieces have the ids of texts."""

from __future__ import annotations

from itertools import pairwise

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tokenizers import Tokenizer as HFTokenizer
from tokenizers import models, normalizers, pre_tokenizers

import textprep as tp
from tests.tokenizers.cuts import TEXTS
from textprep.encoding.columns import as_column
from textprep.encoding.engine import Encoder
from textprep.encoding.execution import PER_PIECE, TEXT_KERNEL
from textprep.encoding.pieces import cut_into_pieces
from textprep.encoding.plain import encode_texts
from textprep.tokenizers.cuts.characters import is_solid
from textprep.tokenizers.cuts.patterns import LETTERS
from textprep.tokenizers.cuts.proof import MARKS, Cuts


def pieces_of(text: str, marks: str) -> list[str]:
    """One text at a time, character by character."""
    cuts = [
        i
        for i in range(1, len(text) - 1)
        if (text[i] == " " and is_solid(text[i - 1]) and is_solid(text[i + 1]))
        or (text[i] in marks and text[i - 1] in LETTERS and text[i + 1].isascii())
    ]
    return [text[start:stop] for start, stop in pairwise([0, *cuts, len(text)]) if text]


@given(texts=st.lists(TEXTS, max_size=8), marks=st.sampled_from(["", ",.", MARKS]), start=st.integers(0, 3))
@settings(max_examples=300, deadline=None)
def test_texts_are_cut_where_the_rule_says(texts, marks, start):
    column = pa.array(texts, pa.large_string())[start:]
    words, offsets, margin = cut_into_pieces(column, Cuts(proven=True, why="", marks=marks))
    assert not margin
    found = [words.to_pylist()[first:last] for first, last in pairwise(offsets)]
    assert found == [pieces_of(text, marks) for text in texts[start:]]


@given(texts=st.lists(TEXTS, max_size=5))
def test_a_prefix_is_put_before_what_is_not_empty(texts):
    words, offsets, _ = cut_into_pieces(
        pa.array(texts, pa.large_string()), Cuts(proven=True, why="", prefix="▁")
    )
    found = ["".join(words.to_pylist()[first:last]) for first, last in pairwise(offsets)]
    assert found == [text and f"▁{text}" for text in texts]


def bert() -> HFTokenizer:
    words = ["[UNK]", "good", "film", "##s", "a", ",", ".", "x", "##x"]
    tokenizer = HFTokenizer(models.WordPiece({word: i for i, word in enumerate(words)}, unk_token="[UNK]"))
    tokenizer.normalizer = normalizers.BertNormalizer()
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    return tokenizer


def byte_level() -> HFTokenizer:
    alphabet = sorted(pre_tokenizers.ByteLevel.alphabet())
    merges = [("g", "o"), ("go", "o"), ("Ġ", "f"), ("Ġf", "i"), ("a", ".")]
    tokens = {token: i for i, token in enumerate([*alphabet, *map("".join, merges)])}
    tokenizer = HFTokenizer(models.BPE(tokens, merges))
    tokenizer.normalizer = normalizers.NFKC()
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    return tokenizer


def llama() -> HFTokenizer:
    tokens = {token: i for i, token in enumerate(["<unk>", *"▁ab1.,filmgod", "▁a", "fi", "▁▁"])}
    merges = [("▁", "a"), ("f", "i"), ("▁", "▁")]
    tokenizer = HFTokenizer(models.BPE(tokens, merges, unk_token="<unk>", fuse_unk=True))
    tokenizer.normalizer = normalizers.Sequence([normalizers.Prepend("▁"), normalizers.Replace(" ", "▁")])
    return tokenizer


def whole_texts() -> HFTokenizer:
    return HFTokenizer(models.WordLevel({"?": 0, "a film": 1, "good": 2}, unk_token="?"))


KINDS = {"bert": bert, "byte_level": byte_level, "llama": llama, "whole_texts": whole_texts}


@pytest.fixture(scope="module", params=KINDS)
def tokenizer(request, tmp_path_factory) -> tp.HuggingFaceTokenizer:
    path = tmp_path_factory.mktemp("tokenizers") / "tokenizer.json"
    KINDS[request.param]().save(str(path))
    return tp.HuggingFaceTokenizer(path=path, specials=["<url>"] if request.param == "bert" else [])


@given(
    calls=st.lists(st.lists(TEXTS, max_size=6), max_size=3),
    steps=st.sampled_from([[], [tp.Lowercase()], [tp.StripMarkup()]]),
    workers=st.sampled_from([1, 2]),
    table_words=st.sampled_from([0, 3, 1000]),
)
@settings(max_examples=60, deadline=None)
def test_pieces_have_the_ids_of_texts(tokenizer, calls, steps, workers, table_words):
    encoder = Encoder(steps, tokenizer, workers=workers, table_words=table_words)
    for texts in calls:
        assert encoder.encode(as_column(texts)).rows() == encode_texts(steps, tokenizer, texts).rows()


def test_the_execution_says_which_way_and_why(tokenizer):
    execution = tp.Pipeline([tp.Lowercase()], tokenizer=tokenizer).execution()
    lower, last = execution.modes
    assert lower.runs == TEXT_KERNEL
    if tokenizer.cuts.proven:
        assert last.runs == PER_PIECE
        assert last.why.startswith("texts may be cut at single spaces: ")
    else:
        assert last.runs == TEXT_KERNEL
        assert (
            last.why
            == "it is not proven that texts may be cut: the model WordLevel takes a whole text for one word"
        )


def test_a_tokenizer_with_another_split_does_not_inherit_where_texts_may_be_cut(tmp_path):
    class Other(tp.HuggingFaceTokenizer):
        name = "other"

        def split(self, text: str) -> list[str]:
            return [text]

    bert().save(str(tmp_path / "tokenizer.json"))
    other = Other(path=tmp_path / "tokenizer.json")
    assert other.cuts is None
    texts = ["a film", "a"]
    assert Encoder([], other).encode(as_column(texts)).rows() == [*map(other.encode, texts)]
